//! Clients say something of themselves (P12).

use std::collections::BTreeMap;

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::room::Incoming;
use validiant_core::wire::error_code::ErrorCode;

use crate::client::Client;
use crate::connection::client_of;
use crate::said::{self, All, Connection, Data};
use crate::seal::Seal;
use crate::site::Site;
use crate::step::{End, Patch};
use crate::talk::{Verdict, verdicts};
use crate::turn::Turn;
use crate::violation::{Checked, Violation, ensure};
use crate::wire::Socket;
use crate::world::World;

impl World {
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
