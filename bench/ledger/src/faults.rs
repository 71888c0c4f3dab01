//! What can go wrong.

use std::iter::Sum;

use serde::Serialize;

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
    /// Sockets that ended by themselves, and not to come back elsewhere.
    pub disconnected: u64,
    /// Clients that came back with their position, and were told that they had missed something for good.
    pub not_recovered: u64,
    /// Answers that named another number of recipients than the event had.
    pub miscounted: u64,
}

impl Sum for Faults {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, faults| Self {
            lost: sum.lost + faults.lost,
            doubled_or_late: sum.doubled_or_late + faults.doubled_or_late,
            to_excluded: sum.to_excluded + faults.to_excluded,
            not_as_sent: sum.not_as_sent + faults.not_as_sent,
            disconnected: sum.disconnected + faults.disconnected,
            not_recovered: sum.not_recovered + faults.not_recovered,
            miscounted: sum.miscounted + faults.miscounted,
        })
    }
}
