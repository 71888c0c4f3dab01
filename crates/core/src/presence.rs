//! Who is present, per user and not per socket (P5): a state machine without sockets or a clock.

use crate::Millis;
use crate::member::User;
use crate::names::{Avatar, ConnectionId, UserId, UserName};
use crate::ports::RosterEntry;
use crate::presence_data::{LastData, PresenceData};
use crate::sorted::SortedMap;
use crate::wire::frame::PresentUser;

/// What the arrival of a socket means for its user.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The user was not present before.
    Joined,
    /// The user's connection was lost, and they are back in time.
    Returned {
        /// What their last connection had said.
        last: Option<LastData>,
    },
    /// The user has another socket.
    AnotherSocket,
    /// The user has another socket, and sent a different name or picture with this one.
    Changed,
}

/// What the end of a socket means for its user.
#[derive(Debug, PartialEq, Eq)]
pub enum Departure {
    /// The user has another socket.
    AnotherSocket,
    /// The user counts as present until then.
    Waiting {
        /// When the user counts as gone.
        until: Millis,
    },
    /// The user is expected at another place of the room.
    Expected,
    /// The user is gone; contains the name that the room knows, and the data of the last connection.
    Left(RosterEntry),
}

/// How a socket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client closed the connection on purpose.
    Clean,
    /// The connection was lost, or was closed for another reason. The client may come back.
    Broken,
}

#[derive(Debug)]
struct Attendance {
    name: Option<UserName>,
    avatar: Option<Avatar>,
    /// Whether the newest socket came with a valid token.
    verified: bool,
    joined_at: Millis,
    sockets: u32,
    /// Set exactly while `sockets` is 0.
    leaves_at: Option<Millis>,
    /// What the last socket said; `None` while there are sockets.
    last: Option<LastData>,
}

impl Attendance {
    /// Takes over the newest name and picture of a user (P5.7). What is not given stays. Returns whether anything changed.
    fn is_seen_as(&mut self, user: &User) -> bool {
        let was_verified = std::mem::replace(&mut self.verified, user.verified);
        let has_name = renew(&mut self.name, &user.name);
        let has_avatar = renew(&mut self.avatar, &user.avatar);
        has_name || has_avatar || was_verified != user.verified
    }

    fn present<'a>(&'a self, user_id: &'a UserId) -> PresentUser<'a> {
        PresentUser {
            user_id,
            user_name: self.name.as_ref(),
            avatar: self.avatar.as_ref(),
            joined_at: self.joined_at,
            verified: self.verified,
            leaves_at: None,
            data: Vec::new(),
        }
    }

    fn user(&self, id: UserId) -> User {
        User { id, name: self.name.clone(), avatar: self.avatar.clone(), verified: self.verified }
    }
}

/// Takes over a new value, if there is one.
fn renew<T: Clone + PartialEq>(known: &mut Option<T>, new: &Option<T>) -> bool {
    let is_new = new.is_some() && new != known;
    if is_new {
        known.clone_from(new);
    }
    is_new
}

/// The users of one room.
#[derive(Debug, Default)]
pub struct Presence {
    users: SortedMap<UserId, Attendance>,
}

impl Presence {
    /// Rebuilds presence from the stored roster and the users of the existing sockets.
    ///
    /// A user in the roster without a socket was lost unnoticed (a deploy, a crash): they get `grace_ms` from `now` to
    /// come back. Returns also the users whose entries in the roster are not as they are now, and whether there are such
    /// lost ones.
    pub fn restore<'a>(
        roster: Vec<RosterEntry>,
        sockets: impl Iterator<Item = (&'a User, Millis)>,
        now: Millis,
        grace_ms: Millis,
    ) -> (Self, Vec<UserId>, bool) {
        let (mut presence, mut changed) = (Self::default(), Vec::new());
        for RosterEntry { user, joined_at, leaves_at, last } in roster {
            let User { id, name, avatar, verified } = user;
            let attendance =
                Attendance { name, avatar, verified, joined_at, sockets: 0, leaves_at, last };
            presence.users.insert(id, attendance);
        }
        for (user, connected_at) in sockets {
            if presence.find_again(user, connected_at) {
                changed.push(user.id.clone());
            }
        }
        let known = changed.len();
        for (id, attendance) in presence.users.iter_mut() {
            if attendance.sockets == 0 && attendance.leaves_at.is_none() {
                attendance.leaves_at = Some(now.saturating_add(grace_ms));
                changed.push(id.clone());
            }
        }
        let has_lost = changed.len() > known;
        (presence, changed, has_lost)
    }

    /// The place of a user in the order of ids.
    #[must_use]
    pub fn index(&self, user: &UserId) -> Option<usize> {
        self.users.index(user)
    }

    /// How many users are present.
    #[must_use]
    pub fn count(&self) -> usize {
        self.users.len()
    }

    /// A socket of `user` has connected. From now on, the newest name given is the user's name.
    #[inline(never)]
    pub fn arrive(&mut self, user: &User, now: Millis) -> Arrival {
        let Some(attendance) = self.users.get_mut(&user.id) else {
            let User { name, avatar, verified, .. } = user.clone();
            let (joined_at, sockets, leaves_at, last) = (now, 1, None, None);
            let attendance =
                Attendance { name, avatar, verified, joined_at, sockets, leaves_at, last };
            self.users.insert(user.id.clone(), attendance);
            return Arrival::Joined;
        };
        attendance.sockets = attendance.sockets.saturating_add(1);
        let is_changed = attendance.is_seen_as(user);
        let last = attendance.last.take();
        match attendance.leaves_at.take() {
            Some(_) => Arrival::Returned { last },
            None if is_changed => Arrival::Changed,
            None => Arrival::AnotherSocket,
        }
    }

    /// An existing socket has sent new details of its user. Returns whether anything changed.
    pub fn is_told(&mut self, user: &User) -> bool {
        self.users.get_mut(&user.id).is_some_and(|attendance| attendance.is_seen_as(user))
    }

    /// Adds a socket that existed before the room woke. The roster knows its user's newest name. Returns whether the roster
    /// does not know that they are here.
    fn find_again(&mut self, user: &User, connected_at: Millis) -> bool {
        let Some(attendance) = self.users.get_mut(&user.id) else {
            self.arrive(user, connected_at);
            return true;
        };
        attendance.sockets = attendance.sockets.saturating_add(1);
        attendance.verified = user.verified;
        renew(&mut attendance.avatar, &user.avatar);
        attendance.last = None;
        attendance.leaves_at.take().is_some()
    }

    /// A socket of `user` has ended. How the last one ends decides when the user leaves. `last`: what it said.
    pub fn depart(
        &mut self,
        user: &UserId,
        ending: Ending,
        last: Option<LastData>,
        now: Millis,
        grace_ms: Millis,
    ) -> Departure {
        let Some(attendance) = self.users.get_mut(user) else {
            return Departure::AnotherSocket;
        };
        attendance.sockets = attendance.sockets.saturating_sub(1);
        if attendance.sockets > 0 {
            return Departure::AnotherSocket;
        }
        attendance.last = last;
        if ending == Ending::Clean || grace_ms == 0 {
            let left = self.remove(user);
            return left.map_or(Departure::AnotherSocket, Departure::Left);
        }
        let until = now.saturating_add(grace_ms);
        attendance.leaves_at = Some(until);
        Departure::Waiting { until }
    }

    /// Removes a user, whatever sockets they have.
    pub fn remove(&mut self, user: &UserId) -> Option<RosterEntry> {
        let (id, attendance) = self.users.remove(user)?;
        Some(entry(&id, &attendance))
    }

    /// Removes the users whose time to come back is over, and returns them.
    pub fn expire(&mut self, now: Millis) -> Vec<RosterEntry> {
        let is_over = |attendance: &Attendance| attendance.leaves_at.is_some_and(|at| at <= now);
        let gone: Vec<RosterEntry> = self
            .users
            .iter()
            .filter(|(_, attendance)| is_over(attendance))
            .map(|(id, attendance)| entry(id, attendance))
            .collect();
        for RosterEntry { user, .. } in &gone {
            self.users.remove(&user.id);
        }
        gone
    }

    /// A user is waited for, whose last socket has ended at another place of the room. Returns whether they are: those who
    /// are here need not be.
    pub fn expect(&mut self, expected: RosterEntry, until: Millis) -> bool {
        let RosterEntry { user, joined_at, leaves_at, last } = expected;
        let until = leaves_at.unwrap_or(until);
        let Some(attendance) = self.users.get_mut(&user.id) else {
            let User { id, name, avatar, verified } = user;
            let (sockets, leaves_at) = (0, Some(until));
            let attendance =
                Attendance { name, avatar, verified, joined_at, sockets, leaves_at, last };
            self.users.insert(id, attendance);
            return true;
        };
        attendance.joined_at = attendance.joined_at.min(joined_at);
        if attendance.sockets > 0 {
            return false;
        }
        attendance.leaves_at = attendance.leaves_at.max(Some(until));
        attendance.last = last.or(attendance.last.take());
        true
    }

    /// What the last connection of a user who is waited for has said is not so, after all: this stands.
    pub fn take_back(
        &mut self,
        user: &UserId,
        connection: &ConnectionId,
        said: Option<&PresenceData>,
        stands: Option<&PresenceData>,
    ) {
        let Some(attendance) = self.users.get_mut(user) else { return };
        let is_it = |last: &LastData| last.connection_id == *connection && Some(&last.data) == said;
        if attendance.leaves_at.is_some() && attendance.last.as_ref().map_or(said.is_none(), is_it)
        {
            attendance.last = stands
                .map(|data| LastData { connection_id: connection.clone(), data: data.clone() });
        }
    }

    /// All users, in the order of their ids.
    pub fn entries(&self) -> impl Iterator<Item = RosterEntry> {
        self.users.iter().map(|(id, attendance)| entry(id, attendance))
    }

    /// The users who may come back.
    pub fn waiting(&self) -> impl Iterator<Item = &UserId> {
        self.users.iter().filter(|(_, it)| it.leaves_at.is_some()).map(|(id, _)| id)
    }

    /// When the next user counts as gone, if nobody comes back.
    #[must_use]
    pub fn next_leave(&self) -> Option<Millis> {
        self.users.values().filter_map(|attendance| attendance.leaves_at).min()
    }

    /// A user by id, with the name that the room knows.
    #[must_use]
    pub fn entry(&self, user: &UserId) -> Option<RosterEntry> {
        self.users.entry(user).map(|(id, attendance)| entry(id, attendance))
    }

    /// When a user leaves who may come back; `None` if they have a socket.
    #[must_use]
    pub fn leaves_at(&self, user: &UserId) -> Option<Millis> {
        self.users.get(user)?.leaves_at
    }

    /// What the last connections said of the users who may come back.
    pub fn last_data(&self) -> impl Iterator<Item = (&UserId, &LastData)> {
        self.users.iter().filter_map(|(id, attendance)| Some((id, attendance.last.as_ref()?)))
    }

    /// What the last connection of a user said who may come back.
    #[must_use]
    pub fn last_of(&self, user: &UserId) -> Option<&LastData> {
        self.users.get(user)?.last.as_ref()
    }

    /// A user by id, as announced to the room.
    #[must_use]
    pub fn find(&self, user: &UserId) -> Option<PresentUser<'_>> {
        self.users.entry(user).map(|(id, attendance)| attendance.present(id))
    }

    /// The present users, at most `limit`, in the order in which they joined.
    #[must_use]
    pub fn list<'a>(&'a self, limit: usize) -> Vec<PresentUser<'a>> {
        let present = |(id, attendance): (&'a UserId, &'a Attendance)| attendance.present(id);
        let mut users: Vec<_> = self.users.iter().take(limit).map(present).collect();
        users.sort_unstable_by_key(|user| (user.joined_at, user.user_id));
        users
    }
}

fn entry(id: &UserId, attendance: &Attendance) -> RosterEntry {
    RosterEntry {
        user: attendance.user(id.clone()),
        joined_at: attendance.joined_at,
        leaves_at: attendance.leaves_at,
        last: attendance.last.clone(),
    }
}
