//! Clients send events to each other (P11).

use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::room::{Answered, Incoming};
use validiant_core::wire::error_code::ErrorCode;

use crate::bucket::Bucket;
use crate::connection::client_of;
use crate::counts::Counts;
use crate::publication::{ClientEvent, Event, PostedEvent};
use crate::seal;
use crate::site::Site;
use crate::step::{End, Under};
use crate::turn::Turn;
use crate::users::Users;
use crate::violation::{Checked, Violation, ensure};
use crate::wire::{Answer, Socket};
use crate::world::World;

/// Why something is refused; `None` if it is not.
pub type Verdict = Option<ErrorCode>;

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
    pub fn judge_amount(&mut self, sockets: usize, told: Verdict, now: Millis) -> Verdict {
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
    pub fn refusal(&self, code: ErrorCode, nonce: Option<String>) -> Answer {
        let name = code.code.to_owned();
        match code {
            ErrorCode::STALE_KEY_EPOCH | ErrorCode::NOT_ENCRYPTED => {
                Answer::KeyError(name, self.model.floor.epoch, nonce)
            }
            _ => Answer::Error(name),
        }
    }
}

/// What was done with each message of a frame.
pub fn verdicts(answered: Answered) -> Checked<Vec<Verdict>> {
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
