//! What a document writes to the log.

use validiant_core::names::UserId;
use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::reason::Reason;
use validiant_documents::room::{Compacted, Connected, Trouble};
use validiant_documents::visitor::Visitor;

use crate::document::RuntimeDocument;
use crate::host::HostLog;

impl HostLog {
    pub fn connect(&self, document: &RuntimeDocument, visitor: &Visitor, connected: &Connected) {
        if let Some(old) = &connected.replaced {
            self.leave(document, old, CloseCode::REPLACED.number);
        }
        self.leave_all(document, &connected.plain, CloseCode::BAD_REQUEST);
        let user = visitor.user_id().map(UserId::as_str);
        self.connected(visitor.connection_id.as_str(), user, document.sockets());
    }

    pub fn leave(&self, document: &RuntimeDocument, visitor: &Visitor, code: u16) {
        let user = visitor.user_id().map(UserId::as_str);
        self.left(visitor.connection_id.as_str(), user, code, document.sockets());
    }

    pub fn leave_all(&self, document: &RuntimeDocument, visitors: &[Visitor], code: CloseCode) {
        visitors.iter().for_each(|visitor| self.leave(document, visitor, code.number));
    }

    pub fn refuse(&self, closing: Closing) {
        self.refused(closing.code.name, closing.failed_check().map(Reason::name));
    }

    pub fn compaction(&self, compacted: Option<Compacted>) {
        match compacted {
            Some(Compacted::Done { from, to }) => self.compacted(from, to),
            Some(Compacted::NotNeeded) => {}
            Some(Compacted::Refused) => {
                self.failed("compact", "the document can't be merged into the same");
            }
            None => self.failed("compact", "the storage failed"),
        }
    }

    pub fn trouble(&self, trouble: Trouble) {
        match trouble {
            Trouble::CompactionDied => self.failed("compact", "the last compaction died"),
            Trouble::Damaged => self.failed("load_updates", "something stored can't be read"),
        }
    }
}
