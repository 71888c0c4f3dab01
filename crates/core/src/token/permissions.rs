//! What a token allows, and where.

use serde_json::value::RawValue;

use super::entries::Entries;
use super::values;
use crate::names::ProjectId;

/// Stands for every project.
pub(super) const ANY: &str = "*";

/// Something that a token can allow in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Connect, and get events.
    Subscribe,
    /// Be present: announced to others, and listed.
    Presence,
    /// Broadcast, without the shared secret.
    Publish,
    /// Send events to other clients.
    Send,
    /// Open documents and read them (P13.2).
    DocRead,
    /// Change documents, which includes to open and read them.
    DocWrite,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 6] =
        [Self::Subscribe, Self::Presence, Self::Publish, Self::Send, Self::DocRead, Self::DocWrite];
    /// What a token without permissions allows.
    const USUAL: [Self; 2] = [Self::Subscribe, Self::Presence];
    /// Those by which we recognise a list as ours. `send` is a word that providers use too, and on its own it allows
    /// nothing here.
    const TELLING: [Self; 5] =
        [Self::Subscribe, Self::Presence, Self::Publish, Self::DocRead, Self::DocWrite];

    /// Its name in a token.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Subscribe => "subscribe",
            Self::Presence => "presence",
            Self::Publish => "publish",
            Self::Send => "send",
            Self::DocRead => "doc:read",
            Self::DocWrite => "doc:write",
        }
    }

    /// Whether a name in a token grants it.
    fn is_granted_by(self, name: &str) -> bool {
        name == self.name() || (self == Self::DocRead && name == Self::DocWrite.name())
    }
}

/// What the bearer may do, and where.
#[derive(Debug)]
pub(super) enum Permissions {
    /// The token has no permissions: the default ones.
    Usual,
    /// The same in all projects of the token.
    Everywhere(Vec<String>),
    /// By project.
    ByProject(Vec<(String, Vec<String>)>),
}

impl Permissions {
    /// Reads a claim that is ours alone: a list, or an object of lists; `None` for anything else.
    pub fn strict(raw: &RawValue) -> Option<Self> {
        match Entries::read(raw) {
            Some(entries) => entries.map_texts(values::texts).map(Self::ByProject),
            None => values::texts(raw).map(Self::Everywhere),
        }
    }

    /// Reads a claim that providers also use for their own permissions, which count as absent. It is ours if it contains
    /// one of our names, or if one of the token's projects is a key.
    pub fn lenient(raw: &RawValue, projects: &[String]) -> Self {
        let found = |raw: &RawValue| Some(values::texts_among(raw));
        let permissions = match Entries::read(raw) {
            Some(entries) => entries.map_texts(found).map(Self::ByProject),
            None => found(raw).map(Self::Everywhere),
        };
        permissions.filter(|permissions| permissions.are_ours(projects)).unwrap_or(Self::Usual)
    }

    fn are_ours(&self, projects: &[String]) -> bool {
        match self {
            Self::Usual => true,
            Self::Everywhere(list) => names_one(list),
            Self::ByProject(lists) => lists.iter().any(|(project, list)| {
                project == ANY || projects.contains(project) || names_one(list)
            }),
        }
    }

    pub fn allow(&self, permission: Permission, project: &ProjectId) -> bool {
        let list = match self {
            Self::Usual => return Permission::USUAL.contains(&permission),
            Self::Everywhere(list) => Some(list),
            Self::ByProject(lists) => {
                // The last one counts, as everywhere in JSON.
                let of = |wanted: &str| lists.iter().rfind(|(project, _)| project == wanted);
                of(project.as_str()).or_else(|| of(ANY)).map(|(_, list)| list)
            }
        };
        list.is_some_and(|list| list.iter().any(|name| permission.is_granted_by(name)))
    }
}

fn names_one(list: &[String]) -> bool {
    list.iter().any(|name| Permission::TELLING.iter().any(|known| known.name() == name))
}
