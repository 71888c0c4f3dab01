//! What a reconnecting client has missed (P7.3 to P7.5).

use std::borrow::Cow;

use super::Room;
use crate::Millis;
use crate::history::{History, MAX_REPLAY_BYTES};
use crate::member::{Member, SocketId};
use crate::page::{KeptEvent, Page};
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::position::{Position, Seq};
use crate::tree::Tree;
use crate::wire::frame;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// The frames for a member of everything that happened after `position`, exactly as they were first sent, if all of it
    /// is still there (P7.4).
    #[inline(never)]
    pub(super) fn missed_after(
        &mut self,
        position: &Position,
        member: &Member,
        now: Millis,
    ) -> Option<Vec<String>> {
        if let Tree::Leaf(_) = self.tree {
            return self.missed_at_leaf(position, member, now);
        }
        let history = self.open_history(now).ok()??;
        if position.epoch != *history.epoch() {
            return None;
        }
        let (connection, user) = (&member.connection_id, member.user_id());
        let mut missed = Vec::new();
        self.each_after(position.seq, now, &mut |event| {
            if event.is_for(connection, user) {
                missed.push(event.frame.to_owned());
            }
        })?;
        Some(missed)
    }

    /// Gives every event after `seq` to `take`, in order and whoever it is for. `None` if not all of them can be had
    /// (P7.5): then those that it got count for nothing.
    pub(super) fn each_after(
        &mut self,
        seq: Seq,
        now: Millis,
        take: &mut dyn FnMut(KeptEvent<'_>),
    ) -> Option<()> {
        let history = self.open_history(now).ok()??;
        if seq == history.newest() {
            return Some(());
        }
        let (retention, beyond) = (history.retention(), history.beyond());
        let mut page = self.page_with(seq).ok()??;
        if !page.continues(seq) || page.total_until(seq) < beyond {
            return None;
        }
        let mut bytes = 0;
        loop {
            for event in page.events() {
                let event = event?;
                if event.seq <= seq {
                    continue;
                }
                bytes += event.frame.len();
                if bytes > MAX_REPLAY_BYTES || retention.is_over(event.at, now) {
                    return None;
                }
                take(event);
            }
            match self.page_after(&page).ok()? {
                Some(next) => page = next,
                None => return Some(()),
            }
        }
    }

    /// The oldest missed event that a client can still get.
    pub(super) fn oldest_kept(&mut self, now: Millis) -> Option<Seq> {
        let history = self.open_history(now).ok()??;
        let (retention, beyond) = (history.retention(), history.beyond());
        let mut oldest = None;
        let mut next = self.first_page().ok()?;
        while let Some(page) = next {
            for event in page.events().flatten() {
                if retention.is_over(event.at, now) || page.total_until(event.seq) <= beyond {
                    oldest = None;
                } else {
                    oldest = oldest.or(Some(event.seq));
                }
            }
            next = self.page_after(&page).ok()?;
        }
        oldest
    }

    /// The page that a client at `seq` has to continue with.
    pub(super) fn page_with(&self, seq: Seq) -> Result<Option<Cow<'_, Page>>, StorageFailed> {
        let in_memory = self.pages().rfind(|page| page.key <= seq);
        if let Some(page) = in_memory {
            return Ok(Some(Cow::Borrowed(page)));
        }
        match self.storage.last_page_until(seq)? {
            Some(page) => Ok(Some(Cow::Owned(page))),
            None => self.first_page(),
        }
    }

    pub(super) fn first_page(&self) -> Result<Option<Cow<'_, Page>>, StorageFailed> {
        self.page_from(0)
    }

    pub(super) fn page_after(&self, page: &Page) -> Result<Option<Cow<'_, Page>>, StorageFailed> {
        self.page_from(page.key.saturating_add(1))
    }

    /// The first page with this key or a higher one. Those in memory are newer than what the storage has of them.
    fn page_from(&self, key: Seq) -> Result<Option<Cow<'_, Page>>, StorageFailed> {
        let first_in_memory = self.pages().next().map_or(Seq::MAX, |page| page.key);
        if key < first_in_memory
            && let Some(page) = self.storage.first_page_from(key)?
            && page.key < first_in_memory
        {
            return Ok(Some(Cow::Owned(page)));
        }
        Ok(self.pages().find(|page| page.key >= key).map(Cow::Borrowed))
    }

    fn pages(&self) -> impl DoubleEndedIterator<Item = &Page> {
        self.history.iter().flat_map(History::pages)
    }

    /// Sends a client what it missed.
    #[inline(never)]
    pub(super) fn replay(&mut self, to: SocketId, frames: &[String], takes_batches: bool) {
        if takes_batches && frames.len() > 1 {
            let bytes = frames.iter().map(|frame| frame.len() + 1).sum::<usize>() + 1;
            self.sockets.send(to, &frame::array(frames.iter().map(String::as_str), bytes));
        } else {
            frames.iter().for_each(|frame| self.sockets.send(to, frame));
        }
    }
}
