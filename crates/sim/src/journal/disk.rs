//! What the room's disk has is all that it may have, and all that it must have.

use validiant_core::Millis;
use validiant_core::position::Seq;

use super::Journal;
use super::life::{Life, number};
use crate::violation::{Checked, Violation, ensure};

impl Journal {
    /// The room's disk has the events from `oldest` on; none up to `newest` if there is no oldest. Earlier ones must have
    /// expired, or exceed the size.
    pub fn observe(&mut self, oldest: Option<Seq>, newest: Seq, now: Millis) -> Checked {
        let Some(life) = self.current() else {
            ensure!(oldest.is_none(), "Event {oldest:?} is on the disk of a lost history.");
            return Ok(());
        };
        let first = match oldest {
            Some(oldest) => life.count_until(oldest.saturating_sub(1)),
            None => life.count_until(newest),
        };
        let over = life.events.iter().rposition(|event| self.is_over(event.at, now));
        let latest =
            self.first_there(life).max(over.map_or(0, |place| place + 1)).max(life.expired);
        let is_right = (life.dropped..=latest).contains(&first);
        ensure!(is_right, "The disk has dropped {first} events, not {} to {latest}.", life.dropped);
        self.current_mut().into_iter().for_each(|life| life.dropped = first);
        Ok(())
    }

    /// The room has lost its memory and its sockets, and its disk has these events. Returns how many were lost.
    pub fn crash(
        &mut self,
        epoch: Option<&str>,
        newest: Seq,
        there: &[(Seq, String)],
    ) -> Checked<usize> {
        let life = epoch.and_then(|epoch| self.life_of(epoch));
        ensure!(life.is_some() == epoch.is_some(), "Nobody knows the epoch {epoch:?} on the disk.");
        if life != self.life {
            let answered = self.current().map_or(0, |life| life.answered);
            ensure!(answered == 0, "Event {answered} was answered, and its history is lost.");
        }
        self.life = life;
        self.may_have_lost = true;
        let Some(life) = self.current_mut() else { return Ok(0) };
        let Life { answered, .. } = *life;
        ensure!(
            answered <= newest,
            "Event {answered} was answered, and is lost: {newest} is there."
        );
        let left = life.count_until(newest);
        let lost = life.events.len() - left;
        life.events.truncate(left);
        ensure!(life.newest() == newest, "The newest event is {}, not {newest}.", life.newest());
        life.keyed.retain(|keyed| keyed.last <= newest);
        life.dropped = left.checked_sub(there.len()).ok_or_else(too_many)?;
        let kept = life.events.get(life.dropped..).unwrap_or_default();
        for (event, (seq, frame)) in kept.iter().zip(there) {
            let is_right = number(event) == *seq && event.frame == *frame;
            ensure!(is_right, "The disk has {frame} as {seq}, not {}.", event.frame);
        }
        Ok(lost)
    }
}

fn too_many() -> Violation {
    Violation("The disk has more events than there were.".into())
}
