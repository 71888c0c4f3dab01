/** HTTP without a helping hand: `fetch` normalises URLs, sets lengths and knows no upgrade. */

import { once } from "node:events";
import http, { type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { type Client, within } from "./client.ts";
import { SECRET, type Server } from "./target.ts";

/** A handshake that RFC 6455 allows; each header can be overridden. */
export const HANDSHAKE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

export const AUTHORIZED = { Authorization: `Bearer ${SECRET}` };

/** One text goes out with its length, a list in chunks without one. */
export type Body = string | Uint8Array | (string | Uint8Array)[];

export interface RawOptions {
  method?: string;
  headers?: Record<string, string | string[]>;
  body?: Body;
  /** Never ends the body: the answer must come all the same. */
  unfinished?: boolean;
  /** For keep-alive over many requests. */
  agent?: http.Agent;
}

export interface Answer {
  /** 101 for an upgrade, whose socket is dropped at once. */
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends a request to `target`, the exact path and query for the first line. */
export async function raw(
  server: Server,
  target: string,
  options: RawOptions = {},
): Promise<Answer> {
  const { protocol, hostname, port } = new URL(server.url);
  const { request } = protocol === "https:" ? https : http;
  const { method = "GET", headers = {}, agent } = options;
  const outgoing = request({ hostname, port, path: target, method, headers, agent });
  const answer = new Promise<Answer>((resolve, reject) => {
    outgoing.once("response", (response) => read(response).then(resolve, reject));
    outgoing.once("upgrade", ({ headers }, socket) => {
      socket.destroy();
      resolve({ status: 101, headers, text: "" });
    });
    outgoing.once("error", reject);
  });
  write(outgoing, options);
  try {
    return await within(answer, `the answer to ${method} ${target.slice(0, 80)}`);
  } finally {
    if (options.unfinished) outgoing.destroy();
  }
}

function write(outgoing: http.ClientRequest, { body, unfinished = false }: RawOptions): void {
  if (!Array.isArray(body)) {
    if (unfinished) outgoing.write(body ?? "");
    else outgoing.end(body);
    return;
  }
  for (const chunk of body) outgoing.write(chunk);
  if (!unfinished) outgoing.end();
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, text: Buffer.concat(chunks).toString() };
}

/** Keeps this many connections, for many requests one after another on each. */
export function keepAlive(server: Server, maxSockets: number): http.Agent {
  const { Agent } = server.url.startsWith("https:") ? https : http;
  return new Agent({ keepAlive: true, maxSockets });
}

/** The connection under a socket that is still opening: to write what no client would. */
export async function wireOf(client: Client): Promise<Duplex> {
  const [{ socket }] = (await once(client.socket, "upgrade")) as [IncomingMessage];
  await client.opened();
  return socket;
}

/** A frame of RFC 6455 as a client sends it: `head` is FIN, the reserved bits and the opcode. */
export function frame(head: number, payload: Uint8Array): Buffer {
  const NO_MASKING = [0, 0, 0, 0];
  return Buffer.concat([Buffer.from([head, 0x80 | payload.length, ...NO_MASKING]), payload]);
}
