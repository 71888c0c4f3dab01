/** One round of an attack: attempts at a limited pace, and their outcomes. */

import { setTimeout as pause } from "node:timers/promises";
import type { Attack, Form } from "./attack.ts";

export interface RoundReport {
  attempts: number;
  /** From the first attempt to the end of the last. */
  seconds: number;
  /** How often each outcome occurred. */
  outcomes: Record<string, number>;
  /** What went wrong, in words. */
  unexpected: string[];
}

/** For how long attempts are started, in an attack without a fixed number. */
const ROUND_MS = 1_100;
/** How far behind its pace an attack may catch up; anything beyond that is skipped. */
const HURRY_MS = 10;

/** `forms`: whose turn it is, endlessly. */
export async function attackOnce(attack: Attack, forms: Iterator<Form>): Promise<RoundReport> {
  const start = performance.now();
  const { amount = Number.POSITIVE_INFINITY } = attack;
  const end = amount === Number.POSITIVE_INFINITY ? start + ROUND_MS : Number.POSITIVE_INFINITY;
  const report: RoundReport = { attempts: 0, seconds: 0, outcomes: {}, unexpected: [] };
  const isOver = () => report.attempts >= amount || performance.now() >= end;
  await paced(attack, isOver, () => {
    report.attempts += 1;
    return tried(forms.next().value, report);
  });
  report.seconds = (performance.now() - start) / 1_000;
  return report;
}

/** The forms of an attack in turn, over and over. */
export function* inTurn({ forms }: Attack): Generator<Form, never> {
  for (;;) yield* forms;
}

/** Starts one attempt after another, no faster and no more at once than the attack allows. */
async function paced(
  { perSecond, atOnce }: Attack,
  isOver: () => boolean,
  begin: () => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let next = performance.now();
  while (!isOver()) {
    const begun: Promise<void> = begin().finally(() => underWay.delete(begun));
    underWay.add(begun);
    next = Math.max(next + 1_000 / perSecond, performance.now() - HURRY_MS);
    await pause(Math.max(next - performance.now(), 0));
    while (underWay.size >= atOnce) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

async function tried({ name, expected, attempt }: Form, report: RoundReport): Promise<void> {
  const outcome = await attempt().catch((error) => `failed: ${error}`);
  report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
  if (![expected].flat().includes(outcome))
    report.unexpected.push(`${name}: ${outcome}, not ${[expected].flat().join(" or ")}`);
}
