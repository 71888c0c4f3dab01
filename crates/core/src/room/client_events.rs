//! What a client says to the others (P11).

use super::{Answered, Room};
use crate::Millis;
use crate::limits::{ClientEventLimits, Exceeded};
use crate::member::{Member, SocketId};
use crate::ports::{Sockets, Storage};
use crate::publication::audience::Audience;
use crate::wire::client_message::ClientEvent;
use crate::wire::error_code::ErrorCode;
use crate::wire::frame;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Whether a member may send events to other clients (P11.1).
    pub(super) fn may_send(&self, member: &Member) -> bool {
        let is_open = !self.settings.takes_tokens;
        self.settings.limits.client_events.is_some() && (is_open || member.may_send)
    }

    /// Passes an event on to the other sockets.
    ///
    /// `more_to_come`: other messages came with it in one frame. The caller then calls [`Self::flush`].
    #[inline(never)]
    pub(super) fn pass_on(
        &mut self,
        from: SocketId,
        event: ClientEvent<'_>,
        more_to_come: bool,
        now: Millis,
    ) -> Answered {
        let Some(sender) = self.sockets.member(from) else { return Answered::Served };
        if !self.may_send(sender) {
            return self.refuse(from, ErrorCode::NOT_ALLOWED, now);
        }
        let frame = frame::client_event(&event, sender, now);
        let audience = Audience { only: event.only, ..Audience::default() };
        let admit = |member: &Member| audience.admits(member);
        let sockets = self.sockets.members().filter(|member| admit(member)).count();
        let others = sockets - usize::from(admit(sender));
        if let Err(exceeded) = self.take_deliveries(others, now) {
            return self.refuse(from, exceeded, now);
        }
        if more_to_come {
            if self.batch.is_full() {
                self.flush();
            }
            self.batch.push_from(from, frame, &audience);
        } else {
            self.send_to_others(from, &frame, admit);
        }
        Answered::Served
    }

    /// Counts the sockets that a client's message goes to (P11.5).
    pub(super) fn take_deliveries(&mut self, sockets: usize, now: Millis) -> Result<(), Exceeded> {
        let limits = self.settings.limits.client_events.as_ref();
        let take = |limits: &ClientEventLimits| {
            limits.take_deliveries(&mut self.client_deliveries, sockets, now)
        };
        limits.map_or(Ok(()), take)
    }
}
