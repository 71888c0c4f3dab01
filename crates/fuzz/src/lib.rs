//! Fuzz targets for all that parses outside input: `npm run fuzz`.
//!
//! A target is a function that takes any bytes and panics if the core gets them wrong. What is right it knows from
//! an oracle: a slow and plain reading of the same input, by the clauses of `docs/protocol.md` and by
//! `serde_json::Value`, which shares no code with the core. So all that the core may do is told twice.
//!
//! Here is stable Rust without dependencies of its own, so `cargo test` replays every input in `fuzz/corpus`. What
//! libFuzzer needs is in `fuzz/`, outside of the workspace.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a fuzz target fails by panicking"
)]

mod claims;
mod client_frame;
mod envelope;
mod ids;
mod json;
mod names;
mod room;
mod since;
mod subprotocol;

pub use claims::claims;
pub use client_frame::client_frame;
pub use envelope::envelope;
pub use ids::ids;
pub use since::since;
pub use subprotocol::subprotocol;

/// A fuzz target: its name, and what takes the input.
pub type Target = (&'static str, fn(&[u8]));

/// Every fuzz target. The corpus of each is the folder of its name in `fuzz/corpus`.
pub const TARGETS: [Target; 6] = [
    ("envelope", envelope),
    ("claims", claims),
    ("ids", ids),
    ("since", since),
    ("subprotocol", subprotocol),
    ("client_frame", client_frame),
];
