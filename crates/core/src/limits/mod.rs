//! The limits on a room and its clients (P10).

pub mod rate;

use serde::Serialize;

use crate::Millis;
use crate::token;
use rate::{Bucket, Rate};

/// A client that sends this many times its limit is disconnected.
pub const ABUSE_FACTOR: u32 = 20;

/// No room has more sockets: the runtime takes no more.
pub const MAX_SOCKETS: u32 = 32_768;

/// The maximum size of a frame with a fresh token: the longest token, and room for the JSON around it.
const AUTH_FRAME_BYTES: usize = token::MAX_BYTES + 256;

/// The limits in force, as `CONNECTED` announces them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RoomLimits"))]
pub struct Limits {
    /// The largest frame that a client may send, in bytes.
    pub client_frame_bytes: usize,
    /// How many messages per second a client may send on its socket.
    pub client_messages_per_second: u32,
    /// How many messages a client may send at once after a pause.
    pub client_message_burst: u32,
    /// How many events per second the room accepts.
    pub publishes_per_second: u32,
    /// How many events the room accepts at once after a pause.
    pub publish_burst: u32,
    /// How many sockets a user may have in the room.
    pub user_sockets: usize,
    /// How many sockets the room may have.
    pub room_sockets: usize,
    /// How often per minute an address may connect to the project. Absent if the server does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connects_per_minute: Option<u32>,
    /// What clients may say to each other; `None` if they may say nothing (P11).
    #[serde(flatten)]
    pub client_events: Option<ClientEventLimits>,
}

/// The limits on what clients say to each other. Absent if they may say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClientEventLimits {
    /// To how many sockets per second the room passes on messages of its clients. Absent if they may not talk to each
    /// other.
    pub client_deliveries_per_second: u32,
    /// To how many sockets the room passes on messages of its clients at once after a pause. Absent if they may not
    /// talk to each other.
    pub client_delivery_burst: u32,
    /// The largest presence data of a connection, in bytes. Absent if clients may not talk to each other.
    pub presence_data_bytes: usize,
}

impl ClientEventLimits {
    /// To how many sockets messages of clients are passed on.
    #[must_use]
    pub const fn deliveries(&self) -> Rate {
        Rate { per_second: self.client_deliveries_per_second, burst: self.client_delivery_burst }
    }

    /// Counts the sockets that a client's message goes to against what the room may still deliver. `most`: how many
    /// sockets the room has, if that is more than one object can have.
    ///
    /// # Errors
    /// [`Exceeded`]; then nothing was counted.
    pub fn take_deliveries(
        &self,
        bucket: &mut Bucket,
        sockets: usize,
        most: usize,
        now: Millis,
    ) -> Result<(), Exceeded> {
        let sockets = u32::try_from(sockets).unwrap_or(u32::MAX);
        let taken = bucket.take_all(sockets, most_at_once(most), self.deliveries(), now);
        taken
            .map_err(|ms| Exceeded { limit: "clientDeliveriesPerSecond", retry_after_ms: Some(ms) })
    }

    /// Counts sockets that a client's message has gone to already.
    pub fn owe_deliveries(&self, bucket: &mut Bucket, sockets: usize, most: usize, now: Millis) {
        let sockets = u32::try_from(sockets).unwrap_or(u32::MAX);
        bucket.owe(sockets, most_at_once(most), self.deliveries(), now);
    }
}

/// The most that is taken of what may be delivered at once, in a room of so many sockets.
fn most_at_once(sockets: usize) -> u32 {
    u32::try_from(sockets).unwrap_or(u32::MAX).max(MAX_SOCKETS)
}

impl Limits {
    const fn client_messages(&self) -> Rate {
        Rate { per_second: self.client_messages_per_second, burst: self.client_message_burst }
    }

    const fn publishes(&self) -> Rate {
        Rate { per_second: self.publishes_per_second, burst: self.publish_burst }
    }

    /// The maximum size of a text frame from a client. A fresh token always fits, whatever the limit for other frames.
    #[must_use]
    pub fn most_text_bytes(&self, takes_tokens: bool) -> usize {
        let for_token = if takes_tokens { AUTH_FRAME_BYTES } else { 0 };
        self.client_frame_bytes.max(for_token)
    }

    /// Counts events against what the room may still publish.
    ///
    /// # Errors
    /// [`Exceeded`]; then nothing was counted.
    pub fn take_publishes(
        &self,
        bucket: &mut Bucket,
        events: usize,
        now: Millis,
    ) -> Result<(), Exceeded> {
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        let taken = bucket.take(events, self.publishes(), now);
        taken.map_err(|ms| Exceeded { limit: "publishesPerSecond", retry_after_ms: Some(ms) })
    }
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Its name in [`Limits`], as in `CONNECTED`.
    pub limit: &'static str,
    /// Milliseconds until there is room again, if known.
    pub retry_after_ms: Option<Millis>,
}

impl Exceeded {
    /// The address has connected as often as it may. The rate limiter counts per minute.
    pub const CONNECTS: Self = Self { limit: "connectsPerMinute", retry_after_ms: Some(60_000) };
    /// The user has as many sockets in the room as they may have.
    pub const USER_SOCKETS: Self = Self { limit: "userSockets", retry_after_ms: None };
    /// The room has as many sockets as it may have.
    pub const ROOM_SOCKETS: Self = Self { limit: "roomSockets", retry_after_ms: None };
}

/// What a client may still send on one socket. It lasts as long as the room stays in memory.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowance {
    messages: Bucket,
    patience: Bucket,
}

/// What happens to the messages of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// They are processed.
    Yes,
    /// They are too many: they are refused.
    TooMany(Exceeded),
    /// They are far too many: the socket is closed.
    Abusive,
}

impl Allowance {
    /// Counts messages that came from the client in one frame. They are processed together or not at all.
    pub fn hear(&mut self, messages: u32, limits: &Limits, now: Millis) -> Heard {
        let rate = limits.client_messages();
        if self.patience.take(messages, rate.times(ABUSE_FACTOR), now).is_err() {
            return Heard::Abusive;
        }
        match self.messages.take(messages, rate, now) {
            Ok(()) => Heard::Yes,
            Err(ms) => Heard::TooMany(Exceeded {
                limit: "clientMessagesPerSecond",
                retry_after_ms: Some(ms),
            }),
        }
    }
}
