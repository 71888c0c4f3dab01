//! Checks every delivery: nothing lost, doubled, out of order, or sent to the excluded.
//!
//! Events are published in lanes. A lane has one event under way at a time, so its events must reach
//! each socket in the order of their numbers; lanes among each other have no order.

use std::iter::Sum;

use memchr::memmem;
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// What went wrong. All zero, or the measurement is worth nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Faults {
    /// Never came, or not within the time limit.
    pub lost: u64,
    /// Came again, or after a later one.
    pub doubled_or_late: u64,
    /// Came to the user that it excluded.
    pub to_excluded: u64,
    /// Sockets that ended by themselves.
    pub disconnected: u64,
}

impl Sum for Faults {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, faults| Self {
            lost: sum.lost + faults.lost,
            doubled_or_late: sum.doubled_or_late + faults.doubled_or_late,
            to_excluded: sum.to_excluded + faults.to_excluded,
            disconnected: sum.disconnected + faults.disconnected,
        })
    }
}

/// One event, by its lane and its number in that lane, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The lane.
    pub lane: u32,
    /// The number.
    pub number: u32,
}

impl Event {
    /// The seat whose user this event excludes: another one each time.
    #[must_use]
    pub fn excluded(self, sockets: u32) -> u32 {
        (self.lane.wrapping_add(self.number)) % sockets.max(1)
    }

    /// The body of the POST: about 100 bytes of payload, as the product sends them.
    #[must_use]
    pub fn body(self, excluded: Option<u32>) -> String {
        let Self { lane, number } = self;
        let exclusion = excluded
            .map_or_else(String::new, |seat| format!(r#","excludeUserId":"{}""#, user_id(seat)));
        format!(
            r#"{{"eventType":"TASK_UPDATED","payload":{{"lane":{lane},"number":{number},"taskId":"550e8400-e29b-41d4-a716-446655440000","status":"in_progress"}}{exclusion}}}"#
        )
    }

    /// The events in a frame: none in `CONNECTED` and the like, several in a batch.
    pub fn in_frame(frame: &[u8]) -> impl Iterator<Item = Self> {
        const LANE: &[u8] = br#""lane":"#;
        const NUMBER: &[u8] = br#","number":"#;
        memmem::find_iter(frame, LANE).filter_map(move |at| {
            let (lane, rest) = leading_number(frame.get(at + LANE.len()..)?)?;
            let (number, _) = leading_number(rest.strip_prefix(NUMBER)?)?;
            Some(Self { lane, number })
        })
    }
}

/// The id of the user at a seat.
#[must_use]
pub fn user_id(seat: u32) -> String {
    format!("user-{seat}")
}

fn leading_number(text: &[u8]) -> Option<(u32, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit())?;
    let (digits, rest) = text.split_at_checked(end)?;
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest))
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
    excludes: bool,
    lanes: Vec<Lane>,
    /// What went wrong so far.
    pub faults: Faults,
}

impl Ledger {
    /// For a room of `sockets`, whose events each exclude one user if `excludes`.
    #[must_use]
    pub fn new(sockets: u32, excludes: bool) -> Self {
        Self { sockets, excludes, lanes: Vec::new(), faults: Faults::default() }
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
        let (sockets, excludes) = (self.sockets, self.excludes);
        let books = lane_of(&mut self.lanes, lane);
        books.newest += 1;
        let event = Event { lane, number: books.newest };
        let excluded = excludes.then(|| event.excluded(sockets));
        let missing = sockets - u32::from(excludes);
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
        self.excludes && event.excluded(self.sockets) == seat
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
    fn events_are_found_in_a_frame_and_in_a_batch() {
        let batch = [frame(0, 7), frame(12, 1)].join(&b","[..]);
        let events: Vec<_> = Event::in_frame(&batch).collect();
        assert_eq!(events, [Event { lane: 0, number: 7 }, Event { lane: 12, number: 1 }]);
        assert_eq!(Event::in_frame(br#"{"type":"CONNECTED","payload":{}}"#).count(), 0);
    }

    #[test]
    fn every_event_once_and_in_order_is_no_fault() {
        let mut ledger = Ledger::new(1, false);
        deliver(&mut ledger, 0, &[1, 2, 3]);
        assert_eq!(ledger.faults, Faults::default());
    }

    #[test]
    fn a_gap_is_a_loss_and_an_old_number_a_double() {
        let mut ledger = Ledger::new(1, false);
        deliver(&mut ledger, 0, &[1, 4, 4, 2]);
        assert_eq!(ledger.faults, Faults { lost: 2, doubled_or_late: 2, ..Faults::default() });
    }

    #[test]
    fn an_event_that_excludes_a_seat_is_missed_there_without_fault_and_a_fault_if_it_comes() {
        let mut ledger = Ledger::new(3, true);
        // Number 3 of lane 0 excludes seat 0.
        deliver(&mut ledger, 0, &[1, 2, 4]);
        assert_eq!(ledger.faults, Faults::default());
        deliver(&mut ledger, 0, &[1, 2, 3]);
        assert_eq!(ledger.faults, Faults { to_excluded: 1, ..Faults::default() });
    }

    #[test]
    fn an_event_is_complete_with_its_last_delivery() {
        let mut ledger = Ledger::new(2, false);
        let (_, _, mut completed) = ledger.publish(0);
        deliver(&mut ledger, 0, &[1]);
        assert!(completed.try_recv().is_err());
        deliver(&mut ledger, 1, &[1]);
        assert!(completed.try_recv().is_ok());
    }

    #[test]
    fn what_is_missing_when_it_is_given_up_is_lost() {
        let mut ledger = Ledger::new(5, true);
        let _ = ledger.publish(0);
        ledger.give_up(0);
        assert_eq!(ledger.faults, Faults { lost: 4, ..Faults::default() });
    }
}
