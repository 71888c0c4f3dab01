//! The encoding under everything that Yjs sends: numbers of 7 bits per byte, and texts and bytes after their length.
//!
//! All of it comes from outside. Nothing here panics, and nothing is allocated for a length before the bytes are there.

mod any;
mod reader;
mod writer;

pub use reader::Reader;
pub use writer::{put_bytes, put_uint};

/// An update, a state vector or a message that can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// The largest number that a client in JavaScript can read.
pub const MAX_UINT: u64 = (1 << 53) - 1;
