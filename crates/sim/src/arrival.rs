//! A client connects, and is let in or not.

use validiant_core::Millis;
use validiant_core::member::Member;
use validiant_core::names::{ConnectionId, Epoch, ProjectId};
use validiant_core::position::Position;
use validiant_core::room::{Connected, NotConnected};
use validiant_core::room_call::admission::Admission;
use validiant_core::token::{Permission, Rules};
use validiant_core::wire::close_code::CloseCode;

use crate::client::Client;
use crate::connection::client_of;
use crate::counts::Counts;
use crate::flaw::Flaw;
use crate::journal::Gap;
use crate::places::Place;
use crate::refusals::Refused;
use crate::site::Site;
use crate::step::{End, Papers, Since};
use crate::token::Token;
use crate::turn::Turn;
use crate::users;
use crate::violation::{Checked, Violation, ensure};
use crate::wire::Socket;
use crate::world::World;

impl World {
    pub fn connect(
        &mut self,
        client: u8,
        since: Since,
        overlaps: bool,
        papers: Papers,
        end: End,
    ) -> Checked {
        let token = self.token_to_connect(client, papers);
        let Self { clients, sites, now, counts, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(()) };
        if site.live(client).is_some() && !overlaps {
            return Ok(());
        }
        site.give_up(client);
        let Some(member) = client.pass_gate(token.as_ref(), site.project(), *now, counts)? else {
            return Ok(());
        };
        let since = client.since(since, site);
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let position = site.position(since.clone());
        let answer = site.room.connect((), member, position.as_ref(), *now);
        let place = site.place_for(client);
        let refusal = answer.as_ref().err().copied();
        let refused = site.check_refusal(client, token.as_ref(), refusal, place, *now)?;
        if let Ok(connected) = answer {
            site.check_replaced(&connected, place, &mut turn, counts)?;
            counts.add(site.admit(client, token, since.as_ref(), &connected, &mut turn, *now)?);
            if let Place::Of(replaced) = place {
                site.model_departure(replaced, false, *now);
            }
            counts.add(kind(token.as_ref()));
        }
        refused.into_iter().for_each(|refused| counts.add(refused));
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)
    }

    /// A client with a user brings a token if the room needs one.
    pub fn token_to_connect(&mut self, client: u8, papers: Papers) -> Option<Token> {
        let seat = self.clients.get(usize::from(client))?.seat;
        let needs_one = seat.user.is_some() && self.plan.takes_tokens(seat.room);
        if needs_one { self.token(client, papers) } else { None }
    }
}

impl Client {
    /// The gate's verdict; `None` if it rightly does not let the client through.
    fn pass_gate(
        &self,
        token: Option<&Token>,
        project: &ProjectId,
        now: Millis,
        counts: &mut Counts,
    ) -> Checked<Option<Member>> {
        let connection_id = ConnectionId::parse(&format!("c{}", self.number))
            .map_err(|_| Violation(format!("{self} has no valid name.")))?;
        let mut admission = Admission {
            connection_id,
            user: self.seat.user.and_then(users::named),
            is_present: true,
            may_send: false,
            token: None,
            takes_batches: self.seat.takes_batches,
            since: None,
            subprotocol: None,
        };
        if let Some(token) = token {
            let judged = admission.with_claims(
                &token.claims()?,
                Permission::Subscribe,
                &Rules::default(),
                project,
                now,
            );
            let refusal = token.refusal(&self.seat, now);
            let code = judged.as_ref().err().map(|closing| closing.code.number);
            ensure!(
                code == refusal.map(|code| code.number),
                "The gate answers {self} {code:?} to {token:?}, not {refusal:?}."
            );
            let Ok(passed) = judged else {
                counts.add(gate(code));
                return Ok(None);
            };
            admission = passed;
        }
        let Admission { connection_id, user, is_present, may_send, token, takes_batches, .. } =
            admission;
        let member = Member {
            connection_id,
            user,
            connected_at: now,
            takes_batches,
            is_present,
            token,
            gap_after: None,
            may_send,
            data: None,
        };
        Ok(Some(member))
    }

    /// The position that the client sends: its own, or one that it had before.
    fn since(&mut self, since: Since, site: &Site) -> Option<Position> {
        let foreign = || Some(Position { epoch: Epoch::parse("foreign").ok()?, seq: 1 });
        match since {
            Since::Own => {}
            Since::Nothing => self.position = None,
            Since::State => self.position = site.told.clone(),
            Since::Older(by) => {
                if let Some(position) = &mut self.position {
                    position.seq = position.seq.saturating_sub(by.into());
                }
            }
            Since::Foreign => return foreign(),
            Since::Future => {
                let journal = &site.model.journal;
                let epoch = journal.epoch().and_then(|epoch| Epoch::parse(epoch).ok());
                let seq = journal.newest().map_or(1, |place| place.seq + 1);
                return epoch.map(|epoch| Position { epoch, seq }).or_else(foreign);
            }
        }
        self.position.clone()
    }
}

impl Site {
    /// The position that reaches the room: the client's.
    fn position(&self, mut since: Option<Position>) -> Option<Position> {
        if self.has(Flaw::TrustedPosition)
            && let Some(position) = &mut since
        {
            position.seq = self.model.journal.newest_until(position.seq);
        }
        since
    }

    /// Checks that the room is right to let a client in or not. Returns why it did not.
    pub fn check_refusal(
        &mut self,
        client: &Client,
        token: Option<&Token>,
        answer: Option<NotConnected>,
        place: Place,
        now: Millis,
    ) -> Checked<Option<&'static str>> {
        let (user, can_read) = (client.seat.user, self.tables_are_readable());
        let removed = self.model.refusals.judge(user, now);
        let knows_removals = user.is_none() || self.model.refusals.read(can_read);
        if answer == Some(NotConnected::Removed) {
            ensure!(
                knows_removals && removed != Refused::No,
                "{client} was not removed, and may not come in."
            );
            return Ok(Some("refused after a removal"));
        }
        ensure!(
            !knows_removals || removed != Refused::Yes,
            "{client} was removed, and is answered {answer:?}."
        );
        let knows_all =
            knows_removals && (token.is_none() || self.model.revocations.read(can_read));
        if !knows_all {
            let is_right = answer == Some(NotConnected::Unavailable);
            ensure!(is_right, "{client} is answered {answer:?}, though nobody knows.");
            return Ok(Some("refused while a table can't be read"));
        }
        let revoked = token.map_or(Refused::No, |token| self.model.revocations.judge(token));
        if answer != Some(NotConnected::Revoked) && !self.knows_floor() {
            let is_right = answer == Some(NotConnected::Unavailable) && revoked != Refused::Yes;
            ensure!(is_right, "{client} is answered {answer:?}, though nobody knows the floor.");
            return Ok(Some("refused while the key epoch can't be read"));
        }
        let is_full = place == Place::Full;
        let is_right = match answer {
            None => revoked != Refused::Yes && !is_full,
            Some(NotConnected::Revoked) => revoked != Refused::No,
            Some(NotConnected::Full(_)) => revoked != Refused::Yes && is_full,
            Some(_) => false,
        };
        ensure!(
            is_right,
            "{client} with {token:?}: revoked {revoked:?}, {place:?}, answered {answer:?}."
        );
        Ok(answer.map(|answer| match answer {
            NotConnected::Full(_) => "refused: too many sockets",
            _ => "refused: the token is revoked",
        }))
    }

    /// Checks that the right socket was closed to make room, and no other.
    fn check_replaced(
        &self,
        connected: &Connected,
        place: Place,
        turn: &mut Turn,
        counts: &mut Counts,
    ) -> Checked {
        let expected = match place {
            Place::Of(socket) => Some(socket),
            Place::Free | Place::Full => None,
        };
        let is_right = connected.replaced.is_some() == expected.is_some();
        ensure!(is_right, "Replaced is {:?}, not {expected:?}.", connected.replaced);
        if let Some(socket) = expected {
            counts.add("socket replaced at the limit");
            turn.closes.push((socket, CloseCode::REPLACED.number));
        }
        Ok(())
    }

    /// A client has connected. Returns what it was told about the events it missed.
    fn admit(
        &mut self,
        client: &mut Client,
        token: Option<Token>,
        since: Option<&Position>,
        connected: &Connected,
        turn: &mut Turn,
        now: u64,
    ) -> Checked<&'static str> {
        let Some(id) = self.platform.borrow().sockets().last() else {
            return Err(Violation(format!("{client} may come in, and has no socket.")));
        };
        let disk_is_full = self.disk_is_full();
        self.model.journal.open(disk_is_full);
        let missed = since.map(|since| self.model.journal.since(since, now));
        let gap = missed.as_ref().and_then(|missed| missed.as_ref().err()).copied();
        let recovers = matches!(missed, Some(Ok(_)));
        ensure!(
            connected.recovered == recovers,
            "{client} comes since {} and is told recovered: {}, but what it misses is {}.",
            since.map_or_else(|| "nothing".to_owned(), Position::to_string),
            connected.recovered,
            gap.map_or_else(|| "there".to_owned(), |gap| format!("not there: {gap:?}"))
        );
        let mut due = missed.and_then(Result::ok).unwrap_or_default();
        due.retain(|event| client.is_meant(event));
        ensure!(
            connected.replayed == due.len(),
            "{client} is replayed {} events, not {}.",
            connected.replayed,
            due.len()
        );
        let reached = path(gap, recovers, due.len());
        let socket = Socket::new(client.number, &client.seat, token, due, now);
        let present = socket.present_user();
        let connection = socket.connection();
        connection.into_iter().for_each(|it| self.model.presence.arrive(it));
        client.begin(id, present.is_none());
        let said = connection.map(|it| self.model.presence.said.of(it));
        client.has_moved(said.and_then(|said| said.at));
        self.sockets.insert(id, socket);
        turn.recovers = recovers;
        Ok(reached)
    }
}

/// How a client was let in.
fn kind(token: Option<&Token>) -> &'static str {
    match token {
        Some(token) if token.is_present() => "came in with a token",
        Some(_) => "came in with a token, and only listens",
        None => "came in without a token",
    }
}

/// Why the gate does not let a client through.
fn gate(code: Option<u16>) -> &'static str {
    let is = |refusal: CloseCode| code == Some(refusal.number);
    if is(CloseCode::TOKEN_EXPIRED) {
        "refused: the token has expired"
    } else {
        "refused: the token is for something else"
    }
}

fn path(gap: Option<Gap>, recovers: bool, replayed: usize) -> &'static str {
    match gap {
        Some(Gap::NoHistory) => "not recovered: no history",
        Some(Gap::OtherEpoch) => "not recovered: other epoch",
        Some(Gap::Future) => "not recovered: future",
        Some(Gap::Lost) => "not recovered: lost",
        Some(Gap::Dropped) => "not recovered: dropped",
        Some(Gap::Over) => "not recovered: over",
        Some(Gap::TooLarge) => "not recovered: too large",
        None if recovers && replayed > 1 => "recovered, replayed several",
        None if recovers && replayed == 1 => "recovered, replayed one",
        None if recovers => "recovered, missed nothing",
        None => "connected without a position",
    }
}
