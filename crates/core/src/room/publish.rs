//! Delivers a backend's events to the sockets (P2, P3.4).

use serde::{Serialize, Serializer};

use super::Room;
use super::journal::Numbered;
use crate::Millis;
use crate::member::Member;
use crate::names::EventType;
use crate::ports::{Sockets, Storage};
use crate::position::Seq;
use crate::publication::Publication;
use crate::publication::audience::{Audience, Verdict};
use crate::publication::envelope::Envelope;
use crate::wire::error_code::Refusal;

/// The result of one event.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The type of the event.
    #[serde(skip)]
    pub event_type: EventType,
    /// How many sockets were sent the event, or will be, together with the next ones.
    pub recipients: usize,
    /// How many more there would be without the exclusion.
    pub excluded: usize,
    /// Its number, if it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
}

/// The result of a publication.
#[derive(Debug, PartialEq, Eq)]
pub struct Published {
    /// The result of each event.
    pub deliveries: Vec<Delivery>,
    /// Whether the backend sent a list of events.
    pub is_batch: bool,
    /// Whether it had already been published with the same key, so that nothing was sent now.
    pub duplicate: bool,
}

/// The answer to a broadcast (P2.9).
impl Serialize for Published {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Answer<'a> {
            success: bool,
            message: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            recipients: Option<usize>,
            #[serde(skip_serializing_if = "Option::is_none")]
            excluded: Option<usize>,
            #[serde(skip_serializing_if = "Option::is_none")]
            seq: Option<Seq>,
            #[serde(skip_serializing_if = "Option::is_none")]
            events: Option<&'a [Delivery]>,
            #[serde(skip_serializing_if = "std::ops::Not::not")]
            duplicate: bool,
        }
        let Self { deliveries, is_batch, duplicate } = self;
        let message = if *duplicate { "Broadcast already sent" } else { "Broadcast sent" };
        let alone = deliveries.first().filter(|_| !is_batch);
        let answer = Answer {
            success: true,
            message,
            recipients: alone.map(|event| event.recipients),
            excluded: alone.map(|event| event.excluded),
            seq: alone.and_then(|event| event.seq),
            events: is_batch.then_some(deliveries),
            duplicate: *duplicate,
        };
        answer.serialize(serializer)
    }
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Publishes one or more events of a backend (P2). `body` has already been limited to `MAX_PAYLOAD_BYTES`.
    ///
    /// `key`: the value of `Idempotency-Key`. `more_to_come`: other events are already arriving, so this one waits to be
    /// sent with them. The caller must then call [`Self::flush`] soon.
    ///
    /// # Errors
    /// The body is invalid, the room is over its rate, or the storage failed; then nobody got anything.
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
        let numbered = self.keep(&publication, now)?;
        let Publication { events, is_batch, .. } = publication;
        let waits = more_to_come || events.len() > 1 || self.holds_events();
        let pairs = events.into_iter().zip(numbered);
        let deliveries =
            pairs.map(|(event, numbered)| self.hand_out(event, numbered, waits)).collect();
        Ok(Published { deliveries, is_batch, duplicate: false })
    }

    fn hand_out(&mut self, event: Envelope<'_>, (seq, frame): Numbered, waits: bool) -> Delivery {
        let Envelope { event_type, audience, .. } = event;
        let mut excluded = 0;
        let mut admit = |member: &Member| {
            let verdict = audience.verdict(member.user_id());
            excluded += usize::from(verdict == Verdict::Excluded);
            verdict == Verdict::Send
        };
        let recipients = if waits {
            let recipients = self.sockets.members().filter(|member| admit(member)).count();
            self.let_wait(frame, &audience);
            recipients
        } else {
            self.send_to(&frame, admit)
        };
        Delivery { event_type, recipients, excluded, seq }
    }

    fn let_wait(&mut self, frame: String, audience: &Audience) {
        if self.batch.is_full() {
            self.flush();
        }
        self.batch.push(frame, audience);
    }

    /// Whether events wait for others.
    #[must_use]
    pub fn holds_events(&self) -> bool {
        !self.batch.is_empty()
    }

    /// Sends out the events that wait for others.
    pub fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        let addressed = batch.address(self.sockets.members());
        self.sockets.fan_out(&addressed.frames, |member| addressed.frames_for(member));
    }

    /// Sends one frame to every socket whose member `admit` accepts. Returns how many sockets took it.
    pub(super) fn send_to(&mut self, frame: &str, mut admit: impl FnMut(&Member) -> bool) -> usize {
        self.sockets.fan_out(&[frame], |member| admit(member).then_some(0))
    }
}
