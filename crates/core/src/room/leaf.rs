//! The room as a leaf of its root (P15): what it says to the root, and what it does with the answers.

mod controls;
mod doubt;
mod downs;
mod readiness;
mod stored;

use super::Room;
use super::key_epoch::judge_event;
use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::limits::Exceeded;
use crate::ports::{Sockets, Storage};
use crate::tree::leaf::{Heard, Leaf};
use crate::tree::outbox::{Asker, Change, Outbox, Waiting};
use crate::tree::wire::{Controls, Counts, Entry, Refused, UpAnswer, UpOutcome};
use crate::tree::{Call, Place, Tree};
use crate::wire::frame;

/// Told to a client for which the queue to the root is too long.
const QUEUE_FULL: Exceeded =
    Exceeded { limit: "clientDeliveriesPerSecond", retry_after_ms: Some(1_000) };

impl<S: Sockets, P: Storage> Room<S, P> {
    fn leaf(&self) -> Option<&Leaf> {
        match &self.tree {
            Tree::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }

    fn leaf_mut(&mut self) -> Option<&mut Leaf> {
        match &mut self.tree {
            Tree::Leaf(leaf) => Some(leaf),
            _ => None,
        }
    }

    /// How many there are here, if the roster has been read.
    pub(super) fn own_counts(&self) -> Option<Counts> {
        let (sockets, users) = (self.sockets.count() as u64, self.presence.count() as u64);
        self.knows_presence.then_some(Counts { sockets, users })
    }

    /// The same as an answer to the root tells them: with the users whom the root does not know to be expected elsewhere yet.
    fn counts_to_answer(&self) -> Option<Counts> {
        let expected = self.leaf().map_or(0, |leaf| leaf.outbox.expected());
        let counts = self.own_counts()?;
        Some(Counts { users: counts.users.saturating_add(expected as u64), ..counts })
    }

    pub(super) fn leaf_wants_calls(&self) -> bool {
        self.leaf().is_some_and(|leaf| leaf.wants_call(self.own_counts()))
    }

    pub(super) fn next_up(&mut self, now: Millis) -> Option<Call> {
        if self.leaf()?.outbox.is_overfull() {
            self.doubt("queue_full", now);
        }
        // If it can't be read, the root sends all.
        let _ = self.stored_controls();
        let counts = self.own_counts();
        let text = self.leaf_mut()?.next_call(counts, now)?;
        Some(Call { to: Place::ROOT, text })
    }

    pub(super) fn up_due_in(&self, now: Millis) -> Option<Millis> {
        let due_at = self.leaf()?.call_due_at(self.own_counts())?;
        Some(due_at.saturating_sub(now))
    }

    pub(super) fn up_failed(&mut self, now: Millis) {
        let counts = self.own_counts();
        let has_sockets = self.sockets.count() > 0;
        let Some(leaf) = self.leaf_mut() else { return };
        let Some(lost) = leaf.outbox.fail(now) else { return };
        if has_sockets || !lost.waiting.is_empty() || !leaf.outbox.is_empty() {
            leaf.outbox.put_back(lost.waiting);
            return self.doubt("no_answer", now);
        }
        // Nobody is here who could miss anything. Whoever comes next makes it ask again.
        leaf.forget();
        leaf.outbox = Outbox::default();
        leaf.outbox.has_told(counts, now);
    }

    pub(super) fn up_answered(&mut self, text: &str, now: Millis) {
        let Some(leaf) = self.leaf_mut() else { return };
        let Some(on_way) = leaf.outbox.take_on_way() else { return };
        let Ok(answer) = UpAnswer::parse(text) else {
            leaf.outbox.make(on_way);
            return self.up_failed(now);
        };
        let version = leaf.places.version;
        let reason = if answer.outcome == UpOutcome::Reset { "reset" } else { "position" };
        match leaf.hear_answer(on_way, answer, now) {
            Heard::Taken { said, snapshot } => self.has_said(said, snapshot, now),
            Heard::Later => {}
            Heard::Stale(on_way) => {
                leaf.outbox.make(on_way);
                self.up_failed(now);
            }
            Heard::Doubt(unsaid) => {
                leaf.outbox.put_back(unsaid);
                self.doubt_or_wait(reason, now);
            }
            Heard::NotAPlace => self.retire(now),
        }
        if self.leaf().is_some_and(|leaf| leaf.places.version != version) {
            self.places_changed(now);
        }
        self.look_at_told();
    }

    fn has_said(
        &mut self,
        said: Vec<(Waiting, Option<Refused>)>,
        snapshot: Option<Controls>,
        now: Millis,
    ) {
        // If the root has called with it meanwhile, what has changed since then comes with its next call.
        let is_wanted = self.leaf().is_some_and(|leaf| leaf.wants_controls);
        if let Some(snapshot) = snapshot.filter(|_| is_wanted)
            && self.take_snapshot(&snapshot, now).is_err()
        {
            return self.doubt("storage", now);
        }
        if let Some(leaf) = self.leaf_mut().filter(|leaf| leaf.wants_controls) {
            leaf.has_asked_in_vain(now);
        }
        let mut over = Vec::new();
        for (Waiting { entry, asker }, refused) in said {
            match (refused, asker) {
                (Some(Refused::Over(exceeded)), Asker::Changed(change)) => {
                    over.push((change, exceeded));
                }
                (Some(Refused::Over(exceeded)), asker) => self.is_refused(asker, exceeded, now),
                (Some(Refused::OldKey(least)), asker) => {
                    self.is_under_old_key(&entry, &asker, least, now);
                }
                (None, asker) => self.is_taken(asker, now),
            }
        }
        self.are_refused(over, now);
    }

    /// The root has refused changes. Later ones of the same connections that wait are refused with them.
    #[inline(never)]
    fn are_refused(&mut self, mut over: Vec<(Box<Change>, Exceeded)>, now: Millis) {
        let Some((_, exceeded)) = over.last() else { return };
        let exceeded = *exceeded;
        let Some(leaf) = self.leaf_mut() else { return };
        leaf.pause(exceeded, now);
        let later = leaf.outbox.take_changes_of(|user, connection| {
            over.iter().any(|(change, _)| change.is_of(user, connection))
        });
        over.extend(later.into_iter().map(|change| (change, exceeded)));
        self.take_back(&over, now);
    }

    /// The root has known of a higher key epoch before the leaf did.
    #[inline(never)]
    fn is_under_old_key(&mut self, entry: &Entry, asker: &Asker, least: KeyEpoch, now: Millis) {
        let (Entry::Said { frame, .. }, Asker::Client(socket)) = (entry, asker) else { return };
        if let Err(refusal) = judge_event(frame::payload_of_client_event(frame), least) {
            self.refuse(*socket, refusal, now);
        }
    }

    fn is_refused(&mut self, asker: Asker, exceeded: Exceeded, now: Millis) {
        if let Some(leaf) = self.leaf_mut() {
            leaf.pause(exceeded, now);
        }
        match asker {
            Asker::Nobody => {}
            Asker::Client(socket) => {
                self.refuse(socket, exceeded, now);
            }
            Asker::Changed(change) => self.take_back(&[(change, exceeded)], now),
        }
    }

    fn is_taken(&mut self, asker: Asker, now: Millis) {
        if let Asker::Changed(change) = asker {
            self.has_come(&change, now);
        }
    }

    /// Says something to the root, which orders it and sends it to all places. `asker`: who is told if it is refused.
    #[inline(never)]
    pub(super) fn send_up(&mut self, entry: Entry, asker: Asker, now: Millis) {
        if let Err((asker, exceeded)) = self.queue_up(entry, asker, now) {
            self.is_refused(asker, exceeded, now);
        }
    }

    fn queue_up(
        &mut self,
        entry: Entry,
        asker: Asker,
        now: Millis,
    ) -> Result<(), (Asker, Exceeded)> {
        let Some(leaf) = self.leaf_mut() else { return Ok(()) };
        if leaf.is_retired || leaf.outbox.is_overfull() {
            return Ok(());
        }
        if !matches!(asker, Asker::Nobody) {
            let pause = leaf.refuses_until.saturating_sub(now);
            if pause > 0 {
                let exceeded = Exceeded { retry_after_ms: Some(pause), ..QUEUE_FULL };
                return Err((asker, exceeded));
            }
            if leaf.outbox.is_full() {
                return Err((asker, QUEUE_FULL));
            }
        }
        if let Entry::Updated { heard_at, .. } = &entry {
            self.tells_at(heard_at);
        }
        if let Some(leaf) = self.leaf_mut() {
            leaf.outbox.push(Waiting { entry, asker });
        }
        Ok(())
    }

    /// The roster has been read. What the root knows is not known, but if there are sockets, the object has slept, and did
    /// not fall asleep before it had told the root how many there are.
    pub(super) fn knows_itself(&mut self) {
        let counts = self.own_counts().filter(|counts| counts.sockets > 0);
        // If it can't be read, it is read later. An earlier life may have told what nobody corrects but this one.
        let _ = self.stored_controls();
        if let Some(leaf) = self.leaf_mut() {
            leaf.outbox.has_told(counts, 0);
        }
    }

    /// The alarm has gone off: a leaf with sockets makes sure that it has got everything.
    pub(super) fn check_position(&mut self, now: Millis) {
        let has_sockets = self.sockets.count() > 0;
        if let Some(leaf) = self.leaf_mut().filter(|_| has_sockets) {
            leaf.ask(now);
        }
    }
}
