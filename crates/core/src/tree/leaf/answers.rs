//! What a leaf learns from the answers of the root.

use super::Leaf;
use crate::Millis;
use crate::tree::outbox::{OnWay, Waiting};
use crate::tree::wire::{Controls, Head, Refused, UpAnswer, UpOutcome};

/// What follows from the answer to a call.
#[derive(Debug)]
pub enum Heard {
    /// It was taken.
    Taken {
        /// What was said, and why it was refused, if it was.
        said: Vec<(Waiting, Option<Refused>)>,
        /// All that keeps clients out, if it was asked for.
        snapshot: Option<Controls>,
    },
    /// It was not taken, and is said again.
    Later,
    /// It comes from an earlier life of the root.
    Stale(OnWay),
    /// Something may be missing: the leaf begins another life. Contains what was not taken, as far as is known.
    Doubt(Vec<Waiting>),
    /// The room has no such place.
    NotAPlace,
}

impl Leaf {
    /// Takes the answer to the call `on_way`.
    pub fn hear_answer(&mut self, on_way: OnWay, answer: UpAnswer, now: Millis) -> Heard {
        // Whoever says so has no session to speak of.
        if answer.outcome == UpOutcome::NotAPlace {
            return Heard::NotAPlace;
        }
        if answer.root < self.root {
            return Heard::Stale(on_way);
        }
        if answer.leaf > self.incarnation {
            self.outlive(answer.leaf);
            self.ask(now);
            return self.say_again(on_way);
        }
        match answer.outcome {
            UpOutcome::NotAPlace => Heard::NotAPlace,
            UpOutcome::Reset => Heard::Doubt(on_way.waiting),
            UpOutcome::Done | UpOutcome::Other if self.root == 0 => self.meet(on_way, answer, now),
            UpOutcome::Other => self.meet_another(on_way, &answer),
            // It was to ask where the leaf stands, which it has learnt meanwhile.
            UpOutcome::Done if on_way.root != self.root => self.say_again(on_way),
            UpOutcome::Done => self.go_on(on_way, answer, now),
        }
    }

    /// The leaf did not know where it stands.
    fn meet(&mut self, on_way: OnWay, answer: UpAnswer, now: Millis) -> Heard {
        self.begin(answer.root, answer.confirmed, &answer.head);
        self.has_been_told(&on_way, now);
        self.wants_controls = self.controls != Some(answer.head.controls);
        Heard::Taken { said: Vec::new(), snapshot: answer.snapshot }
    }

    /// The root has begun another life.
    fn meet_another(&mut self, on_way: OnWay, answer: &UpAnswer) -> Heard {
        if answer.root > self.root {
            if !answer.continues || !self.is_at(&answer.head) {
                return Heard::Doubt(on_way.waiting);
            }
            self.begin(answer.root, answer.confirmed, &answer.head);
        } else if on_way.root == self.root {
            return Heard::Doubt(on_way.waiting);
        }
        self.say_again(on_way)
    }

    fn go_on(&mut self, on_way: OnWay, answer: UpAnswer, now: Millis) -> Heard {
        let UpAnswer { confirmed, head, snapshot, refused, pulled, .. } = answer;
        if confirmed == self.taken {
            if !self.is_at(&head) {
                return Heard::Doubt(on_way.waiting);
            }
            self.hear(&head);
        } else {
            // A call of the root has come meanwhile, and may have told a later count.
            let known = self.others.filter(|_| !self.has_old_others);
            self.learn(&Head { others: known.or(head.others), ..head });
        }
        if self.ring.is_none() {
            self.has_asked_in_vain(now);
            self.ask(now);
        }
        self.has_been_told(&on_way, now);
        self.take_pulled(&on_way.pulls, pulled);
        let mut refused = refused.into_iter();
        let of = |waiting| (waiting, refused.next().flatten());
        Heard::Taken { said: on_way.waiting.into_iter().map(of).collect(), snapshot }
    }

    fn has_been_told(&mut self, on_way: &OnWay, now: Millis) {
        self.outbox.has_told(on_way.counts, now);
        self.has_guessed &= !on_way.has_guessed;
        self.asked_at = on_way.asked_at;
    }

    /// Whether the leaf has heard of the places since a time.
    #[must_use]
    pub fn has_asked_since(&self, time: Millis) -> bool {
        self.asked_at >= time
    }

    /// What was on the way is said again, unless it may have been taken: a failed call may have reached another life of
    /// the root.
    fn say_again(&mut self, on_way: OnWay) -> Heard {
        if on_way.failures > 0 && !on_way.waiting.is_empty() {
            return Heard::Doubt(on_way.waiting);
        }
        self.outbox.put_back(on_way.waiting);
        Heard::Later
    }
}
