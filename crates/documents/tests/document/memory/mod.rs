//! The ports of a document in memory, as the runtime implements them: what is sent after a write waits until the write is
//! durable, the writes of a turn become durable together, and attachments survive what memory does not.

mod disk;
mod flaw;
mod sockets;

use std::cell::RefCell;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::limits::rate::Rate;
use validiant_documents::room::{Document, DocumentSettings};

pub use disk::{Disk, MemoryStorage};
pub use flaw::Flaw;
pub use sockets::{Frame, MemorySockets, Out, Wires};

/// A document on these ports.
pub type MemoryDocument = Document<MemorySockets, MemoryStorage>;

/// What the runtime keeps of one object.
#[derive(Default)]
pub struct Platform {
    pub disk: Disk,
    pub wires: Wires,
    /// What is broken, if anything.
    pub flaw: Option<Flaw>,
}

/// The platform, shared by both ports and the world around them.
pub type Shared = Rc<RefCell<Platform>>;

pub const SETTINGS: DocumentSettings = DocumentSettings {
    token_grace_ms: 30_000,
    stale_socket_ms: 90_000,
    messages: Rate { per_second: 20, burst: 40 },
    deliveries: Rate { per_second: 10_000, burst: 20_000 },
    user_sockets: 20,
    room_sockets: 1_000,
    max_bytes: 5_242_880,
    tells_changes: false,
};

/// Wakes the document from what the platform keeps.
pub fn wake(platform: &Shared, settings: DocumentSettings, now: Millis) -> MemoryDocument {
    let sockets = MemorySockets::wake(Rc::clone(platform));
    Document::wake(settings, sockets, MemoryStorage(Rc::clone(platform)), now)
}
