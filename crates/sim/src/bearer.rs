//! A third party publishes with a token (P9.6).

use validiant_core::token::{Permission, Rules};
use validiant_core::wire::error_code::{ErrorCode, Refusal};

use crate::publication::Posted;
use crate::refusals::Refused;
use crate::site::Site;
use crate::step::{End, Papers};
use crate::token::Token;
use crate::violation::{Checked, ensure};
use crate::world::World;

impl World {
    pub fn publish_by(
        &mut self,
        client: u8,
        papers: Papers,
        posted: Posted,
        waits: bool,
        end: End,
    ) -> Checked {
        let Some(token) = self.token(client, papers) else { return Ok(()) };
        let Some(room) = self.clients.get(usize::from(client)).map(|client| client.seat.room)
        else {
            return Ok(());
        };
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        let claims = token.claims()?;
        let (is_valid, publishes) = (token.is_valid(*now), token.publishes_in(room));
        ensure!(
            claims.judge(&Rules::default(), *now).is_ok() == is_valid
                && claims.allows(Permission::Publish, site.project()) == publishes,
            "The gate takes {token:?} for something else."
        );
        if !is_valid || !publishes {
            counts.add(if is_valid {
                "not published: forbidden"
            } else {
                "not published: not valid"
            });
            return Ok(());
        }
        let answer = site.room.may_publish(&claims.bearer());
        counts.add(site.check_bearer(&token, &answer)?);
        if answer.is_ok() { self.publish(room, posted, waits, end) } else { Ok(()) }
    }
}

impl Site {
    /// Checks that the room is right to let the bearer publish or not. Returns the outcome.
    fn check_bearer(
        &mut self,
        token: &Token,
        answer: &Result<(), Refusal>,
    ) -> Checked<&'static str> {
        let refusal = answer.as_ref().err().map(|refusal| refusal.code);
        if !self.model.revocations.read(self.tables_are_readable()) {
            let is_right = refusal == Some(ErrorCode::STORAGE_FAILED);
            ensure!(is_right, "By {token:?} is answered {answer:?}, though nobody knows.");
            return Ok("not published: nobody can tell");
        }
        let revoked = self.model.revocations.judge(token);
        let is_right = match refusal {
            None => revoked != Refused::Yes,
            Some(code) => revoked != Refused::No && code == ErrorCode::UNAUTHORIZED,
        };
        ensure!(is_right, "{token:?} is revoked: {revoked:?}, and is answered {answer:?}.");
        Ok(if answer.is_ok() { "published by a token" } else { "not published: revoked" })
    }
}
