/** The tabs of one user: one of them sends, and they tell each other about acts. */

import type { Outcome, StoredAct } from "./types.ts";

/** A message to all other tabs. */
export type Message =
  /** An act was made, or changed after a conflict. */
  | { act: StoredAct }
  /** An act has ended, or needs a person. */
  | { over: string; outcome: Outcome }
  /** The tab that sends should give this act up. */
  | { discard: string }
  /** A tab wants to know what waits: the storage may have failed. */
  | { hello: true };

/** Hears the other tabs. Answers with how to tell them something, and how to stop. */
export function openChannel(name: string, hear: (message: Message) => void) {
  const channel = globalThis.BroadcastChannel && new BroadcastChannel(name);
  if (channel) channel.onmessage = ({ data }) => hear(data);
  return {
    tell(message: Message): void {
      try {
        channel?.postMessage(message);
      } catch {
        // Variables that can't be copied to another tab can't be stored either, and the queue says so.
      }
    },
    close: () => channel?.close(),
  };
}

/**
 * Makes this tab the one that sends when it holds the lock. Where there are no locks, there are no other
 * tabs. If it is urgent, it takes the place of the tab that has it. Answers with how to do that, and how
 * to stop.
 */
export function stand(name: string, isUrgent: boolean, onChange: (isLeading: boolean) => void) {
  const locks = globalThis.navigator?.locks;
  let request: AbortController;
  let release: (() => void) | undefined;
  const lead = () => {
    onChange(true);
    return new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  const ask = (steal?: boolean) => {
    request = new AbortController();
    const { signal } = request;
    // A request can't have both.
    locks?.request(name, steal ? { steal } : { signal }, lead).catch((error: Error) => {
      if (signal.aborted) return;
      onChange(false);
      if (error.name === "AbortError") ask();
      // Where locks are forbidden, so is everything that tabs could share.
      else lead();
    });
  };
  const stop = () => {
    request?.abort();
    release?.();
  };
  if (locks) ask(isUrgent);
  else lead();
  return {
    steal() {
      stop();
      ask(true);
    },
    stop,
  };
}
