//! The answers to backends that wait for leaves.

use std::collections::VecDeque;

use super::super::Place;
use super::super::wire::{ListedUser, Reached};
use crate::answer::{DisconnectionAnswer, Published, Raised, RemovedAnswer, Ticket};

/// A part of an answer that waits for what becomes of an entry at a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Which answer.
    pub ticket: Ticket,
    /// Which event of it.
    pub event: usize,
}

/// What is answered.
#[derive(Debug)]
pub enum Answer {
    /// To a broadcast.
    Published(Published),
    /// To the removal of a user.
    Removed(RemovedAnswer),
    /// To another call that closes sockets.
    Disconnected(DisconnectionAnswer),
    /// To a call that raises the key epoch.
    Raised(Raised),
    /// To the question for the state: the users at the leaves that have answered.
    State(Vec<ListedUser>),
}

impl Answer {
    /// Whether it must not be given before all leaves have confirmed it.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        !matches!(self, Self::Published(_) | Self::State(_))
    }

    fn add(&mut self, event: usize, reached: Reached) {
        let (recipients, excluded) = (reached.recipients as usize, reached.excluded as usize);
        match self {
            Self::Published(published) => {
                if let Some(delivery) = published.deliveries.get_mut(event) {
                    delivery.recipients += recipients;
                    delivery.excluded += excluded;
                }
            }
            Self::Removed(removed) => removed.disconnected += excluded,
            Self::Disconnected(disconnected) => disconnected.disconnected += excluded,
            Self::Raised(_) | Self::State(_) => {}
        }
    }
}

/// An answer that waits.
#[derive(Debug)]
pub struct Open {
    /// Which.
    pub ticket: Ticket,
    /// What is answered.
    pub answer: Answer,
    /// For whom it waits, and for how many parts.
    pub waits: Vec<(Place, usize)>,
    /// The number of the controls that a leaf must have confirmed; 0 if it waits for parts instead.
    controls: u64,
    /// Whether a leaf will not tell its part.
    pub is_partial: bool,
}

impl Open {
    fn is_complete(&self) -> bool {
        self.waits.is_empty()
    }
}

/// All answers that wait.
#[derive(Debug, Default)]
pub struct Tickets {
    last: u32,
    open: VecDeque<Open>,
}

impl Tickets {
    /// Lets an answer wait for so many parts of each of these places.
    pub fn open(
        &mut self,
        answer: Answer,
        parts: usize,
        places: impl Iterator<Item = Place>,
    ) -> Ticket {
        self.wait(answer, 0, places.map(|place| (place, parts)).collect())
    }

    /// Lets an answer wait until each of these places has confirmed the controls up to `number`.
    pub fn open_for_controls(
        &mut self,
        answer: Answer,
        number: u64,
        places: impl Iterator<Item = Place>,
    ) -> Part {
        let ticket = self.wait(answer, number, places.map(|place| (place, 1)).collect());
        Part { ticket, event: 0 }
    }

    fn wait(&mut self, answer: Answer, controls: u64, waits: Vec<(Place, usize)>) -> Ticket {
        self.last = self.last.wrapping_add(1);
        let ticket = Ticket(self.last);
        self.open.push_back(Open { ticket, answer, waits, controls, is_partial: false });
        ticket
    }

    /// An entry has reached so many at a leaf.
    pub fn has_reached(&mut self, part: Part, by: Place, reached: Reached) {
        let Some(open) = self.open.iter_mut().find(|open| open.ticket == part.ticket) else {
            return;
        };
        open.answer.add(part.event, reached);
        open.has_part(by);
    }

    /// An entry will not reach a leaf.
    pub fn is_missing(&mut self, part: Part, at: Place) {
        if let Some(open) = self.open.iter_mut().find(|open| open.ticket == part.ticket) {
            open.is_partial = true;
            open.has_part(at);
        }
    }

    /// A leaf has confirmed the controls up to `number`.
    pub fn has_controls(&mut self, by: Place, number: u64) {
        let until = |open: &&mut Open| (1..=number).contains(&open.controls);
        for open in self.open.iter_mut().filter(until) {
            open.waits.retain(|(place, _)| *place != by);
        }
    }

    /// A leaf has told its users.
    pub fn has_users(&mut self, by: Place, users: &[ListedUser]) {
        for open in &mut self.open {
            let waits = open.waits.iter().any(|(place, _)| *place == by);
            if let Answer::State(known) = &mut open.answer
                && waits
            {
                known.extend_from_slice(users);
                open.waits.retain(|(place, _)| *place != by);
            }
        }
    }

    /// A leaf is lost: only what must not be answered without it waits for it.
    pub fn is_lost(&mut self, place: Place) {
        for open in self.open.iter_mut().filter(|open| !open.answer.is_strict()) {
            let before = open.waits.len();
            open.waits.retain(|(waited, _)| *waited != place);
            open.is_partial |= open.waits.len() < before;
        }
    }

    /// A leaf is no place of the room any more: nothing waits for it.
    pub fn is_dropped(&mut self, place: Place) {
        for open in &mut self.open {
            open.waits.retain(|(waited, _)| *waited != place);
        }
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Whether an answer is complete.
    #[must_use]
    pub fn has_complete(&self) -> bool {
        self.open.iter().any(Open::is_complete)
    }

    /// Takes out an answer that is complete.
    pub fn next_complete(&mut self) -> Option<Open> {
        let at = self.open.iter().position(Open::is_complete)?;
        self.open.remove(at)
    }

    /// Takes out an answer, complete or not.
    pub fn take(&mut self, ticket: Ticket) -> Option<Open> {
        let at = self.open.iter().position(|open| open.ticket == ticket)?;
        self.open.remove(at)
    }
}

impl Open {
    /// A part is there, if it waits for parts.
    fn has_part(&mut self, of: Place) {
        if self.controls > 0 {
            return;
        }
        for (_, parts) in self.waits.iter_mut().filter(|(place, _)| *place == of) {
            *parts = parts.saturating_sub(1);
        }
        self.waits.retain(|(_, parts)| *parts > 0);
    }
}
