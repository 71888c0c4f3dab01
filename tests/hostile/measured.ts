/** The result of a measurement: the outcome of an attack, and its effect on the victim. */

import type { AttackName } from "./attacks.ts";
import type { RoundReport } from "./round.ts";

/** Latencies in milliseconds, one per round. */
export type Rounds = number[][];

export interface Fared {
  samples: number;
  p50: number;
  p99: number;
}

export interface Measured {
  name: AttackName;
  attempts: number;
  perSecond: number;
  outcomes: Record<string, number>;
  unexpected: string[];
  quiet: Fared;
  attacked: Fared;
  /** The ratio of the p99 under attack to the quiet one. */
  ratio: number;
  /** Results of earlier measurements, if this one is a repetition. */
  before: number[];
}

export function judged(
  name: AttackName,
  reports: RoundReport[],
  quiet: Rounds,
  attacked: Rounds,
): Measured {
  const [inQuiet, underAttack] = [fared(quiet), fared(attacked)];
  const attempts = sum(reports.map((report) => report.attempts));
  return {
    name,
    attempts,
    perSecond: attempts / sum(reports.map((report) => report.seconds)),
    outcomes: total(reports.map((report) => report.outcomes)),
    unexpected: reports.flatMap((report) => report.unexpected),
    quiet: inQuiet,
    attacked: underAttack,
    ratio: underAttack.p99 / inQuiet.p99,
    before: [],
  };
}

/** The median of the rounds, so that a stall of the machine in one of them does not count, on either side. */
function fared(rounds: Rounds): Fared {
  const ofRounds = (share: number) => median(rounds.map((round) => quantile(round, share)));
  return { samples: rounds.flat().length, p50: ofRounds(0.5), p99: ofRounds(0.99) };
}

function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = Number.NaN, high = low] = [
    sorted[(sorted.length - 1) >> 1],
    sorted[sorted.length >> 1],
  ];
  return (low + high) / 2;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function total(counts: Record<string, number>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const [outcome, count] of counts.flatMap(Object.entries))
    all[outcome] = (all[outcome] ?? 0) + count;
  return all;
}
