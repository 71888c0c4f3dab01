//! Clients move to the place of the room to which they belong (P15): some at a time, by a close after which they come back.
//!
//! Who moves takes their presence with them: the place where their last socket ends tells nobody, and the place where they
//! belong waits for them.

use super::Room;
use super::changes::is_in;
use crate::Millis;
use crate::member::{Member, SocketId};
use crate::names::UserId;
use crate::ports::{RosterEntry, Sockets, Storage};
use crate::presence::{Departure, Ending};
use crate::presence_data::LastData;
use crate::tree::outbox::Asker;
use crate::tree::wire::Entry;
use crate::tree::{Note, Place, Places, Tree};
use crate::wire::close_code::{CloseCode, Closing};

/// So long after each other sockets are closed that are to move, in milliseconds.
const MOVE_INTERVAL_MS: Millis = 1_000;
/// At least so many are closed then, or one in so many.
const MOVES_AT_ONCE: usize = 50;
const MOVES_OF: usize = 50;
/// The clients that are closed together come back within this time, in milliseconds; or each after another, at one in a
/// millisecond.
const SPREAD_MS: usize = 1_000;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The places, if there are several and this is one of them.
    fn grown_places(&self) -> Option<&Places> {
        match &self.tree {
            Tree::Unread | Tree::Alone => None,
            Tree::Root(root) => Some(&root.places),
            Tree::Leaf(leaf) => {
                Some(&leaf.places).filter(|places| places.find(leaf.place).is_some())
            }
        }
    }

    /// The home of a member, if that is another place.
    fn other_home(&self, member: &Member) -> Option<Place> {
        let home = self.grown_places()?.home_of(member);
        (home != self.place()).then_some(home)
    }

    fn is_expected_elsewhere(&self, user: &UserId) -> bool {
        self.grown_places().is_some_and(|places| places.home_of_user(user) != self.place())
    }

    /// The room has more places, or fewer: some clients may belong elsewhere now.
    #[inline(never)]
    pub(super) fn places_changed(&mut self, now: Millis) {
        self.restore_presence(now);
        if !self.misplaced().is_empty()
            || self.presence.waiting().any(|user| self.is_expected_elsewhere(user))
        {
            self.arm(now.saturating_add(MOVE_INTERVAL_MS), now);
        }
    }

    fn misplaced(&self) -> Vec<SocketId> {
        self.sockets.select(|member| self.other_home(member).is_some())
    }

    /// The alarm has gone off: some of those that belong elsewhere are sent there.
    #[inline(never)]
    pub(super) fn move_on(&mut self, now: Millis) -> Vec<(CloseCode, Member)> {
        self.move_those_who_wait(now);
        let mut misplaced = self.misplaced();
        let most = MOVES_AT_ONCE.max(self.sockets.count() / MOVES_OF);
        if misplaced.len() > most {
            misplaced.truncate(most);
            self.arm(now.saturating_add(MOVE_INTERVAL_MS), now);
        }
        if !misplaced.is_empty() {
            self.notes.push(Note::Moved { sockets: misplaced.len() });
        }
        self.close_spread(misplaced, now)
    }

    fn move_those_who_wait(&mut self, now: Millis) {
        let elsewhere = |user: &&UserId| self.is_expected_elsewhere(user);
        let moved: Vec<_> = self.presence.waiting().filter(elsewhere).cloned().collect();
        for user in moved {
            self.hand_over(&user, now);
        }
    }

    /// Closes sockets whose clients are to come back, but not all in the same moment.
    pub(super) fn close_spread(
        &mut self,
        sockets: Vec<SocketId>,
        now: Millis,
    ) -> Vec<(CloseCode, Member)> {
        let spread = SPREAD_MS.max(sockets.len());
        let close = |socket: SocketId| {
            let code = after(socket, spread);
            Some((code, self.close(socket, Closing::from(code), now)?))
        };
        sockets.into_iter().filter_map(close).collect()
    }

    /// Closes all sockets, for this reason. Their users are waited for, but nobody is told that: most are back at once.
    #[inline(never)]
    pub(super) fn close_everybody(&mut self, reason: &'static str, now: Millis) {
        self.restore_presence(now);
        let sockets = self.sockets.select(|_| true);
        if !sockets.is_empty() {
            self.notes.push(Note::Doubted { reason, sockets: sockets.len() });
        }
        let spread = SPREAD_MS.max(sockets.len());
        for socket in sockets {
            let closing = Closing::from(after(socket, spread));
            let Some(member) = self.sockets.close(socket, closing) else { continue };
            match self.departure(&member, Ending::Broken, now) {
                Departure::Waiting { until } => self.waits_for(&member, until, now),
                other => self.tell_departure(&member, other, now),
            }
        }
    }

    /// Closes the sockets of clients that may believe what is not true of others at certain places in the product, or at
    /// any if there are none.
    #[inline(never)]
    pub(super) fn close_misled(&mut self, told_at: &[String], now: Millis) {
        self.restore_presence(now);
        let sockets = self.told_at(|at| told_at.is_empty() || is_in(told_at, at));
        self.close_those_misled(sockets, now);
    }

    /// Closes the sockets of clients that may believe what is not true.
    pub(super) fn close_those_misled(&mut self, sockets: Vec<SocketId>, now: Millis) {
        if !sockets.is_empty() {
            self.notes.push(Note::Doubted { reason: "presence_data", sockets: sockets.len() });
        }
        self.close_spread(sockets, now);
    }

    /// A user's last socket has ended whose home is another place: they are waited for there.
    #[inline(never)]
    pub(super) fn departure_in_grown(
        &mut self,
        member: &Member,
        departure: Departure,
        now: Millis,
    ) -> Departure {
        match (&departure, member.user_id()) {
            (Departure::Waiting { .. }, Some(user)) if self.is_expected_elsewhere(user) => {
                self.hand_over(user, now);
                Departure::Expected
            }
            _ => departure,
        }
    }

    fn hand_over(&mut self, user: &UserId, now: Millis) {
        self.tell_gone_before(user, now);
        if let Some(entry) = self.presence.remove(user) {
            self.remember(user);
            self.say(Entry::Expect { entry }, now);
            // While they were moving, they may have been counted at both places.
            self.summary.is_due();
        }
    }

    /// A user is waited for, whose last socket has ended at another place, unless they were removed meanwhile.
    #[inline(never)]
    pub(super) fn expect(&mut self, expected: RosterEntry, now: Millis) {
        self.restore_presence(now);
        // If that can't be read, whoever is kept out just does not come.
        if self.may_not_return(Some(&expected.user.id), now).unwrap_or(false) {
            return self.tell_left(&expected, expected.last.as_ref(), now);
        }
        let until = now.saturating_add(self.settings.presence_grace_ms);
        let (user, last) = (expected.user.id.clone(), expected.last.clone());
        let before = self.presence.last_of(&user).cloned();
        let is_waited_for = self.presence.expect(expected, until);
        self.remember(&user);
        let is_replaced = |before: &LastData| {
            let after = self.presence.last_of(&user);
            after.is_some_and(|it| !it.is_where(before))
        };
        if let Some(LastData { connection_id, data }) = before.filter(is_replaced) {
            self.tell_of_end(&user, &connection_id, &data, now);
        }
        if is_waited_for {
            let leaves_at = self.presence.leaves_at(&user).unwrap_or(until);
            self.arm(leaves_at, now);
            self.tell_expected(&user, last.as_ref(), now);
        } else if let Some(last) = last {
            self.tell_of_end(&user, &last.connection_id, &last.data, now);
        }
    }

    /// Says something to all places.
    pub(super) fn say(&mut self, entry: Entry, now: Millis) {
        match &self.tree {
            Tree::Unread | Tree::Alone => {}
            Tree::Root(_) => self.order(entry, now),
            Tree::Leaf(_) => self.send_up(entry, Asker::Nobody, now),
        }
    }
}

/// A close after which a client comes back in its own moment. There is no randomness here: the number of the socket spreads
/// them as well.
fn after(socket: SocketId, spread_ms: usize) -> CloseCode {
    let place = (socket.0 as usize).wrapping_mul(7_919) % spread_ms.max(1);
    let base = CloseCode::TRY_AGAIN.retry_after_ms.unwrap_or_default();
    CloseCode { retry_after_ms: Some(base + place as u32), ..CloseCode::TRY_AGAIN }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn clients_that_are_closed_together_come_back_one_after_the_other() {
        for (sockets, spread) in [(100_u32, 1_000), (4_000, 4_000)] {
            let times: BTreeSet<u32> = (0..sockets)
                .map(|socket| after(SocketId(socket), spread).retry_after_ms.unwrap())
                .collect();
            assert_eq!(times.len(), sockets as usize);
            assert!(times.iter().all(|ms| (1_000..=5_000).contains(ms)), "{times:?}");
        }
    }

    #[test]
    fn p6_2_the_reason_fits_into_a_close_frame() {
        let reason = Closing::from(after(SocketId(u32::MAX), 30_000)).reason();
        assert!(reason.len() <= CloseCode::MAX_REASON_BYTES, "{reason}");
    }
}
