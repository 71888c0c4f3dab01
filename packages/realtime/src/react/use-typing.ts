/** The hook for who is typing. */

import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import type { Person } from "../collaboration/person.ts";
import { typingOf } from "../collaboration/typing.ts";
import { type MaybeId, type ProjectArgument, useConnection } from "./meant.ts";

/** What {@link useTyping} returns. */
export interface TypingState {
  /** Who else is typing: the same array until somebody begins or stops. */
  readonly typists: readonly Person[];
  /** A key was pressed: `onChange={keystroke}`. */
  readonly keystroke: () => void;
  /** The user has stopped: call it when the text is sent or empty, and `onBlur={stop}`. */
  readonly stop: () => void;
  /** A message of this user has arrived, so they are not typing it any more. */
  readonly clear: (userId: string) => void;
}

const NOBODY: readonly Person[] = [];

/**
 * Says that the user is typing about this topic, such as `task:t1`, and returns who else is. Nothing is
 * sent while nobody else is online, and then one message every 8 s. Somebody whose stop was lost is
 * believed for 10 s at most, and not after they have left.
 *
 * The topic is null or undefined while it is not known yet. `projectId` works as in
 * {@link useProjectEvent}. The hook opens no connection.
 */
export function useTyping(topic: MaybeId, ...project: ProjectArgument): TypingState {
  const connection = useConnection(project);
  const typing = connection && typingOf(connection);
  const subscribe = useCallback(
    (listener: () => void) => typing?.subscribe(listener) ?? (() => {}),
    [typing],
  );
  const typists = useSyncExternalStore(
    subscribe,
    () => (typing && isKnown(topic) ? typing.typists(topic) : NOBODY),
    () => NOBODY,
  );
  /** Whether it was this component that said so. */
  const isTyping = useRef(false);
  const functions = useMemo(() => {
    const about = (work: (topic: string) => void) => () => {
      if (isKnown(topic)) work(topic);
    };
    return {
      keystroke: about((topic) => {
        isTyping.current = true;
        typing?.keystroke(topic);
      }),
      stop: about((topic) => {
        isTyping.current = false;
        typing?.stop(topic);
      }),
      clear: (userId: string) => about((topic) => typing?.clear(topic, userId))(),
    };
  }, [typing, topic]);
  const { stop } = functions;
  useEffect(() => () => void (isTyping.current && stop()), [stop]);
  return useMemo(() => ({ typists, ...functions }), [typists, functions]);
}

function isKnown(topic: MaybeId): topic is string {
  return topic !== null && topic !== undefined;
}
