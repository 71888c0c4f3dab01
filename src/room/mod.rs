//! The Durable Object of one project: turns runtime events into calls of the core's room.

mod incoming;
mod log_lines;
#[cfg(feature = "planted-panic")]
mod planted_panic;
mod sockets;
mod storage;

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use serde::Serialize;
use validiant_core::Millis;
use validiant_core::admission::Admission;
use validiant_core::client_message::AUTO_PING;
use validiant_core::close_code::CloseCode;
use validiant_core::error_code::ErrorCode;
use validiant_core::frame::AUTO_PONG;
use validiant_core::member::Member;
use validiant_core::names::ProjectId;
use validiant_core::ports::NotAccepted;
use validiant_core::room::{Answered, Published, Room};
use validiant_core::settings::Settings;
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};

use crate::runtime::{AutoResponse, ObjectState, Socket, SocketPair, ValuePromise, now};
use crate::{config, internal, last_resort, reply};

use sockets::RuntimeSockets;
use storage::RuntimeStorage;

/// The close code of a connection that broke (RFC 6455, 7.1.5).
const ABNORMAL_CLOSURE: u16 = 1006;

type RuntimeRoom = Room<RuntimeSockets, RuntimeStorage>;

/// The Durable Object.
#[wasm_bindgen]
pub struct ProjectRoom {
    shared: Rc<Shared>,
    /// Broadcasts a body that has been read. Made once: a closure for each broadcast is dear.
    publish: Closure<dyn FnMut(JsValue) -> JsValue>,
}

/// What outlives one event.
struct Shared {
    state: ObjectState,
    settings: Rc<Settings>,
    awake_since: Millis,
    /// Rebuilt on the first event that needs it.
    room: RefCell<Option<RuntimeRoom>>,
}

#[wasm_bindgen]
impl ProjectRoom {
    /// Called by the runtime for each life of the object. Touches no storage.
    #[wasm_bindgen(constructor)]
    pub fn new(state: ObjectState, env: &JsValue) -> Self {
        last_resort::install();
        let shared = Rc::new(Shared {
            state,
            settings: config::settings(env),
            awake_since: now(),
            room: RefCell::new(None),
        });
        shared.answer_pings_asleep();
        let publisher = Rc::clone(&shared);
        let publish = Closure::new(move |body: JsValue| publisher.broadcast(&body.into()));
        Self { shared, publish }
    }

    /// A request of the gate: connect, publish or state. Answers a `Response` or a `Promise`.
    pub fn fetch(&self, request: &Request) -> Result<JsValue, JsValue> {
        if request.method() == "POST" {
            let body: ValuePromise = request.array_buffer()?.unchecked_into();
            return Ok(body.and_then(self.publish.as_ref().unchecked_ref()).into());
        }
        match request.headers().get(internal::ADMISSION_HEADER)? {
            Some(admission) => self.shared.connect(&admission).map(JsValue::from),
            None => self.shared.report().map(JsValue::from),
        }
    }

    /// A client has sent a frame.
    #[wasm_bindgen(js_name = webSocketMessage)]
    pub fn web_socket_message(&self, socket: &Socket, message: &JsValue) {
        self.shared.message(socket, message);
    }

    /// A socket has ended. It is answered with its own code and reason (P6.3).
    #[wasm_bindgen(js_name = webSocketClose)]
    pub fn web_socket_close(&self, socket: &Socket, code: u16, reason: &str) {
        self.shared.leave(socket, code);
        sockets::answer_close(socket, code, reason);
    }

    /// A connection broke.
    #[wasm_bindgen(js_name = webSocketError)]
    pub fn web_socket_error(&self, socket: &Socket) {
        self.shared.leave(socket, ABNORMAL_CLOSURE);
    }

    /// The alarm has gone off.
    pub fn alarm(&self) {
        self.shared.alarm();
    }
}

impl Shared {
    /// The runtime keeps this over hibernation, but not over a reset.
    fn answer_pings_asleep(&self) {
        let set = AutoResponse::new(AUTO_PING, AUTO_PONG)
            .and_then(|pair| self.state.set_web_socket_auto_response(&pair));
        if let Err(thrown) = set {
            self.log_failure("set_auto_response", &thrown);
        }
    }

    /// Runs `act` on the room, which is woken first if it has to be.
    fn with_room<T>(&self, act: impl FnOnce(&mut RuntimeRoom, Millis) -> T) -> Option<T> {
        let _entered = last_resort::enter(&self.state);
        let now = now();
        // Nothing calls back into the room, so a borrow is left over only by a trap, after which
        // nothing in this memory can be trusted.
        let Ok(mut room) = self.room.try_borrow_mut() else {
            self.state.abort("a trap left the room half-way");
            return None;
        };
        if room.is_none() {
            *room = Some(self.wake(now)?);
        }
        room.as_mut().map(|room| act(room, now))
    }

    fn wake(&self, now: Millis) -> Option<RuntimeRoom> {
        // The gate makes every id from a name that it has parsed, and the runtime keeps it.
        let name = self.state.id().name().unwrap_or_default();
        let project = ProjectId::parse(&name)
            .inspect_err(|_| self.log_failure("wake", &js_sys::Error::new("no project id")))
            .ok()?;
        let sockets = RuntimeSockets::wake(self.state.clone());
        let storage = RuntimeStorage::new(self.state.storage(), self.settings.log_level);
        let settings = self.settings.as_ref().into();
        Some(Room::wake(project, settings, sockets, storage, self.awake_since, now))
    }

    fn connect(&self, admission: &str) -> Result<Response, JsValue> {
        let admission = Admission::from_header(admission).ok_or("not an admission of our gate")?;
        let subprotocol = admission.subprotocol.as_deref();
        let pair = SocketPair::new();
        let accepted = self.with_room(|room, now| {
            let member = Member {
                connection_id: admission.connection_id.clone(),
                user: admission.user.clone(),
                connected_at: now,
            };
            let connected = room.connect(pair.server(), member, now);
            match connected {
                Ok(()) => self.log_connect(room, &admission),
                Err(NotAccepted) => self.log_refusal(room, CloseCode::TRY_AGAIN.name),
            }
            connected
        });
        match accepted {
            Some(Ok(())) => reply::upgrade(&pair.client(), subprotocol),
            _ => reply::close_at_once(CloseCode::TRY_AGAIN, subprotocol),
        }
    }

    /// [`Self::publish`] as the reaction of a promise: what it throws becomes an answer.
    fn broadcast(&self, body: &ArrayBuffer) -> JsValue {
        let answer = self.publish(body).or_else(|thrown| {
            self.log_failure("publish", &thrown);
            reply::refusal(ErrorCode::INTERNAL_ERROR, None, &[])
        });
        answer.map_or_else(JsValue::from, JsValue::from)
    }

    fn publish(&self, body: &ArrayBuffer) -> Result<Response, JsValue> {
        // The gate has bounded what the header says; this bounds what came.
        if body.byte_length() as usize > self.settings.max_payload_bytes {
            return reply::refusal(ErrorCode::PAYLOAD_TOO_LARGE, None, &[]);
        }
        let body = Uint8Array::new(body).to_vec();
        let published = self.with_room(|room, now| {
            #[cfg(feature = "planted-panic")]
            planted_panic::trip(&body);
            let published = room.publish(&body, now);
            self.log_publish(room, &published);
            published
        });
        match published {
            Some(Ok(published)) => reply::json(200, &sent(&published), &[]),
            Some(Err(error)) => reply::refusal(error.code, error.detail, &[]),
            None => reply::refusal(ErrorCode::INTERNAL_ERROR, None, &[]),
        }
    }

    fn report(&self) -> Result<Response, JsValue> {
        match self.with_room(|room, _| room.state()) {
            Some(state) => reply::json(200, &state, &[]),
            None => reply::refusal(ErrorCode::INTERNAL_ERROR, None, &[]),
        }
    }

    fn message(&self, socket: &Socket, message: &JsValue) {
        let Some(id) = sockets::id_of(socket) else {
            return;
        };
        let received = incoming::receive(message, self.settings.max_client_frame_bytes);
        self.with_room(|room, now| {
            #[cfg(feature = "planted-panic")]
            if let incoming::Received::Text(text) = &received {
                planted_panic::trip(text.as_bytes());
            }
            match room.message(id, received.as_incoming(), now) {
                Answered::Served => {}
                Answered::Refused(code) => self.log_refusal(room, code.code),
                Answered::Closed(code, member) => {
                    self.log_refusal(room, code.name);
                    member.iter().for_each(|member| self.log_leave(room, member, code.number));
                }
            }
        });
    }

    fn leave(&self, socket: &Socket, code: u16) {
        let Some(id) = sockets::id_of(socket) else {
            return;
        };
        self.with_room(|room, now| {
            room.leave(id, code, now).iter().for_each(|member| self.log_leave(room, member, code));
        });
    }

    fn alarm(&self) {
        self.with_room(|room, now| {
            for member in room.alarm(now) {
                self.log_leave(room, &member, CloseCode::TRY_AGAIN.number);
            }
        });
    }
}

/// The answer to a broadcast (P2.9).
fn sent(published: &Published) -> String {
    #[derive(Serialize)]
    struct Sent {
        success: bool,
        message: &'static str,
        recipients: usize,
        excluded: usize,
    }
    let Published { recipients, excluded, .. } = *published;
    let sent = Sent { success: true, message: "Broadcast sent", recipients, excluded };
    serde_json::to_string(&sent).unwrap_or_default()
}
