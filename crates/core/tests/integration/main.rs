//! The core from outside: a room on in-memory ports, and what the docs say about it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod batching;
mod client_events;
mod collaboration_costs;
mod cost_sheet;
mod documentation;
mod documents;
mod encrypted;
mod grown;
mod key_epoch;
mod limits;
mod presence;
mod presence_data;
mod presence_properties;
mod publishing;
mod recovery;
mod removal;
mod retention;
mod revocation;
mod room;
mod scale;
mod support;
mod tokens;
mod writes;
