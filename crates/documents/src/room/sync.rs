//! A client asks for what it lacks (P13.4).

use validiant_core::Millis;
use validiant_core::member::SocketId;

use super::Document;
use super::log::{Health, Stored};
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::state::StateVector;
use crate::sync;
use crate::update::missing;

/// An update in which there is nothing.
const NOTHING: [u8; 2] = [0, 0];

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Sends a client everything that it lacks.
    pub(super) fn answer_step_1(
        &mut self,
        socket: SocketId,
        have: &StateVector,
        now: Millis,
    ) -> Result<(), StorageFailed> {
        if self.log()?.health == Health::Sound {
            let stored = self.stored()?;
            if let Ok(update) = missing(&self.with_unwritten(&stored), have) {
                self.sockets.send(socket, &sync::step_2(&update).into());
                return Ok(());
            }
        }
        self.send_as_stored(socket, now)
    }

    /// Sends everything as it is, each update in its own message, because it can't be merged. An update that comes back to
    /// who sent it says that it is durable. So it must be.
    fn send_as_stored(&mut self, socket: SocketId, now: Millis) -> Result<(), StorageFailed> {
        self.write_all(now)?;
        for update in self.stored()? {
            self.sockets.send(socket, &sync::update(&update.data).into());
        }
        self.sockets.send(socket, &sync::step_2(&NOTHING).into());
        Ok(())
    }

    /// All updates, with those that are not stored yet.
    pub(super) fn with_unwritten<'a>(&'a self, stored: &'a [Stored]) -> Vec<&'a [u8]> {
        stored.iter().map(|update| update.data.as_slice()).chain(self.unwritten.updates()).collect()
    }
}
