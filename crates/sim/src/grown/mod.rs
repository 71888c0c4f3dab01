//! A room that grows: a root, its leaves, the network between them, clients, a gate with stale copies of the places,
//! backends, and faults of all of these.
//!
//! The shadow is that of a small room. It knows nothing of leaves:
//!
//! - every socket gets a part of one order, each event that is meant for it once, and misses none from its position on;
//!   one that is told that it was recovered has all that it missed before;
//! - nobody hears what is for others, or from whom they are kept;
//! - a removal, a revocation, a key epoch and an erasure are in force at every place once they are answered;
//! - once it is quiet, everybody is connected, has all events, knows how many users there are, where the others at the same
//!   place are, and which key epoch is the lowest; and the state of the room counts everybody once.

mod admin;
mod arrival;
mod bans;
mod calls;
mod changes;
mod client;
mod client_event;
mod connection;
mod draw;
mod due;
mod faults;
pub mod flaw;
mod forgery;
mod gate;
mod hearing;
mod hosting;
mod log;
mod object;
mod order;
pub mod plan;
mod post;
mod publish;
mod quiet;
mod run;
mod socket;
mod stays;
pub mod step;
mod story;
mod talk;
mod time;
mod turn;
mod view;
mod world;

pub use run::{Failure, Found, play, play_with, run, run_with};
