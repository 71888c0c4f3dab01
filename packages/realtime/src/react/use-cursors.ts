/** The hook for cursors. */

import { type RefObject, useEffect, useMemo, useSyncExternalStore } from "react";
import { type Cursor, Cursors } from "../collaboration/cursors.ts";
import { type MaybeId, type ProjectArgument, useConnection } from "./meant.ts";

/** What {@link useCursors} needs. */
export interface CursorOptions {
  /** Where this is in the app, such as `board`. Null or undefined while that is not known yet. */
  at: MaybeId;
  /**
   * The element that positions are fractions of. Its pointer is followed. Leave it out to pass positions
   * to `move` yourself, for example in React Native or on a canvas.
   */
  ref?: RefObject<HTMLElement | null> | undefined;
}

/** What {@link useCursors} returns. */
export interface CursorState {
  /** The others' cursors: the same array until one appears or disappears, however they move. */
  readonly cursors: readonly Cursor[];
  /** The user's pointer is here: fractions of the width and the height. */
  readonly move: (x: number, y: number) => void;
  /** The user's pointer is gone. */
  readonly leave: () => void;
}

const NONE: readonly Cursor[] = [];

/**
 * Shows the cursors of the others who are at the same place, and tells them where this user's is. While
 * the component is mounted, the user is at this place: `at` in the presence data says so.
 *
 * The component does not render while cursors move. Give each cursor's `ref` to an element within yours,
 * which has to be positioned (`position: relative`):
 *
 * ```tsx
 * {cursors.map(({ connectionId, user, ref }) => <i key={connectionId} ref={ref}>{user.userName}</i>)}
 * ```
 *
 * Positions are fractions of the element, so that windows of different sizes agree. If it scrolls, use
 * the element within it that is scrolled. Nothing is sent while nobody else is at this place. `projectId`
 * works as in {@link useProjectEvent}. The hook opens no connection.
 */
export function useCursors({ at, ref }: CursorOptions, ...project: ProjectArgument): CursorState {
  const connection = useConnection(project);
  const place = useMemo(
    () => (connection && at !== null && at !== undefined ? new Cursors(connection, at) : undefined),
    [connection, at],
  );
  useEffect(() => place?.start(), [place]);
  // After each render, because the element may be another one.
  useEffect(() => place?.watch(ref?.current));
  const functions = useMemo(
    () => ({
      subscribe: (listener: () => void) => place?.subscribe(listener) ?? (() => {}),
      move: (x: number, y: number) => place?.move(x, y),
      leave: () => place?.leave(),
    }),
    [place],
  );
  const { subscribe, move, leave } = functions;
  const cursors = useSyncExternalStore(
    subscribe,
    () => place?.shown ?? NONE,
    () => NONE,
  );
  return useMemo(() => ({ cursors, move, leave }), [cursors, move, leave]);
}
