//! A document from outside, on ports in memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod awareness;
mod changes;
mod compaction;
mod connecting;
mod edits;
mod endings;
mod limits;
#[path = "../memory/mod.rs"]
mod memory;
mod refusals;
mod whole;
mod world;
mod writes;
