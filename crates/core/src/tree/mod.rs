//! A room that is larger than one object (P15): a *root* that orders everything, and *leaves* that hold sockets for it.
//!
//! Each object that holds sockets of a project is a *place*. Place 0 is the root, which is the room's only object while the
//! room is small. What crosses places goes over the root, in one order, in calls that wait for their answer one by one:
//! `Down` from the root to a leaf, `Up` from a leaf to the root. Where anything is in doubt, a leaf closes its sockets with
//! 4200, and their clients recover as ever (P7).

mod codec;
pub mod leaf;
pub mod outbox;
pub mod places;
pub mod ring;
pub mod root;
mod told;
pub mod welcomes;
pub mod wire;

use crate::Millis;
use crate::answer::Ticket;
use crate::names::ProjectId;
use crate::wire::error_code::Refusal;

pub use codec::Unread;
pub use places::Places;

/// How long a call may take before it counts as failed, in milliseconds.
pub const CALL_TIMEOUT_MS: Millis = 2_000;
/// How long the answer to a broadcast waits for the leaves, in milliseconds.
pub const PUBLISH_PATIENCE_MS: Millis = 1_000;
/// How long the answer to a removal, a revocation and the like waits for the leaves, in milliseconds.
pub const ADMINISTRATION_PATIENCE_MS: Millis = 5_000;

/// Separates the project's id from the place in the name of a leaf. No id has control characters, so no leaf can be
/// addressed from outside.
const PLACE_BEGIN: char = '\u{1}';

/// An object that holds sockets of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which one; 0 is the root.
    pub index: u32,
    /// Tells it from an earlier object of the same index; 0 for the root.
    pub generation: u64,
}

impl Place {
    /// The root.
    pub const ROOT: Self = Self { index: 0, generation: 0 };

    /// The name of its object.
    #[must_use]
    pub fn object_name(self, project: &ProjectId) -> String {
        match self {
            Self::ROOT => project.as_str().to_owned(),
            Self { index, generation } => {
                format!("{}{PLACE_BEGIN}{index}.{generation}", project.as_str())
            }
        }
    }

    /// Reads what [`Self::object_name`] made; `None` if it is something else.
    #[must_use]
    pub fn parse_object_name(name: &str) -> Option<(ProjectId, Self)> {
        let Some((project, place)) = name.split_once(PLACE_BEGIN) else {
            return Some((ProjectId::parse(name).ok()?, Self::ROOT));
        };
        let (index, generation) = place.split_once('.')?;
        let place = Self { index: index.parse().ok()?, generation: generation.parse().ok()? };
        (place.index > 0).then_some((ProjectId::parse(project).ok()?, place))
    }
}

/// A call to another object of the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Whom to call.
    pub to: Place,
    /// What to say.
    pub text: String,
}

/// An answer that has waited for the leaves.
#[derive(Debug, PartialEq, Eq)]
pub struct Settled {
    /// Which one.
    pub ticket: Ticket,
    /// The answer as JSON, or why there is none.
    pub answer: Result<String, Refusal>,
}

/// Whether a client can connect here and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Now,
    /// This leaf has to ask the root first. Ask again after its next answer.
    Later,
    /// It belongs to another place.
    Elsewhere(Place),
    /// This is no place of the room any more: ask the root.
    Moved,
}

/// Something about the places of a room that is worth a line in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The room has grown or shrunk.
    Resized {
        /// How many places took clients before, with the root.
        from: u32,
        /// How many do now.
        to: u32,
    },
    /// A leaf does not answer. Noted once, until it answers again.
    Lost(Place),
    /// A leaf that did not answer does again.
    Found(Place),
    /// This leaf has closed all its sockets, because something may be missing.
    Doubted {
        /// What is in doubt, in one or two words with `_` between them.
        reason: &'static str,
        /// How many sockets.
        sockets: usize,
    },
    /// This place has closed sockets whose clients belong to another.
    Moved {
        /// How many.
        sockets: usize,
    },
}

/// What an object is to its room.
#[derive(Debug)]
pub enum Tree {
    /// The root, before it has read whether there are leaves.
    Unread,
    /// The only place.
    Alone,
    /// The root of a grown room.
    Root(Box<root::Root>),
    /// A leaf.
    Leaf(Box<leaf::Leaf>),
}

impl Tree {
    /// What the object of this place is when it wakes.
    #[must_use]
    pub fn wake(place: Place, awake_since: Millis) -> Self {
        match place {
            Place::ROOT => Self::Unread,
            place => Self::Leaf(Box::new(leaf::Leaf::new(place, awake_since))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_leaf_reads_back_and_is_no_project() {
        let project = ProjectId::parse("p1.2").unwrap();
        for place in [Place::ROOT, Place { index: 3, generation: 7 }] {
            let name = place.object_name(&project);
            assert_eq!(Place::parse_object_name(&name), Some((project.clone(), place)));
            assert_eq!(ProjectId::parse(&name).is_ok(), place == Place::ROOT);
        }
    }

    #[test]
    fn other_names_are_none() {
        for name in ["", "p\u{1}", "p\u{1}1", "p\u{1}0.1", "p\u{1}x.1", "\u{1}1.1", "p\u{1}1.1.1"] {
            assert_eq!(Place::parse_object_name(name), None, "{name:?}");
        }
    }
}
