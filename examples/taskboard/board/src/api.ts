/** Calls the API. */

import type { Config } from "../../shared/board.ts";

export type Api = ReturnType<typeof createApi>;

/** There was no answer: the network or the API is down, and may be back soon. */
export class Unreachable extends Error {
  constructor() {
    super("The API can't be reached.");
  }
}

/** The ids of this page's connections: to the room of everybody, and to that of the open project. */
const connections = { workspace: "", project: "" };

/** From now on the API does not tell this connection of what this page changes. */
export function setConnectionId(of: keyof typeof connections, id: string | undefined): void {
  connections[of] = id ?? "";
}

/** Calls the API as this user. */
export function createApi(userId: string) {
  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = {
      "X-User-Id": userId,
      "X-Connection-Id": path === "/projects" ? connections.workspace : connections.project,
      "Content-Type": "application/json",
      ...(method !== "GET" && { "Idempotency-Key": crypto.randomUUID() }),
    };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return call(`/api${path}`, init);
  }
  return {
    get: async <T>(path: string): Promise<T> => (await send("GET", path)).json(),
    post: async (path: string, body?: unknown) => void (await send("POST", path, body)),
    put: async (path: string, body?: unknown) => void (await send("PUT", path, body)),
    patch: async (path: string, body: unknown) => void (await send("PATCH", path, body)),
    delete: async (path: string) => void (await send("DELETE", path)),
    realtimeToken: async (room: string): Promise<string> =>
      (await (await send("GET", `/realtime-token/${room}`)).json()).token,
  };
}

export async function fetchConfig(): Promise<Config> {
  return (await call("/api/config")).json();
}

/** Returns the answer. If the API refuses, throws its reason. */
async function call(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch(() => {
    throw new Unreachable();
  });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({}));
  throw new Error(error ?? `The API answered ${response.status}.`);
}
