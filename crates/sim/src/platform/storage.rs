//! The port to the storage, in memory.

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::names::{DocId, Epoch, UserId};
use validiant_core::page::Page;
use validiant_core::ports::{
    DocumentNote, Documents, Exclusion, Gate, ID_END, Journal, RosterEntry, Storage, StorageFailed,
    Write,
};
use validiant_core::position::Seq;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::revocation::{Revocation, Scope};

use super::Shared;
use super::disk::name_of_epoch;
use crate::flaw::Flaw;

/// The port to the storage.
#[derive(Debug)]
pub struct MemoryStorage(pub(super) Shared);

impl Storage for MemoryStorage {
    fn load_roster(&mut self) -> Vec<RosterEntry> {
        let platform = self.0.borrow();
        let mut roster: Vec<RosterEntry> = platform.disk.stored.roster.values().cloned().collect();
        if platform.has(Flaw::ForeignLast) {
            let last = roster.iter().find_map(|entry| entry.last.clone());
            let waiting = roster.iter_mut().filter(|entry| entry.leaves_at.is_some());
            waiting.for_each(|entry| entry.last.clone_from(&last));
        }
        roster
    }

    fn write(&mut self, write: &Write<'_>, gate: Gate) -> Result<(), StorageFailed> {
        let Write { pages, dropped, roster } = write;
        let platform = &mut self.0.borrow_mut();
        let is_open = match platform.flaw {
            Some(Flaw::NoGate) => true,
            Some(Flaw::NoBound) => !pages.iter().any(|page| comes_after_gap(page)),
            _ => false,
        };
        let gate = if is_open { Gate::Open } else { gate };
        let is_short = platform.has(Flaw::ShortPages);
        let forgotten = match platform.flaw {
            Some(Flaw::ForgottenExclusion) => "~@",
            Some(Flaw::AnybodysExclusion) => "@",
            _ => "",
        };
        let loses_last = platform.has(Flaw::LostLast);
        let stored = platform.disk.write(pages.len() + dropped.len() + roster.len(), gate)?;
        for page in pages {
            let text = match page.events().count() {
                events if is_short && events > 1 => page.without(events - 1).as_text().into(),
                _ => without_lines(page.as_text(), forgotten).into(),
            };
            stored.pages.insert(page.key, text);
        }
        for key in dropped {
            stored.pages.remove(key);
        }
        for (user, entry) in roster {
            match entry {
                Some(entry) => {
                    let last = entry.last.clone().filter(|_| !loses_last);
                    stored.roster.insert(user.clone(), RosterEntry { last, ..entry.clone() })
                }
                None => stored.roster.remove(user),
            };
        }
        Ok(())
    }

    fn load_removals(&mut self) -> Result<Vec<(UserId, Millis)>, StorageFailed> {
        let disk = &self.0.borrow().disk;
        if disk.is_unreadable {
            return Err(StorageFailed);
        }
        Ok(disk.stored.removals.iter().map(|(user, until)| (user.clone(), *until)).collect())
    }

    fn load_key_epoch(&mut self) -> Result<KeyEpoch, StorageFailed> {
        let disk = &self.0.borrow().disk;
        if disk.hides_key_epoch { Err(StorageFailed) } else { Ok(disk.stored.key_epoch) }
    }

    fn save_exclusion(&mut self, exclusion: Exclusion<'_>) -> Result<(), StorageFailed> {
        let Exclusion { until, min_key_epoch } = exclusion;
        let rows = usize::from(until.is_some()) + usize::from(min_key_epoch.is_some());
        let platform = &mut self.0.borrow_mut();
        let flaw = platform.flaw;
        let gate = if flaw == Some(Flaw::LooseFloor) { Gate::Open } else { Gate::Closed };
        let stored = platform.disk.write(rows, gate)?;
        stored.removals.extend(until.map(|(user, until)| (user.clone(), until)));
        stored.key_epoch = match flaw {
            Some(Flaw::UnstoredFloor) => stored.key_epoch,
            Some(Flaw::LowerFloor) => min_key_epoch.unwrap_or(stored.key_epoch).saturating_sub(1),
            _ => min_key_epoch.unwrap_or(stored.key_epoch),
        };
        Ok(())
    }

    fn drop_removals(&mut self, now: Millis) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        let over = disk.stored.removals.values().filter(|until| **until <= now).count();
        disk.write(over, Gate::Closed)?.removals.retain(|_, until| *until > now);
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
        Ok(disk.stored.revocations.iter().map(kept).collect())
    }

    fn save_revocation(&mut self, revocation: &Revocation) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        let stored = disk.write(1, Gate::Closed)?;
        stored.revocations.insert(revocation.scope.clone(), revocation.before);
        Ok(())
    }

    fn drop_revocations(&mut self, time: Millis) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        let goes = |scope: &Scope, before: Millis| *scope != Scope::All && before < time;
        let revocations = &disk.stored.revocations;
        let dropped = revocations.iter().filter(|(scope, at)| goes(scope, **at)).count();
        let stored = disk.write(dropped, Gate::Closed)?;
        stored.revocations.retain(|scope, at| !goes(scope, *at));
        Ok(())
    }

    fn note_document(&mut self, document: &DocId, note: DocumentNote) -> Result<(), StorageFailed> {
        let platform = &mut self.0.borrow_mut();
        if note == DocumentNote::Opened && platform.has(Flaw::UnnotedDocument) {
            return Ok(());
        }
        let gate = if platform.has(Flaw::LooseNote) { Gate::Open } else { Gate::Closed };
        let disk = &mut platform.disk;
        let known = disk.stored.documents.get(document).copied();
        let noted = match note {
            DocumentNote::Opened => Some(true),
            DocumentNote::Exists => Some(known.unwrap_or_default()),
            DocumentNote::Closed => known.map(|_| false),
            DocumentNote::Gone => None,
        };
        let documents = &mut disk.write(usize::from(noted != known), gate)?.documents;
        match noted {
            Some(is_open) => documents.insert(document.clone(), is_open),
            None => documents.remove(document),
        };
        Ok(())
    }

    fn load_documents(&mut self, which: Documents) -> Result<String, StorageFailed> {
        let platform = self.0.borrow();
        let is_sparing = platform.has(Flaw::SparedDocument);
        let which = if is_sparing { Documents::Open } else { which };
        let disk = &platform.disk;
        let wanted = disk.documents().filter(|(_, is_open)| which == Documents::All || *is_open);
        let wanted: Vec<&str> = wanted.map(|(document, _)| document.as_str()).collect();
        Ok(wanted.join(&ID_END.to_string()))
    }

    fn load_tree(&mut self) -> Result<Option<String>, StorageFailed> {
        let disk = &self.0.borrow().disk;
        if disk.hides_tree { Err(StorageFailed) } else { Ok(disk.stored.tree.clone()) }
    }

    fn save_tree(&mut self, tree: Option<&str>) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        disk.write(1, Gate::Closed)?.tree = tree.map(str::to_owned);
        Ok(())
    }

    fn erase_room(&mut self, erasure: Erasure) -> Result<(), StorageFailed> {
        let platform = &mut self.0.borrow_mut();
        let erases_floor = platform.has(Flaw::ErasedFloor);
        let stored = platform.disk.write(1, Gate::Closed)?;
        stored.key_epoch = if erases_floor { 0 } else { stored.key_epoch };
        stored.roster.clear();
        stored.pages.clear();
        stored.epoch = None;
        stored.alarm = None;
        if erasure == Erasure::All {
            stored.removals.clear();
            stored.key_epoch = 0;
            stored.revocations.clear();
        }
        Ok(())
    }

    fn set_alarm(&mut self, at: Millis) {
        if let Ok(stored) = self.0.borrow_mut().disk.write(1, Gate::Open) {
            stored.alarm = Some(at);
        }
    }
}

/// The text of a page without those lines of its audiences that begin with one of these signs.
fn without_lines(page: &str, signs: &str) -> String {
    let is_kept = |line: &&str| !line.starts_with(|first| signs.contains(first));
    page.split_inclusive(['\n', '\u{1f}']).filter(is_kept).collect()
}

fn comes_after_gap(page: &Page) -> bool {
    let mut events = page.events().flatten();
    events.next().is_some_and(|first| first.seq > 1 && !page.continues(first.seq - 1))
}

impl Journal for MemoryStorage {
    fn epoch(&mut self) -> Result<Option<Epoch>, StorageFailed> {
        Ok(self.0.borrow().disk.stored.epoch.clone())
    }

    fn create(&mut self) -> Result<Epoch, StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        let number = disk.epochs + 1;
        let epoch = Epoch::parse(&name_of_epoch(number)).map_err(|_| StorageFailed)?;
        disk.write(1, Gate::Open)?.epoch = Some(epoch.clone());
        disk.epochs = number;
        Ok(epoch)
    }

    fn first_page_from(&self, key: Seq) -> Result<Option<Page>, StorageFailed> {
        let platform = self.0.borrow();
        let first = platform.disk.stored.pages.range(key..).next();
        Ok(first.and_then(|(_, text)| Page::parse(text.to_string())))
    }

    fn last_page_until(&self, key: Seq) -> Result<Option<Page>, StorageFailed> {
        let platform = self.0.borrow();
        let last = platform.disk.stored.pages.range(..=key).next_back();
        let page = last.and_then(|(_, text)| Page::parse(text.to_string()));
        if key == Seq::MAX && platform.has(Flaw::SmallJump) && platform.sockets().next().is_none() {
            return Ok(page.map(|page| {
                let newest = page.newest().saturating_sub(999);
                Page::new(newest + 1, newest, page.total())
            }));
        }
        Ok(page)
    }

    fn erase_all(&mut self) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        if disk.stored.epoch.is_some() {
            let stored = disk.write(1, Gate::Closed)?;
            stored.epoch = None;
            stored.pages.clear();
        }
        Ok(())
    }
}
