//! The registry of error codes: the one source of `docs/errors/` and of what the npm package knows.
//!
//! After a change: `npm run codegen`.

use super::Carrier::{Frame, Http, HttpOrFrame};
use super::{ErrorCode, ErrorPage};

/// Each entry: when the code comes (its doc comment), its name in Rust, the code, by what it is carried, its message,
/// and what to do.
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

            /// Every code there is, with its page. No code of the Worker reads it, so none of it is shipped.
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
    /// The path is none of the server's, or is below a room and does not ask for a WebSocket.
    NOT_FOUND = "not_found", Http(404),
        "No such path. Rooms are at /parties/main/:projectId, health is at /health",
        do "Use `/parties/main/:projectId` (or its alias `/party/:projectId`) or `/health`. A \
        missing project id is the usual cause.";
    /// The path names another party than `main`. The server has this one only.
    UNKNOWN_PARTY = "unknown_party", Http(404),
        "No such party. The only party is main",
        do "With `partysocket`, set `party: \"main\"` (or leave it out). In a URL, use \
        `/parties/main/…`.";
    /// The path exists but does not take this method.
    METHOD_NOT_ALLOWED = "method_not_allowed", Http(405),
        "This path does not take this method. See the Allow header",
        do "The `Allow` header lists what it takes. Broadcast with `POST`, read the room's state \
        with `GET`.";
    /// The project id in the path is empty, over 128 bytes of UTF-8, not UTF-8 at all once decoded,
    /// or has a control character or `/` in it.
    INVALID_PROJECT_ID = "invalid_project_id", Http(400),
        "The project id must be 1 to 128 bytes of UTF-8 without control characters or '/'",
        do "Use the id as your database has it, passed through `encodeURIComponent`.";
    /// The URL has more than 16,384 bytes. It is refused before anything of it is parsed.
    URL_TOO_LONG = "url_too_long", Http(414),
        "The URL must be at most 16384 bytes",
        do "Look at what your client puts into the query. The server itself reads `_pk`, `userId`, \
        `userName`, `token`, `since` and `frames`.";
    /// A request asked for a WebSocket, but with another version than 13. Browsers and every
    /// WebSocket library send it.
    INVALID_HANDSHAKE = "invalid_handshake", Http(400),
        "A WebSocket handshake needs Sec-WebSocket-Version: 13",
        do "Use a WebSocket client rather than headers written by hand.";
    /// A broadcast or a request for the room's state came without `Authorization: Bearer <secret>`,
    /// or with another secret than the two in force. If what came is a token (P9.6), `reason` says
    /// which check failed: `signature`, `exp`, `aud` and so on, as in the close code
    /// [4100](4100.md).
    UNAUTHORIZED = "unauthorized", Http(401),
        "Missing or wrong secret. Send Authorization: Bearer <BROADCAST_SECRET>",
        do "Send the value of `BROADCAST_SECRET`. In development it stands in `.dev.vars`. After a \
        rotation, the value before it is accepted while it is set as `BROADCAST_SECRET_PREVIOUS`.";
    /// A broadcast came with a token instead of the secret, and the token does not have this
    /// project in `projects`, or no `publish` for it in `permissions`. `reason` says which of the two.
    FORBIDDEN = "forbidden", Http(403),
        "The token does not allow to publish to this project. It needs it in projects, and publish in permissions",
        do "Give the third party a token with \
        `\"projects\":[\"…\"],\"permissions\":[\"publish\"]`, or use the secret.";
    /// The server has no `BROADCAST_SECRET`, so it lets nobody broadcast.
    NOT_CONFIGURED = "not_configured", Http(503),
        "BROADCAST_SECRET is not set. Set it with: npx wrangler secret put BROADCAST_SECRET",
        do "Run `npx wrangler secret put BROADCAST_SECRET`; in development `npm run dev` sets one. \
        `GET /health` shows when it is there.";
    /// A setting has a value that can't be used. The server does not guess: it refuses every room
    /// request until the value is right.
    MISCONFIGURED = "misconfigured", Http(503),
        "A setting of the server is wrong. GET /health names it",
        do "`GET /health` names the setting and says what it must be. Correct it in \
        `wrangler.toml` and deploy again.";
    /// The body of a broadcast has more bytes than `MAX_PAYLOAD_BYTES` (default 32,768). It is
    /// judged by `Content-Length`, or while it is read.
    PAYLOAD_TOO_LARGE = "payload_too_large", Http(413),
        "The body is larger than MAX_PAYLOAD_BYTES. Send ids and let clients fetch the rest",
        do "Send ids and let clients fetch the rest: a broadcast is a notification. If you must, \
        raise `MAX_PAYLOAD_BYTES`, up to 1 MiB.";
    /// The body came with a `Content-Encoding` such as `gzip`. The server unpacks nothing.
    UNSUPPORTED_ENCODING = "unsupported_encoding", Http(415),
        "The body is compressed, and the server unpacks nothing. Send it without Content-Encoding",
        do "Turn the compression of requests off for this call. A body has at most \
        `MAX_PAYLOAD_BYTES`, so there is little to gain.";
    /// The body of a broadcast is not one JSON object in UTF-8.
    INVALID_JSON = "invalid_json", Http(400),
        "The body must be one JSON object in UTF-8",
        do "Send `JSON.stringify({ eventType, payload })`. Whatever `Content-Type` says, the body is \
        read as JSON: a form (`eventType=…`) is none. A byte order mark, a trailing comma and \
        an array are common causes.";
    /// A field has the wrong type or form. `error` says which field and what it must be.
    INVALID_FIELD = "invalid_field", Http(400),
        "A field has the wrong type or form",
        do "Compare with the table of fields in [the protocol](../protocol.md#p2-broadcast).";
    /// A field that the server knows stands in the body twice. Which one would count is a guess
    /// that the server does not make.
    DUPLICATE_FIELD = "duplicate_field", Http(400),
        "A field stands in the body twice",
        do "Build the body from an object rather than by joining text.";
    /// `eventType` is absent, null or empty.
    MISSING_EVENT_TYPE = "missing_event_type", Http(400),
        "Missing eventType",
        do "Name what happened, such as `TASK_UPDATED`. The field is `eventType`, not `type`: that \
        is its name in the frame to the clients.";
    /// `eventType` is one that only the server sends: `CONNECTED`, `USER_JOINED`, `USER_LEFT`,
    /// `PRESENCE`, `PONG`, `ERROR` or `AUTH_OK`.
    RESERVED_EVENT_TYPE = "reserved_event_type", Http(400),
        "This eventType is the server's own. Choose another name",
        do "Choose another name, such as `MEMBER_ADDED`.";
    /// The `id`, or `Idempotency-Key`, was used for another event within the history window
    /// (`HISTORY_SIZE` events, `HISTORY_TTL_SECONDS`): another type, payload, exclusion or target,
    /// compared byte for byte. Nothing was sent.
    IDEMPOTENCY_CONFLICT = "idempotency_conflict", Http(409),
        "This id was used for another event. Use a fresh one for each event, and the same one to repeat it",
        do "Draw a fresh id (a UUID) for each event, and keep it with the event for repeats. \
        Repeat the very same body.";
    /// The user id in the path of a `DELETE` is over 128 bytes, not UTF-8 once decoded, or has a
    /// control character in it; or `for` is not a whole number of seconds from 1 to 31536000, which
    /// is a year.
    INVALID_REMOVAL = "invalid_removal", Http(400),
        "The user id must be 1 to 128 bytes of UTF-8 without control characters, 'for' 1 to 31536000 seconds",
        do "Pass the id through `encodeURIComponent`. Leave `for` out to let the user return at \
        once.";
    /// A room got more broadcasts than `PUBLISHES_PER_SECOND` and `PUBLISH_BURST` allow, an address
    /// connected to a project more often than the rate limit `CONNECTS` of `wrangler.toml` allows,
    /// or a client sent more messages than `CLIENT_MESSAGES_PER_SECOND` and `CLIENT_MESSAGE_BURST`
    /// allow. Nothing was done.
    RATE_LIMITED = "rate_limited", HttpOrFrame(429),
        "This comes too often. Wait as long as Retry-After, or retryAfterMs, says",
        do "Wait as long as the header `Retry-After` (seconds) or `retryAfterMs` says, then try \
        again. A backend with many events at once sends them as one list, `events`, or waits until \
        a change is whole. If the traffic is right and the limit is too low, raise the setting.";
    /// A room was told of 10,000 users and token ids whose tokens are revoked, and of no time
    /// before which all tokens are. It remembers each, since it does not know how long those tokens
    /// live. Nothing was done.
    TOO_MANY_REVOCATIONS = "too_many_revocations", Http(409),
        "The room remembers no more revocations. Revoke all tokens up to now with issuedBefore: that takes their place",
        do "`POST …/revoke` with `{\"issuedBefore\":<now in ms>}`: all clients fetch a fresh token \
        once, and the room forgets all that came before.";
    /// The room's storage did not take the event or the removal. An event that is to be kept is
    /// written before it is sent, so nobody got it.
    STORAGE_FAILED = "storage_failed", Http(503),
        "The room's storage failed, so nothing was done. Try again later",
        do "Try again after `Retry-After`. If it goes on, look for `failure` in the log. An event \
        with `\"ephemeral\":true` needs no storage.";
    /// The room's object did not answer: it was reset, overloaded, or can't be reached. A broadcast
    /// may have been delivered before that, or not: the server does not know, and does not repeat
    /// it. On a socket: the keys that a client's fresh token is judged by can't be had just now.
    ROOM_UNAVAILABLE = "room_unavailable", HttpOrFrame(503),
        "The room did not answer. A broadcast may or may not have been delivered. Try again later",
        do "Try again after `Retry-After` if a doubled event does no harm, which holds for events \
        that make a client fetch anew. If it goes on, look at the log and at Cloudflare's status. \
        On a socket, send the token again a little later.";
    /// A bug of the server. Its log has a line with `"event":"failure"`.
    INTERNAL_ERROR = "internal_error", Http(500),
        "The server failed on this request. Its log has a line about it",
        do "Please report it with that line.";
    /// A client sent a message other than a ping on its socket. Clients do not talk to each other
    /// here: what they change goes through the app's backend, which broadcasts it. The socket stays
    /// open.
    CLIENT_EVENTS_DISABLED = "client_events_disabled", Frame,
        "Clients may not send events here. Write through the app's backend",
        do "Call your API instead. For keep-alive send exactly `{\"type\":\"PING\"}`.";
    /// The client sent `{"type":"AUTH","token":…}` with a token that is not well formed, not signed
    /// with a key of the server, expired, or not for it. `reason` says which check failed, as in the
    /// close code [4100](4100.md).
    TOKEN_INVALID = "token_invalid", Frame,
        "The token is not valid. Send one that is, or this connection ends with the one before",
        do "Send a valid one. The socket stays until the token that it came with has ended.";
    /// The client sent `{"type":"AUTH","token":…}` with a token whose `sub` is another user, or
    /// which does not allow `subscribe` in this project. `reason` says which: `user`, `projects` or
    /// `permissions`.
    NOT_ALLOWED = "not_allowed", Frame,
        "The token is another user's, or does not allow to listen to this project",
        do "Fetch a token for the same user and project. For another user open another connection.";
    /// A client sent a text frame that is not a JSON object with a string field `type`. The socket
    /// stays open.
    MALFORMED_MESSAGE = "malformed_message", Frame,
        "A message must be one JSON object with a string field 'type'",
        do "Send `JSON.stringify({ type: \"PING\" })`; the bare text `ping` is not understood.";
    /// A client sent a binary frame. The socket stays open.
    BINARY_NOT_SUPPORTED = "binary_not_supported", Frame,
        "Binary messages are not supported. Send JSON as text",
        do "Send JSON as text.";
}
