/** What is measured in Node and in a page alike, by the package's own code. All times are in µs. */

import { Crypt } from "../../packages/realtime/src/encryption/document/crypt.ts";
import { readEnvelope, toEnvelope } from "../../packages/realtime/src/encryption/envelope.ts";
import { noble } from "../../packages/realtime/src/encryption/noble.ts";
import {
  eventText,
  jsonOf,
  readEventText,
} from "../../packages/realtime/src/encryption/plaintext.ts";
import { epochKeys, generateEpochKey } from "../../packages/realtime/src/encryption.ts";
import { connectProject } from "../../packages/realtime/src/index.ts";
import { createBroadcaster } from "../../packages/realtime/src/server/broadcaster.ts";
import { createRooms } from "../../packages/realtime/src/server/rooms.ts";

/** What encrypts: WebCrypto, which comes with the runtime, or the JavaScript of `@noble/ciphers`. */
export const CIPHERS = /** @type {const} */ (["WebCrypto", "noble"]);

/** @typedef {typeof CIPHERS[number]} Cipher */
/** @typedef {{ url: string, secret: string }} Access */

const EPOCH = 1;
const EVENT = "BENCH_EVENT";
const SENDER = "b:bench";
const DOC = "doc";
const WRITER = "u:ann";
/** How much a person types at once makes of an update of Yjs. */
const UPDATE_BYTES = 20;
/** Compilers warm up, and keys are derived. */
const WARM_UP = 50;
const PATIENCE_MS = 10_000;
/** What JSON adds to the text in it. */
const AROUND = JSON.stringify({ text: "" }).length;

/** A payload that has this many bytes as JSON. @param {number} bytes */
export const payloadOf = (bytes) => ({ text: "x".repeat(bytes - AROUND) });

/** Keys of an app that has them at hand. @param {Cipher} cipher */
export function keysBy(cipher) {
  const key = generateEpochKey();
  const source = { get: async () => key, current: async () => ({ epoch: EPOCH, key }) };
  return epochKeys(source, cipher === "noble" ? { crypto: noble() } : {});
}

/**
 * The text of the payload of an event as a backend sends it.
 * @param {import("../../packages/realtime/src/encryption.ts").EpochKeys} keys
 * @param {string} projectId
 * @param {unknown} payload
 */
export async function sealedEvent({ sealer }, projectId, payload) {
  const text = eventText(sealer.randomId(), jsonOf(payload));
  return toEnvelope(await sealer.seal(contextIn(projectId), text), SENDER);
}

/** @param {string} projectId */
const contextIn = (projectId) =>
  /** @type {const} */ ({ kind: "event", projectId, type: EVENT, sender: SENDER });

/**
 * Seals and opens events with payloads of this size, one after the other.
 * @param {{ cipher: Cipher, bytes: number, count: number }} options
 */
export async function events({ cipher, bytes, count }) {
  const [keys, projectId, payload] = [keysBy(cipher), "bench", payloadOf(bytes)];
  const seal = await times(count, () => sealedEvent(keys, projectId, payload));
  const envelope = await sealedEvent(keys, projectId, payload);
  const open = await times(count, async () => {
    const sealed = readEnvelope(JSON.parse(envelope));
    if (!sealed) throw new Error("what was sealed is no envelope");
    readEventText(await keys.sealer.open(contextIn(projectId), sealed), EPOCH);
  });
  return { seal, open };
}

/**
 * Seals and opens small updates of a document, one after the other.
 * @param {{ cipher: Cipher, count: number }} options
 */
export async function updates({ cipher, count }) {
  const crypt = new Crypt(keysBy(cipher).sealer, "bench", DOC, () => WRITER);
  const update = new Uint8Array(UPDATE_BYTES).fill(7);
  const seal = await times(count, () => crypt.seal("doc", update));
  const { bytes } = await crypt.seal("doc", update);
  const open = await times(count, async () => {
    const opened = await crypt.open("doc", WRITER, bytes);
    if ("error" in opened) throw opened.error;
  });
  return { seal, open };
}

/**
 * How long each piece of work takes.
 * @param {number} count
 * @param {() => Promise<unknown>} work
 */
async function times(count, work) {
  for (let done = 0; done < Math.min(WARM_UP, count); done++) await work();
  const all = [];
  for (let done = 0; done < count; done++) {
    const started = performance.now();
    await work();
    all.push(1000 * (performance.now() - started));
  }
  return all;
}

/**
 * The whole path of an event: from the call of the broadcaster to the handler of a connection. Plain and encrypted
 * ones take turns, each on its own and once the one before has been answered.
 * @param {Access & { bytes: number, count: number }} options
 */
export async function path({ bytes, count, ...access }) {
  const lanes = {
    plain: await Lane.open(access),
    WebCrypto: await Lane.open(access, "WebCrypto"),
    noble: await Lane.open(access, "noble"),
  };
  /** @type {Record<keyof typeof lanes, number[]>} */
  const all = { plain: [], WebCrypto: [], noble: [] };
  const names = /** @type {(keyof typeof lanes)[]} */ (Object.keys(lanes));
  const payload = payloadOf(bytes);
  for (let done = -Math.min(WARM_UP, count); done < count; done++) {
    for (const name of names) {
      const took = await lanes[name].send(payload);
      if (done >= 0) all[name].push(took);
    }
    names.push(...names.splice(0, 1));
  }
  for (const name of names) lanes[name].close();
  return all;
}

/** A project with a backend and one member. */
class Lane {
  /**
   * @param {string} projectId
   * @param {import("../../packages/realtime/src/server.ts").Broadcaster<any>} backend
   * @param {import("../../packages/realtime/src/index.ts").ProjectConnection<any>} member
   */
  constructor(projectId, backend, member) {
    this.projectId = projectId;
    this.backend = backend;
    this.member = member;
  }

  /**
   * Resolves when the member is online.
   * @param {Access} access
   * @param {Cipher} [cipher] encrypts the project, which then takes nothing else
   */
  static async open(access, cipher) {
    const projectId = `bench-${crypto.randomUUID()}`;
    const encryption = cipher && { keys: keysBy(cipher) };
    if (encryption) await createRooms(access).raiseKeyEpoch(projectId, EPOCH);
    const encrypted = encryption ? { encryption } : {};
    const backend = createBroadcaster({ ...access, ...encrypted });
    const member = connectProject({
      host: access.url,
      projectId,
      user: { id: "ann" },
      ...encrypted,
    });
    await within(
      new Promise((resolve, reject) => {
        member.on("status", ({ payload: { state, reason } }) => {
          if (state === "online") resolve(undefined);
          if (state === "stopped") reject(new Error(reason));
        });
      }),
      "a member to be online",
    );
    return new Lane(projectId, backend, member);
  }

  /** How long an event takes to the member. @param {{ text: string }} payload */
  async send(payload) {
    /** @type {PromiseWithResolvers<number>} */
    const { promise: arrival, resolve, reject } = Promise.withResolvers();
    const stop = this.member.on("*", ({ type, payload: got }) => {
      if (type === "undecryptable") reject(new Error(`undecryptable: ${got.reason}`));
      if (type !== EVENT) return;
      const at = performance.now();
      if (got.text === payload.text) resolve(at);
      else reject(new Error("an event has arrived with another payload"));
    });
    const started = performance.now();
    const answer = this.backend.publishToProject(this.projectId, EVENT, payload);
    const [arrived] = await within(Promise.all([arrival, answer]), "an event to arrive");
    stop();
    return 1000 * (arrived - started);
  }

  close() {
    this.member.close();
  }
}

/**
 * @template Value
 * @param {Promise<Value>} work
 * @param {string} what
 * @returns {Promise<Value>}
 */
async function within(work, what) {
  let timer;
  const late = new Promise((_, reject) => {
    const fail = () => reject(new Error(`waited ${PATIENCE_MS} ms for ${what}`));
    timer = setTimeout(fail, PATIENCE_MS);
  });
  try {
    return await /** @type {Promise<Value>} */ (Promise.race([work, late]));
  } finally {
    clearTimeout(timer);
  }
}
