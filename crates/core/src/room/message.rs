//! A client sends a message (P4.7 to P4.9).

use super::{Room, RoomSettings};
use crate::Millis;
use crate::limits::Heard;
use crate::member::{Member, SocketId};
use crate::ports::{Sockets, Storage};
use crate::wire::client_message::ClientMessage;
use crate::wire::close_code::CloseCode;
use crate::wire::error_code::{ErrorCode, Refusal};
use crate::wire::frame;

/// A frame from a client, as the runtime delivers it.
#[derive(Debug, Clone, Copy)]
pub enum Incoming<'a> {
    /// A text frame.
    Text(&'a str),
    /// A binary frame within the limit.
    Binary,
    /// A frame over the limit, of either kind, not read.
    TooBig,
}

/// What the room did with a client's frame.
#[derive(Debug)]
pub enum Answered {
    /// It was understood.
    Served,
    /// It is a fresh token: [`Room::refresh`] takes it once its signature has been checked.
    Authenticate(String),
    /// The client was told why it is refused; the socket stays open.
    Refused(Refusal),
    /// The socket was closed; contains its member, unless it was already gone.
    Closed(CloseCode, Option<Member>),
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Handles a frame from a client (P4.7 to P4.9, P10.3).
    pub fn message(&mut self, socket: SocketId, message: Incoming<'_>, now: Millis) -> Answered {
        self.begin(now);
        match self.sockets.allowance(socket).map(|left| left.hear(&self.settings.limits, now)) {
            Some(Heard::Yes) => {}
            Some(Heard::TooMany(exceeded)) => {
                return self.refuse(socket, exceeded, now);
            }
            Some(Heard::Abusive) => return self.shut(socket, CloseCode::RATE_LIMITED, now),
            // A frame that was in flight when its socket was closed.
            None => return Answered::Served,
        }
        let parsed = match message {
            Incoming::TooBig => return self.shut(socket, CloseCode::MESSAGE_TOO_BIG, now),
            Incoming::Text(text) if self.is_too_long(text) => {
                return self.shut(socket, CloseCode::MESSAGE_TOO_BIG, now);
            }
            Incoming::Text(text) => ClientMessage::parse(text),
            Incoming::Binary => Err(ErrorCode::BINARY_NOT_SUPPORTED),
        };
        match parsed {
            Ok(ClientMessage::Ping) => {
                self.sockets.send(socket, &frame::pong(now));
                Answered::Served
            }
            Ok(ClientMessage::Auth(token)) if self.settings.takes_tokens => {
                Answered::Authenticate(token)
            }
            Ok(ClientMessage::Auth(_)) => {
                self.refuse(socket, ErrorCode::CLIENT_EVENTS_DISABLED, now)
            }
            Err(code) => self.refuse(socket, code, now),
        }
    }

    /// A fresh token may be longer than any other message (P4.9).
    fn is_too_long(&self, text: &str) -> bool {
        let RoomSettings { limits, takes_tokens, .. } = &self.settings;
        let is_token = || matches!(ClientMessage::parse(text), Ok(ClientMessage::Auth(_)));
        text.len() > limits.client_frame_bytes
            && (text.len() > limits.most_text_bytes(*takes_tokens) || !is_token())
    }

    /// Tells a client why something is refused; its socket stays open.
    pub fn refuse(
        &mut self,
        socket: SocketId,
        refusal: impl Into<Refusal>,
        now: Millis,
    ) -> Answered {
        let refusal = refusal.into();
        self.flush();
        self.sockets.send(socket, &frame::error(&refusal, now));
        Answered::Refused(refusal)
    }

    fn shut(&mut self, socket: SocketId, code: CloseCode, now: Millis) -> Answered {
        let gone = self.close(socket, code.into(), now);
        Answered::Closed(code, gone)
    }
}
