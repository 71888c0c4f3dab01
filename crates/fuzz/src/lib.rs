//! Fuzz targets for everything that parses outside input: `npm run fuzz`.
//!
//! A target is a function that takes any bytes and panics if the core handles them wrongly. It knows what is right from an
//! oracle: a slow and simple reading of the same input, following the clauses of `docs/protocol.md` and using
//! `serde_json::Value`. An oracle shares no code with the core, so everything that the core may do is stated twice.
//!
//! This crate is stable Rust without its own dependencies, so `cargo test` replays every input in `fuzz/corpus`. The parts
//! for libFuzzer are in `fuzz/`, outside the workspace.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a fuzz target fails by panicking"
)]

mod awareness;
mod claims;
mod client_frame;
mod document_frame;
mod document_text;
mod envelope;
mod ids;
mod json;
mod names;
mod room;
mod sealed_frame;
mod since;
mod subprotocol;
mod update;
mod varint;

pub use awareness::awareness;
pub use claims::claims;
pub use client_frame::client_frame;
pub use document_frame::document_frame;
pub use document_text::document_text;
pub use envelope::envelope;
pub use ids::ids;
pub use sealed_frame::sealed_frame;
pub use since::since;
pub use subprotocol::subprotocol;
pub use update::update;

/// A fuzz target: its name, and what takes the input.
pub type Target = (&'static str, fn(&[u8]));

/// Every fuzz target. The corpus of each is in the folder with its name in `fuzz/corpus`.
pub const TARGETS: [Target; 11] = [
    ("envelope", envelope),
    ("claims", claims),
    ("ids", ids),
    ("since", since),
    ("subprotocol", subprotocol),
    ("client_frame", client_frame),
    ("update", update),
    ("awareness", awareness),
    ("document_frame", document_frame),
    ("sealed_frame", sealed_frame),
    ("document_text", document_text),
];
