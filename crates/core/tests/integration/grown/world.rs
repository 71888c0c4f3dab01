//! A whole room: its root and its leaves, with calls that arrive at once, unless a place is cut off.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use validiant_core::Millis;
use validiant_core::member::{Member, SocketId};
use validiant_core::names::ProjectId;
use validiant_core::position::Position;
use validiant_core::room::{Incoming, RoomSettings};
use validiant_core::tree::{Call, Place, Readiness};
use validiant_core::wire::close_code::Closing;
use validiant_sim::platform::{self, MemoryRoom, Outgoing, Shared};

use crate::support::{CLIENT_EVENTS, SETTINGS, member_of};

/// An object, with what the runtime keeps for it.
pub struct Object {
    pub room: MemoryRoom,
    pub platform: Shared,
}

/// A client's socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    pub place: Place,
    pub socket: SocketId,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fate {
    /// It arrives, and its answer, too.
    #[default]
    Arrives,
    /// It does not arrive.
    Lost,
    /// It arrives, and its answer does not.
    Unanswered,
    /// It arrives twice.
    Repeated,
}

/// The room.
pub struct Grown {
    pub objects: BTreeMap<Place, Object>,
    pub now: Millis,
    pub settings: RoomSettings,
    /// Calls to and from these places fail.
    pub cut_off: BTreeSet<Place>,
    /// What happens to the next calls.
    pub fates: Vec<Fate>,
    /// How many calls have been made.
    pub calls: usize,
}

impl Grown {
    /// A room whose places hold so many sockets each.
    pub fn new(leaf_sockets: usize) -> Self {
        let mut settings = SETTINGS;
        settings.limits.client_events = Some(CLIENT_EVENTS);
        settings.limits.publishes_per_second = 1_000_000;
        settings.takes_tokens = false;
        settings.leaf_sockets = leaf_sockets;
        let mut grown = Self {
            objects: BTreeMap::new(),
            now: 1_000_000,
            settings,
            cut_off: BTreeSet::new(),
            fates: Vec::new(),
            calls: 0,
        };
        grown.object(Place::ROOT);
        grown
    }

    /// A room in which so many users have connected, and everybody is where they belong.
    pub fn with_users(leaf_sockets: usize, users: usize) -> (Self, BTreeMap<String, At>) {
        let mut grown = Self::new(leaf_sockets);
        let names: Vec<String> = (0..users).map(|user| format!("user-{user}")).collect();
        let mut sockets: BTreeMap<String, At> =
            names.iter().map(|user| (user.clone(), grown.join(user))).collect();
        for _ in 0..20 {
            grown.pass(1_000);
            for (user, at) in &mut sockets {
                if grown.close_of(*at).is_some() {
                    *at = grown.join(user);
                }
            }
        }
        (grown, sockets)
    }

    pub fn object(&mut self, place: Place) -> &mut Object {
        let (settings, now) = (self.settings, self.now);
        self.objects.entry(place).or_insert_with(|| {
            let platform = Shared::default();
            let room = wake(&platform, place, settings, now);
            Object { room, platform }
        })
    }

    pub fn root(&mut self) -> &mut MemoryRoom {
        &mut self.object(Place::ROOT).room
    }

    pub fn leaves(&self) -> Vec<Place> {
        self.objects.keys().copied().filter(|place| *place != Place::ROOT).collect()
    }

    /// Makes all calls that are due, until there are none.
    pub fn pump(&mut self) {
        for _ in 0..10_000 {
            let places: Vec<Place> = self.objects.keys().copied().collect();
            let calls: Vec<(Place, Call)> =
                places.into_iter().filter_map(|from| Some((from, self.next_call(from)?))).collect();
            if calls.is_empty() {
                return;
            }
            calls.into_iter().for_each(|(from, call)| self.deliver(from, &call));
        }
        panic!("the objects call each other again and again");
    }

    fn next_call(&mut self, from: Place) -> Option<Call> {
        let now = self.now;
        self.object(from).room.next_call(now)
    }

    fn deliver(&mut self, from: Place, call: &Call) {
        self.calls += 1;
        let now = self.now;
        let is_cut_off = self.cut_off.contains(&from) || self.cut_off.contains(&call.to);
        let fate = if is_cut_off { Fate::Lost } else { self.fates.pop().unwrap_or_default() };
        if fate == Fate::Lost {
            self.object(from).room.unanswered(call.to, now);
            return;
        }
        let answer = self.object(call.to).room.called(&call.text, now);
        if fate == Fate::Repeated {
            self.object(call.to).room.called(&call.text, now);
        }
        match fate {
            Fate::Unanswered => self.object(from).room.unanswered(call.to, now),
            _ => self.object(from).room.answered(call.to, &answer, now),
        }
        self.write(call.to);
        self.write(from);
    }

    /// Lets time pass: alarms go off, and calls that wait are made.
    pub fn pass(&mut self, ms: Millis) {
        let until = self.now + ms;
        self.pump();
        let mut turns = 0;
        while let Some(at) = self.next_due().filter(|at| *at <= until) {
            turns += 1;
            assert!(turns < 2_000, "due again and again: {:?}", self.due());
            self.now = self.now.max(at);
            let now = self.now;
            for place in self.objects.keys().copied().collect::<Vec<_>>() {
                let object = self.object(place);
                let is_due = object.platform.borrow().disk.alarm().is_some_and(|at| at <= now);
                if is_due {
                    object.platform.borrow_mut().disk.fire();
                    object.room.alarm(now);
                    object.platform.borrow_mut().disk.has_fired();
                    self.write(place);
                }
            }
            self.pump();
        }
        self.now = until;
    }

    /// What each place waits for: its alarm, and its next call.
    fn due(&self) -> Vec<(Place, Option<Millis>, Option<Millis>)> {
        let due = |(place, object): (&Place, &Object)| {
            let alarm = object.platform.borrow().disk.alarm();
            (*place, alarm, object.room.call_due_in(self.now))
        };
        self.objects.iter().map(due).collect()
    }

    fn next_due(&self) -> Option<Millis> {
        let due = |object: &Object| {
            let alarm = object.platform.borrow().disk.alarm();
            let call = object.room.call_due_in(self.now).map(|ms| self.now + ms);
            alarm.into_iter().chain(call).min()
        };
        self.objects.values().filter_map(due).min()
    }

    fn write(&mut self, place: Place) {
        let object = self.object(place);
        if object.room.is_to_be_written() {
            object.room.write().unwrap();
        }
        object.platform.borrow_mut().disk.confirm();
        object.room.is_written();
    }

    pub fn member(&self, user: &str) -> Member {
        member_of(user, &format!("c-{user}"), self.now)
    }

    pub fn join(&mut self, user: &str) -> At {
        self.connect(user, None).0
    }

    /// Connects a client as the gate does: the root says where. Returns whether it has got all that it missed.
    pub fn connect(&mut self, user: &str, since: Option<&str>) -> (At, bool) {
        self.try_to_connect(user, since).expect("a place takes the client")
    }

    /// The same; `None` if no place takes it now.
    pub fn try_to_connect(&mut self, user: &str, since: Option<&str>) -> Option<(At, bool)> {
        let member = self.member(user);
        let since = since.map(|since| Position::parse(since).unwrap());
        let mut place = Place::ROOT;
        for _ in 0..20 {
            let now = self.now;
            let readiness = self.object(place).room.readiness(&member, since.as_ref(), now);
            match readiness {
                Readiness::Now => {
                    let object = self.object(place);
                    let connected = object.room.connect((), member, since.as_ref(), now).ok()?;
                    let socket = object.platform.borrow().sockets().last().unwrap();
                    self.write(place);
                    self.pump();
                    return Some((At { place, socket }, connected.recovered));
                }
                Readiness::Elsewhere(home) => place = home,
                Readiness::Moved => place = Place::ROOT,
                Readiness::Later => self.pump(),
            }
        }
        None
    }

    /// A backend publishes. Returns the answer.
    pub fn publish(&mut self, body: &str) -> Value {
        let now = self.now;
        let published = self.root().publish(body.as_bytes(), None, false, now).unwrap();
        self.write(Place::ROOT);
        let mut text = published.to_json();
        self.pump();
        if let Some(ticket) = published.ticket {
            let settled = self.root().next_settled(now).or_else(|| self.root().settle(ticket, now));
            text = settled.expect("the answer is ready").answer.unwrap();
        }
        serde_json::from_str(&text).unwrap()
    }

    pub fn message(&mut self, at: At, text: &str) {
        let now = self.now;
        self.object(at.place).room.message(at.socket, Incoming::Text(text), now);
        self.pump();
    }

    pub fn leave(&mut self, at: At, code: u16) {
        let now = self.now;
        self.object(at.place).platform.borrow_mut().sent.retain(|sent| sent.socket != at.socket);
        self.object(at.place).room.leave(at.socket, code, now);
        self.write(at.place);
        self.pump();
    }

    /// An object sleeps, and wakes when it is needed.
    pub fn sleep(&mut self, place: Place) {
        self.write(place);
        // No two lives of an object begin in the same moment.
        self.now += 1;
        let (settings, now) = (self.settings, self.now);
        let object = self.object(place);
        object.room = wake(&object.platform, place, settings, now);
    }

    /// An object is lost with its sockets.
    pub fn crash(&mut self, place: Place) {
        self.object(place).platform.borrow_mut().drop_sockets();
        self.sleep(place);
    }

    /// The state of the room.
    pub fn state(&mut self) -> Value {
        let now = self.now;
        let reported = self.root().state(now);
        let mut text = reported.text;
        self.pump();
        if let Some(ticket) = reported.ticket {
            let settled = self.root().next_settled(now).or_else(|| self.root().settle(ticket, now));
            text = settled.expect("the answer is ready").answer.unwrap();
        }
        serde_json::from_str(&text).unwrap()
    }

    pub fn frames(&self, at: At) -> Vec<Value> {
        let frame = |what: &Outgoing| match what {
            Outgoing::Frame(text) => Some(serde_json::from_str(text).unwrap()),
            Outgoing::Close(_) => None,
        };
        self.outgoing(at).iter().filter_map(frame).collect()
    }

    /// The numbers of the events that a socket has got.
    pub fn seqs(&self, at: At) -> Vec<u64> {
        let is_event = |frame: &&Value| frame["type"] == "E";
        let frames = self.frames(at);
        frames.iter().filter(is_event).filter_map(|frame| frame["seq"].as_u64()).collect()
    }

    /// The frames of a type that a socket has got.
    pub fn of_type(&self, at: At, kind: &str) -> Vec<Value> {
        self.frames(at).into_iter().filter(|frame| frame["type"] == kind).collect()
    }

    pub fn close_of(&self, at: At) -> Option<Closing> {
        self.outgoing(at).into_iter().find_map(|what| match what {
            Outgoing::Close(closing) => Some(closing),
            Outgoing::Frame(_) => None,
        })
    }

    /// Whether the runtime still has the socket.
    pub fn is_open(&self, at: At) -> bool {
        self.objects[&at.place].platform.borrow().sockets().any(|socket| socket == at.socket)
    }

    /// Takes everything that has been sent, by place and socket.
    pub fn take_sent(&mut self) -> Vec<(At, Outgoing)> {
        let mut all = Vec::new();
        for (place, object) in &self.objects {
            let sent = std::mem::take(&mut object.platform.borrow_mut().sent);
            let at = |socket| At { place: *place, socket };
            all.extend(sent.into_iter().map(|sent| (at(sent.socket), sent.what)));
        }
        all
    }

    fn outgoing(&self, at: At) -> Vec<Outgoing> {
        let sent = &self.objects[&at.place].platform.borrow().sent;
        sent.iter().filter(|sent| sent.socket == at.socket).map(|sent| sent.what.clone()).collect()
    }
}

fn wake(platform: &Shared, place: Place, settings: RoomSettings, now: Millis) -> MemoryRoom {
    let project = ProjectId::parse("p1").unwrap();
    platform::wake_at(platform, &project, place, settings, now)
}
