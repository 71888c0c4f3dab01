/** Reads what libFuzzer prints and records. */

/** How far a run came. The coverage is the edges of the program that were reached. */
type Progress = { executions: number; perSecond: number; coverage: number };

/**
 * By its last line of progress, such as
 * `#1115991 DONE   cov: 2554 ft: 8804 corp: 1943/908Kb lim: 4096 exec/s: 18294 rss: 32Mb`.
 */
export function progress(output: string): Progress | undefined {
  const lines = [...output.matchAll(/^#(\d+)\s.* cov: (\d+) .*exec\/s: (\d+) /gm)];
  const [executions, coverage, perSecond] = (lines.at(-1) ?? []).slice(1).map(Number);
  if (executions === undefined || !coverage || perSecond === undefined) return undefined;
  return { executions, coverage, perSecond };
}

/** What a target printed when it failed, without the stack. */
export function panic(output: string): string | undefined {
  const end = /\n(?:stack backtrace:|note: run with|==\d+==)/;
  const start = output.search(/^thread .* panicked at/m);
  return start < 0 ? undefined : output.slice(start).split(end)[0]?.trim();
}

/** The file with the input of a failure. libFuzzer also saves inputs that are only slow; those do not count. */
export function artifact(output: string): string | undefined {
  return /Test unit written to (.*\/(?:crash|timeout|oom)-\w+)$/m.exec(output)?.[1];
}

/** An input, and what it reaches as opaque numbers. */
export type Input = { file: string; features: number[] };

/**
 * Reads the record of a merge: how many files there are, how many of them in the first folder, a line for the path of
 * each, and then `FT <place> <feature> <feature> …` for what each reaches.
 */
export function readMerge(record: string): Input[] {
  const [count, , ...lines] = record.split("\n");
  const files = lines.slice(0, Number(count));
  return lines.flatMap((line) => {
    const [kind, place, ...features] = line.trim().split(" ");
    const file = files[Number(place)];
    return kind === "FT" && file !== undefined ? [{ file, features: features.map(Number) }] : [];
  });
}

/** At most `max` inputs that together reach the most that `kept` does not: at each step, the one that adds the most. */
export function mostReaching(candidates: Input[], kept: Input[], max: number): Input[] {
  const reached = new Set(kept.flatMap(({ features }) => features));
  const chosen: Input[] = [];
  while (chosen.length < max) {
    const added = ({ features }: Input) => features.filter((one) => !reached.has(one)).length;
    const best = candidates.toSorted((a, b) => added(b) - added(a))[0];
    if (!best || added(best) === 0) break;
    chosen.push(best);
    for (const feature of best.features) reached.add(feature);
  }
  return chosen;
}
