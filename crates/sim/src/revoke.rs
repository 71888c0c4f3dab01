//! Backends revoke tokens (P8.4).

use validiant_core::Millis;
use validiant_core::answer::Disconnection;
use validiant_core::member::SocketId;
use validiant_core::room_call::revocation::Revocation;
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::error_code::ErrorCode;

use crate::documents::News;
use crate::refusals::Refused;
use crate::site::Site;
use crate::step::{Before, End, Whose};
use crate::token::{self, LEEWAY_MS};
use crate::turn::Turn;
use crate::users;
use crate::violation::{Checked, ensure};
use crate::world::World;

/// An earlier time must be in seconds by mistake.
const LEAST_MS: Millis = 1_000_000_000_000;

impl World {
    pub fn revoke(&mut self, room: u8, whose: Whose, before: Before, end: End) -> Checked {
        let at = self.time_of(room, whose, before);
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        let asked = Revocation::parse(body(whose, at).as_bytes(), *now);
        let may_be = at.is_none_or(|at| (LEAST_MS..=*now + LEEWAY_MS).contains(&at));
        ensure!(asked.is_ok() == may_be, "Up to {at:?}, and answered {asked:?} at {now}.");
        let Ok(revocation) = asked else {
            counts.add("revocation refused: no time to say");
            return Ok(());
        };
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let can_read = site.model.revocations.read(site.tables_are_readable());
        let is_possible = can_read && !site.disk_is_full();
        let mut call = None;
        match site.room.revoke(revocation, *now) {
            Ok(revoked) => {
                ensure!(is_possible, "A revocation succeeded that can't be written or compared.");
                site.model.revocations.revoke(whose, at.unwrap_or(*now));
                counts.add(site.check_revoked(&revoked, whose, &mut turn, *now)?);
                call = Some(revoked.documents);
            }
            Err(refusal) => {
                let is_right = !is_possible && refusal.code == ErrorCode::STORAGE_FAILED;
                ensure!(is_right, "A revocation failed for no reason: {refusal:?}.");
                counts.add("revocation failed");
            }
        }
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)?;
        let news = News::Revocation(whose, at.unwrap_or(*now));
        call.map_or(Ok(()), |documents| site.call_documents(news, 0, &documents, end))
    }

    /// The time that a backend sends, if any.
    fn time_of(&self, room: u8, whose: Whose, before: Before) -> Option<Millis> {
        let now = self.now;
        let site = self.sites.get(usize::from(room))?;
        let time = match before {
            Before::Now => None,
            Before::Ago(ms) => Some(now.saturating_add_signed(-i64::from(ms))),
            Before::Issue { client, plus } => {
                let client = self.clients.get(usize::from(client));
                let token = client.and_then(|client| client.token);
                token.map(|token| token.issued_at + Millis::from(plus))
            }
            Before::Edge { back, plus } => {
                let time = site.model.revocations.times().nth(back.into());
                time.map(|at| at.saturating_add_signed(i64::from(plus)) + LEEWAY_MS)
            }
        };
        match whose {
            Whose::All => Some(time.unwrap_or(now)),
            Whose::User(_) => time,
            Whose::Token(_) => None,
        }
    }
}

/// The body of the request.
fn body(whose: Whose, at: Option<Millis>) -> String {
    let at = at.map(|at| format!(r#""issuedBefore":{at}"#));
    let scope = match whose {
        Whose::All => None,
        Whose::User(user) => Some(format!(r#""userId":"{}""#, users::name(user))),
        Whose::Token(id) => Some(format!(r#""tokenId":"{}""#, token::id_name(id))),
    };
    let fields: Vec<String> = scope.into_iter().chain(at).collect();
    format!("{{{}}}", fields.join(","))
}

impl Site {
    /// Checks that all sockets whose token is now revoked are closed, and no others. Returns the outcome.
    fn check_revoked(
        &mut self,
        revoked: &Disconnection,
        whose: Whose,
        turn: &mut Turn,
        now: Millis,
    ) -> Checked<&'static str> {
        let sockets = self.with_revoked_tokens();
        ensure!(revoked.disconnected.len() == sockets.len(), "Not these end: {revoked:?}.");
        for socket in &sockets {
            turn.closes.push((*socket, CloseCode::TOKEN_INVALID.number));
            self.model_departure(*socket, false, now);
        }
        let rows = self.platform.borrow().disk.revocation_rows();
        let remembered = self.model.revocations.remembered();
        ensure!(rows <= remembered, "{rows} revocations are kept, of which {remembered} count.");
        Ok(match (whose, sockets.is_empty()) {
            (_, true) => "revoked, and nobody came with such a token",
            (Whose::All, _) => "revoked sockets up to a time",
            (Whose::User(_), _) => "revoked sockets of a user",
            (Whose::Token(_), _) => "revoked sockets of a token id",
        })
    }

    fn with_revoked_tokens(&self) -> Vec<SocketId> {
        let is_revoked = |token| self.model.revocations.judge(token) == Refused::Yes;
        let revoked = self.in_room().filter(|(_, it)| it.token.as_ref().is_some_and(is_revoked));
        revoked.map(|(id, _)| id).collect()
    }
}
