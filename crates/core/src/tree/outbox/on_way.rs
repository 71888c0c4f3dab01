//! A leaf's call to the root.

use super::Waiting;
use crate::Millis;
use crate::position::Seq;
use crate::tree::wire::{Counts, Incarnation};

/// A call that has been made and is not answered yet.
#[derive(Debug)]
pub struct OnWay {
    /// Its text: a repeat is the same.
    pub text: String,
    /// When it was first made.
    pub asked_at: Millis,
    /// The life of the root that it is for; 0 if it asks where the leaf stands.
    pub root: Incarnation,
    /// The counts that it tells.
    pub counts: Option<Counts>,
    /// Whether clients were told how many there are while that was not known, and none since it was made.
    pub has_guessed: bool,
    /// What it says.
    pub waiting: Vec<Waiting>,
    /// The positions after which it asks for events.
    pub pulls: Vec<Seq>,
    /// How often it has failed.
    pub failures: usize,
    /// When it is made again; `None` while it is being made.
    pub(super) due_at: Option<Millis>,
    /// Whether nobody waits for it any more, as the leaf has begun another life.
    pub(super) is_void: bool,
}

impl OnWay {
    /// A call that is made now.
    #[must_use]
    pub fn new(text: String, root: Incarnation, asked_at: Millis) -> Self {
        Self {
            text,
            asked_at,
            root,
            counts: None,
            has_guessed: false,
            waiting: Vec::new(),
            pulls: Vec::new(),
            failures: 0,
            due_at: None,
            is_void: false,
        }
    }
}
