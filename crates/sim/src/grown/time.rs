//! The passing of time, and of what is due.

use validiant_core::Millis;
use validiant_core::tree::Place;

use super::due::Due;
use super::world::World;
use crate::violation::{Checked, Violation};

/// Objects to which more happens than this while a step is done are in a loop.
const MAX_EVENTS: usize = 50_000;

impl World {
    pub fn schedule(&mut self, after: Millis, due: Due) {
        self.orders += 1;
        self.queue.insert((self.now + after, self.orders), due);
    }

    /// Lets time pass, and whatever is due happen.
    pub fn pass(&mut self, ms: Millis) -> Checked {
        let until = self.now + ms;
        for _ in 0..MAX_EVENTS {
            let next = self.queue.first_key_value().map(|((at, _), _)| *at);
            let alarm = self.next_alarm();
            match (next, alarm) {
                (next, Some((at, place))) if at <= until && next.is_none_or(|next| at < next) => {
                    self.now = self.now.max(at);
                    self.go_off(place)?;
                }
                (Some(at), _) if at <= until => {
                    self.now = self.now.max(at);
                    if let Some((_, due)) = self.queue.pop_first() {
                        self.happen(due)?;
                    }
                }
                _ => {
                    self.now = until;
                    return Ok(());
                }
            }
        }
        let next = self.queue.first_key_value().map(|(_, due)| due);
        Err(Violation(format!("Things happen again and again. Next is {next:?}.")))
    }

    fn next_alarm(&self) -> Option<(Millis, Place)> {
        let alarms = self.objects.values().filter_map(|it| Some((it.alarm()?, it.place)));
        alarms.min()
    }

    fn go_off(&mut self, place: Place) -> Checked {
        self.counts.add("alarm");
        if let Some(object) = self.objects.get(&place) {
            object.platform.borrow_mut().disk.fire();
        }
        self.act(place, |room, now| room.alarm(now));
        if let Some(object) = self.objects.get(&place) {
            object.platform.borrow_mut().disk.has_fired();
        }
        self.end(place)
    }

    fn happen(&mut self, due: Due) -> Checked {
        match due {
            Due::Request { from, to, call, text, is_repeat } => {
                self.request(from, to, call, &text, is_repeat)
            }
            Due::Answer { to, by, call, text } => self.answer(to, by, call, &text),
            Due::TimeOut { of, to, call } => self.time_out(of, to, call),
            Due::Call { of } => self.call_is_due(of),
            Due::Write { of } => self.write(of),
            Due::Written { of } => self.written(of),
            Due::Flush { of } => self.flush(of),
            Due::Patience { life, ticket } => self.lose_patience(life, ticket),
            Due::Arrive { attempt } => self.arrive(attempt),
            Due::Return { client, nonce } => self.come_back(client, nonce),
            Due::Ended { socket, code } => self.is_told_of_end(socket, code),
        }
    }

    /// Whether an object is still in the life in which something was to happen to it.
    pub fn is_alive(&self, (place, life): (Place, u32)) -> bool {
        self.objects.get(&place).is_some_and(|object| object.life == life)
    }
}
