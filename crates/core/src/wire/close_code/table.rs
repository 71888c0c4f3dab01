//! The registry of close codes: the only source for `docs/errors/` and for the codes in the npm package.
//!
//! Run `npm run codegen` after a change.

use super::{CloseCode, ClosePage};

/// Each entry: when the server sends the code (its doc comment), its name in Rust, the number, the stable name,
/// milliseconds to wait, and what to do.
macro_rules! close_codes {
    ($(
        $(#[doc = $when:literal])+
        $name:ident = $number:literal, $code:literal, $retry:expr, do $what_to_do:literal;
    )*) => {
        impl CloseCode {
            $(
                $(#[doc = $when])+
                pub const $name: Self =
                    Self { number: $number, name: $code, retry_after_ms: $retry };
            )*

            /// Every code, with its page. The Worker never reads this, so it is not part of the WebAssembly.
            pub const PAGES: &'static [ClosePage] = &[$(ClosePage {
                code: Self::$name,
                when: concat!($($when),+).trim_ascii_start(),
                what_to_do: $what_to_do,
            }),*];
        }
    };
}

close_codes! {
    /// The client connected with a `userId` that is over 128 bytes or contains control characters
    /// (`"reason":"userId"`), to an invalid project id (`"reason":"projectId"`) or to an invalid
    /// document id (`"reason":"docId"`). Or it sent a document a frame that can't be read
    /// (`"reason":"message"`). Or the document is encrypted and the client did not say so, or the
    /// other way round (`"reason":"encryption"`).
    BAD_REQUEST = 4000, "bad_request", None,
        do "Do not reconnect: it would end the same way. Correct what the app puts into `query`, or \
        pass the ids in the URL through `encodeURIComponent`. A document takes one message of \
        y-protocols in each binary frame, with updates of version 1. An encrypted document is opened \
        by the package's provider with `encryption`; stock providers can't read it. A document with \
        plain content stays plain: to encrypt it, make a new one from its content.";
    /// The token belongs to a user other than `userId` in the query (`"reason":"user"`), does not
    /// list this project (`"reason":"projects"`), or does not let the client subscribe, or open
    /// documents (`"reason":"permissions"`). Or a setting keeps the client out, and the reason names it:
    /// `"setting":"CONNECT_AUTH"` and others while nobody can connect yet,
    /// `"setting":"ALLOWED_ORIGINS"` for a page whose origin is not in that list.
    NOT_ALLOWED = 4001, "not_allowed", None,
        do "Do not reconnect: it would end the same way. Check what your backend writes into the \
        token: `npm run token -- --check <token>` explains it, and [tokens](../tokens.md) says \
        where `projects` goes with your identity provider. If the reason names a setting, see `GET \
        /health`, and add the origin of your page to `ALLOWED_ORIGINS`.";
    /// A backend removed the user from the project (`DELETE
    /// /parties/main/:projectId/users/:userId`), or the user came back while the removal still
    /// keeps them out.
    REMOVED = 4003, "removed", None,
        do "Do not reconnect. Tell the person that they are no longer in the project. To let them \
        back in earlier, the backend calls the same `DELETE` without `for`.";
    /// The client sent a frame over `MAX_CLIENT_FRAME_BYTES` (default 16,384; announced as
    /// `limits.clientFrameBytes` in `CONNECTED`); or, to a document, one over
    /// `DOCUMENT_MAX_BYTES` (default 5,242,880), or a change with which the document would be
    /// larger than that (`"limit":"documentBytes"`).
    MESSAGE_TOO_BIG = 4009, "message_too_big", None,
        do "Do not reconnect until you have found the cause: a client has no reason to send \
        anything large to a room. What does not fit into a document has not been stored: divide \
        the document, keep pictures elsewhere, or raise `DOCUMENT_MAX_BYTES`.";
    /// The user, or the room, was at its connection limit, and a newer connection of the same user
    /// with the same `_pk` needed a place. Usually nobody sees this code, because the connection it
    /// closes is already dead. A page gets it only if two pages share one `_pk`.
    REPLACED = 4010, "replaced", None,
        do "Do not reconnect: that would close the other page in turn. Give each page its own \
        `_pk`; `partysocket` generates one if you set no `id`. Do not copy it between tabs.";
    /// The client was told `rate_limited` and did not stop: it sent more than twenty times what
    /// `CLIENT_MESSAGE_BURST` and `CLIENT_MESSAGES_PER_SECOND` allow. A document tells nobody
    /// before. It also closes the sender of a change if all its clients together send more than
    /// `CLIENT_DELIVERIES_PER_SECOND` and `CLIENT_DELIVERY_BURST` allow
    /// (`"limit":"clientDeliveriesPerSecond"`).
    RATE_LIMITED = 4029, "rate_limited", None,
        do "Look for a loop in the client that sends messages. After each `ERROR` with the code \
        `rate_limited`, wait as long as `retryAfterMs` says. A client of a document loses nothing: \
        it synchronises when it is opened again.";
    /// There was no valid token. `reason` says which check failed: `missing` (no token was sent),
    /// `malformed` (it is not a JWT, or is too long), `alg`, `crit`, `signature` (it is not signed
    /// with one of the server's keys), `exp` (it has none), `nbf`, `iat` (it is not valid yet, or
    /// was issued in the future), `iss`, `aud` (it is not for this server), `sub` (it names no
    /// user), or `revoked` (`POST …/revoke`).
    TOKEN_INVALID = 4100, "token_invalid", None,
        do "Fetch a token from your backend and reconnect with it. If that keeps failing, the \
        backend and the server disagree about what `reason` names: `npm run token -- --check \
        <token>` says more, and [tokens](../tokens.md) has the settings for your identity provider.";
    /// The token has expired: either before the client connected, or while it was connected and
    /// more than `TOKEN_GRACE_SECONDS` ago.
    TOKEN_EXPIRED = 4101, "token_expired", None,
        do "Fetch a fresh token and reconnect with it and with your position (`since`), so that you \
        miss nothing. Or send `{\"type\":\"AUTH\",\"token\":\"…\"}` before the token expires.";
    /// The client used to ping and then was silent for `STALE_SOCKET_SECONDS`, so its connection was
    /// assumed dead; or the room could not accept the connection at that moment; or the room or the
    /// document was erased; or a large room grew, shrank, or was not certain that the client had had
    /// everything.
    TRY_AGAIN = 4200, "try_again", Some(1_000),
        do "Reconnect after `retryAfterMs`, with some jitter. `partysocket` reconnects by itself.";
    /// The user already has `USER_SOCKETS_MAX` connections to this room or document, or it already
    /// has `ROOM_SOCKETS_MAX`.
    CONNECTION_LIMIT = 4201, "connection_limit", Some(10_000),
        do "Reconnect later. A user at the limit usually has a client that opens connections \
        without closing the old ones. If the room really is that full, raise the setting.";
    /// A setting of the server has a value that can't be used. The reason names it:
    /// `"setting":"HISTORY_SIZE"`. Until it is corrected, nobody can connect.
    MISCONFIGURED = 4202, "misconfigured", Some(30_000),
        do "Reconnect after `retryAfterMs`. If you run the server: `GET /health` says what the \
        setting must be. Correct it and deploy again; clients reconnect by themselves.";
}
