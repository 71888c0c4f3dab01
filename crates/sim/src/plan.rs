//! The world of an episode: its settings, and its clients.

use std::num::NonZeroU64;

use fastrand::Rng;
use validiant_core::Millis;
use validiant_core::history::Retention;
use validiant_core::limits::{ClientEventLimits, Limits};
use validiant_core::room::RoomSettings;

use crate::platform::UNHURRIED;
use crate::said::MAX_BYTES;
use crate::theme::Theme;
use crate::users::{USERS, User};

/// How many clients there are in all rooms together.
pub const CLIENTS: u8 = 12;
/// How many events a room keeps, by the number in a step.
pub const SIZES: [u64; 5] = [0, 1, 4, 16, 64];
/// After how long a silence a socket that used to ping is closed.
pub const STALE_SOCKET_MS: Millis = 90_000;
/// The largest frame that a client may send. A token fits.
pub const MAX_CLIENT_FRAME_BYTES: usize = 768;
/// Up to how many users each join is announced, if that should not matter.
const MANY_USERS: usize = 100;

/// Rooms that pass on whatever clients say.
const TALKATIVE: ClientEventLimits = ClientEventLimits {
    client_deliveries_per_second: 1_000_000,
    client_delivery_burst: 4_000_000,
    presence_data_bytes: MAX_BYTES,
};
/// Rooms that soon pass on nothing more.
const HURRIED: ClientEventLimits =
    ClientEventLimits { client_deliveries_per_second: 1, client_delivery_burst: 8, ..TALKATIVE };

/// A client and what never changes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// The room that it connects to.
    pub room: u8,
    /// Its user; `None` if anonymous.
    pub user: Option<User>,
    /// Whether it accepts several events in one frame.
    pub takes_batches: bool,
    /// Whether it reads everything at once.
    pub is_prompt: bool,
}

/// The starting point of an episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How many rooms there are.
    pub rooms: u8,
    /// How many events each room keeps at first: a place in [`SIZES`].
    pub size: u8,
    /// How long an event is kept.
    pub ttl_ms: Millis,
    /// How long a user whose connection was lost counts as present.
    pub grace_ms: Millis,
    /// Up to how many users each join and leave is announced.
    pub presence_events_max: usize,
    /// What clients may say to each other, if anything.
    pub client_events: Option<ClientEventLimits>,
    /// Whether a disk can become full.
    pub may_fill: bool,
    /// Whether some events are so large that several of them are too much to replay.
    pub has_big_events: bool,
    /// How many bytes each other event has, so that few of them fill a page.
    pub padding: u16,
    /// How many sockets a user may have in a room.
    pub user_sockets: usize,
    /// Which rooms require tokens, one bit each. The others are open.
    pub token_rooms: u8,
    /// How long a socket outlives its token.
    pub token_grace_ms: Millis,
    /// The clients.
    pub seats: Vec<Seat>,
    /// What it is about.
    pub theme: Theme,
    /// Whether its projects are encrypted.
    pub is_encrypted: bool,
}

impl Plan {
    /// Draws one, about this theme if one is given.
    pub fn draw(rng: &mut Rng, theme: Option<Theme>) -> Self {
        let rooms = rng.u8(1..=3);
        let theme = theme.unwrap_or_else(|| Theme::draw_one(rng));
        Self {
            rooms,
            size: rng.u8(0..SIZES.len() as u8),
            ttl_ms: if rng.bool() { 5_000 } else { 600_000 },
            grace_ms: if rng.u8(0..3) == 0 { 0 } else { 10_000 },
            presence_events_max: if rng.u8(0..3) == 0 { 2 } else { MANY_USERS },
            client_events: match rng.u8(0..4) {
                0 if theme != Theme::Talk => None,
                1 => Some(HURRIED),
                _ => Some(TALKATIVE),
            },
            may_fill: rng.u8(0..4) == 0,
            has_big_events: rng.u8(0..24) == 0,
            padding: if rng.u8(0..3) == 0 { rng.u16(500..4_000) } else { 0 },
            user_sockets: if rng.u8(0..3) == 0 { 2 } else { UNHURRIED.user_sockets },
            token_rooms: rng.u8(..) | rng.u8(..),
            token_grace_ms: if rng.u8(0..3) == 0 { 0 } else { 30_000 },
            seats: (0..CLIENTS).map(|place| Seat::draw(place % rooms, rng)).collect(),
            theme,
            is_encrypted: theme == Theme::Keys || rng.u8(0..4) == 0,
        }
    }

    /// Whether clients connect to a room with tokens.
    #[must_use]
    pub fn takes_tokens(&self, room: u8) -> bool {
        self.token_rooms & (1 << room) != 0
    }

    /// The settings of a room that keeps that many events.
    #[must_use]
    pub fn settings(&self, room: u8, size: u8) -> RoomSettings {
        let size = SIZES.get(usize::from(size)).copied().and_then(NonZeroU64::new);
        RoomSettings {
            presence_grace_ms: self.grace_ms,
            presence_events_max: self.presence_events_max,
            stale_socket_ms: STALE_SOCKET_MS,
            limits: Limits {
                client_frame_bytes: MAX_CLIENT_FRAME_BYTES,
                user_sockets: self.user_sockets,
                client_events: self.client_events,
                ..UNHURRIED
            },
            takes_tokens: self.takes_tokens(room),
            token_grace_ms: self.token_grace_ms,
            retention: size.map(|size| Retention { size, ttl_ms: self.ttl_ms }),
            leaf_sockets: 30_000,
        }
    }
}

impl Seat {
    fn draw(room: u8, rng: &mut Rng) -> Self {
        Self {
            room,
            user: Some(rng.u8(0..=USERS)).filter(|user| *user < USERS),
            takes_batches: rng.bool(),
            is_prompt: rng.u8(0..3) > 0,
        }
    }
}
