/** Base64url without padding. `atob` is missing in older versions of React Native. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const NONE = 64;
/** By the code of a letter, its value. */
const VALUES = new Uint8Array(128).fill(NONE);
[...ALPHABET].forEach((letter, value) => {
  VALUES[letter.charCodeAt(0)] = value;
});

/** These bytes in base64url. */
export function toBase64url(bytes: Uint8Array): string {
  const letter = (value: number) => ALPHABET[value & 63] as string;
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const four = letter(group >> 18) + letter(group >> 12) + letter(group >> 6) + letter(group);
    const rest = bytes.length - at;
    text += rest < 3 ? four.slice(0, rest + 1) : four;
  }
  return text;
}

/** The bytes of a text in base64url. Undefined unless it is exactly what {@link toBase64url} makes of them. */
export function fromBase64url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const value = VALUES[text.charCodeAt(at)] ?? NONE;
    if (value === NONE) return undefined;
    held = ((held & 63) << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length++] = held >> bits;
  }
  // Otherwise several texts would stand for the same bytes.
  const isExact = (held & ((1 << bits) - 1)) === 0;
  return isExact ? bytes : undefined;
}
