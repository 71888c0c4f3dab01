//! A room with its platform, and the simple model of what it must do. Each call to the room is a turn of the runtime,
//! which ends as the step says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::names::{ProjectId, UserId};
use validiant_core::position::Position;
use validiant_core::room::RoomSettings;
use validiant_core::wire::close_code::Closing;

use crate::bucket::Bucket;
use crate::counts::Counts;
use crate::documents::Documents;
use crate::flaw::Flaw;
use crate::floor::{App, Floor};
use crate::host::{ALL, Host};
use crate::journal::Journal;
use crate::plan::{Plan, SIZES};
use crate::platform::{self, MemoryRoom, Outgoing, Sent, Shared};
use crate::presence::Presence;
use crate::publication::Posted;
use crate::refusals::Refusals;
use crate::revocations::Revocations;
use crate::said::{self, All, Said, Told};
use crate::step::End;
use crate::users::{self, USERS, User, Users};
use crate::violation::{Checked, Violation, ensure};
use crate::wire::{Answer, Frame, Hello, Socket};

/// How long an expired event may stay on the disk (P7.2).
const LONGEST_STAY_MS: Millis = 300_000;
/// At most so many events can be seen and then lost (P7.6).
const MAX_UNCONFIRMED: usize = 999;

/// The truth about a room, as far as anybody was told or will be.
#[derive(Debug, Clone)]
pub struct Model {
    pub journal: Journal,
    pub presence: Presence,
    pub refusals: Refusals,
    pub revocations: Revocations,
    pub floor: Floor,
}

/// A room with everything around it.
pub struct Site {
    pub number: u8,
    project: ProjectId,
    pub settings: RoomSettings,
    pub platform: Shared,
    pub room: MemoryRoom,
    pub model: Model,
    pub host: Host,
    pub sockets: BTreeMap<SocketId, Socket>,
    pub documents: Documents,
    pub app: App,
    /// Everything that backends have posted, answered or not.
    pub posts: Vec<Posted>,
    /// The position in the last state of the room that was read.
    pub told: Option<Position>,
    /// Whether the clock was set back since the alarm was set. A room that wakes assumes that the alarm is earlier than it
    /// is, so until one has gone off, whatever waits for an alarm may be late.
    pub alarm_may_be_late: bool,
    /// Whether the clock was set back since the disk last had no event: then some events are dropped late.
    pub events_may_stay: bool,
    /// How much it may still pass on for its clients, if they may talk to each other.
    pub bucket: Option<Bucket>,
    /// Whether the roster is complete. A failed write to it is not repaired: while its disk is full, a room promises
    /// nothing about who is present after its next life has begun.
    pub is_presence_known: bool,
}

/// A turn of the runtime that has begun.
pub struct Turn {
    end: End,
    /// What to return to if what the turn does for good is lost.
    saved: Option<(Presence, Refusals, Revocations, Floor)>,
    /// The sockets that the room must close in it.
    pub closes: Vec<(SocketId, u16)>,
    /// The answers that sockets must get in it.
    pub answers: VecDeque<(SocketId, Answer)>,
    /// What connections had said before it, and whether the room was large.
    pub before: All,
    pub was_large: bool,
    /// Who must hear how many changes of users in it, if that is known; and who does.
    pub hearers: Option<BTreeMap<SocketId, usize>>,
    heard: BTreeMap<SocketId, usize>,
    /// Whether the client that connects in it gets everything it missed.
    pub recovers: bool,
    /// The sockets that must be told the lowest key epoch in it.
    pub must_hear_floor: BTreeSet<SocketId>,
}

impl Site {
    pub fn new(number: u8, plan: &Plan, now: Millis, flaw: Option<Flaw>) -> Checked<Self> {
        let project = ProjectId::parse(&format!("p{number}"))
            .map_err(|_| Violation("A room has no valid name.".into()))?;
        let (settings, platform) = (plan.settings(number, plan.size), Shared::default());
        platform.borrow_mut().flaw = flaw;
        let size = SIZES.get(usize::from(plan.size)).copied().unwrap_or_default();
        Ok(Self {
            number,
            room: platform::wake(&platform, &project, settings, now),
            project,
            settings,
            platform,
            model: Model {
                journal: Journal::new(size, plan.ttl_ms),
                presence: Presence::new(plan.grace_ms),
                refusals: Refusals::default(),
                revocations: Revocations::default(),
                floor: Floor::default(),
            },
            host: Host::default(),
            sockets: BTreeMap::new(),
            documents: Documents::default(),
            app: App::default(),
            posts: Vec::new(),
            told: None,
            alarm_may_be_late: false,
            events_may_stay: false,
            bucket: settings.limits.client_events.as_ref().map(Bucket::new),
            is_presence_known: true,
        })
    }

    /// Whether this break is planted.
    pub fn has(&self, flaw: Flaw) -> bool {
        self.platform.borrow().has(flaw)
    }

    /// The break that is planted, if there is one.
    pub fn flaw(&self) -> Option<Flaw> {
        self.platform.borrow().flaw
    }

    pub fn project(&self) -> &ProjectId {
        &self.project
    }

    pub fn disk_is_full(&self) -> bool {
        self.platform.borrow().disk.is_full
    }

    /// Whether the removals and the revocations can be read.
    pub fn tables_are_readable(&self) -> bool {
        !self.platform.borrow().disk.is_unreadable
    }

    pub fn alarm(&self) -> Option<Millis> {
        self.platform.borrow().disk.alarm()
    }

    /// The journal on the disk has lost nothing too early.
    pub fn observe_disk(&mut self, now: Millis) -> Checked {
        let (oldest, newest) = self.platform.borrow().disk.range();
        self.model.journal.observe(oldest, newest, now)?;
        // A crash brings back what was dropped by a write that is not durable.
        let is_durable = self.platform.borrow().disk.unconfirmed() == 0;
        self.events_may_stay &= !(self.model.journal.is_empty() && is_durable);
        Ok(())
    }

    /// When the oldest event on the disk is gone at the latest (P7.2).
    pub fn next_drop(&self) -> Option<Millis> {
        let oldest_at = self.platform.borrow().disk.oldest_at()?;
        Some(oldest_at + self.model.journal.ttl_ms + LONGEST_STAY_MS)
    }

    /// The sockets that the room has.
    pub fn in_room(&self) -> impl Iterator<Item = (SocketId, &Socket)> {
        self.sockets
            .iter()
            .filter(|(_, socket)| socket.is_in_room)
            .map(|(id, socket)| (*id, socket))
    }

    /// The sockets of one user.
    pub fn sockets_of(&self, user: User) -> Vec<SocketId> {
        self.in_room().filter(|(_, socket)| socket.user == Some(user)).map(|(id, _)| id).collect()
    }

    pub fn begin_turn(&mut self, end: End) -> Turn {
        self.platform.borrow_mut().disk.begin_turn();
        self.sockets.values_mut().for_each(Socket::begin_turn);
        let Model { presence, refusals, revocations, floor, .. } = &self.model;
        let save = || (presence.clone(), refusals.clone(), revocations.clone(), floor.clone());
        Turn {
            end,
            saved: matches!(end, End::Dies { .. }).then(save),
            closes: Vec::new(),
            answers: VecDeque::new(),
            before: presence.said.all(),
            was_large: self.is_large(),
            hearers: None,
            heard: BTreeMap::new(),
            recovers: false,
            must_hear_floor: BTreeSet::new(),
        }
    }

    /// Checks everything that the room has sent, and ends the turn.
    pub fn end_turn(&mut self, mut turn: Turn, now: Millis, counts: &mut Counts) -> Checked {
        let sent = std::mem::take(&mut self.platform.borrow_mut().sent);
        let (durable, left) = self.reaches(turn.end);
        for (place, sent) in sent.into_iter().enumerate() {
            let leaves = place < left && sent.gate <= durable;
            self.take_sent(sent, leaves, &mut turn, counts)?;
        }
        if let Some((socket, code)) = turn.closes.first() {
            ensure!(false, "The socket {} is not closed with {code}.", socket.0);
        }
        ensure!(turn.answers.is_empty(), "A message of a client is not answered.");
        let deaf = turn.must_hear_floor.first();
        ensure!(deaf.is_none(), "The lowest key epoch is not told to the socket {deaf:?}.");
        let Turn { hearers, heard, .. } = &turn;
        ensure!(
            hearers.as_ref().is_none_or(|hearers| hearers == heard) || !self.is_presence_known,
            "A change is told to {heard:?}, and is for {hearers:?}."
        );
        self.learn_epoch()?;
        self.check_bound(durable)?;
        self.settle_turn(turn, now, counts)
    }

    /// How many writes are durable when the turn ends, and how many frames leave at most.
    fn reaches(&self, end: End) -> (usize, usize) {
        let disk = &mut self.platform.borrow_mut().disk;
        match end {
            End::Commits => {
                disk.confirm_closed();
                (disk.durable(), usize::MAX)
            }
            End::Dies { kept, left } => {
                (disk.durable() + disk.unconfirmed().min(kept.into()), left.into())
            }
        }
    }

    fn learn_epoch(&mut self) -> Checked {
        let platform = self.platform.borrow();
        platform.disk.epoch().map_or(Ok(()), |epoch| self.model.journal.hear_epoch(epoch))
    }

    /// What a crash can take of what somebody has seen must be less than the jump after it (P7.6).
    fn check_bound(&self, writes: usize) -> Checked {
        let durable = self.platform.borrow().disk.newest_durable_of(writes).unwrap_or_default();
        let unconfirmed = self.model.journal.unconfirmed(durable);
        ensure!(unconfirmed <= MAX_UNCONFIRMED, "{unconfirmed} events were seen and can be lost.");
        Ok(())
    }

    fn take_sent(
        &mut self,
        Sent { socket: id, what, .. }: Sent,
        leaves: bool,
        turn: &mut Turn,
        counts: &mut Counts,
    ) -> Checked {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return Err(Violation(format!(
                "Something is sent to a socket that is gone: {what:?}."
            )));
        };
        let frame = match &what {
            Outgoing::Frame(text) => {
                counts.add("frames sent");
                counts.add_many("bytes sent", text.len());
                socket.take(text)?
            }
            Outgoing::Close(Closing { code, .. }) => {
                ensure!(socket.is_in_room, "{socket} is closed twice.");
                let place = turn.closes.iter().position(|close| *close == (id, code.number));
                ensure!(place.is_some(), "{socket} is closed with {}.", code.number);
                place.map(|place| turn.closes.swap_remove(place));
                socket.end();
                Frame::Close
            }
        };
        if leaves && !socket.is_given_up {
            socket.wire.push_back(frame.clone());
        }
        if leaves {
            self.see(&frame)?;
        }
        self.check(&frame, id, turn)
    }

    /// Whatever leaves, somebody may have seen.
    fn see(&mut self, frame: &Frame) -> Checked {
        let newest = self.model.journal.newest();
        match frame {
            Frame::Connected(hello) if hello.position.is_some() => {
                newest.map_or(Ok(()), |place| self.model.journal.see(place))
            }
            Frame::Events(events) => {
                let mut places = events.iter().filter_map(|event| event.place);
                places.try_for_each(|place| self.model.journal.see(place))
            }
            _ => Ok(()),
        }
    }

    fn check(&mut self, frame: &Frame, to: SocketId, turn: &mut Turn) -> Checked {
        match frame {
            Frame::Connected(hello) => self.check_hello(hello, to, turn),
            Frame::Answer(answer) => {
                let expected = turn.answers.pop_front();
                let is_right = expected.as_ref().is_some_and(|it| (&it.0, &it.1) == (&to, answer));
                ensure!(is_right, "The socket {} is answered {answer:?}, not {expected:?}.", to.0);
                Ok(())
            }
            Frame::Updated(all) => {
                *turn.heard.entry(to).or_default() += all.len();
                all.iter().try_for_each(|updated| self.check_updated(updated, to, turn))
            }
            Frame::KeyEpoch(epoch) => {
                let floor = self.model.floor.epoch;
                let is_due = turn.must_hear_floor.remove(&to) && *epoch == floor;
                ensure!(is_due, "The socket {} is told the key epoch {epoch}.", to.0);
                Ok(())
            }
            Frame::Events(_)
            | Frame::Joined(_)
            | Frame::Left(_)
            | Frame::Presence { .. }
            | Frame::Close => Ok(()),
        }
    }

    fn check_hello(&mut self, hello: &Hello, to: SocketId, turn: &Turn) -> Checked {
        let connections = self.in_room().count();
        ensure!(hello.connections == connections, "CONNECTED counts not {connections}: {hello:?}.");
        ensure!(
            hello.is_recovered == turn.recovers,
            "CONNECTED tells a client the contrary of what is true: {hello:?}."
        );
        let floor = self.model.floor.epoch;
        ensure!(hello.floor == floor, "CONNECTED does not tell the key epoch {floor}: {hello:?}.");
        let may_send = self.sockets.get(&to).is_some_and(|socket| self.may_send(socket));
        ensure!(hello.may_send == may_send, "Whether it may send is {may_send}: {hello:?}.");
        let (is_open, position) = (self.model.journal.is_open(), hello.position.as_ref());
        self.check_position(is_open, position.map(|(epoch, seq)| (epoch.as_str(), *seq)))?;
        if self.is_presence_known {
            let users = self.model.presence.users();
            ensure!(
                (hello.users, hello.active_users) == (users, users.count()),
                "CONNECTED does not list {:?}: {hello:?}.",
                users.names()
            );
            let told = if self.is_talkative() && !self.is_large() {
                self.truth()
            } else {
                Told::default()
            };
            ensure!(hello.told == told, "CONNECTED tells {:?}, not {told:?}.", hello.told);
        }
        Ok(())
    }

    /// What connections have said, and who may come back.
    pub fn truth(&self) -> Told {
        let presence = &self.model.presence;
        Told { all: presence.said.all(), waiting: presence.waiting() }
    }

    /// Checks the epoch and seq that the room announces: none if it has no history open.
    pub fn check_position(&mut self, is_open: bool, told: Option<(&str, u64)>) -> Checked {
        let newest = self.model.journal.newest().filter(|_| is_open).map(|place| place.seq);
        let seq = told.map(|(_, seq)| seq);
        ensure!(seq == newest, "The room tells the seq {seq:?}, which is {newest:?}.");
        told.map_or(Ok(()), |(epoch, _)| self.model.journal.hear_epoch(epoch))
    }

    fn settle_turn(&mut self, turn: Turn, now: Millis, counts: &mut Counts) -> Checked {
        let End::Dies { kept, .. } = turn.end else {
            if self.room.must_be_reset() && !self.has(Flaw::NoReset) {
                counts.add("reset after a failed write");
                self.die(ALL, now, counts)?;
            }
            return Ok(());
        };
        counts.add("crash in a turn");
        let (durable, _) = self.reaches(turn.end);
        let first_closed = self.platform.borrow().disk.first_closed();
        let is_undone = first_closed.is_some_and(|first| first > durable);
        if let Some((presence, refusals, revocations, floor)) = turn.saved.filter(|_| is_undone) {
            self.model.presence = presence;
            self.model.refusals = refusals;
            self.model.revocations = revocations;
            self.model.floor = floor;
        }
        self.die(kept, now, counts)
    }

    /// The server dies, with all sockets, and the room is not told. Of the writes that were not durable, the first `kept`
    /// reach the disk.
    pub fn die(&mut self, kept: u8, now: Millis, counts: &mut Counts) -> Checked {
        let expected = (!self.is_at_risk()).then(|| self.model.presence.said.clone());
        self.platform.borrow_mut().crash(kept.into());
        self.host.die();
        self.documents.room_died();
        // One that was going off may be replaced by one that is a little later.
        self.alarm_may_be_late |= self.alarm().is_some_and(|at| at <= now);
        self.sockets.values_mut().for_each(Socket::end);
        self.platform.borrow_mut().drop_sockets();
        let lost = self.find_what_is_left()?;
        self.find_last_data(expected.as_ref())?;
        if lost > 0 {
            counts.add("crash that took events");
        }
        self.lose_memory(now);
        Ok(())
    }

    /// Reads what is on the disk, and checks that it is all of that may be, and all that must be. Returns how many events
    /// were lost.
    fn find_what_is_left(&mut self) -> Checked<usize> {
        let platform = self.platform.borrow();
        let disk = &platform.disk;
        let mut there = Vec::new();
        let mut is_readable = true;
        disk.each_event(|event| match event {
            Some(event) => there.push((event.seq, event.frame.to_owned())),
            None => is_readable = false,
        });
        ensure!(is_readable, "An event on the disk can't be read.");
        let user = |(id, at): (&UserId, Option<Millis>)| Some((users::number(id.as_str())?, at));
        let wrong = self.model.presence.crash(disk.roster().filter_map(user));
        ensure!(
            wrong == Users(0) || !self.is_presence_known,
            "The roster on the disk is wrong about {:?}.",
            wrong.names()
        );
        self.model.journal.crash(disk.epoch(), disk.range().1, &there)
    }

    /// Reads what is left of what users said who may come back. If everything was written, that is all of it.
    fn find_last_data(&mut self, expected: Option<&Said>) -> Checked {
        let platform = self.platform.borrow();
        let read = |(user, connection, json): (&UserId, &str, &str)| {
            Some((users::number(user.as_str())?, said::client(connection)?, said::stored(json)?))
        };
        let last: Option<Vec<_>> = platform.disk.last_data().map(read).collect();
        let last =
            last.ok_or_else(|| Violation("What is stored of users can't be read.".into()))?;
        if let Some(expected) = expected.filter(|_| self.is_presence_known) {
            for user in 0..USERS {
                let left = last.iter().find(|it| it.0 == user).map(|it| (it.1, it.2));
                let was = expected.last(user);
                ensure!(left == was, "Of u{user} is left {left:?}, not {was:?}.");
            }
        }
        self.model.presence.said.crash(last.into_iter());
        Ok(())
    }

    /// The room is lost from memory, but not its sockets and its storage.
    pub fn lose_memory(&mut self, now: Millis) {
        self.room = platform::wake(&self.platform, &self.project, self.settings, now);
        let has_sockets = self.in_room().next().is_some();
        self.model.journal.forget(has_sockets);
        self.model.refusals.forget();
        self.model.revocations.forget();
        self.model.floor.forget();
        self.refill();
    }

    /// After anything but accepting an event, nothing may be waiting.
    pub fn holds_nothing(&self) -> Checked {
        ensure!(!self.room.holds_events(), "Room {} still holds events.", self.number);
        Ok(())
    }
}
