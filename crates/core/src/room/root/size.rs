//! How a room grows, and shrinks again.

use super::super::Room;
use super::calls::LOST_ALARM_MS;
use crate::Millis;
use crate::member::Member;
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::tree::places::SHRINK_AFTER_MS;
use crate::tree::root::Root;
use crate::tree::root::session::Session;
use crate::tree::wire::Counts;
use crate::tree::{Note, Place, Places, Readiness, Tree};

/// How often to look whether a room that has grown is too large for its sockets, in milliseconds.
const LOOK_MS: Millis = 300_000;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Whether a client can connect here. A full room grows first.
    pub(in super::super) fn root_readiness(&mut self, member: &Member, now: Millis) -> Readiness {
        // If it can't be read, the connect fails.
        let _ = self.know_tree(now);
        match &self.tree {
            Tree::Alone if self.sockets.count() < self.settings.leaf_sockets => Readiness::Now,
            Tree::Alone => self.grown_readiness(member, now),
            Tree::Root(_) => self.grown_readiness(member, now),
            Tree::Unread | Tree::Leaf(_) => Readiness::Now,
        }
    }

    #[inline(never)]
    fn grown_readiness(&mut self, member: &Member, now: Millis) -> Readiness {
        if self.root_mut().is_some_and(|root| root.may_soon_know_counts()) {
            return Readiness::Later;
        }
        self.measure(now);
        match self.root().map_or(Place::ROOT, |root| root.places.home_of(member)) {
            Place::ROOT => Readiness::Now,
            home => Readiness::Elsewhere(home),
        }
    }

    /// Looks at the size of the room. It grows if it is full.
    pub(super) fn measure(&mut self, now: Millis) {
        let sockets = self.all_sockets();
        let per_place = self.settings.leaf_sockets;
        let is_full = |places: &Places| places.is_full(sockets, per_place);
        let grows = match self.root() {
            Some(root) => is_full(&root.places),
            None => is_full(&Places::default()),
        };
        if grows {
            // Counts on, so that no object is ever used again, and a leaf never has a number that is not its own.
            let first = || Places { version: now, ..Places::default() };
            let mut places = self.root().map_or_else(first, |root| root.places.clone());
            places.grow();
            self.has_places(places, now);
            return;
        }
        let knows_all = self.root_mut().is_some_and(|root| root.has_all_counts());
        if knows_all && self.root().is_some_and(|root| root.is_to_be_measured) {
            self.look_at_size(sockets, now);
        }
    }

    /// All counts are known, and it is time to look whether the room is too large.
    fn look_at_size(&mut self, sockets: usize, now: Millis) {
        let per_place = self.settings.leaf_sockets;
        let Some(root) = self.root_mut() else { return };
        let mut places = root.places.clone();
        // One that is asked whether it is empty is looked at again when it has answered.
        let is_asked = |it: &Session| {
            it.has_work() && places.find(it.place).is_some_and(|leaf| leaf.is_draining)
        };
        root.is_to_be_measured = root.sessions.iter().any(is_asked);
        let empty: Vec<Place> =
            root.sessions.iter().filter(|it| is_empty(it)).map(|it| it.place).collect();
        empty.iter().for_each(|place| places.drop_leaf(*place));
        let enough = places.enough(sockets, per_place);
        if enough == places.active() {
            places.small_since = 0;
        } else if places.small_since == 0 {
            places.small_since = now;
        } else if now.saturating_sub(places.small_since) >= SHRINK_AFTER_MS {
            places.shrink_to(enough);
        }
        if places != root.places {
            self.has_places(places, now);
        }
    }

    /// The room has other places from now on, unless that can't be stored.
    fn has_places(&mut self, places: Places, now: Millis) {
        let before = self.root().map_or(1, |root| root.places.active());
        let leaves = self.root().map_or(0, |root| root.sessions.len());
        let after = places.active();
        if self.try_to_have(places, now).is_err() {
            return;
        }
        if before == after && leaves == self.root().map_or(0, |root| root.sessions.len()) {
            return;
        }
        if before != after {
            self.notes.push(Note::Resized { from: before, to: after });
        }
        if let Some(root) = self.root_mut() {
            root.sessions.iter_mut().for_each(Session::ask);
        }
        self.restore_presence(now);
        self.has_new_size(now);
        self.places_changed(now);
        if let Some(at) = self.next_look_at_size(now) {
            self.arm(at, now);
        }
    }

    fn try_to_have(&mut self, places: Places, now: Millis) -> Result<(), StorageFailed> {
        let newest = self.newest_kept(now)?;
        let controls = self.root().map_or(places.version, |root| root.controls);
        if places.leaves.is_empty() && self.root().is_none_or(|root| root.tickets.is_empty()) {
            self.storage.save_tree(None)?;
            self.tree = Tree::Alone;
            return Ok(());
        }
        self.storage.save_tree(Some(&Root::to_text(&places, controls)))?;
        match &mut self.tree {
            Tree::Root(root) => {
                let gone =
                    root.places.leaves.iter().filter(|leaf| places.find(leaf.place).is_none());
                gone.for_each(|leaf| root.tickets.is_dropped(leaf.place));
                root.places = places;
                root.meet_leaves(newest, Some(Counts::default()));
            }
            tree => {
                let root = Root::grown(places, controls, self.awake_since, newest);
                *tree = Tree::Root(Box::new(root));
            }
        }
        Ok(())
    }

    /// The alarm has gone off.
    pub(in super::super) fn alarm_of_root(&mut self, now: Millis) {
        if let Some(root) = self.root_mut() {
            root.is_to_be_measured = true;
            root.knows_counts();
            root.ask_draining();
            self.measure(now);
        }
    }

    /// When the alarm of a room that has grown must go off at the latest.
    pub(in super::super) fn next_look_at_size(&self, now: Millis) -> Option<Millis> {
        let root = self.root()?;
        let has_lost = root.sessions.iter().any(|session| session.is_lost);
        Some(now.saturating_add(if has_lost { LOST_ALARM_MS } else { LOOK_MS }))
    }
}

/// Whether a leaf takes no clients any more and has none, nor users who may come back.
fn is_empty(session: &Session) -> bool {
    session.drains && session.counts == Some(Counts::default()) && !session.has_work()
}
