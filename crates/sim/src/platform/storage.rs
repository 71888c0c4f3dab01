//! The port to the storage, in memory.

use std::ops::RangeInclusive;

use validiant_core::Millis;
use validiant_core::names::{Epoch, UserId};
use validiant_core::ports::{
    Journal, KeptEvent, KeptPublication, NewEvent, OpenedJournal, RosterEntry, Storage,
    StorageFailed,
};
use validiant_core::position::Seq;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::revocation::{Revocation, Scope};

use super::Shared;
use super::disk::Row;

/// The port to the storage.
#[derive(Debug)]
pub struct MemoryStorage(pub(super) Shared);

impl Storage for MemoryStorage {
    fn load_roster(&mut self) -> Vec<RosterEntry> {
        self.0.borrow().disk.roster.values().cloned().collect()
    }

    fn save(&mut self, entry: &RosterEntry) {
        let disk = &mut self.0.borrow_mut().disk;
        if disk.write(1).is_ok() {
            disk.roster.insert(entry.user.id.clone(), entry.clone());
        }
    }

    fn erase(&mut self, user: &UserId) {
        let disk = &mut self.0.borrow_mut().disk;
        if disk.write(1).is_ok() {
            disk.roster.remove(user);
        }
    }

    fn load_removals(&mut self) -> Result<Vec<(UserId, Millis)>, StorageFailed> {
        let disk = &self.0.borrow().disk;
        if disk.is_unreadable {
            return Err(StorageFailed);
        }
        Ok(disk.removals.iter().map(|(user, until)| (user.clone(), *until)).collect())
    }

    fn save_removal(&mut self, user: &UserId, until: Millis) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        disk.write(1)?;
        disk.removals.insert(user.clone(), until);
        Ok(())
    }

    fn drop_removals(&mut self, now: Millis) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        let over = disk.removals.values().filter(|until| **until <= now).count();
        disk.write(over)?;
        disk.removals.retain(|_, until| *until > now);
        Ok(())
    }

    fn load_revocations(&mut self) -> Result<Vec<Revocation>, StorageFailed> {
        let disk = &self.0.borrow().disk;
        if disk.is_unreadable {
            return Err(StorageFailed);
        }
        let kept = |(scope, before): (&Scope, &Millis)| Revocation {
            scope: scope.clone(),
            before: *before,
        };
        Ok(disk.revocations.iter().map(kept).collect())
    }

    fn save_revocation(&mut self, revocation: &Revocation) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        disk.write(1)?;
        disk.revocations.insert(revocation.scope.clone(), revocation.before);
        Ok(())
    }

    fn drop_revocations(&mut self, time: Millis) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        let goes = |scope: &Scope, before: Millis| *scope != Scope::All && before < time;
        let dropped = disk.revocations.iter().filter(|(scope, at)| goes(scope, **at)).count();
        disk.write(dropped)?;
        disk.revocations.retain(|scope, at| !goes(scope, *at));
        Ok(())
    }

    fn erase_room(&mut self, erasure: Erasure) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        disk.write(1)?;
        disk.roster.clear();
        disk.journal.clear();
        disk.epoch = None;
        disk.alarm = None;
        if erasure == Erasure::All {
            disk.removals.clear();
            disk.revocations.clear();
        }
        Ok(())
    }

    fn set_alarm(&mut self, at: Millis) {
        let disk = &mut self.0.borrow_mut().disk;
        if disk.write(1).is_ok() {
            disk.alarm = Some(at);
        }
    }
}

impl Journal for MemoryStorage {
    fn open(&mut self) -> Result<OpenedJournal, StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        if disk.epoch.is_none() {
            disk.write(1)?;
            disk.epochs += 1;
            disk.epoch = Epoch::parse(&format!("epoch{}", disk.epochs)).ok();
            disk.is_watched = true;
        }
        let epoch = disk.epoch.clone().ok_or(StorageFailed)?;
        let seq = |row: Option<(&Seq, &Row)>| row.map(|(seq, _)| *seq);
        let kept = seq(disk.journal.first_key_value()).zip(seq(disk.journal.last_key_value()));
        let (oldest_at, is_watched) = (disk.oldest_at(), disk.is_watched);
        Ok(OpenedJournal { epoch, kept, oldest_at, is_watched })
    }

    fn append(&mut self, events: &[NewEvent<'_>]) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        disk.write(events.len())?;
        for NewEvent { seq, replaces, at, audience, frame, publication } in events {
            if let Some(replaced) = replaces {
                disk.journal.remove(replaced).ok_or(StorageFailed)?;
            }
            let row = Row {
                at: *at,
                audience: (*audience).clone(),
                frame: (*frame).to_owned(),
                publication: publication.map(|(key, events)| (key.clone(), events)),
            };
            if disk.journal.insert(*seq, row).is_some() {
                return Err(StorageFailed);
            }
        }
        Ok(())
    }

    fn read(
        &self,
        range: RangeInclusive<Seq>,
        max_bytes: usize,
    ) -> Result<Option<Vec<KeptEvent>>, StorageFailed> {
        let platform = self.0.borrow();
        let rows = || platform.disk.journal.range(range.clone()).map(|(_, row)| row);
        let kept = |row: &Row| KeptEvent {
            at: row.at,
            audience: row.audience.clone(),
            frame: row.frame.clone(),
        };
        let fits = rows().map(|row| row.frame.len()).sum::<usize>() <= max_bytes;
        Ok(fits.then(|| rows().map(kept).collect()))
    }

    fn newest_until(&self, time: Millis) -> Result<Seq, StorageFailed> {
        let platform = self.0.borrow();
        let old = platform.disk.journal.iter().rev().find(|(_, row)| row.at <= time);
        Ok(old.map_or(0, |(seq, _)| *seq))
    }

    fn times(&self, range: RangeInclusive<Seq>) -> Result<Vec<Millis>, StorageFailed> {
        Ok(self.0.borrow().disk.journal.range(range).map(|(_, row)| row.at).collect())
    }

    fn oldest_at(&mut self) -> Result<Option<Millis>, StorageFailed> {
        Ok(self.0.borrow().disk.oldest_at())
    }

    fn is_watched_from_now_on(&mut self) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        disk.write(1)?;
        disk.is_watched = true;
        Ok(())
    }

    fn publications(&self) -> Result<Vec<KeptPublication>, StorageFailed> {
        let publication = |(seq, row): (&Seq, &Row)| {
            let (key, events) = row.publication.clone()?;
            Some(KeptPublication { key, last: *seq, events, at: row.at })
        };
        Ok(self.0.borrow().disk.journal.iter().filter_map(publication).collect())
    }

    fn drop_until(&mut self, seq: Seq) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        let events = |row: &Row| row.at > 0;
        let dropped = disk.journal.range(..=seq).filter(|(_, row)| events(row)).count();
        disk.write(dropped)?;
        let newest = disk.journal.last_key_value().map(|(newest, _)| *newest);
        disk.journal = disk.journal.split_off(&seq.saturating_add(1));
        if let Some(newest) = newest.filter(|newest| *newest <= seq) {
            disk.journal.insert(newest, Row::default());
        }
        Ok(())
    }

    fn erase_all(&mut self) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        if disk.epoch.is_some() {
            disk.write(1)?;
            disk.epoch = None;
            disk.journal.clear();
        }
        Ok(())
    }
}
