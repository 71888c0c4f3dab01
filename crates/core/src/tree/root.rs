//! What the root of a grown room knows of its leaves.

pub mod queue;
pub mod session;
#[cfg(test)]
mod tests;
pub mod tickets;

use std::rc::Rc;

use super::wire::{Counts, Entry, Incarnation};
use super::{Place, Places};
use crate::Millis;
use crate::position::Seq;

use queue::{Item, Queued};
use session::Session;
use tickets::{Part, Tickets};

/// In the stored text, between the number of the controls and the places.
const CONTROLS_END: char = '\u{1f}';

/// The root's side of each session, and what waits for the leaves.
#[derive(Debug)]
pub struct Root {
    /// The places.
    pub places: Places,
    /// Counts the changes of what keeps clients out (see [`super::wire::Control`]).
    pub controls: u64,
    /// This life of the root.
    pub incarnation: Incarnation,
    /// Whether this life goes on where the one before it ended, with nothing lost.
    pub continues: bool,
    /// The session with each leaf, in the order of [`Places::leaves`].
    pub sessions: Vec<Session>,
    /// The answers to backends that wait for leaves.
    pub tickets: Tickets,
    /// Whether the size of the room is to be looked at once the counts of all leaves are known.
    pub is_to_be_measured: bool,
}

impl Root {
    /// The root of a room with these places. `newest`: the newest kept event, which all leaves have if this life
    /// `continues` an earlier one.
    #[must_use]
    pub fn new(
        places: Places,
        controls: u64,
        incarnation: Incarnation,
        continues: bool,
        newest: Seq,
    ) -> Self {
        let mut root = Self {
            places,
            controls,
            incarnation,
            continues,
            sessions: Vec::new(),
            tickets: Tickets::default(),
            is_to_be_measured: false,
        };
        root.meet_leaves(newest, None);
        if !continues {
            root.sessions.iter_mut().for_each(|session| {
                session.reset();
            });
        }
        root
    }

    /// The text to store of these places and this number of controls.
    #[must_use]
    pub fn to_text(places: &Places, controls: u64) -> String {
        format!("{controls}{CONTROLS_END}{}", places.to_text())
    }

    /// Reads what [`Self::to_text`] wrote; `None` if it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<(Places, u64)> {
        let (controls, places) = text.split_once(CONTROLS_END)?;
        Some((Places::parse(places)?, controls.parse().ok()?))
    }

    /// The root of a room that has just grown.
    #[must_use]
    pub fn grown(places: Places, controls: u64, incarnation: Incarnation, newest: Seq) -> Self {
        let mut root = Self::new(places, controls, incarnation, true, newest);
        for session in &mut root.sessions {
            session.counts = Some(Counts::default());
        }
        root
    }

    /// Begins a session with each leaf that is new in the list, and ends that with each that is not there any more.
    /// `counts`: how many there are at a new one, if that is known.
    pub fn meet_leaves(&mut self, newest: Seq, counts: Option<Counts>) {
        let mut known = std::mem::take(&mut self.sessions);
        for leaf in &self.places.leaves {
            let at = known.iter().position(|session| session.place == leaf.place);
            let session = match at {
                Some(at) => known.swap_remove(at),
                None => {
                    let Self { incarnation, controls, .. } = *self;
                    let mut session = Session::new(leaf, incarnation, newest, controls);
                    session.counts = counts;
                    session
                }
            };
            self.sessions.push(session);
        }
    }

    /// The session with a leaf.
    #[must_use]
    pub fn session(&self, place: Place) -> Option<&Session> {
        self.sessions.iter().find(|session| session.place == place)
    }

    /// The same, to change it.
    pub fn session_mut(&mut self, place: Place) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.place == place)
    }

    /// How many there are at all leaves, as far as is known.
    #[must_use]
    pub fn others(&self) -> Counts {
        let known = self.sessions.iter().filter_map(|session| session.counts);
        known.fold(Counts::default(), |sum, counts| Counts {
            sockets: sum.sockets.saturating_add(counts.sockets),
            users: sum.users.saturating_add(counts.users),
        })
    }

    /// Whether the counts of all leaves are known that can be asked. If not, the others are asked.
    pub fn knows_counts(&mut self) -> bool {
        let mut all = true;
        for session in self.sessions.iter_mut().filter(|session| session.has_unknown_counts()) {
            session.ask();
            all = false;
        }
        all
    }

    /// Whether counts are unknown, but not for long: those leaves are asked.
    pub fn may_soon_know_counts(&mut self) -> bool {
        !self.knows_counts() && self.sessions.iter().any(Session::may_soon_tell_counts)
    }

    /// Whether the counts of all leaves are known that can be asked.
    #[must_use]
    pub fn can_tell_counts(&self) -> bool {
        !self.sessions.iter().any(Session::has_unknown_counts)
    }

    /// Whether the counts of all leaves are known, and none is just asked.
    #[must_use]
    pub fn has_all_counts(&self) -> bool {
        self.sessions.iter().all(|session| session.counts.is_some() && !session.is_asked())
    }

    /// The leaves that are draining are asked whether they are empty.
    pub fn ask_draining(&mut self) {
        let Self { places, sessions, .. } = self;
        for leaf in places.leaves.iter().filter(|leaf| leaf.is_draining) {
            let theirs = sessions.iter_mut().filter(|session| session.place == leaf.place);
            theirs.for_each(Session::ask);
        }
    }

    /// Gives an entry to all leaves. `part`: the answer that waits for it, and where in it.
    pub fn share(&mut self, entry: &Entry, is_owed: impl Fn(&Session) -> bool, part: Option<Part>) {
        let item = Rc::new(Item::from(entry));
        for session in &mut self.sessions {
            let is_owed = is_owed(session);
            let queued = Queued { item: Rc::clone(&item), part, is_owed };
            for part in session.push(queued) {
                self.tickets.is_missing(part, session.place);
            }
        }
    }

    /// Gives an entry to one leaf, if it is there.
    pub fn send(&mut self, to: Place, entry: &Entry) {
        let Some(session) = self.session_mut(to) else { return };
        let lost = session.push(Queued { item: Rc::new(entry.into()), part: None, is_owed: false });
        for part in lost {
            self.tickets.is_missing(part, to);
        }
    }

    /// Whether there may be a call to make, or an answer is complete.
    #[must_use]
    pub fn has_work(&self) -> bool {
        self.tickets.has_complete() || self.sessions.iter().any(Session::has_work)
    }

    /// In how many milliseconds a call is due.
    #[must_use]
    pub fn due_in(&self, now: Millis) -> Option<Millis> {
        self.sessions.iter().filter_map(|session| session.due_in(now)).min()
    }

    /// A leaf that is to be called now.
    #[must_use]
    pub fn next_due(&self, now: Millis) -> Option<Place> {
        self.sessions.iter().find(|session| session.is_due(now)).map(|session| session.place)
    }
}
