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
    /// The frame had several messages: what was done with each.
    Several(Vec<Answered>),
    /// The socket was closed; contains its member, unless it was already gone.
    Closed(CloseCode, Option<Member>),
}

const AUTH_IN_LIST: Refusal = Refusal::malformed_message("AUTH must be alone in its frame");

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Handles a frame from a client (P4.7 to P4.9, P4.12, P10.3).
    pub fn message(&mut self, socket: SocketId, message: Incoming<'_>, now: Millis) -> Answered {
        self.begin(now);
        let list = self.list_in(message);
        let count = list.as_ref().map_or(1, Vec::len) as u32;
        let limits = &self.settings.limits;
        match self.sockets.allowance(socket).map(|left| left.hear(count, limits, now)) {
            Some(Heard::Yes) => {}
            Some(Heard::TooMany(exceeded)) => {
                return self.refuse(socket, exceeded, now);
            }
            Some(Heard::Abusive) => return self.shut(socket, CloseCode::RATE_LIMITED, now),
            // A frame that was in flight when its socket was closed.
            None => return Answered::Served,
        }
        match (message, list) {
            (_, Some(list)) => self.serve_all(socket, &list, now),
            (Incoming::TooBig, _) => self.shut(socket, CloseCode::MESSAGE_TOO_BIG, now),
            (Incoming::Text(text), _) if self.is_too_long(text) => {
                self.shut(socket, CloseCode::MESSAGE_TOO_BIG, now)
            }
            (Incoming::Text(text), _) => self.serve_alone(socket, text, now),
            (Incoming::Binary, _) => self.refuse(socket, ErrorCode::BINARY_NOT_SUPPORTED, now),
        }
    }

    /// The messages in a frame that has a list of them.
    fn list_in<'a>(&self, message: Incoming<'a>) -> Option<Vec<&'a str>> {
        let Incoming::Text(text) = message else { return None };
        let limits = &self.settings.limits;
        let may_be = limits.client_events.is_some() && text.len() <= limits.client_frame_bytes;
        if may_be { ClientMessage::list(text) } else { None }
    }

    #[inline(never)]
    fn serve_all(&mut self, socket: SocketId, messages: &[&str], now: Millis) -> Answered {
        let serve = |text: &&str| match self.parse(text) {
            Ok(ClientMessage::Auth(_)) => self.refuse(socket, AUTH_IN_LIST, now),
            parsed => self.serve(socket, parsed, messages.len() > 1, now),
        };
        let answered = messages.iter().map(serve).collect();
        self.flush();
        Answered::Several(answered)
    }

    fn serve_alone(&mut self, socket: SocketId, text: &str, now: Millis) -> Answered {
        match self.parse(text) {
            Ok(ClientMessage::Auth(token)) if self.settings.takes_tokens => {
                Answered::Authenticate(token)
            }
            Ok(ClientMessage::Auth(_)) => {
                self.refuse(socket, ErrorCode::CLIENT_EVENTS_DISABLED, now)
            }
            parsed => self.serve(socket, parsed, false, now),
        }
    }

    /// Handles anything but a fresh token. `more_to_come`: other messages came with it.
    fn serve(
        &mut self,
        socket: SocketId,
        parsed: Result<ClientMessage<'_>, Refusal>,
        more_to_come: bool,
        now: Millis,
    ) -> Answered {
        match parsed {
            Ok(ClientMessage::Ping) => {
                self.flush();
                self.sockets.send(socket, &frame::pong(now));
                Answered::Served
            }
            Ok(ClientMessage::Send(event)) => self.pass_on(socket, &event, more_to_come, now),
            Ok(ClientMessage::SetPresence(patch)) => self.set_presence(socket, patch, now),
            Ok(ClientMessage::Auth(_)) => Answered::Served,
            Err(refusal) => self.refuse(socket, refusal, now),
        }
    }

    fn parse<'a>(&self, text: &'a str) -> Result<ClientMessage<'a>, Refusal> {
        ClientMessage::parse(text, self.settings.limits.client_events.is_some())
    }

    /// A fresh token may be longer than any other message (P4.9).
    fn is_too_long(&self, text: &str) -> bool {
        let RoomSettings { limits, takes_tokens, .. } = &self.settings;
        let is_token = || matches!(self.parse(text), Ok(ClientMessage::Auth(_)));
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
