use validiant_core::Millis;
use validiant_core::member::SocketId;

use super::super::Document;
use super::super::refused::Refused;
use crate::ports::{Sockets, Storage};
use crate::sealed::{Entries, Entry, current, entries_frame, snapshot};

/// A frame with entries is sent when it has so many bytes.
const FRAME_BYTES: usize = 256 * 1024;

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Sends a client the snapshot, if it lacks it, and all entries after that or after what it has.
    pub(super) fn catch_up(
        &mut self,
        socket: SocketId,
        since: u64,
        now: Millis,
    ) -> Result<(), Refused> {
        // They are all read.
        let bytes = self.log()?.bytes;
        self.count_bytes(socket, bytes, now)?;
        let stored = self.stored()?;
        let has_snapshot = self.log()?.snapshot > 0;
        let mut since = since;
        let mut frame = entries_frame();
        let Self { sockets, unwritten, .. } = self;
        let stored = stored.iter().map(|them| them.data.as_slice()).chain(unwritten.updates());
        for (place, them) in stored.enumerate() {
            let is_snapshot = has_snapshot && place == 0;
            for Entry { seq, sender, sealed, bytes } in Entries::after(since, them) {
                since = seq;
                if is_snapshot {
                    snapshot(seq, sender, sealed)
                        .for_each(|part| sockets.send(socket, &part.into()));
                    continue;
                }
                frame.extend_from_slice(bytes);
                if frame.len() >= FRAME_BYTES {
                    sockets.send(socket, &std::mem::replace(&mut frame, entries_frame()).into());
                }
            }
        }
        if frame.len() > entries_frame().len() {
            sockets.send(socket, &frame.into());
        }
        self.tell_current(socket, true);
        Ok(())
    }

    pub(super) fn tell_all_current(&mut self) {
        self.select(|_| true).into_iter().for_each(|socket| self.tell_current(socket, false));
    }

    /// Tells a client where the log is.
    fn tell_current(&mut self, socket: SocketId, is_answer: bool) {
        let numbers = self.log.as_ref().and_then(|log| log.sealed).unwrap_or_default();
        let frame = current(&numbers, self.floor, self.may_write(socket), is_answer);
        self.sockets.send(socket, &frame.into());
    }
}
