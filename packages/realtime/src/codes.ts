/**
 * The error and close codes of the server.
 *
 * Written by `npm run codegen` from the registries in crates/core/src (error_code/table.rs,
 * close_code.rs): change them there. Each constant stands alone, so that a bundler leaves out the
 * ones that nothing uses.
 */

/**
 * Why the server refuses a request or a message: `code` in the body of an HTTP answer, or in the
 * payload of an `ERROR` frame.
 */
export type ErrorCode =
  | "not_found"
  | "unknown_party"
  | "method_not_allowed"
  | "invalid_project_id"
  | "url_too_long"
  | "invalid_handshake"
  | "unauthorized"
  | "forbidden"
  | "not_configured"
  | "misconfigured"
  | "payload_too_large"
  | "unsupported_encoding"
  | "invalid_json"
  | "invalid_field"
  | "duplicate_field"
  | "missing_event_type"
  | "reserved_event_type"
  | "idempotency_conflict"
  | "invalid_removal"
  | "rate_limited"
  | "too_many_revocations"
  | "storage_failed"
  | "room_unavailable"
  | "internal_error"
  | "client_events_disabled"
  | "token_invalid"
  | "not_allowed"
  | "malformed_message"
  | "binary_not_supported";

/** What an error code comes with. */
export interface ErrorInfo {
  /** The status of the HTTP answer; null if only `ERROR` frames carry the code. */
  readonly status: number | null;
  /** Whether an `ERROR` frame carries the code. The socket stays open then. */
  readonly inFrame: boolean;
  /** What is wrong and what to do, for people. An answer may say more instead: which field. */
  readonly message: string;
}

/** Every error code: when it comes, what to do, and what it comes with. */
export const ERROR_CODES = {
  /**
   * **When.** The path is none of the server's, or is below a room and does not ask for a
   * WebSocket.
   *
   * **What to do.** Use `/parties/main/:projectId` (or its alias `/party/:projectId`) or `/health`.
   * A missing project id is the usual cause.
   */
  not_found: {
    status: 404,
    inFrame: false,
    message: "No such path. Rooms are at /parties/main/:projectId, health is at /health",
  },
  /**
   * **When.** The path names another party than `main`. The server has this one only.
   *
   * **What to do.** With `partysocket`, set `party: "main"` (or leave it out). In a URL, use
   * `/parties/main/…`.
   */
  unknown_party: {
    status: 404,
    inFrame: false,
    message: "No such party. The only party is main",
  },
  /**
   * **When.** The path exists but does not take this method.
   *
   * **What to do.** The `Allow` header lists what it takes. Broadcast with `POST`, read the room's
   * state with `GET`.
   */
  method_not_allowed: {
    status: 405,
    inFrame: false,
    message: "This path does not take this method. See the Allow header",
  },
  /**
   * **When.** The project id in the path is empty, over 128 bytes of UTF-8, not UTF-8 at all once
   * decoded, or has a control character or `/` in it.
   *
   * **What to do.** Use the id as your database has it, passed through `encodeURIComponent`.
   */
  invalid_project_id: {
    status: 400,
    inFrame: false,
    message: "The project id must be 1 to 128 bytes of UTF-8 without control characters or '/'",
  },
  /**
   * **When.** The URL has more than 16,384 bytes. It is refused before anything of it is parsed.
   *
   * **What to do.** Look at what your client puts into the query. The server itself reads `_pk`,
   * `userId`, `userName`, `token`, `since` and `frames`.
   */
  url_too_long: {
    status: 414,
    inFrame: false,
    message: "The URL must be at most 16384 bytes",
  },
  /**
   * **When.** A request asked for a WebSocket, but with another version than 13. Browsers and every
   * WebSocket library send it.
   *
   * **What to do.** Use a WebSocket client rather than headers written by hand.
   */
  invalid_handshake: {
    status: 400,
    inFrame: false,
    message: "A WebSocket handshake needs Sec-WebSocket-Version: 13",
  },
  /**
   * **When.** A broadcast or a request for the room's state came without `Authorization: Bearer
   * <secret>`, or with another secret than the two in force. If what came is a token (P9.6),
   * `reason` says which check failed: `signature`, `exp`, `aud` and so on, as in the close code
   * 4100.
   *
   * **What to do.** Send the value of `BROADCAST_SECRET`. In development it stands in `.dev.vars`.
   * After a rotation, the value before it is accepted while it is set as
   * `BROADCAST_SECRET_PREVIOUS`.
   */
  unauthorized: {
    status: 401,
    inFrame: false,
    message: "Missing or wrong secret. Send Authorization: Bearer <BROADCAST_SECRET>",
  },
  /**
   * **When.** A broadcast came with a token instead of the secret, and the token does not have this
   * project in `projects`, or no `publish` for it in `permissions`. `reason` says which of the two.
   *
   * **What to do.** Give the third party a token with `"projects":["…"],"permissions":["publish"]`,
   * or use the secret.
   */
  forbidden: {
    status: 403,
    inFrame: false,
    message:
      "The token does not allow to publish to this project. It needs it in projects, and publish in permissions",
  },
  /**
   * **When.** The server has no `BROADCAST_SECRET`, so it lets nobody broadcast.
   *
   * **What to do.** Run `npx wrangler secret put BROADCAST_SECRET`; in development `npm run dev`
   * sets one. `GET /health` shows when it is there.
   */
  not_configured: {
    status: 503,
    inFrame: false,
    message: "BROADCAST_SECRET is not set. Set it with: npx wrangler secret put BROADCAST_SECRET",
  },
  /**
   * **When.** A setting has a value that can't be used. The server does not guess: it refuses every
   * room request until the value is right.
   *
   * **What to do.** `GET /health` names the setting and says what it must be. Correct it in
   * `wrangler.toml` and deploy again.
   */
  misconfigured: {
    status: 503,
    inFrame: false,
    message: "A setting of the server is wrong. GET /health names it",
  },
  /**
   * **When.** The body of a broadcast has more bytes than `MAX_PAYLOAD_BYTES` (default 32,768). It
   * is judged by `Content-Length`, or while it is read.
   *
   * **What to do.** Send ids and let clients fetch the rest: a broadcast is a notification. If you
   * must, raise `MAX_PAYLOAD_BYTES`, up to 1 MiB.
   */
  payload_too_large: {
    status: 413,
    inFrame: false,
    message: "The body is larger than MAX_PAYLOAD_BYTES. Send ids and let clients fetch the rest",
  },
  /**
   * **When.** The body came with a `Content-Encoding` such as `gzip`. The server unpacks nothing.
   *
   * **What to do.** Turn the compression of requests off for this call. A body has at most
   * `MAX_PAYLOAD_BYTES`, so there is little to gain.
   */
  unsupported_encoding: {
    status: 415,
    inFrame: false,
    message:
      "The body is compressed, and the server unpacks nothing. Send it without Content-Encoding",
  },
  /**
   * **When.** The body of a broadcast is not one JSON object in UTF-8.
   *
   * **What to do.** Send `JSON.stringify({ eventType, payload })`. Whatever `Content-Type` says,
   * the body is read as JSON: a form (`eventType=…`) is none. A byte order mark, a trailing comma
   * and an array are common causes.
   */
  invalid_json: {
    status: 400,
    inFrame: false,
    message: "The body must be one JSON object in UTF-8",
  },
  /**
   * **When.** A field has the wrong type or form. `error` says which field and what it must be.
   *
   * **What to do.** Compare with the table of fields in the protocol.
   */
  invalid_field: {
    status: 400,
    inFrame: false,
    message: "A field has the wrong type or form",
  },
  /**
   * **When.** A field that the server knows stands in the body twice. Which one would count is a
   * guess that the server does not make.
   *
   * **What to do.** Build the body from an object rather than by joining text.
   */
  duplicate_field: {
    status: 400,
    inFrame: false,
    message: "A field stands in the body twice",
  },
  /**
   * **When.** `eventType` is absent, null or empty.
   *
   * **What to do.** Name what happened, such as `TASK_UPDATED`. The field is `eventType`, not
   * `type`: that is its name in the frame to the clients.
   */
  missing_event_type: {
    status: 400,
    inFrame: false,
    message: "Missing eventType",
  },
  /**
   * **When.** `eventType` is one that only the server sends: `CONNECTED`, `USER_JOINED`,
   * `USER_LEFT`, `PRESENCE`, `PONG`, `ERROR` or `AUTH_OK`.
   *
   * **What to do.** Choose another name, such as `MEMBER_ADDED`.
   */
  reserved_event_type: {
    status: 400,
    inFrame: false,
    message: "This eventType is the server's own. Choose another name",
  },
  /**
   * **When.** The `id`, or `Idempotency-Key`, was used for another event within the history window
   * (`HISTORY_SIZE` events, `HISTORY_TTL_SECONDS`): another type, payload, exclusion or target,
   * compared byte for byte. Nothing was sent.
   *
   * **What to do.** Draw a fresh id (a UUID) for each event, and keep it with the event for
   * repeats. Repeat the very same body.
   */
  idempotency_conflict: {
    status: 409,
    inFrame: false,
    message:
      "This id was used for another event. Use a fresh one for each event, and the same one to repeat it",
  },
  /**
   * **When.** The user id in the path of a `DELETE` is over 128 bytes, not UTF-8 once decoded, or
   * has a control character in it; or `for` is not a whole number of seconds from 1 to 31536000,
   * which is a year.
   *
   * **What to do.** Pass the id through `encodeURIComponent`. Leave `for` out to let the user
   * return at once.
   */
  invalid_removal: {
    status: 400,
    inFrame: false,
    message:
      "The user id must be 1 to 128 bytes of UTF-8 without control characters, 'for' 1 to 31536000 seconds",
  },
  /**
   * **When.** A room got more broadcasts than `PUBLISHES_PER_SECOND` and `PUBLISH_BURST` allow, an
   * address connected to a project more often than the rate limit `CONNECTS` of `wrangler.toml`
   * allows, or a client sent more messages than `CLIENT_MESSAGES_PER_SECOND` and
   * `CLIENT_MESSAGE_BURST` allow. Nothing was done.
   *
   * **What to do.** Wait as long as the header `Retry-After` (seconds) or `retryAfterMs` says, then
   * try again. A backend with many events at once sends them as one list, `events`, or waits until
   * a change is whole. If the traffic is right and the limit is too low, raise the setting.
   */
  rate_limited: {
    status: 429,
    inFrame: true,
    message: "This comes too often. Wait as long as Retry-After, or retryAfterMs, says",
  },
  /**
   * **When.** A room was told of 10,000 users and token ids whose tokens are revoked, and of no
   * time before which all tokens are. It remembers each, since it does not know how long those
   * tokens live. Nothing was done.
   *
   * **What to do.** `POST …/revoke` with `{"issuedBefore":<now in ms>}`: all clients fetch a fresh
   * token once, and the room forgets all that came before.
   */
  too_many_revocations: {
    status: 409,
    inFrame: false,
    message:
      "The room remembers no more revocations. Revoke all tokens up to now with issuedBefore: that takes their place",
  },
  /**
   * **When.** The room's storage did not take the event or the removal. An event that is to be kept
   * is written before it is sent, so nobody got it.
   *
   * **What to do.** Try again after `Retry-After`. If it goes on, look for `failure` in the log. An
   * event with `"ephemeral":true` needs no storage.
   */
  storage_failed: {
    status: 503,
    inFrame: false,
    message: "The room's storage failed, so nothing was done. Try again later",
  },
  /**
   * **When.** The room's object did not answer: it was reset, overloaded, or can't be reached. A
   * broadcast may have been delivered before that, or not: the server does not know, and does not
   * repeat it. On a socket: the keys that a client's fresh token is judged by can't be had just
   * now.
   *
   * **What to do.** Try again after `Retry-After` if a doubled event does no harm, which holds for
   * events that make a client fetch anew. If it goes on, look at the log and at Cloudflare's
   * status. On a socket, send the token again a little later.
   */
  room_unavailable: {
    status: 503,
    inFrame: true,
    message:
      "The room did not answer. A broadcast may or may not have been delivered. Try again later",
  },
  /**
   * **When.** A bug of the server. Its log has a line with `"event":"failure"`.
   *
   * **What to do.** Please report it with that line.
   */
  internal_error: {
    status: 500,
    inFrame: false,
    message: "The server failed on this request. Its log has a line about it",
  },
  /**
   * **When.** A client sent a message other than a ping on its socket. Clients do not talk to each
   * other here: what they change goes through the app's backend, which broadcasts it. The socket
   * stays open.
   *
   * **What to do.** Call your API instead. For keep-alive send exactly `{"type":"PING"}`.
   */
  client_events_disabled: {
    status: null,
    inFrame: true,
    message: "Clients may not send events here. Write through the app's backend",
  },
  /**
   * **When.** The client sent `{"type":"AUTH","token":…}` with a token that is not well formed, not
   * signed with a key of the server, expired, or not for it. `reason` says which check failed, as
   * in the close code 4100.
   *
   * **What to do.** Send a valid one. The socket stays until the token that it came with has ended.
   */
  token_invalid: {
    status: null,
    inFrame: true,
    message:
      "The token is not valid. Send one that is, or this connection ends with the one before",
  },
  /**
   * **When.** The client sent `{"type":"AUTH","token":…}` with a token whose `sub` is another user,
   * or which does not allow `subscribe` in this project. `reason` says which: `user`, `projects` or
   * `permissions`.
   *
   * **What to do.** Fetch a token for the same user and project. For another user open another
   * connection.
   */
  not_allowed: {
    status: null,
    inFrame: true,
    message: "The token is another user's, or does not allow to listen to this project",
  },
  /**
   * **When.** A client sent a text frame that is not a JSON object with a string field `type`. The
   * socket stays open.
   *
   * **What to do.** Send `JSON.stringify({ type: "PING" })`; the bare text `ping` is not
   * understood.
   */
  malformed_message: {
    status: null,
    inFrame: true,
    message: "A message must be one JSON object with a string field 'type'",
  },
  /**
   * **When.** A client sent a binary frame. The socket stays open.
   *
   * **What to do.** Send JSON as text.
   */
  binary_not_supported: {
    status: null,
    inFrame: true,
    message: "Binary messages are not supported. Send JSON as text",
  },
} as const satisfies Record<ErrorCode, ErrorInfo>;

/**
 * What a client should do after a close.
 *
 * - `stop`: do not come back as you are.
 * - `refresh-token`: fetch a fresh token, then come back.
 * - `later`: come back later.
 */
export type CloseAdvice = "stop" | "refresh-token" | "later";

/** Why the server ends a connection: `code` in the JSON reason of the close. */
export type CloseCodeName =
  | "bad_request"
  | "not_allowed"
  | "removed"
  | "message_too_big"
  | "replaced"
  | "rate_limited"
  | "token_invalid"
  | "token_expired"
  | "try_again"
  | "connection_limit"
  | "misconfigured";

/** What a close code comes with. */
export interface CloseInfo {
  /** `code` of the browser's `CloseEvent`. */
  readonly number: number;
  /** `code` in the JSON reason. */
  readonly name: CloseCodeName;
  /** What a client should do. */
  readonly advice: CloseAdvice;
  /** Milliseconds to wait before the next try, where the server knows better than the client. */
  readonly retryAfterMs?: number;
}

/** Every close code by its name: when it comes, what to do, and what it comes with. */
export const CLOSE_CODES = {
  /**
   * **When.** The client connected with a `userId` over 128 bytes or with control characters in it
   * (`"reason":"userId"`), or to a project id that can be none (`"reason":"projectId"`).
   *
   * **What to do.** Do not reconnect: it would end the same way. Correct what the app puts into
   * `query`, or the project id in the URL: pass it through `encodeURIComponent`.
   */
  bad_request: {
    number: 4000,
    name: "bad_request",
    advice: "stop",
  },
  /**
   * **When.** The token is another user's than `userId` in the query says (`"reason":"user"`), is
   * not for this project (`"reason":"projects"`), or does not allow the client to listen here
   * (`"reason":"permissions"`). Or a setting keeps the client out, which the reason names:
   * `"setting":"CONNECT_AUTH"` and others while nobody may connect yet,
   * `"setting":"ALLOWED_ORIGINS"` for a page whose origin is not in that list.
   *
   * **What to do.** Do not reconnect: it would end the same way. Look at what your backend writes
   * into the token: `npm run token -- --check <token>` says what it means, and tokens says where
   * `projects` goes with your identity provider. For a setting, look at `GET /health`, and put the
   * origin of your page into `ALLOWED_ORIGINS`.
   */
  not_allowed: {
    number: 4001,
    name: "not_allowed",
    advice: "stop",
  },
  /**
   * **When.** A backend removed the user from the project (`DELETE
   * /parties/main/:projectId/users/:userId`), or the user came back before the time for which their
   * return is refused was over.
   *
   * **What to do.** Do not reconnect. Tell the person that they are no longer in the project. If
   * they are to come back earlier, the backend calls the same `DELETE` without `for`.
   */
  removed: {
    number: 4003,
    name: "removed",
    advice: "stop",
  },
  /**
   * **When.** The client sent a frame over `MAX_CLIENT_FRAME_BYTES` (default 16,384; announced as
   * `limits.clientFrameBytes` in `CONNECTED`).
   *
   * **What to do.** Do not reconnect before the cause is found: clients have nothing large to say
   * to this server.
   */
  message_too_big: {
    number: 4009,
    name: "message_too_big",
    advice: "stop",
  },
  /**
   * **When.** The user, or the room, was at its connection limit, and a newer connection of the
   * same user and the same `_pk` needed a place. Usually nobody gets this code: the connection that
   * it closes is one that broke without a word. It reaches a page only if two pages share one
   * `_pk`.
   *
   * **What to do.** Do not reconnect: the other page would then be closed in turn. Give each page a
   * `_pk` of its own; `partysocket` draws one if you set no `id`. Do not copy it between tabs.
   */
  replaced: {
    number: 4010,
    name: "replaced",
    advice: "stop",
  },
  /**
   * **When.** The client has been told `rate_limited` and went on: it sent more than twenty times
   * what `CLIENT_MESSAGE_BURST` and `CLIENT_MESSAGES_PER_SECOND` allow.
   *
   * **What to do.** Look for a loop in the client that sends. Wait as long as `retryAfterMs` says
   * after each `ERROR` with the code `rate_limited`.
   */
  rate_limited: {
    number: 4029,
    name: "rate_limited",
    advice: "stop",
  },
  /**
   * **When.** There was no valid token. `reason` says which check failed: `missing` (no token
   * came), `malformed` (it is no JWT by its form, or too long), `alg`, `crit`, `signature` (it is
   * signed with none of the server's keys), `exp` (it has none), `nbf`, `iat` (it is not valid yet,
   * or from the future), `iss`, `aud` (it is not for this server), `sub` (it names no user), or
   * `revoked` (`POST …/revoke`).
   *
   * **What to do.** Fetch a token from your backend and come back with it. If that goes on, the
   * backend and the server do not agree on what `reason` names: `npm run token -- --check <token>`
   * says more, and tokens has the settings for your identity provider.
   */
  token_invalid: {
    number: 4100,
    name: "token_invalid",
    advice: "refresh-token",
  },
  /**
   * **When.** The token has expired: it had when the client came, or it did while the client was
   * connected, and `TOKEN_GRACE_SECONDS` have passed since.
   *
   * **What to do.** Fetch a fresh token and come back with it and with your position (`since`):
   * nothing is missed. Or send `{"type":"AUTH","token":"…"}` before the end.
   */
  token_expired: {
    number: 4101,
    name: "token_expired",
    advice: "refresh-token",
  },
  /**
   * **When.** The client used to ping, and was silent for `STALE_SOCKET_SECONDS`, so its connection
   * was taken for dead; or the room could not take the connection just now.
   *
   * **What to do.** Reconnect after `retryAfterMs`, with some jitter. `partysocket` reconnects by
   * itself.
   */
  try_again: {
    number: 4200,
    name: "try_again",
    advice: "later",
    retryAfterMs: 1000,
  },
  /**
   * **When.** The user has `USER_SOCKETS_MAX` connections to this room already, or the room has
   * `ROOM_SOCKETS_MAX`.
   *
   * **What to do.** Come back later. A user at the limit usually has a client that opens
   * connections without closing the old ones; if the room is rightly that full, raise the setting.
   */
  connection_limit: {
    number: 4201,
    name: "connection_limit",
    advice: "later",
    retryAfterMs: 10000,
  },
  /**
   * **When.** A setting of the server has a value that can't be used, which the reason names:
   * `"setting":"HISTORY_SIZE"`. Until it is right, nobody may connect.
   *
   * **What to do.** Come back after `retryAfterMs`. If you run the server: `GET /health` says what
   * the setting must be. Correct it and deploy again; clients come back by themselves.
   */
  misconfigured: {
    number: 4202,
    name: "misconfigured",
    advice: "later",
    retryAfterMs: 30000,
  },
} as const satisfies Record<CloseCodeName, CloseInfo>;

/**
 * What a client should do after a close with this code. The range tells it, so it is right for codes
 * that are newer than this module too. Undefined for a code that is not the server's own, such as
 * 1006.
 */
export function adviceOf(code: number): CloseAdvice | undefined {
  if (code >= 4000 && code <= 4099) return "stop";
  if (code >= 4100 && code <= 4199) return "refresh-token";
  if (code >= 4200 && code <= 4299) return "later";
  return undefined;
}
