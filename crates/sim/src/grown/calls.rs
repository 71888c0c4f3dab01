//! The network between the objects: calls that are lost, late, or come again, and answers that are lost.

use validiant_core::Millis;
use validiant_core::tree::{CALL_TIMEOUT_MS, Call, Place};

use super::due::Due;
use super::flaw::Flaw;
use super::world::World;
use crate::violation::Checked;

/// After how long a call can come again.
const LONGEST_REPEAT_MS: Millis = 300_000;
/// How long a slow call takes at most.
const LONGEST_CALL_MS: Millis = 20_000;

impl World {
    /// An object makes all calls that are due.
    pub fn pump(&mut self, place: Place) -> Checked {
        let now = self.now;
        let Some(object) = self.objects.get_mut(&place) else { return Ok(()) };
        let life = object.life;
        let Some(room) = &mut object.room else { return Ok(()) };
        if !room.wants_calls() && object.parked.is_empty() {
            return Ok(());
        }
        let calls: Vec<Call> = std::iter::from_fn(|| room.next_call(now)).collect();
        let due_in = room.call_due_in(now);
        let due_at = due_in.map(|ms| now + ms);
        let known = std::mem::replace(&mut object.call_due_at, due_at);
        for call in calls {
            self.send_call((place, life), call);
        }
        if let Some(ms) = due_in.filter(|_| known != due_at) {
            self.schedule(ms, Due::Call { of: (place, life) });
        }
        self.settle_tickets(place)
    }

    fn send_call(&mut self, from: (Place, u32), Call { to, text }: Call) {
        self.counts.add("calls");
        self.calls += 1;
        let call = self.calls;
        let text = self.forged_call(from.0, text);
        if let Some(object) = self.objects.get_mut(&from.0) {
            object.calls.insert(to, call);
        }
        self.schedule(CALL_TIMEOUT_MS, Due::TimeOut { of: from, to, call });
        let weather = self.weather();
        if self.happens(weather.repeated) {
            self.counts.add("calls that came again");
            let late = self.rng.bool();
            let after = self.rng.u64(1..if late { LONGEST_REPEAT_MS } else { 1_000 });
            let (text, is_repeat) = (text.clone(), true);
            self.schedule(after, Due::Request { from, to, call, text, is_repeat });
        }
        if self.happens(weather.lost) || self.is_cut_off(from.0) {
            self.counts.add("calls that were lost");
            if let Some(text) = self.forged_answer_to_lost(&text) {
                self.schedule(1, Due::Answer { to: from, by: to, call, text });
            }
            return;
        }
        let after = self.delay();
        self.schedule(after, Due::Request { from, to, call, text, is_repeat: false });
    }

    /// How long a call or an answer is on its way.
    fn delay(&mut self) -> Millis {
        let weather = self.weather();
        if self.happens(weather.slow) {
            self.counts.add("calls that were slow");
            return self.rng.u64(CALL_TIMEOUT_MS..LONGEST_CALL_MS);
        }
        self.rng.u64(1..=Millis::from(weather.latency_ms.max(1)))
    }

    fn is_cut_off(&self, place: Place) -> bool {
        self.objects.get(&place).is_some_and(|object| object.cut_until > self.now)
    }

    pub fn request(
        &mut self,
        from: (Place, u32),
        to: Place,
        call: u64,
        text: &str,
        is_repeat: bool,
    ) -> Checked {
        if self.is_cut_off(to) {
            self.counts.add("calls that were lost");
            return Ok(());
        }
        let newest = self.arrived.entry((from.0, to)).or_default();
        self.counts
            .add_many("calls that were overtaken", usize::from(!is_repeat && call < *newest));
        *newest = call.max(*newest);
        let text = if is_repeat { self.forged_repeat(text) } else { text.to_owned() };
        let answer = self.act(to, |room, now| room.called(&text, now));
        self.end(to)?;
        self.unpark(to);
        let weather = self.weather();
        if is_repeat || self.happens(weather.unheard) || self.is_cut_off(from.0) {
            self.counts.add_many("answers that were lost", usize::from(!is_repeat));
            return Ok(());
        }
        let text = self.forged_answer(to, answer);
        let after = self.delay();
        self.schedule(after, Due::Answer { to: from, by: to, call, text });
        Ok(())
    }

    /// Takes a call off its way, unless that is over.
    fn takes_off(&mut self, (place, life): (Place, u32), to: Place, call: u64) -> bool {
        let Some(object) = self.objects.get_mut(&place).filter(|it| it.life == life) else {
            return false;
        };
        let is_on_its_way = object.calls.get(&to) == Some(&call);
        if is_on_its_way {
            object.calls.remove(&to);
        }
        is_on_its_way
    }

    pub fn answer(&mut self, to: (Place, u32), by: Place, call: u64, text: &str) -> Checked {
        if !self.takes_off(to, by, call) {
            return Ok(());
        }
        self.act(to.0, |room, now| room.answered(by, text, now));
        self.end(to.0)?;
        self.unpark(to.0);
        Ok(())
    }

    pub fn time_out(&mut self, of: (Place, u32), to: Place, call: u64) -> Checked {
        if !self.takes_off(of, to, call) {
            return Ok(());
        }
        self.counts.add("calls that timed out");
        self.act(of.0, |room, now| room.unanswered(to, now));
        self.end(of.0)?;
        self.unpark(of.0);
        Ok(())
    }

    pub fn call_is_due(&mut self, of: (Place, u32)) -> Checked {
        let now = self.now;
        let Some(object) = self.objects.get_mut(&of.0) else { return Ok(()) };
        if object.life != of.1 || object.call_due_at.is_none_or(|at| at > now) {
            return Ok(());
        }
        object.call_due_at = None;
        self.act(of.0, |_, _| ());
        self.end(of.0)
    }

    /// Whether this break is planted.
    pub fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }
}
