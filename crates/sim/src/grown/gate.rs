//! What the edge knows of the places, and the clients on their way to one of them.

use validiant_core::Millis;
use validiant_core::tree::{Place, Places};

/// A copy of the places at the edge, and when it was made.
#[derive(Debug, Default)]
pub struct Gate {
    pub copy: Option<(Places, Millis)>,
}

/// A client on its way to an object.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub client: u8,
    pub nonce: u64,
    pub gate: usize,
    pub at: Place,
    /// Whether the copy of the places has told the way.
    pub is_by_copy: bool,
    pub hops: u8,
}
