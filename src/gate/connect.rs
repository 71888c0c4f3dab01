//! Who may connect (P4, P9, P10.5, P10.6).

use std::borrow::Cow;

use validiant_core::names::{ConnectionId, ProjectId};
use validiant_core::request::origin::Origins;
use validiant_core::request::{address, subprotocol};
use validiant_core::room_call::admission::{self, Admission};
use validiant_core::settings::{ALLOWED_ORIGINS, ConnectPolicy, Problem};
use validiant_core::token::{Permission, Token};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::error_code::ErrorCode;
use validiant_core::wire::reason::Reason;
use worker::wasm_bindgen::prelude::*;

use crate::log::{self, Line};
use crate::random;
use crate::runtime::{self, Limited};

use super::document::Wanted;
use super::places::leaf_of;
use super::{Gate, TOKEN_INVALID, TOO_OFTEN, TRY_AGAIN, refuse};

impl Gate<'_> {
    /// Lets a client connect to the room (P4), or to a document of the project (P13.1).
    #[inline(never)]
    pub fn connect(
        &self,
        project: &ProjectId,
        document: Option<Wanted<'_>>,
        query: &str,
    ) -> JsValue {
        if !self.head.is_valid_handshake() {
            return self.refuse(project, ErrorCode::INVALID_HANDSHAKE);
        }
        let subprotocol = subprotocol::select(self.head.websocket_protocol);
        if let Some(Problem { setting, .. }) = self.settings.wrong.first() {
            return self.close(
                Some(project),
                CloseCode::MISCONFIGURED.for_setting(setting),
                subprotocol,
            );
        }
        let asked = match Admission::from_query(query, subprotocol, fresh_connection_id) {
            Ok(asked) => asked,
            Err(closing) => return self.close(Some(project), closing, subprotocol),
        };
        if let Some(setting) = self.why_not_to_connect() {
            return self.close(
                Some(project),
                CloseCode::NOT_ALLOWED.for_setting(setting),
                subprotocol,
            );
        }
        match self.settings.connect_policy {
            ConnectPolicy::Jwt => {
                self.connect_with_token(project, document, query, asked, subprotocol)
            }
            _ => TRY_AGAIN.with(|try_again| {
                let limited = self.limited(project);
                if let Some(document) = document {
                    return self.open(project, document, (&asked, true), limited, None);
                }
                let (room, leaf) = (project.as_str(), leaf_of(project, &asked));
                let (leaf, admitted) = (leaf.as_deref(), asked.to_header());
                runtime::connect(self.env, room, leaf, &admitted, try_again, subprotocol, limited)
                    .into()
            }),
        }
    }

    /// Tells a client that an id in its URL is invalid (P1.3, P4.5, P13.1).
    #[inline(never)]
    pub fn connect_to_none(&self, reason: Reason) -> JsValue {
        if !self.head.is_valid_handshake() {
            return refuse(self.settings.log_level, None, ErrorCode::INVALID_HANDSHAKE);
        }
        let subprotocol = subprotocol::select(self.head.websocket_protocol);
        self.close(None, CloseCode::BAD_REQUEST.because(reason), subprotocol)
    }

    /// The setting that keeps this client out, whoever it is.
    fn why_not_to_connect(&self) -> Option<&'static str> {
        if let Some(Problem { setting, .. }) = self.settings.why_nobody_may_connect() {
            return Some(*setting);
        }
        // The origin only matters if there is a list.
        let origins = &self.settings.origins;
        let is_allowed = *origins == Origins::Any
            || origins.allow(&runtime::origin(self.request), self.head.url);
        (!is_allowed).then_some(ALLOWED_ORIGINS)
    }

    /// How connects are counted, if they are.
    fn limited(&self, project: &ProjectId) -> Option<Limited> {
        self.settings.limits.connects_per_minute?;
        let key = address::rate_limit_key(&runtime::address(self.request), project);
        let code = ErrorCode::RATE_LIMITED.code;
        let line = Line::Refusal { project_id: Some(project.as_str()), code, reason: None };
        let line = log::text(self.settings.log_level, &line);
        Some(TOO_OFTEN.with(|too_often| runtime::limited(&key, too_often, line.as_deref())))
    }

    /// Checks everything in a token but its signature, and then the signature, which takes a promise (P9).
    #[inline(never)]
    fn connect_with_token(
        &self,
        project: &ProjectId,
        document: Option<Wanted<'_>>,
        query: &str,
        asked: Admission,
        subprotocol: Option<&str>,
    ) -> JsValue {
        let offered = subprotocol::token(self.head.websocket_protocol).map(Cow::Borrowed);
        let text = offered.or_else(|| admission::token_in(query)).unwrap_or_default();
        if text.is_empty() {
            let closing = CloseCode::TOKEN_INVALID.because(Reason::Missing);
            return self.close(Some(project), closing, subprotocol);
        }
        let rules = &self.settings.token_rules;
        let token = match Token::parse(&text, rules) {
            Ok(token) => token,
            Err(error) => {
                return self.close(Some(project), admission::closing_for(error), subprotocol);
            }
        };
        let needed = if document.is_some() { Permission::DocRead } else { Permission::Subscribe };
        let (claims, now) = (&token.claims, runtime::now());
        let admission = match asked.with_claims(claims, needed, rules, project, now) {
            Ok(admission) => admission,
            Err(closing) => return self.close(Some(project), closing, subprotocol),
        };
        let code = CloseCode::TOKEN_INVALID.name;
        let judged = self.judged(project, &token, code, (&TOKEN_INVALID, &TRY_AGAIN));
        let limited = self.limited(project);
        if let Some(document) = document {
            let may_write = claims.allows(Permission::DocWrite, project);
            return self.open(project, document, (&admission, may_write), limited, Some(judged));
        }
        let (room, leaf) = (project.as_str(), leaf_of(project, &admission));
        let (leaf, admitted) = (leaf.as_deref(), admission.to_header());
        runtime::connect_if_valid(self.env, room, leaf, &admitted, &judged, subprotocol, limited)
            .into()
    }
}

fn fresh_connection_id() -> Option<ConnectionId> {
    random::uuid().map(|uuid| ConnectionId::from_uuid(&uuid))
}
