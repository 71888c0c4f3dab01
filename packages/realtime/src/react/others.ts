/** The hooks for who else is here, and for what people say about themselves. */

import { useCallback, useEffect, useMemo, useRef } from "react";
import type { Other, PresenceData, PresencePatch, Self } from "../core/people.ts";
import type { ProjectConnection } from "../core/project.ts";
import { isSame } from "../core/same.ts";
import { type MaybeId, type ProjectArgument, useConnection, useConnectionStore } from "./meant.ts";
import { haveSameItems, type IsEqual, useSelected } from "./selected.ts";

type Others = readonly Other[];

const NOBODY: Others = [];
const NO_DATA: PresenceData = {};

const othersOf = (connection: ProjectConnection): Others => connection.others;
const selfOf = (connection: ProjectConnection): Self | undefined => connection.self;

/** The last arguments of a hook that selects something. */
export type Selecting<S, T> = [
  select: (state: S) => T,
  isEqual?: IsEqual<T> | undefined,
  ...project: ProjectArgument,
];

/** The same, where nothing is selected. */
export type SelectingAll = [select?: undefined, isEqual?: undefined, ...project: ProjectArgument];

/**
 * Returns the other users who are online, one for each user however many windows they have open, or
 * what `select` takes from them. The component renders again only when that changes: by default when a
 * value is another one, or a list or an object has other items. Both functions can be new on each
 * render.
 *
 * Without `select` it does not render for a cursor that comes to rest (`data.cursor`): `useCursors`
 * shows those. `projectId` works as in {@link useProjectEvent}. The hook opens no connection.
 */
export function useOthers(...args: SelectingAll): readonly Other[];
export function useOthers<T>(...args: Selecting<readonly Other[], T>): T;
export function useOthers(
  select: (others: Others) => unknown = all,
  isEqual: IsEqual<never> = select === all ? looksSame : haveSameItems,
  ...project: ProjectArgument
): unknown {
  const store = useConnectionStore(project, othersOf, NOBODY);
  return useSelected(store, select, isEqual as IsEqual<unknown>);
}

/**
 * Returns one of the others, or what `select` takes from them: undefined if they are not online.
 * Renders like {@link useOthers}.
 */
export function useOther(userId: MaybeId, ...args: SelectingAll): Other | undefined;
export function useOther<T>(userId: MaybeId, ...args: Selecting<Other, T>): T | undefined;
export function useOther(
  userId: MaybeId,
  select: (other: Other) => unknown = all,
  isEqual: IsEqual<never> = select === all ? looksSame : haveSameItems,
  ...project: ProjectArgument
): unknown {
  const store = useConnectionStore(project, othersOf, NOBODY);
  const find = (others: Others) => {
    const other = others.find((other) => other.userId === userId);
    return other && select(other);
  };
  return useSelected(store, find, isEqual as IsEqual<unknown>);
}

/**
 * Returns the others who are at this place (`at` in their presence data), for example
 * `useOthersAt("task:t1")`. It does not render for their cursors, nor for who is elsewhere.
 */
export function useOthersAt(at: MaybeId, ...project: ProjectArgument): readonly Other[] {
  const store = useConnectionStore(project, othersOf, NOBODY);
  const find = (others: Others) => others.filter((other) => isAt(other, at));
  return useSelected(store, find, looksSame);
}

/**
 * Returns this client as the server knows it, or what `select` takes from that. Undefined until it is
 * connected.
 */
export function useSelf(...args: SelectingAll): Self | undefined;
export function useSelf<T>(...args: Selecting<Self, T>): T | undefined;
export function useSelf(
  select: (self: Self) => unknown = all,
  isEqual: IsEqual<never> = haveSameItems,
  ...project: ProjectArgument
): unknown {
  const store = useConnectionStore(project, selfOf, undefined);
  const find = (self: Self | undefined) => self && select(self);
  return useSelected(store, find, isEqual as IsEqual<unknown>);
}

/** What {@link useMyPresence} returns. */
export type MyPresence = readonly [data: PresenceData, setPresence: (patch: PresencePatch) => void];

/**
 * Returns what this client says about its user, and the function that changes it: `null` removes a
 * key. The others get changes of 100 ms together, and get them again after a reconnect. The function
 * is another one when somebody else has signed in, so list it in the dependencies of an effect.
 */
export function useMyPresence(...project: ProjectArgument): MyPresence {
  const connection = useConnection(project);
  const store = useConnectionStore(project, selfOf, undefined);
  const data = useSelected(store, dataOf, haveSameItems);
  // The effect of a component runs before those of the components around it, which connect.
  const early = useRef<PresencePatch>({});
  const setPresence = useCallback(
    (patch: PresencePatch) => {
      if (connection) connection.setPresence(patch);
      else early.current = { ...early.current, ...patch };
    },
    [connection],
  );
  useEffect(() => {
    if (!connection) return;
    connection.setPresence(early.current);
    early.current = {};
  }, [connection]);
  return useMemo(() => [data, setPresence], [data, setPresence]);
}

function all<T>(state: T): T {
  return state;
}

function dataOf(self: Self | undefined): PresenceData {
  return self?.data ?? NO_DATA;
}

function isAt({ connections }: Other, at: MaybeId): boolean {
  return connections.some(({ data }) => data.at === at);
}

/** Whether people look the same, apart from where their cursors rest. */
function looksSame(one: Others | Other | undefined, other: Others | Other | undefined): boolean {
  const [some, others] = [listOf(one), listOf(other)];
  return (
    some.length === others.length &&
    some.every((person, index) => {
      const now = others[index] as Other;
      return person === now || isSame(looks(person), looks(now));
    })
  );
}

function listOf(people: Others | Other | undefined): Others {
  return [people ?? []].flat() as Other[];
}

function looks(other: Other): object {
  const connections = other.connections.map(({ connectionId, data }) => [
    connectionId,
    withoutCursor(data),
  ]);
  return { ...other, connections, data: withoutCursor(other.data) };
}

function withoutCursor({ cursor, ...data }: PresenceData): object {
  return data;
}
