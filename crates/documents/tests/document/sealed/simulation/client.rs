//! A client that encrypts, as a provider does it. Its document is the set of all changes that it has.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use validiant_core::member::SocketId;

use super::super::wire::{Told, content_of, told};
use super::super::{catch_up, put, sealed, update};

/// Separates the changes in a snapshot.
const NEXT: char = ' ';

pub struct Link {
    pub socket: SocketId,
    /// Frames on their way to the server.
    pub up: VecDeque<Vec<u8>>,
    /// Whether a catch-up is complete.
    is_current: bool,
    /// How many requests for one are not answered. Only the last answer counts: before it comes what an earlier log had.
    asked: u32,
    /// The newest number that has come live or in a catch-up since the last request for one.
    highest: u64,
    next_id: u64,
    sent: BTreeMap<u64, Sent>,
    /// The parts of a snapshot.
    parts: Vec<u8>,
}

enum Sent {
    Change { content: String, epoch: u64 },
    Snapshot,
}

#[derive(Default)]
pub struct Client {
    pub user: String,
    pub link: Option<Link>,
    pub has: BTreeSet<String>,
    /// Its own changes that are not kept.
    pub waiting: Vec<String>,
    since: u64,
    log: u64,
    upto: u64,
    epoch: u64,
}

/// What a client has noticed.
pub enum Noticed {
    Nothing,
    /// An entry has this number and content.
    Entry(u64, String),
    Kept(String),
    Path(&'static str),
}

impl Client {
    pub fn new(user: &str) -> Self {
        Self { user: user.to_owned(), epoch: 1, ..Self::default() }
    }

    pub fn is_current(&self) -> bool {
        self.link.as_ref().is_some_and(|link| link.is_current)
    }

    pub fn log(&self) -> u64 {
        self.log
    }

    pub fn has_connected(&mut self, socket: SocketId) {
        self.link = Some(Link {
            socket,
            up: VecDeque::from([catch_up(self.since)]),
            is_current: false,
            asked: 1,
            highest: 0,
            next_id: 1,
            sent: BTreeMap::new(),
            parts: Vec::new(),
        });
        std::mem::take(&mut self.waiting).into_iter().for_each(|content| self.send(content));
    }

    /// Somebody types.
    pub fn change(&mut self, content: &str) {
        self.has.insert(content.to_owned());
        self.send(content.to_owned());
    }

    fn send(&mut self, content: String) {
        self.waiting.push(content.clone());
        let epoch = self.epoch;
        if let Some(link) = &mut self.link {
            link.up.push_back(update(link.next_id, &sealed(epoch, &content)));
            link.sent.insert(link.next_id, Sent::Change { content, epoch });
            link.next_id += 1;
        }
    }

    /// It replaces the snapshot.
    pub fn compact(&mut self) {
        let whole = self.has.iter().cloned().collect::<Vec<_>>().join(&NEXT.to_string());
        if let Some(link) = self.link.as_mut().filter(|link| link.is_current) {
            let snapshot = sealed(self.epoch, &whole);
            link.up.push_back(put(link.next_id, self.upto, self.since, &snapshot));
            link.sent.insert(link.next_id, Sent::Snapshot);
            link.next_id += 1;
        }
    }

    /// A frame has come.
    pub fn receive(&mut self, frame: &[u8]) -> Result<Vec<Noticed>, String> {
        match told(frame) {
            Told::Entries(entries) => {
                let mut noticed = Vec::new();
                for entry in entries {
                    self.goes_up(entry.seq)?;
                    self.has.insert(entry.content.clone());
                    noticed.push(Noticed::Entry(entry.seq, entry.content));
                }
                return Ok(noticed);
            }
            Told::Snapshot { upto, part, parts, bytes, .. } => {
                let Some(link) = &mut self.link else { return Ok(Vec::new()) };
                link.parts.extend(bytes);
                if part == parts {
                    let whole = content_of(&std::mem::take(&mut link.parts));
                    self.has
                        .extend(whole.split(NEXT).filter(|it| !it.is_empty()).map(str::to_owned));
                    self.goes_up(upto)?;
                    return Ok(vec![Noticed::Path("got a snapshot")]);
                }
            }
            Told::Current(current) => {
                let is_other = self.log != 0 && current.log != self.log;
                (self.log, self.upto) = (current.log, current.upto);
                let Some(link) = &mut self.link else { return Ok(Vec::new()) };
                if current.is_answer == 1 {
                    link.asked = link.asked.checked_sub(1).ok_or("an answer to nothing")?;
                }
                if is_other {
                    self.since = 0;
                    link.highest = 0;
                    link.is_current = false;
                    link.asked += 1;
                    link.up.push_back(catch_up(0));
                    let all: Vec<_> = self
                        .has
                        .difference(&self.waiting.iter().cloned().collect())
                        .cloned()
                        .collect();
                    all.into_iter().for_each(|content| self.send(content));
                    return Ok(vec![Noticed::Path("found another log")]);
                }
                if current.is_answer == 1 && link.asked == 0 {
                    link.is_current = true;
                    self.since = self.since.max(current.newest).max(link.highest);
                }
            }
            Told::Kept { id, seq } => return self.is_kept(id, seq),
            Told::Refused { id, code, number } => return self.is_refused(id, &code, number),
            Told::KeyEpoch(floor) => self.epoch = self.epoch.max(floor),
            Told::Awareness(_) => return Err("nobody says anything".into()),
        }
        Ok(vec![Noticed::Nothing])
    }

    /// On a socket that is current, nothing comes twice or in another order.
    fn goes_up(&mut self, seq: u64) -> Result<(), String> {
        let Some(link) = &mut self.link else { return Ok(()) };
        if link.is_current {
            if seq <= self.since {
                return Err(format!("{} comes after {}", seq, self.since));
            }
            self.since = seq;
        }
        link.highest = link.highest.max(seq);
        Ok(())
    }

    fn is_kept(&mut self, id: u64, seq: u64) -> Result<Vec<Noticed>, String> {
        let Some(link) = &mut self.link else { return Ok(Vec::new()) };
        match link.sent.remove(&id).ok_or("kept what was not sent")? {
            Sent::Snapshot => Ok(vec![Noticed::Path("snapshot kept")]),
            Sent::Change { content, .. } => {
                if link.is_current {
                    self.since = self.since.max(seq);
                }
                link.highest = link.highest.max(seq);
                let place = self.waiting.iter().position(|it| *it == content);
                self.waiting.remove(place.ok_or("kept twice")?);
                Ok(vec![Noticed::Entry(seq, content.clone()), Noticed::Kept(content)])
            }
        }
    }

    fn is_refused(&mut self, id: u64, code: &str, number: u64) -> Result<Vec<Noticed>, String> {
        let Some(link) = &mut self.link else { return Ok(Vec::new()) };
        let sent = link.sent.remove(&id).ok_or("refused what was not sent")?;
        match (sent, code) {
            (Sent::Change { content, epoch }, "stale_key_epoch") if epoch < number => {
                self.epoch = self.epoch.max(number);
                self.waiting.retain(|it| *it != content);
                self.send(content);
                Ok(vec![Noticed::Path("refused under the floor")])
            }
            (Sent::Snapshot, _) => Ok(vec![Noticed::Path("snapshot refused")]),
            _ => Err(format!("refused with {code}")),
        }
    }

    pub fn lost(&mut self) {
        self.link = None;
    }
}
