/** Calls the API. */

import type { FetchedKey } from "@validiant/realtime/encryption";
import type { Config } from "../../shared/board.ts";
import { WORKSPACE } from "../../shared/events.ts";

export type Api = ReturnType<typeof createApi>;

/** The ids of this page's connections: to the room of everybody, and to that of the open project. */
const connections = { workspace: "", project: "" };

/** From now on the API does not tell this connection of what this page changes. */
export function setConnectionId(of: keyof typeof connections, id: string | undefined): void {
  connections[of] = id ?? "";
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
export type Send = (method: string, path: string, body?: unknown) => Promise<Response>;

/** Sends requests as this user. */
export function sendBy(userId: string, fetch: Fetch): Send {
  return (method, path, body) => {
    const headers = {
      "X-User-Id": userId,
      "X-Connection-Id": path === "/projects" ? connections.workspace : connections.project,
      "Content-Type": "application/json",
    };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return fetch(`/api${path}`, init);
  };
}

/** Reads from the API as this user. */
export function createApi(userId: string) {
  const send = sendBy(userId, call);
  const get = async <T>(path: string): Promise<T> => (await send("GET", path)).json();
  return {
    get,
    /** To be called before the page connects to the text of a task. */
    openText: async (taskId: string): Promise<void> =>
      void (await send("POST", `/tasks/${taskId}/text/open`)),
    /** Has the API read a text. Answers whether that is done: it has, or it never will. */
    readText: async (taskId: string): Promise<boolean> => {
      const response = await sendBy(userId, fetch)("POST", `/tasks/${taskId}/text/read`).catch(
        () => undefined,
      );
      return response !== undefined && response.status < 500;
    },
    /** The key of an epoch, or the current one. Null in a project that everybody sees. */
    epochKey: async (projectId: string, epoch: number | "current"): Promise<FetchedKey | null> =>
      projectId === WORKSPACE ? null : get(`/projects/${projectId}/keys/${epoch}`),
    setMember: async (projectId: string, memberId: string, isMember: boolean): Promise<void> => {
      const method = isMember ? "PUT" : "DELETE";
      await send(method, `/projects/${projectId}/members/${memberId}`);
    },
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
    throw new Error("The API can't be reached.");
  });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({}));
  throw new Error(error ?? `The API answered ${response.status}.`);
}
