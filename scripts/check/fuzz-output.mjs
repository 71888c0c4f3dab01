/** Reads what libFuzzer prints. */

/**
 * @typedef {object} Progress
 * @property {number} executions
 * @property {number} perSecond
 * @property {number} coverage edges of the program reached
 */

/**
 * How far a run came, by its last line of progress, such as
 * `#1115991 DONE   cov: 2554 ft: 8804 corp: 1943/908Kb lim: 4096 exec/s: 18294 rss: 32Mb`.
 * @param {string} output
 * @returns {Progress | undefined}
 */
export function progress(output) {
  const lines = [...output.matchAll(/^#(\d+)\s.* cov: (\d+) .*exec\/s: (\d+) /gm)];
  const [, executions, coverage, perSecond] = lines.at(-1) ?? [];
  if (executions === undefined) return undefined;
  return {
    executions: Number(executions),
    perSecond: Number(perSecond),
    coverage: Number(coverage),
  };
}

/**
 * What a target printed when it failed, without the stack.
 * @param {string} output
 */
export function panic(output) {
  const end = /\n(?:stack backtrace:|note: run with|==\d+==)/;
  const start = output.search(/^thread .* panicked at/m);
  return start < 0 ? undefined : output.slice(start).split(end)[0]?.trim();
}

/**
 * The file in which libFuzzer saved the input of a failure. It also saves inputs that are only slow; those do not count.
 * @param {string} output
 */
export function artifact(output) {
  return /Test unit written to (.*\/(?:crash|timeout|oom)-\w+)$/m.exec(output)?.[1];
}
