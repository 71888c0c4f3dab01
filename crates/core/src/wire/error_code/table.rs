//! The registry of error codes: the only source for `docs/errors/` and for the codes in the npm package.
//!
//! Run `npm run codegen` after a change.

use super::Carrier::{Frame, Http, HttpOrFrame};
use super::{ErrorCode, ErrorPage};

/// Each entry: when the server sends the code (its doc comment), its name in Rust, the code, what carries it, its
/// message, and what to do.
macro_rules! error_codes {
    ($(
        $(#[doc = $when:literal])+
        $name:ident = $code:literal, $carrier:expr, $message:literal, do $what_to_do:literal;
    )*) => {
        impl ErrorCode {
            $(
                $(#[doc = $when])+
                pub const $name: Self =
                    Self { code: $code, status: $carrier.status(), message: $message };
            )*

            /// Every code, with its page. The Worker never reads this, so it is not part of the WebAssembly.
            pub const PAGES: &'static [ErrorPage] = &[$(ErrorPage {
                code: Self::$name,
                carrier: $carrier,
                when: concat!($($when),+).trim_ascii_start(),
                what_to_do: $what_to_do,
            }),*];
        }
    };
}

error_codes! {
    /// The server has nothing at this path, or it is a path below a room and the request is not a
    /// WebSocket upgrade, or it is a path of documents without exactly a project id and a document
    /// id.
    NOT_FOUND = "not_found", Http(404),
        "Path not found. Rooms are at /parties/main/:projectId, documents at /parties/docs/:projectId/:docId, health is at /health",
        do "Use `/parties/main/:projectId` (or its alias `/party/:projectId`), \
        `/parties/docs/:projectId/:docId` or `/health`. A missing id is the usual cause.";
    /// The path names a party other than `main` and `docs`. The server has only these two.
    UNKNOWN_PARTY = "unknown_party", Http(404),
        "Unknown party. The parties are main and docs",
        do "With `partysocket`, set `party: \"main\"` or leave `party` out. In a URL, use \
        `/parties/main/…`. Documents are at `/parties/docs/…`.";
    /// The path exists but does not support this method.
    METHOD_NOT_ALLOWED = "method_not_allowed", Http(405),
        "This path does not support this method. See the Allow header",
        do "The `Allow` header lists the methods that the path supports. Broadcast with `POST`, \
        read the room's state with `GET`.";
    /// The project id in the path is empty, is over 128 bytes of UTF-8, is not valid UTF-8 once
    /// decoded, or contains a control character or `/`.
    INVALID_PROJECT_ID = "invalid_project_id", Http(400),
        "The project id must be 1 to 128 bytes of UTF-8 without control characters or '/'",
        do "Pass the id from your database through `encodeURIComponent`.";
    /// The document id in the path is over 128 bytes of UTF-8, is not valid UTF-8 once decoded, or
    /// contains a control character or `/`.
    INVALID_DOC_ID = "invalid_doc_id", Http(400),
        "The document id must be 1 to 128 bytes of UTF-8 without control characters or '/'",
        do "Pass the id through `encodeURIComponent`.";
    /// The URL is longer than 16,384 bytes. It is refused before any of it is parsed.
    URL_TOO_LONG = "url_too_long", Http(414),
        "The URL must be at most 16384 bytes",
        do "Check what your client puts into the query. The server itself reads `_pk`, `userId`, \
        `userName`, `token`, `since` and `frames`.";
    /// A request asked for a WebSocket with a version other than 13. Browsers and every WebSocket
    /// library send 13.
    INVALID_HANDSHAKE = "invalid_handshake", Http(400),
        "A WebSocket handshake needs Sec-WebSocket-Version: 13",
        do "Use a WebSocket client instead of writing the headers by hand.";
    /// A broadcast or a request for the room's state came without `Authorization: Bearer <secret>`,
    /// or with a secret that is neither of the two in force. If it came with a token (P9.6),
    /// `reason` says which check failed: `signature`, `exp`, `aud` and so on, as for close code
    /// [4100](4100.md).
    UNAUTHORIZED = "unauthorized", Http(401),
        "Missing or wrong secret. Send Authorization: Bearer <BROADCAST_SECRET>",
        do "Send the value of `BROADCAST_SECRET`. In development it is in `.dev.vars`. After a \
        rotation, the old value is accepted for as long as it is set as \
        `BROADCAST_SECRET_PREVIOUS`.";
    /// A broadcast, or a request about a document, came with a token instead of the secret, and the
    /// token does not list this project in `projects`, or does not grant in `permissions` what is
    /// needed: `publish` for a broadcast, `doc:read` to read a document, `doc:write` to seed it.
    /// `reason` says which. Without a `reason`, the user was removed from the project.
    FORBIDDEN = "forbidden", Http(403),
        "The token does not allow this. It needs the project in projects, and publish, doc:read or doc:write in permissions",
        do "Give the third party a token with \
        `\"projects\":[\"…\"],\"permissions\":[\"publish\"]`, or use the secret.";
    /// The server has no `BROADCAST_SECRET`, so nobody can broadcast.
    NOT_CONFIGURED = "not_configured", Http(503),
        "BROADCAST_SECRET is not set. Set it with: npx wrangler secret put BROADCAST_SECRET",
        do "Run `npx wrangler secret put BROADCAST_SECRET`; in development `npm run dev` sets one. \
        `GET /health` shows whether it is set.";
    /// A setting has a value that can't be used. The server does not guess: it refuses every room
    /// request until the value is corrected.
    MISCONFIGURED = "misconfigured", Http(503),
        "A setting of the server is wrong. GET /health names it",
        do "`GET /health` names the setting and says what it must be. Correct it in \
        `wrangler.toml` and deploy again.";
    /// The body of a broadcast is larger than `MAX_PAYLOAD_BYTES` (default 32,768), or that of a
    /// document larger than `DOCUMENT_MAX_BYTES` (default 5,242,880), either by its
    /// `Content-Length` or as counted while it is read.
    PAYLOAD_TOO_LARGE = "payload_too_large", Http(413),
        "The body is larger than MAX_PAYLOAD_BYTES. Send ids and let clients fetch the rest",
        do "Send ids and let clients fetch the rest: a broadcast is a notification. If you must \
        send more, raise `MAX_PAYLOAD_BYTES`, up to 1 MiB. A document that is too large is better \
        divided.";
    /// Nothing has been written to this document, or it was deleted.
    NO_DOCUMENT = "no_document", Http(404),
        "There is no such document. It begins with the first change, or with PUT",
        do "If the document should exist, check the ids in the path. A document that nobody has \
        typed in yet does not: seed it with `PUT`, or treat it as empty.";
    /// A `PUT` came for a document that has content. Its content would be there twice, because the
    /// same text from two sources is two texts.
    DOCUMENT_EXISTS = "document_exists", Http(409),
        "The document has content already, so it can't be seeded",
        do "Treat it as done: somebody has seeded it before. To begin again, `DELETE` the document \
        first. To change it, connect to it with a Yjs client.";
    /// The body of a `PUT` is not an update of Yjs (version 1).
    INVALID_UPDATE = "invalid_update", Http(400),
        "The body must be an update of Yjs, version 1",
        do "Send the bytes of `Y.encodeStateAsUpdate(doc)`, not of `encodeStateAsUpdateV2`, and \
        neither as text nor in base64.";
    /// The body came with a `Content-Encoding` such as `gzip`. The server does not decompress
    /// bodies.
    UNSUPPORTED_ENCODING = "unsupported_encoding", Http(415),
        "The server does not accept compressed bodies. Send it without Content-Encoding",
        do "Turn off request compression for this call. A body has at most `MAX_PAYLOAD_BYTES`, so \
        there is little to gain.";
    /// The body of a broadcast is not a single JSON object in UTF-8.
    INVALID_JSON = "invalid_json", Http(400),
        "The body must be one JSON object in UTF-8",
        do "Send `JSON.stringify({ eventType, payload })`. The body is read as JSON whatever \
        `Content-Type` says, so a form (`eventType=…`) is refused. Other common causes are a byte \
        order mark, a trailing comma, and an array instead of an object.";
    /// A field has the wrong type or form. `error` says which field, and what it must be.
    INVALID_FIELD = "invalid_field", Http(400),
        "A field has the wrong type or form",
        do "Compare with the table of fields in [the protocol](../protocol.md#p2-broadcast).";
    /// The body contains the same known field twice. The server does not guess which one counts.
    DUPLICATE_FIELD = "duplicate_field", Http(400),
        "The body contains a field twice",
        do "Build the body from an object instead of joining strings.";
    /// `eventType` is absent, null or empty.
    MISSING_EVENT_TYPE = "missing_event_type", Http(400),
        "Missing eventType",
        do "Set `eventType` to what happened, such as `TASK_UPDATED`. The field is `eventType`; \
        `type` is its name in the frame that clients receive.";
    /// `eventType` is one that only the server sends: `CONNECTED`, `USER_JOINED`, `USER_LEFT`,
    /// `USER_UPDATED`, `PRESENCE`, `PONG`, `ERROR`, `AUTH_OK` or `KEY_EPOCH`. Or it begins with
    /// `client-`, which tells a client that another client sent the event.
    RESERVED_EVENT_TYPE = "reserved_event_type", Http(400),
        "This eventType is reserved for the server or for clients. Choose another name",
        do "Choose another name, such as `MEMBER_ADDED`.";
    /// The `id`, or `Idempotency-Key`, was already used for a different event within the history
    /// window (`HISTORY_SIZE` events, `HISTORY_TTL_SECONDS`): the type, payload, exclusion or
    /// target differs when compared byte for byte. Nothing was sent.
    IDEMPOTENCY_CONFLICT = "idempotency_conflict", Http(409),
        "This id was already used for another event. Use a new id for each event, and the same id for a retry",
        do "Generate a new id (a UUID) for each event, and store it with the event for retries. \
        A retry must send exactly the same body.";
    /// A broadcast, a client's event or presence data are encrypted under a key that the project no longer takes: a
    /// member has been removed, or the key epoch was raised for another reason (P14). `minKeyEpoch` is the lowest epoch
    /// that it takes. Nothing was sent. On a socket, `nonce` says which event it was.
    STALE_KEY_EPOCH = "stale_key_epoch", HttpOrFrame(409),
        "This key is too old for the project. Fetch the current key, encrypt again with it, and send that",
        do "Fetch the key of `minKeyEpoch` or a newer one, encrypt the same content with it, and send it again, with the \
        same id if it had one. The npm package does this by itself.";
    /// A broadcast, a client's event or presence data came unencrypted into a project that is encrypted (P14).
    /// `minKeyEpoch` is the lowest key epoch that it takes. Nothing was sent.
    NOT_ENCRYPTED = "not_encrypted", HttpOrFrame(409),
        "The project is encrypted. Encrypt the payload; a backend can mark an event that anybody may read with plaintext: true",
        do "Turn on encryption in the sender: `encryption: { keys }` in the npm package, or as in \
        [encryption.md](../encryption.md) in another language. A backend that wants to send one event unencrypted \
        adds `\"plaintext\":true` to it.";
    /// A `GET` or `PUT` came for a document that is encrypted, or a `PUT` for one of an encrypted project. The server can't
    /// read it, and takes no unencrypted content.
    DOCUMENT_ENCRYPTED = "document_encrypted", Http(409),
        "The document is encrypted, so only its members can read or write it",
        do "Connect to it with `DocumentProvider` and the keys of the project, in Node as in a browser.";
    /// The user id in the path of a `DELETE` is over 128 bytes, is not valid UTF-8 once decoded, or
    /// contains a control character; or `for` is not a whole number of seconds from 1 to 31536000
    /// (a year).
    INVALID_REMOVAL = "invalid_removal", Http(400),
        "The user id must be 1 to 128 bytes of UTF-8 without control characters, 'for' 1 to 31536000 seconds",
        do "Pass the id through `encodeURIComponent`. Leave `for` out if the user can return at \
        once.";
    /// A room got more broadcasts than `PUBLISHES_PER_SECOND` and `PUBLISH_BURST` allow, an address
    /// connected to a project more often than the rate limit `CONNECTS` in `wrangler.toml` allows,
    /// or a client sent more messages than `CLIENT_MESSAGES_PER_SECOND` and `CLIENT_MESSAGE_BURST`
    /// allow, or the messages of all clients in a room go to more sockets than
    /// `CLIENT_DELIVERIES_PER_SECOND` and `CLIENT_DELIVERY_BURST` allow. Nothing was done. `limit`
    /// says which limit it was.
    RATE_LIMITED = "rate_limited", HttpOrFrame(429),
        "Rate limit exceeded. Wait as long as Retry-After or retryAfterMs says",
        do "Wait as long as the `Retry-After` header (seconds) or `retryAfterMs` says, then try \
        again. A backend with many events at once can send them as one list, `events`, or send \
        one event when the whole change is done. If the traffic is legitimate and the limit too \
        low, raise the setting.";
    /// The room already remembers 10,000 revoked users and token ids, and no `issuedBefore`
    /// revocation has replaced them. It keeps each one, since it does not know when those tokens
    /// expire. Nothing was done.
    TOO_MANY_REVOCATIONS = "too_many_revocations", Http(409),
        "The room can store no more revocations. Revoke all tokens up to now with issuedBefore to replace them",
        do "Send `POST …/revoke` with `{\"issuedBefore\":<now in ms>}`. All clients then fetch a \
        fresh token once, and the room forgets the earlier revocations.";
    /// The room's storage did not accept the event or the removal. An event that is kept in the
    /// history is written before it is sent, so nobody got it.
    STORAGE_FAILED = "storage_failed", Http(503),
        "The room's storage failed, so nothing was done. Try again later",
        do "Try again after `Retry-After`. If the error persists, look for `failure` in the log. An \
        event with `\"ephemeral\":true` needs no storage.";
    /// The room's object did not answer: it was reset, was overloaded, or could not be reached. A
    /// broadcast may have been delivered before that, or not: the server does not know, and does not
    /// repeat it. A removal, a revocation, a key epoch or an erasure may have been done in a part of a
    /// large room only. On a socket: the keys to check the client's fresh token could not be fetched.
    ROOM_UNAVAILABLE = "room_unavailable", HttpOrFrame(503),
        "The room did not answer. A broadcast may or may not have been delivered. Try again later",
        do "Try again after `Retry-After` if a duplicate event does no harm; it does none if the \
        event only makes clients fetch again. Repeat any other call until it is answered with 200. \
        If the error persists, check the log and Cloudflare's status page. On a socket, send the \
        token again a little later.";
    /// A bug in the server. Its log has a line with `"event":"failure"`.
    INTERNAL_ERROR = "internal_error", Http(500),
        "The server failed on this request. Its log has a line about it",
        do "Please report it, with that line.";
    /// A client sent a message other than a ping on its socket, and the server has `CLIENT_EVENTS`
    /// off: a change goes through the app's backend, which broadcasts it. The socket stays open.
    CLIENT_EVENTS_DISABLED = "client_events_disabled", Frame,
        "Clients cannot send events here. Write through the app's backend",
        do "Call your API instead, or set `CLIENT_EVENTS` to `on`. To keep the connection alive, \
        send exactly `{\"type\":\"PING\"}`.";
    /// The client sent `{"type":"AUTH","token":…}` with a token that is malformed, is not signed
    /// with one of the server's keys, has expired, or is not for this server. `reason` says which
    /// check failed, as for close code [4100](4100.md).
    TOKEN_INVALID = "token_invalid", Frame,
        "The token is not valid. Send a valid one before the current one expires, or this connection closes",
        do "Send a valid token. The socket stays open until the token it connected with expires.";
    /// The client sent `{"type":"AUTH","token":…}` with a token whose `sub` is another user, or
    /// which does not grant `subscribe` in this project. `reason` says which: `user`, `projects` or
    /// `permissions`. Without a `reason`, the client sent `SEND` or `PRESENCE_SET` and its token does
    /// not grant `send` or `presence`, or, for `PRESENCE_SET`, the client is anonymous.
    NOT_ALLOWED = "not_allowed", Frame,
        "The token does not allow this, or it belongs to another user or project",
        do "Fetch a token for the same user and project. For another user, open another \
        connection. A token for clients that talk to each other has \
        `\"permissions\":[\"subscribe\",\"presence\",\"send\"]`.";
    /// A client sent `PRESENCE_SET`, and with the patch its presence data would be larger than
    /// `PRESENCE_DATA_MAX`. Nothing was changed.
    PRESENCE_DATA_TOO_BIG = "presence_data_too_big", Frame,
        "The presence data would be larger than PRESENCE_DATA_MAX. Nothing was changed",
        do "Keep presence data small: where somebody is and what they do, with ids for everything \
        else. `null` deletes a key. `CONNECTED.limits` has the limit, `presenceDataBytes`.";
    /// A client sent a text frame that is not a JSON object with a string field `type`, nor, with
    /// `CLIENT_EVENTS` on, a list of 1 to 64 of them; or a field of its message has the wrong type or
    /// form, and `message` says which. The socket stays open.
    MALFORMED_MESSAGE = "malformed_message", Frame,
        "A message must be one JSON object with a string field 'type'",
        do "Send `JSON.stringify({ type: \"PING\" })`. The plain text `ping` is not understood. \
        Compare with [the protocol](../protocol.md#p11-client-events).";
    /// A client sent a binary frame. The socket stays open.
    BINARY_NOT_SUPPORTED = "binary_not_supported", Frame,
        "Binary messages are not supported. Send JSON as text",
        do "Send JSON as text.";
}
