//! What the `worker` crate (workers-rs) lacks, or does in a way that a room can't afford.
//!
//! The platform is reached through the crate: its `Env`, and the raw types below its wrappers (`worker::worker_sys`,
//! `worker::web_sys`). The wrappers themselves unwrap inside, and a panic loses the memory of every room in the isolate;
//! or they convert requests and responses on each hop. What is declared here instead says why, in the first line of its
//! module. None of these functions throws: related values cross the boundary together, through the JavaScript module next
//! to each declaration. `docs/architecture.md` has the measurements.

mod conditions;
mod connects;
mod document_calls;
mod environment;
mod many_rooms;
mod object_state;
mod request;
mod response;
mod room_calls;
mod sockets;

pub use conditions::*;
pub use connects::*;
pub use document_calls::*;
pub use environment::environment;
pub use many_rooms::*;
pub use object_state::ObjectStateExt;
pub use request::*;
pub use response::*;
pub use room_calls::*;
pub use sockets::*;

/// The time of the current event, in milliseconds since the Unix epoch.
pub fn now() -> validiant_core::Millis {
    worker::js_sys::Date::now() as validiant_core::Millis
}
