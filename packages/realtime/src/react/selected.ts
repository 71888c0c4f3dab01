/** Renders a component only when what it selects from a store changes. */

import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { Unsubscribe } from "../core/emitter.ts";

/** Where states come from: the same object until it changes. */
export interface Store<S> {
  subscribe(listener: () => void): Unsubscribe;
  read(): S;
  /** The state during server rendering and hydration. */
  initial: S;
}

/** Whether two selected values show the same. */
export type IsEqual<T> = (one: T, other: T) => boolean;

/**
 * What `select` takes from the state: the same value until `isEqual` says that it has changed. Both can
 * be new functions on each render.
 */
export function useSelected<S, T>(
  store: Store<S>,
  select: (state: S) => T,
  isEqual: IsEqual<T>,
): T {
  const rendered = useRef<{ value: T } | undefined>(undefined);
  const selected = useMemo(() => {
    let last: { state: S; value: T } | undefined;
    return (state: S): T => {
      if (last && Object.is(last.state, state)) return last.value;
      const value = select(state);
      const before = last ?? rendered.current;
      last = { state, value: before && isEqual(before.value, value) ? before.value : value };
      return last.value;
    };
  }, [select, isEqual]);
  const value = useSyncExternalStore(
    store.subscribe,
    () => selected(store.read()),
    () => selected(store.initial),
  );
  useEffect(() => {
    rendered.current = { value };
  }, [value]);
  return value;
}

/** Whether two values are the same, or lists or plain objects of the same items. */
export function haveSameItems(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isCollection(one) || !isCollection(other)) return false;
  const [some, others] = [Object.entries(one), Object.entries(other)];
  return (
    Array.isArray(one) === Array.isArray(other) &&
    some.length === others.length &&
    some.every(([key, item]) => Object.hasOwn(other, key) && Object.is(item, other[key]))
  );
}

function isCollection(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
