/** What somebody may have meant who has misspelt a name. */

/** The most letters that may be wrong, as a part of the name. */
const SIMILAR = 0.4;

/**
 * The known name that is nearest to this one; none if none is near.
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
 * How many letters have to be put in, left out or exchanged (Levenshtein).
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
