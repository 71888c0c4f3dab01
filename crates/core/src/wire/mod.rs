//! What a client and the server say to each other: frames, the messages of clients, and the codes and reasons with which
//! something is refused or ended (P3, P4.7, P6).

pub mod client_message;
pub mod close_code;
pub mod error_code;
pub mod frame;
pub mod reason;
