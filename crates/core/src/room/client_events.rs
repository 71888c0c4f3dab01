//! What a client says to the others (P11).

use super::{Answered, Room, RoomSettings, key_epoch};
use crate::Millis;
use crate::limits::Exceeded;
use crate::limits::rate::Bucket;
use crate::member::{Member, SocketId};
use crate::ports::{Sockets, Storage};
use crate::publication::audience::Audience;
use crate::tree::Tree;
use crate::tree::outbox::Asker;
use crate::tree::wire::{At, Entry};
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
        event: &ClientEvent<'_>,
        more_to_come: bool,
        now: Millis,
    ) -> Answered {
        let least = match self.min_key_epoch_for_client() {
            Ok(least) => least,
            Err(unknown) => return self.refuse(from, unknown, now),
        };
        let Some(sender) = self.sockets.member(from) else { return Answered::Served };
        if !self.may_send(sender) {
            return self.refuse(from, ErrorCode::NOT_ALLOWED, now);
        }
        if least > 0
            && let Err(refusal) = key_epoch::judge_event(event.payload, least)
        {
            return self.refuse(from, refusal, now);
        }
        if !matches!(self.tree, Tree::Alone) {
            return self.pass_on_everywhere(from, event, more_to_come, now);
        }
        let others = self.others_in(&event.audience, sender);
        // Before the frame is made: a room that is flooded has no time for more than the refusal.
        let Self { settings, client_deliveries, .. } = self;
        if let Err(exceeded) = take(settings, client_deliveries, others, others, now) {
            return self.refuse(from, exceeded, now);
        }
        let frame = frame::client_event(event, sender, now);
        self.send_on(from, frame, &event.audience, more_to_come);
        Answered::Served
    }

    /// The same in a room of several places. From a leaf it goes up only, and comes down again.
    #[inline(never)]
    fn pass_on_everywhere(
        &mut self,
        from: SocketId,
        event: &ClientEvent<'_>,
        more_to_come: bool,
        now: Millis,
    ) -> Answered {
        let Some(sender) = self.sockets.member(from) else { return Answered::Served };
        let frame = frame::client_event(event, sender, now);
        let at = At { place: self.place(), socket: from };
        let audience = event.audience.clone();
        match &self.tree {
            Tree::Leaf(_) => {
                let asker = Asker::Client(from);
                self.send_up(Entry::Said { from: at, audience, frame }, asker, now);
            }
            Tree::Root(_) => {
                let here = self.others_in(&audience, sender);
                let known = here.saturating_add(self.addressed_at_leaves(&audience));
                if let Err(exceeded) = self.take_deliveries(known, now) {
                    return self.refuse(from, exceeded, now);
                }
                let entry = Entry::Said { from: at, audience, frame: frame.clone() };
                self.send_on(from, frame, &event.audience, more_to_come);
                self.share(&entry, None);
            }
            Tree::Unread | Tree::Alone => {
                return self.refuse(from, ErrorCode::ROOM_UNAVAILABLE, now);
            }
        }
        Answered::Served
    }

    /// Sends a client's event to the sockets here.
    fn send_on(&mut self, from: SocketId, frame: String, audience: &Audience, more_to_come: bool) {
        if more_to_come {
            if self.batch.is_full() {
                self.flush();
            }
            self.batch.push_from(from, frame, audience);
        } else {
            self.send_to_others(from, &frame, |member| audience.admits(member));
        }
    }

    /// How many sockets besides the sender's an event is for.
    fn others_in(&self, audience: &Audience, sender: &Member) -> usize {
        if audience.only.is_none() {
            return self.sockets.count().saturating_sub(1);
        }
        let all = self.sockets.members().filter(|member| audience.admits(member)).count();
        all - usize::from(audience.admits(sender))
    }

    /// Counts the sockets that a client's message goes to (P11.5).
    pub(super) fn take_deliveries(&mut self, sockets: usize, now: Millis) -> Result<(), Exceeded> {
        let most = self.all_sockets();
        take(&self.settings, &mut self.client_deliveries, sockets, most, now)
    }

    /// Counts sockets that a client's message has gone to already.
    pub(super) fn owe_deliveries(&mut self, sockets: usize, now: Millis) {
        let most = self.all_sockets();
        if let Some(limits) = &self.settings.limits.client_events {
            limits.owe_deliveries(&mut self.client_deliveries, sockets, most, now);
        }
    }
}

fn take(
    settings: &RoomSettings,
    bucket: &mut Bucket,
    sockets: usize,
    most: usize,
    now: Millis,
) -> Result<(), Exceeded> {
    let limits = settings.limits.client_events.as_ref();
    limits.map_or(Ok(()), |limits| limits.take_deliveries(bucket, sockets, most, now))
}
