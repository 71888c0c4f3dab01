//! Each call to the room is a turn of the runtime. What the room sends in it is checked, and it ends as the step says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::Closing;

use crate::counts::Counts;
use crate::flaw::Flaw;
use crate::floor::Floor;
use crate::host::ALL;
use crate::platform::{Outgoing, Sent};
use crate::presence::Presence;
use crate::refusals::Refusals;
use crate::revocations::Revocations;
use crate::said::{All, Told};
use crate::site::{Model, Site};
use crate::step::End;
use crate::violation::{Checked, Violation, ensure};
use crate::wire::{Answer, Frame, Hello, Socket};

/// At most so many events can be seen and then lost (P7.6).
const MAX_UNCONFIRMED: usize = 999;

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
}
