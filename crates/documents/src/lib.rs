//! Shared documents (P13, P14.7): what the room of a document decides, and the formats of Yjs that it reads, merges and writes.
//!
//! Like `validiant-core`, it knows nothing of Cloudflare: no I/O, no clock, no randomness. It never holds a live document.
//! It reads updates as bytes, remembers which changes they contain, and merges them when somebody asks for the whole.

pub mod awareness;
mod json;
pub mod lib0;
pub mod ports;
pub mod room;
pub mod sealed;
mod sort;
pub mod state;
pub mod sync;
pub mod text;
pub mod update;
pub mod visitor;

pub use lib0::Unreadable;
