use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::room_call::document::BYTES_LIMIT;
use validiant_core::wire::close_code::CloseCode;

use super::super::Document;
use super::super::refused::Refused;
use super::{JUMP, Numbers, WAITING};
use crate::ports::{Sockets, Storage};
use crate::sealed::{Sealed, entries_frame, entry};

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Takes a change from a client, as the next entry of the log.
    pub(super) fn append(
        &mut self,
        socket: SocketId,
        id: u64,
        sealed: Sealed<'_>,
        now: Millis,
    ) -> Result<(), Refused> {
        if self.refuses(socket, id, sealed.epoch, self.may_write(socket)) {
            return Ok(());
        }
        let (sender, max) = (self.sender(socket), self.settings.max_bytes);
        let others = self.sockets.count().saturating_sub(1);
        let is_first_of_life = !self.unwritten.was_written();
        let log = self.log()?;
        let numbers = log.sealed.unwrap_or(Numbers { began: now, ..Numbers::default() });
        let seq = numbers.newest + if is_first_of_life && numbers.newest > 0 { JUMP } else { 1 };
        let mut frame = entries_frame();
        entry(&mut frame, seq, &sender, sealed.bytes);
        if log.size.whole() + frame.len() > max {
            return Err(CloseCode::MESSAGE_TOO_BIG.for_limit(BYTES_LIMIT).into());
        }
        if !self.may_deliver(others, now) {
            return Err(CloseCode::RATE_LIMITED.into());
        }
        let log = self.log()?;
        let is_first = log.sealed.is_none();
        log.sealed = Some(Numbers { newest: seq, ..numbers });
        log.size.since += frame.len();
        self.has_changed(now);
        if is_first || is_first_of_life || self.unwritten.len() >= WAITING {
            self.unwritten.push_entry(socket, frame.clone().into(), (id, seq), now);
            self.write_all(now)?;
            if is_first {
                self.tell_all_current();
            }
            self.sockets.send_all(Some(socket), &frame.into());
        } else {
            let frame = frame.into();
            self.sockets.send_all(Some(socket), &frame);
            self.unwritten.push_entry(socket, frame, (id, seq), now);
            self.write(now);
        }
        Ok(())
    }
}
