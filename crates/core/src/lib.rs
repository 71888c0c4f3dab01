//! Every decision of the realtime bridge: what a message means, who gets an event, who is
//! present, what a reconnecting client missed, who may connect.
//!
//! Nothing here does I/O, reads a clock, generates random numbers or awaits: time and random values
//! are arguments. So all of it runs natively in tests, with property tests and from a seed, and the
//! Worker around it (`src/` of the workspace) only turns runtime events into calls.
//!
//! Where to start: [`room::Room`] has one method per thing that can happen to a room.
//!
//! Clause numbers such as "P2.3" refer to `docs/protocol.md`.

pub mod answer;
pub mod encryption;
pub mod history;
pub mod limits;
pub mod member;
pub mod names;
mod number;
pub mod page;
pub mod ports;
pub mod position;
pub mod presence;
pub mod presence_data;
pub mod publication;
pub mod request;
pub mod revocations;
pub mod room;
pub mod room_call;
pub mod settings;
pub mod sorted;
mod spelling;
pub mod token;
pub mod tree;
pub mod wire;

/// Milliseconds since the Unix epoch, as JavaScript's `Date.now()` counts them.
pub type Millis = u64;
