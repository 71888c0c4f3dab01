//! What the root has put in order reaches the sockets of this object: those of the root, or of a leaf (P15).

use super::Room;
use super::changes::is_in;
use crate::Millis;
use crate::member::{Member, SocketId};
use crate::ports::{Sockets, Storage};
use crate::publication::audience::{Audience, Verdict};
use crate::sorted::SortedSet;
use crate::tree::wire::{At, Entry, Reached};
use crate::tree::{Place, Tree};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Gives an entry to this object's own sockets. Returns how many it reached, if that is counted.
    #[inline(never)]
    pub(super) fn apply_entry(&mut self, entry: &Entry, now: Millis) -> Option<Reached> {
        self.flush();
        self.take_entry(entry, false, now)
    }

    /// The same. `waits`: others follow, so that events are sent together with those. The caller then calls
    /// [`Self::flush`].
    pub(super) fn take_entry(
        &mut self,
        entry: &Entry,
        waits: bool,
        now: Millis,
    ) -> Option<Reached> {
        match entry {
            Entry::Event { audience, frame, .. } => {
                Some(self.deliver(frame, audience, None, waits))
            }
            Entry::Said { from, audience, frame } => {
                let from = self.own_socket(*from);
                Some(self.deliver(frame, audience, from, waits))
            }
            Entry::Updated { heard_at, from, but, always, frame, .. } => {
                let is_own = *from == self.place();
                let (but, always) =
                    if is_own { (*but, always.as_slice()) } else { (None, &[][..]) };
                Some(self.update_hearers(frame, heard_at, but, always))
            }
            Entry::Stale { but, told_at } => {
                self.flush();
                if *but != Some(self.place()) {
                    self.close_misled(told_at, now);
                }
                None
            }
            Entry::Everybody { frame } => {
                self.flush();
                self.send_to(frame, |_| true);
                None
            }
            Entry::One { to, is_introduction, frame } => {
                self.flush();
                if let Some(socket) = self.own_socket(*to)
                    && (!is_introduction || self.welcomes.take(socket))
                {
                    self.sockets.send(socket, frame);
                }
                None
            }
            Entry::Introduce { .. } => {
                self.flush();
                self.answer_introduction(entry, now);
                None
            }
            Entry::Expect { entry } => {
                self.flush();
                self.expect(entry.clone(), now);
                None
            }
            // Each role takes them in its own way.
            Entry::Control { .. } => None,
        }
    }

    /// Which place this is.
    pub(super) fn place(&self) -> Place {
        match &self.tree {
            Tree::Leaf(leaf) => leaf.place,
            _ => Place::ROOT,
        }
    }

    fn own_socket(&self, at: At) -> Option<SocketId> {
        (at.place == self.place()).then_some(at.socket)
    }

    #[inline(never)]
    fn deliver(
        &mut self,
        frame: &str,
        audience: &Audience,
        from: Option<SocketId>,
        waits: bool,
    ) -> Reached {
        let mut excluded = 0;
        let mut admit = |member: &Member| {
            let verdict = audience.verdict(&member.connection_id, member.user_id());
            excluded += u64::from(verdict == Verdict::Excluded);
            verdict == Verdict::Send
        };
        // What a client says does not come back to it: it does not wait with the events for all.
        let recipients = if waits && from.is_none() {
            if self.batch.is_full() {
                self.flush();
            }
            self.batch.push(frame.to_owned(), audience);
            self.sockets.members().filter(|member| admit(member)).count()
        } else {
            self.flush();
            self.sockets.fan_out(&[frame], |socket, member| {
                (admit(member) && Some(socket) != from).then_some(0)
            })
        };
        Reached { recipients: recipients as u64, excluded }
    }

    #[inline(never)]
    fn update_hearers(
        &mut self,
        frame: &str,
        heard_at: &[String],
        but: Option<SocketId>,
        always: &[SocketId],
    ) -> Reached {
        self.flush();
        let moving = match &mut self.tree {
            Tree::Leaf(leaf) => leaf.outbox.hold_back(frame, but, |at| is_in(heard_at, at)),
            _ => SortedSet::default(),
        };
        let recipients = self.sockets.fan_out(&[frame], |socket, member| {
            let is_there =
                || !moving.contains(&socket) && member.at().is_some_and(|at| is_in(heard_at, at));
            let hears = always.contains(&socket) || is_there();
            (hears && Some(socket) != but).then_some(0)
        });
        Reached { recipients: recipients as u64, excluded: 0 }
    }

    /// The sockets whose clients may have been told who is at certain places in the product.
    pub(super) fn told_at(&self, is_meant: impl Fn(&str) -> bool) -> Vec<SocketId> {
        let mut sockets = self.sockets.select(|member| member.at().is_some_and(&is_meant));
        if let Tree::Leaf(leaf) = &self.tree {
            sockets.extend(leaf.outbox.moved_from(&is_meant));
        }
        sockets
    }
}
