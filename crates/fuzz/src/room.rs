//! A room on the simulator's in-memory ports, for the targets that need a whole room.

use std::num::NonZeroU64;

use validiant_core::Millis;
use validiant_core::history::Retention;
use validiant_core::limits::{ClientEventLimits, Limits};
use validiant_core::member::{HeldToken, Member, SocketId, User};
use validiant_core::names::{ConnectionId, ProjectId, UserId};
use validiant_core::position::Position;
use validiant_core::room::{Connected, RoomSettings};
use validiant_sim::platform::{MemoryRoom, Outgoing, Shared, UNHURRIED, wake};

pub const START: Millis = 1_700_000_000_000;
pub const MAX_CLIENT_FRAME_BYTES: usize = 256;
pub const HISTORY_SIZE: u64 = 4;
pub const HISTORY_TTL_MS: Millis = 1_000;

/// A small room with the world around it.
pub struct World {
    pub room: MemoryRoom,
    pub now: Millis,
    platform: Shared,
    talks: bool,
}

impl World {
    pub fn new() -> Self {
        Self::with(false)
    }

    /// A room whose clients may talk to each other.
    pub fn talking() -> Self {
        Self::with(true)
    }

    fn with(talks: bool) -> Self {
        let platform = Shared::default();
        Self { room: room(&platform, talks, START), now: START, platform, talks }
    }

    /// Opens a socket; an empty user is anonymous.
    pub fn join(&mut self, user: &str, has_token: bool, takes_batches: bool) -> SocketId {
        let end = self.now + 60_000;
        let token = has_token.then_some(HeldToken { expires_at: end, issued_at: 0, id: None });
        let id = UserId::parse(user).ok();
        let member = Member {
            connection_id: ConnectionId::parse("c").unwrap(),
            user: id.map(|id| User { verified: has_token, ..User::unverified(id, None) }),
            connected_at: self.now,
            takes_batches,
            is_present: true,
            token,
            gap_after: None,
            may_send: self.talks,
            data: None,
        };
        self.connect(member, None).0
    }

    pub fn connect(&mut self, member: Member, since: Option<&Position>) -> (SocketId, Connected) {
        let connected = self.room.connect((), member, since, self.now).unwrap();
        let socket = self.platform.borrow().sockets().last().unwrap();
        (socket, connected)
    }

    /// Removes the object from memory once everything is written, but not its sockets and its storage.
    pub fn evict(&mut self) {
        self.room.write().unwrap();
        self.room = room(&self.platform, self.talks, self.now);
    }

    /// What was sent since the last call, in order.
    pub fn take_sent(&mut self) -> Vec<(SocketId, Outgoing)> {
        let sent = std::mem::take(&mut self.platform.borrow_mut().sent);
        sent.into_iter().map(|sent| (sent.socket, sent.what)).collect()
    }
}

/// More than any input sends.
const TALK: ClientEventLimits = ClientEventLimits {
    client_deliveries_per_second: 1_000_000,
    client_delivery_burst: 1_000_000,
    presence_data_bytes: 64,
};

fn room(platform: &Shared, talks: bool, now: Millis) -> MemoryRoom {
    let size = NonZeroU64::new(HISTORY_SIZE).unwrap();
    let settings = RoomSettings {
        presence_grace_ms: 10_000,
        presence_events_max: 100,
        stale_socket_ms: 300_000,
        limits: Limits {
            client_frame_bytes: MAX_CLIENT_FRAME_BYTES,
            client_events: talks.then_some(TALK),
            ..UNHURRIED
        },
        takes_tokens: true,
        token_grace_ms: 30_000,
        retention: Some(Retention { size, ttl_ms: HISTORY_TTL_MS }),
        leaf_sockets: 30_000,
    };
    wake(platform, &project(), settings, now)
}

/// The room's project.
pub fn project() -> ProjectId {
    ProjectId::parse("p1").unwrap()
}
