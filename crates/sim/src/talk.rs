//! Clients talk to each other: they send events, and say something of themselves (P11, P12).

use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::room::{Answered, Incoming};
use validiant_core::wire::error_code::ErrorCode;

use crate::bucket::Bucket;
use crate::client::Client;
use crate::connection::client_of;
use crate::counts::Counts;
use crate::publication::{ClientEvent, Event, PostedEvent};
use crate::said::{self, All, Connection, Data};
use crate::seal::{self, Seal};
use crate::site::Site;
use crate::step::{End, Patch, Under};
use crate::turn::Turn;
use crate::users::Users;
use crate::violation::{Checked, Violation, ensure};
use crate::wire::{Answer, Socket};
use crate::world::World;

/// Why something is refused; `None` if it is not.
type Verdict = Option<ErrorCode>;

impl World {
    /// A client sends events, several of them in one frame.
    pub fn send(&mut self, client: u8, events: u8, only: Users, under: Under, end: End) -> Checked {
        let is_stale = self.send_once(client, events, only, under, end)?;
        if !is_stale || end != End::Commits {
            return Ok(());
        }
        let Self { clients, sites, .. } = self;
        let Some((known, site)) = client_of(clients, sites, client) else { return Ok(()) };
        known.key = site.app.current_for(known.seat.user);
        let is_member = known.key == site.app.newest;
        let is_stale = self.send_once(client, events, only, Under::Known, end)?;
        ensure!(!(is_stale && is_member), "What a member encrypts anew is refused.");
        self.counts.add(match is_stale {
            true => "client event without a key for it",
            false => "client event encrypted anew",
        });
        Ok(())
    }

    /// Returns whether one was refused because of its key.
    fn send_once(
        &mut self,
        client: u8,
        events: u8,
        only: Users,
        under: Under,
        end: End,
    ) -> Checked<bool> {
        let Self { clients, sites, now, counts, numbers, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(false) };
        let Some(from) = site.live(client) else { return Ok(false) };
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let (seal, user) = (site.app.seal(under, client.key), client.seat.user);
        let mut event = || {
            *numbers += 1;
            ClientEvent { number: *numbers, only, user, client: client.number, seal }
        };
        let sent: Vec<ClientEvent> = (0..events.max(1)).map(|_| event()).collect();
        let texts: Vec<String> = sent.iter().map(ClientEvent::message).collect();
        let text = match texts.as_slice() {
            [alone] => alone.clone(),
            several => format!("[{}]", several.join(",")),
        };
        let verdicts = verdicts(site.room.message(from, Incoming::Text(&text), *now))?;
        let is_stale = verdicts.contains(&Some(ErrorCode::STALE_KEY_EPOCH))
            || verdicts.contains(&Some(ErrorCode::NOT_ENCRYPTED));
        if site.is_talkative() {
            ensure!(verdicts.len() == sent.len(), "{client} sends {text}, answered {verdicts:?}.");
            for (event, verdict) in sent.iter().zip(verdicts) {
                site.check_sent(event, from, verdict, &mut turn, *now, counts)?;
            }
        } else {
            let expected = match sent.len() {
                1 => ErrorCode::CLIENT_EVENTS_DISABLED,
                _ => ErrorCode::MALFORMED_MESSAGE,
            };
            ensure!(verdicts == [Some(expected)], "{client} may say nothing: {verdicts:?}.");
            turn.answers.push_back((from, Answer::Error(expected.code.into())));
        }
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)?;
        Ok(is_stale)
    }

    /// A client says something of itself.
    pub fn set_presence(&mut self, client: u8, patch: Patch, end: End) -> Checked {
        let Self { clients, sites, now, counts, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(()) };
        let Some(from) = site.live(client) else { return Ok(()) };
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let seal = site.app.seal(patch.under, client.key);
        let text = said::message(patch, client.number, seal);
        let verdict = match verdicts(site.room.message(from, Incoming::Text(&text), *now))?[..] {
            [verdict] => verdict,
            _ => return Err(Violation(format!("{client} gets several answers to {text}."))),
        };
        let (expected, change) = site.judge_patch(client, from, (patch, seal), verdict, *now);
        ensure!(
            verdict == expected,
            "{client} says {text}, answered {verdict:?} and not {expected:?}."
        );
        counts.add(match verdict {
            None if change.is_some() => "presence data set",
            None => "presence data set as before",
            Some(ErrorCode::RATE_LIMITED) => "presence data refused: too many deliveries",
            Some(ErrorCode::PRESENCE_DATA_TOO_BIG) => "presence data refused: too big",
            Some(ErrorCode::NOT_ALLOWED) => "presence data refused: not allowed",
            Some(ErrorCode::NOT_ENCRYPTED) => "presence data refused: not encrypted",
            Some(ErrorCode::STALE_KEY_EPOCH) => "presence data refused: under an old key",
            Some(ErrorCode::ROOM_UNAVAILABLE) => "presence data refused: nobody knows the floor",
            Some(_) => "presence data refused: off",
        });
        if let Some(code) = verdict {
            turn.answers.push_back((from, site.refusal(code, None)));
        }
        let change = change.filter(|_| verdict.is_none());
        if change.is_some() {
            site.app.check_taken(seal)?;
        }
        turn.hearers =
            Some(change.as_ref().map(|change| change.hearers.clone()).unwrap_or_default());
        if let Some(Change { connection, after, .. }) = change {
            site.model.presence.said.set(connection, after);
            client.has_moved(after.at);
        }
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)
    }
}

/// What a patch changes, and who must hear how many frames of it.
struct Change {
    connection: Connection,
    after: Data,
    hearers: BTreeMap<SocketId, usize>,
}

impl Site {
    /// Whether clients may talk to each other here.
    pub fn is_talkative(&self) -> bool {
        self.settings.limits.client_events.is_some()
    }

    /// Whether the room is so large that only those at the same place hear each other.
    pub fn is_large(&self) -> bool {
        self.model.presence.users().count() > self.settings.presence_events_max
    }

    /// The bucket is full again, as the room has begun anew.
    pub fn refill(&mut self) {
        self.bucket = self.settings.limits.client_events.as_ref().map(Bucket::new);
    }

    /// What the room must answer if nothing but the bucket decides. If nobody knows how full it is, the room does.
    fn judge_amount(&mut self, sockets: usize, told: Verdict, now: Millis) -> Verdict {
        let limits = self.settings.limits.client_events.as_ref();
        let taken =
            self.bucket.as_mut().zip(limits).map(|(it, limits)| it.take(sockets, limits, now));
        match taken {
            Some(Some(false)) => Some(ErrorCode::RATE_LIMITED),
            Some(None) if told == Some(ErrorCode::RATE_LIMITED) => told,
            _ => None,
        }
    }

    /// Whether its client may send events to others, by its latest token (P9.5, P11.1).
    pub fn may_send(&self, socket: &Socket) -> bool {
        let is_open = !self.settings.takes_tokens;
        self.is_talkative() && (is_open || socket.token.is_some_and(|token| token.may_send()))
    }

    /// Checks that an event was rightly refused or not. The others are due to get it.
    fn check_sent(
        &mut self,
        event: &ClientEvent,
        from: SocketId,
        verdict: Verdict,
        turn: &mut Turn,
        now: Millis,
        counts: &mut Counts,
    ) -> Checked {
        let Some(sender) = self.sockets.get(&from) else { return Ok(()) };
        let may_send = self.may_send(sender);
        let posted = PostedEvent::of_client(event);
        let is_meant = |(id, socket): &(SocketId, &Socket)| {
            *id != from && posted.is_for(socket.client, socket.user)
        };
        let meant: Vec<SocketId> = self.in_room().filter(is_meant).map(|(id, _)| id).collect();
        let expected = match may_send {
            _ if !self.knows_floor() => Some(ErrorCode::ROOM_UNAVAILABLE),
            false => Some(ErrorCode::NOT_ALLOWED),
            true => {
                let judged = self.model.floor.judge(event.seal.unmarked());
                judged.or_else(|| self.judge_amount(meant.len(), verdict, now))
            }
        };
        ensure!(
            verdict == expected,
            "The event {} of client {} is answered {verdict:?}, not {expected:?}.",
            event.number,
            event.client
        );
        if let Some(code) = verdict {
            counts.add(match code {
                ErrorCode::NOT_ALLOWED => "client event refused: not allowed",
                ErrorCode::NOT_ENCRYPTED => "client event refused: not encrypted",
                ErrorCode::STALE_KEY_EPOCH => "client event refused: under an old key",
                ErrorCode::ROOM_UNAVAILABLE => "client event refused: nobody knows the floor",
                _ => "client event refused: too many deliveries",
            });
            let nonce = event.seal.envelope(event.number).map(|_| seal::nonce(event.number));
            turn.answers.push_back((from, self.refusal(code, nonce)));
            return Ok(());
        }
        counts.add("client event passed on");
        self.app.check_taken(event.seal)?;
        let (order, frame) = (self.model.journal.next_order(), event.frame(now));
        let event = Rc::new(Event { posted, order, at: now, place: None, frame });
        for id in meant {
            self.sockets.entry(id).and_modify(|socket| socket.due.push_back(Rc::clone(&event)));
        }
        Ok(())
    }

    /// The answer to what is refused with this code.
    fn refusal(&self, code: ErrorCode, nonce: Option<String>) -> Answer {
        let name = code.code.to_owned();
        match code {
            ErrorCode::STALE_KEY_EPOCH | ErrorCode::NOT_ENCRYPTED => {
                Answer::KeyError(name, self.model.floor.epoch, nonce)
            }
            _ => Answer::Error(name),
        }
    }

    fn judge_patch(
        &mut self,
        client: &Client,
        from: SocketId,
        (patch, seal): (Patch, Seal),
        told: Verdict,
        now: Millis,
    ) -> (Verdict, Option<Change>) {
        if !self.is_talkative() {
            return (Some(ErrorCode::CLIENT_EVENTS_DISABLED), None);
        }
        if !self.knows_floor() {
            return (Some(ErrorCode::ROOM_UNAVAILABLE), None);
        }
        let Some(user) = self.sockets.get(&from).and_then(Socket::present_user) else {
            return (Some(ErrorCode::NOT_ALLOWED), None);
        };
        let refused = self.model.floor.judge(seal.unmarked());
        if refused.is_some() {
            return (refused, None);
        }
        if patch.is_too_big {
            return (Some(ErrorCode::PRESENCE_DATA_TOO_BIG), None);
        }
        let connection = (user, client.number);
        let before = self.model.presence.said.of(connection);
        let base = if self.model.floor.epoch > 0 { Data::default() } else { before };
        let after = base.patched(patch, client.number, seal);
        if after == before {
            return (None, None);
        }
        let hearers = self.hearers(connection, from, [before.at, after.at]);
        let verdict = self.judge_amount(hearers.values().sum(), told, now);
        (verdict, Some(Change { connection, after, hearers }))
    }

    /// Who must hear how many frames of a change.
    fn hearers(
        &self,
        connection: Connection,
        from: SocketId,
        [before, after]: [Option<u8>; 2],
    ) -> BTreeMap<SocketId, usize> {
        let (said, is_large) = (&self.model.presence.said, self.is_large());
        let is_there =
            |(other, data): &(Connection, Data)| *other != connection && data.at == after;
        let is_new = is_large && after.is_some() && after != before;
        let introduced = if is_new { said.all().into_iter().filter(is_there).count() } else { 0 };
        let frames = |(id, socket): (SocketId, &Socket)| {
            let theirs = socket.present_user().map(|user| (user, socket.client));
            let at = theirs.and_then(|theirs| said.of(theirs).at);
            let frames = if theirs == Some(connection) {
                introduced + usize::from(id != from)
            } else {
                usize::from(!is_large || (at.is_some() && (at == before || at == after)))
            };
            (frames > 0).then_some((id, frames))
        };
        self.in_room().filter_map(frames).collect()
    }

    /// What a frame says of connections must have been true before the turn or after it, and in a large room it goes only to
    /// those at the same place.
    pub fn check_updated(&self, updated: &said::Updated, to: SocketId, turn: &Turn) -> Checked {
        ensure!(self.is_talkative(), "Nobody says anything here, but {updated:?}.");
        let after = self.model.presence.said.all();
        let user = updated.user;
        for (client, data) in &updated.data {
            let is = |all: &All| all.get(&(user, *client)) == data.as_ref();
            ensure!(
                is(&after) || is(&turn.before) || !self.is_presence_known,
                "{updated:?} is told, but the truth is {:?}.",
                after.get(&(user, *client))
            );
        }
        if !self.is_large() || !turn.was_large || !self.is_presence_known {
            return Ok(());
        }
        let socket = self.sockets.get(&to).and_then(|it| Some((it.present_user()?, it.client)));
        let at = |all: &All| socket.and_then(|socket| all.get(&socket)?.at);
        let is_of = |(of, client): &Connection| {
            *of == user
                && (updated.data.is_empty() || updated.data.iter().any(|it| it.0 == *client))
        };
        let places = turn.before.iter().chain(&after).filter(|(connection, _)| is_of(connection));
        let is_same =
            |place: Option<u8>| place.is_some() && [at(&turn.before), at(&after)].contains(&place);
        let is_own = socket.is_some_and(|socket| is_of(&socket));
        ensure!(
            is_own || places.into_iter().any(|(_, data)| is_same(data.at)),
            "{updated:?} is told to client {socket:?}, who is elsewhere."
        );
        Ok(())
    }
}

/// What was done with each message of a frame.
fn verdicts(answered: Answered) -> Checked<Vec<Verdict>> {
    let verdict = |answered: &Answered| match answered {
        Answered::Served => Ok(None),
        Answered::Refused(refusal) => Ok(Some(refusal.code)),
        other => Err(Violation(format!("A message that is no token is answered {other:?}."))),
    };
    match &answered {
        Answered::Several(all) => all.iter().map(verdict).collect(),
        alone => Ok(vec![verdict(alone)?]),
    }
}
