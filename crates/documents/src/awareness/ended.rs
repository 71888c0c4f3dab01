//! The clocks of clients that are gone, for as long as something of them may still be on its way.

use std::collections::VecDeque;

const MAX_ENDED: usize = 256;

/// The newest clients that are gone, with their last clocks. In memory only: what is on its way has come long before a
/// document hibernates.
///
/// Stock clients send back whatever they hear. What comes back after its client is gone would otherwise look like the
/// first use of an id that nobody owns, and would bind it to the wrong socket.
#[derive(Debug, Default)]
pub(super) struct Ended(VecDeque<(u64, u64)>);

impl Ended {
    pub fn add(&mut self, client: u64, clock: u64) {
        if self.0.len() == MAX_ENDED {
            self.0.pop_front();
        }
        self.0.push_back((client, clock));
    }

    /// The clock with which it was gone, if that was lately.
    pub fn clock_of(&self, client: u64) -> Option<u64> {
        self.0.iter().rfind(|(id, _)| *id == client).map(|(_, clock)| *clock)
    }
}
