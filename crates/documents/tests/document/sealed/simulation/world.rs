//! The document with everything around it.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_documents::room::Incoming;
use validiant_documents::sealed::Message;

use super::super::{Told, member, told};
use super::client::{Client, Noticed};
use crate::memory::{Flaw, MemoryDocument, Out, SETTINGS, Shared, wake};

pub struct World {
    rng: Rng,
    flaw: Option<Flaw>,
    now: Millis,
    document: MemoryDocument,
    platform: Shared,
    clients: Vec<Client>,
    /// What has left the server and not arrived, for each socket.
    down: BTreeMap<SocketId, Vec<Out>>,
    /// Lost sockets of whose end the server has not been told.
    ghosts: Vec<SocketId>,
    floor: u32,
    /// What has reached the server under the floor: on which socket, and its name there.
    under: BTreeSet<(SocketId, u64)>,
    changes: u32,
    /// What was kept since the last erasure.
    kept: BTreeSet<String>,
    /// Which content has which number, in each log.
    numbers: BTreeMap<(u64, u64), String>,
    pub seen: Vec<&'static str>,
}

impl World {
    pub fn new(seed: u64, flaw: Option<Flaw>) -> Self {
        let platform = Shared::default();
        platform.borrow_mut().flaw = flaw;
        platform.borrow_mut().disk.tears_switches = flaw == Some(Flaw::TornSwitch);
        let now = 1_000_000;
        Self {
            rng: Rng::with_seed(seed),
            flaw,
            now,
            document: wake(&platform, SETTINGS, now),
            platform,
            clients: ["ann", "ben", "cem", "dee"].map(Client::new).into(),
            down: BTreeMap::new(),
            ghosts: Vec::new(),
            floor: 0,
            under: BTreeSet::new(),
            changes: 0,
            kept: BTreeSet::new(),
            numbers: BTreeMap::new(),
            seen: Vec::new(),
        }
    }

    /// Something happens.
    pub fn step(&mut self) -> Result<(), String> {
        let client = self.rng.usize(0..self.clients.len());
        let few = self.rng.usize(1..5);
        match self.rng.u16(0..1_000) {
            0..200 => self.change(client),
            200..400 => self.up(client, few),
            400..620 => return self.down(client, few),
            620..720 => self.connect(client),
            720..745 => self.lose(client),
            745..760 => self.tell_ends(),
            760..850 => {
                let ms = self.rng.choice([10, 100, 500, 2_000, 7_000]).unwrap_or(0);
                self.pass(ms);
            }
            850..900 => self.platform.borrow_mut().disk.confirm_some(few),
            900..925 => return self.sleep(),
            925..935 => self.crash(),
            935..975 => self.clients[client].compact(),
            975..985 => self.raise(),
            985 => self.erase(),
            _ => {}
        }
        Ok(())
    }

    /// In the end everything arrives, and everybody has everything.
    pub fn heal(&mut self) -> Result<(), String> {
        for _ in 0..3 {
            self.tell_ends();
            for client in 0..self.clients.len() {
                self.connect(client);
            }
            self.settle()?;
        }
        for client in &self.clients {
            if !client.waiting.is_empty() || !client.is_current() {
                return Err(format!("{} waits", client.user));
            }
        }
        // Somebody who comes with nothing gets all of it, whether it is in memory or not.
        self.sleep()?;
        self.clients.push(Client::new("new"));
        let new = self.clients.len() - 1;
        self.connect(new);
        self.settle()?;
        for client in &self.clients {
            if let Some(lost) = self.kept.difference(&client.has).next() {
                return Err(format!("{} lacks {lost}", client.user));
            }
        }
        let all = &self.clients[new].has;
        let differs = self.clients.iter().find(|client| !all.is_superset(&client.has));
        differs.map_or(Ok(()), |it| Err(format!("{} has something that is not there", it.user)))
    }

    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..40 {
            for client in 0..self.clients.len() {
                self.up(client, usize::MAX);
            }
            self.pass(7_000);
            self.platform.borrow_mut().disk.confirm();
            for client in 0..self.clients.len() {
                self.down(client, usize::MAX)?;
            }
        }
        Ok(())
    }

    fn change(&mut self, client: usize) {
        self.changes += 1;
        self.clients[client].change(&self.changes.to_string());
    }

    fn connect(&mut self, client: usize) {
        if self.clients[client].link.is_some() {
            return;
        }
        let ticket = self.document.expect(member(&self.clients[client].user));
        self.document.is_told_floor(ticket, self.floor, self.now);
        if let Ok(connected) = self.document.connect(ticket, (), self.now) {
            self.clients[client].has_connected(connected.socket);
        }
        self.end_turn();
    }

    fn up(&mut self, client: usize, most: usize) {
        for _ in 0..most {
            let Some(link) = &mut self.clients[client].link else { return };
            let (socket, Some(frame)) = (link.socket, link.up.pop_front()) else { return };
            if let Ok(Message::Update(id, sealed)) = Message::read(&frame)
                && sealed.epoch < self.floor
            {
                self.under.insert((socket, id));
            }
            let incoming = Incoming::Binary(frame.into());
            // Nobody sends so much that it is closed.
            self.document.message(socket, incoming, self.now);
            self.end_turn();
        }
    }

    fn down(&mut self, client: usize, most: usize) -> Result<(), String> {
        let Some(socket) = self.clients[client].link.as_ref().map(|link| link.socket) else {
            return Ok(());
        };
        let left = {
            let platform = &mut *self.platform.borrow_mut();
            platform.wires.take(socket, platform.disk.durable_turns())
        };
        let here = self.down.entry(socket).or_default();
        here.extend(left);
        let some: Vec<Out> = here.drain(..most.min(here.len())).collect();
        for out in some {
            let Out::Frame(frame) = out else {
                self.clients[client].lost();
                return Ok(());
            };
            if let Told::Kept { id, .. } = told(frame.as_ref())
                && self.under.contains(&(socket, id))
            {
                return Err(format!("{id} is kept under the floor"));
            }
            // Before an answer has come it may be another log than the client believes.
            let is_current = self.clients[client].is_current();
            let log = if is_current { self.clients[client].log() } else { 0 };
            let noticed = self.clients[client].receive(frame.as_ref())?;
            for it in noticed {
                self.notice(log, it)?;
            }
        }
        Ok(())
    }

    fn notice(&mut self, log: u64, noticed: Noticed) -> Result<(), String> {
        match noticed {
            Noticed::Nothing => {}
            Noticed::Path(path) => self.seen.push(path),
            Noticed::Kept(content) => {
                self.seen.push("kept");
                self.kept.insert(content);
            }
            Noticed::Entry(seq, content) if log > 0 => {
                let known = self.numbers.entry((log, seq)).or_insert_with(|| content.clone());
                if *known != content {
                    return Err(format!("{seq} is {known} and {content}"));
                }
            }
            Noticed::Entry(..) => {}
        }
        Ok(())
    }

    fn lose(&mut self, client: usize) {
        if let Some(link) = self.clients[client].link.take() {
            self.down.remove(&link.socket);
            self.ghosts.push(link.socket);
        }
    }

    fn tell_ends(&mut self) {
        for socket in std::mem::take(&mut self.ghosts) {
            self.document.leave(socket, self.now);
            self.end_turn();
        }
    }

    fn pass(&mut self, ms: Millis) {
        let until = self.now + ms;
        while let Some(ms) = self.document.take_due(self.now).write_in {
            if self.now + ms > until {
                break;
            }
            self.now += ms;
            self.document.write(self.now);
            self.end_turn();
        }
        self.now = until;
    }

    fn sleep(&mut self) -> Result<(), String> {
        for client in 0..self.clients.len() {
            self.down(client, usize::MAX)?;
        }
        self.pass(7_000);
        self.platform.borrow_mut().disk.confirm();
        self.seen.push("hibernated");
        self.document = wake(&self.platform, SETTINGS, self.now);
        Ok(())
    }

    /// The whole server is lost with all sockets. Only some of what is not durable reaches the disk.
    fn crash(&mut self) {
        {
            let platform = &mut *self.platform.borrow_mut();
            let left = self.rng.usize(0..=platform.disk.pending());
            if self.flaw == Some(Flaw::LostBeginning) {
                platform.disk.lose_beginning();
            } else {
                platform.disk.crash(left);
            }
            platform.wires.drop_all(platform.disk.durable_turns());
        }
        self.seen.push("crashed");
        self.down.clear();
        self.ghosts.clear();
        self.clients.iter_mut().for_each(Client::lost);
        self.now += 1;
        self.document = wake(&self.platform, SETTINGS, self.now);
    }

    fn raise(&mut self) {
        self.floor += 1;
        self.document.raise(self.floor, self.now);
        self.end_turn();
    }

    /// The document is erased. Everybody is closed, and brings what they have.
    fn erase(&mut self) {
        self.seen.push("erased");
        self.now += 1;
        let _ = self.document.erase(self.now);
        self.end_turn();
        self.platform.borrow_mut().disk.confirm();
        self.clients.iter_mut().for_each(Client::lost);
        self.down.clear();
        self.ghosts.clear();
        self.kept.clear();
    }

    fn end_turn(&mut self) {
        let _ = self.document.take_due(self.now);
        self.platform.borrow_mut().disk.end_turn();
    }
}
