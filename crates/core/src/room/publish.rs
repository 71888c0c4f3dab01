//! A backend's events on their way to the sockets (P2, P3.4).

use super::Room;
use crate::Millis;
use crate::audience::Verdict;
use crate::envelope::{Envelope, EnvelopeError};
use crate::frame;
use crate::member::Member;
use crate::names::EventType;
use crate::ports::{Sockets, Storage};

/// What came of a broadcast.
#[derive(Debug, PartialEq, Eq)]
pub struct Published {
    /// The type of the event.
    pub event_type: EventType,
    /// How many sockets were handed the event, or will be together with the next ones.
    pub recipients: usize,
    /// How many would have been, but for the exclusion.
    pub excluded: usize,
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// A backend broadcasts an event (P2). `body` was bounded to `MAX_PAYLOAD_BYTES` before.
    ///
    /// `more_to_come`: other events are on their way already, so this one waits, to go out with them.
    /// The caller sees to it that [`Self::flush`] is called soon.
    ///
    /// # Errors
    /// The body is not a valid envelope; then nobody got anything.
    pub fn publish(
        &mut self,
        body: &[u8],
        more_to_come: bool,
        now: Millis,
    ) -> Result<Published, EnvelopeError> {
        let published = self.take(body, more_to_come, now);
        if !more_to_come || self.batch.is_full() {
            self.flush();
        }
        published
    }

    /// Sends an event that comes alone, which is the usual case, and lets any other wait.
    fn take(
        &mut self,
        body: &[u8],
        more_to_come: bool,
        now: Millis,
    ) -> Result<Published, EnvelopeError> {
        let Envelope { event_type, payload, audience } = Envelope::parse(body)?;
        let frame = frame::event(&event_type, payload, now);
        let mut excluded = 0;
        let mut admit = |member: &Member| {
            let verdict = audience.verdict(member.user_id());
            excluded += usize::from(verdict == Verdict::Excluded);
            verdict == Verdict::Send
        };
        let recipients = if more_to_come || self.holds_events() {
            let recipients = self.sockets.members().filter(|member| admit(member)).count();
            self.batch.push(frame, &audience);
            recipients
        } else {
            self.send_to(&frame, admit)
        };
        Ok(Published { event_type, recipients, excluded })
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

    /// Hands one frame to every socket whose member `admit` lets through. Answers how many took it.
    pub(super) fn send_to(&mut self, frame: &str, mut admit: impl FnMut(&Member) -> bool) -> usize {
        self.sockets.fan_out(&[frame], |member| admit(member).then_some(0))
    }
}
