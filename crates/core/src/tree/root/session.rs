//! The root's side of the session with one leaf: stop-and-wait, so that order needs nothing but a number.

mod answers;
mod calls;

use std::collections::VecDeque;

use super::super::Place;
use super::super::places::LeafEntry;
use super::super::wire::{Counts, Incarnation};
use super::queue::{Queue, Queued};
use super::tickets::Part;
use crate::Millis;
use crate::names::Epoch;
use crate::ports::RosterEntry;
use crate::position::Seq;

pub use answers::Step;

/// A session.
#[derive(Debug)]
pub struct Session {
    /// With whom.
    pub place: Place,
    /// The life of the root, as this leaf is told: each reset begins another.
    pub root: Incarnation,
    /// The life of the leaf; 0 while it is unknown.
    pub leaf: Incarnation,
    /// The last call that the leaf has confirmed.
    pub number: u64,
    /// The newest kept event that the leaf has confirmed.
    pub seq: Seq,
    /// The lives of the history that have ended, oldest first, of which the leaf has not confirmed that. It knows the first.
    pub ended: VecDeque<Epoch>,
    /// The number of the controls that the leaf has confirmed, or must have when it is reset. A snapshot does not change that:
    /// the leaf may have taken an earlier sending of the call, with an older one.
    pub controls: u64,
    /// How many there are; `None` while it is unknown.
    pub counts: Option<Counts>,
    /// Whether an earlier life of the leaf has told that, perhaps in a call that came late.
    has_old_counts: bool,
    /// Whether the leaf has all that was sent before this life of the root.
    pub continues: bool,
    /// Whether it has not answered for so long that it must be reset.
    pub is_lost: bool,
    /// Whether it has confirmed that it takes no clients any more and has none, and got nothing since then.
    pub drains: bool,
    /// The version of the places that this life of the leaf has confirmed; 0 for none.
    pub places: u64,
    /// The number of the last call of the leaf that was taken, and the answer.
    pub taken: (u64, String),
    /// Whether the next call is to have all that keeps clients out.
    pub wants_snapshot: bool,
    /// The number of the last call with an erasure in this session.
    erased_in: u64,
    /// Whether the leaf has got all that in an answer to a call of its own, since it was last called.
    has_snapshot: bool,
    queue: Queue,
    on_way: Option<OnWay>,
    /// How often the call on its way has failed since the leaf last answered, and how often it was wanted again.
    attempts: usize,
    agains: usize,
    retry_at: Option<Millis>,
    must_reset: bool,
    is_asked: bool,
    is_asked_for_users: bool,
    /// The users whom the leaf was to expect, and never will.
    unexpected: Vec<RosterEntry>,
}

/// What the leaf is called with, again and again until it answers.
#[derive(Debug)]
pub struct OnWay {
    /// The entries.
    pub entries: Vec<Queued>,
    /// Whether it is a reset.
    pub is_reset: bool,
    /// The newest kept event before the entries.
    pub after: Seq,
    /// When it was first sent.
    pub sent_at: Millis,
    /// Whether the users are asked for.
    pub wants_users: bool,
    /// The version of the places that it told when it was first sent to this life.
    places: u64,
    /// Whether those let the leaf drain.
    drains: bool,
    /// To which life it was first sent, and how often since.
    leaf: Incarnation,
    sendings: usize,
    is_called: bool,
}

impl OnWay {
    /// Whether it has been sent before to this life of the leaf.
    #[must_use]
    pub fn is_repeat(&self) -> bool {
        self.sendings > 1
    }
}

impl Session {
    /// A session that begins now. `newest`: the newest kept event.
    #[must_use]
    pub fn new(leaf: &LeafEntry, root: Incarnation, newest: Seq, controls: u64) -> Self {
        Self {
            place: leaf.place,
            root,
            leaf: 0,
            number: 0,
            seq: newest,
            ended: VecDeque::new(),
            controls,
            counts: None,
            has_old_counts: false,
            continues: true,
            is_lost: leaf.is_lost,
            drains: false,
            places: 0,
            taken: Default::default(),
            wants_snapshot: false,
            erased_in: 0,
            has_snapshot: false,
            queue: Queue::default(),
            on_way: None,
            attempts: 0,
            agains: 0,
            retry_at: None,
            must_reset: leaf.is_lost,
            is_asked: false,
            is_asked_for_users: false,
            unexpected: Vec::new(),
        }
    }

    /// The leaf must close its sockets: something may be missing there. Returns what waits for it in vain.
    pub fn reset(&mut self) -> Vec<Part> {
        self.must_reset = true;
        let waiting = self.queue.clear();
        self.give_up(waiting)
    }

    /// These entries are not said to the leaf. Returns what waits for them in vain.
    fn give_up(&mut self, entries: impl IntoIterator<Item = Queued>) -> Vec<Part> {
        let mut vain = Vec::new();
        for Queued { item, part, .. } in entries {
            vain.extend(part);
            self.unexpected.extend(item.expected.as_deref().cloned());
        }
        vain
    }

    /// Takes out the users whom the leaf was to expect, and never will: nobody waits for them.
    pub fn take_unexpected(&mut self) -> Vec<RosterEntry> {
        std::mem::take(&mut self.unexpected)
    }

    /// The leaf is to be called soon, for its counts.
    pub fn ask(&mut self) {
        self.is_asked = true;
    }

    /// Whether the leaf is just asked for its counts, or is going to be.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.is_asked || self.on_way.as_ref().is_some_and(|way| way.entries.is_empty())
    }

    /// The leaf is to be called soon, for its users.
    pub fn ask_for_users(&mut self) {
        self.is_asked_for_users = true;
    }

    /// The leaf has told how many there are. Returns what was known before.
    pub fn has_told(&mut self, counts: Counts) -> Option<Counts> {
        self.has_old_counts = false;
        self.counts.replace(counts)
    }

    /// Whether its counts are unknown, and it can be asked for them.
    #[must_use]
    pub fn has_unknown_counts(&self) -> bool {
        let is_unknown = self.counts.is_none() || self.has_old_counts;
        is_unknown && !self.is_lost && !self.must_reset && !self.is_being_reset()
    }

    /// The same, and the leaf has not failed to answer yet.
    #[must_use]
    pub fn may_soon_tell_counts(&self) -> bool {
        self.has_unknown_counts() && self.attempts == 0
    }

    /// Whether the leaf must close its sockets before it can say anything. `root`: the life of the root that it knows.
    #[must_use]
    pub fn is_out_of_step(&self, root: Incarnation) -> bool {
        match self.is_being_reset() {
            true => self.must_reset || root != self.root,
            false => self.must_reset || self.is_lost,
        }
    }

    fn is_being_reset(&self) -> bool {
        self.on_way.as_ref().is_some_and(|way| way.is_reset)
    }

    /// Lets something wait for the leaf. Returns what waits for it in vain, because the leaf is to be reset.
    pub fn push(&mut self, queued: Queued) -> Vec<Part> {
        let mut vain = Vec::new();
        if !self.must_reset && self.queue.is_full() {
            vain = self.reset();
        }
        match self.must_reset {
            true => vain.extend(self.give_up([queued])),
            false => self.queue.push(queued),
        }
        vain
    }

    /// The leaf gets all that keeps clients out in the answer to a call of its own. If it is to be given up, it is asked
    /// again first: it stores that.
    pub fn gets_snapshot(&mut self) {
        (self.has_snapshot, self.drains) = (true, false);
    }

    /// Whether the leaf has not carried out an erasure yet when it has taken so many calls: what it says then is over.
    #[must_use]
    pub fn is_before_erasure(&self, taken: u64) -> bool {
        let has_erasure = |way: &OnWay| way.entries.iter().any(|it| it.item.ends_history);
        let is_on_way = self.on_way.as_ref().is_some_and(has_erasure);
        let is_taken = is_on_way && taken > self.number;
        taken < self.erased_in || (is_on_way && !is_taken) || self.queue.has_erasure()
    }

    /// What is on its way.
    #[must_use]
    pub fn on_way(&self) -> Option<&OnWay> {
        self.on_way.as_ref()
    }

    /// The leaf is in this life.
    pub fn meet(&mut self, leaf: Incarnation) {
        if self.leaf != leaf {
            self.has_old_counts |= self.leaf != 0 && self.counts.is_some();
            self.is_asked |= self.has_old_counts;
            (self.leaf, self.number, self.taken) = (leaf, 0, Default::default());
            (self.places, self.erased_in) = (0, 0);
        }
    }

    /// The leaf calls, in this life. If an earlier one may have taken a call that was not answered, the leaf must be reset.
    /// Returns what waits for it in vain.
    pub fn hears_from(&mut self, leaf: Incarnation) -> Vec<Part> {
        let may_have_taken =
            |way: &OnWay| !way.is_called && way.leaf != leaf && !way.entries.is_empty();
        let is_in_doubt = self.on_way.as_ref().is_some_and(may_have_taken);
        let vain = if is_in_doubt { self.drop_on_way() } else { Vec::new() };
        self.meet(leaf);
        vain
    }

    fn knows_no_root_before(&mut self, root: Incarnation) {
        (self.root, self.number, self.taken) = (root, 0, Default::default());
        self.erased_in = 0;
    }

    /// The leaf can be reached: if it is lost, it is called at once.
    pub fn is_heard(&mut self) {
        if self.is_lost && self.on_way.is_none() {
            self.retry_at = None;
        }
    }
}
