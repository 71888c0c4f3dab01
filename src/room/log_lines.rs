//! What a room writes to the log.

use validiant_core::Millis;
use validiant_core::answer::Published;
use validiant_core::encryption::KeyEpoch;
use validiant_core::member::Member;
use validiant_core::names::{ProjectId, UserId};
use validiant_core::room::{Answered, Connected};
use validiant_core::room_call::admission::Admission;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::removal::Removal;
use validiant_core::room_call::revocation::Scope;
use validiant_core::settings::LogLevel;
use validiant_core::tree::Place;
use validiant_core::wire::error_code::{ErrorCode, Refusal};
use validiant_core::wire::reason::Reason;
use worker::wasm_bindgen::prelude::*;

use super::{Room, RuntimeRoom};
use crate::log::{self, Line};
use crate::runtime;

/// The shortest time between two lines about clients that send too much.
const EXCESS_INTERVAL_MS: Millis = 1_000;

/// The number of a leaf; `None` for the root.
fn leaf_of(place: Place) -> Option<u32> {
    (place != Place::ROOT).then_some(place.index)
}

impl Room {
    pub(super) fn log_connect(
        &self,
        room: &RuntimeRoom,
        admission: &Admission,
        connected: &Connected,
    ) {
        self.log(&Line::Connect {
            project_id: room.project_id().as_str(),
            connection_id: admission.connection_id.as_str(),
            user_id: admission.user.as_ref().map(|user| user.id.as_str()),
            connections: room.connections(),
            active_users: room.active_users(),
            recovered: connected.recovered,
            replayed: connected.replayed,
        });
    }

    pub(super) fn log_leave(&self, room: &RuntimeRoom, member: &Member, code: u16) {
        self.log(&Line::Leave {
            project_id: room.project_id().as_str(),
            connection_id: member.connection_id.as_str(),
            user_id: member.user_id().map(UserId::as_str),
            code,
            connections: room.connections(),
            active_users: room.active_users(),
        });
    }

    pub(super) fn log_publish(&self, room: &RuntimeRoom, published: &Result<Published, Refusal>) {
        match published {
            // What is not logged need not be compiled.
            Ok(_) if self.settings.log_level > LogLevel::Info => {}
            Ok(published) if published.is_batch => self.log_batch(room, published),
            Ok(published) => self.log_delivery(room, published),
            Err(refusal) => self.log_refusal(room, refusal.code.code, refusal.reason),
        }
    }

    #[inline(never)]
    fn log_delivery(&self, room: &RuntimeRoom, published: &Published) {
        for delivery in &published.deliveries {
            self.log(&Line::Broadcast {
                project_id: room.project_id().as_str(),
                event_type: delivery.event_type.as_str(),
                recipients: delivery.recipients,
                excluded: delivery.excluded,
                seq: delivery.seq,
                duplicate: published.duplicate,
            });
        }
    }

    #[inline(never)]
    fn log_batch(&self, room: &RuntimeRoom, Published { deliveries, duplicate, .. }: &Published) {
        let seqs = || deliveries.iter().filter_map(|delivery| delivery.seq);
        self.log(&Line::Batch {
            project_id: room.project_id().as_str(),
            events: deliveries.len(),
            deliveries: deliveries.iter().map(|delivery| delivery.recipients).sum(),
            seq: seqs()
                .next()
                .zip(seqs().next_back())
                .map(|(first, last)| format!("{first}..{last}")),
            duplicate: *duplicate,
        });
    }

    pub(super) fn log_removal(&self, room: &RuntimeRoom, removal: &Removal, until: Option<Millis>) {
        self.log(&Line::Removal {
            project_id: room.project_id().as_str(),
            user_id: removal.user_id.as_str(),
            refused_until: until,
            min_key_epoch: Some(removal.min_key_epoch).filter(|epoch| *epoch > 0),
        });
    }

    pub(super) fn log_key_epoch(&self, room: &RuntimeRoom, min_key_epoch: KeyEpoch) {
        self.log(&Line::KeyEpoch { project_id: room.project_id().as_str(), min_key_epoch });
    }

    pub(super) fn log_revocation(&self, room: &RuntimeRoom, scope: &Scope) {
        let (user_id, token_id) = match scope {
            Scope::All => (None, None),
            Scope::User(user) => (Some(user.as_str()), None),
            Scope::Token(token) => (None, Some(token.as_str())),
        };
        let project_id = room.project_id().as_str();
        self.log(&Line::Revocation { project_id, user_id, token_id });
    }

    pub(super) fn log_erasure(&self, room: &RuntimeRoom, erasure: Erasure) {
        let all = erasure == Erasure::All;
        self.log(&Line::Erasure { project_id: room.project_id().as_str(), all });
    }

    /// Logs the result of a client's frame. Returns the token in it, if there is one.
    pub(super) fn log_answered(&self, room: &RuntimeRoom, answered: Answered) -> Option<String> {
        match answered {
            Answered::Served => {}
            Answered::Authenticate(token) => return Some(token),
            Answered::Refused(refusal) if refusal.exceeded.is_some() => self.log_excess(room),
            Answered::Refused(refusal) => {
                self.log_refusal(room, refusal.code.code, refusal.reason);
            }
            Answered::Several(all) => {
                // No list has a token.
                all.into_iter().for_each(|answered| drop(self.log_answered(room, answered)));
            }
            Answered::Closed(code, member) => {
                self.log_refusal(room, code.name, None);
                member.iter().for_each(|member| self.log_leave(room, member, code.number));
            }
        }
        None
    }

    /// A client sends too much. At most one line a second: a line costs as much as a message.
    fn log_excess(&self, room: &RuntimeRoom) {
        let (now, last) = (runtime::now(), self.excess_logged_at.get());
        // A clock that was set back holds up no line.
        if now.abs_diff(last) >= EXCESS_INTERVAL_MS {
            self.excess_logged_at.set(now);
            self.log_refusal(room, ErrorCode::RATE_LIMITED.code, None);
        }
    }

    #[inline(never)]
    pub(super) fn log_refusal(&self, room: &RuntimeRoom, code: &str, reason: Option<Reason>) {
        let project_id = Some(room.project_id().as_str());
        self.log(&Line::Refusal { project_id, code, reason: reason.map(Reason::name) });
    }

    pub(super) fn log_failure(&self, action: &str, thrown: &JsValue) {
        let known = self.name().and_then(|name| Place::parse_object_name(&name)).unzip();
        let (project, leaf) = (known.0, known.1.and_then(leaf_of));
        let at = (project.as_ref().map(ProjectId::as_str), leaf);
        log::failure_of(self.settings.log_level, at, action, thrown);
    }

    pub(super) fn log(&self, line: &Line<'_>) {
        log::write_of(self.settings.log_level, line, leaf_of(self.place.get()));
    }
}
