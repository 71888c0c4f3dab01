//! What the gate asks of a room: that a client may connect, that a token may publish, and what a backend wants removed,
//! revoked or erased (P8), and which key epoch is the lowest (P14). Also what is asked of a document, and what a document asks of the room (P13). Each travels in
//! one [internal header](internal_header).

pub mod admission;
pub mod bearer;
pub mod document;
pub mod erasure;
pub mod internal_header;
pub mod key_epoch;
pub mod removal;
pub mod revocation;
