use validiant_core::encryption::KeyEpoch;

use crate::lib0::Unreadable;
use crate::sealed::{Current, Entries, Sealed};

/// Where an encrypted log is.
pub type Numbers = Current;

impl Numbers {
    /// What was stored is read: entries, or a snapshot.
    pub(in crate::room) fn read(
        &mut self,
        stored: &[u8],
        is_snapshot: bool,
    ) -> Result<(), Unreadable> {
        let mut entries = Entries::after(0, stored);
        for entry in &mut entries {
            if is_snapshot {
                self.has_snapshot(entry.seq, Sealed::read(entry.sealed)?.epoch);
            }
            self.newest = self.newest.max(entry.seq);
        }
        if entries.is_damaged() { Err(Unreadable) } else { Ok(()) }
    }

    /// A snapshot stands for all entries up to one.
    pub(in crate::room) fn has_snapshot(&mut self, upto: u64, epoch: KeyEpoch) {
        self.upto = upto;
        self.epoch = epoch;
    }
}
