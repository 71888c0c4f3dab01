//! Delivers a backend's events to the sockets (P2, P3.4).

use super::Room;
use super::journal::Numbered;
use crate::Millis;
use crate::answer::{Delivery, Published};
use crate::member::{Member, SocketId};
use crate::ports::{Sockets, Storage};
use crate::publication::Publication;
use crate::publication::audience::{Audience, Verdict};
use crate::publication::envelope::Envelope;
use crate::tree::root::tickets::{Answer, Part};
use crate::tree::wire::Entry;
use crate::wire::error_code::Refusal;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Publishes one or more events of a backend (P2). `body` has already been limited to `MAX_PAYLOAD_BYTES`.
    ///
    /// `key`: the value of `Idempotency-Key`. `more_to_come`: other events are already arriving, so this one waits to be
    /// sent with them. The caller must then call [`Self::flush`] soon.
    ///
    /// # Errors
    /// The body is invalid, the room is over its rate, or the storage failed; then nobody got anything.
    #[inline(never)]
    pub fn publish(
        &mut self,
        body: &[u8],
        key: Option<&str>,
        more_to_come: bool,
        now: Millis,
    ) -> Result<Published, Refusal> {
        let published = self.take(body, key, more_to_come, now);
        if !more_to_come || self.batch.is_full() {
            self.flush();
        }
        published
    }

    /// Sends a single event at once, which is the usual case, and lets any other wait.
    fn take(
        &mut self,
        body: &[u8],
        key: Option<&str>,
        more_to_come: bool,
        now: Millis,
    ) -> Result<Published, Refusal> {
        let publication = Publication::parse(body, key);
        let events = publication.as_ref().map_or(1, |publication| publication.events.len());
        self.settings.limits.take_publishes(&mut self.publishes, events, now)?;
        let publication = publication?;
        if let Some(before) = self.repeated(&publication, now)? {
            return Ok(before);
        }
        self.may_send_all(&publication)?;
        let is_grown = self.know_tree(now)?;
        let numbered = self.keep(&publication, now)?;
        let Publication { events, is_batch, .. } = publication;
        let waits = more_to_come || events.len() > 1 || self.holds_events();
        if is_grown {
            return Ok(self.hand_out_everywhere(events, numbered, is_batch, waits, now));
        }
        let pairs = events.into_iter().zip(numbered);
        let deliveries =
            pairs.map(|(event, numbered)| self.hand_out(event, numbered, waits)).collect();
        Ok(Published { deliveries, is_batch, duplicate: false, is_partial: false, ticket: None })
    }

    /// The same to all places. The answer waits until the leaves have told how many they have reached.
    #[inline(never)]
    fn hand_out_everywhere(
        &mut self,
        events: Vec<Envelope<'_>>,
        numbered: Vec<Numbered>,
        is_batch: bool,
        waits: bool,
        now: Millis,
    ) -> Published {
        let mut entries = Vec::with_capacity(events.len());
        let mut deliveries = Vec::with_capacity(events.len());
        for (event, (seq, frame)) in events.into_iter().zip(numbered) {
            let audience = event.audience.clone();
            entries.push(Entry::Event { seq, at: now, audience, frame: frame.clone() });
            deliveries.push(self.hand_out(event, (seq, frame), waits));
        }
        let duplicate = false;
        let published =
            Published { deliveries, is_batch, duplicate, is_partial: false, ticket: None };
        let ticket = self.await_leaves(Answer::Published(published.clone()), entries.len());
        for (event, entry) in entries.iter().enumerate() {
            self.share(entry, ticket.map(|ticket| Part { ticket, event }));
        }
        Published { ticket, ..published }
    }

    #[inline(never)]
    fn hand_out(&mut self, event: Envelope<'_>, (seq, frame): Numbered, waits: bool) -> Delivery {
        let Envelope { event_type, audience, .. } = event;
        let mut excluded = 0;
        let admit = |member: &Member| {
            let verdict = audience.verdict(&member.connection_id, member.user_id());
            excluded += usize::from(verdict == Verdict::Excluded);
            verdict == Verdict::Send
        };
        let recipients = if waits {
            self.let_wait(frame, &audience, admit)
        } else {
            self.send_to(&frame, admit)
        };
        Delivery { event_type, recipients, excluded, seq }
    }

    /// Returns how many sockets it is for.
    #[inline(never)] // An event alone does not wait until this is compiled.
    fn let_wait(
        &mut self,
        frame: String,
        audience: &Audience,
        mut admit: impl FnMut(&Member) -> bool,
    ) -> usize {
        if self.batch.is_full() {
            self.flush();
        }
        self.batch.push(frame, audience);
        self.sockets.members().filter(|member| admit(member)).count()
    }

    /// Whether events wait for others.
    #[must_use]
    pub fn holds_events(&self) -> bool {
        !self.batch.is_empty()
    }

    /// Sends out the events that wait for others.
    pub fn flush(&mut self) {
        if self.holds_events() {
            self.send_out();
        }
    }

    #[inline(never)] // An event alone does not wait until this is compiled.
    fn send_out(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        let addressed = batch.address(self.sockets.members());
        self.sockets
            .fan_out(&addressed.frames, |socket, member| addressed.frames_for(socket, member));
    }

    /// Sends one frame to every socket whose member `admit` accepts. Returns how many sockets took it.
    pub(super) fn send_to(&mut self, frame: &str, mut admit: impl FnMut(&Member) -> bool) -> usize {
        self.sockets.fan_out(&[frame], |_, member| admit(member).then_some(0))
    }

    /// The same, without the socket that it comes from.
    pub(super) fn send_to_others(
        &mut self,
        from: SocketId,
        frame: &str,
        mut admit: impl FnMut(&Member) -> bool,
    ) -> usize {
        let choose = |socket, member: &Member| (socket != from && admit(member)).then_some(0);
        self.sockets.fan_out(&[frame], choose)
    }
}
