/** Calls the API. */

import type { Config } from "../../shared/board.ts";

export type Api = ReturnType<typeof createApi>;

/** The API as a user calls it. */
export function createApi(userId: string) {
  async function send(method: string, path: string, body?: unknown): Promise<Response> {
    const headers = { "X-User-Id": userId, "Content-Type": "application/json" };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return accepted(await fetch(`/api${path}`, init));
  }
  return {
    get: async <T>(path: string): Promise<T> => (await send("GET", path)).json(),
    post: async (path: string, body: unknown) => void (await send("POST", path, body)),
    patch: async (path: string, body: unknown) => void (await send("PATCH", path, body)),
    delete: async (path: string) => void (await send("DELETE", path)),
    realtimeToken: async (room: string) => (await send("GET", `/realtime-token/${room}`)).text(),
  };
}

export async function fetchConfig(): Promise<Config> {
  return (await accepted(await fetch("/api/config"))).json();
}

/** The answer, unless the API refused: then its reason is thrown. */
async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({}));
  throw new Error(error ?? `The API answered ${response.status}.`);
}
