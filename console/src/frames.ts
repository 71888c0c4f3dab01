/** The newest 500 frames that one client received. */

import type { Frame } from "./protocol.ts";

/** A room that is busy for hours must not fill the page's memory. */
export const MOST_FRAMES = 500;

export interface Received {
  /** Counts all frames ever received. */
  readonly number: number;
  readonly at: Date;
  readonly text: string;
  readonly bytes: number;
  readonly frame: Frame;
  /** Whether it was sent while the client was away. */
  readonly wasMissed: boolean;
  /** How long it took to arrive, as far as that can be told. */
  readonly latencyMs: number | undefined;
}

/** A frame as it arrived, with what the client knows about it. */
export interface Arriving {
  readonly text: string;
  readonly frame: Frame;
  readonly wasMissed: boolean;
  readonly at: Date;
  readonly latencyMs?: number | undefined;
}

/** Which frames to show: those of this type, unless it is empty, that contain this text. */
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

/** "14:03:27.042", in local time. */
export function timeOf(at: Date): string {
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => digits(part, 2));
  return `${clock.join(":")}.${digits(at.getMilliseconds(), 3)}`;
}

function digits(value: number, amount: number): string {
  return String(value).padStart(amount, "0");
}
