//! Who may publish, read or connect: judged at the edge, before the room's object is woken.
//!
//! A call that changes nothing if it is made twice (connect, state, a removal, a broadcast with a key) is tried
//! again when the runtime says that it may be (`runtime.js`). A broadcast without a key never is: the object may
//! have sent it to everybody before it failed, so the backend is told that nobody knows (`room_unavailable`).

use std::borrow::Cow;
use std::thread::LocalKey;

use js_sys::{Array, Function, Uint8Array};
use validiant_core::address;
use validiant_core::admission::{self, Admission};
use validiant_core::authorization::{self, Authorization};
use validiant_core::close_code::CloseCode;
use validiant_core::error_code::{ErrorCode, Refusal};
use validiant_core::limits::Exceeded;
use validiant_core::names::{ConnectionId, ProjectId};
use validiant_core::origin::Origins;
use validiant_core::publication;
use validiant_core::removal::Removal;
use validiant_core::request_head::RequestHead;
use validiant_core::revocation::{MAX_BODY_BYTES as MAX_REVOCATION_BYTES, Revocation};
use validiant_core::settings::{ALLOWED_ORIGINS, ConnectPolicy, LogLevel, Problem, Settings};
use validiant_core::subprotocol;
use validiant_core::token::{Permission, Token};
use wasm_bindgen::prelude::*;

use crate::log::{self, Line};
use crate::reply;
use crate::runtime::{self, Env, Judged, Limited, Request};
use crate::signature;

/// A function that answers, whatever it is called with; made once.
type Standing = LocalKey<Function>;

thread_local! {
    /// Answers that the room is not available.
    static UNAVAILABLE: Function = reply::standing_refusal(ErrorCode::ROOM_UNAVAILABLE);
    /// Answers that a broadcast has neither the secret nor a token that we have signed.
    static UNAUTHORIZED: Function = reply::standing_refusal(ErrorCode::UNAUTHORIZED);
    /// Answers that an address connects too often.
    static TOO_OFTEN: Function = reply::standing_refusal(Exceeded::CONNECTS);
    /// Closes the socket of a client whose room is not available.
    static TRY_AGAIN: Function = reply::standing_close(CloseCode::TRY_AGAIN);
    /// Closes the socket of a client whose token we have not signed.
    static TOKEN_INVALID: Function = reply::standing_close(CloseCode::TOKEN_INVALID);
}

/// The gate, for one request.
pub struct Gate<'a> {
    pub env: &'a Env,
    pub settings: &'a Settings,
    pub request: &'a Request,
    pub head: &'a RequestHead<'a>,
}

const TOO_LARGE: Refusal =
    Refusal { code: ErrorCode::PAYLOAD_TOO_LARGE, detail: None, exceeded: None };

impl Gate<'_> {
    /// Lets a backend broadcast to the room (P2), by the secret or by a token (P9.6).
    pub fn publish(&self, project: &ProjectId) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return self.publish_with_token(project, refused);
        }
        let max_bytes = self.settings.max_payload_bytes;
        match self.head.content_length() {
            // The runtime sees to it that a body is as long as its header says.
            Some(length) if length > max_bytes => self.refuse(project, TOO_LARGE),
            // The usual case: the runtime's own request goes on as it is, its body unread. One with an
            // `Upgrade` would mean something to the runtime between.
            Some(_) if self.head.upgrade.is_empty() && self.head.idempotency_key.is_empty() => {
                UNAVAILABLE.with(|unavailable| {
                    runtime::forward(self.env, project.as_str(), self.request, unavailable).into()
                })
            }
            _ => self.publish_bounded(project, max_bytes),
        }
    }

    /// Whoever does not have the secret may have a token for this project. `refused`: why not the secret.
    #[inline(never)]
    fn publish_with_token(&self, project: &ProjectId, refused: ErrorCode) -> JsValue {
        let settings = self.settings;
        let bearer = authorization::bearer(self.head.authorization).map(Token::parse);
        let Some(Ok(token)) = bearer.filter(|_| refused == ErrorCode::UNAUTHORIZED) else {
            return self.refuse(project, refused);
        };
        if settings.token_keys.is_empty()
            || token.claims.judge(&settings.token_rules, runtime::now()).is_err()
        {
            return self.refuse(project, refused);
        }
        if !token.claims.allows(Permission::Publish, project) {
            return self.refuse(project, ErrorCode::FORBIDDEN);
        }
        let judged = self.judged(project, &token, refused.code, (&UNAUTHORIZED, &UNAVAILABLE));
        let bearer = token.claims.bearer().to_header();
        let too_long = self.too_long(project);
        UNAVAILABLE.with(|unavailable| {
            runtime::forward_if_valid(
                self.env,
                project.as_str(),
                self.request,
                settings.max_payload_bytes,
                self.head.idempotency_key,
                &bearer,
                &too_long,
                unavailable,
                &judged,
            )
            .into()
        })
    }

    /// A function that refuses a body over the limit.
    fn too_long(&self, project: &ProjectId) -> JsValue {
        let (least, refused_by) = (self.settings.log_level, project.clone());
        Closure::once_into_js(move || refuse(least, Some(&refused_by), TOO_LARGE))
    }

    #[inline(never)]
    fn publish_bounded(&self, project: &ProjectId, max_bytes: usize) -> JsValue {
        let too_long = self.too_long(project);
        UNAVAILABLE.with(|unavailable| {
            let (env, room, key) = (self.env, project.as_str(), self.head.idempotency_key);
            let request = self.request;
            runtime::forward_bounded(env, room, request, max_bytes, key, &too_long, unavailable)
                .into()
        })
    }

    /// Lets a backend broadcast to several rooms (P2.13).
    #[inline(never)]
    pub fn publish_to_many(&self) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return refuse(self.settings.log_level, None, refused);
        }
        let (least, key) = (self.settings.log_level, self.head.idempotency_key.to_owned());
        let judge = Closure::once_into_js(move |body: Option<Uint8Array>| {
            let Some(body) = body else { return refuse(least, None, TOO_LARGE) };
            match publication::project_ids(&body.to_vec(), Some(&key)) {
                Ok(projects) => names_of(&projects).into(),
                Err(refusal) => refuse(least, None, refusal),
            }
        });
        UNAVAILABLE.with(|unavailable| {
            let (max_bytes, key) = (self.settings.max_payload_bytes, self.head.idempotency_key);
            let Self { env, request, .. } = self;
            runtime::publish_to_many(env, request, max_bytes, key, &judge, unavailable).into()
        })
    }

    /// Lets a backend remove a user from the room (P8).
    #[inline(never)]
    pub fn remove_user(&self, project: &ProjectId, user: &str, query: &str) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return self.refuse(project, refused);
        }
        let removal = match Removal::parse(user, query) {
            Ok(removal) => removal.to_header(),
            Err(code) => return self.refuse(project, code),
        };
        UNAVAILABLE.with(|unavailable| {
            runtime::remove(self.env, project.as_str(), &removal, unavailable).into()
        })
    }

    /// Lets a backend revoke tokens for the room (P8.4).
    #[inline(never)]
    pub fn revoke(&self, project: &ProjectId) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return self.refuse(project, refused);
        }
        let (least, room) = (self.settings.log_level, project.clone());
        let judge = Closure::once_into_js(move |body: Option<Uint8Array>| {
            let Some(body) = body else { return refuse(least, Some(&room), TOO_LARGE) };
            match Revocation::parse(&body.to_vec(), runtime::now()) {
                Ok(revocation) => revocation.to_header().into(),
                Err(refusal) => refuse(least, Some(&room), refusal),
            }
        });
        let Self { env, request, .. } = self;
        UNAVAILABLE.with(|unavailable| {
            let room = project.as_str();
            runtime::revoke(env, room, request, MAX_REVOCATION_BYTES, &judge, unavailable).into()
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
            return self.refuse(project, ErrorCode::MISCONFIGURED);
        }
        if !self.head.is_valid_handshake() {
            return self.refuse(project, ErrorCode::INVALID_HANDSHAKE);
        }
        let subprotocol = subprotocol::select(self.head.websocket_protocol);
        let asked = match Admission::from_query(query, subprotocol, fresh_connection_id) {
            Ok(asked) => asked,
            Err(code) => return self.close(project, code, subprotocol),
        };
        if let Some(setting) = self.why_not_to_connect() {
            let code = CloseCode::NOT_ALLOWED;
            log_refusal(self.settings.log_level, Some(project), code.name);
            return reply::close_for(code, Some(setting), None, subprotocol).into();
        }
        match self.settings.connect_policy {
            ConnectPolicy::Jwt => self.connect_with_token(project, query, asked, subprotocol),
            _ => TRY_AGAIN.with(|try_again| {
                let (room, admitted) = (project.as_str(), asked.to_header());
                let limited = self.limited(project);
                runtime::connect(self.env, room, &admitted, try_again, subprotocol, limited).into()
            }),
        }
    }

    /// The setting by which this client may not connect, whoever it is.
    fn why_not_to_connect(&self) -> Option<&'static str> {
        if let Some(Problem { setting, .. }) = self.settings.why_nobody_may_connect() {
            return Some(setting);
        }
        // Only a list needs to know the origin.
        let origins = &self.settings.origins;
        let is_allowed = *origins == Origins::Any
            || origins.allow(&runtime::origin(self.request), self.head.url);
        (!is_allowed).then_some(ALLOWED_ORIGINS)
    }

    /// How connects are counted, if anybody does.
    fn limited(&self, project: &ProjectId) -> Option<Limited> {
        self.settings.limits.connects_per_minute?;
        let key = address::rate_limit_key(&runtime::address(self.request), project);
        let code = ErrorCode::RATE_LIMITED.code;
        let line = Line::Refusal { project_id: Some(project.as_str()), code };
        let line = log::text(self.settings.log_level, &line);
        Some(TOO_OFTEN.with(|too_often| runtime::limited(&key, too_often, line.as_deref())))
    }

    /// Judges all of a token but its signature, and then that, which takes a promise (P9).
    #[inline(never)]
    fn connect_with_token(
        &self,
        project: &ProjectId,
        query: &str,
        asked: Admission,
        subprotocol: Option<&str>,
    ) -> JsValue {
        let offered = subprotocol::token(self.head.websocket_protocol).map(Cow::Borrowed);
        let text = offered.or_else(|| admission::token_in(query)).unwrap_or_default();
        let Ok(token) = Token::parse(&text) else {
            return self.close(project, CloseCode::TOKEN_INVALID, subprotocol);
        };
        let (settings, now) = (self.settings, runtime::now());
        let admission = match asked.with_claims(&token.claims, &settings.token_rules, project, now)
        {
            Ok(admission) => admission,
            Err(code) => return self.close(project, code, subprotocol),
        };
        let code = CloseCode::TOKEN_INVALID.name;
        let judged = self.judged(project, &token, code, (&TOKEN_INVALID, &TRY_AGAIN));
        let (room, admitted) = (project.as_str(), admission.to_header());
        let limited = self.limited(project);
        runtime::connect_if_valid(self.env, room, &admitted, &judged, subprotocol, limited).into()
    }

    /// What becomes of a request by the signature of its token: the functions answer when it is wrong, and when
    /// nobody can tell just now.
    fn judged(
        &self,
        project: &ProjectId,
        token: &Token<'_>,
        refusal: &str,
        (refused, unavailable): (&'static Standing, &'static Standing),
    ) -> Judged {
        let line = Line::Refusal { project_id: Some(project.as_str()), code: refusal };
        let line = log::text(self.settings.log_level, &line);
        let verdict = signature::judge_later(self.settings, token);
        refused.with(|refused| {
            unavailable.with(|unavailable| {
                runtime::judged(&verdict, refused, line.as_deref(), unavailable)
            })
        })
    }

    fn close(&self, project: &ProjectId, code: CloseCode, subprotocol: Option<&str>) -> JsValue {
        log_refusal(self.settings.log_level, Some(project), code.name);
        reply::close_at_once(code, subprotocol).into()
    }

    fn may_administer(&self) -> Result<(), ErrorCode> {
        if !self.settings.wrong.is_empty() {
            return Err(ErrorCode::MISCONFIGURED);
        }
        match self.settings.secrets.authorize(self.head.authorization) {
            Authorization::Granted => Ok(()),
            Authorization::NotConfigured => Err(ErrorCode::NOT_CONFIGURED),
            Authorization::Denied => Err(ErrorCode::UNAUTHORIZED),
        }
    }

    fn refuse(&self, project: &ProjectId, refusal: impl Into<Refusal>) -> JsValue {
        refuse(self.settings.log_level, Some(project), refusal)
    }
}

fn refuse(least: LogLevel, project: Option<&ProjectId>, refusal: impl Into<Refusal>) -> JsValue {
    let refusal = refusal.into();
    log_refusal(least, project, refusal.code.code);
    reply::refusal(&refusal).into()
}

fn log_refusal(least: LogLevel, project: Option<&ProjectId>, code: &str) {
    log::write(least, &Line::Refusal { project_id: project.map(ProjectId::as_str), code });
}

fn names_of(projects: &[ProjectId]) -> Array {
    projects.iter().map(|project| JsValue::from_str(project.as_str())).collect()
}

fn fresh_connection_id() -> ConnectionId {
    ConnectionId::from_uuid(&runtime::random_uuid())
}
