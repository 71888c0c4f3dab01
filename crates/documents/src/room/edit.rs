//! A client changes the document (P13.2, P13.5, P13.6, P13.8).

use validiant_core::Millis;
use validiant_core::limits::MAX_SOCKETS;
use validiant_core::member::SocketId;
use validiant_core::room_call::document::BYTES_LIMIT;
use validiant_core::wire::close_code::CloseCode;

use super::Document;
use super::log::{Health, Size};
use super::refused::Refused;
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::sync;
use crate::update::{Contents, merge};
use crate::visitor::Visitor;

/// A document is measured again when a part of the limit like this has come since.
const PARTS_OF_LIMIT: usize = 64;

/// An update from a client.
pub(super) struct Edit<F> {
    /// The message, as it came.
    pub frame: F,
    /// Where in it the update begins.
    pub update_at: usize,
    /// Whether it is an answer to our state vector. Those are not acknowledged.
    pub is_answer: bool,
}

impl<F: AsRef<[u8]>> Edit<F> {
    fn update(&self) -> &[u8] {
        self.frame.as_ref().get(self.update_at..).unwrap_or_default()
    }
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Takes an update from a client.
    ///
    /// # Errors
    /// [`Refused`]; then the update is not taken.
    pub(super) fn edit(
        &mut self,
        socket: SocketId,
        edit: Edit<S::Frame>,
        now: Millis,
    ) -> Result<(), Refused> {
        let contents = Contents::of(edit.update())?;
        let is_known = self.log()?.contents.covers(&contents);
        let may_write = self.sockets.visitor(socket).is_some_and(|visitor| visitor.may_write);
        match (is_known, may_write) {
            (true, _) if edit.is_answer => {}
            (_, false) => self.deny(socket),
            (true, true) => self.acknowledge(socket, edit.frame),
            (false, true) => self.take(socket, edit, &contents, now)?,
        }
        Ok(())
    }

    fn take(
        &mut self,
        socket: SocketId,
        edit: Edit<S::Frame>,
        contents: &Contents,
        now: Millis,
    ) -> Result<(), Refused> {
        if !self.has_space_for(edit.update().len())? {
            return Err(CloseCode::MESSAGE_TOO_BIG.for_limit(BYTES_LIMIT).into());
        }
        if !self.may_deliver(self.sockets.count().saturating_sub(1), now) {
            return Err(CloseCode::RATE_LIMITED.into());
        }
        let log = self.log()?;
        log.contents.add(contents);
        log.size.since += edit.update().len();
        self.has_changed(now);
        if edit.is_answer {
            return self.store_first(socket, edit, now);
        }
        self.sockets.send_all(Some(socket), &edit.frame);
        self.unwritten.push(socket, edit, now);
        self.write(now);
        Ok(())
    }

    /// Takes an answer to our state vector. After a crash it can be the very update that somebody else waits to get back. So
    /// it must be durable before it reaches anybody.
    fn store_first(
        &mut self,
        socket: SocketId,
        edit: Edit<S::Frame>,
        now: Millis,
    ) -> Result<(), Refused> {
        let update = sync::update(edit.update());
        self.unwritten.push(socket, edit, now);
        self.write_all(now)?;
        self.sockets.send_all(Some(socket), &update.into());
        Ok(())
    }

    /// Nothing in an update is new. Its sender gets it back, after everything that came earlier.
    fn acknowledge(&mut self, socket: SocketId, frame: S::Frame) {
        if self.unwritten.is_empty() {
            self.sockets.send(socket, &frame);
        } else {
            self.unwritten.push_known(socket, frame);
        }
    }

    /// Tells a client once that it may not write.
    fn deny(&mut self, socket: SocketId) {
        let Some(visitor) = self.sockets.visitor(socket).filter(|it| !it.is_denied) else { return };
        let visitor = Visitor { is_denied: true, ..visitor.clone() };
        self.sockets.replace(socket, visitor);
        self.sockets.send(socket, &sync::denied("This token may only read.").into());
    }

    /// Whether something can be passed on to so many sockets.
    pub(super) fn may_deliver(&mut self, sockets: usize, now: Millis) -> bool {
        let sockets = u32::try_from(sockets).unwrap_or(u32::MAX);
        self.deliveries.take_all(sockets, MAX_SOCKETS, self.settings.deliveries, now).is_ok()
    }

    /// Whether the document stays within the limit with so many more bytes, if it is merged.
    fn has_space_for(&mut self, bytes: usize) -> Result<bool, StorageFailed> {
        let max = self.settings.max_bytes;
        let log = self.log()?;
        if log.size.whole() + bytes <= max {
            return Ok(true);
        }
        if log.size.since < max / PARTS_OF_LIMIT || log.health != Health::Sound {
            return Ok(false);
        }
        let measured = self.measure()?;
        self.wants_compaction = true;
        Ok(measured + bytes <= max)
    }

    /// How large the document is, merged.
    fn measure(&mut self) -> Result<usize, StorageFailed> {
        let stored = self.stored()?;
        let merged = merge(&self.with_unwritten(&stored)).map(|merged| merged.len());
        let log = self.log()?;
        if let Ok(measured) = merged {
            log.size = Size { measured, since: 0 };
        }
        Ok(log.size.whole())
    }
}
