//! A room on ports in memory, with a world around it that evicts, crashes and lets time pass.

#![allow(dead_code, reason = "each test file uses its part")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;
use validiant_core::Millis;
use validiant_core::close_code::CloseCode;
use validiant_core::member::{Member, SocketId, User};
use validiant_core::names::{ConnectionId, ProjectId, UserId, UserName};
use validiant_core::ports::{NotAccepted, RosterEntry, Sockets, Storage};
use validiant_core::room::{Published, Room, RoomSettings};

pub const SETTINGS: RoomSettings = RoomSettings {
    presence_grace_ms: 10_000,
    presence_events_max: 100,
    stale_socket_ms: 300_000,
    max_client_frame_bytes: 16_384,
};

/// What outlives the object: what the runtime keeps, and what the clients have got.
#[derive(Default)]
pub struct Outside {
    attachments: BTreeMap<SocketId, Member>,
    inboxes: BTreeMap<SocketId, Vec<Value>>,
    closes: BTreeMap<SocketId, CloseCode>,
    last_pings: BTreeMap<SocketId, Millis>,
    roster: BTreeMap<UserId, RosterEntry>,
    alarm: Option<Millis>,
    /// How many rows were written, the alarm included.
    pub rows_written: usize,
}

type Shared = Rc<RefCell<Outside>>;

pub struct MemorySockets {
    outside: Shared,
    members: BTreeMap<SocketId, Member>,
    next_id: u32,
}

impl MemorySockets {
    fn wake(outside: &Shared) -> Self {
        let members = outside.borrow().attachments.clone();
        // Ids are never used again, in the real port neither while a socket of the past is there.
        let next_id = outside.borrow().inboxes.len() as u32;
        Self { outside: Rc::clone(outside), members, next_id }
    }
}

impl Sockets for MemorySockets {
    type Handle = ();

    fn add(&mut self, (): (), member: Member) -> Result<SocketId, NotAccepted> {
        let id = SocketId(self.next_id);
        self.next_id += 1;
        let mut outside = self.outside.borrow_mut();
        outside.attachments.insert(id, member.clone());
        outside.inboxes.insert(id, Vec::new());
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
        let chosen = |(id, member): (&SocketId, &Member)| {
            (*id, choose(member).into_iter().collect::<Vec<usize>>())
        };
        let chosen: Vec<_> = self.members.iter().map(chosen).collect();
        for (id, places) in &chosen {
            for place in places {
                self.send(*id, frames[*place].as_ref());
            }
        }
        chosen.iter().filter(|(_, places)| !places.is_empty()).count()
    }

    fn send(&mut self, to: SocketId, frame: &str) {
        let frame = serde_json::from_str(frame).expect("every frame is JSON");
        self.outside.borrow_mut().inboxes.get_mut(&to).expect("a socket").push(frame);
    }

    fn remove(&mut self, socket: SocketId) -> Option<Member> {
        self.outside.borrow_mut().attachments.remove(&socket);
        self.members.remove(&socket)
    }

    fn close(&mut self, socket: SocketId, code: CloseCode) -> Option<Member> {
        self.outside.borrow_mut().closes.insert(socket, code);
        self.remove(socket)
    }

    fn silent_since(&self, since: Millis) -> Vec<SocketId> {
        let outside = self.outside.borrow();
        let last_ping = |id| outside.last_pings.get(id);
        self.members
            .keys()
            .filter(|id| last_ping(id).is_some_and(|at| *at < since))
            .copied()
            .collect()
    }
}

pub struct MemoryStorage(Shared);

impl Storage for MemoryStorage {
    fn load_roster(&mut self) -> Vec<RosterEntry> {
        self.0.borrow().roster.values().cloned().collect()
    }

    fn save(&mut self, entry: &RosterEntry) {
        let mut outside = self.0.borrow_mut();
        outside.rows_written += 1;
        outside.roster.insert(entry.user.id.clone(), entry.clone());
    }

    fn erase(&mut self, user: &UserId) {
        let mut outside = self.0.borrow_mut();
        outside.rows_written += 1;
        outside.roster.remove(user);
    }

    fn set_alarm(&mut self, at: Millis) {
        let mut outside = self.0.borrow_mut();
        outside.rows_written += 1;
        outside.alarm = Some(at);
    }
}

/// A room with the world around it.
pub struct World {
    pub room: Room<MemorySockets, MemoryStorage>,
    pub now: Millis,
    settings: RoomSettings,
    outside: Shared,
}

impl World {
    pub fn new(settings: RoomSettings) -> Self {
        let outside = Shared::default();
        let now = 1_000_000;
        Self { room: wake(&outside, settings, now), now, settings, outside }
    }

    /// Opens a socket for `user`; an empty one is anonymous.
    pub fn join(&mut self, user: &str) -> SocketId {
        self.join_as(user, None, "c")
    }

    pub fn join_as(&mut self, user: &str, name: Option<&str>, connection: &str) -> SocketId {
        self.connect(user, name, connection, false)
    }

    /// Opens a socket that takes several events in one frame.
    pub fn join_for_batches(&mut self, user: &str) -> SocketId {
        self.connect(user, None, "c", true)
    }

    fn connect(
        &mut self,
        user: &str,
        name: Option<&str>,
        connection: &str,
        takes_batches: bool,
    ) -> SocketId {
        let name = name.map(|name| UserName::parse(name).unwrap());
        let member = Member {
            connection_id: ConnectionId::parse(connection).unwrap(),
            user: UserId::parse(user).ok().map(|id| User { id, name }),
            connected_at: self.now,
            takes_batches,
        };
        self.room.connect((), member, self.now).unwrap();
        *self.outside.borrow().attachments.keys().last().unwrap()
    }

    pub fn leave(&mut self, socket: SocketId, code: u16) {
        self.room.leave(socket, code, self.now);
    }

    /// Lets time pass; the alarm goes off when its time has come.
    pub fn pass(&mut self, ms: Millis) {
        let until = self.now + ms;
        let mut alarms = 0;
        while let Some(at) = self.alarm().filter(|at| *at <= until) {
            alarms += 1;
            assert!(alarms < 10_000, "the alarm sets itself again and again");
            self.now = self.now.max(at);
            self.outside.borrow_mut().alarm = None;
            self.room.alarm(self.now);
        }
        self.now = until;
    }

    /// The object is gone from memory; its sockets, storage and alarm are not.
    pub fn evict(&mut self) {
        self.room = wake(&self.outside, self.settings, self.now);
    }

    /// The whole server is gone, sockets and all, and no handler ran. Only storage is left.
    pub fn crash(&mut self) {
        self.outside.borrow_mut().attachments.clear();
        self.evict();
    }

    /// The runtime answers a ping of this socket.
    pub fn ping(&mut self, socket: SocketId) {
        self.outside.borrow_mut().last_pings.insert(socket, self.now);
    }

    pub fn alarm(&self) -> Option<Millis> {
        self.outside.borrow().alarm
    }

    pub fn rows_written(&self) -> usize {
        self.outside.borrow().rows_written
    }

    pub fn close_of(&self, socket: SocketId) -> Option<CloseCode> {
        self.outside.borrow().closes.get(&socket).copied()
    }

    /// A backend broadcasts an event, while others are under way or not.
    pub fn publish(&mut self, body: &str, more_to_come: bool) -> Published {
        self.room.publish(body.as_bytes(), more_to_come, self.now).unwrap()
    }

    /// Every frame that the socket has got.
    pub fn inbox(&self, socket: SocketId) -> Vec<Value> {
        self.outside.borrow().inboxes[&socket].clone()
    }

    /// The types of the events that the socket has got, with the user where there is one: `USER_LEFT a`.
    pub fn told(&self, socket: SocketId) -> Vec<String> {
        let label = |frame: &Value| {
            let kind = frame["type"].as_str().unwrap();
            frame["payload"]["userId"].as_str().map_or(kind.into(), |user| format!("{kind} {user}"))
        };
        let events = |frame: Value| match frame {
            Value::Array(events) => events,
            event => vec![event],
        };
        self.inbox(socket).into_iter().flat_map(events).map(|event| label(&event)).collect()
    }

    pub fn state(&mut self) -> Value {
        serde_json::from_str(&self.room.state(self.now)).unwrap()
    }

    /// A user as the room's state lists them.
    pub fn user(&mut self, id: &str) -> Value {
        let state = self.state();
        let users = state["users"].as_array().unwrap();
        users.iter().find(|user| user["userId"] == id).cloned().unwrap_or_default()
    }

    /// The users whom the room's state lists.
    pub fn present(&mut self) -> Vec<String> {
        let state = self.state();
        let users = state["users"].as_array().unwrap();
        users.iter().map(|user| user["userId"].as_str().unwrap().to_owned()).collect()
    }
}

fn wake(
    outside: &Shared,
    settings: RoomSettings,
    now: Millis,
) -> Room<MemorySockets, MemoryStorage> {
    let project = ProjectId::parse("p1").unwrap();
    let storage = MemoryStorage(Rc::clone(outside));
    Room::wake(project, settings, MemorySockets::wake(outside), storage, now)
}
