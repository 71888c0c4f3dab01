//! The document with everything around it.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_documents::room::{Compacted, DocumentSettings, Trouble};

use super::client::{Client, Kind};
use super::hostile::Hostile;
use super::project::Asked;
use crate::memory::{Flaw, MemoryDocument, Out, SETTINGS, Shared, wake};

const SIM_SETTINGS: DocumentSettings = DocumentSettings { tells_changes: true, ..SETTINGS };

/// What each client is like, and who its user is.
const CLIENTS: [(Kind, &str); 5] = [
    (Kind::Own, "ann"),
    (Kind::Own, "ben"),
    (Kind::Stock, "ann"),
    (Kind::Stock, "cem"),
    (Kind::Reader, "dee"),
];

pub struct World {
    pub rng: Rng,
    pub flaw: Option<Flaw>,
    pub now: Millis,
    pub document: MemoryDocument,
    pub platform: Shared,
    pub clients: Vec<Client>,
    pub hostile: Hostile,
    /// What has left the server and not arrived, for each socket.
    pub down: BTreeMap<SocketId, Vec<Out>>,
    /// Lost sockets of whose end the server has not been told.
    pub ghosts: Vec<SocketId>,
    pub asked: Vec<Asked>,
    /// Users who were removed and may not come back yet.
    pub kept_out: BTreeSet<String>,
    /// Which users have really said which states.
    pub said: BTreeSet<(String, String)>,
    /// Whether the document wants to be compacted.
    pub wants_compaction: bool,
    pub seen: Vec<&'static str>,
}

impl World {
    pub fn new(seed: u64, flaw: Option<Flaw>) -> Self {
        let platform = Shared::default();
        {
            let platform = &mut *platform.borrow_mut();
            platform.flaw = flaw;
            platform.disk.tears_switches = flaw == Some(Flaw::TornSwitch);
            platform.disk.hides_newest = flaw == Some(Flaw::ShortLog);
        }
        let now = 1_000_000;
        let client = |(id, (kind, user)): (u64, &(Kind, &str))| Client::new(id, *kind, user);
        Self {
            rng: Rng::with_seed(seed),
            flaw,
            now,
            document: wake(&platform, SIM_SETTINGS, now),
            platform,
            clients: (1..).zip(&CLIENTS).map(client).collect(),
            hostile: Hostile::default(),
            down: BTreeMap::new(),
            ghosts: Vec::new(),
            asked: Vec::new(),
            kept_out: BTreeSet::new(),
            said: BTreeSet::new(),
            wants_compaction: false,
            seen: Vec::new(),
        }
    }

    /// A call to the document is over.
    pub fn end_turn(&mut self) -> Result<(), String> {
        let due = self.document.take_due(self.now);
        self.platform.borrow_mut().disk.end_turn();
        self.wants_compaction |= due.compact;
        match due.trouble {
            Some(Trouble::CompactionDied) => self.seen.push("woke after a compaction that died"),
            Some(Trouble::Damaged) => return Err("something stored can't be read".into()),
            None => {}
        }
        if due.release.is_some() && (self.document.sockets() > 0 || self.is_anybody_expected()) {
            return Err("released while somebody is there".into());
        }
        Ok(())
    }

    /// Lets time pass; what has gathered is written, and the alarm goes off, when it is due.
    pub fn pass(&mut self, ms: Millis) -> Result<(), String> {
        let until = self.now + ms;
        loop {
            let write = self.document.take_due(self.now).write_in.map(|ms| self.now + ms);
            let alarm = self.platform.borrow().disk.alarm();
            let next = write.into_iter().chain(alarm).min();
            let Some(at) = next.filter(|at| *at <= until) else { break };
            self.now = self.now.max(at);
            if write == Some(at) {
                self.seen.push("written by a timer");
                self.document.write(self.now);
                self.end_turn()?;
            } else {
                self.fire()?;
            }
        }
        self.now = until;
        self.end_turn()
    }

    fn fire(&mut self) -> Result<(), String> {
        self.seen.push("alarm");
        self.platform.borrow_mut().disk.fire();
        let alarmed = self.document.alarm(self.now);
        match alarmed.change {
            Some(change) if self.rng.u8(0..4) > 0 => {
                self.seen.push("told of a change");
                self.document.told(change, self.now);
            }
            Some(_) => self.document.not_told(self.now),
            None => {}
        }
        self.end_turn()
    }

    /// The document is taken out of memory, but its sockets stay.
    pub fn lose_memory(&mut self) {
        self.document = wake(&self.platform, SIM_SETTINGS, self.now);
        self.wants_compaction = false;
    }

    /// It hibernates when nobody is expected, and nothing has come for a while. By then nothing is on its way any more: what
    /// stock clients send back later than that can't be told from what they say themselves.
    pub fn sleep(&mut self) -> Result<(), String> {
        if !self.asked.is_empty() {
            return Ok(());
        }
        self.deliver_all()?;
        if self.flaw != Some(Flaw::HastySleep) {
            self.pass(10_000)?;
        }
        self.seen.push("hibernated");
        self.platform.borrow_mut().disk.confirm();
        self.lose_memory();
        self.check_stored_once()
    }

    /// The whole server is lost with all sockets. Only some of what is not durable reaches the disk.
    pub fn crash(&mut self) -> Result<(), String> {
        let left = {
            let platform = &mut *self.platform.borrow_mut();
            let pending = platform.disk.pending();
            let left = self.rng.usize(0..=pending);
            if self.flaw == Some(Flaw::LostBeginning) {
                platform.disk.lose_beginning();
            } else {
                platform.disk.crash(left);
            }
            platform.wires.drop_all(platform.disk.durable_turns());
            pending - left
        };
        self.seen.push(match left {
            0 => "crashed with all of them durable",
            _ => "crashed with writes that were not durable",
        });
        self.ghosts.clear();
        self.asked.clear();
        self.down.clear();
        self.clients.iter_mut().for_each(Client::has_lost);
        self.hostile.has_lost();
        self.lose_memory();
        self.check_acknowledged()?;
        self.check_stored_once()
    }

    /// Compacts, and may die over it.
    pub fn compact(&mut self) -> Result<(), String> {
        let begins = self.document.begin_compaction();
        self.wants_compaction = false;
        self.end_turn()?;
        if !begins {
            return Ok(());
        }
        self.platform.borrow_mut().disk.confirm();
        match self.rng.u8(0..8) {
            0 => {
                self.seen.push("compaction died");
                return self.crash();
            }
            1 => {
                self.document.compact(self.now).map_err(|_| "the storage failed")?;
                self.end_turn()?;
                self.seen.push("compaction lost in a crash");
                return self.crash();
            }
            2 => self.receive_from_anybody()?,
            _ => {}
        }
        let compacted = self.document.compact(self.now).map_err(|_| "the storage failed")?;
        if compacted == Compacted::Refused {
            return Err("a compaction was refused".into());
        }
        self.seen.push("compacted");
        self.end_turn()?;
        self.check_stored_once()
    }
}
