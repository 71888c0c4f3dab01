//! Checks every delivery: nothing lost, doubled, out of order, changed, or sent to whom it is not for.
//!
//! Events are published in lanes. A lane has one event under way at a time, so its events must reach
//! each socket in the order of their numbers; lanes among each other have no order. Events of clients
//! have a lane for each client.

mod crowd;
mod event;
mod faults;

use std::collections::BTreeSet;

use tokio::sync::oneshot;
use tokio::time::Instant;

pub use crowd::owner;
pub use event::{Event, connection_id, user_id};
pub use faults::Faults;

/// Whom the events of a room do not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excluded {
    /// They reach everybody.
    Nobody,
    /// A user, another one each time, as apps exclude the user who acted.
    OneUser,
    /// A user of a crowd, on all devices, another one each time: see [`owner`].
    OneOfCrowd,
    /// The client that sends it: its seat is the lane.
    Sender,
}

/// What one socket has seen so far.
#[derive(Debug)]
pub struct Seat {
    index: u32,
    /// By lane, the number of the newest event that was published when it joined, which it need not get.
    joined: Vec<u32>,
    /// By lane, the number of the newest event.
    newest: Vec<u32>,
}

#[derive(Debug, Default)]
struct Lane {
    newest: u32,
    awaited: Option<Awaited>,
}

/// An event that is about to be published.
#[derive(Debug)]
pub struct Published {
    /// The event.
    pub event: Event,
    /// The seat whose user it excludes.
    pub excluded: Option<u32>,
    /// How many sockets it is for.
    pub recipients: u32,
    /// Tells when the last of them has it.
    pub completed: oneshot::Receiver<Instant>,
}

#[derive(Debug)]
struct Awaited {
    missing: u32,
    complete: oneshot::Sender<Instant>,
}

/// The books of one room.
#[derive(Debug)]
pub struct Ledger {
    sockets: u32,
    /// Who has not joined yet.
    absent: BTreeSet<u32>,
    excluded: Excluded,
    lanes: Vec<Lane>,
    /// What went wrong so far.
    pub faults: Faults,
}

impl Ledger {
    /// For a room of `sockets`, which are all there before the first event.
    #[must_use]
    pub fn new(sockets: u32, excluded: Excluded) -> Self {
        let absent = BTreeSet::new();
        Self { sockets, absent, excluded, lanes: Vec::new(), faults: Faults::default() }
    }

    /// For a room of `sockets` that join while there are events.
    #[must_use]
    pub fn before_joins(sockets: u32, excluded: Excluded) -> Self {
        Self { absent: (0..sockets).collect(), ..Self::new(sockets, excluded) }
    }

    /// The books of one socket.
    #[must_use]
    pub fn seat(&self, index: u32) -> Seat {
        Seat { index, joined: Vec::new(), newest: Vec::new() }
    }

    /// The books of one socket that joins now: the next event of each lane is the first that it must get.
    pub fn join(&mut self, index: u32) -> Seat {
        self.absent.remove(&index);
        let joined: Vec<_> = self.lanes.iter().map(|lane| lane.newest).collect();
        let newest = joined.iter().map(|number| number.saturating_sub(1)).collect();
        Seat { index, joined, newest }
    }

    /// Takes note of an event that is about to be published.
    pub fn publish(&mut self, lane: u32) -> Published {
        let (complete, completed) = oneshot::channel();
        let number = lane_of(&mut self.lanes, lane).newest + 1;
        let event = Event { lane, number };
        let excluded = self.excluded_from(event);
        let recipients = self.recipients(excluded);
        let books = lane_of(&mut self.lanes, lane);
        books.newest = number;
        books.awaited = Some(Awaited { missing: recipients, complete });
        Published { event, excluded, recipients, completed }
    }

    /// How many sockets are there now but those of the excluded one.
    fn recipients(&self, excluded: Option<u32>) -> u32 {
        let there = self.sockets - self.absent.len() as u32;
        let Some(seat) = excluded else { return there };
        let seats =
            if self.excluded == Excluded::OneOfCrowd { crowd::devices(seat) } else { seat..=seat };
        there - seats.filter(|seat| !self.absent.contains(seat)).count() as u32
    }

    /// Gives up on the event that is under way in `lane`.
    pub fn give_up(&mut self, lane: u32) {
        if let Some(awaited) = lane_of(&mut self.lanes, lane).awaited.take() {
            self.faults.lost += u64::from(awaited.missing);
        }
    }

    /// Takes note of a frame that came to a socket.
    pub fn receive(&mut self, seat: &mut Seat, frame: &[u8]) {
        for event in Event::in_frame(frame) {
            if self.excluded == Excluded::Sender && !event.is_as_sent(frame) {
                self.faults.not_as_sent += 1;
            }
            self.deliver(seat, event);
        }
    }

    fn deliver(&mut self, seat: &mut Seat, event: Event) {
        if self.is_excluded(event, seat.index) {
            self.faults.to_excluded += 1;
            return;
        }
        let lane = event.lane as usize;
        if seat.newest.len() <= lane {
            seat.newest.resize(lane + 1, 0);
        }
        let newest = seat.newest.get(lane).copied().unwrap_or_default();
        if event.number <= newest {
            self.faults.doubled_or_late += 1;
            return;
        }
        let joined = seat.joined.get(lane).copied().unwrap_or_default();
        let due = (newest.max(joined) + 1..event.number).map(|number| Event { number, ..event });
        self.faults.lost +=
            due.filter(|event| !self.is_excluded(*event, seat.index)).count() as u64;
        if let Some(newest) = seat.newest.get_mut(lane) {
            *newest = event.number;
        }
        // It was not there when such an event was published, so it is not waited for.
        if event.number > joined {
            self.count(event);
        }
    }

    fn count(&mut self, event: Event) {
        let lane = lane_of(&mut self.lanes, event.lane);
        if lane.newest != event.number {
            return;
        }
        if let Some(awaited) = &mut lane.awaited {
            awaited.missing = awaited.missing.saturating_sub(1);
        }
        if let Some(awaited) = lane.awaited.take_if(|awaited| awaited.missing == 0) {
            // Nobody waits any more after the time limit.
            let _ = awaited.complete.send(Instant::now());
        }
    }

    fn is_excluded(&self, event: Event, seat: u32) -> bool {
        let owner = if self.excluded == Excluded::OneOfCrowd { owner(seat) } else { Some(seat) };
        owner.is_some() && self.excluded_from(event) == owner
    }

    fn excluded_from(&self, event: Event) -> Option<u32> {
        match self.excluded {
            Excluded::Nobody => None,
            Excluded::OneUser => Some(event.excluded(self.sockets)),
            Excluded::OneOfCrowd => owner(event.excluded(self.sockets)),
            Excluded::Sender => Some(event.lane),
        }
    }
}

fn lane_of(lanes: &mut Vec<Lane>, lane: u32) -> &mut Lane {
    let index = lane as usize;
    if lanes.len() <= index {
        lanes.resize_with(index + 1, Lane::default);
    }
    // It was made to be there.
    #[allow(clippy::indexing_slicing)]
    &mut lanes[index]
}

#[cfg(test)]
mod tests;
