//! A client asks for what it lacks (P13.4).

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
    ) -> Result<(), StorageFailed> {
        let stored = self.stored()?;
        let is_sound = self.log()?.health == Health::Sound;
        let updates = self.with_unwritten(&stored);
        let answer = if is_sound { missing(&updates, have).ok() } else { None };
        let frames: Vec<Vec<u8>> = match answer {
            Some(update) => vec![sync::step_2(&update)],
            // As they are, each in its own message.
            None => {
                let raw = updates.iter().map(|update| sync::update(update));
                raw.chain([sync::step_2(&NOTHING)]).collect()
            }
        };
        for frame in frames {
            self.sockets.send(socket, &frame.into());
        }
        Ok(())
    }

    /// All updates, with those that are not stored yet.
    pub(super) fn with_unwritten<'a>(&'a self, stored: &'a [Stored]) -> Vec<&'a [u8]> {
        stored.iter().map(|update| update.data.as_slice()).chain(self.unwritten.updates()).collect()
    }
}
