/** The state of the server at the top of the page, and below it what is wrong. */

import { h, setText } from "./dom.ts";
import type { Health } from "./health.ts";
import { unreachable } from "./no-answer.ts";

const WORDS: Record<Health["status"], string> = {
  ok: "healthy",
  misconfigured: "misconfigured",
  "no answer": "unreachable",
  "no health": "not this server",
};

export function showHealth(place: HTMLElement, list: HTMLElement, health: Health): void {
  const { status, version } = health;
  const word = status === "no answer" && !navigator.onLine ? "offline" : WORDS[status];
  setText(place, version === "" ? word : `${word} · ${version}`);
  place.dataset.status = status;
  const items = itemsOf(health);
  if (list.textContent !== items.map(({ textContent }) => textContent).join(""))
    list.replaceChildren(...items);
  list.hidden = items.length === 0;
  list.dataset.tone = status === "misconfigured" ? "warn" : "bad";
}

function itemsOf({ status, problems }: Health): HTMLElement[] {
  switch (status) {
    case "no answer":
      return [
        h(
          "li",
          {},
          navigator.onLine ? unreachable() : "This browser is offline.",
          " Checking again.",
        ),
      ];
    case "no health":
      return [
        h(
          "li",
          {},
          `${location.host} answers, but not like this server. Is there a proxy in between?`,
        ),
      ];
    default:
      return problems.map(({ setting, problem }) =>
        h("li", {}, h("code", {}, setting), ` ${problem}`),
      );
  }
}
