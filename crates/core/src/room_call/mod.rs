//! What the gate asks of a room: that a client may connect, that a token may publish, and what a backend wants removed,
//! revoked or erased (P8). Each travels in one [internal header](internal_header).

pub mod admission;
pub mod bearer;
pub mod erasure;
pub mod internal_header;
pub mod removal;
pub mod revocation;
