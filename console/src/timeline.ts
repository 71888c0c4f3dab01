/** The events in the projects, over all clients: each once, with when it reached which client. */

import { type Frame, familyOf } from "./protocol.ts";

/** As many as the frames that one client keeps. */
export const MOST_EVENTS = 500;

export interface Arrival {
  readonly at: number;
  readonly latencyMs: number | undefined;
  readonly wasMissed: boolean;
}

export interface Happening {
  readonly projectId: string;
  readonly frame: Frame;
  readonly text: string;
  readonly firstAt: number;
  /** By client number. */
  readonly arrivals: Map<number, Arrival>;
}

export class Timeline {
  readonly #events = new Map<string, Happening>();
  readonly #listeners = new Set<() => void>();

  /** Records a frame that a client received. Only events count. */
  note(client: number, projectId: string, text: string, frame: Frame, arrival: Arrival): void {
    if (familyOf(frame.type) !== "event") return;
    // Whenever it is sent, and to whom, an event is the same text, byte for byte (P7.4).
    const key = `${projectId}\n${text}`;
    const known = this.#events.get(key);
    const happening = known ?? {
      projectId,
      frame,
      text,
      firstAt: arrival.at,
      arrivals: new Map<number, Arrival>(),
    };
    happening.arrivals.set(client, arrival);
    if (!known) this.#add(key, happening);
    for (const listener of this.#listeners) listener();
  }

  /** The newest first: by the server's time, then by number. */
  newestFirst(): Happening[] {
    return [...this.#events.values()].sort(
      (one, other) =>
        (other.frame.timestamp ?? 0) - (one.frame.timestamp ?? 0) ||
        (other.frame.seq ?? 0) - (one.frame.seq ?? 0),
    );
  }

  /** The event of a broadcast: found by its number, or else by its type, and never one from before. */
  find(projectId: string, since: number, { seq, type }: Wanted): Happening | undefined {
    return [...this.#events.values()].find(
      ({ projectId: project, frame, firstAt }) =>
        project === projectId &&
        firstAt >= since &&
        (seq === undefined ? frame.seq === undefined && frame.type === type : frame.seq === seq),
    );
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clear(): void {
    this.#events.clear();
    for (const listener of this.#listeners) listener();
  }

  #add(key: string, happening: Happening): void {
    this.#events.set(key, happening);
    const [oldest] = this.#events.keys();
    if (this.#events.size > MOST_EVENTS && oldest !== undefined) this.#events.delete(oldest);
  }
}

export interface Wanted {
  readonly seq?: number | undefined;
  readonly type?: string | undefined;
}
