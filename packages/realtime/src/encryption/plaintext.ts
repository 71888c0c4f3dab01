/** What is encrypted of events, client events and presence data: JSON with what shows a repeat. */

import { textOf, utf8 } from "./bytes.ts";
import { UndecryptableError } from "./undecryptable.ts";

/** What is in an event of a backend. */
export interface EventText {
  /** Of this event alone. */
  readonly id: string;
  readonly data: unknown;
}

/** What is in a client event, and in presence data. */
export interface SessionText {
  readonly session: string;
  /** Goes up with each message of the session. */
  readonly counter: number;
  readonly data: unknown;
}

const ID = /^[\w-]{22}$/;

/** The plaintext of an event, of which `data` is JSON. */
export function eventText(id: string, data: string): Uint8Array {
  return utf8(`{"i":"${id}","d":${data}}`);
}

/** The plaintext of a client event or of presence data, of which `data` is JSON. */
export function sessionText(session: string, counter: number, data: string): Uint8Array {
  return utf8(`{"s":"${session}","n":${counter},"d":${data}}`);
}

/** A value as JSON. What JSON has no form for is an empty object, as the server makes of it without encryption. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? "{}";
}

/** Reads what {@link eventText} writes. Fails with an {@link UndecryptableError} if it is something else. */
export function readEventText(bytes: Uint8Array, epoch: number): EventText {
  const { i: id, d: data } = objectIn(bytes, epoch);
  if (typeof id !== "string" || !ID.test(id)) throw new UndecryptableError("malformed", epoch);
  return { id, data };
}

/** Reads what {@link sessionText} writes. Fails with an {@link UndecryptableError} if it is something else. */
export function readSessionText(bytes: Uint8Array, epoch: number): SessionText {
  const { s: session, n: counter, d: data } = objectIn(bytes, epoch);
  const isNumbered = Number.isSafeInteger(counter) && (counter as number) >= 1;
  if (typeof session !== "string" || !ID.test(session) || !isNumbered)
    throw new UndecryptableError("malformed", epoch);
  return { session, counter: counter as number, data };
}

function objectIn(bytes: Uint8Array, epoch: number): Record<string, unknown> {
  const value = parsed(bytes);
  if (isObject(value) && Object.hasOwn(value, "d")) return value;
  throw new UndecryptableError("malformed", epoch);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(bytes));
  } catch {
    return undefined;
  }
}

/** Whether this is an object, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
