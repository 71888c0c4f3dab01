/** Chooses which of a fuzzer's inputs are worth keeping. */

/** @typedef {{ file: string, features: number[] }} Input what an input reaches, as opaque numbers */

/**
 * Reads libFuzzer's record of a merge: how many files there are, how many of them in the first folder, a line for the
 * path of each, and then `FT <place> <feature> <feature> …` for what each reaches.
 * @param {string} record
 * @returns {Input[]}
 */
export function readMerge(record) {
  const [count, , ...lines] = record.split("\n");
  const files = lines.slice(0, Number(count));
  return lines.flatMap((line) => {
    const [kind, place, ...features] = line.trim().split(" ");
    const file = files[Number(place)];
    return kind === "FT" && file !== undefined ? [{ file, features: features.map(Number) }] : [];
  });
}

/**
 * The inputs that together reach the most that `kept` does not: at each step, the one that adds the most.
 * @param {Input[]} candidates
 * @param {Input[]} kept
 * @param {number} max the maximum number of inputs
 * @returns {Input[]}
 */
export function mostReaching(candidates, kept, max) {
  const reached = new Set(kept.flatMap(({ features }) => features));
  /** @type {Input[]} */
  const chosen = [];
  while (chosen.length < max) {
    let best = { input: /** @type {Input | undefined} */ (undefined), added: 0 };
    for (const input of candidates) {
      const added = input.features.filter((feature) => !reached.has(feature)).length;
      if (added > best.added) best = { input, added };
    }
    if (best.input === undefined) break;
    chosen.push(best.input);
    for (const feature of best.input.features) reached.add(feature);
  }
  return chosen;
}
