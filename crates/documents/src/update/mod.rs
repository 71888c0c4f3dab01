//! Updates of Yjs, in their first format: what is in them, and how several become one.
//!
//! An update is a list of structs, which are what clients inserted, and a delete set. Nothing here integrates them, so the cost
//! of a keystroke does not depend on the document. What that forbids is knowing where an item stands, and nothing here needs it.

mod content;
mod contents;
mod merge;
mod output;
mod piece;
mod read;
mod structs;

pub use content::{Content, TypeKind};
pub use contents::Contents;
pub use merge::{merge, missing};
pub use read::{Section, Update};
pub use structs::{Body, Id, Item, Parent, Struct};
