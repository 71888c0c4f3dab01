//! A socket between a room and a client: what is in flight, and what must come next.

use std::collections::VecDeque;
use std::rc::Rc;

use serde_json::Value;
use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::position::Seq;

use crate::plan::Seat;
use crate::publication::Event;
use crate::said::{Connection, Told, Updated, told, updated_user};
use crate::token::Token;
use crate::users::{self, User, Users};
use crate::violation::{Checked, Violation, ensure};

/// A parsed frame to a client.
#[derive(Debug, Clone)]
pub enum Frame {
    Connected(Hello),
    /// One event, or several in an array.
    Events(Vec<Rc<Event>>),
    Joined(User),
    Left(User),
    /// One change of a user, or several in an array.
    Updated(Vec<Updated>),
    Presence {
        count: usize,
        users: Option<Users>,
        told: Told,
    },
    Answer(Answer),
    /// The lowest key epoch is this one from now on.
    KeyEpoch(KeyEpoch),
    Close,
}

/// The answer to a client's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Pong,
    /// It is refused with this code.
    Error(String),
    /// It is refused because of how it is encrypted: with the lowest key epoch, and the nonce of a client's event.
    KeyError(String, KeyEpoch, Option<String>),
    /// Its fresh token is accepted, and expires then. Whether the client may send from now on.
    Renewed(Millis, bool),
}

/// The contents of `CONNECTED`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    pub connections: usize,
    pub active_users: usize,
    pub users: Users,
    /// What is said of them.
    pub told: Told,
    /// Epoch and seq.
    pub position: Option<(String, Seq)>,
    pub is_recovered: bool,
    /// Whether the client may send events to others.
    pub may_send: bool,
    /// The lowest key epoch; 0 for none.
    pub floor: KeyEpoch,
}

/// A socket: one end in the room, the other at a client.
#[derive(Debug)]
pub struct Socket {
    pub client: u8,
    pub user: Option<User>,
    /// Whether others see its user as present, rather than only listening.
    is_present: bool,
    /// The token that it connected with, or the latest fresh one.
    pub token: Option<Token>,
    takes_batches: bool,
    /// Whether the room has it, and has not been told that it ended.
    pub is_in_room: bool,
    /// Whether the client has given it up without the room knowing.
    pub is_given_up: bool,
    /// What has been sent and the client has not read yet.
    pub wire: VecDeque<Frame>,
    /// The events that the room must still send to it, in order.
    pub due: VecDeque<Rc<Event>>,
    /// How many of them were due before the turn: nothing else may overtake these.
    waiting: usize,
    pub connected_at: Millis,
    pub last_ping: Option<Millis>,
    /// Whether its user has lost it, in the model.
    pub has_departed: bool,
    has_begun: bool,
}

impl Socket {
    pub fn new(
        client: u8,
        seat: &Seat,
        token: Option<Token>,
        due: Vec<Rc<Event>>,
        connected_at: Millis,
    ) -> Self {
        Self {
            client,
            user: seat.user,
            is_present: token.is_none_or(|token| token.is_present()),
            token,
            takes_batches: seat.takes_batches,
            is_in_room: true,
            is_given_up: false,
            wire: VecDeque::new(),
            waiting: due.len(),
            due: due.into(),
            connected_at,
            last_ping: None,
            has_departed: false,
            has_begun: false,
        }
    }

    /// The user whom it makes present.
    pub fn present_user(&self) -> Option<User> {
        self.user.filter(|_| self.is_present)
    }

    /// Its connection, if others see it.
    pub fn connection(&self) -> Option<Connection> {
        Some((self.present_user()?, self.client))
    }

    /// When it is closed because of its token (P9.5).
    pub fn ends_at(&self, token_grace_ms: Millis) -> Option<Millis> {
        self.token.map(|token| token.expires_at + token_grace_ms)
    }

    /// A turn begins.
    pub fn begin_turn(&mut self) {
        self.waiting = self.due.len();
    }

    /// Ends it for the room.
    pub fn end(&mut self) {
        self.is_in_room = false;
        self.due.clear();
    }

    /// Reads what the room sends, and checks that it is what must come next.
    pub fn take(&mut self, text: &str) -> Checked<Frame> {
        ensure!(self.is_in_room, "After its end, {self} is sent {}.", short(text));
        let is_event =
            [r#"{"type":"E","#, r#"{"type":"client-"#].iter().any(|it| text.starts_with(it));
        let is_list = text.starts_with('[') && !text.starts_with(r#"[{"type":"USER_UPDATED""#);
        if is_event || is_list {
            return self.take_events(text).map(Frame::Events);
        }
        let frame = self.parse(text).ok_or_else(|| {
            Violation(format!("{self} is sent what is no frame: {}.", short(text)))
        })?;
        if let Frame::Connected(_) = frame {
            ensure!(!self.has_begun, "{self} is sent CONNECTED twice.");
            self.has_begun = true;
            return Ok(frame);
        }
        ensure!(self.has_begun, "{self} is not sent CONNECTED first, but {}.", short(text));
        if let Some(event) = self.due.front().filter(|_| self.waiting > 0) {
            let frame = short(&event.frame);
            ensure!(false, "{} overtakes {frame} on the way to {self}.", short(text));
        }
        Ok(frame)
    }

    fn parse(&self, text: &str) -> Option<Frame> {
        match serde_json::from_str(text).ok()? {
            Value::Array(frames) if self.takes_batches && frames.len() > 1 => {
                let updated = |frame: &Value| updated_user(frame.get("payload")?);
                frames.iter().map(updated).collect::<Option<_>>().map(Frame::Updated)
            }
            frame => parse(&frame),
        }
    }

    /// The events in a frame must be the next due ones, byte for byte.
    fn take_events(&mut self, text: &str) -> Checked<Vec<Rc<Event>>> {
        ensure!(self.has_begun, "{self} is not sent CONNECTED first, but {}.", short(text));
        let array = text.strip_prefix('[');
        ensure!(
            array.is_none() || self.takes_batches,
            "{self} is sent an array, and has not asked for that."
        );
        let (mut rest, mut events) = (array.unwrap_or(text), Vec::new());
        loop {
            let due = self.due.pop_front();
            self.waiting = self.waiting.saturating_sub(1);
            let Some(event) = due.as_ref().filter(|due| rest.starts_with(&due.frame)) else {
                let due = due.map_or_else(|| "nothing".to_owned(), |due| short(&due.frame));
                ensure!(false, "{self} is sent {}, but {due} was due.", short(rest));
                break;
            };
            rest = rest.get(event.frame.len()..).unwrap_or_default();
            events.push(Rc::clone(event));
            match rest.strip_prefix(',') {
                Some(more) if array.is_some() => rest = more,
                _ => break,
            }
        }
        let end = if array.is_some() { "]" } else { "" };
        ensure!(rest == end, "{self} is sent a frame that ends in {}.", short(rest));
        ensure!(array.is_none() || events.len() > 1, "{self} is sent one event in an array.");
        Ok(events)
    }
}

impl std::fmt::Display for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let user = self.user.map_or_else(|| "anonymous".to_owned(), users::name);
        write!(f, "the socket of client {} ({user})", self.client)
    }
}

/// The beginning of a text, for use in a sentence.
pub fn short(text: &str) -> String {
    text.chars().take(160).collect()
}

/// Reads any frame but an event; `None` if it is none.
pub fn read(text: &str) -> Option<Frame> {
    match serde_json::from_str(text).ok()? {
        Value::Array(frames) => {
            let updated = |frame: &Value| updated_user(frame.get("payload")?);
            frames.iter().map(updated).collect::<Option<_>>().map(Frame::Updated)
        }
        frame => parse(&frame),
    }
}

fn parse(frame: &Value) -> Option<Frame> {
    let payload = frame.get("payload")?;
    let user = || users::number(payload.get("userId")?.as_str()?);
    Some(match frame.get("type")?.as_str()? {
        "CONNECTED" => Frame::Connected(hello(payload)?),
        "USER_JOINED" => Frame::Joined(user()?),
        "USER_LEFT" => Frame::Left(user()?),
        "PRESENCE" => Frame::Presence {
            count: number(payload, "activeUsers")?,
            users: match payload.get("users") {
                Some(users) => Some(listed(users)?),
                None => None,
            },
            told: payload.get("users").map_or(Some(Told::default()), told)?,
        },
        "USER_UPDATED" => {
            let updated = updated_user(payload)?;
            if updated.data.len() > 1 {
                return None;
            }
            Frame::Updated(vec![updated])
        }
        "PONG" => Frame::Answer(Answer::Pong),
        "ERROR" => Frame::Answer(error(payload)?),
        "KEY_EPOCH" => Frame::KeyEpoch(epoch(payload.get("minKeyEpoch")?)?),
        "AUTH_OK" => Frame::Answer(Answer::Renewed(
            payload.get("expiresAt")?.as_u64()?,
            payload.get("clientEvents")?.as_bool()?,
        )),
        _ => return None,
    })
}

fn error(payload: &Value) -> Option<Answer> {
    let code = payload.get("code")?.as_str()?.to_owned();
    let Some(floor) = payload.get("minKeyEpoch") else { return Some(Answer::Error(code)) };
    let nonce = payload.get("nonce").and_then(Value::as_str).map(str::to_owned);
    Some(Answer::KeyError(code, epoch(floor)?, nonce))
}

/// A floor that is told is above 0.
fn epoch(value: &Value) -> Option<KeyEpoch> {
    value.as_u64()?.try_into().ok().filter(|epoch| *epoch > 0)
}

fn hello(payload: &Value) -> Option<Hello> {
    let journal = payload.get("epoch").and_then(Value::as_str).map(str::to_owned);
    let seq = payload.get("seq").and_then(Value::as_u64);
    if journal.is_some() != seq.is_some() {
        return None;
    }
    Some(Hello {
        connections: number(payload, "connections")?,
        active_users: number(payload, "activeUsers")?,
        users: listed(payload.get("users")?)?,
        told: told(payload.get("users")?)?,
        position: journal.zip(seq),
        is_recovered: payload.get("recovered")?.as_bool()?,
        may_send: payload.get("clientEvents")?.as_bool()?,
        floor: payload.get("minKeyEpoch").map_or(Some(0), epoch)?,
    })
}

/// A number of things in a JSON object.
pub fn number(object: &Value, field: &str) -> Option<usize> {
    object.get(field)?.as_u64()?.try_into().ok()
}

/// Reads a list of users, in which each may appear once.
pub fn listed(list: &Value) -> Option<Users> {
    let mut users = Users::default();
    for user in list.as_array()? {
        let user = users::number(user.get("userId")?.as_str()?)?;
        if !users.insert(user) {
            return None;
        }
    }
    Some(users)
}
