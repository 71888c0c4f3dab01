//! The room's ports in memory: what the runtime keeps, and what it would send.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::audience::Audience;
use validiant_core::close_code::CloseCode;
use validiant_core::limits::Allowance;
use validiant_core::member::{Member, SocketId};
use validiant_core::names::{Epoch, IdempotencyKey, ProjectId, UserId};
use validiant_core::ports::{
    Journal, KeptEvent, KeptPublication, NewEvent, NotAccepted, OpenedJournal, RosterEntry,
    Sockets, Storage, StorageFailed,
};
use validiant_core::position::Seq;
use validiant_core::revocation::{Revocation, Scope};
use validiant_core::room::{Room, RoomSettings};

/// A room on these ports.
pub type MemoryRoom = Room<MemorySockets, MemoryStorage>;

/// What outlives everything but the loss of a disk.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    roster: BTreeMap<UserId, RosterEntry>,
    removals: BTreeMap<UserId, Millis>,
    revocations: BTreeMap<Scope, Millis>,
    epoch: Option<Epoch>,
    journal: BTreeMap<Seq, Row>,
    /// When the alarm goes off.
    pub alarm: Option<Millis>,
    /// Whether every write fails, as on a full disk.
    pub is_full: bool,
    /// Whether the removals and the revocations can not be read.
    pub is_unreadable: bool,
    /// How many rows were written, the alarm included.
    pub rows_written: usize,
    /// Tells the epoch of the next journal.
    pub epochs: u64,
}

#[derive(Debug, Clone)]
struct Row {
    at: Millis,
    audience: Audience,
    frame: String,
    publication: Option<(IdempotencyKey, usize)>,
}

impl Disk {
    fn write(&mut self, rows: usize) -> Result<(), StorageFailed> {
        if self.is_full {
            return Err(StorageFailed);
        }
        self.rows_written += rows;
        Ok(())
    }

    /// Another disk takes its place. Epochs are drawn at random, so none comes twice.
    pub fn replace(&mut self, other: Self) {
        let epochs = self.epochs;
        *self = other;
        self.epochs = epochs;
    }

    /// How many rows the journal has.
    #[must_use]
    pub fn journal_rows(&self) -> usize {
        self.journal.len()
    }
}

/// Something that the room has sent in a turn of the runtime.
#[derive(Debug, Clone)]
pub struct Sent {
    /// To whom.
    pub socket: SocketId,
    /// What.
    pub what: Outgoing,
    /// Whether something was written in this turn before: then the runtime holds it back until that is durable.
    pub is_held_back: bool,
}

/// A frame, or the end of a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A text frame.
    Frame(String),
    /// The socket is closed.
    Close(CloseCode),
}

/// What the runtime has of one object.
#[derive(Debug, Default)]
pub struct Platform {
    /// Its storage.
    pub disk: Disk,
    /// What the room has sent, in order, until somebody takes it.
    pub sent: Vec<Sent>,
    attachments: BTreeMap<SocketId, Member>,
    last_pings: BTreeMap<SocketId, Millis>,
    next_socket: u32,
    /// Rows written when the turn began.
    written_before: usize,
}

impl Platform {
    /// A turn of the runtime begins: what was written before is durable.
    pub fn begin_turn(&mut self) {
        self.written_before = self.disk.rows_written;
    }

    /// The sockets that the runtime has.
    pub fn sockets(&self) -> impl Iterator<Item = SocketId> {
        self.attachments.keys().copied()
    }

    /// All sockets end, without a word to the room.
    pub fn drop_sockets(&mut self) {
        self.attachments.clear();
    }

    /// The runtime answers a ping.
    pub fn ping(&mut self, socket: SocketId, now: Millis) {
        self.last_pings.insert(socket, now);
    }

    fn send(&mut self, socket: SocketId, what: Outgoing) {
        let is_held_back = self.disk.rows_written > self.written_before;
        self.sent.push(Sent { socket, what, is_held_back });
    }
}

/// The runtime, as the ports and the test share it.
pub type Shared = Rc<RefCell<Platform>>;

/// Wakes a room from what the platform has.
#[must_use]
pub fn wake(
    platform: &Shared,
    project: &ProjectId,
    settings: RoomSettings,
    now: Millis,
) -> MemoryRoom {
    let storage = MemoryStorage(Rc::clone(platform));
    Room::wake(project.clone(), settings, MemorySockets::wake(platform), storage, now)
}

/// The port to the sockets.
#[derive(Debug)]
pub struct MemorySockets {
    platform: Shared,
    members: BTreeMap<SocketId, Member>,
    allowances: BTreeMap<SocketId, Allowance>,
}

impl MemorySockets {
    fn wake(platform: &Shared) -> Self {
        let members = platform.borrow().attachments.clone();
        Self { platform: Rc::clone(platform), members, allowances: BTreeMap::new() }
    }
}

impl Sockets for MemorySockets {
    type Handle = ();

    fn add(&mut self, (): (), member: Member) -> Result<SocketId, NotAccepted> {
        let mut platform = self.platform.borrow_mut();
        let id = SocketId(platform.next_socket);
        platform.next_socket += 1;
        platform.attachments.insert(id, member.clone());
        self.members.insert(id, member);
        Ok(id)
    }

    fn count(&self) -> usize {
        self.members.len()
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    fn fan_out<C: IntoIterator<Item = usize>>(
        &mut self,
        frames: &[impl AsRef<str>],
        mut choose: impl FnMut(&Member) -> C,
    ) -> usize {
        let mut platform = self.platform.borrow_mut();
        let mut taken = 0;
        for (id, member) in &self.members {
            let mut took = false;
            for frame in choose(member).into_iter().filter_map(|place| frames.get(place)) {
                platform.send(*id, Outgoing::Frame(frame.as_ref().to_owned()));
                took = true;
            }
            taken += usize::from(took);
        }
        taken
    }

    fn send(&mut self, to: SocketId, frame: &str) {
        if self.members.contains_key(&to) {
            self.platform.borrow_mut().send(to, Outgoing::Frame(frame.to_owned()));
        }
    }

    fn remove(&mut self, socket: SocketId) -> Option<Member> {
        self.platform.borrow_mut().attachments.remove(&socket);
        self.allowances.remove(&socket);
        self.members.remove(&socket)
    }

    fn select(&self, is_meant: impl Fn(&Member) -> bool) -> Vec<SocketId> {
        let meant = self.members.iter().filter(|(_, member)| is_meant(member));
        meant.map(|(id, _)| *id).collect()
    }

    fn member(&self, socket: SocketId) -> Option<&Member> {
        self.members.get(&socket)
    }

    fn replace(&mut self, socket: SocketId, member: Member) {
        if let Some(old) = self.members.get_mut(&socket) {
            self.platform.borrow_mut().attachments.insert(socket, member.clone());
            *old = member;
        }
    }

    fn close(&mut self, socket: SocketId, code: CloseCode) -> Option<Member> {
        let member = self.remove(socket)?;
        self.platform.borrow_mut().send(socket, Outgoing::Close(code));
        Some(member)
    }

    fn allowance(&mut self, socket: SocketId) -> Option<&mut Allowance> {
        self.members.contains_key(&socket).then(|| self.allowances.entry(socket).or_default())
    }

    fn silent_since(&self, since: Millis) -> Vec<SocketId> {
        let platform = self.platform.borrow();
        let is_silent = |id: &&SocketId| platform.last_pings.get(id).is_some_and(|at| *at < since);
        self.members.keys().filter(is_silent).copied().collect()
    }
}

/// The port to the storage.
#[derive(Debug)]
pub struct MemoryStorage(Shared);

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
        }
        let epoch = disk.epoch.clone().ok_or(StorageFailed)?;
        let seq = |row: Option<(&Seq, &Row)>| row.map(|(seq, _)| *seq);
        let kept = seq(disk.journal.first_key_value()).zip(seq(disk.journal.last_key_value()));
        Ok(OpenedJournal { epoch, kept })
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

    fn publications(&self) -> Result<Vec<KeptPublication>, StorageFailed> {
        let publication = |(seq, row): (&Seq, &Row)| {
            let (key, events) = row.publication.clone()?;
            Some(KeptPublication { key, last: *seq, events, at: row.at })
        };
        Ok(self.0.borrow().disk.journal.iter().filter_map(publication).collect())
    }

    fn drop_until(&mut self, seq: Seq) -> Result<(), StorageFailed> {
        let disk = &mut self.0.borrow_mut().disk;
        let dropped = disk.journal.range(..=seq).count();
        disk.write(dropped)?;
        disk.journal = disk.journal.split_off(&seq.saturating_add(1));
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
