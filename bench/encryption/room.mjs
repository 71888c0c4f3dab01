/** What broadcasts cost the server: the CPU of its process, for plain and for encrypted ones in turn. */

import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { WebSocket } from "ws";
import { createRooms } from "../../packages/realtime/src/server/rooms.ts";
import { keysBy, payloadOf, sealedEvent } from "./work.mjs";

const SOCKETS = 5;
const SLICES = 10;
const PATIENCE_MS = 30_000;

/** @typedef {import("./work.mjs").Access} Access */

/**
 * The CPU per broadcast in µs, in each of several slices: of plain ones, of plain ones that are as large as the
 * encrypted ones, and of encrypted ones in a room that takes nothing else. Undefined where there is no /proc.
 * @param {Access & { pid: number, bytes: number, count: number }} options
 */
export async function room({ pid, bytes, count, ...access }) {
  if (cpu(pid) === undefined) return undefined;
  const payload = payloadOf(bytes);
  const projectId = `bench-${crypto.randomUUID()}`;
  const sealed = await sealedEvent(keysBy("WebCrypto"), projectId, payload);
  const as = {
    plain: await Full.open(access, JSON.stringify(payload)),
    padded: await Full.open(access, JSON.stringify(payloadOf(sealed.length))),
    encrypted: await Full.open(access, sealed, projectId),
  };
  await createRooms(access).raiseKeyEpoch(projectId, 1);
  /** @type {Record<keyof typeof as, number[]>} */
  const costs = { plain: [], padded: [], encrypted: [] };
  const names = /** @type {(keyof typeof as)[]} */ (Object.keys(as));
  const each = Math.ceil(count / SLICES);
  for (let slice = -1; slice < SLICES; slice++) {
    for (const name of names) {
      const before = cpu(pid) ?? 0;
      await as[name].broadcast(each);
      if (slice >= 0) costs[name].push(((cpu(pid) ?? 0) - before) / each);
    }
    names.push(...names.splice(0, 1));
  }
  for (const name of names) as[name].close();
  return { costs, broadcasts: each * SLICES };
}

/** A room with its sockets, and an event for it. */
class Full {
  /** @type {WebSocket[]} */
  #sockets = [];
  #arrived = 0;
  #awaited = 0;
  #done = () => {};
  #url;
  #request;

  /** @param {Access} access @param {string} payload @param {string} projectId */
  constructor({ url, secret }, payload, projectId) {
    this.#url = `${url}/parties/main/${projectId}`;
    const headers = { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" };
    this.#request = {
      method: "POST",
      headers,
      body: `{"eventType":"BENCH_EVENT","payload":${payload}}`,
    };
  }

  /** @param {Access} access @param {string} payload @param {string} [projectId] */
  static async open(access, payload, projectId = `bench-${crypto.randomUUID()}`) {
    const full = new Full(access, payload, projectId);
    for (let socket = 0; socket < SOCKETS; socket++) await full.#connect();
    return full;
  }

  async #connect() {
    const socket = new WebSocket(this.#url.replace(/^http/, "ws"), { perMessageDeflate: false });
    this.#sockets.push(socket);
    socket.on("message", (frame) => {
      if (!`${frame}`.startsWith('{"type":"BENCH_EVENT"')) return;
      this.#arrived += 1;
      if (this.#arrived === this.#awaited) this.#done();
    });
    await once(socket, "message");
  }

  /** Sends so many events, each when the one before was answered. Resolves when all have arrived. @param {number} count */
  async broadcast(count) {
    this.#awaited = this.#arrived + count * SOCKETS;
    const arrival = new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("an event has not arrived")), PATIENCE_MS);
      this.#done = () => {
        clearTimeout(late);
        resolve(undefined);
      };
    });
    for (let sent = 0; sent < count; sent++) {
      const response = await fetch(this.#url, this.#request);
      const answer = await response.text();
      if (!response.ok) throw new Error(`a broadcast was answered ${response.status}: ${answer}`);
    }
    await arrival;
  }

  close() {
    for (const socket of this.#sockets) socket.terminate();
  }
}

/** The CPU that all threads of a process have used, in µs. Undefined where there is no /proc. @param {number} pid */
function cpu(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + cpuOf(pid, thread), 0);
  } catch {
    return undefined;
  }
}

/** @param {number} pid @param {string} thread */
function cpuOf(pid, thread) {
  // "<ns on a processor> <ns waiting> <slices>"
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
  return Number(nanoseconds) / 1000;
}
