//! The calls of the gate, and of the project's room.

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::member::User;
use validiant_core::names::{ConnectionId, UserId};
use validiant_core::room_call::bearer::Bearer;
use validiant_core::room_call::document::{
    self as errand, DocumentCall, Errand, Opening, Purpose, Reading,
};
use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::error_code::ErrorCode;
use validiant_documents::room::{NotRead, NotSeeded, Release, Ticket};
use validiant_documents::text::text;
use validiant_documents::visitor::Visitor;
use wasm_bindgen::prelude::*;

use crate::document::{Document, RuntimeDocument};
use crate::reply;

const NOT_FROM_OUR_GATE: &str = "the call did not come from the gate";

#[wasm_bindgen]
impl Document {
    /// Expects a client or a backend, if the project's room must be asked about it. Returns its ticket; then the caller
    /// does [`Self::errand`], and calls [`Self::open`] or [`Self::answer`] if the room said yes, and otherwise
    /// [`Self::turn_away`].
    pub fn expect(&self, call: &str) -> Option<f64> {
        let visitor = match DocumentCall::from_header(call)? {
            DocumentCall::Open(opening) => visitor(opening),
            DocumentCall::Read(Reading { bearer: Some(bearer), .. }) => guest(Some(bearer))?,
            DocumentCall::Seed(bearer) => guest(bearer)?,
            _ => return None,
        };
        Some(self.with(|document, _| document.expect(visitor)).0 as f64)
    }

    /// What to ask the project's room about who is expected.
    pub fn errand(&self, call: &str) -> Option<String> {
        let purpose = match DocumentCall::from_header(call)? {
            DocumentCall::Open(Opening { admission, .. }) => Purpose::Open(errand::Visitor {
                user: admission.user.map(|user| user.id),
                token: admission.token,
                subprotocol: admission.subprotocol,
            }),
            DocumentCall::Read(Reading { bearer, .. }) => Purpose::Read(bearer?),
            DocumentCall::Seed(bearer) => Purpose::Seed(bearer),
            _ => return None,
        };
        Some(Errand { document: self.id.clone(), purpose }.to_header())
    }

    /// The project's room said yes, and what the lowest key epoch is that it takes (P14.2).
    #[wasm_bindgen(js_name = isToldFloor)]
    pub fn is_told_floor(&self, ticket: f64, floor: u32) {
        let ticket = Ticket(ticket as u64);
        self.close_for(CloseCode::BAD_REQUEST, |it, now| it.is_told_floor(ticket, floor, now));
    }

    /// The project's room said no, or could not be asked.
    #[wasm_bindgen(js_name = turnAway)]
    pub fn turn_away(&self, ticket: f64) {
        self.with(|document, _| document.turn_away(Ticket(ticket as u64)));
    }

    /// Lets in a client. `client`, `server`: the ends of a new socket. Returns a `Response`.
    pub fn open(&self, call: &str, ticket: f64, client: &JsValue, server: JsValue) -> JsValue {
        let Some(DocumentCall::Open(opening)) = DocumentCall::from_header(call) else {
            return self.not_from_our_gate();
        };
        let subprotocol = opening.admission.subprotocol.clone();
        let visitor = visitor(opening);
        let connected = self.with(|document, now| {
            let connected = document.connect(Ticket(ticket as u64), server, now);
            match &connected {
                Ok(connected) => self.log.connect(document, &visitor, connected),
                Err(closing) => self.log.refuse(*closing),
            }
            connected
        });
        match connected {
            Ok(_) => self.answers.upgrade(client, subprotocol.as_deref()),
            Err(closing) => reply::close_at_once(&self.answers, closing, subprotocol.as_deref()),
        }
    }

    /// Handles any other call. `ticket`: if it was expected; `body`: if there is one. Returns a `Response`, or what was
    /// read: bytes or a text.
    pub fn answer(&self, call: &str, ticket: Option<f64>, body: Option<Vec<u8>>) -> JsValue {
        if let Some(Err(closing)) = ticket.map(|ticket| self.admit(ticket)) {
            return self.refuse(refusal_for(closing));
        }
        match DocumentCall::from_header(call) {
            Some(DocumentCall::Read(Reading { text_of, .. })) => self.read(text_of.as_deref()),
            Some(DocumentCall::Seed(_)) => self.seed(&body.unwrap_or_default()),
            Some(DocumentCall::Erase) => self.erase(),
            Some(DocumentCall::Remove(removal)) => {
                let removed = self
                    .close_for(CloseCode::REMOVED, |it, now| it.remove_user(&removal.user_id, now));
                let plain = self.raise(removal.min_key_epoch);
                reply::disconnected(&self.answers, "User disconnected", removed + plain)
            }
            Some(DocumentCall::Revoke(revocation)) => {
                let revoked =
                    self.close_for(CloseCode::TOKEN_INVALID, |it, now| it.revoke(&revocation, now));
                reply::disconnected(&self.answers, "Tokens revoked", revoked)
            }
            Some(DocumentCall::Floor(floor)) => {
                reply::disconnected(&self.answers, "Key epoch raised", self.raise(floor))
            }
            _ => self.not_from_our_gate(),
        }
    }
}

impl Document {
    fn admit(&self, ticket: f64) -> Result<(), Closing> {
        self.with(|document, _| document.admit(Ticket(ticket as u64)))
    }

    fn read(&self, text_of: Option<&str>) -> JsValue {
        let whole = match self.with(|document, _| document.read()) {
            Ok(whole) => whole,
            Err(NotRead::NoDocument) => return self.refuse(ErrorCode::NO_DOCUMENT),
            Err(NotRead::Encrypted) => return self.refuse(ErrorCode::DOCUMENT_ENCRYPTED),
            Err(NotRead::Failed) => return self.refuse(ErrorCode::STORAGE_FAILED),
        };
        match text_of.map(|name| text(&whole, name)) {
            None => js_sys::Uint8Array::from(whole.as_slice()).into(),
            Some(Ok(text)) => text.unwrap_or_default().into(),
            Some(Err(_)) => self.refuse(ErrorCode::STORAGE_FAILED),
        }
    }

    fn seed(&self, update: &[u8]) -> JsValue {
        match self.with(|document, now| document.seed(update, now)) {
            Ok(()) => {
                self.log.did("document_seed");
                reply::done(&self.answers, 201, "Document seeded")
            }
            Err(NotSeeded::Exists) => self.refuse(ErrorCode::DOCUMENT_EXISTS),
            Err(NotSeeded::Encrypted) => self.refuse(ErrorCode::DOCUMENT_ENCRYPTED),
            Err(NotSeeded::Unreadable) => self.refuse(ErrorCode::INVALID_UPDATE),
            Err(NotSeeded::TooLarge) => self.refuse(ErrorCode::PAYLOAD_TOO_LARGE),
            Err(NotSeeded::Failed) => self.refuse(ErrorCode::STORAGE_FAILED),
        }
    }

    fn erase(&self) -> JsValue {
        let erased = self.with(|document, now| {
            let erased = document.erase(now)?;
            self.log.leave_all(document, &erased, CloseCode::TRY_AGAIN);
            Ok::<_, validiant_documents::ports::StorageFailed>(erased.len())
        });
        let Ok(sockets) = erased else { return self.refuse(ErrorCode::STORAGE_FAILED) };
        self.release.set(Some(Release::Empty));
        self.log.did("document_erase");
        reply::disconnected(&self.answers, "Document deleted", sockets)
    }

    /// Raises the floor (P14.2). Returns how many sockets were closed, because they do not encrypt.
    fn raise(&self, floor: KeyEpoch) -> usize {
        self.close_for(CloseCode::BAD_REQUEST, |document, now| document.raise(floor, now))
    }

    /// Does something that closes sockets. Returns how many.
    fn close_for(
        &self,
        code: CloseCode,
        act: impl FnOnce(&mut RuntimeDocument, Millis) -> Vec<Visitor>,
    ) -> usize {
        self.with(|document, now| {
            let gone = act(document, now);
            self.log.leave_all(document, &gone, code);
            gone.len()
        })
    }

    fn refuse(&self, code: ErrorCode) -> JsValue {
        self.log.refused(code.code, None);
        reply::refusal(&self.answers, code)
    }

    fn not_from_our_gate(&self) -> JsValue {
        self.log.failed("call", NOT_FROM_OUR_GATE);
        reply::refusal(&self.answers, ErrorCode::INTERNAL_ERROR)
    }
}

fn visitor(Opening { admission, may_write, is_encrypted }: Opening) -> Visitor {
    // The floor is said with the verdict of the project's room.
    let floor = is_encrypted.then_some(0);
    let visitor = Visitor::new(admission.connection_id, admission.user, admission.token, may_write);
    Visitor { floor, ..visitor }
}

/// Who comes without a socket.
fn guest(bearer: Option<Bearer>) -> Option<Visitor> {
    let (user, token) = bearer.map(|bearer| (bearer.user, bearer.token)).unzip();
    let user = user.flatten().map(|id: UserId| User::unverified(id, None));
    Some(Visitor::new(ConnectionId::parse("http").ok()?, user, token, false))
}

/// What a request is told whose socket would be closed.
fn refusal_for(closing: Closing) -> ErrorCode {
    match closing.code {
        CloseCode::REMOVED => ErrorCode::FORBIDDEN,
        CloseCode::TOKEN_INVALID => ErrorCode::UNAUTHORIZED,
        _ => ErrorCode::ROOM_UNAVAILABLE,
    }
}
