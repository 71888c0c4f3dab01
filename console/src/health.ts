/** Whether the server is there and configured, asked again and again as long as somebody looks. */

import { SERVER } from "./base.ts";

export interface Health {
  /** `ok` and `misconfigured` are the server's words. */
  readonly status: "ok" | "misconfigured" | "no answer" | "no health";
  readonly version: string;
  readonly problems: readonly { readonly setting: string; readonly problem: string }[];
}

const PATIENCE_MS = 5_000;
const INTERVAL_MS = 10_000;
/** Whoever restarts a server waits for this. */
const INTERVAL_WHILE_AWAY_MS = 2_000;

let show: (health: Health) => void = () => {};
let timer: ReturnType<typeof setTimeout> | undefined;
let underWay: Promise<Health> | undefined;

/** Looks now, and again on an interval, when the page is looked at again, and when the network changes. */
export function watchHealth(onHealth: (health: Health) => void): void {
  show = onHealth;
  for (const event of ["online", "offline"]) addEventListener(event, () => void look());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void look();
    else clearTimeout(timer);
  });
  void look();
}

/** Looks now: after each failure somebody asks. Questions at the same time are one. */
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
