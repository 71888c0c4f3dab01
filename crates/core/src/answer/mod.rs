//! What a backend is told of its calls, as JSON.

mod disconnection;
mod published;
mod raised;
mod removed;

pub use disconnection::{Disconnection, DisconnectionAnswer};
pub use published::{Delivery, Published};
pub use raised::Raised;
pub use removed::{Removed, RemovedAnswer};

/// Names an answer to a backend that waits for the leaves. Counts up within a life of the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u32);
