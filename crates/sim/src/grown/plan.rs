//! The starting point of an episode.

use std::num::NonZeroU64;

use fastrand::Rng;
use validiant_core::Millis;
use validiant_core::history::Retention;
use validiant_core::limits::{ClientEventLimits, Limits};
use validiant_core::room::RoomSettings;

use crate::platform::UNHURRIED;
use crate::said::MAX_BYTES;
use crate::users::{USERS, User};

/// How many clients there are.
pub const CLIENTS: u8 = 16;
/// After how long a silence a socket that used to ping is closed.
const STALE_SOCKET_MS: Millis = 90_000;

/// Rooms that pass on whatever clients say.
const TALKATIVE: ClientEventLimits = ClientEventLimits {
    client_deliveries_per_second: 1_000_000,
    client_delivery_burst: 4_000_000,
    presence_data_bytes: MAX_BYTES,
};
/// Rooms that soon pass on nothing more.
const HURRIED: ClientEventLimits =
    ClientEventLimits { client_deliveries_per_second: 2, client_delivery_burst: 30, ..TALKATIVE };

/// A client and what never changes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// Its user; `None` if anonymous.
    pub user: Option<User>,
    /// Whether it accepts several events in one frame.
    pub takes_batches: bool,
    /// Whether it says where it stands when it reconnects, which stock clients do not.
    pub keeps_position: bool,
    /// Whether it reads everything at once.
    pub is_prompt: bool,
}

/// How bad the network between the objects is: how many calls of 256 have each fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Weather {
    /// The call is lost.
    pub lost: u8,
    /// Its answer is lost.
    pub unheard: u8,
    /// It takes longer than anybody waits.
    pub slow: u8,
    /// It comes again, at once or minutes later.
    pub repeated: u8,
    /// How long a call takes otherwise, at most.
    pub latency_ms: u16,
}

/// The starting point of an episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// For what the steps do not say: how long each call takes, and whether it is lost.
    pub seed: u64,
    /// How many sockets a place should have.
    pub leaf_sockets: u8,
    /// How many events are kept; 0 for none.
    pub size: u64,
    /// How long an event is kept.
    pub ttl_ms: Millis,
    /// How long a user whose connection was lost counts as present.
    pub grace_ms: Millis,
    /// Up to how many users each join and leave is announced in a small room.
    pub presence_events_max: usize,
    /// What clients may say to each other.
    pub client_events: ClientEventLimits,
    /// Whether clients connect with tokens.
    pub takes_tokens: bool,
    /// Whether the project is encrypted.
    pub is_encrypted: bool,
    /// The network.
    pub weather: Weather,
    /// How often something dies, of 256 steps.
    pub deaths: u8,
    /// The clients.
    pub seats: Vec<Seat>,
}

impl Plan {
    /// Draws one.
    pub fn draw(rng: &mut Rng) -> Self {
        Self {
            seed: rng.u64(..),
            leaf_sockets: rng.u8(2..=4),
            size: rng.choice([0, 4, 16, 64, 64, 256, 256, 256]).unwrap_or_default(),
            ttl_ms: if rng.u8(0..4) == 0 { 20_000 } else { 600_000 },
            grace_ms: if rng.u8(0..6) == 0 { 0 } else { 10_000 },
            presence_events_max: if rng.u8(0..4) == 0 { 2 } else { 100 },
            client_events: if rng.u8(0..6) == 0 { HURRIED } else { TALKATIVE },
            takes_tokens: rng.bool(),
            is_encrypted: rng.u8(0..4) == 0,
            weather: Weather::draw(rng),
            deaths: rng.choice([0, 0, 3, 12]).unwrap_or_default(),
            seats: (0..CLIENTS).map(|_| Seat::draw(rng)).collect(),
        }
    }

    /// Whether no call fails, and nothing dies.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        let Weather { lost, unheard, slow, .. } = self.weather;
        (lost, unheard, slow, self.deaths) == (0, 0, 0, 0)
    }

    /// The settings of the room.
    #[must_use]
    pub fn settings(&self) -> RoomSettings {
        RoomSettings {
            presence_grace_ms: self.grace_ms,
            presence_events_max: self.presence_events_max,
            stale_socket_ms: STALE_SOCKET_MS,
            limits: Limits { client_events: Some(self.client_events), ..UNHURRIED },
            takes_tokens: self.takes_tokens,
            token_grace_ms: 30_000,
            retention: NonZeroU64::new(self.size)
                .map(|size| Retention { size, ttl_ms: self.ttl_ms }),
            leaf_sockets: self.leaf_sockets.into(),
        }
    }
}

impl Seat {
    fn draw(rng: &mut Rng) -> Self {
        Self {
            user: Some(rng.u8(0..USERS + 2)).filter(|user| *user < USERS),
            takes_batches: rng.bool(),
            keeps_position: rng.u8(0..4) > 0,
            is_prompt: rng.u8(0..3) > 0,
        }
    }
}

impl Weather {
    fn draw(rng: &mut Rng) -> Self {
        let latency_ms = if rng.bool() { 20 } else { 300 };
        match rng.u8(0..4) {
            0 => Self { latency_ms, ..Self::default() },
            1 => Self { slow: 4, repeated: 24, latency_ms, ..Self::default() },
            2 => Self { lost: 8, unheard: 8, slow: 8, repeated: 8, latency_ms },
            _ => Self { lost: 40, unheard: 40, slow: 24, repeated: 32, latency_ms },
        }
    }
}
