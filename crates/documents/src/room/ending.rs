//! A socket ends, and the last one leaves (P13.5, P13.7, P13.10).

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::Closing;

use super::Document;
use crate::ports::{Sockets, Storage};
use crate::visitor::Visitor;

/// What the project's room is told of a document that nobody has open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// It has content.
    Kept,
    /// There is nothing in it, so the room can forget it.
    Empty,
}

/// Whether the project's room believes that somebody has the document open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Registration {
    /// Nothing is known: there was nobody on waking, as after a crash.
    Unknown,
    Open,
    /// To be told that nobody has.
    Over,
    Released,
}

impl Registration {
    pub fn restore(sockets: usize) -> Self {
        if sockets > 0 { Self::Open } else { Self::Unknown }
    }

    pub fn has_opened(&mut self) {
        *self = Self::Open;
    }

    /// Who erases the document tells the project's room.
    pub fn is_erased(&mut self) {
        *self = Self::Released;
    }
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// A client's socket has ended. Returns its visitor; `None` if it was already gone, for example because we closed it.
    pub fn leave(&mut self, socket: SocketId, now: Millis) -> Option<Visitor> {
        // Before it is gone, since all of them are known from now on.
        self.awareness();
        let gone = [(socket, self.sockets.remove(socket)?)];
        self.have_ended(&gone, now);
        let [(_, visitor)] = gone;
        Some(visitor)
    }

    pub(super) fn close_all(
        &mut self,
        sockets: Vec<SocketId>,
        closing: Closing,
        now: Millis,
    ) -> Vec<Visitor> {
        self.awareness();
        let close = |socket| Some((socket, self.sockets.close(socket, closing)?));
        // First all of them, so that none is told of the others.
        let gone: Vec<_> = sockets.into_iter().filter_map(close).collect();
        self.have_ended(&gone, now);
        gone.into_iter().map(|(_, visitor)| visitor).collect()
    }

    pub(super) fn close(
        &mut self,
        socket: SocketId,
        closing: Closing,
        now: Millis,
    ) -> Option<Visitor> {
        self.close_all(vec![socket], closing, now).pop()
    }

    fn have_ended(&mut self, gone: &[(SocketId, Visitor)], now: Millis) {
        self.tell_gone(gone);
        self.tell_gone_sealed(gone);
        if self.unwritten.has_any_of(gone) {
            // If it fails, the document is reset.
            let _ = self.write_all(now);
        }
        self.is_maybe_abandoned(false);
    }

    /// If nobody has the document open or is expected, the project's room is told, and the document is compacted if it is
    /// worth it. `even_if_unknown`: also if nothing is known of what the room believes.
    pub(super) fn is_maybe_abandoned(&mut self, even_if_unknown: bool) {
        if self.sockets.count() > 0 || !self.expected.is_empty() {
            return;
        }
        match self.registration {
            Registration::Open => {
                self.registration = Registration::Over;
                self.consider_compaction();
            }
            Registration::Unknown if even_if_unknown => self.registration = Registration::Over,
            _ => {}
        }
    }

    pub(super) fn take_release(&mut self) -> Option<Release> {
        if self.registration != Registration::Over {
            return None;
        }
        self.registration = Registration::Released;
        match self.exists() {
            Ok(false) => Some(Release::Empty),
            _ => Some(Release::Kept),
        }
    }
}
