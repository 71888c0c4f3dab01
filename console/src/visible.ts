/** Text from outside, as the console shows it. */

/** These change the direction of the text after them: U+202A to U+202E, U+2066 to U+2069. */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * The text with these characters escaped as in JSON. With them, one id could look like another one,
 * and the rest of a frame would be read backwards.
 */
export function visible(text: string): string {
  return text.replace(DIRECTION, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
}
