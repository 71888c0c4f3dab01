//! The answers to backends that wait for leaves.

use super::super::Room;
use super::super::report::LeafState;
use crate::Millis;
use crate::answer::Ticket;
use crate::ports::{Sockets, Storage};
use crate::tree::root::session::Session;
use crate::tree::root::tickets::{Answer, Open};
use crate::tree::wire::{Counts, ListedUser};
use crate::tree::{Place, Settled};
use crate::wire::error_code::ErrorCode;

impl<S: Sockets, P: Storage> Room<S, P> {
    pub(in super::super) fn next_settled_by_leaves(&mut self, now: Millis) -> Option<Settled> {
        let open = self.root_mut()?.tickets.next_complete()?;
        Some(self.settled(open, now))
    }

    pub(in super::super) fn settle_now(&mut self, ticket: Ticket, now: Millis) -> Option<Settled> {
        let open = self.root_mut()?.tickets.take(ticket)?;
        Some(self.settled(open, now))
    }

    /// Lets an answer wait for so many parts of each leaf that is in step.
    pub(in super::super) fn await_leaves(
        &mut self,
        answer: Answer,
        parts: usize,
    ) -> Option<Ticket> {
        let root = self.root_mut()?;
        let leaves = root.places.leaves.iter().map(|leaf| leaf.place);
        Some(root.tickets.open(answer, parts, leaves))
    }

    /// Asks all leaves for their users.
    pub(in super::super) fn ask_for_users(&mut self) -> Option<Ticket> {
        let root = self.root_mut()?;
        for session in root.sessions.iter_mut().filter(|session| !session.is_lost) {
            session.ask_for_users();
        }
        let asked = root.sessions.iter().filter(|session| !session.is_lost);
        Some(root.tickets.open(Answer::State(Vec::new()), 1, asked.map(|session| session.place)))
    }

    fn state_of_all(&mut self, users: &[ListedUser], missing: &[Place], now: Millis) -> String {
        let Some(root) = self.root() else { return String::new() };
        let state = |session: &Session| {
            let Counts { sockets, users } = session.counts.unwrap_or_default();
            LeafState {
                leaf: session.place.index,
                connections: sockets,
                active_users: users,
                answers: !session.is_lost && !missing.contains(&session.place),
            }
        };
        let leaves = root.sessions.iter().map(state).collect();
        self.state_with(users, leaves, now)
    }

    fn settled(&mut self, open: Open, now: Millis) -> Settled {
        let Open { ticket, answer, waits, is_partial, .. } = open;
        let is_late = !waits.is_empty();
        if is_late && answer.is_strict() {
            return Settled { ticket, answer: Err(ErrorCode::ROOM_UNAVAILABLE.into()) };
        }
        let answer = match answer {
            Answer::Published(mut published) => {
                published.is_partial = is_partial || is_late;
                published.to_json()
            }
            Answer::Removed(removed) => json(&removed),
            Answer::Disconnected(disconnected) => json(&disconnected),
            Answer::Raised(raised) => json(&raised),
            Answer::State(users) => {
                let missing: Vec<Place> = waits.into_iter().map(|(place, _)| place).collect();
                self.state_of_all(&users, &missing, now)
            }
        };
        Settled { ticket, answer: Ok(answer) }
    }
}

fn json(answer: &impl serde::Serialize) -> String {
    // Numbers and constant texts: nothing here can fail to serialise.
    serde_json::to_string(answer).unwrap_or_default()
}
