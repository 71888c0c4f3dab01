//! Administration of a room, with the secret only (P1.9, P8).

use validiant_core::names::ProjectId;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::removal::Removal;
use validiant_core::room_call::revocation::{MAX_BODY_BYTES as MAX_REVOCATION_BYTES, Revocation};
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
            Err(code) => return self.refuse(project, code),
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
