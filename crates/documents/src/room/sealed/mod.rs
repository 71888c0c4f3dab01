//! An encrypted document (P14.7 to P14.9): a log of what the server can't read.
//!
//! It shares everything with a plain one but what depends on the content. Its entries have numbers instead of state vectors,
//! its snapshots come from clients, and nothing is merged.
//!
//! A number must never be used twice, even if the entry that had it was lost in a crash after others had seen it. So there
//! are never more than [`WAITING`] entries that are not written, and with the first entry of each life the numbers jump by
//! more than that. It is durable before anybody sees it.

mod append;
mod awareness;
mod catch_up;
mod floor;
mod numbers;
mod snapshot;

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::reason::Reason;

use super::Document;
use super::refused::Refused;
use crate::ports::{Key, Sockets, Storage, StorageFailed};
use crate::sealed::{Message, refused};
use crate::visitor::Visitor;
use validiant_core::encryption::KeyEpoch;

pub(super) use numbers::Numbers;

/// So many entries may wait to be written.
const WAITING: usize = 1_000;
/// By how much the numbers jump.
const JUMP: u64 = 1_024;

/// Why something is not taken.
const NOT_ALLOWED: &str = "not_allowed";
const STALE_KEY_EPOCH: &str = "stale_key_epoch";
const SNAPSHOT_STALE: &str = "snapshot_stale";

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Handles a frame from a client that encrypts.
    pub(super) fn take_sealed(
        &mut self,
        socket: SocketId,
        frame: &[u8],
        now: Millis,
    ) -> Result<(), Refused> {
        match Message::read(frame)? {
            Message::CatchUp(since) => self.catch_up(socket, since, now),
            Message::Update(id, sealed) => self.append(socket, id, sealed, now),
            Message::Snapshot(put) => self.put_snapshot(socket, &put, now),
            Message::Awareness(sealed) => {
                self.hear_sealed(socket, sealed, now);
                Ok(())
            }
            Message::LongAwareness => Ok(()),
        }
    }

    /// Whether the content is encrypted. While there is none, it is not.
    pub(super) fn is_sealed(&mut self) -> Result<bool, StorageFailed> {
        match &self.log {
            Some(log) => Ok(log.sealed.is_some()),
            None => Ok(self.storage.number(Key::Sealed)? > 0),
        }
    }

    /// Whether only encrypted content would be taken, if there is none yet.
    pub(super) fn takes_only_sealed(&self) -> bool {
        self.floor > 0 || self.sockets.all().any(|(_, visitor)| visitor.is_sealed())
    }

    /// All sockets of a document are of one kind: that of its content, or, while there is none, encrypted if anybody is.
    pub(super) fn check_kind(&mut self, visitor: &Visitor) -> Result<(), Closing> {
        let is_sealed = visitor.is_sealed();
        let fits = self.exists().and_then(|exists| Ok(!exists || self.is_sealed()? == is_sealed));
        match fits {
            Ok(true) if is_sealed || !self.takes_only_sealed() => Ok(()),
            Ok(_) => Err(other_kind()),
            Err(StorageFailed) => Err(CloseCode::TRY_AGAIN.into()),
        }
    }

    /// A client that encrypts has come. If others are there that don't, there is no content yet.
    pub(super) fn close_plain(&mut self, now: Millis) -> Vec<Visitor> {
        self.close_all(self.select(|visitor| !visitor.is_sealed()), other_kind(), now)
    }

    /// Tells a client that something is not taken: because it may not write, or because of the epoch of the key. Returns
    /// whether that is so.
    fn refuses(&mut self, socket: SocketId, id: u64, epoch: KeyEpoch, may_write: bool) -> bool {
        let code = match () {
            () if !may_write => NOT_ALLOWED,
            () if epoch < self.floor => STALE_KEY_EPOCH,
            () => return false,
        };
        self.sockets.send(socket, &refused(id, code, self.floor.into()).into());
        true
    }

    fn may_write(&self, socket: SocketId) -> bool {
        self.sockets.visitor(socket).is_some_and(|visitor| visitor.may_write)
    }

    fn sender(&self, socket: SocketId) -> String {
        self.sockets.visitor(socket).map_or(String::new(), Visitor::sender)
    }
}

fn other_kind() -> Closing {
    CloseCode::BAD_REQUEST.because(Reason::Encryption)
}
