//! Backends publish, and are answered.

use serde_json::Value;
use validiant_core::tree::{PUBLISH_PATIENCE_MS, Place, Settled};

use super::post::Published;
use super::step::Post;
use super::world::{Waiting, World};
use crate::publication::{Posted, PostedEvent};
use crate::seal::Seal;
use crate::step::{self, Under};
use crate::violation::{Checked, Violation, ensure};

impl World {
    pub fn publish_anew(&mut self, post: Post, waits: bool) -> Checked {
        let Post { events, ephemeral, only, exclude, exclude_client, key } = post;
        let (under, second) = (Under::Known, Under::Known);
        let is_big = false;
        let post = step::Post {
            events,
            ephemeral,
            only,
            exclude,
            exclude_client,
            key,
            is_big,
            under,
            second,
        };
        let seal = self.bans.newest_seal();
        let seals = [seal, if seal == Seal::Plain { seal } else { Seal::Marked }];
        let posted = Posted::new(post, 0, seals, &mut self.numbers);
        self.publish(posted, waits)
    }

    /// A backend repeats what it has published, if it is kept.
    pub fn repeat(&mut self, back: u8) -> Checked {
        let known = self.posts.iter().rev().nth(back.into());
        let is_kept = |posted: &Posted| posted.events.iter().all(|event| !event.is_ephemeral);
        let again = known.filter(|known| {
            known.posted.key.is_some()
                && is_kept(&known.posted)
                && known.erased == self.bans.erased
                && self.plan.size > 0
        });
        match again.map(|known| known.posted.clone()) {
            Some(posted) => self.publish(posted, false),
            None => Ok(()),
        }
    }

    fn publish(&mut self, posted: Posted, waits: bool) -> Checked {
        let (body, key) = (posted.body(), posted.key_text());
        let root = Place::ROOT;
        let answer =
            self.act(root, |room, now| room.publish(body.as_bytes(), key.as_deref(), waits, now));
        self.learn_epoch();
        let was_posted = |known: &Published| known.posted.key == posted.key;
        match answer {
            Ok(published) if published.duplicate => {
                self.counts.add("publication repeated");
                let is_same = |known: &Published| known.posted == posted;
                ensure!(self.posts.iter().any(is_same), "{posted:?} is no duplicate.");
            }
            Ok(published) => {
                let now = self.now;
                let seqs = published.deliveries.iter().map(|delivery| delivery.seq);
                let pairs: Vec<(PostedEvent, Option<u64>)> =
                    posted.events.iter().copied().zip(seqs).collect();
                let entries =
                    pairs.iter().map(|(event, seq)| self.log.push(*event, *seq, now)).collect();
                self.await_answer(posted, entries, published.ticket);
            }
            Err(refusal) => {
                let code = refusal.code.code;
                let is_old = |event: &PostedEvent| self.bans.refuse(event.seal);
                let is_right = match code {
                    "idempotency_conflict" => self.posts.iter().any(was_posted),
                    "stale_key_epoch" | "not_encrypted" => posted.events.iter().any(is_old),
                    _ => false,
                };
                ensure!(is_right, "{posted:?} is refused with {code}.");
            }
        }
        self.end(root)
    }

    fn await_answer(
        &mut self,
        posted: Posted,
        entries: Vec<usize>,
        ticket: Option<validiant_core::answer::Ticket>,
    ) {
        let index = self.posts.len();
        let awaits = |room: &crate::platform::MemoryRoom| room.awaits_write();
        let root = self.objects.get_mut(&Place::ROOT);
        let is_durable = !root.is_some_and(|root| {
            let awaits_write = root.room.as_ref().is_some_and(awaits);
            if awaits_write {
                root.unanswered.push(index);
            }
            awaits_write
        });
        let (is_settled, erased) = (ticket.is_none(), self.bans.erased);
        self.posts.push(Published { posted, entries, erased, is_settled, is_durable });
        if let Some(ticket) = ticket {
            self.counts.add("publications that waited for leaves");
            self.await_ticket(ticket, PUBLISH_PATIENCE_MS, Waiting::Post(index));
        }
        self.answer_post(index);
    }

    /// The root's writes up to these posts are durable.
    pub fn is_durable(&mut self, posts: Vec<usize>) -> Checked {
        for index in posts {
            if let Some(post) = self.posts.get_mut(index) {
                post.is_durable = true;
            }
            self.answer_post(index);
        }
        Ok(())
    }

    fn answer_post(&mut self, index: usize) {
        let Some(post) = self.posts.get(index) else { return };
        if !post.is_settled || !post.is_durable || post.erased != self.bans.erased {
            return;
        }
        self.counts.add("publications answered");
        for entry in &post.entries {
            if let Some(entry) = self.log.entries.get_mut(*entry) {
                entry.is_answered = true;
            }
        }
    }

    /// The root has died: nobody who waits for it is answered.
    pub fn no_answers(&mut self) {
        self.tickets.clear();
    }

    /// Somebody who waited for the leaves is answered.
    pub fn is_settled(&mut self, Settled { ticket, answer }: Settled) -> Checked {
        let Some(waiting) = self.tickets.remove(&ticket) else {
            return Err(Violation(format!("{ticket:?} is answered, and nobody waits for it.")));
        };
        match waiting {
            Waiting::Post(index) => {
                let text = answer.map_err(|refusal| {
                    Violation(format!("A publication is answered {refusal:?}."))
                })?;
                self.check_counts(index, &text)?;
                if let Some(post) = self.posts.get_mut(index) {
                    post.is_settled = true;
                }
                self.answer_post(index);
                Ok(())
            }
            Waiting::Ban(index) => self.ban_is_answered(index, answer.is_ok()),
            Waiting::State => {
                self.state = answer.ok();
                Ok(())
            }
        }
    }

    /// A backend is not told of more recipients than there were, nor of fewer without a fault (P2.9).
    fn check_counts(&mut self, index: usize, text: &str) -> Checked {
        let answer: Value = serde_json::from_str(text)
            .map_err(|_| Violation(format!("A backend is answered {text}.")))?;
        let Some(post) = self.posts.get(index) else { return Ok(()) };
        let is_partial = answer.get("partial").is_some();
        self.counts.add(if is_partial { "answers in part" } else { "answers in full" });
        let root = self.objects.get(&Place::ROOT).and_then(|root| root.room.as_ref());
        if root.is_none_or(|room| room.holds_events()) {
            return Ok(());
        }
        let told: Vec<&Value> = match answer.get("events").and_then(Value::as_array) {
            Some(events) => events.iter().collect(),
            None => vec![&answer],
        };
        let is_exact = !is_partial && self.plan.is_fine();
        for (entry, told) in post.entries.iter().zip(told) {
            let heard = self.log.entries.get(*entry).map_or(0, |entry| entry.heard);
            let told = told.get("recipients").and_then(Value::as_u64);
            let is_right = told.is_some_and(|told| match usize::try_from(told) {
                Ok(told) => told == heard || (told < heard && !is_exact),
                Err(_) => false,
            });
            ensure!(is_right, "{heard} sockets got an event, and {text} is answered.");
        }
        Ok(())
    }
}
