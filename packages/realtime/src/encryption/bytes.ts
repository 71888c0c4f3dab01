/** Bytes as the specification writes them. */

/** The parts, one behind the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** `u64be(number)`. */
export function u64be(number: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

/** `lp(text)`: UTF-8 with its length before it. Fails if it has more than 65,535 bytes. */
export function lp(text: string): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length > 0xffff)
    throw new RangeError("A text of a context is longer than 65,535 bytes.");
  return concat(Uint8Array.of(bytes.length >> 8, bytes.length & 255), bytes);
}

/** `varUint(number)`, of a number up to 2⁵³ − 1. */
export function varUint(number: number): Uint8Array {
  const bytes: number[] = [];
  let rest = number;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.of(...bytes, rest);
}

/** Reads a `varUint` in its shortest form, and where it ends. Undefined if there is none. */
export function readVarUint(
  bytes: Uint8Array,
  start: number,
): { readonly number: number; readonly end: number } | undefined {
  let number = 0;
  let unit = 1;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    number += (byte & 127) * unit;
    if (number > Number.MAX_SAFE_INTEGER || (byte === 0 && at > start)) return undefined;
    if (byte < 128) return { number, end: at + 1 };
    unit *= 128;
  }
  return undefined;
}

/** A text in UTF-8. */
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * The text that these bytes are in UTF-8. Fails if they are not. `TextDecoder` is missing in older versions of React
 * Native.
 */
export function textOf(bytes: Uint8Array): string {
  if (typeof TextDecoder === "function")
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  const escaped = Array.from(bytes, (byte) => `%${(256 + byte).toString(16).slice(1)}`);
  return decodeURIComponent(escaped.join(""));
}
