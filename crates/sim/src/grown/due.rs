//! What is to happen later.

use validiant_core::answer::Ticket;
use validiant_core::tree::Place;

use super::gate::Attempt;
use super::socket::Key;

/// Something that is to happen.
#[derive(Debug)]
pub enum Due {
    /// A call arrives.
    Request {
        from: (Place, u32),
        to: Place,
        call: u64,
        text: String,
        is_repeat: bool,
    },
    /// The answer to a call arrives.
    Answer {
        to: (Place, u32),
        by: Place,
        call: u64,
        text: String,
    },
    /// Nobody waits for the answer to a call any more.
    TimeOut {
        of: (Place, u32),
        to: Place,
        call: u64,
    },
    /// A call that had to wait is due.
    Call {
        of: (Place, u32),
    },
    /// What has gathered is written; it is durable; what waits is sent.
    Write {
        of: (Place, u32),
    },
    Written {
        of: (Place, u32),
    },
    Flush {
        of: (Place, u32),
    },
    /// A backend has waited for long enough.
    Patience {
        life: u32,
        ticket: Ticket,
    },
    /// A client that connects arrives at an object.
    Arrive {
        attempt: Attempt,
    },
    /// A client tries again.
    Return {
        client: u8,
        nonce: u64,
    },
    /// An object is told that a socket has ended.
    Ended {
        socket: Key,
        code: u16,
    },
}
