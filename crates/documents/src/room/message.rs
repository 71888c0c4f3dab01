//! A client sends a message (P13.3, P13.8).

use validiant_core::Millis;
use validiant_core::limits::ABUSE_FACTOR;
use validiant_core::limits::rate::Rate;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::{CloseCode, Closing};

use super::Document;
use super::edit::Edit;
use super::refused::Refused;
use crate::ports::{Sockets, Storage};
use crate::state::StateVector;
use crate::sync::Message;
use crate::visitor::Visitor;

/// A long message counts as one for each so many bytes.
const BYTES_A_MESSAGE: usize = 16 * 1024;

/// A frame from a client, as the runtime delivers it.
#[derive(Debug)]
pub enum Incoming<F> {
    /// A binary frame within the limit.
    Binary(F),
    /// A text frame. It is ignored, but counts.
    Text,
    /// A frame over the limit, of either kind, not read.
    TooBig,
}

/// A socket that was closed because of what came on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// How.
    pub closing: Closing,
    /// Who was connected on it.
    pub visitor: Visitor,
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Handles a frame from a client. Returns whether its socket was closed.
    pub fn message(
        &mut self,
        socket: SocketId,
        message: Incoming<S::Frame>,
        now: Millis,
    ) -> Option<Closed> {
        let Refused(closing) = self.serve(socket, message, now).err()?;
        Some(Closed { closing, visitor: self.close(socket, closing, now)? })
    }

    fn serve(
        &mut self,
        socket: SocketId,
        message: Incoming<S::Frame>,
        now: Millis,
    ) -> Result<(), Refused> {
        if self.sockets.visitor(socket).is_none() {
            // A frame that was in flight when its socket was closed.
            return Ok(());
        }
        self.count_message(socket, now)?;
        match message {
            Incoming::Text => Ok(()),
            Incoming::Binary(frame) if frame.as_ref().len() <= self.settings.max_bytes => {
                self.count_bytes(socket, frame.as_ref().len(), now)?;
                self.take_message(socket, frame, now)
            }
            Incoming::Binary(_) | Incoming::TooBig => Err(CloseCode::MESSAGE_TOO_BIG.into()),
        }
    }

    fn take_message(
        &mut self,
        socket: SocketId,
        frame: S::Frame,
        now: Millis,
    ) -> Result<(), Refused> {
        let bytes = frame.as_ref();
        if self.sockets.visitor(socket).is_some_and(Visitor::is_sealed) {
            return self.take_sealed(socket, bytes, now);
        }
        // An update is the end of its frame.
        let begin = |update: &[u8]| bytes.len() - update.len();
        match Message::read(bytes)? {
            Message::Step1(have) => {
                let have = StateVector::decode(have)?;
                // They are all read.
                let bytes = self.log()?.bytes;
                self.count_bytes(socket, bytes, now)?;
                self.answer_step_1(socket, &have, now)?;
            }
            Message::Step2(update) => {
                let update_at = begin(update);
                self.edit(socket, Edit { frame, update_at, is_answer: true }, now)?;
            }
            Message::Update(update) => {
                let update_at = begin(update);
                self.edit(socket, Edit { frame, update_at, is_answer: false }, now)?;
            }
            Message::Awareness(update) => self.hear(socket, update, now)?,
            Message::QueryAwareness => self.tell_all_states(socket),
        }
        Ok(())
    }

    fn count_message(&mut self, socket: SocketId, now: Millis) -> Result<(), Refused> {
        self.count(socket, 1, now)
    }

    /// So many bytes count as several messages, but a client that has been silent may always send one.
    pub(super) fn count_bytes(
        &mut self,
        socket: SocketId,
        bytes: usize,
        now: Millis,
    ) -> Result<(), Refused> {
        let most = self.message_rate().burst / 2;
        let messages = u32::try_from(bytes / BYTES_A_MESSAGE).unwrap_or(most).min(most);
        self.count(socket, messages, now)
    }

    fn count(&mut self, socket: SocketId, messages: u32, now: Millis) -> Result<(), Refused> {
        let rate = self.message_rate();
        let taken = self.sockets.messages(socket).map(|bucket| bucket.take(messages, rate, now));
        match taken {
            Some(Err(_)) => Err(CloseCode::RATE_LIMITED.into()),
            _ => Ok(()),
        }
    }

    fn message_rate(&self) -> Rate {
        self.settings.messages.times(ABUSE_FACTOR)
    }
}
