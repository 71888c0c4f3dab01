//! What a leaf knows of its room: its side of the session with the root.

mod answers;
mod calls;
mod counts;
mod judge;
mod positions;
#[cfg(test)]
mod tests;

use super::outbox::{Asker, Outbox, Waiting};
use super::ring::Ring;
use super::told::Told;
use super::wire::{Counts, Down, DownAnswer, DownOutcome, Entry, Head, Incarnation, Reached};
use super::{Place, Places};
use crate::Millis;
use crate::limits::Exceeded;
use crate::names::Epoch;
use crate::position::Seq;
use positions::Positions;

pub use answers::Heard;
pub use judge::Judged;

/// How long a leaf that has asked where it stands waits before it asks again.
const ASK_AGAIN_MS: Millis = 100;
/// The same for one that the root is about to reset.
const RESET_MS: Millis = 1_000;

/// The leaf's side of its session with the root, and what waits for it.
#[derive(Debug)]
pub struct Leaf {
    /// Which leaf it is.
    pub place: Place,
    /// This life of it. After a doubt another one begins, without sockets and without memory.
    pub incarnation: Incarnation,
    /// The life of the root that it has a session with; 0 for none.
    root: Incarnation,
    /// The number of the last call from the root in this session, and the answer to it.
    taken: u64,
    taken_sent_at: Millis,
    /// The last life of the root of which an earlier life of the leaf has taken calls, and when the last of them was sent.
    had: (Incarnation, Millis),
    answer: String,
    /// The life of the room's history.
    epoch: Option<Epoch>,
    /// The newest kept events; `None` while it is not known which is the newest.
    ring: Option<Ring>,
    /// The number of the last change of what keeps clients out that it has stored. Read once.
    pub controls: Option<u64>,
    /// Whether that is out of date, as far as is known.
    pub wants_controls: bool,
    /// The places of the room.
    pub places: Places,
    /// How many there are at all other places; `None` if the root has not told in this life.
    others: Option<Counts>,
    /// Whether an earlier life of the root has told that, or this one before it lost count.
    has_old_others: bool,
    /// Whether a client was told how many there are while that was not known, here or at the root. Or the root was answered
    /// another number than it is told, and may hear of that last.
    has_guessed: bool,
    /// Whether the room has this place no more.
    pub is_retired: bool,
    /// When the root is to be asked where the leaf stands.
    asks_at: Option<Millis>,
    asks_not_before: Millis,
    /// When what the root has told last was asked for.
    asked_at: Millis,
    /// The number of the last call to the root in this session.
    number: u64,
    positions: Positions,
    /// What it has to say.
    pub outbox: Outbox,
    /// Until when clients are refused, because the root has just refused one.
    pub refuses_until: Millis,
    /// Where in the product something was told of connections here. Stored with the number of the controls.
    told: Told,
}

/// In the stored text, between the number of the controls and where something was told.
const CONTROLS_END: char = '\u{1f}';

impl Leaf {
    /// A leaf that has just woken.
    #[must_use]
    pub fn new(place: Place, awake_since: Millis) -> Self {
        Self {
            place,
            incarnation: awake_since.max(1),
            root: 0,
            taken: 0,
            taken_sent_at: 0,
            had: (0, 0),
            answer: String::new(),
            epoch: None,
            ring: None,
            controls: None,
            wants_controls: false,
            places: Places::default(),
            others: None,
            has_old_others: false,
            has_guessed: false,
            is_retired: false,
            asks_at: None,
            asks_not_before: 0,
            asked_at: 0,
            number: 0,
            positions: Positions::default(),
            outbox: Outbox::default(),
            refuses_until: 0,
            told: Told::default(),
        }
    }

    /// Takes over what is stored. What is unreadable counts as none: then the root sends all controls. `is_lost`: whether
    /// this life knows nothing of the connections of the one before it.
    pub fn read_stored(&mut self, text: &str, is_lost: bool) {
        let (controls, told) = text.split_once(CONTROLS_END).unwrap_or((text, ""));
        self.controls = Some(controls.parse().unwrap_or(0));
        self.told = Told::parse(told);
        if is_lost {
            self.doubts_what_was_told();
        }
    }

    /// The text to store; `None` for nothing.
    #[must_use]
    pub fn to_store(&self) -> Option<String> {
        let controls = self.controls.unwrap_or(0);
        if self.told.is_empty() {
            return Some(controls.to_string()).filter(|_| controls > 0);
        }
        Some(format!("{controls}{CONTROLS_END}{}", self.told.to_text()))
    }

    /// Something is told at these places in the product. Returns whether that is to be stored.
    pub fn tells_at<'a>(&mut self, places: impl Iterator<Item = &'a str>) -> bool {
        self.told.note(places)
    }

    /// Nobody is here of whom something could have been told that does not hold, and the root has all that was said.
    /// Returns whether that is to be stored.
    pub fn has_told_all(&mut self) -> bool {
        !std::mem::take(&mut self.told).is_empty()
    }

    /// What its clients have said to others is not said any more.
    pub fn forget_unsaid(&mut self) {
        if !self.outbox.forget() {
            self.doubts_what_was_told();
        }
    }

    /// Nobody can say what has become of the connections of which something was told.
    fn doubts_what_was_told(&mut self) {
        if !self.told.is_empty() {
            let (but, told_at) = (Some(self.place), self.told.places());
            let entry = Entry::Stale { but, told_at };
            self.outbox.push(Waiting { entry, asker: Asker::Nobody });
        }
    }

    /// The life of the history and the newest event in it, for a client that connects; `None` if no history is kept.
    #[must_use]
    pub fn position(&self) -> Option<(&Epoch, Seq)> {
        self.epoch.as_ref().zip(self.newest())
    }

    /// The newest event; `None` if it is not known.
    #[must_use]
    pub fn newest(&self) -> Option<Seq> {
        self.ring.as_ref().map(Ring::newest)
    }

    /// What it remembers of the history.
    #[must_use]
    pub fn ring(&self) -> Option<&Ring> {
        self.ring.as_ref()
    }

    /// The same, to add to it.
    pub fn ring_mut(&mut self) -> Option<&mut Ring> {
        self.ring.as_mut()
    }

    /// Whether it knows where it stands, so that clients can connect.
    #[must_use]
    pub fn is_in_step(&self) -> bool {
        self.root > 0 && self.ring.is_some() && !self.wants_controls && !self.is_retired
    }

    /// Whether it has a session.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.root > 0
    }

    /// Asks the root where the leaf stands: now, or a little later if the answer was just of no use.
    pub fn ask(&mut self, now: Millis) {
        let at = now.max(self.asks_not_before).min(now.saturating_add(RESET_MS));
        self.asks_at = Some(self.asks_at.map_or(at, |known| known.min(at)));
    }

    /// The root said that the leaf must close its sockets. It has none, and is called by and by.
    pub fn waits_for_reset(&mut self, now: Millis) {
        self.asks_not_before = now.saturating_add(RESET_MS);
    }

    /// The root has refused something: clients are refused at once for as long as it says.
    pub fn pause(&mut self, exceeded: Exceeded, now: Millis) {
        self.refuses_until = now.saturating_add(exceeded.retry_after_ms.unwrap_or_default());
    }

    /// The root did not know all yet.
    pub fn has_asked_in_vain(&mut self, now: Millis) {
        self.asks_not_before = now.saturating_add(ASK_AGAIN_MS);
    }

    /// Begins another life, in which nothing is known and nothing was said.
    pub fn forget(&mut self) {
        self.incarnation += 1;
        if self.root > 0 && self.taken_sent_at < Millis::MAX {
            self.had = (self.root, self.taken_sent_at);
        }
        (self.root, self.taken, self.number) = (0, 0, 0);
        self.answer = String::new();
        (self.epoch, self.ring) = (None, None);
        (self.others, self.has_guessed) = (None, false);
        self.asks_at = None;
        self.positions = Positions::default();
        self.forget_unsaid();
    }

    /// Whether an earlier life may have taken a call: then whatever nobody recovers has happened before anybody was here.
    #[must_use]
    pub fn has_had(&self, down: &Down) -> bool {
        down.root == self.had.0 && down.sent_at <= self.had.1
    }

    /// The history has been erased: where the leaf stands is not known until the root says it.
    pub fn forget_position(&mut self, now: Millis) {
        (self.epoch, self.ring) = (None, None);
        self.positions = Positions::default();
        self.outbox.forget_pulls();
        self.ask(now);
    }

    /// The room has this place no more.
    pub fn retire(&mut self) {
        self.forget();
        self.outbox = Outbox::default();
        self.told = Told::default();
        self.is_retired = true;
    }

    /// Another object knows of a later life of this leaf, as when the clock was set back: this is a later one.
    fn outlive(&mut self, known: Incarnation) {
        if known > self.incarnation {
            self.incarnation = known + 1;
        }
    }

    /// A session begins. What the leaf remembers stays, if it fits.
    fn begin(&mut self, root: Incarnation, taken: u64, head: &Head) {
        if !self.is_at(head) {
            self.ring = None;
        }
        if self.root != root {
            // Otherwise the root goes on to count: it would take the next call for one that it has had.
            self.number = 0;
            // An earlier life may have told it long ago.
            self.has_old_others = true;
        }
        (self.root, self.taken, self.taken_sent_at) = (root, taken, Millis::MAX);
        self.answer = String::new();
        self.is_retired = false;
        self.hear(head);
    }

    /// Takes over what a head says.
    fn hear(&mut self, head: &Head) {
        if self.ring.is_none() {
            self.ring = Some(Ring::new(head.seq));
            self.epoch.clone_from(&head.epoch);
            self.positions = Positions::default();
        }
        self.learn(head);
    }

    /// The answer to a call that was not taken.
    #[must_use]
    pub fn answered(&self, outcome: DownOutcome) -> Judged {
        Judged::Answer(self.answer_of(outcome, None, Vec::new()).to_text())
    }

    fn answer_of(
        &self,
        outcome: DownOutcome,
        counts: Option<Counts>,
        reached: Vec<Reached>,
    ) -> DownAnswer {
        DownAnswer { leaf: self.incarnation, outcome, counts, reached, users: Vec::new() }
    }

    /// A call was taken. Returns the answer, which a repeat of the call gets, too; to be completed by `complete`.
    pub fn take(
        &mut self,
        (number, sent_at): (u64, Millis),
        counts: Option<Counts>,
        reached: Vec<Reached>,
        complete: impl FnOnce(&mut DownAnswer),
    ) -> String {
        if self.outbox.may_tell_other_users(counts) {
            self.has_to_tell_again();
        }
        let mut answer = self.answer_of(DownOutcome::Done, counts, reached);
        complete(&mut answer);
        (self.taken, self.taken_sent_at) = (number, sent_at);
        self.answer = answer.to_text();
        self.answer.clone()
    }
}
