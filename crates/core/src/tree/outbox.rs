//! What a leaf has to say to the root, in order, and its call that is on the way.

mod changes;
mod on_way;
#[cfg(test)]
mod tests;
mod waiting;

use super::wire::{Counts, Entry};
use crate::Millis;
use crate::member::SocketId;
use crate::names::{ConnectionId, UserId};
use crate::sorted::SortedMap;
use crate::wire::error_code::Refusal;

pub use changes::{Change, HeldBack};
pub use on_way::OnWay;
pub use waiting::{Asker, Waiting};

/// Once so much waits, clients are refused.
const FULL_ENTRIES: usize = 1_000;
const FULL_BYTES: usize = 1_048_576;
/// Once so many times that much waits, the leaf is in doubt.
const OVERFULL: usize = 8;
/// So much goes in one call.
const CALL_ENTRIES: usize = 500;
const CALL_BYTES: usize = 524_288;
/// How long a call waits that has failed once, and twice. After the third time the leaf is in doubt.
const RETRIES_MS: [Millis; 2] = [100, 500];
/// Counts alone are told this long after they were last told.
const COUNTS_INTERVAL_MS: Millis = 1_000;

/// What waits, and what is on the way.
#[derive(Debug, Default)]
pub struct Outbox {
    waiting: Vec<Waiting>,
    bytes: usize,
    on_way: Option<OnWay>,
    /// The counts that the root knows, and when it was told.
    told: Option<Counts>,
    told_at: Millis,
}

impl Outbox {
    /// Whether a client has to wait with what it wants to say.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= FULL_ENTRIES || self.bytes >= FULL_BYTES
    }

    /// Whether more waits than can ever be said in time.
    #[must_use]
    pub fn is_overfull(&self) -> bool {
        self.waiting.len() >= OVERFULL * FULL_ENTRIES || self.bytes >= OVERFULL * FULL_BYTES
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds something to say.
    pub fn push(&mut self, waiting: Waiting) {
        if let (Asker::Nobody, Some((user, connection))) = (&waiting.asker, waiting.connection()) {
            self.tells(|change| change.is_of(user, connection));
        }
        self.bytes += waiting.bytes();
        self.waiting.push(waiting);
    }

    /// Takes out as much as goes in one call.
    pub fn take(&mut self) -> Vec<Waiting> {
        let (mut count, mut bytes) = (0, 0);
        for waiting in self.waiting.iter().take(CALL_ENTRIES) {
            if count > 0 && bytes + waiting.bytes() > CALL_BYTES {
                break;
            }
            (count, bytes) = (count + 1, bytes + waiting.bytes());
        }
        self.bytes -= bytes;
        self.waiting.drain(..count).collect()
    }

    /// Puts back what was not taken by the root.
    pub fn put_back(&mut self, mut first: Vec<Waiting>) {
        self.bytes += first.iter().map(Waiting::bytes).sum::<usize>();
        first.append(&mut self.waiting);
        self.waiting = first;
    }

    /// The leaf begins another life. What its clients have said to others is not said any more, but where users are
    /// expected, and what others are to believe of its connections. They may have been told already: once more does no harm,
    /// if of each connection only the last is said. Returns whether all of that is said; not if it is too much.
    pub fn forget(&mut self) -> bool {
        if let Some(on_way) = &mut self.on_way {
            let first = std::mem::take(&mut on_way.waiting);
            self.put_back(first);
        }
        self.waiting.retain_mut(Waiting::outlives);
        self.keep_the_last_of_each_connection();
        self.count_bytes();
        let is_too_much = self.is_overfull();
        if is_too_much {
            self.waiting.retain(|waiting| matches!(waiting.entry, Entry::Expect { .. }));
            self.count_bytes();
        }
        self.told = None;
        let is_being_made = |on_way: &mut OnWay| on_way.due_at.is_none();
        self.on_way = self.on_way.take_if(is_being_made);
        self.on_way.iter_mut().for_each(|on_way| on_way.is_void = true);
        !is_too_much
    }

    /// Whoever hears of a connection now hears what stands, and nothing of before.
    fn keep_the_last_of_each_connection(&mut self) {
        let mut kept: Vec<Waiting> = Vec::new();
        let mut at: SortedMap<(UserId, ConnectionId), usize> = SortedMap::default();
        for waiting in self.waiting.drain(..).rev() {
            let of =
                waiting.connection().map(|(user, connection)| (user.clone(), connection.clone()));
            let later = of.as_ref().and_then(|of| at.get(of)).and_then(|at| kept.get_mut(*at));
            match later {
                Some(later) => later.also_heard_by_those_of(&waiting),
                None => {
                    if let Some(of) = of {
                        at.insert(of, kept.len());
                    }
                    kept.push(waiting);
                }
            }
        }
        kept.reverse();
        self.waiting = kept;
    }

    fn count_bytes(&mut self) {
        self.bytes = self.waiting.iter().map(Waiting::bytes).sum();
    }

    /// What clients on certain sockets have said to others is not said any more.
    pub fn forget_clients(&mut self, is_meant: impl Fn(SocketId) -> bool) {
        self.waiting.retain(|waiting| match &waiting.asker {
            Asker::Client(socket) => !is_meant(*socket),
            Asker::Nobody | Asker::Changed(_) => true,
        });
        self.count_bytes();
    }

    /// Nothing of what was said is said any more, nor again if it is on the way.
    pub fn forget_all(&mut self) {
        self.waiting.clear();
        self.on_way.iter_mut().for_each(|on_way| on_way.waiting.clear());
        self.count_bytes();
    }

    /// How many users are still to be expected elsewhere.
    #[must_use]
    pub fn expected(&self) -> usize {
        let on_way = self.on_way.iter().flat_map(|on_way| &on_way.waiting);
        let all = on_way.chain(&self.waiting);
        all.filter(|waiting| matches!(waiting.entry, Entry::Expect { .. })).count()
    }

    /// Takes out the client events that are refused now. Returns who has said them, and why they are refused.
    pub fn refuse(
        &mut self,
        judge: impl Fn(&str) -> Result<(), Refusal>,
    ) -> Vec<(SocketId, Refusal)> {
        let mut refused = Vec::new();
        self.waiting.retain(|waiting| match (&waiting.entry, &waiting.asker) {
            (Entry::Said { frame, .. }, Asker::Client(socket)) => {
                let judged = judge(frame);
                let is_taken = judged.is_ok();
                refused.extend(judged.err().map(|refusal| (*socket, refusal)));
                is_taken
            }
            _ => true,
        });
        self.count_bytes();
        refused
    }

    /// The root knows these counts.
    pub fn has_told(&mut self, counts: Option<Counts>, now: Millis) {
        (self.told, self.told_at) = (counts.or(self.told), now);
    }

    /// Whether the counts are others than the root knows.
    #[must_use]
    pub fn is_news(&self, counts: Option<Counts>) -> bool {
        counts.is_some() && counts != self.told
    }

    /// Whether there are other users than the root knows.
    #[must_use]
    pub fn has_other_users(&self, counts: Option<Counts>) -> bool {
        counts.is_some_and(|counts| self.told.is_none_or(|told| told.users != counts.users))
    }

    /// The same, or than it is about to know.
    #[must_use]
    pub fn may_tell_other_users(&self, counts: Option<Counts>) -> bool {
        let on_way = self.on_way.as_ref().and_then(|on_way| on_way.counts);
        let is_other = |own: Counts| on_way.is_some_and(|told| told.users != own.users);
        self.has_other_users(counts) || counts.is_some_and(is_other)
    }

    /// A client has been told a number that what is on the way may come too early to correct.
    pub fn guesses_again(&mut self) {
        self.on_way.iter_mut().for_each(|on_way| on_way.has_guessed = false);
    }

    /// When the counts may be told if nothing else is said.
    #[must_use]
    pub fn news_due_at(&self) -> Millis {
        self.told_at.saturating_add(COUNTS_INTERVAL_MS)
    }

    /// Whether a call is on the way, or waits to be made again.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.on_way.is_some()
    }

    /// The events that were asked for are of no use any more.
    pub fn forget_pulls(&mut self) {
        self.on_way.iter_mut().for_each(|on_way| on_way.pulls.clear());
    }

    /// When the call that has failed is made again.
    #[must_use]
    pub fn retry_at(&self) -> Option<Millis> {
        self.on_way.as_ref()?.due_at
    }

    /// A call is made.
    pub fn make(&mut self, on_way: OnWay) {
        self.on_way = Some(on_way);
    }

    /// The call that has failed, if it is to be made again now.
    pub fn retry(&mut self, now: Millis) -> Option<String> {
        let on_way = self.on_way.as_mut()?;
        // A clock that was set back does not delay it.
        on_way.due_at.take_if(|due| *due <= now || *due > now.saturating_add(1_000))?;
        Some(on_way.text.clone())
    }

    /// The call that was answered; `None` if nobody waits for the answer.
    pub fn take_on_way(&mut self) -> Option<OnWay> {
        self.on_way.take().filter(|on_way| !on_way.is_void)
    }

    /// The call has failed. Returns it if it is not made again.
    pub fn fail(&mut self, now: Millis) -> Option<OnWay> {
        let mut on_way = self.take_on_way()?;
        let Some(pause) = RETRIES_MS.get(on_way.failures) else { return Some(on_way) };
        on_way.failures += 1;
        on_way.due_at = Some(now.saturating_add(*pause));
        self.on_way = Some(on_way);
        None
    }
}
