/** A change of a row: what a person changed, and what they saw when they did. */

/** The body of a `PATCH`. */
export interface Patch {
  /** The changed fields: their new values, or what was added and removed. */
  set: Record<string, unknown>;
  /** What the person saw in these fields. */
  base?: Record<string, unknown> | undefined;
  /** The version of the row that they saw. */
  baseVersion?: number | undefined;
}

/** A change of a list whose order does not matter, such as labels. Such changes commute. */
export interface SetChange<T = unknown> {
  add?: readonly T[];
  remove?: readonly T[];
}

/** The patch from what a person saw to what they made of it: only the fields that differ. */
export function patchOf(
  seen: Readonly<Record<string, unknown>> & { version?: number | undefined },
  set: Record<string, unknown>,
): Patch {
  const changed = Object.keys(set).filter((field) => !same(seen[field], set[field]));
  const pick = (from: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(changed.map((field) => [field, from[field] ?? null]));
  return { set: pick(set), base: pick(seen), baseVersion: seen.version };
}

/** What was added to a set and removed from it. */
export function setChange<T>(before: readonly T[], after: readonly T[]): SetChange<T> {
  return {
    add: after.filter((item) => !has(before, item)),
    remove: before.filter((item) => !has(after, item)),
  };
}

/** The patch in the body of a request. Undefined if it is not one. */
export function readPatch(body: unknown): Patch | undefined {
  if (!isRecord(body) || !isRecord(body.set)) return undefined;
  const { set, base, baseVersion } = body;
  if (base !== undefined && !isRecord(base)) return undefined;
  if (baseVersion !== undefined && !Number.isSafeInteger(baseVersion)) return undefined;
  return { set, base, baseVersion: baseVersion as number | undefined };
}

/** Whether two values are the same as JSON. A field that is missing is `null`, as in a database. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Whether a list has this item. */
export function has(list: readonly unknown[], item: unknown): boolean {
  return list.some((each) => same(each, item));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON with sorted names: a database may return them in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_name, part) =>
    isRecord(part) ? Object.fromEntries(Object.entries(part).sort(byName)) : part,
  );
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
