//! The calls to leaves, and their answers.

use super::super::Room;
use crate::Millis;
use crate::history::History;
use crate::ports::{RosterEntry, Sockets, Storage, StorageFailed};
use crate::position::Seq;
use crate::tree::root::queue::Queued;
use crate::tree::root::session::{OnWay, Session, Step};
use crate::tree::root::tickets::Part;
use crate::tree::wire::{Counts, Down, DownAnswer, DownOutcome, Head, Reached};
use crate::tree::{Call, Note, Place, Places};

/// A lost leaf is called at least this often, in milliseconds, even if nothing happens.
pub(super) const LOST_ALARM_MS: Millis = 60_000;

impl<S: Sockets, P: Storage> Room<S, P> {
    pub(in super::super) fn root_wants_calls(&self) -> bool {
        // What waits for other events goes to the leaves together with them, as it does to sockets here.
        let has_work = || self.root().is_some_and(|root| root.has_work());
        !self.holds_events() && (self.summary.is_pending() || has_work())
    }

    pub(in super::super) fn down_due_in(&self, now: Millis) -> Option<Millis> {
        if self.holds_events() {
            return None;
        }
        let calls = self.root().and_then(|root| root.due_in(now));
        calls.into_iter().chain(self.summary_due_in(now)).min()
    }

    pub(in super::super) fn next_down(&mut self, now: Millis) -> Option<Call> {
        if self.holds_events() {
            return None;
        }
        self.tell_unexpected(now);
        self.flush_summary(now);
        let to = self.root()?.next_due(now)?;
        match self.down_to(to, now) {
            Ok(text) => Some(Call { to, text: text? }),
            Err(StorageFailed) => {
                // It can't be told where the leaf stands. The host resets the room, which resets the leaves.
                self.must_be_reset = true;
                None
            }
        }
    }

    /// Users were on their way to a place that has not been told to wait for them, and never will be: they have left.
    fn tell_unexpected(&mut self, now: Millis) {
        let Some(root) = self.root_mut() else { return };
        let gone: Vec<RosterEntry> =
            root.sessions.iter_mut().flat_map(Session::take_unexpected).collect();
        for gone in &gone {
            self.tell_left(gone, gone.last.as_ref(), now);
            self.summary.is_due();
        }
    }

    #[inline(never)]
    fn down_to(&mut self, to: Place, now: Millis) -> Result<Option<String>, StorageFailed> {
        let newest = self.newest_kept(now)?;
        // The head tells how many users there are.
        self.restore_presence(now);
        let wants =
            self.root().and_then(|root| root.session(to)).is_some_and(|it| it.wants_snapshot);
        let snapshot = if wants { Some(self.all_controls()?) } else { None };
        let Some(root) = self.root_mut() else { return Ok(None) };
        let drains = root.places.find(to).is_none_or(|leaf| leaf.is_draining);
        let (controls, version) = (root.controls, root.places.version);
        let Some(session) = root.session_mut(to) else { return Ok(None) };
        session.call(newest, controls, (version, drains), now);
        let Some(session) = self.root().and_then(|root| root.session(to)) else { return Ok(None) };
        let Some(way) = session.on_way() else { return Ok(None) };
        let mut head = self.head_for(session, way.after);
        if session.places == version && !drains {
            // The leaf knows them: in a large room they would be most of the call. One that drains is always told.
            head.places = Places::default();
        }
        let down = Down {
            place: to,
            root: session.root,
            leaf: session.leaf,
            number: session.number.saturating_add(1),
            sent_at: way.sent_at,
            is_repeat: way.is_repeat(),
            continues: session.continues,
            reset: way.is_reset,
            head,
            snapshot,
            wants_users: way.wants_users,
            entries: Vec::new(),
        };
        Ok(Some(with_entries(&down, way)))
    }

    /// What a leaf needs to know that has everything up to `seq`.
    pub(super) fn head_for(&self, session: &Session, seq: Seq) -> Head {
        Head {
            epoch: session.ended.front().or(self.history.as_ref().map(History::epoch)).cloned(),
            seq,
            controls: session.controls,
            places: self.root().map(|root| root.places.clone()).unwrap_or_default(),
            others: self.others_than(session),
        }
    }

    /// How many there are at the places besides this one, if that is known.
    fn others_than(&self, session: &Session) -> Option<Counts> {
        let own = session.counts.unwrap_or_default();
        let is_known =
            self.knows_presence && self.root().is_some_and(|root| root.can_tell_counts());
        is_known.then(|| Counts {
            sockets: (self.all_sockets() as u64).saturating_sub(own.sockets),
            users: (self.all_users() as u64).saturating_sub(own.users),
        })
    }

    #[inline(never)]
    pub(in super::super) fn down_answered(&mut self, by: Place, text: &str, now: Millis) {
        let Ok(answer) = DownAnswer::parse(text) else { return self.down_failed(by, now) };
        let Some(root) = self.root_mut() else { return };
        let Some(session) = root.session_mut(by) else { return };
        let has_users = session.on_way().is_some_and(|way| way.wants_users);
        let was_lost = session.is_lost;
        let was_reset = session.on_way().is_some_and(|way| way.is_reset);
        let step = session.answered(&answer, now);
        let (controls, is_lost) = (session.controls, session.is_lost);
        if answer.outcome == DownOutcome::Done {
            root.tickets.has_controls(by, controls);
            if has_users {
                root.tickets.has_users(by, &answer.users);
            }
        }
        self.has_step(by, step, now);
        if was_lost && !is_lost {
            self.is_found(by);
        }
        self.has_counts(by, answer.counts, was_reset, now);
    }

    #[inline(never)]
    pub(in super::super) fn down_failed(&mut self, by: Place, now: Millis) {
        let Some(session) = self.root_mut().and_then(|root| root.session_mut(by)) else { return };
        let step = session.failed(now);
        self.has_step(by, step, now);
    }

    fn has_step(&mut self, at: Place, step: Step, now: Millis) {
        match step {
            Step::Confirmed(entries) => self.has_confirmed(at, entries, now),
            Step::Again(vain) => self.is_in_vain(at, vain),
            Step::Lost(vain) => {
                self.is_in_vain(at, vain);
                self.is_lost(at, now);
            }
        }
    }

    fn has_confirmed(&mut self, by: Place, entries: Vec<(Queued, Reached)>, now: Millis) {
        for (Queued { part, is_owed, .. }, reached) in entries {
            if is_owed {
                self.owe_deliveries(reached.recipients as usize, now);
            }
            if let Some((part, root)) = part.zip(self.root_mut()) {
                root.tickets.has_reached(part, by, reached);
            }
        }
    }

    fn is_in_vain(&mut self, at: Place, vain: Vec<Part>) {
        let Some(root) = self.root_mut() else { return };
        vain.into_iter().for_each(|part| root.tickets.is_missing(part, at));
    }

    /// A leaf does not answer any more. That is stored, so that it is not forgotten that it must be reset.
    fn is_lost(&mut self, place: Place, now: Millis) {
        let Some(root) = self.root_mut() else { return };
        root.tickets.is_lost(place);
        if self.mark_lost(place, true) {
            self.notes.push(Note::Lost(place));
        }
        self.summary.is_due();
        self.arm(now.saturating_add(LOST_ALARM_MS), now);
    }

    fn is_found(&mut self, place: Place) {
        if self.mark_lost(place, false) {
            self.notes.push(Note::Found(place));
        }
    }

    /// Returns whether it was not marked so before.
    fn mark_lost(&mut self, place: Place, is_lost: bool) -> bool {
        let Some(root) = self.root_mut() else { return false };
        let leaf = root.places.leaves.iter_mut().find(|leaf| leaf.place == place);
        let Some(leaf) = leaf.filter(|leaf| leaf.is_lost != is_lost) else { return false };
        leaf.is_lost = is_lost;
        if self.store_tree().is_err() {
            self.must_be_reset = true;
        }
        true
    }
}

fn with_entries(down: &Down, way: &OnWay) -> String {
    let mut text = down.to_text_without_entries();
    text.reserve(way.entries.iter().map(|queued| queued.item.text.len()).sum());
    way.entries.iter().for_each(|queued| text.push_str(&queued.item.text));
    text
}
