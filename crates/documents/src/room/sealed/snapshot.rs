use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::room_call::document::BYTES_LIMIT;
use validiant_core::wire::close_code::CloseCode;

use super::super::Document;
use super::super::refused::Refused;
use super::SNAPSHOT_STALE;
use crate::ports::{Sockets, Storage};
use crate::sealed::{Entries, Put, entry, kept, refused};

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Takes a snapshot from a client, if it is based on the one that is there.
    pub(super) fn put_snapshot(
        &mut self,
        socket: SocketId,
        put: &Put<'_>,
        now: Millis,
    ) -> Result<(), Refused> {
        let Put { id, base, upto, sealed } = *put;
        if self.refuses(socket, id, sealed.epoch, self.may_write(socket)) {
            return Ok(());
        }
        // The entries after it are those that are stored.
        self.write_all(now)?;
        let (sender, max) = (self.sender(socket), self.settings.max_bytes);
        let numbers = self.log()?.sealed.unwrap_or_default();
        let is_possible = (base.max(1)..=numbers.newest).contains(&upto);
        if base != numbers.upto || !is_possible {
            let frame = refused(id, SNAPSHOT_STALE, numbers.upto);
            self.sockets.send(socket, &frame.into());
            return Ok(());
        }
        let rest = if upto == numbers.newest {
            Vec::new()
        } else {
            self.entries_after(socket, upto, now)?
        };
        let mut snapshot = Vec::new();
        entry(&mut snapshot, upto, &sender, sealed.bytes);
        let bytes = snapshot.len() + rest.len();
        if bytes > max.max(self.log()?.bytes) {
            return Err(CloseCode::MESSAGE_TOO_BIG.for_limit(BYTES_LIMIT).into());
        }
        self.switch_to(&snapshot, rest)?;
        if let Some(numbers) = &mut self.log()?.sealed {
            numbers.has_snapshot(upto, sealed.epoch);
        }
        self.sockets.send(socket, &kept(id, upto).into());
        self.tell_all_current();
        Ok(())
    }

    /// The stored entries after one.
    fn entries_after(
        &mut self,
        socket: SocketId,
        upto: u64,
        now: Millis,
    ) -> Result<Vec<u8>, Refused> {
        let bytes = self.log()?.bytes;
        self.count_bytes(socket, bytes, now)?;
        let mut rest = Vec::new();
        for them in self.stored()? {
            Entries::after(upto, &them.data).for_each(|entry| rest.extend_from_slice(entry.bytes));
        }
        Ok(rest)
    }
}
