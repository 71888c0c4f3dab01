//! The state of what the runtime and `src/project-room.js` do around a room.

use crate::publication::Place;

/// All that is lost at once by a death that nobody could prevent.
pub const ALL: u8 = u8::MAX;

/// The state of the host of one room.
#[derive(Debug, Default)]
pub struct Host {
    /// How many of the room's writes must be durable until the one under way is.
    pub under_way: Option<usize>,
    /// The answers that wait for it: the newest event of each.
    pub answering: Vec<Place>,
    /// Those that wait for the next one.
    pub unanswered: Vec<Place>,
    /// Whether nothing becomes durable.
    pub is_stalled: bool,
}

impl Host {
    /// The room's events are erased, and so whatever was said of them is true.
    pub fn erased(&mut self) {
        self.answering.clear();
        self.unanswered.clear();
    }

    /// The server has died, and nobody is answered.
    pub fn die(&mut self) {
        *self = Self { is_stalled: self.is_stalled, ..Self::default() };
    }
}
