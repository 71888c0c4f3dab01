use super::Update;
use crate::lib0::Unreadable;
use crate::state::IdRanges;

/// Which changes an update contains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// What it inserts, whether or not the content has been dropped since.
    pub inserted: IdRanges,
    /// What it deletes.
    pub deleted: IdRanges,
}

impl Contents {
    /// Reads the whole of `update`.
    pub fn of(update: &[u8]) -> Result<Self, Unreadable> {
        let Update { inserted, deleted, .. } = Update::read(update)?;
        Ok(Self { inserted, deleted })
    }

    /// That `other` has nothing new.
    pub fn covers(&self, other: &Self) -> bool {
        self.inserted.contains_all(&other.inserted) && self.deleted.contains_all(&other.deleted)
    }

    /// Adds the changes of `other`.
    pub fn add(&mut self, other: &Self) {
        self.inserted.union(&other.inserted);
        self.deleted.union(&other.deleted);
    }
}
