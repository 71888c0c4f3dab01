/** Broadcasts that never get in the way of who makes them. */

import { deliver, type Fetch, longestDelivery } from "./deliver.ts";
import { BroadcastError } from "./error.ts";
import { Lanes } from "./lanes.ts";
import { mayAnswer } from "./platform.ts";
import type {
  AnyEvents,
  DataArguments,
  DataOf,
  Declared,
  EventsOf,
  ExcludedUser,
  Named,
  PayloadOf,
} from "./typing.ts";

/** How to reach the server, and what to do when it can't be reached. */
export interface BroadcasterOptions {
  /**
   * Where the server is, with its scheme, such as `https://realtime.example.com`. It may have a path.
   * Redirections are not followed: the secret would go with them.
   */
  url: string;
  /** The server's `BROADCAST_SECRET`. */
  secret: string;
  /** How long an attempt may take, in milliseconds. Default: 2,000. */
  timeoutMs?: number | undefined;
  /** How often a broadcast is tried again after it failed. Default: 3. */
  retries?: number | undefined;
  /** How many broadcasts may wait or be under way. More are dropped, and told to `onError`. Default: 1,000. */
  maxPending?: number | undefined;
  /**
   * Lets a serverless function go on after its answer: `(work) => ctx.waitUntil(work)`, in Hono
   * `(work) => c.executionCtx.waitUntil(work)`. Next.js, Vercel and Netlify are asked without it.
   * Where nobody can be asked, on AWS Lambda for example, `broadcast…` waits until the event is sent.
   */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /**
   * Sends the requests in place of the runtime's own `fetch`. A Cloudflare Worker that is in the
   * account of the server needs it: `(url, init) => env.REALTIME.fetch(url, init)`.
   */
  fetch?: Fetch | undefined;
  /** Hears of each broadcast that failed for good. It may be async. Default: `console.error`. */
  onError?: ((error: BroadcastError, broadcast: FailedBroadcast) => unknown) | undefined;
}

/** Which broadcast failed. */
export interface FailedBroadcast {
  projectIds: readonly string[];
  type: string;
}

/** What the server answers to one event for one project. */
export interface BroadcastReply {
  success: true;
  message: string;
  /** How many sockets were handed the event, or will be. */
  recipients: number;
  /** How many would have been, but for the exclusion. */
  excluded: number;
  /** The number of the event in the room's history. Absent where no history is kept. */
  seq?: number;
  /** Whether an earlier attempt had been taken already, of which the answer was lost. */
  duplicate?: true;
}

/**
 * Sends events to the users of projects.
 *
 * The promises of `broadcast…` resolve at once and never reject: an API that awaits them is neither
 * delayed nor broken by a realtime server that is slow or away. Only where the platform would freeze
 * the process before the event is sent do they wait for it, for `timeoutMs` at most. Events of one
 * project are sent one after the other, in the order of the calls.
 *
 * The events of `RealtimeEventMap` may be sent, to which an app adds its own, and those of `E` beside
 * them, another map of the app's. With `AnyEvents` it is whatever there is.
 */
export interface Broadcaster<E = unknown> {
  /** Sends an event to everybody in a project, but to `excludeUserId`: usually who made the change. */
  broadcastToProject<T extends Named<EventsOf<E>>>(
    projectId: string,
    type: Declared<EventsOf<E>, T>,
    payload: PayloadOf<T, EventsOf<E>>,
    excludeUserId?: ExcludedUser,
  ): Promise<void>;
  /** The same for many projects. */
  broadcastToProjects<T extends Named<EventsOf<E>>>(
    projectIds: readonly string[],
    type: Declared<EventsOf<E>, T>,
    payload: PayloadOf<T, EventsOf<E>>,
    excludeUserId?: ExcludedUser,
  ): Promise<void>;
  /** Tells of a task. `taskId` and `projectId` are added to `data`. */
  broadcastTaskEvent<T extends Named<EventsOf<E>>>(
    projectId: string,
    taskId: string,
    type: Declared<EventsOf<E>, T>,
    ...rest: DataArguments<DataOf<T, "taskId" | "projectId", EventsOf<E>>>
  ): Promise<void>;
  /** Tells of a project or its members. `projectId` is added to `data`. */
  broadcastProjectEvent<T extends Named<EventsOf<E>>>(
    projectId: string,
    type: Declared<EventsOf<E>, T>,
    ...rest: DataArguments<DataOf<T, "projectId", EventsOf<E>>>
  ): Promise<void>;
  /**
   * Sends an event and waits for the answer.
   *
   * @throws BroadcastError when it failed for good: after the last retry, or at once when trying
   * again is no use.
   */
  publishToProject<T extends Named<EventsOf<E>>>(
    projectId: string,
    type: Declared<EventsOf<E>, T>,
    payload: PayloadOf<T, EventsOf<E>>,
    excludeUserId?: ExcludedUser,
  ): Promise<BroadcastReply>;
  /** Resolves when all broadcasts have been answered or have failed: before a process ends. */
  flush(): Promise<void>;
}

const TIMEOUT_MS = 2_000;
const RETRIES = 3;
const MAX_PENDING = 1_000;
/** More are held up by one another, and all are out of time. */
const AT_ONCE = 32;
/** An event that could not be sent for this long is dropped. */
const USEFUL_MS = 30_000;
/** The server takes one event to so many projects at once. */
const PROJECTS_MAX = 100;

interface Event {
  projectIds: readonly string[];
  type: string;
  payload: unknown;
  excludeUserId: ExcludedUser;
}

/** Makes a broadcaster for one server. */
export function createBroadcaster<E = unknown>(options: BroadcasterOptions): Broadcaster<E> {
  const { maxPending = MAX_PENDING, timeoutMs = TIMEOUT_MS, retries = RETRIES } = options;
  const longest = longestDelivery({ timeoutMs, retries });
  const lanes = new Lanes({
    // No attempt begins when an event is of no use any more.
    patienceMs: Math.min(longest, USEFUL_MS + timeoutMs),
    usefulMs: USEFUL_MS,
    width: AT_ONCE,
  });

  /** Rejects with a `BroadcastError`, whatever goes wrong; never throws. */
  async function publish(event: Event): Promise<unknown> {
    const problem = problemOf(options);
    if (problem) throw new BroadcastError("not_set_up", problem);
    if (lanes.size >= maxPending)
      throw new BroadcastError("queue_full", `${lanes.size} broadcasts are waiting already`);
    // Now, so that what the caller does to the payload later does not count.
    const delivery = makeDelivery(options, event);
    return lanes.run(event.projectIds, async () => {
      if (Date.now() > delivery.deadline)
        throw new BroadcastError("too_late", `Waited ${USEFUL_MS} ms behind others`);
      return deliver(delivery);
    });
  }

  async function broadcast(event: Event): Promise<void> {
    const work = publish(event).catch((error) => tell(options, error, event));
    await mayAnswer(work, options.waitUntil, timeoutMs);
  }

  const all: Broadcaster<AnyEvents> = {
    broadcastToProject: (projectId, type, payload, excludeUserId) =>
      broadcast({ projectIds: [projectId], type, payload, excludeUserId }),
    async broadcastToProjects(projectIds, type, payload, excludeUserId) {
      const each = [...new Set(projectIds)];
      const sent: Promise<void>[] = [];
      while (each.length > 0)
        sent.push(
          broadcast({ projectIds: each.splice(0, PROJECTS_MAX), type, payload, excludeUserId }),
        );
      await Promise.all(sent);
    },
    broadcastTaskEvent: (projectId, taskId, type, ...[data, excludeUserId]) =>
      broadcast({
        projectIds: [projectId],
        type,
        payload: { ...data, taskId, projectId },
        excludeUserId,
      }),
    broadcastProjectEvent: (projectId, type, ...[data, excludeUserId]) =>
      broadcast({ projectIds: [projectId], type, payload: { ...data, projectId }, excludeUserId }),
    publishToProject: (projectId, type, payload, excludeUserId) =>
      publish({ projectIds: [projectId], type, payload, excludeUserId }) as Promise<BroadcastReply>,
    flush: () => lanes.empty(),
  };
  // The map of events is the compiler's alone.
  return all as unknown as Broadcaster<E>;
}

/**
 * What is missing or wrong, if anything is. It names no value: an address may have a password in it,
 * and the runtimes' own errors tell the secret.
 */
function problemOf({ url, secret }: BroadcasterOptions): string | undefined {
  if (!url) return "REALTIME_URL is not set";
  if (!secret) return "BROADCAST_SECRET is not set";
  if (!/^[!-~]+$/.test(secret.trim()))
    return "BROADCAST_SECRET has a character in it that no secret of the server has";
  const { protocol, username, password, search, hash } = URL.canParse(url) ? new URL(url) : {};
  if (protocol !== "http:" && protocol !== "https:")
    return "REALTIME_URL is no address that begins with http:// or https://";
  if (username || password || search || hash)
    return "REALTIME_URL has more in it than a host and a path";
  return undefined;
}

function makeDelivery(options: BroadcasterOptions, event: Event) {
  const { url, secret, timeoutMs = TIMEOUT_MS, retries = RETRIES } = options;
  const { projectIds, type: eventType, payload, excludeUserId } = event;
  const [only, ...others] = projectIds;
  const toOne = only !== undefined && others.length === 0;
  const common = { eventType, payload, excludeUserId: excludeUserId || undefined };
  try {
    return {
      server: url.trim().replace(/\/+$/, ""),
      path: toOne ? `/parties/main/${encodeURIComponent(only)}` : "/parties/main",
      secret: secret.trim(),
      id: crypto.randomUUID(),
      body: JSON.stringify(toOne ? common : { projectIds, ...common }),
      timeoutMs,
      retries,
      fetch: options.fetch,
      deadline: Date.now() + USEFUL_MS,
    };
  } catch (cause) {
    const { message } = cause as Error;
    throw new BroadcastError("not_json", `The payload can't be sent: ${message}`, { cause });
  }
}

async function tell(
  { onError = logError }: BroadcasterOptions,
  error: BroadcastError,
  event: Event,
): Promise<void> {
  const { projectIds, type } = event;
  try {
    await onError(error, { projectIds, type });
  } catch (thrown) {
    console.error(thrown);
  }
}

function logError({ code, message }: BroadcastError, { projectIds, type }: FailedBroadcast): void {
  console.error(`Broadcast ${type} to ${projectIds.join(", ")} failed (${code}): ${message}`);
}
