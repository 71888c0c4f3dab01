//! Administration of a room, with the secret only (P1.9, P8, P14.2).

use validiant_core::names::ProjectId;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::key_epoch;
use validiant_core::room_call::removal::Removal;
use validiant_core::room_call::revocation::{MAX_BODY_BYTES as MAX_REVOCATION_BYTES, Revocation};
use validiant_core::wire::error_code::Refusal;
use worker::js_sys::Uint8Array;
use worker::wasm_bindgen::prelude::*;

use crate::runtime;

use super::{Gate, TOO_LARGE, UNAVAILABLE, refuse};

impl Gate<'_> {
    /// Removes a user from the room for a backend (P8).
    #[inline(never)]
    pub fn remove_user(&self, project: &ProjectId, user: &str, query: &str) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return self.refuse(project, refused);
        }
        let removal = match Removal::parse(user, query) {
            Ok(removal) => removal.to_header(),
            Err(refusal) => return self.refuse(project, refusal),
        };
        UNAVAILABLE.with(|unavailable| {
            runtime::remove(self.env, project.as_str(), &removal, unavailable).into()
        })
    }

    /// Erases the room for a backend (P8.7).
    #[inline(never)]
    pub fn erase(&self, project: &ProjectId, query: &str) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return self.refuse(project, refused);
        }
        let erasure = match Erasure::parse(query) {
            Ok(erasure) => erasure.to_header(),
            Err(refusal) => return self.refuse(project, refusal),
        };
        UNAVAILABLE.with(|unavailable| {
            runtime::erase(self.env, project.as_str(), erasure, unavailable).into()
        })
    }

    /// Revokes tokens in the room for a backend (P8.4).
    #[inline(never)]
    pub fn revoke(&self, project: &ProjectId) -> JsValue {
        if let Err(refused) = self.may_administer().and_then(|()| self.may_read_body()) {
            return self.refuse(project, refused);
        }
        let judge = self.judge(project, |body| {
            Revocation::parse(body, runtime::now()).map(|revocation| revocation.to_header())
        });
        let Self { env, request, .. } = self;
        UNAVAILABLE.with(|unavailable| {
            let room = project.as_str();
            runtime::revoke(env, room, request, MAX_REVOCATION_BYTES, &judge, unavailable).into()
        })
    }

    /// Raises the lowest key epoch of the room for a backend (P14.2).
    #[inline(never)]
    pub fn raise_key_epoch(&self, project: &ProjectId) -> JsValue {
        if let Err(refused) = self.may_administer().and_then(|()| self.may_read_body()) {
            return self.refuse(project, refused);
        }
        let judge = self.judge(project, |body| Ok(key_epoch::parse(body)?.to_string()));
        let Self { env, request, .. } = self;
        UNAVAILABLE.with(|unavailable| {
            let room = project.as_str();
            let most = key_epoch::MAX_BODY_BYTES;
            runtime::raise_key_epoch(env, room, request, most, &judge, unavailable).into()
        })
    }

    /// A function that takes a body, or `undefined` if it is too large, and returns what `parse` makes of it for the room,
    /// or a refusal.
    fn judge(&self, project: &ProjectId, parse: fn(&[u8]) -> Result<String, Refusal>) -> JsValue {
        let (least, room) = (self.settings.log_level, project.clone());
        Closure::once_into_js(move |body: Option<Uint8Array>| {
            let Some(body) = body else { return refuse(least, Some(&room), TOO_LARGE) };
            match parse(&body.to_vec()) {
                Ok(text) => text.into(),
                Err(refusal) => refuse(least, Some(&room), refusal),
            }
        })
    }

    /// Reads the room's state for a backend (P1.9).
    #[inline(never)]
    pub fn state(&self, project: &ProjectId) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return self.refuse(project, refused);
        }
        UNAVAILABLE.with(|unavailable| {
            runtime::ask_for_state(self.env, project.as_str(), unavailable).into()
        })
    }
}
