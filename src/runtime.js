/**
 * What the Worker asks of the runtime, each in one crossing from WebAssembly.
 *
 * A crossing costs a few hundred nanoseconds for each text that goes over; an object made here that the runtime
 * knows (Headers, Request) some microseconds more. So what belongs together is asked for together, and what is the
 * same every time is made once.
 */

/**
 * The header that says who wants to connect. A room reads it on a connect only, and that is always a request made here.
 * After a deploy a new gate talks to old rooms for minutes, so what it says changes by addition only.
 */
const ADMISSION_HEADER = "x-validiant-admission";
/** The same for a user who is to be removed. */
const REMOVAL_HEADER = "x-validiant-removal";

/** The same for tokens that are to be revoked. */
const REVOCATION_HEADER = "x-validiant-revocation";
/** The same for who publishes by a token. */
export const BEARER_HEADER = "x-validiant-bearer";

/** By which a backend may repeat a broadcast. */
export const IDEMPOTENCY_KEY = "Idempotency-Key";

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Retry-After",
};
const JSON_HEADERS = { ...CORS, "Content-Type": "application/json" };
const OK = { status: 200, headers: new Headers(JSON_HEADERS) };

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
  const asked = `${method}\n${url}\n${upgrade}\n${authorization}\n${length}\n${key}`;
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
 * Lets pages of no other origin read an answer.
 * @param {Response | Promise<Response>} answer
 * @param {string | undefined} origin none, if it is undefined
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
 * Which tokens are to be revoked, as the gate says; undefined if the request is no revocation.
 * @param {Request} request
 */
export function revocation(request) {
  return request.headers.get(REVOCATION_HEADER) ?? undefined;
}

/**
 * @param {number} status
 * @param {string} body
 */
export function json(status, body) {
  return new Response(body, status === 200 ? OK : { status, headers: JSON_HEADERS });
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
 * The answer to a preflight.
 * @param {string} methods
 * @param {string} headers
 * @param {string} maxAge seconds that a browser may keep it
 */
export function preflight(methods, headers, maxAge) {
  return new Response(null, {
    status: 204,
    headers: {
      ...CORS,
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers": headers,
      "Access-Control-Max-Age": maxAge,
    },
  });
}

/**
 * The 101 that hands the client its end of a socket.
 * @param {WebSocket} client
 * @param {string | undefined} subprotocol
 */
export function upgrade(client, subprotocol) {
  const headers = subprotocol === undefined ? {} : { "Sec-WebSocket-Protocol": subprotocol };
  return new Response(null, { status: 101, webSocket: client, headers });
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
 * The attachments of all sockets, with a record separator between them; empty for one that has none.
 * @param {WebSocket[]} sockets
 */
export function attachments(sockets) {
  return sockets.map((socket) => socket.deserializeAttachment() ?? "").join("\u001e");
}

/**
 * Takes a socket for hibernation, with what it is to remember.
 * @param {DurableObjectState} state
 * @param {WebSocket} socket
 * @param {string} attachment
 * @returns {boolean} whether the runtime took it: an object has at most 32,768
 */
export function accept(state, socket, attachment) {
  try {
    state.acceptWebSocket(socket);
    socket.serializeAttachment(attachment);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {WebSocket} socket
 * @param {string} text
 * @returns {boolean} whether it was taken: a socket that is closing takes nothing, and its end is on the way
 */
export function send(socket, text) {
  try {
    socket.send(text);
    return true;
  } catch {
    return false;
  }
}

// ---- Calling a room. Nothing here needs the WebAssembly instance that made the call: it may be gone by the time
// the room answers.

/** How often a call is made at the most. */
const ATTEMPTS = 3;
/** Before the second attempt; doubled before each further one, half of it random. */
const FIRST_DELAY_MS = 50;

/** The room tells its calls apart by method and header; it does not look at the URL. */
const INTERNAL_URL = "https://room.internal/";

/**
 * A function that answers a refusal.
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
 * Sends a broadcast to the room, once, as it came: its body is not read.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {() => Response} fallback answers when the room does not
 */
export function forward(env, room, request, fallback) {
  return env.ROOMS.getByName(room).fetch(request).catch(fallback);
}

/**
 * The same for a body of unknown length, and for a broadcast that has a key, so that it may be repeated: the body is
 * read here, and given up as soon as it is longer than `maxBytes`.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {number} maxBytes
 * @param {string} key empty if it has none
 * @param {() => Response} tooLong
 * @param {() => Response} fallback
 * @param {string} [bearer] whose token it came with, for the room
 */
export async function forwardBounded(env, room, request, maxBytes, key, tooLong, fallback, bearer) {
  try {
    const body = await readUpTo(request.body, maxBytes);
    if (body === undefined) return tooLong();
    return await publish(env, room, body, key, fallback, bearer);
  } catch {
    return fallback();
  }
}

/**
 * Sends a broadcast to several rooms at once, and answers what each of them answered.
 * @param {import("#wasm").Env} env
 * @param {Request} request
 * @param {number} maxBytes
 * @param {string} key empty if it has none
 * @param {(body: Uint8Array | undefined) => string[] | Response} judge answers the rooms, or why there are none;
 *   without a body: it is longer than `maxBytes`
 * @param {() => Response} fallback
 */
export async function publishToMany(env, request, maxBytes, key, judge, fallback) {
  try {
    const body = await readUpTo(request.body, maxBytes);
    const rooms = judge(body);
    if (body === undefined || rooms instanceof Response) return rooms;
    const results = await Promise.all(
      rooms.map(async (projectId) => {
        const response = await publish(env, projectId, body, key, fallback);
        /** @type {{ success: boolean }} */
        const answer = await response.json();
        return { projectId, status: response.status, ...answer };
      }),
    );
    const success = results.every((result) => result.success);
    return json(200, JSON.stringify({ success, results }));
  } catch {
    return fallback();
  }
}

/**
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Uint8Array<ArrayBuffer>} body
 * @param {string} key
 * @param {() => Response} fallback
 * @param {string} [bearer]
 */
function publish(env, room, body, key, fallback, bearer) {
  const headers = new Headers();
  if (bearer !== undefined) headers.set(BEARER_HEADER, bearer);
  const init = { method: "POST", body, headers };
  if (key === "") return env.ROOMS.getByName(room).fetch(INTERNAL_URL, init).catch(fallback);
  headers.set(IDEMPOTENCY_KEY, key);
  return callWithRetries(env, room, init, fallback);
}

/**
 * Reads a body in one go, by the runtime itself: a body in chunks of a byte each would cost a turn for each of them.
 * @param {ReadableStream | null} stream
 * @param {number} maxBytes
 * @returns {Promise<Uint8Array<ArrayBuffer> | undefined>} nothing if it is longer
 */
async function readUpTo(stream, maxBytes) {
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader({ mode: "byob" });
  const { value } = await reader.readAtLeast(maxBytes + 1, new Uint8Array(maxBytes + 1));
  const body = value ?? new Uint8Array();
  return body.byteLength > maxBytes ? undefined : body;
}

/**
 * A file of the console. Only wrangler and Cloudflare have the binding, not a workerd that is run by itself.
 * @param {import("#wasm").Env} env
 * @param {Request} request
 * @param {() => Response} notFound
 */
export async function asset(env, request, notFound) {
  const answer = await env.ASSETS?.fetch(request);
  return answer === undefined || answer.status === 404 ? notFound() : answer;
}

/**
 * Asks the room for its state.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {() => Response} fallback
 */
export function askForState(env, room, fallback) {
  return callWithRetries(env, room, {}, fallback);
}

/**
 * Has the room remove a user.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {string} removal whom, for the room
 * @param {() => Response} fallback
 */
export function remove(env, room, removal, fallback) {
  const init = { method: "DELETE", headers: { [REMOVAL_HEADER]: removal } };
  return callWithRetries(env, room, init, fallback);
}

/**
 * Has the room revoke tokens.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {number} maxBytes
 * @param {(body: Uint8Array | undefined) => string | Response} judge answers what the room is to be told, or why
 *   nothing; without a body: it is longer than `maxBytes`
 * @param {() => Response} fallback
 */
export async function revoke(env, room, request, maxBytes, judge, fallback) {
  try {
    const body = await readUpTo(request.body, maxBytes);
    const revocation = judge(body);
    if (revocation instanceof Response) return revocation;
    const init = { method: "DELETE", headers: { [REVOCATION_HEADER]: revocation } };
    return await callWithRetries(env, room, init, fallback);
  } catch {
    return fallback();
  }
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
 * What depends on the signature of a token.
 * @typedef {object} Judged
 * @property {() => Promise<import("./signature.js").Verdict>} verdict
 * @property {(subprotocol: string | undefined) => Response} refused answers when the signature is not right
 * @property {string | undefined} refusalLine to log then
 * @property {(subprotocol: string | undefined) => Response} unavailable answers when nobody can tell just now
 */

/**
 * @param {() => Promise<import("./signature.js").Verdict>} verdict
 * @param {Judged["refused"]} refused
 * @param {string | undefined} refusalLine
 * @param {Judged["unavailable"]} unavailable
 * @returns {Judged}
 */
export function judged(verdict, refused, refusalLine, unavailable) {
  return { verdict, refused, refusalLine, unavailable };
}

/**
 * Lets a client connect if its token is signed by us.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {string} admitted who, for the room
 * @param {Judged} judged
 * @param {string | undefined} subprotocol
 * @param {Limited | undefined} limited
 */
export function connectIfValid(env, room, admitted, judged, subprotocol, limited) {
  const { unavailable } = judged;
  const connectNow = () => connect(env, room, admitted, unavailable, subprotocol, undefined);
  const go = () => ifValid(judged, connectNow, subprotocol);
  return withinLimit(env, limited, go, () => unavailable(subprotocol));
}

/**
 * How often an address connects.
 * @typedef {object} Limited
 * @property {string} key by which it is counted
 * @property {() => Response} refused answers when it is too often
 * @property {string | undefined} refusalLine to log then
 */

/**
 * @param {string} key
 * @param {Limited["refused"]} refused
 * @param {string | undefined} refusalLine
 * @returns {Limited}
 */
export function limited(key, refused, refusalLine) {
  return { key, refused, refusalLine };
}

/**
 * @param {import("#wasm").Env} env
 * @param {Limited | undefined} limited undefined where nobody counts
 * @param {() => Promise<Response>} go
 * @param {() => Response} unavailable answers when nobody can tell just now
 */
async function withinLimit(env, limited, go, unavailable) {
  if (limited === undefined) return go();
  try {
    const outcome = await env.CONNECTS?.limit({ key: limited.key });
    if (outcome?.success !== false) return go();
  } catch {
    return unavailable();
  }
  if (limited.refusalLine !== undefined) console.warn(limited.refusalLine);
  return limited.refused();
}

/**
 * Sends a broadcast to the room if its token is signed by us.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {Request} request
 * @param {number} maxBytes
 * @param {string} key
 * @param {string} bearer whose token it is, for the room
 * @param {() => Response} tooLong
 * @param {() => Response} fallback
 * @param {Judged} judged
 */
export function forwardIfValid(
  env,
  room,
  request,
  maxBytes,
  key,
  bearer,
  tooLong,
  fallback,
  judged,
) {
  return ifValid(judged, () =>
    forwardBounded(env, room, request, maxBytes, key, tooLong, fallback, bearer),
  );
}

/**
 * @param {Judged} judged
 * @param {() => Promise<Response>} go
 * @param {string | undefined} [subprotocol]
 */
async function ifValid({ verdict, refused, refusalLine, unavailable }, go, subprotocol) {
  switch (await verdict()) {
    case "valid":
      return go();
    case "invalid":
      if (refusalLine !== undefined) console.warn(refusalLine);
      return refused(subprotocol);
    default:
      return unavailable(subprotocol);
  }
}

/**
 * Lets a client connect.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {string} admitted who, for the room
 * @param {(subprotocol: string | undefined) => Response} unavailable closes the socket when the room does not answer
 * @param {string | undefined} subprotocol
 * @param {Limited | undefined} limited
 */
export function connect(env, room, admitted, unavailable, subprotocol, limited) {
  const init = { headers: { Upgrade: "websocket", [ADMISSION_HEADER]: admitted } };
  const fallback = () => unavailable(subprotocol);
  return withinLimit(env, limited, () => callWithRetries(env, room, init, fallback), fallback);
}

/**
 * Makes a call that changes nothing if it is made twice.
 * @param {import("#wasm").Env} env
 * @param {string} room
 * @param {RequestInit} init
 * @param {() => Response} fallback
 */
function callWithRetries(env, room, init, fallback) {
  // A stub of an object that was reset stays broken, so each attempt has its own.
  const call = () => env.ROOMS.getByName(room).fetch(INTERNAL_URL, init);
  return call().catch((thrown) => retry(call, thrown, fallback));
}

/**
 * @param {() => Promise<Response>} call
 * @param {unknown} thrown by the first attempt
 * @param {() => Response} fallback
 */
async function retry(call, thrown, fallback) {
  let last = thrown;
  for (let attempt = 1; attempt < ATTEMPTS && mayRetry(last); attempt++) {
    const delay = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
    await new Promise((resolve) => setTimeout(resolve, delay));
    try {
      return await call();
    } catch (again) {
      last = again;
    }
  }
  return fallback();
}

/**
 * The runtime marks an error with what it knows: an overloaded object is left alone, a reset one is there again at
 * the next call.
 * @param {any} thrown
 */
function mayRetry(thrown) {
  return !thrown?.overloaded && Boolean(thrown?.retryable || thrown?.durableObjectReset);
}
