//! A simulator that drives the very room that the Worker runs, through ports in memory: rooms, clients, backends
//! and faults, all drawn from a seed. After every step it is checked against a plain model:
//!
//! - no client that says that it is up to date has missed an event that was meant for it; none comes twice, none
//!   out of order, none to an excluded or a removed user;
//! - nothing leaves before what it tells of is written;
//! - a client is told that it has all that it missed exactly if that is so;
//! - a publication is told to be a repeat, or in conflict, exactly if it is;
//! - no event leaves the storage while it is to be kept, and none that is over stays there for long, by alarm;
//! - who is present is what the protocol says, at every moment;
//! - a socket ends with its token, by alarm, not earlier and not later; a revoked token lets nobody in, keeps no
//!   socket and publishes nothing, and one that is not revoked is never refused.
//!
//! A run is cut into episodes, each with a fresh world of its own ([`plan::Plan`]). A failure is told with the
//! fewest steps that still show it ([`shrink`]).

pub mod counts;
pub mod plan;
pub mod platform;
pub mod shrink;
pub mod step;
pub mod violation;

mod arrival;
mod backend;
mod bearer;
mod check;
mod client;
mod connection;
mod draw;
mod erase;
mod fault;
mod journal;
mod places;
mod play;
mod presence;
mod publication;
mod refresh;
mod refusals;
mod revocations;
mod revoke;
mod run;
mod site;
mod story;
mod token;
mod users;
mod wire;
mod world;

pub use play::{Runner, play};
pub use run::{Failure, Options, Progress, run, run_with};
