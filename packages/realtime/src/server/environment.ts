/** Broadcasts by what the environment says: PARTYKIT_URL and BROADCAST_SECRET. */

import { type Broadcaster, type BroadcasterOptions, createBroadcaster } from "./broadcaster.ts";

/** Where `npm run dev` of the server listens. */
const IN_DEVELOPMENT = "http://localhost:1999";

let chosen: Partial<BroadcasterOptions> = {};
let current: { by: string; broadcaster: Broadcaster } | undefined;
/** What those before it still have to send. */
const leaving = new Set<Promise<void>>();

/**
 * Changes how the functions of this module broadcast: other options than the defaults, or where
 * there is no `process.env`, the `url` and `secret` too. What was called before goes on as it was.
 */
export function configureBroadcasts(options: Partial<BroadcasterOptions>): void {
  chosen = options;
  replace(settings());
}

/** {@link Broadcaster.broadcastToProject} by the environment. */
export const broadcastToProject: Broadcaster["broadcastToProject"] = (...args) =>
  fromEnvironment().broadcastToProject(...args);

/** {@link Broadcaster.broadcastToProjects} by the environment. */
export const broadcastToProjects: Broadcaster["broadcastToProjects"] = (...args) =>
  fromEnvironment().broadcastToProjects(...args);

/** {@link Broadcaster.broadcastTaskEvent} by the environment. */
export const broadcastTaskEvent: Broadcaster["broadcastTaskEvent"] = (...args) =>
  fromEnvironment().broadcastTaskEvent(...args);

/** {@link Broadcaster.broadcastProjectEvent} by the environment. */
export const broadcastProjectEvent: Broadcaster["broadcastProjectEvent"] = (...args) =>
  fromEnvironment().broadcastProjectEvent(...args);

/** {@link Broadcaster.publishToProject} by the environment. */
export const publishToProject: Broadcaster["publishToProject"] = (...args) =>
  fromEnvironment().publishToProject(...args);

/** {@link Broadcaster.flush} of all that was broadcast by the environment. */
export async function flush(): Promise<void> {
  await Promise.all([...leaving, current?.broadcaster.flush()]);
}

/** Read at each call: some runtimes fill the environment late, and tests change it. */
function fromEnvironment(): Broadcaster {
  const now = settings();
  return current?.by === nameOf(now) ? current.broadcaster : replace(now);
}

interface Settings {
  url: string;
  secret: string;
}

function replace(settings: Settings): Broadcaster {
  if (current) retire(current.broadcaster);
  const broadcaster = createBroadcaster({ ...chosen, ...settings });
  current = { by: nameOf(settings), broadcaster };
  return broadcaster;
}

function retire(broadcaster: Broadcaster): void {
  const rest: Promise<void> = broadcaster.flush().then(() => {
    leaving.delete(rest);
  });
  leaving.add(rest);
}

function nameOf({ url, secret }: Settings): string {
  return `${url} ${secret}`;
}

function settings(): Settings {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const { PARTYKIT_URL, BROADCAST_SECRET, NODE_ENV } = process?.env ?? {};
  const fallback = NODE_ENV === "production" ? "" : IN_DEVELOPMENT;
  return {
    url: chosen.url ?? (PARTYKIT_URL || fallback),
    secret: chosen.secret ?? BROADCAST_SECRET ?? "",
  };
}
