//! What backends do: publish, remove users, and ask for the state of a room.

use std::rc::Rc;

use serde_json::Value;
use validiant_core::Millis;
use validiant_core::answer::{Delivery, Published};
use validiant_core::names::Epoch;
use validiant_core::position::{Position, Seq};
use validiant_core::wire::error_code::{ErrorCode, Refusal};

use crate::journal::publish::Outcome;
use crate::publication::{Event, Place, Posted, Share};
use crate::seal::Seal;
use crate::site::{Model, Site};
use crate::step::{End, Post};
use crate::users::{self, User, Users};
use crate::violation::{Checked, Violation, ensure};
use crate::wire::{listed, number, short};
use crate::world::World;

impl World {
    /// Backends publish. What is refused because its key is too old is encrypted anew, and then taken.
    pub fn publish(&mut self, room: u8, posted: Posted, waits: bool, end: End) -> Checked {
        let is_stale = self.publish_once(room, &posted, waits, end)?;
        let site = self.sites.get_mut(usize::from(room));
        let Some(site) = site.filter(|_| is_stale && end == End::Commits) else { return Ok(()) };
        site.app.backend = site.app.newest;
        let again = posted.anew(site.app.newest, &mut self.numbers);
        let is_stale = self.publish_once(room, &again, waits, end)?;
        ensure!(!is_stale, "What is encrypted under the newest key is refused.");
        self.counts.add("published again under the current key");
        Ok(())
    }

    /// Returns whether it was refused because of its key.
    fn publish_once(&mut self, room: u8, posted: &Posted, waits: bool, end: End) -> Checked<bool> {
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(false) };
        let turn = site.begin_turn(end);
        let (body, key) = (posted.body(), posted.key_text());
        let answer = site.room.publish(body.as_bytes(), key.as_deref(), waits, *now);
        let seqs = || answer.iter().flat_map(|it| &it.deliveries).filter_map(|it| it.seq);
        let (told, newest) = (seqs().next(), seqs().next_back());
        let failed = |refusal: &Refusal| refusal.code == ErrorCode::STORAGE_FAILED;
        let told = (told, answer.as_ref().is_err_and(failed));
        let disk_is_full = site.disk_is_full();
        let was_empty = site.model.journal.is_empty();
        let can_read = site.tables_are_readable();
        let Model { journal, floor, .. } = &mut site.model;
        let verdict = || floor.read(can_read).then(|| floor.judge_all(posted));
        let outcome = journal.publish(posted, verdict, disk_is_full, told, *now);
        site.has_published(was_empty, *now)?;
        site.posts.push(posted.clone());
        counts.add(site.check_answer(&outcome, posted.events.len() > 1, &answer)?);
        if !waits {
            site.holds_nothing()?;
        }
        let newest = site
            .model
            .journal
            .newest()
            .zip(newest)
            .map(|(Place { life, .. }, seq)| Place { life, seq });
        site.end_turn(turn, *now, counts)?;
        if matches!(end, End::Commits) {
            site.answer(newest)?;
        }
        Ok(matches!(outcome, Outcome::Refused(..)))
    }

    /// Backends publish more than a room may have in the air.
    pub fn burst(&mut self, room: u8, posts: u8) -> Checked {
        let post = Post { events: 90, ..Post::PLAIN };
        for _ in 0..posts {
            let newest = self.sites.get(usize::from(room)).map_or(0, |site| site.app.newest);
            let seal = if newest > 0 { Seal::Under(newest) } else { Seal::Plain };
            let posted = Posted::new(post, 0, [seal; 2], &mut self.numbers);
            self.publish(room, posted, false, End::Commits)?;
        }
        Ok(())
    }

    pub fn flush(&mut self, room: u8, end: End) -> Checked {
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        let turn = site.begin_turn(end);
        if site.room.holds_events() {
            counts.add("flush of events that waited");
        }
        site.room.flush();
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)
    }

    pub fn ask_state(&mut self, room: u8, end: End) -> Checked {
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        let turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let state = site.room.state(*now).text;
        let told = site.check_state(&state, *now)?;
        if matches!(end, End::Commits) {
            site.told = told;
        }
        site.end_turn(turn, *now, counts)
    }
}

impl Site {
    /// A backend has posted something. If it is the first event in the journal and there is no socket, the room checks
    /// who is present to set the alarm.
    pub fn has_published(&mut self, was_empty: bool, now: Millis) -> Checked {
        if was_empty && !self.model.journal.is_empty() && self.in_room().next().is_none() {
            self.model.presence.notice(now);
        }
        self.observe_disk(now)
    }

    /// Checks the answer to a publication, and returns the outcome.
    fn check_answer(
        &mut self,
        outcome: &Outcome,
        is_batch: bool,
        answer: &Result<Published, Refusal>,
    ) -> Checked<&'static str> {
        let code = |expected: ErrorCode| match answer {
            Err(refusal) => refusal.code == expected,
            Ok(_) => false,
        };
        match (outcome, answer) {
            (Outcome::Taken(events), Ok(published)) if !published.duplicate => {
                for event in events {
                    self.app.check_taken(event.posted.seal)?;
                }
                self.check_deliveries(events, &published.deliveries)?;
                Ok(if events.len() > 1 { "published several" } else { "published one" })
            }
            (Outcome::Repeat(seqs), Ok(published)) if published.duplicate => {
                let is_silent = |delivery: &Delivery| delivery.recipients + delivery.excluded == 0;
                let told: Vec<Option<Seq>> = published.deliveries.iter().map(|it| it.seq).collect();
                ensure!(
                    told == *seqs && published.deliveries.iter().all(is_silent),
                    "A repeat is answered {published:?}, its numbers are {seqs:?}."
                );
                Ok("publication repeated")
            }
            (Outcome::Conflict, _) if code(ErrorCode::IDEMPOTENCY_CONFLICT) => {
                Ok("publication in conflict")
            }
            (Outcome::Refused(place, code), Err(refusal)) if refusal.code == *code => {
                self.check_hint(refusal, None)?;
                let is_named = is_batch
                    == refusal.detail.iter().any(|it| it.starts_with(&format!("events[{place}]")));
                ensure!(is_named, "Event {place} is refused: {refusal:?}.");
                Ok(match *code {
                    ErrorCode::NOT_ENCRYPTED => "publication refused: not encrypted",
                    _ => "publication refused: under an old key",
                })
            }
            (Outcome::Failed, _) if code(ErrorCode::STORAGE_FAILED) => Ok("publication failed"),
            _ => {
                let (outcome, answer) = (format!("{outcome:?}"), format!("{answer:?}"));
                let sentence = format!("Expected {}, and got {}.", short(&outcome), short(&answer));
                Err(Violation(sentence))
            }
        }
    }

    /// Adds the events to what each socket must get.
    fn check_deliveries(&mut self, events: &[Rc<Event>], deliveries: &[Delivery]) -> Checked {
        ensure!(events.len() == deliveries.len(), "Not all events are told: {deliveries:?}.");
        for (event, delivery) in events.iter().zip(deliveries) {
            let (mut recipients, mut excluded) = (0, 0);
            for socket in self.sockets.values_mut().filter(|socket| socket.is_in_room) {
                match event.posted.share(socket.client, socket.user) {
                    Share::Gets => {
                        recipients += 1;
                        socket.due.push_back(Rc::clone(event));
                    }
                    Share::IsExcluded => excluded += 1,
                    Share::IsNotMeant => {}
                }
            }
            let seq = event.place.map(|place| place.seq);
            ensure!(
                (delivery.recipients, delivery.excluded, delivery.seq)
                    == (recipients, excluded, seq),
                "{delivery:?} should have {recipients} recipients, {excluded} excluded, {seq:?}."
            );
        }
        Ok(())
    }

    /// Checks that a refusal because of a key says which epoch is the lowest (P14.4, P14.5).
    pub fn check_hint(&self, refusal: &Refusal, nonce: Option<&str>) -> Checked {
        let hint = refusal.key_hint.as_deref();
        let told = hint.map(|hint| (hint.min_key_epoch, hint.nonce.as_deref()));
        let expected = Some((self.model.floor.epoch, nonce));
        ensure!(told == expected, "A refusal says {told:?}, not {expected:?}.");
        Ok(())
    }

    /// Checks the state, and returns what it says about the history.
    fn check_state(&mut self, text: &str, now: Millis) -> Checked<Option<Position>> {
        let state: Value = serde_json::from_str(text)
            .map_err(|_| Violation(format!("The state is not JSON: {text}.")))?;
        let disk_is_full = self.disk_is_full();
        let is_open = self.model.journal.open(disk_is_full);
        let connections = self.in_room().count();
        ensure!(
            state.get("projectId").and_then(Value::as_str) == Some(self.project().as_str())
                && number(&state, "connections") == Some(connections),
            "The state is not that of {} with {connections} sockets: {text}.",
            self.project().as_str()
        );
        let epoch = state.get("epoch").and_then(Value::as_str);
        let told = epoch.zip(state.get("seq").and_then(Value::as_u64));
        self.check_position(is_open, told)?;
        let oldest = self.model.journal.oldest_kept(now).filter(|_| is_open);
        ensure!(
            state.get("oldestSeq").and_then(Value::as_u64) == oldest,
            "The oldest event is {oldest:?}: {text}."
        );
        let is_known = self.knows_floor();
        let floor = Some(self.model.floor.epoch).filter(|floor| *floor > 0 && is_known);
        ensure!(
            state.get("minKeyEpoch").and_then(Value::as_u64) == floor.map(u64::from),
            "The floor is {floor:?}: {text}."
        );
        self.check_listed(&state)?;
        Ok(told.and_then(|(epoch, seq)| Some(Position { epoch: Epoch::parse(epoch).ok()?, seq })))
    }

    fn check_listed(&self, state: &Value) -> Checked {
        if !self.is_presence_known {
            return Ok(());
        }
        let present = self.model.presence.users();
        let users = state.get("users").unwrap_or(&Value::Null);
        ensure!(
            listed(users) == Some(present) && number(state, "activeUsers") == Some(present.count()),
            "The state does not list {:?}: {state}.",
            present.names()
        );
        for user in users.as_array().into_iter().flatten() {
            let id = user.get("userId").and_then(Value::as_str).and_then(users::number);
            let devices = id.map(|id| self.devices(id));
            ensure!(number(user, "devices") == devices, "There are {devices:?} devices: {user}.");
        }
        Ok(())
    }

    /// A client counts once, however many sockets it has.
    fn devices(&self, user: User) -> usize {
        let mut clients: Vec<u8> = self
            .in_room()
            .filter(|(_, socket)| socket.present_user() == Some(user))
            .map(|(_, socket)| socket.client)
            .collect();
        clients.sort_unstable();
        clients.dedup();
        clients.len()
    }

    /// The users with a socket that makes them present.
    pub fn seated(&self) -> Users {
        let mut users = Users::default();
        for user in self.in_room().filter_map(|(_, socket)| socket.present_user()) {
            users.insert(user);
        }
        users
    }
}
