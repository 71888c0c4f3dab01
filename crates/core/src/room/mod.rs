//! A project's room: one method for each thing that can happen to it.
//!
//! The room decides, and the two ports act ([`Sockets`], [`Storage`]). Its memory is a cache: [`Room::wake`] rebuilds
//! all of it from what the ports stored, so it can be lost at any moment.

mod across;
mod announce;
mod changes;
mod client_events;
mod connect;
mod departures;
mod documents;
mod entries;
mod erasure;
mod expiry;
mod grown;
mod journal;
mod key_epoch;
mod leaf;
mod message;
mod moves;
mod once_read;
mod presence_data;
mod publish;
mod recovery;
mod removal;
mod repeats;
mod report;
mod retention;
mod revocation;
mod root;
mod silence;
mod subjects;
mod timers;
mod updates;
mod writes;

use std::num::NonZeroU64;

use crate::Millis;
use crate::encryption::KeyEpoch;
use crate::history::{History, Retention};
use crate::limits::Limits;
use crate::limits::rate::Bucket;
use crate::member::{Member, User};
use crate::names::{ProjectId, UserId};
use crate::ports::{RosterEntry, Sockets, Storage};
use crate::position::Seq;
use crate::presence::Presence;
use crate::publication::batch::Batch;
use crate::revocations::Revocations;
use crate::settings::{ConnectPolicy, Settings};
use crate::sorted::{SortedMap, SortedSet};
use crate::tree::welcomes::Welcomes;
use crate::tree::{Note, Place, Tree};
use crate::wire::close_code::CloseCode;

use announce::Summary;
use timers::Timers;

pub use connect::{Connected, NotConnected};
pub use message::{Answered, Incoming};
pub use report::Reported;

/// What a room needs of the [`Settings`].
#[derive(Debug, Clone, Copy)]
pub struct RoomSettings {
    /// How long a user whose connection broke still counts as present, in milliseconds.
    pub presence_grace_ms: Millis,
    /// Up to how many users each join and leave is announced.
    pub presence_events_max: usize,
    /// After how many milliseconds of silence a socket that used to ping is closed.
    pub stale_socket_ms: Millis,
    /// The limits on the room and its clients.
    pub limits: Limits,
    /// Whether clients connect with tokens, and so can refresh them.
    pub takes_tokens: bool,
    /// How long a socket outlives its token, in milliseconds.
    pub token_grace_ms: Millis,
    /// How many events are kept, and for how long; `None` for none.
    pub retention: Option<Retention>,
    /// How many sockets an object holds before the room grows (P15).
    pub leaf_sockets: usize,
}

impl From<&Settings> for RoomSettings {
    fn from(settings: &Settings) -> Self {
        Self {
            presence_grace_ms: settings.presence_grace_ms,
            presence_events_max: settings.presence_events_max,
            stale_socket_ms: settings.stale_socket_ms,
            limits: settings.limits,
            takes_tokens: settings.connect_policy == ConnectPolicy::Jwt,
            token_grace_ms: settings.token_grace_ms,
            retention: NonZeroU64::new(settings.history_size)
                .map(|size| Retention { size, ttl_ms: settings.history_ttl_ms }),
            leaf_sockets: settings.leaf_sockets,
        }
    }
}

/// A project's room.
pub struct Room<S, P> {
    project_id: ProjectId,
    settings: RoomSettings,
    awake_since: Millis,
    sockets: S,
    storage: P,
    /// Whether the next three are restored: see [`Self::restore_presence`].
    knows_presence: bool,
    presence: Presence,
    summary: Summary,
    timers: Timers,
    /// Opened on first use: see [`Self::open_history`].
    history: Option<History>,
    /// Whether the object has begun without sockets, as it does after a crash.
    began_empty: bool,
    /// The same, and no event has been kept since.
    may_have_lost: bool,
    /// The newest [`Member::gap_after`] of the sockets with which the object has begun. Those may end before the history
    /// is opened.
    noted_gap: Option<Seq>,
    /// The users whose entries in the roster are not written yet.
    changed_users: SortedSet<UserId>,
    /// See [`Self::must_be_reset`].
    must_be_reset: bool,
    /// Whether a history from before the setting was 0 has been erased.
    is_history_erased: bool,
    /// Until when each removed user is kept out. Read when the first client connects.
    removals: Option<SortedMap<UserId, Millis>>,
    /// The lowest key epoch that is taken (P14.2); 0 for none. Read when something comes that it concerns.
    min_key_epoch: Option<KeyEpoch>,
    /// Read when the first token arrives.
    revocations: Option<Revocations>,
    /// How much may still be published.
    publishes: Bucket,
    /// To how many sockets messages of clients may still be passed on.
    client_deliveries: Bucket,
    /// These events are sent before anything else, so that every socket gets everything in the order in which it
    /// happened.
    batch: Batch,
    /// What this object is to the others of its room.
    tree: Tree,
    /// Who is still to be introduced to clients, in a room of several places.
    welcomes: Welcomes,
    /// See [`Self::take_notes`].
    notes: Vec<Note>,
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Rebuilds the room from what the ports stored: the start of every life of the object, whether it is the first one,
    /// after hibernation, or after a crash.
    ///
    /// Presence is restored on first use. A broadcast does not need it, so it does not wait until the users of a large
    /// room have been read.
    ///
    /// `place`: which object of the room it is. `awake_since`: when the object in memory was created.
    pub fn wake(
        project_id: ProjectId,
        place: Place,
        settings: RoomSettings,
        sockets: S,
        storage: P,
        awake_since: Millis,
    ) -> Self {
        let began_empty = sockets.count() == 0;
        Self {
            project_id,
            settings,
            awake_since,
            began_empty,
            may_have_lost: began_empty,
            noted_gap: sockets.members().filter_map(|member| member.gap_after).max(),
            sockets,
            storage,
            knows_presence: false,
            presence: Presence::default(),
            summary: Summary::default(),
            timers: Timers::default(),
            history: None,
            changed_users: SortedSet::default(),
            must_be_reset: false,
            is_history_erased: false,
            removals: None,
            min_key_epoch: None,
            revocations: None,
            publishes: Bucket::default(),
            client_deliveries: Bucket::default(),
            batch: Batch::default(),
            tree: Tree::wake(place, awake_since),
            welcomes: Welcomes::default(),
            notes: Vec::new(),
        }
    }

    /// The first step of everything that happens to users and sockets.
    fn begin(&mut self, now: Millis) {
        self.flush();
        // If it can't be read, whatever needs it fails.
        let _ = self.know_tree(now);
        self.restore_presence(now);
    }

    fn restore_presence(&mut self, now: Millis) {
        if self.knows_presence {
            return;
        }
        self.knows_presence = true;
        let Self { sockets, storage, settings, .. } = self;
        let users = sockets
            .members()
            .filter_map(|member| Some((member.present_user()?, member.connected_at)));
        let roster = storage.load_roster();
        let (presence, changed, has_lost) =
            Presence::restore(roster, users, now, settings.presence_grace_ms);
        self.changed_users.extend(changed.into_iter().map(|user| (user, ())));
        self.summary = match self.tree {
            Tree::Root(_) | Tree::Leaf(_) => self.summary.restore_known(),
            _ => Summary::restore(presence.count() > settings.presence_events_max),
        };
        let has_sockets = sockets.count() > 0;
        let next_end = expiry::next(sockets, settings);
        let due = presence.next_leave().into_iter().chain(next_end).min();
        self.timers = self.timers.restore(due, has_sockets, settings, now);
        // For the earliest of all, not only for these users: this replaces an alarm that may be due earlier, for
        // somebody else who leaves or whose token expires.
        if has_lost && let Some(at) = due {
            self.set_alarm(at, now);
        }
        self.presence = presence;
        if let Tree::Leaf(_) = self.tree {
            self.knows_itself();
        }
        // The alarm for it is unknown after waking, and may be moved.
        self.flush_summary(now);
    }

    /// The alarm has gone off: users who did not come back in time leave, sockets that are dead or whose token has
    /// expired are closed, a delayed summary is sent, and expired events are dropped. Returns the members of the closed
    /// sockets.
    pub fn alarm(&mut self, now: Millis) -> Vec<(CloseCode, Member)> {
        self.begin(now);
        self.timers.fired();
        self.alarm_of_root(now);
        let next_drop = self.drop_over(now);
        let silent = self.silent(now);
        let expired = self.expired(now);
        let mut closed = self.close_all(silent, CloseCode::TRY_AGAIN.into(), now);
        closed.extend(self.close_all(expired, CloseCode::TOKEN_EXPIRED.into(), now));
        if self.is_grown() {
            closed.extend(self.move_on(now));
            self.check_position(now);
        }
        let left = self.presence.expire(now);
        for RosterEntry { user, .. } in &left {
            self.remember(&user.id);
        }
        // If it fails, the room is reset.
        let _ = self.write_first();
        self.announce_left(&left, now);
        self.flush_summary(now);
        let next_end = expiry::next(&self.sockets, &self.settings);
        let (next_look, next_leave) = (self.next_look(now), self.presence.next_leave());
        let due = [next_look, next_leave, next_end, next_drop, self.next_look_at_size(now)];
        if let Some(at) = due.into_iter().flatten().min() {
            self.arm(at, now);
        }
        closed
    }

    /// A user has a new name or picture from now on: for clients that connect, after waking, and when they leave (P5.7).
    fn is_seen_everywhere(&mut self, user: &UserId) {
        let Some(RosterEntry { user: User { id, name, avatar, .. }, .. }) =
            self.presence.entry(user)
        else {
            return;
        };
        let is_theirs = |member: &Member| member.present_user().is_some_and(|user| user.id == id);
        for socket in self.sockets.select(is_theirs) {
            let Some(mut member) = self.sockets.member(socket).cloned() else { continue };
            if let Some(user) = &mut member.user {
                user.name.clone_from(&name);
                user.avatar.clone_from(&avatar);
            }
            self.sockets.replace(socket, member);
        }
        self.remember(&id);
    }
}
