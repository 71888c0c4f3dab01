//! Documents (P13): who may open, read, seed or erase one.

use validiant_core::names::{DocId, ProjectId};
use validiant_core::request::route::DocumentRoute;
use validiant_core::room_call::admission::Admission;
use validiant_core::room_call::document::{TOO_LARGE, call};
use validiant_core::token::Permission;
use validiant_core::wire::error_code::Refusal;
use worker::wasm_bindgen::prelude::*;

use crate::runtime::{self, Judged, Limited};

use super::{Gate, TRY_AGAIN, UNAUTHORIZED, UNAVAILABLE};

/// Who asks over HTTP: nobody in particular with the secret, or the bearer of a token, as text for the document, and what
/// depends on its signature.
type Caller = (String, Option<Judged>);

/// The document that a client wants to open.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub document: &'a DocId,
    /// Whether the client encrypts it (P14.7).
    pub is_encrypted: bool,
}

impl Gate<'_> {
    /// Handles a request about a document.
    #[inline(never)]
    pub fn document(
        &self,
        project: &ProjectId,
        document: &DocId,
        asked: DocumentRoute,
        query: &str,
    ) -> JsValue {
        let answer = match asked {
            DocumentRoute::Open => {
                return match call::is_encrypted(query) {
                    Ok(is_encrypted) => {
                        self.connect(project, Some(Wanted { document, is_encrypted }), query)
                    }
                    Err(reason) => self.connect_to_none(reason),
                };
            }
            DocumentRoute::Read => self.read(project, document, query),
            DocumentRoute::Seed => self.seed(project, document),
            DocumentRoute::Erase => self.erase_document(project, document),
        };
        answer.unwrap_or_else(|refusal| self.refuse(project, refusal))
    }

    /// Lets a client open a document (P13.1). `judged`: if it came with a token.
    #[inline(never)] // A connect to a room does not wait until this is compiled.
    pub(super) fn open(
        &self,
        project: &ProjectId,
        wanted: Wanted<'_>,
        (admission, may_write): (&Admission, bool),
        limited: Option<Limited>,
        judged: Option<Judged>,
    ) -> JsValue {
        let name = name_of(project, wanted.document);
        let call = call::open(admission, may_write, wanted.is_encrypted);
        TRY_AGAIN.with(|try_again| {
            let subprotocol = admission.subprotocol.as_deref();
            runtime::open_document(self.env, &name, &call, try_again, subprotocol, limited, judged)
                .into()
        })
    }

    /// Reads a document (P13.11).
    fn read(&self, project: &ProjectId, document: &DocId, query: &str) -> Result<JsValue, Refusal> {
        let (bearer, judged) = self.caller(Permission::DocRead, project)?;
        let call = call::read(call::text_of(query)?.as_deref(), &bearer);
        Ok(self.ask(project, document, &call, judged))
    }

    /// Gives an empty document its first content (P13.11).
    fn seed(&self, project: &ProjectId, document: &DocId) -> Result<JsValue, Refusal> {
        let (bearer, judged) = self.caller(Permission::DocWrite, project)?;
        self.may_read_body()?;
        let most = self.settings.documents.max_bytes;
        let length = self.head.content_length();
        if length.is_some_and(|length| length > most) {
            return Err(TOO_LARGE);
        }
        let too_long = self.too_long(project, TOO_LARGE);
        let (name, call) = (name_of(project, document), call::seed(&bearer));
        let Self { env, request, .. } = self;
        // The runtime makes sure that a body is as long as its header says.
        let most = length.unwrap_or(most);
        Ok(UNAVAILABLE.with(|unavailable| {
            runtime::seed_document(env, &name, &call, request, most, &too_long, unavailable, judged)
                .into()
        }))
    }

    /// Erases a document (P13.11), with the secret only.
    fn erase_document(&self, project: &ProjectId, document: &DocId) -> Result<JsValue, Refusal> {
        self.may_administer()?;
        Ok(self.ask(project, document, &call::erase(), None))
    }

    fn ask(
        &self,
        project: &ProjectId,
        document: &DocId,
        call: &str,
        judged: Option<Judged>,
    ) -> JsValue {
        let name = name_of(project, document);
        UNAVAILABLE.with(|unavailable| {
            runtime::ask_document(self.env, &name, call, unavailable, judged).into()
        })
    }

    fn caller(&self, needed: Permission, project: &ProjectId) -> Result<Caller, Refusal> {
        let Err(refused) = self.may_administer() else { return Ok((String::new(), None)) };
        let token = self.token_for(needed, project, refused)?;
        let judged = self.judged(project, &token, refused.code, (&UNAUTHORIZED, &UNAVAILABLE));
        Ok((token.claims.bearer().to_header(), Some(judged)))
    }
}

/// The name of the document's object. Neither id contains a slash.
fn name_of(project: &ProjectId, document: &DocId) -> String {
    [project.as_str(), "/", document.as_str()].concat()
}
