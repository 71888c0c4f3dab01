/**
 * What a request says. Asked for in one crossing from WebAssembly: a crossing costs a few hundred nanoseconds for each
 * text that goes over, so what belongs together is asked for together.
 */

/**
 * The header that says who wants to connect. A room reads it on a connect only, and that is always a request made here.
 * After a deploy a new gate talks to old rooms for minutes, so what it says changes by addition only.
 */
export const ADMISSION_HEADER = "x-validiant-admission";

/** The same for a user who is to be removed. */
export const REMOVAL_HEADER = "x-validiant-removal";

/** The same for tokens that are to be revoked. */
export const REVOCATION_HEADER = "x-validiant-revocation";

/** The same for a room that is to be erased. */
export const ERASURE_HEADER = "x-validiant-erasure";

/** The same for who publishes by a token. */
export const BEARER_HEADER = "x-validiant-bearer";

/** By which a backend may repeat a broadcast. */
export const IDEMPOTENCY_KEY = "Idempotency-Key";

/**
 * All that routing and the gate need to know of a request, in the order of `RequestHead` in the core, a line each.
 * What is not there is an empty line; without `Upgrade` nobody asks for the last two.
 * @param {Request} request
 */
export function head({ method, url, headers }) {
  const upgrade = headers.get("Upgrade") ?? "";
  const authorization = headers.get("Authorization") ?? "";
  const length = headers.get("Content-Length") ?? "";
  const key = headers.get(IDEMPOTENCY_KEY) ?? "";
  const encoding = headers.get("Content-Encoding") ?? "";
  const asked = `${method}\n${url}\n${upgrade}\n${authorization}\n${length}\n${key}\n${encoding}`;
  if (upgrade === "") return asked;
  const version = headers.get("Sec-WebSocket-Version") ?? "";
  const protocol = headers.get("Sec-WebSocket-Protocol") ?? "";
  return `${asked}\n${version}\n${protocol}`;
}

/**
 * Where the page comes from that a browser asks for, or an empty text.
 * @param {Request} request
 */
export function origin(request) {
  return request.headers.get("Origin") ?? "";
}

/**
 * Where the client is, as the platform says: it takes away what a client says of it. An empty text where none does.
 * @param {Request} request
 */
export function address(request) {
  return request.headers.get("CF-Connecting-IP") ?? "";
}

/**
 * Who wants to connect, as the gate says; undefined if the request is no connect.
 * @param {Request} request
 */
export function admission(request) {
  return request.headers.get(ADMISSION_HEADER) ?? undefined;
}

/**
 * Who is to be removed, as the gate says; undefined if the request is no removal.
 * @param {Request} request
 */
export function removal(request) {
  return request.headers.get(REMOVAL_HEADER) ?? undefined;
}

/**
 * How much of the room is to be erased, as the gate says; undefined if the request is no erasure.
 * @param {Request} request
 */
export function erasure(request) {
  return request.headers.get(ERASURE_HEADER) ?? undefined;
}

/**
 * Which tokens are to be revoked, as the gate says; undefined if the request is no revocation.
 * @param {Request} request
 */
export function revocation(request) {
  return request.headers.get(REVOCATION_HEADER) ?? undefined;
}

/** A browser sends a few names, sorted and in small letters. */
const MOST_HEADER_NAMES_BYTES = 1024;
/** RFC 9110, 5.6.2. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The names of headers that a page wants to send with a request: those that are names, or none if there are too many.
 * @param {Request} request
 * @returns {string[]}
 */
export function askedHeaders({ headers }) {
  const asked = headers.get("Access-Control-Request-Headers") ?? "";
  if (asked.length > MOST_HEADER_NAMES_BYTES) return [];
  const names = asked.split(",").map((name) => name.trim());
  return names.filter((name) => HEADER_NAME.test(name));
}
