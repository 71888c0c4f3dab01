/** Places in a list, as strings: between any two there is room for another (a fractional index). */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Two people who are offline and put something in the same place rarely get the same string. */
const RANDOM_DIGITS = 3;

/** Orders by place. Items in the same place are ordered by id, so that everybody sees the same. */
export function compareOrder(
  a: { order: string; id: string },
  b: { order: string; id: string },
): number {
  return compare(a.order, b.order) || compare(a.id, b.id);
}

/**
 * A new place after `before` and in front of `after`. Null means the beginning, or the end. If there is
 * no place between them, it is `before`: the order is then by id.
 */
export function orderBetween(before: string | null, after: string | null): string {
  const low = before ?? "";
  const longest = Math.max(low.length, after?.length ?? 0);
  // The digits that both have in common, and then one with room between them.
  for (let place = ""; place.length <= longest; ) {
    const at = place.length;
    const isBelow = after === null || place < after.slice(0, at);
    const [from, to] = [digitOf(low, at), isBelow ? DIGITS.length : digitOf(after, at)];
    if (to < from) break;
    if (to - from > 1) return place + digitBetween(from, to, before, after) + randomDigits();
    place += DIGITS.charAt(from);
  }
  return low;
}

/** Near the end to which items are added: strings then stay short. */
function digitBetween(from: number, to: number, before: string | null, after: string | null) {
  if (after === null) return DIGITS.charAt(from + 1);
  return DIGITS.charAt(before === null ? to - 1 : Math.floor((from + to) / 2));
}

/** The last digit is not 0: there would be no room in front of it. */
function randomDigits(): string {
  return Array.from({ length: RANDOM_DIGITS }, () =>
    DIGITS.charAt(1 + Math.floor(Math.random() * (DIGITS.length - 1))),
  ).join("");
}

function digitOf(place: string, at: number): number {
  return place.length > at ? DIGITS.indexOf(place.charAt(at)) : 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
