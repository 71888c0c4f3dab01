/**
 * HTTP answers. A runtime object (Headers, Response) costs some microseconds, so whatever is always the same is made
 * once.
 */

import { askedHeaders, KEY_EPOCH_HEADER } from "./request.js";

/**
 * Headers with which an object of a grown room tells the gate to which object a client belongs, and what the places of the
 * room are. No client ever gets them.
 */
export const OBJECT_HEADER = "x-validiant-object";
export const PLACES_HEADER = "x-validiant-places";

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Retry-After",
};

// Answers must not be cached: they are soon out of date, and some are only for clients with the secret.
const JSON_HEADERS = {
  ...CORS,
  "Content-Type": "application/json",
  "Cache-Control": "no-store",
};

/** Who reads a document again may ask whether it has changed. */
const CONTENT_HEADERS = {
  ...CORS,
  "Access-Control-Expose-Headers": "ETag",
  "Cache-Control": "no-cache",
};

const OK = { status: 200, headers: new Headers(JSON_HEADERS) };

/**
 * @param {number} status
 * @param {string} body
 */
export function json(status, body) {
  return new Response(body, status === 200 ? OK : { status, headers: JSON_HEADERS });
}

/**
 * The answer about the server's health, once it is known whether its public keys can be used.
 * @param {import("../signature.js").KeyRing} keys
 * @param {string} health in JSON, as far as it is known so far
 */
export async function healthWithKeys(keys, health) {
  const problem = await keys.problem();
  const { problems: others, ...rest } = JSON.parse(health);
  const problems = problem === undefined ? others : [...others, problem];
  const isWell = problems.length === 0;
  const answer = { ...rest, status: isWell ? "ok" : "misconfigured", problems };
  return json(isWell ? 200 : 503, JSON.stringify(answer));
}

/**
 * The room's answer to a document: what it asked for is done.
 * @param {string | undefined} minKeyEpoch the lowest key epoch of the project, if it is encrypted
 */
export function done(minKeyEpoch) {
  if (minKeyEpoch === undefined) return new Response(null, { status: 204 });
  return new Response(null, { status: 204, headers: { [KEY_EPOCH_HEADER]: minKeyEpoch } });
}

/**
 * @param {number} status
 * @param {string} body
 * @param {string} name of a header
 * @param {string} value
 */
export function jsonWithHeader(status, body, name, value) {
  return new Response(body, { status, headers: { ...JSON_HEADERS, [name]: value } });
}

/**
 * What is in a document (P13.11): an update, or a text.
 * @param {Uint8Array<ArrayBuffer> | string} content
 */
export async function content(content) {
  const isText = typeof content === "string";
  const bytes = isText ? new TextEncoder().encode(content) : content;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const tag = btoa(String.fromCharCode(...digest));
  const type = isText ? "text/plain; charset=utf-8" : "application/octet-stream";
  const headers = { ...CONTENT_HEADERS, "Content-Type": type, ETag: `"${tag}"` };
  return new Response(bytes, { headers });
}

/**
 * The answer to a preflight. It also allows the headers that the page asks for: tracing adds its own to each request
 * (`traceparent`, `sentry-trace`, `baggage`), and nothing here reads them.
 * @param {Request} request
 * @param {string} methods
 * @param {string} headers that are always allowed
 * @param {string} maxAge how many seconds a browser may cache it
 */
export function preflight(request, methods, headers, maxAge) {
  const always = new Set(headers.toLowerCase().split(", "));
  const asked = askedHeaders(request).filter((name) => !always.has(name.toLowerCase()));
  return new Response(null, {
    status: 204,
    headers: {
      ...CORS,
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers": [headers, ...asked].join(", "),
      "Access-Control-Max-Age": maxAge,
    },
  });
}

/**
 * Lets only pages of one origin read an answer.
 * @param {Response | Promise<Response>} answer
 * @param {string | undefined} origin if undefined, no page can read it
 */
export async function allowOnly(answer, origin) {
  const { status, body, headers: given, webSocket } = await answer;
  if (webSocket !== null) return answer;
  const headers = new Headers(given);
  headers.delete("Access-Control-Allow-Origin");
  if (origin !== undefined) headers.set("Access-Control-Allow-Origin", origin);
  headers.append("Vary", "Origin");
  return new Response(body, { status, headers });
}

/**
 * The 101 that gives the client its end of a socket.
 * @param {WebSocket} client
 * @param {string | undefined} subprotocol
 */
export function upgrade(client, subprotocol) {
  const headers = subprotocol === undefined ? {} : { "Sec-WebSocket-Protocol": subprotocol };
  return new Response(null, { status: 101, webSocket: client, headers });
}

/**
 * The answer to the gate if a client belongs to another object of the room.
 * @param {string} object its name
 * @param {string} places of the room; empty if what the gate knew of them is out of date
 */
export function elsewhere(object, places) {
  const headers = { [OBJECT_HEADER]: encodeURIComponent(object), [PLACES_HEADER]: places };
  return new Response(null, { status: 421, headers });
}

/**
 * A 101 whose socket is closed at once.
 * @param {number} code
 * @param {string} reason
 * @param {string | undefined} subprotocol
 */
export function closeAtOnce(code, reason, subprotocol) {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(code, reason);
  return upgrade(client, subprotocol);
}

/**
 * A function that always returns the same refusal.
 * @param {number} status
 * @param {string} body
 * @param {string | undefined} name of a header
 * @param {string | undefined} value
 */
export function standingRefusal(status, body, name, value) {
  return () =>
    name === undefined ? json(status, body) : jsonWithHeader(status, body, name, value ?? "");
}

/**
 * A function that closes a client's socket at once.
 * @param {number} code
 * @param {string} reason
 */
export function standingClose(code, reason) {
  return (/** @type {string | undefined} */ subprotocol) => closeAtOnce(code, reason, subprotocol);
}

/**
 * A file of the console. Only wrangler and Cloudflare provide the binding; workerd on its own does not.
 * @param {import("#wasm").Env} env
 * @param {Request} request
 * @param {string | undefined} path of the file, if the server is not at the root of its host
 * @param {() => Response} notFound
 */
export async function asset(env, request, path, notFound) {
  const asked = path === undefined ? request : new Request(new URL(path, request.url), request);
  const answer = await env.ASSETS?.fetch(asked);
  return answer === undefined || answer.status === 404 ? notFound() : answer;
}
