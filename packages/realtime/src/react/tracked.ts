/** Renders a component only when something that it has read changes. */

import { useMemo, useSyncExternalStore } from "react";
import type { Unsubscribe } from "../core/emitter.ts";

/** Where values come from. */
export interface Source<T extends object> {
  subscribe(listener: () => void): Unsubscribe;
  /** The current values. */
  read(): T;
  /** The values during server rendering and hydration. */
  initial: T;
}

/**
 * The values of a source as an object. It is a new object only when a value has changed that the
 * component has read from it before.
 */
export function useTracked<T extends object>(source: Source<T>): T {
  const tracker = useMemo(() => new Tracker<T>(), []);
  return useSyncExternalStore(
    source.subscribe,
    () => tracker.see(source.read()),
    () => tracker.see(source.initial),
  );
}

class Tracker<T extends object> {
  readonly #asked = new Set<keyof T>();
  /** The values that the component was last rendered with. */
  #rendered: T | undefined;
  #newest: T | undefined;
  #seen: T | undefined;

  see(values: T): T {
    const before = this.#rendered;
    this.#newest = values;
    if (before && this.#seen && [...this.#asked].every((key) => before[key] === values[key]))
      return this.#seen;
    this.#rendered = values;
    this.#seen = this.#watched(values);
    return this.#seen;
  }

  #watched(values: T): T {
    const seen = {} as T;
    for (const key of Object.keys(values) as (keyof T)[]) {
      // The latest value: an event handler may read one that no render has read and kept up to date.
      const get = () => {
        this.#asked.add(key);
        return (this.#newest ?? values)[key];
      };
      Object.defineProperty(seen, key, { get, enumerable: true });
    }
    return seen;
  }
}
