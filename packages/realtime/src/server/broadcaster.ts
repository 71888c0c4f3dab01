/** Broadcasts that never get in the caller's way. */

import { longestDelivery } from "./deliver.ts";
import { deliverTo, type EventDelivery } from "./deliver-to-many.ts";
import { BroadcastError } from "./error.ts";
import { type OnError, tellFailures } from "./failures.ts";
import { Lanes } from "./lanes.ts";
import { mayAnswer } from "./platform.ts";
import { type BroadcastReply, missed, type ProjectResult } from "./results.ts";
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
  /**
   * Called for each broadcast that failed for good; of one to many projects, once for each reason. It
   * can be async. Default: `console.error`.
   */
  onError?: OnError | undefined;
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
  /**
   * Sends the same event to many projects, waits for the answers, and returns the result of each, in
   * order. A project for which it has failed for good has an `error` instead of an answer, and does
   * not affect the others.
   */
  publishToProjects<T extends Named<EventsOf<E>>>(
    projectIds: readonly string[],
    type: Declared<EventsOf<E>, T>,
    payload: PayloadOf<T, EventsOf<E>>,
    ...excluded: Excluded
  ): Promise<ProjectResult[]>;
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
/** The server reaches at most this many projects in one request. */
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

  /** Rejects with a `BroadcastError` if it can't be sent at all. */
  async function publish(event: Event): Promise<ProjectResult[]> {
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
        : deliverTo(event.projectIds, delivery);
    });
  }

  /** The same, without rejecting. */
  function results(event: Event): Promise<ProjectResult[]> {
    return publish(event).catch((error) => missed(event.projectIds, error));
  }

  async function broadcast(event: Event): Promise<void> {
    const work = results(event).then((results) =>
      tellFailures(results, event.type, options.onError),
    );
    await mayAnswer(work, options.waitUntil, timeoutMs);
  }

  const all: Broadcaster<AnyEvents> = {
    broadcastToProject: (projectId, type, payload, ...excluded) =>
      broadcast({ projectIds: [projectId], type, payload, excluded }),
    async broadcastToProjects(projectIds, type, payload, ...excluded) {
      const sent = inParts(projectIds, PROJECTS_MAX).map((projectIds) =>
        broadcast({ projectIds, type, payload, excluded }),
      );
      await Promise.all(sent);
    },
    async broadcastToUsers(projectId, userIds, type, payload, ...excluded) {
      const projectIds = [projectId];
      const sent = inParts(userIds, USERS_MAX).map((userIds) =>
        broadcast({ projectIds, type, payload, excluded, userIds }),
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
    async publishToProject(projectId, type, payload, ...excluded) {
      const [result] = await publish({ projectIds: [projectId], type, payload, excluded });
      const { projectId: _, ...reply } = result as ProjectResult;
      if (!reply.success) throw reply.error;
      return reply;
    },
    async publishToProjects(projectIds, type, payload, ...excluded) {
      const published = inParts(projectIds, PROJECTS_MAX).map((projectIds) =>
        results({ projectIds, type, payload, excluded }),
      );
      return (await Promise.all(published)).flat();
    },
    flush: () => lanes.empty(),
  };
  // The map of events exists only for the compiler.
  return all as unknown as Broadcaster<E>;
}

/** Each id once, in parts of at most this many. */
function inParts(ids: readonly string[], most: number): string[][] {
  const each = [...new Set(ids)];
  const parts: string[][] = [];
  while (each.length > 0) parts.push(each.splice(0, most));
  return parts;
}

function makeDelivery(options: BroadcasterOptions, event: Event): EventDelivery {
  const { url, secret, timeoutMs = TIMEOUT_MS, retries = RETRIES } = options;
  const { projectIds, type: eventType, payload, excluded, userIds } = event;
  const [only, ...others] = projectIds;
  const toOne = only !== undefined && others.length === 0;
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
      body: JSON.stringify({ eventType, payload, userIds, ...exclusion(excluded) }),
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
