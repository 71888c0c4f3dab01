/** Suggests the name that a misspelt one may have meant. */

/** The largest part of a name that can be wrong. */
const SIMILAR = 0.4;

/**
 * The known name most similar to this one; undefined if none is similar enough.
 * @param {string} name
 * @param {readonly string[]} known
 * @returns {string | undefined}
 */
export function nearest(name, known) {
  const ranked = known.map((other) => ({
    other,
    steps: isPart(name, other) ?? distance(name, other),
  }));
  const [best] = ranked.sort((a, b) => a.steps - b.steps);
  return best && best.steps <= Math.ceil(best.other.length * SIMILAR) ? best.other : undefined;
}

/** @param {string} name @param {string} other */
function isPart(name, other) {
  return name.length > 1 && (other.startsWith(name) || name.startsWith(other)) ? 1 : undefined;
}

/**
 * How many letters must be inserted, deleted or replaced (Levenshtein).
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1];
    for (const [index, other] of [...b].entries()) {
      const [above = 0, aside = 0, before = 0] = [row[index + 1], next[index], row[index]];
      next.push(Math.min(above + 1, aside + 1, before + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
