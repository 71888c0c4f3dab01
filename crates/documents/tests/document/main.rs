//! A document from outside, on ports in memory: what it does, one thing at a time, and whether it keeps its promises
//! whatever happens.

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
mod costs;
mod edits;
mod endings;
mod limits;
mod memory;
mod refusals;
mod sealed;
mod simulation;
mod whole;
mod world;
mod writes;
