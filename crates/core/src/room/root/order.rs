//! Puts in order what happens at all places, and gives it to those whom it concerns.

use super::super::Room;
use crate::Millis;
use crate::member::SocketId;
use crate::ports::{Sockets, Storage};
use crate::publication::audience::Audience;
use crate::tree::root::session::Session;
use crate::tree::root::tickets::Part;
use crate::tree::wire::{Entry, Refused};
use crate::tree::{Place, Places};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Gives an entry to those of the root's own sockets whom it concerns, and to the leaves.
    #[inline(never)]
    pub(in super::super) fn order(&mut self, entry: Entry, now: Millis) {
        match self.only_place_of(&entry) {
            None => {
                self.apply_entry(&entry, now);
                self.share(&entry, None);
                self.compare(&entry, now);
            }
            Some(Place::ROOT) => {
                self.apply_entry(&entry, now);
            }
            Some(place) => {
                if let Some(root) = self.root_mut() {
                    root.send(place, &entry);
                }
            }
        }
    }

    /// The only place that an entry concerns, if there is one.
    fn only_place_of(&self, entry: &Entry) -> Option<Place> {
        match entry {
            Entry::One { to, .. } => Some(to.place),
            Entry::Expect { entry } => {
                let home = |places: &Places| places.home_of_user(&entry.user.id);
                Some(self.root().map_or(Place::ROOT, |root| home(&root.places)))
            }
            _ => None,
        }
    }

    /// Gives an entry to all leaves. `part`: the answer that waits for it.
    pub(in super::super) fn share(&mut self, entry: &Entry, part: Option<Part>) {
        let Some(root) = self.root_mut() else { return };
        match entry {
            Entry::Said { audience, .. } => root.share(entry, |leaf| is_owed(audience, leaf), part),
            Entry::Updated { .. } => root.share(entry, |_| true, part),
            _ => root.share(entry, |_| false, part),
        }
    }

    /// Orders what a leaf has sent. Returns of each entry why it is refused, if it is.
    pub(super) fn order_all_of_leaf(
        &mut self,
        entries: Vec<Entry>,
        now: Millis,
    ) -> Vec<Option<Refused>> {
        let mut unchanged: Vec<(SocketId, Refused)> = Vec::new();
        let mut refused = Vec::with_capacity(entries.len());
        for entry in entries {
            let changed = changed_by(&entry);
            // Nobody has heard of the change that this one goes on from.
            let known = unchanged.iter().find(|(socket, _)| changed.contains(socket));
            let refusal = match known {
                Some((_, refusal)) => Some(*refusal),
                None => self.order_of_leaf(entry, now).err(),
            };
            if let Some(refusal) = refusal {
                unchanged.extend(changed.into_iter().map(|socket| (socket, refusal)));
            }
            refused.push(refusal);
        }
        refused
    }

    /// Orders what a leaf has sent, unless it is refused.
    fn order_of_leaf(&mut self, entry: Entry, now: Millis) -> Result<(), Refused> {
        match &entry {
            Entry::Said { frame, .. } if self.judge_again(frame).is_err() => {
                return Err(Refused::OldKey(self.min_key_epoch().unwrap_or_default()));
            }
            Entry::Said { audience, .. } => {
                let known = self.addressed_here(audience) + self.addressed_at_leaves(audience);
                // Of everybody, one is who says it.
                let sender = usize::from(audience.only.is_none());
                self.take_deliveries(known.saturating_sub(sender), now)?;
                self.order(entry, now);
            }
            Entry::Updated { is_limited, heard_at, .. } => {
                let known = self.hearers_here(heard_at);
                match is_limited {
                    true => self.take_deliveries(known, now)?,
                    false => self.owe_deliveries(known, now),
                }
                self.order(entry, now);
            }
            Entry::One { .. } => {
                self.owe_deliveries(1, now);
                self.order(entry, now);
            }
            Entry::Introduce { .. } | Entry::Expect { .. } | Entry::Stale { .. } => {
                self.order(entry, now);
            }
            // Only the root says these.
            Entry::Event { .. } | Entry::Everybody { .. } | Entry::Control { .. } => {}
        }
        Ok(())
    }

    /// For how many sockets of leaves something is, as far as that is known before.
    pub(in super::super) fn addressed_at_leaves(&self, audience: &Audience) -> usize {
        let Some(root) = self.root() else { return 0 };
        let known = root.sessions.iter().filter(|leaf| !is_owed(audience, leaf));
        known.map(|leaf| leaf.counts.unwrap_or_default().sockets as usize).sum()
    }

    fn addressed_here(&self, audience: &Audience) -> usize {
        match &audience.only {
            None => self.sockets.count(),
            Some(_) => self.sockets.members().filter(|member| audience.admits(member)).count(),
        }
    }

    fn hearers_here(&self, heard_at: &[String]) -> usize {
        let is_there = |at: Option<&str>| at.is_some_and(|at| heard_at.iter().any(|it| it == at));
        self.sockets.members().filter(|member| is_there(member.at())).count()
    }
}

/// The sockets whose data a client has changed, if that may be refused.
fn changed_by(entry: &Entry) -> Vec<SocketId> {
    match entry {
        Entry::Updated { but, always, is_limited: true, .. } => {
            always.iter().chain(but).copied().collect()
        }
        _ => Vec::new(),
    }
}

/// Whether it is unknown for how many sockets of a leaf something is until the leaf has told (P11.5).
fn is_owed(audience: &Audience, leaf: &Session) -> bool {
    audience.only.is_some() || leaf.counts.is_none()
}
