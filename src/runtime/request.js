/**
 * Reads a request. Crossing from WebAssembly costs a few hundred nanoseconds for each text, so related values are
 * read in one call.
 */

/**
 * The header that says who connects. A room only reads it on a connect, and that is always a request made here. For
 * minutes after a deploy, a new gate talks to old rooms, so its content only changes by addition.
 */
export const ADMISSION_HEADER = "x-validiant-admission";

/** The same for the user to remove. */
export const REMOVAL_HEADER = "x-validiant-removal";

/** The same for the tokens to revoke. */
export const REVOCATION_HEADER = "x-validiant-revocation";

/** The same for erasing the room. */
export const ERASURE_HEADER = "x-validiant-erasure";

/**
 * The same for the lowest key epoch of the project (`KEY_EPOCH_HEADER` in the core). The room's answer to a document has
 * it, too, if the project is encrypted.
 */
export const KEY_EPOCH_HEADER = "x-validiant-key-epoch";

/** The same for who publishes with a token. */
export const BEARER_HEADER = "x-validiant-bearer";

/** The header that says what is asked of a document: `DocumentCall` in the core. */
export const DOCUMENT_HEADER = "x-validiant-document";

/** The header that says what a document asks of its project's room: `Errand` in the core. */
export const ERRAND_HEADER = "x-validiant-errand";

/** The header that lets a backend retry a broadcast. */
export const IDEMPOTENCY_KEY = "Idempotency-Key";

/**
 * Everything that routing and the gate need to know about a request, in the order of `RequestHead` in the core, one line
 * each. A missing header is an empty line; without `Upgrade` the last two are not read.
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
 * The origin of the page that makes the request, or an empty string.
 * @param {Request} request
 */
export function origin(request) {
  return request.headers.get("Origin") ?? "";
}

/**
 * The client's address according to the platform, which removes any address that the client sends itself. An empty
 * string on a platform that does not provide it.
 * @param {Request} request
 */
export function address(request) {
  return request.headers.get("CF-Connecting-IP") ?? "";
}

/**
 * The gate's text about who connects; undefined if the request is not a connect.
 * @param {Request} request
 */
export function admission(request) {
  return request.headers.get(ADMISSION_HEADER) ?? undefined;
}

/**
 * The gate's text about whom to remove; undefined if the request is not a removal.
 * @param {Request} request
 */
export function removal(request) {
  return request.headers.get(REMOVAL_HEADER) ?? undefined;
}

/**
 * The gate's text about how much of the room to erase; undefined if the request is not an erasure.
 * @param {Request} request
 */
export function erasure(request) {
  return request.headers.get(ERASURE_HEADER) ?? undefined;
}

/**
 * The gate's text about which tokens to revoke; undefined if the request is not a revocation.
 * @param {Request} request
 */
export function revocation(request) {
  return request.headers.get(REVOCATION_HEADER) ?? undefined;
}

/**
 * The lowest key epoch that a backend asks for; undefined if the request is not such a call.
 * @param {Request} request
 */
export function keyEpoch(request) {
  return request.headers.get(KEY_EPOCH_HEADER) ?? undefined;
}

/**
 * What a document asks of the room; undefined if the request is none of a document.
 * @param {Request} request
 */
export function errand(request) {
  return request.headers.get(ERRAND_HEADER) ?? undefined;
}

/** A browser sends only a few names, sorted and in lower case. */
const MOST_HEADER_NAMES_BYTES = 1024;
/** RFC 9110, 5.6.2. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The names of the headers that a page wants to send with a request: the valid ones, or none if there are too many.
 * @param {Request} request
 * @returns {string[]}
 */
export function askedHeaders({ headers }) {
  const asked = headers.get("Access-Control-Request-Headers") ?? "";
  if (asked.length > MOST_HEADER_NAMES_BYTES) return [];
  const names = asked.split(",").map((name) => name.trim());
  return names.filter((name) => HEADER_NAME.test(name));
}
