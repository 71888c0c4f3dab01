//! What a backend posts, and the resulting events.

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::position::Seq;

use crate::seal::Seal;
use crate::step::{Change, Post};
use crate::users::{self, User, Users};

/// Two of these are more than a room replays.
const BIG_BYTES: usize = 600_000;
/// The type of all events.
const KIND: &str = "E";
/// The type of all events of clients.
const CLIENT_KIND: &str = "client-e";

/// A posted event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostedEvent {
    /// Its payload.
    pub number: u64,
    pub is_ephemeral: bool,
    /// The only recipients; everybody if empty.
    pub only: Users,
    pub exclude: Users,
    /// A client whose connection is left out. With a user, only if it is that user's.
    pub exclude_client: Option<(u8, Option<User>)>,
    pub is_big: bool,
    pub padding: u16,
    pub seal: Seal,
}

/// What an event means for a socket, following the protocol (P2.4, P2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    Gets,
    IsExcluded,
    IsNotMeant,
}

impl PostedEvent {
    /// What it means for a client and its user; `None` is an anonymous client.
    pub fn share(&self, client: u8, user: Option<User>) -> Share {
        let stands_in = |users: Users| user.is_some_and(|user| users.has(user));
        let is_left_out = self
            .exclude_client
            .is_some_and(|(excluded, of)| excluded == client && (of.is_none() || of == user));
        let is_excluded = is_left_out || stands_in(self.exclude);
        match (self.only == Users(0) || stands_in(self.only), is_excluded) {
            (false, _) => Share::IsNotMeant,
            (true, true) => Share::IsExcluded,
            (true, false) => Share::Gets,
        }
    }

    /// What a client sends, as if a backend had posted it.
    pub fn of_client(event: &ClientEvent) -> Self {
        Self {
            number: event.number,
            is_ephemeral: true,
            only: event.only,
            exclude: Users(0),
            exclude_client: None,
            is_big: false,
            padding: 0,
            seal: event.seal,
        }
    }

    /// Whether a client with this user gets it; `None` is an anonymous client.
    pub fn is_for(&self, client: u8, user: Option<User>) -> bool {
        self.share(client, user) == Share::Gets
    }

    fn payload(&self) -> String {
        let Self { number, seal, .. } = *self;
        let begin = seal.envelope(number).unwrap_or_else(|| format!(r#"{{"n":{number}"#));
        match self.is_big {
            true => format!(r#"{begin},"c":"{}"}}"#, "x".repeat(BIG_BYTES)),
            false if self.padding > 0 => {
                format!(r#"{begin},"c":"{}"}}"#, "x".repeat(self.padding.into()))
            }
            false => format!("{begin}}}"),
        }
    }

    /// The frame in which it must arrive.
    pub fn frame(&self, at: Millis, seq: Option<Seq>) -> String {
        let seq = seq.map(|seq| format!(r#","seq":{seq}"#)).unwrap_or_default();
        format!(r#"{{"type":"{KIND}","payload":{},"timestamp":{at}{seq}}}"#, self.payload())
    }

    fn body(&self) -> String {
        let mut body = format!(r#"{{"eventType":"{KIND}","payload":{}"#, self.payload());
        if self.is_ephemeral {
            body.push_str(r#","ephemeral":true"#);
        }
        if self.seal == Seal::Marked {
            body.push_str(r#","plaintext":true"#);
        }
        for (field, users) in [("userIds", self.only), ("excludeUserIds", self.exclude)] {
            if users != Users(0) {
                body.push_str(&format!(r#","{field}":["{}"]"#, users.names().join("\",\"")));
            }
        }
        if let Some((client, of)) = self.exclude_client {
            let user = of.map(|user| format!(r#","excludeUserId":"{}""#, users::name(user)));
            body.push_str(&format!(r#","excludeConnectionId":"c{client}""#));
            body.extend(user);
        }
        body.push('}');
        body
    }
}

/// An event that a client sends to others (P11).
#[derive(Debug, Clone, Copy)]
pub struct ClientEvent {
    /// Its payload.
    pub number: u64,
    /// The only recipients; everybody if empty.
    pub only: Users,
    pub user: Option<User>,
    pub client: u8,
    pub seal: Seal,
}

impl ClientEvent {
    /// What the client sends. It also says that it is somebody else.
    pub fn message(&self) -> String {
        let (only, payload) = (self.only, self.payload());
        let mut fields =
            format!(r#""type":"SEND","eventType":"{CLIENT_KIND}","payload":{payload}"#);
        if only != Users(0) {
            fields.push_str(&format!(r#","userIds":["{}"]"#, only.names().join("\",\"")));
        }
        format!(r#"{{{fields},"from":{{"userId":"u0"}}}}"#)
    }

    fn payload(&self) -> String {
        let envelope = self.seal.envelope(self.number).map(|begin| format!("{begin}}}"));
        envelope.unwrap_or_else(|| format!(r#"{{"n": {}}}"#, self.number))
    }

    /// The frame in which it must arrive.
    pub fn frame(&self, at: Millis) -> String {
        let (client, payload) = (self.client, self.payload());
        let user = self.user.map_or("null".into(), |user| format!("\"{}\"", users::name(user)));
        format!(
            r#"{{"type":"{CLIENT_KIND}","payload":{payload},"from":{{"userId":{user},"connectionId":"c{client}"}},"timestamp":{at}}}"#
        )
    }
}

/// A POST: one event, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    pub key: Option<u8>,
    pub events: Vec<PostedEvent>,
}

impl Posted {
    /// What a step posts. `next`: the number of the next event.
    pub fn new(post: Post, padding: u16, [first, second]: [Seal; 2], next: &mut u64) -> Self {
        let event = |place: u8| PostedEvent {
            number: take_number(next),
            is_ephemeral: post.ephemeral & (1 << (place % 3)) != 0,
            only: if place.is_multiple_of(2) { post.only } else { Users(0) },
            exclude: Users(post.exclude.0 >> (place % 3)),
            exclude_client: post.exclude_client.filter(|_| place.is_multiple_of(2)),
            is_big: post.is_big && place < 2,
            padding,
            seal: if place.is_multiple_of(2) { first } else { second },
        };
        Self { key: post.key, events: (0..post.events.max(1)).map(event).collect() }
    }

    /// The same POST again, except for `change`.
    pub fn changed(&self, change: Change, newest: KeyEpoch, next: &mut u64) -> Self {
        let mut again = self.clone();
        match (change, again.events.as_mut_slice()) {
            (Change::Payload, [.., last]) => last.number = take_number(next),
            (Change::Audience, [first, ..]) => first.exclude.0 ^= 1,
            (Change::OneMore, [.., last]) => {
                let more = PostedEvent { number: take_number(next), ..*last };
                again.events.push(more);
            }
            (Change::Anew, _) => return self.anew(newest, next),
            _ => {}
        }
        again
    }

    /// The same POST, with what was encrypted encrypted anew, under this key.
    pub fn anew(&self, epoch: KeyEpoch, next: &mut u64) -> Self {
        let mut again = self.clone();
        if epoch > 0 {
            for event in again.events.iter_mut().filter(|event| event.seal != Seal::Marked) {
                (event.number, event.seal) = (take_number(next), Seal::Under(epoch));
            }
        }
        again
    }

    /// The body of the request.
    pub fn body(&self) -> String {
        match self.events.as_slice() {
            [alone] => alone.body(),
            events => {
                let events: Vec<String> = events.iter().map(PostedEvent::body).collect();
                format!(r#"{{"events":[{}]}}"#, events.join(","))
            }
        }
    }

    /// The value of `Idempotency-Key`.
    pub fn key_text(&self) -> Option<String> {
        self.key.map(|key| format!("key {key}"))
    }

    /// The events to keep, if a history is kept.
    pub fn kept(&self) -> impl Iterator<Item = &PostedEvent> {
        self.events.iter().filter(|event| !event.is_ephemeral)
    }
}

fn take_number(next: &mut u64) -> u64 {
    *next += 1;
    *next
}

/// An event that a room accepted.
#[derive(Debug)]
pub struct Event {
    pub posted: PostedEvent,
    /// Its number among all events of the room, in the order in which they were accepted.
    pub order: u64,
    pub at: Millis,
    /// Its place in the history, if it is kept.
    pub place: Option<Place>,
    /// The frame in which it must arrive.
    pub frame: String,
}

/// The place of an event in the history of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which history: a room gets a new one if its storage is lost or its history was off.
    pub life: usize,
    pub seq: Seq,
}

impl Event {
    pub fn is_for(&self, client: u8, user: Option<User>) -> bool {
        self.posted.is_for(client, user)
    }
}
