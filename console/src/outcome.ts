/** What came of a broadcast, for the eye. */

import { ERROR_CODES, type ErrorCode } from "../../packages/realtime/src/codes.ts";
import { type Answer, answerIn, type Outcome } from "./broadcast.ts";
import { h } from "./dom.ts";

export function showOutcome(place: HTMLElement, outcome: Outcome): void {
  const answer = answerIn(outcome.text);
  const isGood = outcome.status === 200;
  const status = h(
    "b",
    { class: "status" },
    outcome.status === 0 ? "no answer" : `${outcome.status}`,
  );
  const time = h("span", { class: "hint" }, `${outcome.milliseconds} ms`);
  place.dataset.tone = isGood ? "good" : "bad";
  place.replaceChildren(
    h("p", { class: "bar" }, status, isGood ? "taken" : (answer.code ?? ""), time),
    isGood ? counts(answer) : h("p", {}, reasonOf(answer)),
  );
}

/** A list of events has these numbers for each of them. */
function counts(answer: Answer): HTMLElement {
  const events = answer.events ?? [answer];
  const sum = (values: (number | undefined)[]) =>
    values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const numbers = events.flatMap(({ seq }) => (seq === undefined ? [] : [`#${seq}`]));
  const facts = {
    Recipients: String(sum(events.map(({ recipients }) => recipients))),
    Excluded: String(sum(events.map(({ excluded }) => excluded))),
    Seq: numbers.length === 0 ? "not kept" : numbers.join(", "),
    ...(answer.duplicate ? { Duplicate: "yes, sent to nobody" } : {}),
  };
  const pairs = Object.entries(facts).map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, value)),
  );
  return h("dl", {}, ...pairs);
}

function reasonOf({ code, error }: Answer): string {
  return error ?? ERROR_CODES[code as ErrorCode]?.message ?? "";
}
