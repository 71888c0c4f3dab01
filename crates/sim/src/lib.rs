//! A simulator that drives the same room code as the Worker, through in-memory ports: rooms, clients, backends and
//! faults, all drawn from a seed. After every step the room is checked against a simple model:
//!
//! - no client that is up to date has missed an event meant for it; no event comes twice, out of order, or to an
//!   excluded or removed user;
//! - an event that was answered is never lost, and of those that were seen at most 999 are; no number is ever seen for two
//!   events, because numbers jump after a life without sockets, and nowhere else;
//! - a client is told that it was recovered exactly if it got everything it missed, and had seen nothing that was lost;
//! - a publication is reported as a duplicate, or as a conflict, exactly if it is one;
//! - no event is dropped from the storage while it must be kept, and once it expires an alarm drops it soon after;
//! - presence is what the protocol says, at every moment;
//! - a client's event reaches exactly those for whom it is, byte for byte, unless it may not send or the room passes on too
//!   much already; nobody else hears it, nor the socket that it comes from;
//! - what is told of a connection is what it said itself; once a client has read everything, it believes exactly what is
//!   true of the others, or, in a large room, of those at its own place;
//! - a socket is closed when its token expires, by alarm, neither earlier nor later; a revoked token lets nobody in,
//!   keeps no socket open and publishes nothing, and a token that is not revoked is never refused;
//! - the lowest key epoch of an encrypted project only goes up, unless everything is erased; whoever is connected is told,
//!   and under an older key, or without one, nothing is taken from then on, nothing that a removed user could read is, and
//!   whatever is encrypted anew is;
//! - whoever is removed from the project, or whose token is revoked, has none of its documents open any more when that is
//!   answered, and of an erased project no document is left.
//!
//! A run is divided into episodes, each with its own new world ([`plan::Plan`]). A failure is reported with the fewest
//! steps that still show it ([`shrink`]).

pub mod counts;
pub mod flaw;
pub mod grown;
pub mod plan;
pub mod platform;
pub mod shrink;
pub mod step;
pub mod theme;
pub mod violation;

mod arrival;
mod backend;
mod bearer;
mod bucket;
mod check;
mod client;
mod connection;
mod death;
mod documents;
mod draw;
mod erase;
mod fault;
mod floor;
mod host;
mod hosting;
mod journal;
mod opening;
mod places;
mod play;
mod presence;
mod presence_data;
mod publication;
mod refresh;
mod refusals;
mod revocations;
mod revoke;
mod rotate;
mod run;
mod said;
mod seal;
mod simpler;
mod site;
mod story;
mod talk;
mod token;
mod turn;
mod users;
mod wire;
mod world;

pub use play::{play, play_with};
pub use run::{Failure, Found, Options, Progress, run, run_with};
