//! The calls of leaves.

use super::super::Room;
use crate::Millis;
use crate::ports::{Sockets, Storage};
use crate::tree::root::session::Session;
use crate::tree::wire::{Head, Refused, Up, UpAnswer, UpOutcome};

/// How a call of a leaf is taken.
enum Kind {
    /// It asks where it stands. Nothing else has happened there.
    Hello,
    /// It is the next one.
    Next,
    /// It was taken before, and this was the answer.
    Repeated(String),
    /// It is not taken.
    Refused(UpOutcome),
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Takes a call of a leaf, and returns the answer; an empty one if it can't be read, or the room can't be.
    #[inline(never)]
    pub(in super::super) fn take_up(&mut self, text: &str, now: Millis) -> String {
        let Ok(up) = Up::parse(text) else { return String::new() };
        if self.know_tree(now).is_err() || self.newest_kept(now).is_err() {
            return String::new();
        }
        self.flush();
        // The answer tells how many users there are.
        self.restore_presence(now);
        match self.kind_of(&up) {
            Kind::Hello => self.taken_hello(&up, now),
            Kind::Next => self.taken(up, now),
            Kind::Repeated(answer) => answer,
            Kind::Refused(outcome) => self.answer_to(&up, outcome).to_text(),
        }
    }

    fn kind_of(&mut self, up: &Up) -> Kind {
        let Some(root) = self.root_mut() else { return Kind::Refused(UpOutcome::NotAPlace) };
        let Some(session) = root.session_mut(up.place) else {
            return Kind::Refused(UpOutcome::NotAPlace);
        };
        session.is_heard();
        if session.is_out_of_step(up.root) {
            return Kind::Refused(UpOutcome::Reset);
        }
        // Of an earlier life.
        if up.leaf < session.leaf {
            return Kind::Refused(UpOutcome::Other);
        }
        let vain = session.hears_from(up.leaf);
        if session.is_out_of_step(up.root) {
            vain.into_iter().for_each(|part| root.tickets.is_missing(part, up.place));
            return Kind::Refused(UpOutcome::Reset);
        }
        if up.root == 0 {
            return Kind::Hello;
        }
        if up.root != session.root {
            return Kind::Refused(UpOutcome::Other);
        }
        let (last, answer) = &session.taken;
        match up.number.checked_sub(*last) {
            Some(0) if *last > 0 => Kind::Repeated(answer.clone()),
            Some(1) => Kind::Next,
            // Nobody waits for the answer to a late repeat.
            None => Kind::Refused(UpOutcome::Done),
            Some(_) => {
                self.is_to_be_reset(up.place);
                Kind::Refused(UpOutcome::Reset)
            }
        }
    }

    fn is_to_be_reset(&mut self, place: crate::tree::Place) {
        let Some(root) = self.root_mut() else { return };
        let vain = root.session_mut(place).map(Session::reset).unwrap_or_default();
        vain.into_iter().for_each(|part| root.tickets.is_missing(part, place));
    }

    fn taken_hello(&mut self, up: &Up, now: Millis) -> String {
        self.has_counts(up.place, up.counts, up.is_news, now);
        self.answered_in_full(up, Vec::new(), now).to_text()
    }

    fn taken(&mut self, mut up: Up, now: Millis) -> String {
        self.has_counts(up.place, up.counts, up.is_news, now);
        let entries = std::mem::take(&mut up.entries);
        let session = self.root().and_then(|root| root.session(up.place));
        let is_over = session.is_some_and(|session| session.is_before_erasure(up.taken));
        let refused = match is_over {
            // Nobody is there any more of whom it tells anything.
            true => vec![None; entries.len()],
            false => self.order_all_of_leaf(entries, now),
        };
        let answer = self.answered_in_full(&up, refused, now).to_text();
        if let Some(session) = self.root_mut().and_then(|root| root.session_mut(up.place)) {
            session.taken = (up.number, answer.clone());
        }
        answer
    }

    fn answered_in_full(
        &mut self,
        up: &Up,
        refused: Vec<Option<Refused>>,
        now: Millis,
    ) -> UpAnswer {
        let pulled = self.pulled(up.place, &up.pulls, now);
        // If it can't be read, the leaf goes without, and asks again before it lets anybody in.
        let snapshot = if up.wants_controls { self.all_controls().ok() } else { None };
        if snapshot.is_some()
            && let Some(session) = self.root_mut().and_then(|root| root.session_mut(up.place))
        {
            session.gets_snapshot();
        }
        UpAnswer { refused, pulled, snapshot, ..self.answer_to(up, UpOutcome::Done) }
    }

    fn answer_to(&self, up: &Up, outcome: UpOutcome) -> UpAnswer {
        let nothing = UpAnswer {
            root: 0,
            leaf: 0,
            continues: false,
            outcome: UpOutcome::NotAPlace,
            confirmed: 0,
            head: Head {
                epoch: None,
                seq: 0,
                controls: 0,
                places: Default::default(),
                others: None,
            },
            snapshot: None,
            refused: Vec::new(),
            pulled: Vec::new(),
        };
        let Some(session) = self.root().and_then(|root| root.session(up.place)) else {
            return nothing;
        };
        UpAnswer {
            root: session.root,
            leaf: session.leaf,
            continues: session.continues,
            outcome,
            confirmed: session.number,
            head: self.head_for(session, session.seq),
            ..nothing
        }
    }
}
