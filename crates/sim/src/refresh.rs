//! A client sends a fresh token (P9.5).

use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::room::{Answered, Incoming};
use validiant_core::token::Rules;
use validiant_core::wire::error_code::{ErrorCode, Refusal};

use crate::client::Client;
use crate::connection::client_of;
use crate::refusals::Refused;
use crate::site::Site;
use crate::step::{End, Papers};
use crate::token::Token;
use crate::turn::Turn;
use crate::violation::{Checked, ensure};
use crate::wire::Answer;
use crate::world::World;

impl World {
    /// The room may have closed the socket while the signature was checked.
    pub fn refresh(&mut self, client: u8, papers: Papers, end: End) -> Checked {
        let Some(token) = self.token(client, papers) else { return Ok(()) };
        let Self { clients, sites, now, counts, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(()) };
        let Some(socket) = client.socket else { return Ok(()) };
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let reached = match site.live(client) {
            None => site.refresh_too_late(socket, &token, *now)?,
            Some(_) if !site.settings.takes_tokens => {
                site.refresh_in_vain(socket, &token, &mut turn, *now)?
            }
            Some(_) => site.refresh(client, socket, token, &mut turn, *now)?,
        };
        counts.add(reached);
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)
    }
}

impl Site {
    fn refresh_too_late(
        &mut self,
        socket: SocketId,
        token: &Token,
        now: Millis,
    ) -> Checked<&'static str> {
        let answered = self.room.refresh(socket, &token.claims()?, &Rules::default(), now);
        let is_silent = matches!(answered, Answered::Served);
        ensure!(is_silent, "A socket that is gone is answered {answered:?}.");
        Ok("not refreshed: the socket is gone")
    }

    /// If tokens are not used, one is like any other message.
    fn refresh_in_vain(
        &mut self,
        socket: SocketId,
        token: &Token,
        turn: &mut Turn,
        now: Millis,
    ) -> Checked<&'static str> {
        let answered = self.say_token(socket, token, now);
        let code = ErrorCode::CLIENT_EVENTS_DISABLED;
        let is_refused = matches!(&answered, Answered::Refused(told) if told.code == code);
        ensure!(is_refused, "An open room answers {answered:?} to a token.");
        turn.answers.push_back((socket, error(code)));
        Ok("not refreshed: the room is open")
    }

    fn say_token(&mut self, socket: SocketId, token: &Token, now: Millis) -> Answered {
        let text = format!(r#"{{"type":"AUTH","token":"{}"}}"#, token.text());
        self.room.message(socket, Incoming::Text(&text), now)
    }

    fn refresh(
        &mut self,
        client: &Client,
        socket: SocketId,
        token: Token,
        turn: &mut Turn,
        now: Millis,
    ) -> Checked<&'static str> {
        let heard = self.say_token(socket, &token, now);
        let is_heard = matches!(&heard, Answered::Authenticate(text) if *text == token.text());
        ensure!(is_heard, "{client} gives {token:?}, and is answered {heard:?}.");
        let (refused, expected, reached) = self.judge_refresh(client, &token, now);
        match self.room.refresh(socket, &token.claims()?, &Rules::default(), now) {
            Answered::Served => {
                ensure!(refused != Refused::Yes, "{client} goes on with {token:?}: {reached}.");
                let before = self.sockets.get(&socket).map(|it| self.may_send(it));
                self.sockets.entry(socket).and_modify(|it| it.token = Some(token));
                let may_send = self.sockets.get(&socket).is_some_and(|it| self.may_send(it));
                let answer = Answer::Renewed(token.expires_at, may_send);
                turn.answers.push_back((socket, answer));
                Ok(match before {
                    Some(false) if may_send => "refreshed: it may send from now on",
                    Some(true) if !may_send => "refreshed: it may not send any more",
                    _ => "refreshed",
                })
            }
            Answered::Refused(Refusal { code, .. }) => {
                let is_right = refused != Refused::No && code == expected;
                ensure!(is_right, "{client} is refused {token:?} with {code:?}: {reached}.");
                turn.answers.push_back((socket, error(code)));
                Ok(reached)
            }
            answered => {
                ensure!(false, "{client} gives {token:?}, and is answered {answered:?}.");
                Ok(reached)
            }
        }
    }

    /// Whether the room must refuse a fresh token, with which code, and why.
    fn judge_refresh(
        &mut self,
        client: &Client,
        token: &Token,
        now: Millis,
    ) -> (Refused, ErrorCode, &'static str) {
        // A token without `sub` belongs to nobody.
        if !token.is_valid(now) || token.user.is_none() {
            return (Refused::Yes, ErrorCode::TOKEN_INVALID, "not refreshed: not valid");
        }
        if !token.admits(&client.seat) {
            return (Refused::Yes, ErrorCode::NOT_ALLOWED, "not refreshed: for something else");
        }
        if !self.model.revocations.read(self.tables_are_readable()) {
            return (Refused::Yes, ErrorCode::ROOM_UNAVAILABLE, "not refreshed: nobody can tell");
        }
        let revoked = self.model.revocations.judge(token);
        (revoked, ErrorCode::TOKEN_INVALID, "not refreshed: revoked")
    }
}

fn error(code: ErrorCode) -> Answer {
    Answer::Error(code.code.to_owned())
}
