/** One round of an attack: attempts at a bounded pace, and what came of each. */

import { setTimeout as pause } from "node:timers/promises";
import type { Attack, Form } from "./attack.ts";

export interface RoundReport {
  attempts: number;
  /** From the first attempt to the end of the last. */
  seconds: number;
  /** How often each outcome came. */
  outcomes: Record<string, number>;
  /** What should not have been, in words. */
  unexpected: string[];
}

/** How long attempts are begun, in an attack that has no amount. */
const ROUND_MS = 1_100;
/** So far behind its pace an attack may hurry; what is more is let go. */
const HURRY_MS = 10;

/** `forms`: whose turn it is, without an end. */
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

/** The forms of an attack in turn, round after round. */
export function* inTurn({ forms }: Attack): Generator<Form, never> {
  for (;;) yield* forms;
}

/** Begins one attempt after the other, no faster and no more at once than the attack may. */
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
