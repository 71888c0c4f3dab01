//! The gate's calls to a room other than a broadcast: a connect, a removal, a revocation, a key epoch, the state. And what a document
//! asks for.

use validiant_core::Millis;
use validiant_core::answer::{Disconnection, Raised, Removed};
use validiant_core::encryption::read_epoch;
use validiant_core::member::Member;
use validiant_core::ports::ID_END;
use validiant_core::room::{NotConnected, Reported};
use validiant_core::room_call::admission::Admission;
use validiant_core::room_call::document::{Errand, Purpose, call};
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::removal::Removal;
use validiant_core::room_call::revocation::Revocation;
use validiant_core::tree::{ADMINISTRATION_PATIENCE_MS, Readiness};
use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::error_code::{ErrorCode, Refusal};
use validiant_core::wire::reason::Reason;
use worker::js_sys::Error;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{Response, WebSocket};
use worker::worker_sys::WebSocketPair;

use crate::reply;
use crate::runtime;

use super::{Room, RuntimeRoom};

impl Room {
    /// `None` if this leaf has to ask the root first: then the caller asks again after the next answer.
    #[inline(never)]
    pub(super) fn connect(&self, admission: &str) -> Option<Response> {
        let Some(admission) = Admission::from_header(admission) else {
            return Some(self.not_from_our_gate("connect"));
        };
        let answer = self.with_room(|room, now| {
            let member = admission.member(now);
            match room.readiness(&member, admission.since.as_ref(), now) {
                Readiness::Now => Some(self.accept(room, member, &admission, now)),
                Readiness::Later => None,
                readiness => Some(not_here(room, readiness)),
            }
        });
        let subprotocol = admission.subprotocol.as_deref();
        answer
            .unwrap_or_else(|| Some(reply::close_at_once(CloseCode::TRY_AGAIN.into(), subprotocol)))
    }

    #[inline(never)]
    fn accept(
        &self,
        room: &mut RuntimeRoom,
        member: Member,
        admission: &Admission,
        now: Millis,
    ) -> Response {
        let subprotocol = admission.subprotocol.as_deref();
        let (client, server) = match ends() {
            Ok(ends) => ends,
            Err(thrown) => {
                self.log_failure("make_sockets", &thrown);
                return reply::refusal(&ErrorCode::INTERNAL_ERROR.into());
            }
        };
        match room.connect(server, member, admission.since.as_ref(), now) {
            Ok(connected) => {
                let number = CloseCode::REPLACED.number;
                connected.replaced.iter().for_each(|old| self.log_leave(room, old, number));
                self.log_connect(room, admission, &connected);
                runtime::upgrade(&client, subprotocol)
            }
            Err(refused) => {
                let closing = closing_for(refused);
                self.log_refusal(room, closing.code.name, closing.failed_check());
                reply::close_at_once(closing, subprotocol)
            }
        }
    }

    #[inline(never)] // A connect does not wait until this is compiled.
    pub(super) fn remove(&self, removal: &str) -> Response {
        let Some(removal) = Removal::from_header(removal) else {
            return self.not_from_our_gate("remove");
        };
        let removed = self.with_room(|room, now| {
            let removed = room.remove_user(&removal, now);
            if let Ok(Removed { disconnected, refused_until, min_key_epoch, documents, ticket }) =
                &removed
            {
                self.waits(*ticket, ADMINISTRATION_PATIENCE_MS);
                let number = CloseCode::REMOVED.number;
                disconnected.iter().for_each(|member| self.log_leave(room, member, number));
                self.log_removal(room, &removal, *refused_until);
                // A document that was not told of an earlier epoch learns of it, too.
                let removal = Removal { min_key_epoch: *min_key_epoch, ..removal };
                self.tell(documents, || call::remove(&removal.to_header()));
            }
            removed
        });
        reply::outcome(removed)
    }

    #[inline(never)] // A connect does not wait until this is compiled.
    pub(super) fn revoke(&self, text: &str) -> Response {
        let Some(revocation) = Revocation::from_header(text) else {
            return self.not_from_our_gate("revoke");
        };
        let revoked = self.with_room(|room, now| {
            let scope = revocation.scope.clone();
            let revoked = room.revoke(revocation, now);
            if let Ok(Disconnection { disconnected, documents, ticket, .. }) = &revoked {
                self.waits(*ticket, ADMINISTRATION_PATIENCE_MS);
                let number = CloseCode::TOKEN_INVALID.number;
                disconnected.iter().for_each(|member| self.log_leave(room, member, number));
                self.log_revocation(room, &scope);
                self.tell(documents, || call::revoke(text));
            }
            revoked
        });
        reply::outcome(revoked)
    }

    #[inline(never)] // A connect does not wait until this is compiled.
    pub(super) fn raise_key_epoch(&self, epoch: &str) -> Response {
        let Some(epoch) = read_epoch(epoch) else {
            return self.not_from_our_gate("raise_key_epoch");
        };
        let raised = self.with_room(|room, now| {
            let raised = room.raise_key_epoch(epoch, now);
            if let Ok(Raised { min_key_epoch, documents, ticket }) = &raised {
                self.waits(*ticket, ADMINISTRATION_PATIENCE_MS);
                self.log_key_epoch(room, epoch);
                self.tell(documents, || call::floor(*min_key_epoch));
            }
            raised
        });
        reply::outcome(raised)
    }

    #[inline(never)] // A connect does not wait until this is compiled.
    pub(super) fn erase(&self, erasure: &str) -> Response {
        let Some(erasure) = Erasure::from_header(erasure) else {
            return self.not_from_our_gate("erase");
        };
        let erased = self.with_room(|room, now| {
            let erased = room.erase(erasure, now);
            if let Ok(Disconnection { disconnected, documents, ticket, .. }) = &erased {
                self.waits(*ticket, ADMINISTRATION_PATIENCE_MS);
                let number = CloseCode::TRY_AGAIN.number;
                disconnected.iter().for_each(|member| self.log_leave(room, member, number));
                self.log_erasure(room, erasure);
                self.tell(documents, call::erase);
            }
            erased
        });
        reply::outcome(erased)
    }

    /// Notes what documents must be told, if there are any.
    fn tell(&self, documents: &str, call: impl FnOnce() -> String) {
        if !documents.is_empty() {
            let mut text = call();
            text.push(ID_END);
            text.push_str(documents);
            self.to_tell.set(Some(text));
        }
    }

    /// Does what a document asks for.
    #[inline(never)] // A connect does not wait until this is compiled.
    pub(super) fn serve(&self, errand: &str) -> Response {
        let Some(errand) = Errand::from_header(errand) else {
            return self.not_from_our_gate("serve");
        };
        let served = self.with_room(|room, now| {
            room.serve_document(&errand, now).inspect_err(|refused| {
                let closing = closing_for(*refused);
                self.log_refusal(room, closing.code.name, closing.failed_check());
            })
        });
        match (served.unwrap_or(Err(NotConnected::Unavailable)), errand.purpose) {
            (Ok(0), _) => runtime::done(None),
            (Ok(min_key_epoch), _) => runtime::done(Some(&min_key_epoch.to_string())),
            (Err(refused), Purpose::Open(visitor)) => {
                reply::close_at_once(closing_for(refused), visitor.subprotocol.as_deref())
            }
            (Err(refused), _) => reply::refusal(&refusal_for(refused)),
        }
    }

    #[inline(never)]
    fn not_from_our_gate(&self, action: &str) -> Response {
        self.log_failure(action, &Error::new("the call did not come from the gate"));
        reply::refusal(&ErrorCode::INTERNAL_ERROR.into())
    }

    #[inline(never)] // A connect does not wait until this is compiled.
    pub(super) fn report(&self) -> Response {
        match self.with_room(|room, now| room.state(now)) {
            Some(Reported { text, ticket }) => {
                self.waits(ticket, ADMINISTRATION_PATIENCE_MS);
                runtime::json(200, &text)
            }
            None => reply::refusal(&ErrorCode::INTERNAL_ERROR.into()),
        }
    }
}

/// Tells the gate to which object of the room a client belongs.
#[inline(never)] // A room that is alone does not wait until this is compiled.
fn not_here(room: &RuntimeRoom, readiness: Readiness) -> Response {
    let project = room.project_id();
    match readiness {
        Readiness::Elsewhere(place) => {
            runtime::elsewhere(&place.object_name(project), &room.places_text())
        }
        // What the gate knew of the places was out of date, and is forgotten.
        _ => runtime::elsewhere(project.as_str(), ""),
    }
}

/// The two ends of a new WebSocket: the client's, and ours.
fn ends() -> Result<(WebSocket, WebSocket), JsValue> {
    let mut pair = WebSocketPair::new()?;
    Ok((pair.client()?, pair.server()?))
}

/// Why a request about a document is refused.
fn refusal_for(refused: NotConnected) -> Refusal {
    match refused {
        NotConnected::Removed => ErrorCode::FORBIDDEN.into(),
        NotConnected::Revoked => ErrorCode::UNAUTHORIZED.because(Reason::Revoked),
        NotConnected::Unavailable | NotConnected::Full(_) => ErrorCode::STORAGE_FAILED.into(),
    }
}

fn closing_for(refused: NotConnected) -> Closing {
    match refused {
        NotConnected::Unavailable => CloseCode::TRY_AGAIN.into(),
        NotConnected::Removed => CloseCode::REMOVED.into(),
        NotConnected::Revoked => CloseCode::TOKEN_INVALID.because(Reason::Revoked),
        NotConnected::Full(exceeded) => CloseCode::CONNECTION_LIMIT.for_limit(exceeded.limit),
    }
}
