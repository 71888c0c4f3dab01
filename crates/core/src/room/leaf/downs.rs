//! What a leaf takes from the root.

use super::super::Room;
use crate::Millis;
use crate::member::Member;
use crate::ports::{RosterEntry, Sockets, Storage, StorageFailed};
use crate::tree::Tree;
use crate::tree::leaf::Judged;
use crate::tree::wire::{Down, DownOutcome, Entry, Kept, ListedUser, Reached};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Takes a call from the root, and returns the answer: an empty one if it was not understood, or can't be answered.
    pub(in super::super) fn take_down(&mut self, text: &str, now: Millis) -> String {
        let Ok(down) = Down::parse(text) else {
            self.doubt("unreadable", now);
            return String::new();
        };
        // It shows which calls are from before. If it can't be read, nothing is taken, and the root tries again.
        if self.stored_controls().is_err() {
            return String::new();
        }
        let has_sockets = self.sockets.count() > 0;
        let Some(leaf) = self.leaf_mut() else { return String::new() };
        let version = leaf.places.version;
        let answer = match leaf.judge(&down, has_sockets, now) {
            Judged::Answer(answer) => answer,
            Judged::Take { closes } => self.take_all(&down, closes, now),
            Judged::Doubt => {
                self.doubt("position", now);
                self.again(false)
            }
            Judged::NotMine => {
                self.doubt("not_mine", now);
                String::new()
            }
        };
        if self.leaf().is_some_and(|leaf| leaf.places.version != version) {
            self.places_changed(now);
        }
        answer
    }

    fn again(&self, wants_controls: bool) -> String {
        let answer = self.leaf().map(|leaf| leaf.answered(DownOutcome::Again { wants_controls }));
        match answer {
            Some(Judged::Answer(text)) => text,
            _ => String::new(),
        }
    }

    fn take_all(&mut self, down: &Down, closes: bool, now: Millis) -> String {
        if closes {
            if let Some(leaf) = self.leaf_mut() {
                leaf.forget_unsaid();
            }
            self.close_everybody("reset", now);
        }
        match self.has_controls_of(down, now) {
            Ok(true) => {}
            Ok(false) => return self.again(self.leaf().is_some_and(|leaf| leaf.wants_controls)),
            // Nothing was taken. The root tries again.
            Err(StorageFailed) => return String::new(),
        }
        let Ok(reached) = self.take_entries(down, now) else {
            self.doubt("storage", now);
            return String::new();
        };
        if down.wants_users || down.entries.is_empty() {
            self.restore_presence(now);
        }
        if self.forget_if_given_up(down, now).is_err() {
            return String::new();
        }
        let users = if down.wants_users { self.listed_users() } else { Vec::new() };
        let counts = self.counts_to_answer();
        let Some(leaf) = self.leaf_mut() else { return String::new() };
        leaf.take((down.number, down.sent_at), counts, reached, |answer| answer.users = users)
    }

    fn take_entries(&mut self, down: &Down, now: Millis) -> Result<Vec<Reached>, StorageFailed> {
        let waits = down.entries.len() > 1;
        let has_had = self.leaf().is_some_and(|leaf| leaf.has_had(down));
        let mut reached = Vec::new();
        for entry in &down.entries {
            if has_had && is_passing(entry) {
                reached.push(Reached::default());
                continue;
            }
            if let Entry::Control { control, number } = entry {
                self.flush();
                reached.push(self.take_control(control, *number, now)?);
            } else {
                self.remember_event(entry);
                reached.extend(self.take_entry(entry, waits, now));
                self.compare(entry, now);
            }
        }
        self.flush();
        Ok(reached)
    }

    /// A kept event is where the leaf stands from now on.
    fn remember_event(&mut self, entry: &Entry) {
        let Entry::Event { seq: Some(seq), at, audience, frame } = entry else { return };
        let Self { tree: Tree::Leaf(leaf), settings, .. } = self else { return };
        if let Some(ring) = leaf.ring_mut() {
            let (audience, frame) = (audience.clone(), frame.clone());
            ring.push(Kept { seq: *seq, at: *at, audience, frame }, settings.retention);
        }
    }

    /// The users here, with their devices.
    fn listed_users(&self) -> Vec<ListedUser> {
        let mut devices = vec![Vec::new(); self.presence.count()];
        for member in self.sockets.members() {
            let place = member.present_user().and_then(|user| self.presence.index(&user.id));
            if let Some(theirs) = place.and_then(|place| devices.get_mut(place)) {
                let Member { connection_id, .. } = member;
                if !theirs.contains(&connection_id) {
                    theirs.push(connection_id);
                }
            }
        }
        let entries = self.presence.entries();
        let listed = |(RosterEntry { user, joined_at, .. }, devices): (RosterEntry, Vec<_>)| {
            ListedUser { user, joined_at, devices: devices.len() as u64 }
        };
        entries.zip(devices).map(listed).collect()
    }
}

/// Whether nobody recovers it: who is not here when it comes goes without.
fn is_passing(entry: &Entry) -> bool {
    matches!(entry, Entry::Event { seq: None, .. } | Entry::Said { .. })
}
