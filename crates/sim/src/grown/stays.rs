//! Since when each user is present. While nothing goes wrong, a user who moves to another place is present all the time.

use std::collections::BTreeMap;

use serde_json::Value;
use validiant_core::Millis;

use crate::users::{self, User};
use crate::violation::{Checked, ensure};

/// A user who comes back so long before the end of the grace period may just as well have left.
const MARGIN_MS: Millis = 2_000;
/// For at least so long after its end, another place may wait for the client of a socket (P15.10).
const AWAITED_MS: Millis = 20_000;

/// The presence of one user.
#[derive(Debug, Clone, Copy, Default)]
struct Stay {
    /// Since when; `None` if nobody can know.
    joined_at: Option<Millis>,
    sockets: usize,
    /// Since when there is no socket, if the user may come back.
    away_since: Option<Millis>,
    /// When a socket ended last whose client may come back.
    broken_at: Option<Millis>,
}

/// How a socket has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Clean,
    /// On purpose, as the last one of its user at its place, while others of theirs are at another place.
    CleanElsewhere,
    Broken,
    Removed,
}

/// The presence of all users.
#[derive(Debug, Default)]
pub struct Stays(BTreeMap<User, Stay>);

impl Stays {
    /// A user has a new socket.
    pub fn begin(&mut self, user: Option<User>, grace_ms: Millis, now: Millis) {
        let Some(user) = user else { return };
        let is_new = !self.0.contains_key(&user);
        let stay = self.0.entry(user).or_default();
        if is_new {
            stay.joined_at = Some(now);
        }
        if let Some(since) = stay.away_since.take() {
            if now >= since + grace_ms + MARGIN_MS {
                stay.joined_at = Some(now);
            } else if now + MARGIN_MS >= since + grace_ms {
                stay.joined_at = None;
            }
        }
        stay.sockets += 1;
    }

    /// A socket of a user has ended.
    pub fn end(&mut self, user: Option<User>, ending: Ending, now: Millis) {
        let Some(user) = user else { return };
        let Some(stay) = self.0.get_mut(&user) else { return };
        stay.sockets = stay.sockets.saturating_sub(1);
        match ending {
            // The other place does not know since when they were present here (P15.10).
            Ending::Removed | Ending::CleanElsewhere => stay.joined_at = None,
            Ending::Broken => stay.broken_at = Some(now),
            Ending::Clean if stay.sockets > 0 => {}
            // If another connection of the user is being moved, they have not left with this one.
            Ending::Clean if stay.broken_at.is_some_and(|at| now < at + AWAITED_MS) => {
                stay.joined_at = None;
            }
            Ending::Clean => {
                self.0.remove(&user);
                return;
            }
        }
        if stay.sockets == 0 {
            stay.away_since = Some(now);
        }
    }

    /// A user is removed. While they are being moved, their new place may wait for them after that (P15.10).
    pub fn remove(&mut self, user: User) {
        self.forget_user(user);
        let is_there = |stay: &Stay| stay.sockets > 0 || stay.away_since.is_some();
        self.0.retain(|of, stay| *of != user || is_there(stay));
    }

    /// Nobody can know any more since when a user is present.
    pub fn forget_user(&mut self, user: User) {
        if let Some(stay) = self.0.get_mut(&user) {
            stay.joined_at = None;
        }
    }

    /// The same of all users.
    pub fn forget(&mut self) {
        self.0.values_mut().for_each(|stay| stay.joined_at = None);
    }

    /// The state of the room must agree, and is believed from now on.
    pub fn check(&mut self, state: &Value) -> Checked {
        let list = state.get("users").and_then(Value::as_array);
        for told in list.into_iter().flatten() {
            let user = told.get("userId").and_then(Value::as_str).and_then(users::number);
            let joined_at = told.get("joinedAt").and_then(Value::as_u64);
            let Some(stay) = user.and_then(|user| self.0.get_mut(&user)) else { continue };
            ensure!(
                stay.joined_at.is_none() || stay.joined_at == joined_at,
                "{user:?} is present since {:?}, and {told} is told.",
                stay.joined_at
            );
            stay.joined_at = joined_at;
        }
        self.0.retain(|_, stay| stay.sockets > 0);
        Ok(())
    }
}
