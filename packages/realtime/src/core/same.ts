/** Comparing what came as JSON. */

/** Whether two objects have the same fields with the same values, in whatever order. */
export function isSame(one: object, other: object): boolean {
  return one === other || textOf(one) === textOf(other);
}

/** Whether two lists have the very same items. */
export function areSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((item, index) => item === others[index]);
}

function textOf(value: object): string {
  return JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
