/** Whether the server is there and configured, checked repeatedly while the page is visible. */

import { SERVER } from "./base.ts";

export interface Health {
  /** `ok` and `misconfigured` are the server's words. */
  readonly status: "ok" | "misconfigured" | "no answer" | "no health";
  readonly version: string;
  readonly problems: readonly { readonly setting: string; readonly problem: string }[];
}

const PATIENCE_MS = 5_000;
const INTERVAL_MS = 10_000;
/** Somebody who restarts a server is waiting for this. */
const INTERVAL_WHILE_AWAY_MS = 2_000;

let show: (health: Health) => void = () => {};
let timer: ReturnType<typeof setTimeout> | undefined;
let underWay: Promise<Health> | undefined;

/** Checks now, at intervals, when the page becomes visible again, and when the network changes. */
export function watchHealth(onHealth: (health: Health) => void): void {
  show = onHealth;
  for (const event of ["online", "offline"]) addEventListener(event, () => void look());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void look();
    else clearTimeout(timer);
  });
  void look();
}

/** Checks now, as after each failure. Simultaneous checks share one request. */
export function look(): Promise<Health> {
  clearTimeout(timer);
  underWay ??= ask().then((health) => {
    underWay = undefined;
    show(health);
    plan(health);
    return health;
  });
  return underWay;
}

function plan({ status }: Health): void {
  clearTimeout(timer);
  if (document.visibilityState !== "visible") return;
  timer = setTimeout(look, status === "ok" ? INTERVAL_MS : INTERVAL_WHILE_AWAY_MS);
}

async function ask(): Promise<Health> {
  const nothing = { version: "", problems: [] };
  let response: Response;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    response = await fetch(new URL("health", SERVER), {
      cache: "no-store",
      signal,
    });
  } catch {
    return { status: "no answer", ...nothing };
  }
  try {
    const { status, version, problems } = (await response.json()) as Health;
    return { status: status === "ok" ? "ok" : "misconfigured", version, problems: [...problems] };
  } catch {
    return { status: "no health", ...nothing };
  }
}
