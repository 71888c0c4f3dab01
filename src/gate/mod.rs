//! Decides at the edge who may publish, read or connect, before the room's object is woken.
//!
//! An idempotent call (connect, state, a removal, a broadcast with a key) is retried if the runtime says that this can
//! help (`runtime/retries.js`). A broadcast without a key is never retried: the object may have sent it to everybody
//! before it failed, so the backend is told that the outcome is unknown (`room_unavailable`).

mod administer;
mod connect;
mod document;
mod places;
mod publish;

use std::thread::LocalKey;

use validiant_core::limits::Exceeded;
use validiant_core::names::ProjectId;
use validiant_core::request::authorization::{self, Authorization};
use validiant_core::request::head::RequestHead;
use validiant_core::settings::{LogLevel, Settings};
use validiant_core::token::{Permission, Token, TokenError};
use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::error_code::{ErrorCode, Refusal};
use validiant_core::wire::reason::Reason;
use worker::Env;
use worker::js_sys::Function;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::Request;

use crate::log::{self, Line};
use crate::runtime::{self, Judged};
use crate::{reply, signature};

/// A function with a fixed answer, whatever its arguments; made once.
type Standing = LocalKey<Function>;

thread_local! {
    /// Answers that the room is unavailable.
    static UNAVAILABLE: Function = reply::standing_refusal(ErrorCode::ROOM_UNAVAILABLE);
    /// Answers that the token of a broadcast has an invalid signature.
    static UNAUTHORIZED: Function = reply::standing_refusal(ErrorCode::UNAUTHORIZED.because(Reason::Signature));
    /// Answers that an address connects too often.
    static TOO_OFTEN: Function = reply::standing_refusal(Exceeded::CONNECTS);
    /// Closes the socket of a client whose room is unavailable.
    static TRY_AGAIN: Function = reply::standing_close(CloseCode::TRY_AGAIN.into());
    /// Closes the socket of a client whose token has an invalid signature.
    static TOKEN_INVALID: Function = reply::standing_close(CloseCode::TOKEN_INVALID.because(Reason::Signature));
}

/// The gate, for one request.
pub struct Gate<'a> {
    pub env: &'a Env,
    pub settings: &'a Settings,
    pub request: &'a Request,
    pub head: &'a RequestHead<'a>,
}

const TOO_LARGE: Refusal = Refusal {
    code: ErrorCode::PAYLOAD_TOO_LARGE,
    detail: None,
    exceeded: None,
    reason: None,
    key_hint: None,
};

impl Gate<'_> {
    /// How a request continues after its token's signature is checked: the functions answer if it is wrong, and if it
    /// can't be checked at the moment.
    fn judged(
        &self,
        project: &ProjectId,
        token: &Token<'_>,
        refusal: &str,
        (refused, unavailable): (&'static Standing, &'static Standing),
    ) -> Judged {
        let (project_id, reason) = (Some(project.as_str()), Some(Reason::Signature.name()));
        let line = Line::Refusal { project_id, code: refusal, reason };
        let line = log::text(self.settings.log_level, &line);
        let verdict = signature::judge_later(self.settings, token);
        refused.with(|refused| {
            unavailable.with(|unavailable| {
                runtime::judged(&verdict, refused, line.as_deref(), unavailable)
            })
        })
    }

    /// The token with which a request that lacks the secret may do something in the project all the same (P9.6), except
    /// for its signature. `refused`: why the secret was refused.
    fn token_for(
        &self,
        needed: Permission,
        project: &ProjectId,
        refused: ErrorCode,
    ) -> Result<Token<'_>, Refusal> {
        let (settings, rules) = (self.settings, &self.settings.token_rules);
        let bearer = authorization::bearer(self.head.authorization);
        let takes_tokens = refused == ErrorCode::UNAUTHORIZED && !settings.token_keys.is_empty();
        let text = bearer.filter(|_| takes_tokens).ok_or(refused)?;
        let token = Token::parse(text, rules).map_err(|error| match error {
            // It is not a token, so it is a wrong secret.
            TokenError::NotThreeParts => refused.into(),
            error => refused.because(error.reason()),
        })?;
        let judged = token.claims.judge(rules, runtime::now());
        judged.map_err(|error| refused.because(error.reason()))?;
        let allowed = token.claims.may(needed, project);
        allowed.map_err(|reason| ErrorCode::FORBIDDEN.because(reason))?;
        Ok(token)
    }

    fn close(
        &self,
        project: Option<&ProjectId>,
        closing: Closing,
        subprotocol: Option<&str>,
    ) -> JsValue {
        let (least, reason) = (self.settings.log_level, closing.failed_check());
        log_refusal(least, project, closing.code.name, reason);
        reply::close_at_once(closing, subprotocol).into()
    }

    /// A compressed body is not accepted: the decompressed size would have to be limited too.
    fn may_read_body(&self) -> Result<(), ErrorCode> {
        match self.head.is_body_plain() {
            true => Ok(()),
            false => Err(ErrorCode::UNSUPPORTED_ENCODING),
        }
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
    log_refusal(least, project, refusal.code.code, refusal.reason);
    reply::refusal(&refusal).into()
}

fn log_refusal(least: LogLevel, project: Option<&ProjectId>, code: &str, reason: Option<Reason>) {
    let (project_id, reason) = (project.map(ProjectId::as_str), reason.map(Reason::name));
    log::write(least, &Line::Refusal { project_id, code, reason });
}
