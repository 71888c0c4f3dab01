//! Who may publish, read or connect: judged at the edge, before the room's object is woken.

mod body;
mod call;

use validiant_core::admission::Admission;
use validiant_core::authorization::Authorization;
use validiant_core::error_code::ErrorCode;
use validiant_core::names::{ConnectionId, ProjectId};
use validiant_core::route::is_valid_handshake;
use validiant_core::settings::{LogLevel, Settings};
use validiant_core::subprotocol;
use wasm_bindgen::prelude::*;
use web_sys::{Headers, Request};

use crate::log::{self, Line};
use crate::reply::{self, Header};
use crate::runtime::{RoomStub, random_uuid};
use crate::{config, internal};

/// The gate, for one request.
pub struct Gate<'a> {
    env: &'a JsValue,
    settings: &'a Settings,
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

impl<'a> Gate<'a> {
    pub fn new(env: &'a JsValue, settings: &'a Settings) -> Self {
        Self { env, settings }
    }

    /// Lets a backend broadcast to the room (P2).
    pub fn publish(&self, project: &ProjectId, request: &Request) -> Result<JsValue, JsValue> {
        let headers = request.headers();
        if let Err(refused) = self.may_administer(&headers) {
            return self.refuse(project, refused);
        }
        let max_bytes = self.settings.max_payload_bytes;
        match body::declared_length(&headers)? {
            Some(length) if length > max_bytes => self.refuse(project, TOO_LARGE),
            // The usual case: the runtime's own request goes on as it is, its body unread.
            Some(_) if !is_ambiguous(&headers)? => {
                call::once(&self.room(project)?, request).map(JsValue::from)
            }
            _ => {
                let (least, refused_by) = (self.settings.log_level, project.clone());
                let too_long = move || refuse(least, &refused_by, TOO_LARGE);
                call::after_reading(self.room(project)?, request, max_bytes, too_long)
                    .map(JsValue::from)
            }
        }
    }

    /// Lets a backend read the room's state (P1.9).
    pub fn state(&self, project: &ProjectId, request: &Request) -> Result<JsValue, JsValue> {
        if let Err(refused) = self.may_administer(&request.headers()) {
            return self.refuse(project, refused);
        }
        let internal = internal::state()?;
        let fallback = call::unavailable()?;
        call::with_retries(&self.room(project)?, &internal, &fallback).map(JsValue::from)
    }

    /// Lets a client connect to the room (P4).
    pub fn connect(
        &self,
        project: &ProjectId,
        request: &Request,
        query: &str,
    ) -> Result<JsValue, JsValue> {
        if !self.settings.wrong.is_empty() {
            return self.refuse(project, ErrorCode::MISCONFIGURED.into());
        }
        let asked = request.headers();
        let version = asked.get("Sec-WebSocket-Version")?;
        if !is_valid_handshake(version.as_deref()) {
            return self.refuse(project, ErrorCode::INVALID_HANDSHAKE.into());
        }
        let offer = asked.get("Sec-WebSocket-Protocol")?;
        let subprotocol = offer.as_deref().and_then(subprotocol::select);
        let admission = match Admission::from_query(query, subprotocol, fresh_connection_id) {
            Ok(admission) => admission,
            Err(code) => {
                log_refusal(self.settings.log_level, project, code.name);
                return reply::close_at_once(code, subprotocol).map(JsValue::from);
            }
        };
        let internal = internal::connect(&admission)?;
        let fallback = call::close_later(subprotocol);
        call::with_retries(&self.room(project)?, &internal, &fallback).map(JsValue::from)
    }

    fn may_administer(&self, headers: &Headers) -> Result<(), Refused> {
        if !self.settings.wrong.is_empty() {
            return Err(ErrorCode::MISCONFIGURED.into());
        }
        let header = headers.get("Authorization").ok().flatten();
        match self.settings.secrets.authorize(header.as_deref()) {
            Authorization::Granted => Ok(()),
            Authorization::NotConfigured => Err(ErrorCode::NOT_CONFIGURED.into()),
            Authorization::Denied => Err(Refused {
                code: ErrorCode::UNAUTHORIZED,
                header: Some(("WWW-Authenticate", "Bearer")),
            }),
        }
    }

    fn room(&self, project: &ProjectId) -> Result<RoomStub, JsValue> {
        config::rooms(self.env).get_by_name(project.as_str())
    }

    fn refuse(&self, project: &ProjectId, refused: Refused) -> Result<JsValue, JsValue> {
        refuse(self.settings.log_level, project, refused)
    }
}

fn refuse(least: LogLevel, project: &ProjectId, refused: Refused) -> Result<JsValue, JsValue> {
    log_refusal(least, project, refused.code.code);
    reply::refusal(refused.code, None, refused.header.as_slice()).map(JsValue::from)
}

fn log_refusal(least: LogLevel, project: &ProjectId, code: &str) {
    log::write(least, &Line::Refusal { project_id: Some(project.as_str()), code });
}

/// Whether a broadcast has a header that could mean something to the room or to the runtime between:
/// then it goes on without any of its headers.
fn is_ambiguous(headers: &Headers) -> Result<bool, JsValue> {
    Ok(headers.has(internal::ADMISSION_HEADER)? || headers.has("Upgrade")?)
}

fn fresh_connection_id() -> ConnectionId {
    ConnectionId::from_uuid(&random_uuid())
}
