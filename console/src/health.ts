/** Whether the server is configured, as it says itself. */

import { h } from "./dom.ts";

interface Health {
  status: string;
  version: string;
  problems: { setting: string; problem: string }[];
}

export async function showHealth(place: HTMLElement, problems: HTMLElement): Promise<void> {
  const health = await ask();
  const status = health.status === "ok" ? "healthy" : health.status;
  place.textContent = [status, health.version].filter(Boolean).join(" · ");
  place.dataset.status = health.status;
  problems.replaceChildren(
    ...health.problems.map(({ setting, problem }) =>
      h("li", {}, h("code", {}, setting), ` ${problem}`),
    ),
  );
  problems.hidden = health.problems.length === 0;
}

async function ask(): Promise<Health> {
  try {
    const response = await fetch("/health");
    return (await response.json()) as Health;
  } catch {
    return { status: "no answer", version: "", problems: [] };
  }
}
