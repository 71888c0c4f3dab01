//! Who may broadcast (P2, P9.6).

use validiant_core::names::ProjectId;
use validiant_core::publication::ForMany;
use validiant_core::token::Permission;
use validiant_core::wire::error_code::{ErrorCode, Refusal};
use worker::js_sys::{Array, Uint8Array};
use worker::wasm_bindgen::prelude::*;

use crate::runtime;

use super::{Gate, TOO_LARGE, UNAUTHORIZED, UNAVAILABLE, refuse};

impl Gate<'_> {
    /// Broadcasts to the room for a backend (P2), with the secret or a token (P9.6).
    #[inline(never)]
    pub fn publish(&self, project: &ProjectId) -> JsValue {
        if let Err(refused) = self.may_administer() {
            return self.publish_with_token(project, refused);
        }
        if let Err(refused) = self.may_read_body() {
            return self.refuse(project, refused);
        }
        let max_bytes = self.settings.max_payload_bytes;
        match self.head.content_length() {
            // The runtime makes sure that a body is as long as its header says.
            Some(length) if length > max_bytes => self.refuse(project, TOO_LARGE),
            // The usual case: the runtime's own request is passed on unchanged, with its body unread. A request with an
            // `Upgrade` header would have a special meaning for the runtime on the way.
            Some(_) if self.head.upgrade.is_empty() && self.head.idempotency_key.is_empty() => {
                UNAVAILABLE.with(|unavailable| {
                    runtime::forward(self.env, project.as_str(), self.request, unavailable).into()
                })
            }
            _ => self.publish_bounded(project, max_bytes),
        }
    }

    /// A client without the secret may have a token for this project. `refused`: why the secret was refused.
    #[inline(never)]
    fn publish_with_token(&self, project: &ProjectId, refused: ErrorCode) -> JsValue {
        let token = match self.token_for(Permission::Publish, project, refused) {
            Ok(token) => token,
            Err(refusal) => return self.refuse(project, refusal),
        };
        if let Err(refused) = self.may_read_body() {
            return self.refuse(project, refused);
        }
        let judged = self.judged(project, &token, refused.code, (&UNAUTHORIZED, &UNAVAILABLE));
        let bearer = token.claims.bearer().to_header();
        let too_long = self.too_long(project, TOO_LARGE);
        UNAVAILABLE.with(|unavailable| {
            runtime::forward_if_valid(
                self.env,
                project.as_str(),
                self.request,
                self.settings.max_payload_bytes,
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
    pub(super) fn too_long(&self, project: &ProjectId, refusal: Refusal) -> JsValue {
        let (least, refused_by) = (self.settings.log_level, project.clone());
        Closure::once_into_js(move || refuse(least, Some(&refused_by), refusal))
    }

    #[inline(never)]
    fn publish_bounded(&self, project: &ProjectId, max_bytes: usize) -> JsValue {
        let too_long = self.too_long(project, TOO_LARGE);
        UNAVAILABLE.with(|unavailable| {
            let (env, room, key) = (self.env, project.as_str(), self.head.idempotency_key);
            let request = self.request;
            runtime::forward_bounded(env, room, request, max_bytes, key, &too_long, unavailable)
                .into()
        })
    }

    /// Broadcasts to several rooms for a backend (P2.13).
    #[inline(never)]
    pub fn publish_to_many(&self) -> JsValue {
        if let Err(refused) = self.may_administer().and_then(|()| self.may_read_body()) {
            return refuse(self.settings.log_level, None, refused);
        }
        let (least, key) = (self.settings.log_level, self.head.idempotency_key.to_owned());
        let judge = Closure::once_into_js(move |body: Option<Uint8Array>| {
            let Some(body) = body else { return refuse(least, None, TOO_LARGE) };
            match ForMany::parse(&body.to_vec(), Some(&key)) {
                Ok(publication) => for_each(&publication).into(),
                Err(refusal) => refuse(least, None, refusal),
            }
        });
        UNAVAILABLE.with(|unavailable| {
            let (max_bytes, key) = (self.settings.max_payload_bytes, self.head.idempotency_key);
            let Self { env, request, .. } = self;
            runtime::publish_to_many(env, request, max_bytes, key, &judge, unavailable).into()
        })
    }
}

/// The rooms, and the body for each of them.
fn for_each(publication: &ForMany) -> Array {
    let rooms: Array =
        publication.projects.iter().map(|project| JsValue::from_str(project.as_str())).collect();
    Array::of2(&rooms, &Uint8Array::from(publication.body.as_slice()))
}
