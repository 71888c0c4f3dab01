//! An HTTP request, read before anything is decided about it: where it goes (P1), where it comes from, and which
//! bearer secret it carries.

pub mod address;
pub mod authorization;
pub mod base_path;
pub(crate) mod body;
pub mod head;
pub mod origin;
pub mod route;
pub mod subprotocol;
