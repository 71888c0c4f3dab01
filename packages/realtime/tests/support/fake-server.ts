/** An HTTP server that answers as a test tells it to, and keeps what it was asked. */

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, beforeEach } from "node:test";

export interface Asked {
  path: string;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  body: any;
}

/** An answer, or nothing: then the connection stays open and silent. */
export type Answer =
  | { status?: number; headers?: Record<string, string>; body: unknown }
  | undefined;

export const TAKEN = {
  success: true,
  message: "Broadcast sent",
  recipients: 1,
  excluded: 0,
  seq: 1,
};

/** What the server says when it takes an event, for one project or for many. */
export function taken({ body }: Asked): { body: unknown } {
  const { projectIds } = body as { projectIds?: string[] };
  return { body: projectIds ? { success: true, results: projectIds.map(took) } : TAKEN };
}

/** The result of a project that takes an event. */
export const took = (projectId: string) => ({ projectId, status: 200, ...TAKEN });

export interface FakeServer {
  url: string;
  asked: Asked[];
  /** Gives the answer to each request; `taken` unless a test sets another one. */
  answer: (asked: Asked) => Answer | Promise<Answer>;
  /** The types of the events that it was asked to send. */
  readonly types: string[];
  /** Answers nothing until the returned function is called. */
  holds(): () => void;
}

/** What the server says when it refuses. */
export const refused = (status: number, code: string, more = {}) => ({
  status,
  body: { success: false, code, error: "Words", ...more },
});

/** One server for a file, that each test finds as new. */
export async function fakeServer(): Promise<FakeServer> {
  const fake: FakeServer = {
    url: "",
    asked: [],
    answer: taken,
    get types() {
      return fake.asked.map(({ body }) => body.eventType);
    },
    holds() {
      const { promise, resolve } = Promise.withResolvers<void>();
      fake.answer = (asked) => promise.then(() => taken(asked));
      return resolve;
    },
  };
  beforeEach(() => {
    fake.asked = [];
    fake.answer = taken;
  });
  const server = createServer(async (request, response) => {
    const text = (await request.toArray()).join("");
    const { url: path = "", headers } = request;
    const asked = { path, headers, body: JSON.parse(text) };
    fake.asked.push(asked);
    const answer = await fake.answer(asked);
    if (!answer) return;
    const body = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status ?? 200, answer.headers).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}
