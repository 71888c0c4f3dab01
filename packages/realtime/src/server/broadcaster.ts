/** Broadcasts that never get in the caller's way. */

import { deliver, longestDelivery } from "./deliver.ts";
import { BroadcastError } from "./error.ts";
import { Lanes } from "./lanes.ts";
import { mayAnswer } from "./platform.ts";
import { type BroadcastEncryption, problemIn, SealedBroadcast } from "./sealing.ts";
import { problemOf, type ServerAccess, serverOf } from "./server-access.ts";
import type {
  AnyEvents,
  DataArguments,
  DataOf,
  Declared,
  EventsOf,
  Excluded,
  Named,
  PayloadOf,
} from "./typing.ts";

/** How to reach the server, and what to do when it can't be reached. */
export interface BroadcasterOptions extends ServerAccess {
  /** How long an attempt can take, in milliseconds. Default: 2,000. */
  timeoutMs?: number | undefined;
  /** How many times a failed broadcast is retried. Default: 3. */
  retries?: number | undefined;
  /**
   * How many broadcasts can be waiting or in progress. Any more are dropped and reported to
   * `onError`. Default: 1,000.
   */
  maxPending?: number | undefined;
  /**
   * Keeps a serverless function running after its answer: `(work) => ctx.waitUntil(work)`, in Hono
   * `(work) => c.executionCtx.waitUntil(work)`. On Next.js, Vercel and Netlify it is found without
   * this option. Where there is none, as on AWS Lambda, `broadcast…` waits until the event is sent.
   */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /**
   * Encrypts events from end to end, for the projects that have a key. Nothing of what they say reaches the
   * server then.
   */
  encryption?: BroadcastEncryption | undefined;
  /** Called for each broadcast that failed for good. It can be async. Default: `console.error`. */
  onError?: ((error: BroadcastError, broadcast: FailedBroadcast) => unknown) | undefined;
}

/** Which broadcast failed. */
export interface FailedBroadcast {
  projectIds: readonly string[];
  type: string;
}

/** The server's answer to one event for one project. */
export interface BroadcastReply {
  success: true;
  message: string;
  /** How many sockets have been sent the event, or will be. */
  recipients: number;
  /** How many were left out by the exclusion. */
  excluded: number;
  /** Set if a part of a large room had not said in time whom it reached: then both counts are too low. */
  partial?: true;
  /** The event's number in the room's history. Absent if no history is kept. */
  seq?: number;
  /** Set if the server had already accepted an earlier attempt whose answer was lost. */
  duplicate?: true;
}

/**
 * Sends events to the users of projects.
 *
 * The promises of `broadcast…` resolve at once and never reject, so a realtime server that is slow
 * or down neither delays nor breaks an API that awaits them. They wait only where the platform would
 * freeze the process before the event is sent, and then for at most `timeoutMs`. The events of one
 * project are sent one after another, in the order of the calls.
 *
 * You can send the events of `RealtimeEventMap`, to which an app adds its own, and also those of
 * `E`, another map of your own. With `AnyEvents` you can send any event.
 */
export interface Broadcaster<E = unknown> {
  /**
   * Sends an event to everybody in a project except `excludeUserId`, usually whoever made the change.
   * With `excludeConnectionId` too, the user's other windows get it.
   */
  broadcastToProject<T extends Named<EventsOf<E>>>(
    projectId: string,
    type: Declared<EventsOf<E>, T>,
    payload: PayloadOf<T, EventsOf<E>>,
    ...excluded: Excluded
  ): Promise<void>;
  /** Sends the same event to many projects. */
  broadcastToProjects<T extends Named<EventsOf<E>>>(
    projectIds: readonly string[],
    type: Declared<EventsOf<E>, T>,
    payload: PayloadOf<T, EventsOf<E>>,
    ...excluded: Excluded
  ): Promise<void>;
  /**
   * Sends an event to these users of a project only, on all their devices: for example to one user, for
   * that user's other windows. Nothing is sent to nobody.
   */
  broadcastToUsers<T extends Named<EventsOf<E>>>(
    projectId: string,
    userIds: readonly string[],
    type: Declared<EventsOf<E>, T>,
    payload: PayloadOf<T, EventsOf<E>>,
    ...excluded: Excluded
  ): Promise<void>;
  /** Sends an event about a task. Adds `taskId` and `projectId` to `data`. */
  broadcastTaskEvent<T extends Named<EventsOf<E>>>(
    projectId: string,
    taskId: string,
    type: Declared<EventsOf<E>, T>,
    ...rest: DataArguments<DataOf<T, "taskId" | "projectId", EventsOf<E>>>
  ): Promise<void>;
  /** Sends an event about a project or its members. Adds `projectId` to `data`. */
  broadcastProjectEvent<T extends Named<EventsOf<E>>>(
    projectId: string,
    type: Declared<EventsOf<E>, T>,
    ...rest: DataArguments<DataOf<T, "projectId", EventsOf<E>>>
  ): Promise<void>;
  /**
   * Sends an event and waits for the answer.
   *
   * @throws BroadcastError when it has failed for good: after the last retry, or at once if retrying
   * would not help.
   */
  publishToProject<T extends Named<EventsOf<E>>>(
    projectId: string,
    type: Declared<EventsOf<E>, T>,
    payload: PayloadOf<T, EventsOf<E>>,
    ...excluded: Excluded
  ): Promise<BroadcastReply>;
  /** Resolves when all broadcasts have been answered or have failed. Await it before a process ends. */
  flush(): Promise<void>;
}

const TIMEOUT_MS = 2_000;
const RETRIES = 3;
const MAX_PENDING = 1_000;
/** More than these would slow one another down until they all time out. */
const AT_ONCE = 32;
/** An event that could not be sent within this time is dropped. */
const USEFUL_MS = 30_000;
/** The server accepts at most this many projects in one request. */
const PROJECTS_MAX = 100;
/** The server accepts at most this many users to send one event to. */
const USERS_MAX = 1_000;
/** Clients make such ids. The server also takes other characters, of which there are 128 bytes at most. */
const CONNECTION_ID = /^[!-~]{1,128}$/;

interface Event {
  projectIds: readonly string[];
  type: string;
  payload: unknown;
  excluded: Excluded;
  /** Only these get it. */
  userIds?: readonly string[];
}

/** Makes a broadcaster for one server. */
export function createBroadcaster<E = unknown>(options: BroadcasterOptions): Broadcaster<E> {
  const { maxPending = MAX_PENDING, timeoutMs = TIMEOUT_MS, retries = RETRIES } = options;
  const longest = longestDelivery({ timeoutMs, retries });
  const lanes = new Lanes({
    // No attempt starts once an event is too old to be useful.
    patienceMs: Math.min(longest, USEFUL_MS + timeoutMs),
    usefulMs: USEFUL_MS,
    width: AT_ONCE,
  });

  /** Rejects with a `BroadcastError`, whatever goes wrong; never throws. */
  async function publish(event: Event): Promise<unknown> {
    const { encryption } = options;
    const problem = problemOf(options) ?? (encryption && problemIn(encryption));
    if (problem) throw new BroadcastError("not_set_up", problem);
    if (lanes.size >= maxPending)
      throw new BroadcastError("queue_full", `${lanes.size} broadcasts are already waiting`);
    // Now, so that later changes to the caller's payload have no effect.
    const delivery = makeDelivery(options, event);
    return lanes.run(event.projectIds, async () => {
      if (Date.now() > delivery.deadline)
        throw new BroadcastError("too_late", `Waited ${USEFUL_MS} ms behind others`);
      return encryption
        ? new SealedBroadcast(delivery, encryption).send(event.projectIds)
        : deliver(delivery);
    });
  }

  async function broadcast(event: Event): Promise<void> {
    const work = publish(event).catch((error) => tell(options, error, event));
    await mayAnswer(work, options.waitUntil, timeoutMs);
  }

  const all: Broadcaster<AnyEvents> = {
    broadcastToProject: (projectId, type, payload, ...excluded) =>
      broadcast({ projectIds: [projectId], type, payload, excluded }),
    async broadcastToProjects(projectIds, type, payload, ...excluded) {
      const each = [...new Set(projectIds)];
      const sent: Promise<void>[] = [];
      while (each.length > 0)
        sent.push(broadcast({ projectIds: each.splice(0, PROJECTS_MAX), type, payload, excluded }));
      await Promise.all(sent);
    },
    async broadcastToUsers(projectId, userIds, type, payload, ...excluded) {
      const each = [...new Set(userIds)];
      const projectIds = [projectId];
      const sent: Promise<void>[] = [];
      while (each.length > 0)
        sent.push(
          broadcast({ projectIds, type, payload, excluded, userIds: each.splice(0, USERS_MAX) }),
        );
      await Promise.all(sent);
    },
    broadcastTaskEvent: (projectId, taskId, type, ...[data, ...excluded]) =>
      broadcast({
        projectIds: [projectId],
        type,
        payload: { ...data, taskId, projectId },
        excluded,
      }),
    broadcastProjectEvent: (projectId, type, ...[data, ...excluded]) =>
      broadcast({ projectIds: [projectId], type, payload: { ...data, projectId }, excluded }),
    publishToProject: (projectId, type, payload, ...excluded) =>
      publish({ projectIds: [projectId], type, payload, excluded }) as Promise<BroadcastReply>,
    flush: () => lanes.empty(),
  };
  // The map of events exists only for the compiler.
  return all as unknown as Broadcaster<E>;
}

function makeDelivery(options: BroadcasterOptions, event: Event) {
  const { url, secret, timeoutMs = TIMEOUT_MS, retries = RETRIES } = options;
  const { projectIds, type: eventType, payload, excluded, userIds } = event;
  const [only, ...others] = projectIds;
  const toOne = only !== undefined && others.length === 0;
  const common = { eventType, payload, userIds, ...exclusion(excluded) };
  try {
    return {
      server: serverOf(url),
      path: toOne ? `/parties/main/${encodeURIComponent(only)}` : "/parties/main",
      secret: secret.trim(),
      method: "POST" as const,
      // Lets the server tell a retry from a new event.
      headers: {
        "Content-Type": "application/json",
        "Idempotency-Key": crypto.randomUUID(),
      },
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

/**
 * A connection's id comes from a client: one that the server does not take must not make the event
 * fail. Nobody is left out then, because the user's other windows must not miss it.
 */
function exclusion([excludeUserId, excludeConnectionId]: Excluded) {
  if (!excludeConnectionId) return { excludeUserId: excludeUserId || undefined };
  if (!CONNECTION_ID.test(excludeConnectionId)) return {};
  return { excludeUserId: excludeUserId || undefined, excludeConnectionId };
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
