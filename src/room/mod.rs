//! The Durable Object of one project: turns runtime events into calls to the core's room.

mod calls;
mod incoming;
mod journal;
mod log_lines;
mod pages;
#[cfg(feature = "planted-panic")]
mod planted_panic;
mod sockets;
mod sql;
mod storage;
mod tree;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::answer::{Published, Ticket};
use validiant_core::room_call::bearer::Bearer;
use validiant_core::settings::{ConnectPolicy, Settings};
use validiant_core::token::Token;
use validiant_core::tree::{PUBLISH_PATIENCE_MS, Place};
use validiant_core::wire::client_message::AUTO_PING;
use validiant_core::wire::error_code::{ErrorCode, Refusal};
use validiant_core::wire::frame::AUTO_PONG;
use validiant_core::wire::reason::Reason;
use worker::Env;
use worker::js_sys::{Error, Function};
use worker::wasm_bindgen::{self, prelude::*};
use worker::web_sys::{Request, Response, WebSocket};
use worker::worker_sys::{DurableObjectState, WebSocketRequestResponsePair};

use crate::runtime::{self, ObjectStateExt, now};
use crate::{config, reply, signature};

use sockets::RuntimeSockets;
use storage::RuntimeStorage;

/// The close code of a lost connection (RFC 6455, 7.1.5).
const ABNORMAL_CLOSURE: u16 = 1006;

/// See [`Room::pending`].
const TO_BE_WRITTEN: u8 = 1;
const AT_RISK: u8 = 2;
const TO_BE_CALLED: u8 = 4;

type RuntimeRoom = validiant_core::room::Room<RuntimeSockets, RuntimeStorage>;

/// The body of the Durable Object. `project-room.js` keeps one for each object and WASM instance.
#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
pub struct Room {
    state: Rc<DurableObjectState>,
    settings: Rc<Settings>,
    awake_since: Millis,
    /// See [`Self::awaits_write`].
    awaits_write: Cell<bool>,
    /// When it was last logged that a client sends too much.
    excess_logged_at: Cell<Millis>,
    /// See [`Self::documents_to_tell`].
    to_tell: Cell<Option<String>>,
    /// Which object of the room it is; known once it is awake.
    place: Cell<Place>,
    /// See [`Self::ticket`].
    ticket: Cell<Option<(Ticket, Millis)>>,
    /// Rebuilt on the first event that needs it.
    room: RefCell<Option<RuntimeRoom>>,
}

#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
impl Room {
    /// Called for each life of the object, and after each trap. Does not touch the storage.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: &Env) -> Self {
        let settings = config::settings(env);
        let (state, awaits_write, room) = (Rc::new(state), Cell::default(), RefCell::default());
        let (excess_logged_at, to_tell) = (Cell::default(), Cell::default());
        let (awake_since, place, ticket) = (now(), Cell::new(Place::ROOT), Cell::default());
        let room = Self {
            state,
            settings,
            awake_since,
            awaits_write,
            excess_logged_at,
            to_tell,
            place,
            ticket,
            room,
        };
        room.answer_pings_asleep();
        room
    }

    /// Handles a broadcast from the gate. `key`: with which it can be retried. `bearer`: whose token it came with, if not
    /// with the secret. `more_to_come`: other broadcasts have started to arrive. `undefined` if the answer comes later: see
    /// [`Self::ticket`].
    #[allow(clippy::needless_pass_by_value)] // An optional text crosses by value only.
    pub fn publish(
        &self,
        body: &[u8],
        key: Option<String>,
        bearer: Option<String>,
        more_to_come: bool,
    ) -> Option<Response> {
        // The gate has checked the length in the header; this checks the actual length.
        if body.len() > self.settings.max_payload_bytes {
            return Some(reply::refusal(&ErrorCode::PAYLOAD_TOO_LARGE.into()));
        }
        let published = self.with_room(|room, now| {
            #[cfg(feature = "planted-panic")]
            planted_panic::trip(body);
            let may_publish = bearer.map_or(Ok(()), |bearer| may_publish(room, &bearer));
            let published =
                may_publish.and_then(|()| room.publish(body, key.as_deref(), more_to_come, now));
            self.log_publish(room, &published);
            let ticket = published.as_ref().ok().and_then(|published| published.ticket);
            self.waits(ticket, PUBLISH_PATIENCE_MS);
            let is_kept = |published: &Published| {
                published.deliveries.iter().any(|event| event.seq.is_some())
            };
            let is_done = published.as_ref().is_ok_and(is_kept);
            self.awaits_write.set(is_done && room.awaits_write());
            published
        });
        self.ticket.get().is_none().then(|| reply::published(published))
    }

    /// Whether the answer to the last broadcast must wait until its events are durable.
    #[wasm_bindgen(js_name = awaitsWrite)]
    pub fn awaits_write(&self) -> bool {
        self.awaits_write.get()
    }

    /// What is not in the storage: [`TO_BE_WRITTEN`] if there is anything to write, so that the caller calls
    /// [`Self::write`] soon, and [`AT_RISK`] if something could be lost that a new instance would not find again. And
    /// [`TO_BE_CALLED`] if there may be a call to make, or an answer to give: see [`Self::next_call`]. One number, because
    /// it is asked after every call.
    pub fn pending(&self) -> u8 {
        let pending = self.with_room(|room, _| {
            let notes = room.take_notes();
            if !notes.is_empty() {
                self.log_notes(room, notes);
            }
            let bit = |is_set, bit| if is_set { bit } else { 0 };
            bit(room.is_to_be_written(), TO_BE_WRITTEN)
                | bit(room.is_at_risk(), AT_RISK)
                | bit(room.wants_calls(), TO_BE_CALLED)
        });
        pending.unwrap_or_default()
    }

    /// Writes what has gathered.
    pub fn write(&self) {
        // If it fails, the room must be reset.
        let _ = self.with_room(|room, _| room.write());
    }

    /// The writes up to the last [`Self::write`] are durable.
    #[wasm_bindgen(js_name = isWritten)]
    pub fn is_written(&self) {
        self.with_room(|room, _| room.is_written());
    }

    /// Whether events are waiting to be sent together with others in one frame.
    #[wasm_bindgen(js_name = holdsEvents)]
    pub fn holds_events(&self) -> bool {
        self.with_room(|room, _| room.holds_events()).unwrap_or_default()
    }

    /// Sends the waiting events.
    pub fn flush(&self) {
        self.with_room(|room, _| room.flush());
    }

    /// Handles any other call from the gate: a connect, a removal, an erasure, a key epoch, a revocation, or a query for the
    /// state; or an errand of a document.
    ///
    /// `undefined` if the answer comes later: see [`Self::ticket`].
    pub fn call(&self, request: &Request) -> Option<Response> {
        if let Some(admission) = runtime::admission(request) {
            return self.connect(&admission);
        }
        let answer = if let Some(removal) = runtime::removal(request) {
            self.remove(&removal)
        } else if let Some(erasure) = runtime::erasure(request) {
            self.erase(&erasure)
        } else if let Some(epoch) = runtime::key_epoch(request) {
            self.raise_key_epoch(&epoch)
        } else if let Some(revocation) = runtime::revocation(request) {
            self.revoke(&revocation)
        } else if let Some(errand) = runtime::errand(request) {
            self.serve(&errand)
        } else {
            self.report()
        };
        self.ticket.get().is_none().then_some(answer)
    }

    /// The documents that must be told of the removal, key epoch, revocation or erasure that was the last call, before its
    /// answer is given (P13.10): a text for the header, and their ids, with [`ID_END`](validiant_core::ports::ID_END) before each.
    /// `undefined` if there is nothing to tell.
    #[wasm_bindgen(js_name = documentsToTell)]
    pub fn documents_to_tell(&self) -> Option<String> {
        self.to_tell.take()
    }

    /// Handles a frame from a client. Returns the token in it if there is one; then the caller calls [`Self::judge`].
    pub fn message(&self, socket: &WebSocket, message: &JsValue) -> Option<String> {
        let id = sockets::id_of(socket)?;
        let received = incoming::receive(message, self.most_text_bytes());
        self.with_room(|room, now| {
            #[cfg(feature = "planted-panic")]
            if let incoming::Received::Text(text) = &received {
                planted_panic::trip(text.as_bytes());
            }
            let answered = room.message(id, received.as_incoming(), now);
            self.log_answered(room, answered)
        })?
    }

    /// Returns a function that checks the signature of a client's fresh token, and promises the verdict for
    /// [`Self::refresh`]. `undefined` if it is not a token.
    pub fn judge(&self, token: &str) -> Option<Function> {
        let token = Token::parse(token, &self.settings.token_rules).ok()?;
        Some(signature::judge_later(&self.settings, &token))
    }

    /// Handles the verdict on a client's fresh token.
    pub fn refresh(&self, socket: &WebSocket, token: &str, verdict: &str) {
        let Some(id) = sockets::id_of(socket) else {
            return;
        };
        self.with_room(|room, now| {
            let rules = &self.settings.token_rules;
            let invalid = |reason| ErrorCode::TOKEN_INVALID.because(reason);
            let answered = match (verdict, Token::parse(token, rules)) {
                (_, Err(error)) => room.refuse(id, invalid(error.reason()), now),
                ("valid", Ok(token)) => room.refresh(id, &token.claims, rules, now),
                ("unavailable", _) => room.refuse(id, ErrorCode::ROOM_UNAVAILABLE, now),
                _ => room.refuse(id, invalid(Reason::Signature), now),
            };
            self.log_answered(room, answered);
        });
    }

    /// A socket has ended. Its close is answered with its own code and reason (P6.3).
    pub fn closed(&self, socket: &WebSocket, code: u16, reason: &str) {
        self.leave(socket, code);
        sockets::answer_close(socket, code, reason);
    }

    /// A connection was lost.
    pub fn broken(&self, socket: &WebSocket) {
        self.leave(socket, ABNORMAL_CLOSURE);
    }

    /// The alarm has gone off.
    pub fn alarm(&self) {
        self.with_room(|room, now| {
            for (code, member) in room.alarm(now) {
                self.log_leave(room, &member, code.number);
            }
        });
    }
}

impl Room {
    /// The runtime keeps this during hibernation, but not after a reset.
    fn answer_pings_asleep(&self) {
        let set = WebSocketRequestResponsePair::new(AUTO_PING, AUTO_PONG)
            .and_then(|pair| self.state.set_websocket_auto_response(&pair));
        if let Err(thrown) = set {
            self.log_failure("set_auto_response", &thrown);
        }
    }

    fn most_text_bytes(&self) -> usize {
        let Settings { limits, connect_policy, .. } = &*self.settings;
        limits.most_text_bytes(*connect_policy == ConnectPolicy::Jwt)
    }

    /// Runs `act` on the room, and wakes it first if necessary.
    fn with_room<T>(&self, act: impl FnOnce(&mut RuntimeRoom, Millis) -> T) -> Option<T> {
        let now = now();
        // Nothing calls back into the room, so only a trap can leave a borrow behind, and after a trap nothing in this
        // memory can be trusted.
        let Ok(mut room) = self.room.try_borrow_mut() else {
            self.state.abort("a trap left the room in an unknown state");
            return None;
        };
        if room.is_none() {
            *room = Some(self.wake()?);
        }
        let room = room.as_mut()?;
        let done = act(room, now);
        if room.must_be_reset() {
            self.state.abort("a write failed after its events were sent");
        }
        Some(done)
    }

    fn wake(&self) -> Option<RuntimeRoom> {
        // The gate makes every id from a parsed name, and the runtime keeps the name.
        let known = Place::parse_object_name(&self.name().unwrap_or_default())
            .ok_or_else(|| Error::new("no project id").into());
        let (project, place) = self.made("wake", known)?;
        self.place.set(place);
        let sockets = self.made("find_sockets", RuntimeSockets::wake(Rc::clone(&self.state)))?;
        let storage = self.made("find_storage", self.state.storage())?;
        let storage = RuntimeStorage::new(Rc::clone(&self.state), storage, self.settings.log_level);
        let settings = self.settings.as_ref().into();
        Some(RuntimeRoom::wake(project, place, settings, sockets, storage, self.awake_since))
    }

    /// What was made, or `None` after logging what was thrown instead.
    fn made<T>(&self, action: &str, made: Result<T, JsValue>) -> Option<T> {
        made.inspect_err(|thrown| self.log_failure(action, thrown)).ok()
    }

    fn name(&self) -> Option<String> {
        self.state.id().ok()?.name()
    }

    fn leave(&self, socket: &WebSocket, code: u16) {
        let Some(id) = sockets::id_of(socket) else {
            return;
        };
        self.with_room(|room, now| {
            room.leave(id, code, now).iter().for_each(|member| self.log_leave(room, member, code));
        });
    }
}

/// With a token, a backend may publish unless it was revoked.
#[inline(never)] // With the secret, an event does not wait until this is compiled.
fn may_publish(room: &mut RuntimeRoom, bearer: &str) -> Result<(), Refusal> {
    let bearer = Bearer::from_header(bearer).ok_or(ErrorCode::UNAUTHORIZED)?;
    room.may_publish(&bearer)
}
