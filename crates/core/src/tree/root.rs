//! What the root of a grown room knows of its leaves.

use super::Places;

/// The root's side of each session, and what waits for the leaves.
#[derive(Debug)]
pub struct Root {
    /// The places.
    pub places: Places,
}

impl Root {
    /// The root of a room with these places.
    #[must_use]
    pub fn new(places: Places) -> Self {
        Self { places }
    }
}
