/** Shows the outcome of a call. */

import { ERROR_CODES, type ErrorCode } from "../../packages/realtime/src/codes.ts";
import { type Answer, answerIn } from "./broadcast.ts";
import { h } from "./dom.ts";
import { codeLink, pageOf } from "./error-page.ts";
import type { Outcome } from "./server.ts";

/** Shows an outcome. If it is good, with the counts of a broadcast or with these words. */
export function showOutcome(place: HTMLElement, outcome: Outcome, words?: string): void {
  const answer = answerIn(outcome.text);
  const isGood = outcome.status === 200;
  const status = h(
    "b",
    { class: "status" },
    outcome.status === 0 ? "no answer" : `${outcome.status}`,
  );
  const { code = "", docs } = answer;
  const what = isGood ? "accepted" : codeLink(code, pageOf(code, docs));
  const time = h("span", { class: "hint" }, `${outcome.milliseconds} ms`);
  place.dataset.tone = isGood ? "good" : "bad";
  place.replaceChildren(
    h("p", { class: "bar" }, status, what, time),
    isGood ? goodPart(answer, words) : h("p", {}, reasonOf(answer)),
  );
}

function goodPart(answer: Answer, words: string | undefined): HTMLElement {
  return words === undefined ? counts(answer) : h("p", {}, words);
}

/** The numbers of a broadcast. A list of events has them for each event. */
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
  return factList(facts);
}

export function factList(facts: Readonly<Record<string, string>>): HTMLElement {
  const pairs = Object.entries(facts).map(([name, value]) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, value)),
  );
  return h("dl", { class: "facts" }, ...pairs);
}

function reasonOf({ code, error }: Answer): string {
  return error ?? ERROR_CODES[code as ErrorCode]?.message ?? "";
}
