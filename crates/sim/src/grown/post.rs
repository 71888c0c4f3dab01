//! What a backend has published, and what its answer waits for.

use crate::publication::Posted;

/// Something that a backend has published.
#[derive(Debug)]
pub struct Published {
    pub posted: Posted,
    /// Its events in the log.
    pub entries: Vec<usize>,
    /// How many projects had been erased before.
    pub erased: usize,
    /// Whether the leaves have answered, or were waited for long enough; and whether it is durable.
    pub is_settled: bool,
    pub is_durable: bool,
}
