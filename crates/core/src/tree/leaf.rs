//! What a leaf knows of its room.

use super::Place;
use crate::Millis;

/// The leaf's side of its session with the root, and what waits for it.
#[derive(Debug)]
pub struct Leaf {
    /// Which leaf it is.
    pub place: Place,
    /// This life of it.
    pub incarnation: u64,
}

impl Leaf {
    /// A leaf that has just woken.
    #[must_use]
    pub fn new(place: Place, awake_since: Millis) -> Self {
        Self { place, incarnation: awake_since }
    }
}
