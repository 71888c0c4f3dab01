/** The frames that came to one client, the newest 500 of them. */

import type { Frame } from "./protocol.ts";

/** A room that is busy for hours must not fill the memory of the page. */
export const MOST_FRAMES = 500;

export interface Received {
  /** Counts all that ever came. */
  readonly number: number;
  readonly at: Date;
  readonly text: string;
  readonly bytes: number;
  readonly frame: Frame;
  /** Whether it was sent while the client was away. */
  readonly wasMissed: boolean;
  /** How long it was under way, as far as that can be told. */
  readonly latencyMs: number | undefined;
}

/** A frame as it came, with what a client knows of it. */
export interface Arriving {
  readonly text: string;
  readonly frame: Frame;
  readonly wasMissed: boolean;
  readonly at: Date;
  readonly latencyMs?: number | undefined;
}

/** What of the frames to show: all that have this type, if it is not empty, and this text in them. */
export interface Filter {
  readonly type: string;
  readonly text: string;
}

const utf8 = new TextEncoder();

export class FrameLog {
  /** The oldest first. */
  readonly frames: Received[] = [];
  count = 0;
  bytes = 0;

  add({ latencyMs, ...arriving }: Arriving): Received {
    const { length } = utf8.encode(arriving.text);
    this.count += 1;
    this.bytes += length;
    const received = { number: this.count, bytes: length, latencyMs, ...arriving };
    this.frames.push(received);
    if (this.frames.length > MOST_FRAMES) this.frames.shift();
    return received;
  }

  clear(): void {
    this.frames.length = 0;
  }

  /** Every type there is, in alphabetical order. */
  types(): string[] {
    return [...new Set(this.frames.map(({ frame }) => frame.type))].sort();
  }
}

export function matches({ frame, text }: Received, filter: Filter): boolean {
  if (filter.type !== "" && frame.type !== filter.type) return false;
  return filter.text === "" || text.toLowerCase().includes(filter.text.toLowerCase());
}

/** "640 B", "1.2 KB" */
export function sizeOf(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KB`;
}

/** "14:03:27.042", by the clock on the wall. */
export function timeOf(at: Date): string {
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => digits(part, 2));
  return `${clock.join(":")}.${digits(at.getMilliseconds(), 3)}`;
}

function digits(value: number, amount: number): string {
  return String(value).padStart(amount, "0");
}
