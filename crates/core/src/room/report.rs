//! What the room reports about itself.

use std::cmp::Ordering;

use serde::Serialize;

use super::Room;
use crate::Millis;
use crate::answer::Ticket;
use crate::encryption::KeyEpoch;
use crate::history::History;
use crate::member::User;
use crate::names::{ConnectionId, Epoch, ProjectId};
use crate::ports::{Sockets, Storage};
use crate::position::Seq;
use crate::tree::Tree;
use crate::tree::wire::ListedUser;
use crate::wire::frame::{self, PresentUser};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct State<'a> {
    project_id: &'a ProjectId,
    connections: usize,
    active_users: usize,
    users: Vec<UserState<'a>>,
    awake_since: Millis,
    // These three are present if a history is kept; the last is null while it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<&'a Epoch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_seq: Option<Option<Seq>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_key_epoch: Option<KeyEpoch>,
    // In a room that has grown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    leaves: Vec<LeafState>,
}

/// A leaf in the state of a room.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LeafState {
    pub(super) leaf: u32,
    pub(super) connections: u64,
    pub(super) active_users: u64,
    /// Whether it has told them now. If not, they are what was last known, and its users are missing.
    pub(super) answers: bool,
}

/// The state of the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// The answer to `GET /parties/main/:projectId` as JSON (P1.9).
    pub text: String,
    /// Under which the answer comes, with the users of all places; `None` if this is it (P15).
    pub ticket: Option<Ticket>,
}

fn above_0(epoch: KeyEpoch) -> Option<KeyEpoch> {
    Some(epoch).filter(|epoch| *epoch > 0)
}

#[derive(Serialize)]
struct UserState<'a> {
    #[serde(flatten)]
    user: PresentUser<'a>,
    devices: u64,
}

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The room's id.
    #[must_use]
    pub fn project_id(&self) -> &ProjectId {
        &self.project_id
    }

    /// How many sockets there are.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.sockets.count()
    }

    /// How many users are present.
    #[must_use]
    pub fn active_users(&self) -> usize {
        self.presence.count()
    }

    /// The answer to `GET /parties/main/:projectId`.
    #[must_use]
    pub fn state(&mut self, now: Millis) -> Reported {
        self.begin(now);
        let ticket = if self.is_grown() { self.ask_for_users() } else { None };
        let text =
            if ticket.is_none() { self.state_with(&[], Vec::new(), now) } else { String::new() };
        Reported { text, ticket }
    }

    /// The state, with what other places have told.
    pub(super) fn state_with(
        &mut self,
        others: &[ListedUser],
        leaves: Vec<LeafState>,
        now: Millis,
    ) -> String {
        let oldest_seq = self.oldest_kept(now);
        // Like a history, one that can't be read is not told.
        let min_key_epoch = self.min_key_epoch().ok().and_then(above_0);
        let devices = self.devices();
        let users = self.presence.list(usize::MAX).into_iter().map(|user| {
            let place = self.presence.index(user.user_id);
            let devices = place.and_then(|place| devices.get(place)).map_or(0, Vec::len);
            UserState { user, devices: devices as u64 }
        });
        let mut users: Vec<UserState<'_>> = users.collect();
        if !others.is_empty() {
            merge(&mut users, others);
        }
        let state = State {
            project_id: &self.project_id,
            connections: self.all_sockets(),
            active_users: self.all_users(),
            users,
            awake_since: self.awake_since,
            epoch: self.history.as_ref().map(History::epoch),
            seq: self.history.as_ref().map(History::newest),
            oldest_seq: self.history.is_some().then_some(oldest_seq),
            min_key_epoch,
            leaves,
        };
        serde_json::to_string(&state).unwrap_or_default()
    }

    /// The devices of each user, in the order of their ids.
    ///
    /// A device that reconnected before its old socket ended has one connection id on two sockets. Sockets that only
    /// listen do not count (P9.4), and a user who is expected back has none (P1.9).
    fn devices(&self) -> Vec<Vec<&ConnectionId>> {
        let mut devices = vec![Vec::new(); self.presence.count()];
        for member in self.sockets.members() {
            let place = member.present_user().and_then(|user| self.presence.index(&user.id));
            if let Some(theirs) = place.and_then(|place| devices.get_mut(place)) {
                let id = &member.connection_id;
                if !theirs.contains(&id) {
                    theirs.push(id);
                }
            }
        }
        devices
    }

    #[inline(never)]
    pub(super) fn connected_frame(
        &mut self,
        connection_id: &ConnectionId,
        client_events: bool,
        recovered: bool,
        min_key_epoch: KeyEpoch,
        now: Millis,
    ) -> String {
        // An unreadable history is not announced, so that no client relies on it.
        let _ = self.open_history(now);
        let position = match &self.tree {
            Tree::Leaf(leaf) => leaf.position(),
            _ => self.history.as_ref().map(|history| (history.epoch(), history.newest())),
        };
        let (epoch, seq) = position.unzip();
        let payload = frame::Connected {
            project_id: &self.project_id,
            connection_id,
            active_users: self.all_users(),
            connections: self.all_sockets(),
            users: self.listed(),
            limits: self.settings.limits,
            server: frame::SERVER,
            epoch,
            seq,
            recovered,
            client_events,
            min_key_epoch: above_0(min_key_epoch),
        };
        frame::connected(&payload, now)
    }
}

/// Adds the users of other places. One who is at two of them, because they are just moving, is listed once.
fn merge<'a>(users: &mut Vec<UserState<'a>>, others: &'a [ListedUser]) {
    users.extend(others.iter().map(|ListedUser { user, joined_at, devices }| {
        let User { id, name, avatar, verified } = user;
        let user = PresentUser {
            user_id: id,
            user_name: name.as_ref(),
            avatar: avatar.as_ref(),
            joined_at: *joined_at,
            verified: *verified,
            leaves_at: None,
            data: Vec::new(),
        };
        UserState { user, devices: *devices }
    }));
    sort(users, |a, b| (a.user_id, a.joined_at).cmp(&(b.user_id, b.joined_at)));
    users.dedup_by(|again, first| {
        let is_same = again.user.user_id == first.user.user_id;
        first.devices += if is_same { again.devices } else { 0 };
        is_same
    });
    sort(users, |a, b| (a.joined_at, a.user_id).cmp(&(b.joined_at, b.user_id)));
}

/// Sorts in one way for both orders: each further one would add 3 KB to the WebAssembly, and a stable one 5 KB.
#[inline(never)]
fn sort(users: &mut [UserState<'_>], order: fn(&PresentUser<'_>, &PresentUser<'_>) -> Ordering) {
    users.sort_unstable_by(|a, b| order(&a.user, &b.user));
}
