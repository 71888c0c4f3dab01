//! Checks every delivery: nothing lost, doubled, out of order, changed, or sent to whom it is not for.
//!
//! Events are published in lanes. A lane has one event under way at a time, so its events must reach
//! each socket in the order of their numbers; lanes among each other have no order. Events of clients
//! have a lane for each client.

mod event;

use std::iter::Sum;

use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::Instant;

pub use event::{Event, connection_id, user_id};

/// What went wrong. All zero, or the measurement is worth nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Never came, or not within the time limit.
    pub lost: u64,
    /// Came again, or after a later one.
    pub doubled_or_late: u64,
    /// Came to the user that it excluded, or back to the client that sent it.
    pub to_excluded: u64,
    /// Came from a client with another payload, or in the name of another client.
    pub not_as_sent: u64,
    /// Sockets that ended by themselves.
    pub disconnected: u64,
}

impl Sum for Faults {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, faults| Self {
            lost: sum.lost + faults.lost,
            doubled_or_late: sum.doubled_or_late + faults.doubled_or_late,
            to_excluded: sum.to_excluded + faults.to_excluded,
            not_as_sent: sum.not_as_sent + faults.not_as_sent,
            disconnected: sum.disconnected + faults.disconnected,
        })
    }
}

/// Whom the events of a room do not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excluded {
    /// They reach everybody.
    Nobody,
    /// A user, another one each time, as apps exclude the user who acted.
    OneUser,
    /// The client that sends it: its seat is the lane.
    Sender,
}

/// What one socket has seen so far.
#[derive(Debug)]
pub struct Seat {
    index: u32,
    /// By lane, the number of the newest event.
    newest: Vec<u32>,
}

#[derive(Debug, Default)]
struct Lane {
    newest: u32,
    awaited: Option<Awaited>,
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
    excluded: Excluded,
    lanes: Vec<Lane>,
    /// What went wrong so far.
    pub faults: Faults,
}

impl Ledger {
    /// For a room of `sockets`.
    #[must_use]
    pub fn new(sockets: u32, excluded: Excluded) -> Self {
        Self { sockets, excluded, lanes: Vec::new(), faults: Faults::default() }
    }

    /// The books of one socket.
    #[must_use]
    pub fn seat(&self, index: u32) -> Seat {
        Seat { index, newest: Vec::new() }
    }

    /// Takes note of an event that is about to be published. Answers it with the seat that it
    /// excludes, and tells when the last socket has it.
    pub fn publish(&mut self, lane: u32) -> (Event, Option<u32>, oneshot::Receiver<Instant>) {
        let (complete, completed) = oneshot::channel();
        let number = lane_of(&mut self.lanes, lane).newest + 1;
        let event = Event { lane, number };
        let excluded = self.excluded_from(event);
        let missing = self.sockets - u32::from(excluded.is_some());
        let books = lane_of(&mut self.lanes, lane);
        books.newest = number;
        books.awaited = Some(Awaited { missing, complete });
        (event, excluded, completed)
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
        let due = (newest + 1..event.number).map(|number| Event { number, ..event });
        self.faults.lost +=
            due.filter(|event| !self.is_excluded(*event, seat.index)).count() as u64;
        if let Some(newest) = seat.newest.get_mut(lane) {
            *newest = event.number;
        }
        self.count(event);
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
        self.excluded_from(event) == Some(seat)
    }

    fn excluded_from(&self, event: Event) -> Option<u32> {
        match self.excluded {
            Excluded::Nobody => None,
            Excluded::OneUser => Some(event.excluded(self.sockets)),
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
mod tests {
    use super::*;

    fn frame(lane: u32, number: u32) -> Vec<u8> {
        let payload = format!(r#"{{"lane":{lane},"number":{number},"x":1}}"#);
        format!(r#"{{"type":"T","payload":{payload},"timestamp":1,"seq":9}}"#).into_bytes()
    }

    fn deliver(ledger: &mut Ledger, seat: u32, numbers: &[u32]) {
        let mut seat = ledger.seat(seat);
        for number in numbers {
            ledger.receive(&mut seat, &frame(0, *number));
        }
    }

    #[test]
    fn every_event_once_and_in_order_is_no_fault() {
        let mut ledger = Ledger::new(1, Excluded::Nobody);
        deliver(&mut ledger, 0, &[1, 2, 3]);
        assert_eq!(ledger.faults, Faults::default());
    }

    #[test]
    fn a_gap_is_a_loss_and_an_old_number_a_double() {
        let mut ledger = Ledger::new(1, Excluded::Nobody);
        deliver(&mut ledger, 0, &[1, 4, 4, 2]);
        assert_eq!(ledger.faults, Faults { lost: 2, doubled_or_late: 2, ..Faults::default() });
    }

    #[test]
    fn an_event_that_excludes_a_seat_is_missed_there_without_fault_and_a_fault_if_it_comes() {
        let mut ledger = Ledger::new(3, Excluded::OneUser);
        // Number 3 of lane 0 excludes seat 0.
        deliver(&mut ledger, 0, &[1, 2, 4]);
        assert_eq!(ledger.faults, Faults::default());
        deliver(&mut ledger, 0, &[1, 2, 3]);
        assert_eq!(ledger.faults, Faults { to_excluded: 1, ..Faults::default() });
    }

    #[test]
    fn an_event_is_complete_with_its_last_delivery() {
        let mut ledger = Ledger::new(2, Excluded::Nobody);
        let (_, _, mut completed) = ledger.publish(0);
        deliver(&mut ledger, 0, &[1]);
        assert!(completed.try_recv().is_err());
        deliver(&mut ledger, 1, &[1]);
        assert!(completed.try_recv().is_ok());
    }

    #[test]
    fn what_is_missing_when_it_is_given_up_is_lost() {
        let mut ledger = Ledger::new(5, Excluded::OneUser);
        let _ = ledger.publish(0);
        ledger.give_up(0);
        assert_eq!(ledger.faults, Faults { lost: 4, ..Faults::default() });
    }

    /// An event of a client as a server passes it on.
    fn passed_on(event: Event, sender: u32) -> Vec<u8> {
        let (payload, from) = (event.pointer(), event::sender(sender));
        format!(r#"{{"type":"client-pointer","payload":{payload},{from},"timestamp":1}}"#)
            .into_bytes()
    }

    #[test]
    fn an_event_of_a_client_is_for_everybody_else() {
        let mut ledger = Ledger::new(3, Excluded::Sender);
        let (event, excluded, mut completed) = ledger.publish(1);
        assert_eq!(excluded, Some(1));
        for seat in [0, 2] {
            assert!(completed.try_recv().is_err());
            let mut seat = ledger.seat(seat);
            ledger.receive(&mut seat, &passed_on(event, 1));
        }
        assert!(completed.try_recv().is_ok());
        assert_eq!(ledger.faults, Faults::default());
        let mut own = ledger.seat(1);
        ledger.receive(&mut own, &passed_on(event, 1));
        assert_eq!(ledger.faults, Faults { to_excluded: 1, ..Faults::default() });
    }

    #[test]
    fn an_event_in_the_name_of_another_client_or_with_another_payload_is_a_fault() {
        let event = Event { lane: 1, number: 1 };
        let good = String::from_utf8(passed_on(event, 1)).unwrap();
        let unsigned = good.replace("from", "FROM");
        let changed = good.replace("points\":[[", "points\":[[1");
        for bad in [passed_on(event, 11), unsigned.into_bytes(), changed.into_bytes()] {
            let mut ledger = Ledger::new(3, Excluded::Sender);
            let mut seat = ledger.seat(0);
            ledger.receive(&mut seat, &bad);
            assert_eq!(ledger.faults, Faults { not_as_sent: 1, ..Faults::default() });
        }
    }
}
