/**
 * The error and close codes of the server.
 *
 * Written by `npm run codegen` from the registries in crates/core/src/wire (error_code/table.rs,
 * close_code/table.rs): change them there. The constants do not depend on each other, so a bundler
 * leaves out those that nothing uses.
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
  | "invalid_doc_id"
  | "url_too_long"
  | "invalid_handshake"
  | "unauthorized"
  | "forbidden"
  | "not_configured"
  | "misconfigured"
  | "payload_too_large"
  | "no_document"
  | "document_exists"
  | "invalid_update"
  | "unsupported_encoding"
  | "invalid_json"
  | "invalid_field"
  | "duplicate_field"
  | "missing_event_type"
  | "reserved_event_type"
  | "idempotency_conflict"
  | "stale_key_epoch"
  | "not_encrypted"
  | "document_encrypted"
  | "invalid_removal"
  | "rate_limited"
  | "too_many_revocations"
  | "storage_failed"
  | "room_unavailable"
  | "internal_error"
  | "client_events_disabled"
  | "token_invalid"
  | "not_allowed"
  | "presence_data_too_big"
  | "malformed_message"
  | "binary_not_supported";

/** What the server sends with an error code. */
export interface ErrorInfo {
  /** The status of the HTTP answer; null if only `ERROR` frames carry the code. */
  readonly status: number | null;
  /** Whether an `ERROR` frame can carry the code. The socket then stays open. */
  readonly inFrame: boolean;
  /** What is wrong and what to do, for people. An answer can be more precise and name a field. */
  readonly message: string;
}

/** Every error code: when it is sent, what to do, and its details. */
export const ERROR_CODES = {
  /**
   * **When.** The server has nothing at this path, or it is a path below a room and the request is
   * not a WebSocket upgrade, or it is a path of documents without exactly a project id and a
   * document id.
   *
   * **What to do.** Use `/parties/main/:projectId` (or its alias `/party/:projectId`),
   * `/parties/docs/:projectId/:docId` or `/health`. A missing id is the usual cause.
   */
  not_found: {
    status: 404,
    inFrame: false,
    message:
      "Path not found. Rooms are at /parties/main/:projectId, documents at /parties/docs/:projectId/:docId, health is at /health",
  },
  /**
   * **When.** The path names a party other than `main` and `docs`. The server has only these two.
   *
   * **What to do.** With `partysocket`, set `party: "main"` or leave `party` out. In a URL, use
   * `/parties/main/…`. Documents are at `/parties/docs/…`.
   */
  unknown_party: {
    status: 404,
    inFrame: false,
    message: "Unknown party. The parties are main and docs",
  },
  /**
   * **When.** The path exists but does not support this method.
   *
   * **What to do.** The `Allow` header lists the methods that the path supports. Broadcast with
   * `POST`, read the room's state with `GET`.
   */
  method_not_allowed: {
    status: 405,
    inFrame: false,
    message: "This path does not support this method. See the Allow header",
  },
  /**
   * **When.** The project id in the path is empty, is over 128 bytes of UTF-8, is not valid UTF-8
   * once decoded, or contains a control character or `/`.
   *
   * **What to do.** Pass the id from your database through `encodeURIComponent`.
   */
  invalid_project_id: {
    status: 400,
    inFrame: false,
    message: "The project id must be 1 to 128 bytes of UTF-8 without control characters or '/'",
  },
  /**
   * **When.** The document id in the path is over 128 bytes of UTF-8, is not valid UTF-8 once
   * decoded, or contains a control character or `/`.
   *
   * **What to do.** Pass the id through `encodeURIComponent`.
   */
  invalid_doc_id: {
    status: 400,
    inFrame: false,
    message: "The document id must be 1 to 128 bytes of UTF-8 without control characters or '/'",
  },
  /**
   * **When.** The URL is longer than 16,384 bytes. It is refused before any of it is parsed.
   *
   * **What to do.** Check what your client puts into the query. The server itself reads `_pk`,
   * `userId`, `userName`, `token`, `since` and `frames`.
   */
  url_too_long: {
    status: 414,
    inFrame: false,
    message: "The URL must be at most 16384 bytes",
  },
  /**
   * **When.** A request asked for a WebSocket with a version other than 13. Browsers and every
   * WebSocket library send 13.
   *
   * **What to do.** Use a WebSocket client instead of writing the headers by hand.
   */
  invalid_handshake: {
    status: 400,
    inFrame: false,
    message: "A WebSocket handshake needs Sec-WebSocket-Version: 13",
  },
  /**
   * **When.** A broadcast or a request for the room's state came without `Authorization: Bearer
   * <secret>`, or with a secret that is neither of the two in force. If it came with a token
   * (P9.6), `reason` says which check failed: `signature`, `exp`, `aud` and so on, as for close
   * code 4100.
   *
   * **What to do.** Send the value of `BROADCAST_SECRET`. In development it is in `.dev.vars`.
   * After a rotation, the old value is accepted for as long as it is set as
   * `BROADCAST_SECRET_PREVIOUS`.
   */
  unauthorized: {
    status: 401,
    inFrame: false,
    message: "Missing or wrong secret. Send Authorization: Bearer <BROADCAST_SECRET>",
  },
  /**
   * **When.** A broadcast, or a request about a document, came with a token instead of the secret,
   * and the token does not list this project in `projects`, or does not grant in `permissions` what
   * is needed: `publish` for a broadcast, `doc:read` to read a document, `doc:write` to seed it.
   * `reason` says which. Without a `reason`, the user was removed from the project.
   *
   * **What to do.** Give the third party a token with `"projects":["…"],"permissions":["publish"]`,
   * or use the secret.
   */
  forbidden: {
    status: 403,
    inFrame: false,
    message:
      "The token does not allow this. It needs the project in projects, and publish, doc:read or doc:write in permissions",
  },
  /**
   * **When.** The server has no `BROADCAST_SECRET`, so nobody can broadcast.
   *
   * **What to do.** Run `npx wrangler secret put BROADCAST_SECRET`; in development `npm run dev`
   * sets one. `GET /health` shows whether it is set.
   */
  not_configured: {
    status: 503,
    inFrame: false,
    message: "BROADCAST_SECRET is not set. Set it with: npx wrangler secret put BROADCAST_SECRET",
  },
  /**
   * **When.** A setting has a value that can't be used. The server does not guess: it refuses every
   * room request until the value is corrected.
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
   * **When.** The body of a broadcast is larger than `MAX_PAYLOAD_BYTES` (default 32,768), or that
   * of a document larger than `DOCUMENT_MAX_BYTES` (default 5,242,880), either by its
   * `Content-Length` or as counted while it is read.
   *
   * **What to do.** Send ids and let clients fetch the rest: a broadcast is a notification. If you
   * must send more, raise `MAX_PAYLOAD_BYTES`, up to 1 MiB. A document that is too large is better
   * divided.
   */
  payload_too_large: {
    status: 413,
    inFrame: false,
    message: "The body is larger than MAX_PAYLOAD_BYTES. Send ids and let clients fetch the rest",
  },
  /**
   * **When.** Nothing has been written to this document, or it was deleted.
   *
   * **What to do.** If the document should exist, check the ids in the path. A document that nobody
   * has typed in yet does not: seed it with `PUT`, or treat it as empty.
   */
  no_document: {
    status: 404,
    inFrame: false,
    message: "There is no such document. It begins with the first change, or with PUT",
  },
  /**
   * **When.** A `PUT` came for a document that has content. Its content would be there twice,
   * because the same text from two sources is two texts.
   *
   * **What to do.** Treat it as done: somebody has seeded it before. To begin again, `DELETE` the
   * document first. To change it, connect to it with a Yjs client.
   */
  document_exists: {
    status: 409,
    inFrame: false,
    message: "The document has content already, so it can't be seeded",
  },
  /**
   * **When.** The body of a `PUT` is not an update of Yjs (version 1).
   *
   * **What to do.** Send the bytes of `Y.encodeStateAsUpdate(doc)`, not of `encodeStateAsUpdateV2`,
   * and neither as text nor in base64.
   */
  invalid_update: {
    status: 400,
    inFrame: false,
    message: "The body must be an update of Yjs, version 1",
  },
  /**
   * **When.** The body came with a `Content-Encoding` such as `gzip`. The server does not
   * decompress bodies.
   *
   * **What to do.** Turn off request compression for this call. A body has at most
   * `MAX_PAYLOAD_BYTES`, so there is little to gain.
   */
  unsupported_encoding: {
    status: 415,
    inFrame: false,
    message: "The server does not accept compressed bodies. Send it without Content-Encoding",
  },
  /**
   * **When.** The body of a broadcast is not a single JSON object in UTF-8.
   *
   * **What to do.** Send `JSON.stringify({ eventType, payload })`. The body is read as JSON
   * whatever `Content-Type` says, so a form (`eventType=…`) is refused. Other common causes are a
   * byte order mark, a trailing comma, and an array instead of an object.
   */
  invalid_json: {
    status: 400,
    inFrame: false,
    message: "The body must be one JSON object in UTF-8",
  },
  /**
   * **When.** A field has the wrong type or form. `error` says which field, and what it must be.
   *
   * **What to do.** Compare with the table of fields in the protocol.
   */
  invalid_field: {
    status: 400,
    inFrame: false,
    message: "A field has the wrong type or form",
  },
  /**
   * **When.** The body contains the same known field twice. The server does not guess which one
   * counts.
   *
   * **What to do.** Build the body from an object instead of joining strings.
   */
  duplicate_field: {
    status: 400,
    inFrame: false,
    message: "The body contains a field twice",
  },
  /**
   * **When.** `eventType` is absent, null or empty.
   *
   * **What to do.** Set `eventType` to what happened, such as `TASK_UPDATED`. The field is
   * `eventType`; `type` is its name in the frame that clients receive.
   */
  missing_event_type: {
    status: 400,
    inFrame: false,
    message: "Missing eventType",
  },
  /**
   * **When.** `eventType` is one that only the server sends: `CONNECTED`, `USER_JOINED`,
   * `USER_LEFT`, `USER_UPDATED`, `PRESENCE`, `PONG`, `ERROR`, `AUTH_OK` or `KEY_EPOCH`. Or it
   * begins with `client-`, which tells a client that another client sent the event.
   *
   * **What to do.** Choose another name, such as `MEMBER_ADDED`.
   */
  reserved_event_type: {
    status: 400,
    inFrame: false,
    message: "This eventType is reserved for the server or for clients. Choose another name",
  },
  /**
   * **When.** The `id`, or `Idempotency-Key`, was already used for a different event within the
   * history window (`HISTORY_SIZE` events, `HISTORY_TTL_SECONDS`): the type, payload, exclusion or
   * target differs when compared byte for byte. Nothing was sent.
   *
   * **What to do.** Generate a new id (a UUID) for each event, and store it with the event for
   * retries. A retry must send exactly the same body.
   */
  idempotency_conflict: {
    status: 409,
    inFrame: false,
    message:
      "This id was already used for another event. Use a new id for each event, and the same id for a retry",
  },
  /**
   * **When.** A broadcast, a client's event or presence data are encrypted under a key that the
   * project no longer takes: a member has been removed, or the key epoch was raised for another
   * reason (P14). `minKeyEpoch` is the lowest epoch that it takes. Nothing was sent. On a socket,
   * `nonce` says which event it was.
   *
   * **What to do.** Fetch the key of `minKeyEpoch` or a newer one, encrypt the same content with
   * it, and send it again, with the same id if it had one. The npm package does this by itself.
   */
  stale_key_epoch: {
    status: 409,
    inFrame: true,
    message:
      "This key is too old for the project. Fetch the current key, encrypt again with it, and send that",
  },
  /**
   * **When.** A broadcast, a client's event or presence data came unencrypted into a project that
   * is encrypted (P14). `minKeyEpoch` is the lowest key epoch that it takes. Nothing was sent.
   *
   * **What to do.** Turn on encryption in the sender: `encryption: { keys }` in the npm package, or
   * as in encryption.md in another language. A backend that wants to send one event unencrypted
   * adds `"plaintext":true` to it.
   */
  not_encrypted: {
    status: 409,
    inFrame: true,
    message:
      "The project is encrypted. Encrypt the payload; a backend can mark an event that anybody may read with plaintext: true",
  },
  /**
   * **When.** A `GET` or `PUT` came for a document that is encrypted, or a `PUT` for one of an
   * encrypted project. The server can't read it, and takes no unencrypted content.
   *
   * **What to do.** Connect to it with `DocumentProvider` and the keys of the project, in Node as
   * in a browser.
   */
  document_encrypted: {
    status: 409,
    inFrame: false,
    message: "The document is encrypted, so only its members can read or write it",
  },
  /**
   * **When.** The user id in the path of a `DELETE` is over 128 bytes, is not valid UTF-8 once
   * decoded, or contains a control character; or `for` is not a whole number of seconds from 1 to
   * 31536000 (a year).
   *
   * **What to do.** Pass the id through `encodeURIComponent`. Leave `for` out if the user can
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
   * address connected to a project more often than the rate limit `CONNECTS` in `wrangler.toml`
   * allows, or a client sent more messages than `CLIENT_MESSAGES_PER_SECOND` and
   * `CLIENT_MESSAGE_BURST` allow, or the messages of all clients in a room go to more sockets than
   * `CLIENT_DELIVERIES_PER_SECOND` and `CLIENT_DELIVERY_BURST` allow. Nothing was done. `limit`
   * says which limit it was.
   *
   * **What to do.** Wait as long as the `Retry-After` header (seconds) or `retryAfterMs` says, then
   * try again. A backend with many events at once can send them as one list, `events`, or send one
   * event when the whole change is done. If the traffic is legitimate and the limit too low, raise
   * the setting.
   */
  rate_limited: {
    status: 429,
    inFrame: true,
    message: "Rate limit exceeded. Wait as long as Retry-After or retryAfterMs says",
  },
  /**
   * **When.** The room already remembers 10,000 revoked users and token ids, and no `issuedBefore`
   * revocation has replaced them. It keeps each one, since it does not know when those tokens
   * expire. Nothing was done.
   *
   * **What to do.** Send `POST …/revoke` with `{"issuedBefore":<now in ms>}`. All clients then
   * fetch a fresh token once, and the room forgets the earlier revocations.
   */
  too_many_revocations: {
    status: 409,
    inFrame: false,
    message:
      "The room can store no more revocations. Revoke all tokens up to now with issuedBefore to replace them",
  },
  /**
   * **When.** The room's storage did not accept the event or the removal. An event that is kept in
   * the history is written before it is sent, so nobody got it.
   *
   * **What to do.** Try again after `Retry-After`. If the error persists, look for `failure` in the
   * log. An event with `"ephemeral":true` needs no storage.
   */
  storage_failed: {
    status: 503,
    inFrame: false,
    message: "The room's storage failed, so nothing was done. Try again later",
  },
  /**
   * **When.** The room's object did not answer: it was reset, was overloaded, or could not be
   * reached. A broadcast may have been delivered before that, or not: the server does not know, and
   * does not repeat it. A removal, a revocation, a key epoch or an erasure may have been done in a
   * part of a large room only. On a socket: the keys to check the client's fresh token could not be
   * fetched.
   *
   * **What to do.** Try again after `Retry-After` if a duplicate event does no harm; it does none
   * if the event only makes clients fetch again. Repeat any other call until it is answered with
   * 200. If the error persists, check the log and Cloudflare's status page. On a socket, send the
   * token again a little later.
   */
  room_unavailable: {
    status: 503,
    inFrame: true,
    message:
      "The room did not answer. A broadcast may or may not have been delivered. Try again later",
  },
  /**
   * **When.** A bug in the server. Its log has a line with `"event":"failure"`.
   *
   * **What to do.** Please report it, with that line.
   */
  internal_error: {
    status: 500,
    inFrame: false,
    message: "The server failed on this request. Its log has a line about it",
  },
  /**
   * **When.** A client sent a message other than a ping on its socket, and the server has
   * `CLIENT_EVENTS` off: a change goes through the app's backend, which broadcasts it. The socket
   * stays open.
   *
   * **What to do.** Call your API instead, or set `CLIENT_EVENTS` to `on`. To keep the connection
   * alive, send exactly `{"type":"PING"}`.
   */
  client_events_disabled: {
    status: null,
    inFrame: true,
    message: "Clients cannot send events here. Write through the app's backend",
  },
  /**
   * **When.** The client sent `{"type":"AUTH","token":…}` with a token that is malformed, is not
   * signed with one of the server's keys, has expired, or is not for this server. `reason` says
   * which check failed, as for close code 4100.
   *
   * **What to do.** Send a valid token. The socket stays open until the token it connected with
   * expires.
   */
  token_invalid: {
    status: null,
    inFrame: true,
    message:
      "The token is not valid. Send a valid one before the current one expires, or this connection closes",
  },
  /**
   * **When.** The client sent `{"type":"AUTH","token":…}` with a token whose `sub` is another user,
   * or which does not grant `subscribe` in this project. `reason` says which: `user`, `projects` or
   * `permissions`. Without a `reason`, the client sent `SEND` or `PRESENCE_SET` and its token does
   * not grant `send` or `presence`, or, for `PRESENCE_SET`, the client is anonymous.
   *
   * **What to do.** Fetch a token for the same user and project. For another user, open another
   * connection. A token for clients that talk to each other has
   * `"permissions":["subscribe","presence","send"]`.
   */
  not_allowed: {
    status: null,
    inFrame: true,
    message: "The token does not allow this, or it belongs to another user or project",
  },
  /**
   * **When.** A client sent `PRESENCE_SET`, and with the patch its presence data would be larger
   * than `PRESENCE_DATA_MAX`. Nothing was changed.
   *
   * **What to do.** Keep presence data small: where somebody is and what they do, with ids for
   * everything else. `null` deletes a key. `CONNECTED.limits` has the limit, `presenceDataBytes`.
   */
  presence_data_too_big: {
    status: null,
    inFrame: true,
    message: "The presence data would be larger than PRESENCE_DATA_MAX. Nothing was changed",
  },
  /**
   * **When.** A client sent a text frame that is not a JSON object with a string field `type`, nor,
   * with `CLIENT_EVENTS` on, a list of 1 to 64 of them; or a field of its message has the wrong
   * type or form, and `message` says which. The socket stays open.
   *
   * **What to do.** Send `JSON.stringify({ type: "PING" })`. The plain text `ping` is not
   * understood. Compare with the protocol.
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
 * - `stop`: do not reconnect.
 * - `refresh-token`: fetch a fresh token, then reconnect.
 * - `later`: reconnect later.
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

/** The details of a close code. */
export interface CloseInfo {
  /** `code` of the browser's `CloseEvent`. */
  readonly number: number;
  /** `code` in the JSON reason. */
  readonly name: CloseCodeName;
  /** What a client should do. */
  readonly advice: CloseAdvice;
  /** Milliseconds to wait before the next attempt, if the server knows better than the client. */
  readonly retryAfterMs?: number;
}

/** Every close code by its name: when it is sent, what to do, and its details. */
export const CLOSE_CODES = {
  /**
   * **When.** The client connected with a `userId` that is over 128 bytes or contains control
   * characters (`"reason":"userId"`), to an invalid project id (`"reason":"projectId"`) or to an
   * invalid document id (`"reason":"docId"`). Or it sent a document a frame that can't be read
   * (`"reason":"message"`). Or the document is encrypted and the client did not say so, or the
   * other way round (`"reason":"encryption"`).
   *
   * **What to do.** Do not reconnect: it would end the same way. Correct what the app puts into
   * `query`, or pass the ids in the URL through `encodeURIComponent`. A document takes one message
   * of y-protocols in each binary frame, with updates of version 1. An encrypted document is opened
   * by the package's provider with `encryption`; stock providers can't read it. A document with
   * plain content stays plain: to encrypt it, make a new one from its content.
   */
  bad_request: {
    number: 4000,
    name: "bad_request",
    advice: "stop",
  },
  /**
   * **When.** The token belongs to a user other than `userId` in the query (`"reason":"user"`),
   * does not list this project (`"reason":"projects"`), or does not let the client subscribe, or
   * open documents (`"reason":"permissions"`). Or a setting keeps the client out, and the reason
   * names it: `"setting":"CONNECT_AUTH"` and others while nobody can connect yet,
   * `"setting":"ALLOWED_ORIGINS"` for a page whose origin is not in that list.
   *
   * **What to do.** Do not reconnect: it would end the same way. Check what your backend writes
   * into the token: `npm run token -- --check <token>` explains it, and tokens says where
   * `projects` goes with your identity provider. If the reason names a setting, see `GET /health`,
   * and add the origin of your page to `ALLOWED_ORIGINS`.
   */
  not_allowed: {
    number: 4001,
    name: "not_allowed",
    advice: "stop",
  },
  /**
   * **When.** A backend removed the user from the project (`DELETE
   * /parties/main/:projectId/users/:userId`), or the user came back while the removal still keeps
   * them out.
   *
   * **What to do.** Do not reconnect. Tell the person that they are no longer in the project. To
   * let them back in earlier, the backend calls the same `DELETE` without `for`.
   */
  removed: {
    number: 4003,
    name: "removed",
    advice: "stop",
  },
  /**
   * **When.** The client sent a frame over `MAX_CLIENT_FRAME_BYTES` (default 16,384; announced as
   * `limits.clientFrameBytes` in `CONNECTED`); or, to a document, one over `DOCUMENT_MAX_BYTES`
   * (default 5,242,880), or a change with which the document would be larger than that
   * (`"limit":"documentBytes"`).
   *
   * **What to do.** Do not reconnect until you have found the cause: a client has no reason to send
   * anything large to a room. What does not fit into a document has not been stored: divide the
   * document, keep pictures elsewhere, or raise `DOCUMENT_MAX_BYTES`.
   */
  message_too_big: {
    number: 4009,
    name: "message_too_big",
    advice: "stop",
  },
  /**
   * **When.** The user, or the room, was at its connection limit, and a newer connection of the
   * same user with the same `_pk` needed a place. Usually nobody sees this code, because the
   * connection it closes is already dead. A page gets it only if two pages share one `_pk`.
   *
   * **What to do.** Do not reconnect: that would close the other page in turn. Give each page its
   * own `_pk`; `partysocket` generates one if you set no `id`. Do not copy it between tabs.
   */
  replaced: {
    number: 4010,
    name: "replaced",
    advice: "stop",
  },
  /**
   * **When.** The client was told `rate_limited` and did not stop: it sent more than twenty times
   * what `CLIENT_MESSAGE_BURST` and `CLIENT_MESSAGES_PER_SECOND` allow. A document tells nobody
   * before. It also closes the sender of a change if all its clients together send more than
   * `CLIENT_DELIVERIES_PER_SECOND` and `CLIENT_DELIVERY_BURST` allow
   * (`"limit":"clientDeliveriesPerSecond"`).
   *
   * **What to do.** Look for a loop in the client that sends messages. After each `ERROR` with the
   * code `rate_limited`, wait as long as `retryAfterMs` says. A client of a document loses nothing:
   * it synchronises when it is opened again.
   */
  rate_limited: {
    number: 4029,
    name: "rate_limited",
    advice: "stop",
  },
  /**
   * **When.** There was no valid token. `reason` says which check failed: `missing` (no token was
   * sent), `malformed` (it is not a JWT, or is too long), `alg`, `crit`, `signature` (it is not
   * signed with one of the server's keys), `exp` (it has none), `nbf`, `iat` (it is not valid yet,
   * or was issued in the future), `iss`, `aud` (it is not for this server), `sub` (it names no
   * user), or `revoked` (`POST …/revoke`).
   *
   * **What to do.** Fetch a token from your backend and reconnect with it. If that keeps failing,
   * the backend and the server disagree about what `reason` names: `npm run token -- --check
   * <token>` says more, and tokens has the settings for your identity provider.
   */
  token_invalid: {
    number: 4100,
    name: "token_invalid",
    advice: "refresh-token",
  },
  /**
   * **When.** The token has expired: either before the client connected, or while it was connected
   * and more than `TOKEN_GRACE_SECONDS` ago.
   *
   * **What to do.** Fetch a fresh token and reconnect with it and with your position (`since`), so
   * that you miss nothing. Or send `{"type":"AUTH","token":"…"}` before the token expires.
   */
  token_expired: {
    number: 4101,
    name: "token_expired",
    advice: "refresh-token",
  },
  /**
   * **When.** The client used to ping and then was silent for `STALE_SOCKET_SECONDS`, so its
   * connection was assumed dead; or the room could not accept the connection at that moment; or the
   * room or the document was erased; or a large room grew, shrank, or was not certain that the
   * client had had everything.
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
   * **When.** The user already has `USER_SOCKETS_MAX` connections to this room or document, or it
   * already has `ROOM_SOCKETS_MAX`.
   *
   * **What to do.** Reconnect later. A user at the limit usually has a client that opens
   * connections without closing the old ones. If the room really is that full, raise the setting.
   */
  connection_limit: {
    number: 4201,
    name: "connection_limit",
    advice: "later",
    retryAfterMs: 10000,
  },
  /**
   * **When.** A setting of the server has a value that can't be used. The reason names it:
   * `"setting":"HISTORY_SIZE"`. Until it is corrected, nobody can connect.
   *
   * **What to do.** Reconnect after `retryAfterMs`. If you run the server: `GET /health` says what
   * the setting must be. Correct it and deploy again; clients reconnect by themselves.
   */
  misconfigured: {
    number: 4202,
    name: "misconfigured",
    advice: "later",
    retryAfterMs: 30000,
  },
} as const satisfies Record<CloseCodeName, CloseInfo>;

/**
 * What a client should do after a close with this code. It depends on the range alone, so it is also
 * right for codes newer than this module. Undefined for a code that is not one of the server's, such
 * as 1006.
 */
export function adviceOf(code: number): CloseAdvice | undefined {
  if (code >= 4000 && code <= 4099) return "stop";
  if (code >= 4100 && code <= 4199) return "refresh-token";
  if (code >= 4200 && code <= 4299) return "later";
  return undefined;
}
