/** What is encrypted from end to end (P14.1). The console has no keys, so it says of what there is how much. */

import { sizeOf } from "./frames.ts";

/** An envelope: events, client events and presence data travel in one. */
export interface Envelope {
  /** Which of the project's keys it is under. */
  readonly epoch: number;
  /** How long the ciphertext is. */
  readonly bytes: number;
}

/** Reads an envelope. Undefined if it is none. */
export function envelopeIn(value: unknown): Envelope | undefined {
  const { e2e, k, n, c } = (value ?? {}) as Record<string, unknown>;
  if (typeof e2e !== "number" || typeof k !== "number") return undefined;
  if (typeof n !== "string" || typeof c !== "string") return undefined;
  // Base64url: 4 characters are 3 bytes.
  return { epoch: k, bytes: Math.floor((c.length * 3) / 4) };
}

/** "encrypted, epoch 7 (88 B)" */
export function wordsFor({ epoch, bytes }: Envelope): string {
  return `encrypted, epoch ${epoch} (${sizeOf(bytes)})`;
}

/** A value as JSON, with words in place of each envelope. One that is all envelope is only words. */
export function readable(value: unknown): string {
  const envelope = envelopeIn(value);
  if (envelope) return wordsFor(envelope);
  return JSON.stringify(value, replaced) ?? "";
}

/** The text of a frame, unchanged if nothing in it is encrypted. */
export function readableText(text: string, frame: object): string {
  const words = JSON.stringify(frame, replaced);
  return words === JSON.stringify(frame) ? text : words;
}

function replaced(_key: string, value: unknown): unknown {
  const envelope = envelopeIn(value);
  return envelope ? wordsFor(envelope) : value;
}
