//! A room on ports in memory, with a world around it that evicts, crashes and lets time pass.

use std::num::NonZeroU64;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use validiant_core::Millis;
use validiant_core::answer::{Published, Removed};
use validiant_core::encryption::KeyEpoch;
use validiant_core::history::Retention;
use validiant_core::limits::{ClientEventLimits, Limits};
use validiant_core::member::{Member, SocketId, User};
use validiant_core::names::{ConnectionId, ProjectId, UserId, UserName};
use validiant_core::ports::StorageFailed;
use validiant_core::position::Position;
use validiant_core::room::{Connected, NotConnected, RoomSettings};
use validiant_core::room_call::removal::Removal;
use validiant_core::wire::close_code::CloseCode;
use validiant_sim::platform::{self, MemoryRoom, Outgoing, Shared};

pub const LIMITS: Limits = Limits {
    client_frame_bytes: 16_384,
    client_messages_per_second: 10,
    client_message_burst: 20,
    publishes_per_second: 100,
    publish_burst: 200,
    user_sockets: 20,
    room_sockets: 30_000,
    connects_per_minute: None,
    client_events: None,
};

/// What clients may say to each other, where they may.
pub const CLIENT_EVENTS: ClientEventLimits = ClientEventLimits {
    client_deliveries_per_second: 10_000,
    client_delivery_burst: 20_000,
    presence_data_bytes: 2_048,
};

pub const SETTINGS: RoomSettings = RoomSettings {
    presence_grace_ms: 10_000,
    presence_events_max: 100,
    stale_socket_ms: 90_000,
    limits: LIMITS,
    takes_tokens: true,
    token_grace_ms: 30_000,
    retention: Some(Retention { size: NonZeroU64::new(256).unwrap(), ttl_ms: 600_000 }),
    leaf_sockets: 30_000,
};

/// A room with the world around it.
pub struct World {
    pub room: MemoryRoom,
    pub now: Millis,
    pub settings: RoomSettings,
    platform: Shared,
}

impl World {
    pub fn new(settings: RoomSettings) -> Self {
        let platform = Shared::default();
        let now = 1_000_000;
        Self { room: wake(&platform, settings, now), now, settings, platform }
    }

    /// Opens a socket for `user`; an empty one is anonymous.
    pub fn join(&mut self, user: &str) -> SocketId {
        self.join_as(user, None, "c")
    }

    pub fn join_as(&mut self, user: &str, name: Option<&str>, connection: &str) -> SocketId {
        let name = name.map(|name| UserName::parse(name).unwrap());
        let member =
            Member { connection_id: ConnectionId::parse(connection).unwrap(), ..self.member(user) };
        let user = member.user.map(|user| User { name, ..user });
        self.connect(Member { user, ..member }, None).unwrap().0
    }

    /// Opens a socket that accepts several events in one frame.
    pub fn join_for_batches(&mut self, user: &str) -> SocketId {
        let member = Member { takes_batches: true, ..self.member(user) };
        self.connect(member, None).unwrap().0
    }

    /// Opens a socket for a client that reconnects.
    pub fn return_since(&mut self, user: &str, position: &str) -> (SocketId, Connected) {
        let since = Position::parse(position).unwrap();
        self.connect(self.member(user), Some(&since)).unwrap()
    }

    pub fn member(&self, user: &str) -> Member {
        member_of(user, "c", self.now)
    }

    pub fn connect(
        &mut self,
        member: Member,
        since: Option<&Position>,
    ) -> Result<(SocketId, Connected), NotConnected> {
        let connected = self.room.connect((), member, since, self.now)?;
        Ok((self.platform.borrow().sockets().last().unwrap(), connected))
    }

    pub fn remove(&mut self, user: &str, refuse_ms: Millis) -> Removed {
        self.remove_with(user, refuse_ms, 0)
    }

    /// Removes a user, and raises the lowest key epoch.
    pub fn remove_with(
        &mut self,
        user: &str,
        refuse_ms: Millis,
        min_key_epoch: KeyEpoch,
    ) -> Removed {
        self.try_to_remove(user, refuse_ms, min_key_epoch).unwrap()
    }

    pub fn try_to_remove(
        &mut self,
        user: &str,
        refuse_ms: Millis,
        min_key_epoch: KeyEpoch,
    ) -> Result<Removed, StorageFailed> {
        let removal = Removal { user_id: UserId::parse(user).unwrap(), refuse_ms, min_key_epoch };
        self.room.remove_user(&removal, self.now)
    }

    pub fn leave(&mut self, socket: SocketId, code: u16) {
        self.room.leave(socket, code, self.now);
    }

    /// Lets time pass; what has gathered is written, and the alarm goes off when it is due.
    pub fn pass(&mut self, ms: Millis) {
        let until = self.now + ms;
        self.write();
        let mut alarms = 0;
        while let Some(at) = self.alarm().filter(|at| *at <= until) {
            alarms += 1;
            assert!(alarms < 10_000, "the alarm sets itself again and again");
            self.now = self.now.max(at);
            self.platform.borrow_mut().disk.fire();
            self.room.alarm(self.now);
            self.platform.borrow_mut().disk.has_fired();
            self.write();
        }
        self.now = until;
    }

    /// What has gathered is written, and durable.
    pub fn write(&mut self) {
        if self.room.is_to_be_written() && self.room.write().is_err() {
            self.lose(0);
        }
        self.platform.borrow_mut().disk.confirm();
        self.room.is_written();
    }

    /// Removes the object from memory, but not its sockets, storage and alarm. Until everything is written, the runtime
    /// does not.
    pub fn evict(&mut self) {
        self.write();
        self.lose_memory();
    }

    /// Removes the object from memory at any moment, as a trap does.
    pub fn lose_memory(&mut self) {
        self.room = wake(&self.platform, self.settings, self.now);
    }

    /// The whole server is lost, including its sockets, when everything is written, and no handler ran. Only the storage
    /// is left.
    pub fn crash(&mut self) {
        self.write();
        self.lose(0);
    }

    /// The same at any moment. Of the writes that are not durable, only the first `left` reach the disk.
    pub fn lose(&mut self, left: usize) {
        let mut platform = self.platform.borrow_mut();
        platform.disk.crash(left);
        platform.drop_sockets();
        drop(platform);
        self.lose_memory();
    }

    /// The runtime answers a ping of this socket.
    pub fn ping(&mut self, socket: SocketId) {
        self.ping_at(socket, self.now);
    }

    /// The runtime has answered a ping of this socket at this time.
    pub fn ping_at(&mut self, socket: SocketId, at: Millis) {
        self.platform.borrow_mut().ping(socket, at);
    }

    pub fn alarm(&self) -> Option<Millis> {
        self.platform.borrow().disk.alarm()
    }

    pub fn rows_written(&mut self) -> usize {
        self.write();
        self.platform.borrow().disk.rows_written
    }

    pub fn close_of(&self, socket: SocketId) -> Option<CloseCode> {
        self.outgoing(socket).find_map(|what| match what {
            Outgoing::Close(closing) => Some(closing.code),
            Outgoing::Frame(_) => None,
        })
    }

    /// A backend broadcasts an event, with or without others in flight.
    pub fn publish(&mut self, body: &str, more_to_come: bool) -> Published {
        self.room.publish(body.as_bytes(), None, more_to_come, self.now).unwrap()
    }

    /// Every frame that the socket has got.
    pub fn inbox(&self, socket: SocketId) -> Vec<Value> {
        let frame = |what| match what {
            Outgoing::Frame(text) => {
                Some(serde_json::from_str(&text).expect("every frame is JSON"))
            }
            Outgoing::Close(_) => None,
        };
        self.outgoing(socket).filter_map(frame).collect()
    }

    /// Takes everything that the room has sent, so that it does not gather. Answers how many frames and closes there were.
    pub fn take_sent(&mut self) -> usize {
        self.platform.borrow_mut().sent.drain(..).count()
    }

    fn outgoing(&self, socket: SocketId) -> impl Iterator<Item = Outgoing> + use<> {
        let sent = self.platform.borrow().sent.clone();
        sent.into_iter().filter(move |sent| sent.socket == socket).map(|sent| sent.what)
    }

    /// The numbers of the events that the socket has got, in order.
    pub fn seqs(&self, socket: SocketId) -> Vec<u64> {
        self.events(socket).iter().filter_map(|event| event["seq"].as_u64()).collect()
    }

    /// Makes every write fail from now on, or succeed again.
    pub fn fill_disk(&mut self, is_full: bool) {
        self.platform.borrow_mut().disk.is_full = is_full;
    }

    /// Makes the removals and the revocations unreadable, or readable again.
    pub fn hide_tables(&mut self, is_unreadable: bool) {
        self.platform.borrow_mut().disk.is_unreadable = is_unreadable;
    }

    /// Makes the key epoch unreadable, or readable again.
    pub fn hide_key_epoch(&mut self, is_unreadable: bool) {
        self.platform.borrow_mut().disk.hides_key_epoch = is_unreadable;
    }

    /// The numbers of the events that are on the disk.
    pub fn stored(&self) -> Vec<u64> {
        let mut seqs = Vec::new();
        let disk = &self.platform.borrow().disk;
        disk.each_event(|event| seqs.push(event.expect("what is stored can be read").seq));
        seqs
    }

    /// How many pages the journal has.
    pub fn pages(&self) -> usize {
        self.platform.borrow().disk.pages()
    }

    /// How many frames the socket has got, and how many more it gets only when a write is durable.
    pub fn held_back(&self, socket: SocketId) -> (usize, usize) {
        let platform = self.platform.borrow();
        let durable = platform.disk.durable();
        let sent = platform.sent.iter().filter(|sent| sent.socket == socket);
        let (at_once, held_back): (Vec<_>, Vec<_>) = sent.partition(|sent| sent.gate <= durable);
        (at_once.len(), held_back.len())
    }

    /// The types of the events that the socket has got, with the user where there is one: `USER_LEFT a`.
    pub fn told(&self, socket: SocketId) -> Vec<String> {
        let label = |frame: &Value| {
            let kind = frame["type"].as_str().unwrap();
            frame["payload"]["userId"].as_str().map_or(kind.into(), |user| format!("{kind} {user}"))
        };
        self.events(socket).iter().map(label).collect()
    }

    /// Every event that the socket has got, whether alone in its frame or not.
    pub fn events(&self, socket: SocketId) -> Vec<Value> {
        let events = |frame: Value| match frame {
            Value::Array(events) => events,
            event => vec![event],
        };
        self.inbox(socket).into_iter().flat_map(events).collect()
    }

    pub fn state(&mut self) -> Value {
        serde_json::from_str(&self.room.state(self.now).text).unwrap()
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

fn wake(platform: &Shared, settings: RoomSettings, now: Millis) -> MemoryRoom {
    platform::wake(platform, &ProjectId::parse("p1").unwrap(), settings, now)
}

/// A token with these claims, with any signature.
pub fn token(claims: &Value) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", encode(r#"{"alg":"HS256"}"#), encode(&claims.to_string()))
}

/// The recipients and the excluded of a single event.
pub fn counts(published: &Published) -> (usize, usize) {
    let delivery = &published.deliveries[0];
    (delivery.recipients, delivery.excluded)
}

/// The member of a client that has just connected; an empty user is an anonymous one.
pub fn member_of(user: &str, connection: &str, now: Millis) -> Member {
    Member {
        connection_id: ConnectionId::parse(connection).unwrap(),
        user: UserId::parse(user).ok().map(|id| User::unverified(id, None)),
        connected_at: now,
        takes_batches: false,
        is_present: true,
        token: None,
        gap_after: None,
        may_send: false,
        data: None,
    }
}
