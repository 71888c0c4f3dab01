/**
 * A task's place in its column is a text, and texts are sorted by their characters. Between any two there
 * is always room for another one, so moving a task changes no other task.
 *
 * The text is read as the digits of a fraction in base 62. It never ends in 0, or nothing would fit
 * before it.
 */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
const MIDDLE = DIGITS.charAt(BASE / 2);
/** At the ends of a column the digits count up and down, so that a long column has short positions. */
const COUNTER_LENGTH = 4;

/** The form of a position. The API spreads a column again long before a position gets this long. */
export const POSITION = /^[\dA-Za-z]{0,127}[1-9A-Za-z]$/;

/** A position after `before` and before `after`. Without one of them it is at that end of the column. */
export function positionBetween(before: string | undefined, after: string | undefined): string {
  if (before !== undefined && after !== undefined) return midpoint(before, after);
  if (before !== undefined) return counted(before, 1) ?? midpoint(before, undefined);
  if (after !== undefined) return counted(after, -1) ?? midpoint("", after);
  return MIDDLE;
}

/** This many positions for a column, in order. */
export function spreadPositions(count: number): string[] {
  const positions: string[] = [];
  for (let place = 0; place < count; place += 1)
    positions.push(positionBetween(positions.at(-1), undefined));
  return positions;
}

/** The order in a column. The API never gives two tasks the same position; ids decide until it has answered. */
export function byPosition(
  a: { id: string; position: string },
  b: { id: string; position: string },
): number {
  return compare(a.position, b.position) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The next position up or down; nothing if the counter is at its end. */
function counted(position: string, step: 1 | -1): string | undefined {
  const digits = Array.from({ length: COUNTER_LENGTH }, (_, place) => digitAt(position, place));
  const counter = digits.reduce((sum, digit) => sum * BASE + digit, 0) + step;
  if (counter <= 0 || counter >= BASE ** COUNTER_LENGTH) return undefined;
  const text = digits.map((_, place) => {
    const weight = BASE ** (COUNTER_LENGTH - 1 - place);
    return DIGITS.charAt(Math.floor(counter / weight) % BASE);
  });
  return text.join("") + MIDDLE;
}

function midpoint(before: string, after: string | undefined): string {
  if (after !== undefined) {
    let same = 0;
    while (same < after.length && digitAt(before, same) === digitAt(after, same)) same += 1;
    if (same > 0)
      return after.slice(0, same) + midpoint(before.slice(same), after.slice(same) || undefined);
  }
  const low = digitAt(before, 0);
  const high = after === undefined ? BASE : digitAt(after, 0);
  if (high - low > 1) return DIGITS.charAt(Math.round((low + high) / 2));
  if (after !== undefined && after.length > 1) return after.charAt(0);
  return DIGITS.charAt(low) + midpoint(before.slice(1), undefined);
}

/** Beyond its end a fraction goes on with zeros. */
function digitAt(position: string, place: number): number {
  return Math.max(0, DIGITS.indexOf(position.charAt(place) || "0"));
}
