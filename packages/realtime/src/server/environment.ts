/** Broadcasts that are configured by the environment: REALTIME_URL and BROADCAST_SECRET. */

import { type Broadcaster, type BroadcasterOptions, createBroadcaster } from "./broadcaster.ts";
import { createDocuments, type Documents } from "./documents.ts";
import { environment, stopsAfterAnswer } from "./platform.ts";
import { createRooms, type Rooms } from "./rooms.ts";
import { sayOnce } from "./say-once.ts";

/** Where `npm run dev` of the server listens. */
const IN_DEVELOPMENT = "http://localhost:1999";

let chosen: Partial<BroadcasterOptions> = {};
let current: { by: string; broadcaster: Broadcaster } | undefined;
/** What earlier broadcasters still have to send. */
const leaving = new Set<Promise<void>>();

/**
 * Sets the options of this module's functions. Where there is no `process.env`, set `url` and
 * `secret` too. Broadcasts already in progress keep their options.
 */
export function configureBroadcasts(options: Partial<BroadcasterOptions>): void {
  chosen = options;
  if (current) retire(current.broadcaster);
  current = undefined;
}

/** {@link Broadcaster.broadcastToProject}, configured by the environment. */
export const broadcastToProject: Broadcaster["broadcastToProject"] = (...args) =>
  fromEnvironment().broadcastToProject(...args);

/** {@link Broadcaster.broadcastToProjects}, configured by the environment. */
export const broadcastToProjects: Broadcaster["broadcastToProjects"] = (...args) =>
  fromEnvironment().broadcastToProjects(...args);

/** {@link Broadcaster.broadcastToUsers}, configured by the environment. */
export const broadcastToUsers: Broadcaster["broadcastToUsers"] = (...args) =>
  fromEnvironment().broadcastToUsers(...args);

/** {@link Broadcaster.broadcastTaskEvent}, configured by the environment. */
export const broadcastTaskEvent: Broadcaster["broadcastTaskEvent"] = (...args) =>
  fromEnvironment().broadcastTaskEvent(...args);

/** {@link Broadcaster.broadcastProjectEvent}, configured by the environment. */
export const broadcastProjectEvent: Broadcaster["broadcastProjectEvent"] = (...args) =>
  fromEnvironment().broadcastProjectEvent(...args);

/** {@link Broadcaster.publishToProject}, configured by the environment. */
export const publishToProject: Broadcaster["publishToProject"] = (...args) =>
  fromEnvironment().publishToProject(...args);

/** {@link Broadcaster.publishToProjects}, configured by the environment. */
export const publishToProjects: Broadcaster["publishToProjects"] = (...args) =>
  fromEnvironment().publishToProjects(...args);

/** {@link Broadcaster.flush} for everything that this module's functions have broadcast. */
export async function flush(): Promise<void> {
  await Promise.all([...leaving, current?.broadcaster.flush()]);
}

/** {@link Documents.readDocument}, configured by the environment. */
export const readDocument = ((...args: Parameters<Documents["readDocument"]>) =>
  documents().readDocument(...args)) as Documents["readDocument"];

/** {@link Documents.seedDocument}, configured by the environment. */
export const seedDocument: Documents["seedDocument"] = (...args) =>
  documents().seedDocument(...args);

/** {@link Documents.deleteDocument}, configured by the environment. */
export const deleteDocument: Documents["deleteDocument"] = (...args) =>
  documents().deleteDocument(...args);

/** {@link Rooms.removeUser}, configured by the environment. */
export const removeUser: Rooms["removeUser"] = (...args) => rooms().removeUser(...args);

/** {@link Rooms.raiseKeyEpoch}, configured by the environment. */
export const raiseKeyEpoch: Rooms["raiseKeyEpoch"] = (...args) => rooms().raiseKeyEpoch(...args);

function documents(): Documents {
  return createDocuments({ ...chosen, ...settings() });
}

function rooms(): Rooms {
  return createRooms({ ...chosen, ...settings() });
}

/**
 * This module's functions for another map of events. `broadcasterFromEnvironment<AnyEvents>()` can
 * send undeclared events, `broadcasterFromEnvironment<MyEvents>()` also those of `MyEvents`.
 */
export function broadcasterFromEnvironment<E = unknown>(): Broadcaster<E> {
  const all: Broadcaster = {
    broadcastToProject,
    broadcastToProjects,
    broadcastToUsers,
    broadcastTaskEvent,
    broadcastProjectEvent,
    publishToProject,
    publishToProjects,
    flush,
  };
  return all as unknown as Broadcaster<E>;
}

/** Reads the environment on each call: some runtimes fill it late, and tests change it. */
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
  return {
    url: chosen.url ?? urlOf(environment()),
    secret: chosen.secret ?? environment().BROADCAST_SECRET ?? "",
  };
}

/** `PARTYKIT_URL` is the old name, from when the server was PartyKit. */
function urlOf({ REALTIME_URL, PARTYKIT_URL, NODE_ENV }: ReturnType<typeof environment>): string {
  if (REALTIME_URL && PARTYKIT_URL && trimmed(REALTIME_URL) !== trimmed(PARTYKIT_URL))
    sayOnce("REALTIME_URL and PARTYKIT_URL differ: broadcasts go to REALTIME_URL.");
  const url = REALTIME_URL || PARTYKIT_URL;
  if (url || NODE_ENV === "production" || stopsAfterAnswer()) return url ?? "";
  sayOnce(`REALTIME_URL is not set: broadcasts go to ${IN_DEVELOPMENT}, as in development.`);
  return IN_DEVELOPMENT;
}

function trimmed(url: string): string {
  return url.trim().replace(/\/+$/, "");
}
