//! Who may publish, read or connect: judged at the edge, before the room's object is woken.
//!
//! A call that changes nothing if it is made twice (connect, state) is tried again when the runtime
//! says that it may be (`runtime.js`). A broadcast never is: the object may have sent it to everybody
//! before it failed, so the backend is told that nobody knows (`room_unavailable`).

use js_sys::Function;
use validiant_core::admission::Admission;
use validiant_core::authorization::Authorization;
use validiant_core::close_code::CloseCode;
use validiant_core::error_code::ErrorCode;
use validiant_core::names::{ConnectionId, ProjectId};
use validiant_core::request_head::RequestHead;
use validiant_core::settings::{LogLevel, Settings};
use validiant_core::subprotocol;
use wasm_bindgen::prelude::*;

use crate::log::{self, Line};
use crate::reply::{self, Header};
use crate::runtime::{self, Env, Request};

/// Seconds after which a caller should try again.
const RETRY_AFTER: &str = "1";

thread_local! {
    /// Answers that the room is not available.
    static UNAVAILABLE: Function =
        reply::standing_refusal(ErrorCode::ROOM_UNAVAILABLE, ("Retry-After", RETRY_AFTER));
}

/// The gate, for one request.
pub struct Gate<'a> {
    pub env: &'a Env,
    pub settings: &'a Settings,
    pub request: &'a Request,
    pub head: &'a RequestHead<'a>,
}

/// A refusal that is yet to be answered.
struct Refused {
    code: ErrorCode,
    header: Option<Header<'static>>,
}

const TOO_LARGE: Refused = Refused { code: ErrorCode::PAYLOAD_TOO_LARGE, header: None };

impl From<ErrorCode> for Refused {
    fn from(code: ErrorCode) -> Self {
        Self { code, header: None }
    }
}

impl Gate<'_> {
    /// Lets a backend broadcast to the room (P2).
    pub fn publish(&self, project: &ProjectId) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return self.refuse(project, refused);
        }
        let max_bytes = self.settings.max_payload_bytes;
        match self.head.content_length() {
            // The runtime sees to it that a body is as long as its header says.
            Some(length) if length > max_bytes => self.refuse(project, TOO_LARGE),
            // The usual case: the runtime's own request goes on as it is, its body unread. One with an
            // `Upgrade` would mean something to the runtime between.
            Some(_) if self.head.upgrade.is_empty() => UNAVAILABLE.with(|unavailable| {
                runtime::forward(self.env, project.as_str(), self.request, unavailable).into()
            }),
            _ => self.publish_bounded(project, max_bytes),
        }
    }

    #[inline(never)]
    fn publish_bounded(&self, project: &ProjectId, max_bytes: usize) -> JsValue {
        let (least, refused_by) = (self.settings.log_level, project.clone());
        let too_long = Closure::once_into_js(move || refuse(least, &refused_by, TOO_LARGE));
        UNAVAILABLE.with(|unavailable| {
            let (env, room) = (self.env, project.as_str());
            runtime::forward_bounded(env, room, self.request, max_bytes, &too_long, unavailable)
                .into()
        })
    }

    /// Lets a backend read the room's state (P1.9).
    #[inline(never)]
    pub fn state(&self, project: &ProjectId) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return self.refuse(project, refused);
        }
        UNAVAILABLE.with(|unavailable| {
            runtime::ask_for_state(self.env, project.as_str(), unavailable).into()
        })
    }

    /// Lets a client connect to the room (P4).
    #[inline(never)]
    pub fn connect(&self, project: &ProjectId, query: &str) -> JsValue {
        if !self.settings.wrong.is_empty() {
            return self.refuse(project, ErrorCode::MISCONFIGURED.into());
        }
        if !self.head.is_valid_handshake() {
            return self.refuse(project, ErrorCode::INVALID_HANDSHAKE.into());
        }
        let subprotocol = subprotocol::select(self.head.websocket_protocol);
        let admission = match Admission::from_query(query, subprotocol, fresh_connection_id) {
            Ok(admission) => admission,
            Err(code) => {
                log_refusal(self.settings.log_level, project, code.name);
                return reply::close_at_once(code, subprotocol).into();
            }
        };
        let CloseCode { number, .. } = CloseCode::TRY_AGAIN;
        let reason = CloseCode::TRY_AGAIN.reason();
        let (room, admitted) = (project.as_str(), admission.to_header());
        runtime::connect(self.env, room, &admitted, number, &reason, subprotocol).into()
    }

    fn may_administer(&self) -> Result<(), Refused> {
        if !self.settings.wrong.is_empty() {
            return Err(ErrorCode::MISCONFIGURED.into());
        }
        match self.settings.secrets.authorize(self.head.authorization) {
            Authorization::Granted => Ok(()),
            Authorization::NotConfigured => Err(ErrorCode::NOT_CONFIGURED.into()),
            Authorization::Denied => Err(Refused {
                code: ErrorCode::UNAUTHORIZED,
                header: Some(("WWW-Authenticate", "Bearer")),
            }),
        }
    }

    fn refuse(&self, project: &ProjectId, refused: Refused) -> JsValue {
        refuse(self.settings.log_level, project, refused)
    }
}

fn refuse(least: LogLevel, project: &ProjectId, refused: Refused) -> JsValue {
    log_refusal(least, project, refused.code.code);
    reply::refusal(refused.code, None, refused.header).into()
}

fn log_refusal(least: LogLevel, project: &ProjectId, code: &str) {
    log::write(least, &Line::Refusal { project_id: Some(project.as_str()), code });
}

fn fresh_connection_id() -> ConnectionId {
    ConnectionId::from_uuid(&runtime::random_uuid())
}
