//! What an episode is about: half of its steps are drawn from what belongs to it.

use fastrand::Rng;

/// The theme of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Everything.
    None,
    /// Documents.
    Documents,
    /// What clients say to each other, and of themselves.
    Talk,
    /// The keys of encrypted projects.
    Keys,
}

impl Theme {
    /// Draws one.
    pub(crate) fn draw_one(rng: &mut Rng) -> Self {
        match rng.u8(0..5) {
            0 => Self::Documents,
            1 => Self::Talk,
            2 => Self::Keys,
            _ => Self::None,
        }
    }
}
