//! A socket of the room, and what must come next on it: whatever a small room would send.

use std::collections::BTreeMap;

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::position::Seq;
use validiant_core::tree::Place;

use super::changes::Changes;
use super::log::{Entry, Log};
use super::order::Node;
use crate::said::{Connection, Data, Updated};
use crate::users::{self, User};
use crate::violation::{Checked, ensure};
use crate::wire::{Hello, short};

/// A socket by its place and its id there.
pub type Key = (Place, SocketId);

/// A socket that the room has.
#[derive(Debug)]
pub struct Socket {
    pub key: Key,
    pub client: u8,
    pub user: Option<User>,
    pub takes_batches: bool,
    /// When its token was issued, if it came with one.
    pub issued_at: Option<Millis>,
    /// When it was opened, in the order of all that happens.
    pub opened: u64,
    /// Where its client said that it stands.
    pub since: Option<(usize, Seq)>,
    pub has_begun: bool,
    /// The next event that may come.
    next: usize,
    /// Up to where what was missed is replayed: only what is kept.
    replayed_until: usize,
    /// From where on it must get what is not kept, too; and from where on it may.
    live_from: usize,
    live_after: usize,
    /// The last kept event that its client has.
    last_kept: Option<usize>,
    /// The last event of any kind, for the order of all.
    pub last: Option<Node>,
    /// The client events that it got, and how many messages of its own were refused later.
    pub heard: Vec<usize>,
    pub refusals: usize,
    /// The last change that it was told of each connection.
    told: BTreeMap<Connection, (u8, u8)>,
}

impl Socket {
    /// `live_from`: how many events there are. `live_after`: how many of them others at its place got already.
    pub fn new(
        key: Key,
        client: u8,
        user: Option<User>,
        live_from: usize,
        live_after: usize,
    ) -> Self {
        Self {
            key,
            client,
            user,
            takes_batches: false,
            issued_at: None,
            opened: 0,
            since: None,
            has_begun: false,
            next: 0,
            replayed_until: 0,
            live_from,
            live_after,
            last_kept: None,
            last: None,
            heard: Vec::new(),
            refusals: 0,
            told: BTreeMap::new(),
        }
    }

    /// `CONNECTED` says where it begins.
    pub fn begin(&mut self, hello: &Hello, log: &Log) -> Checked {
        ensure!(!self.has_begun, "{self} is sent CONNECTED twice.");
        self.has_begun = true;
        let told = hello.position.as_ref().map(|(epoch, seq)| (epoch.as_str(), *seq));
        let Some((epoch, seq)) = told else {
            ensure!(!hello.is_recovered, "{self} is recovered without a history.");
            return Ok(());
        };
        let Some(era) = log.era(epoch) else {
            ensure!(false, "{self} is told of the epoch {epoch}, which the root never had.");
            return Ok(());
        };
        self.replayed_until = log.until(era, seq);
        self.next = self.replayed_until;
        if hello.is_recovered {
            let Some((_, from)) = self.since.filter(|(of, _)| *of == era) else {
                ensure!(false, "{self} stands at {:?}, and is recovered in {epoch}.", self.since);
                return Ok(());
            };
            self.next = log.until(era, from);
            ensure!(
                self.next <= self.replayed_until,
                "{self} stands at {from}, and is recovered at {seq}."
            );
        }
        let is_of_era = |last: &usize| {
            log.entries.get(*last).and_then(|entry| entry.seq).is_some_and(|(of, _)| of == era)
        };
        self.last_kept = self.next.checked_sub(1).filter(is_of_era);
        Ok(())
    }

    pub fn is_replayed(&self, index: usize) -> bool {
        index < self.replayed_until
    }

    /// Whether it must get an event before any later one.
    fn is_due(&self, index: usize, entry: &Entry) -> bool {
        let is_live = !self.is_replayed(index) && index >= self.live_from;
        entry.is_for(self.client, self.user)
            && entry.lost_at.is_none()
            && (entry.is_kept() || is_live)
    }

    /// It is sent an event. It must be meant for it, and none may be missing before it.
    pub fn take(&mut self, index: usize, log: &Log) -> Checked {
        let Some(entry) = log.entries.get(index) else { return Ok(()) };
        let frame = short(&entry.frame);
        ensure!(self.has_begun, "{self} is not sent CONNECTED first, but {frame}.");
        ensure!(
            entry.is_for(self.client, self.user),
            "{self} is sent {frame}, which is not for it."
        );
        ensure!(index >= self.next, "{self} is sent {frame} again, or out of order.");
        ensure!(
            entry.is_kept() || (!self.is_replayed(index) && index >= self.live_after),
            "{self} is sent {frame} late, which is not kept."
        );
        self.misses_nothing_until(index, log)?;
        let lost = self.last_kept.and_then(|last| log.entries.get(last)?.lost_at);
        ensure!(
            lost.is_none_or(|lost_at| index < lost_at),
            "{self} has seen an event that was lost, and goes on with {frame}."
        );
        self.next = index + 1;
        if entry.is_kept() {
            self.last_kept = Some(index);
        }
        Ok(())
    }

    /// It is told what connections say of themselves: never what they had said before.
    pub fn is_told(&mut self, all: &[Updated], changes: &Changes) -> Checked {
        for updated in all {
            for (client, data) in &updated.data {
                let connection = (updated.user, *client);
                let change = data.and_then(Data::change);
                let known = change.and_then(|it| Some((self.told.insert(connection, it)?, it)));
                let is_over = known.is_some_and(|(known, told)| changes.is_over(known, told));
                ensure!(!is_over, "{self} is told {updated:?}, and knows {known:?}.");
            }
        }
        Ok(())
    }

    /// Nothing that is meant for it is missing before this event.
    pub fn misses_nothing_until(&self, end: usize, log: &Log) -> Checked {
        let missed = log.entries.iter().enumerate().take(end).skip(self.next);
        for (index, entry) in missed {
            ensure!(!self.is_due(index, entry), "{self} has missed {}.", short(&entry.frame));
        }
        Ok(())
    }
}

impl std::fmt::Display for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Place { index, generation }, socket) = self.key;
        let user = self.user.map_or_else(|| "anonymous".to_owned(), users::name);
        write!(
            f,
            "The socket {} of client {} ({user}) at {index}.{generation}",
            socket.0, self.client
        )
    }
}
