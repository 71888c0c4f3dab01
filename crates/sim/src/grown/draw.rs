//! Draws the steps of an episode.

use fastrand::Rng;

use super::plan::{CLIENTS, Plan};
use super::step::{Post, Step};
use crate::users::{USERS, Users};

impl Step {
    /// Draws one for a world of this plan.
    pub fn draw(rng: &mut Rng, plan: &Plan) -> Self {
        if rng.u8(..) < plan.deaths {
            return Self::death(rng);
        }
        let client = rng.u8(0..CLIENTS);
        match rng.u16(0..1_000) {
            0..190 => Self::Come { client },
            190..215 => Self::Go { client },
            215..265 => Self::Lose { client, stays_away: rng.u8(0..3) == 0 },
            265..268 => Self::Herd,
            268..280 => Self::Mislead { client, which: rng.u8(..) },
            280..320 => Self::Read { client },
            320..520 => Self::Publish { post: Post::draw(rng), waits: rng.u8(0..4) == 0 },
            520..540 => Self::Repeat { back: rng.u8(0..4) },
            540..600 => Self::Send { client, events: rng.u8(1..=3), only: only(rng) },
            600..660 => Self::Be { client, at: Some(rng.u8(0..4)).filter(|at| *at < 3) },
            660..672 => Self::Remove {
                user: rng.u8(0..USERS),
                refuse_ms: if rng.bool() { 0 } else { rng.u32(1..60_000) },
                raises: plan.is_encrypted && rng.bool(),
            },
            672..680 => Self::Revoke { user: Some(rng.u8(0..USERS + 1)).filter(|it| *it < USERS) },
            680..688 if plan.is_encrypted => Self::Raise,
            688..691 => Self::Erase { is_all: rng.u8(0..3) == 0 },
            691..705 => Self::AskState,
            705..745 => Self::Sleep { which: rng.u8(..) },
            745..755 if !plan.is_fine() => {
                Self::Cut { which: rng.u8(..), ms: rng.u32(100..15_000) }
            }
            755..759 => Self::Quiet,
            _ => Self::Pass { ms: time(rng) },
        }
    }

    fn death(rng: &mut Rng) -> Self {
        let kept = if rng.bool() { u8::MAX } else { rng.u8(0..4) };
        match rng.u8(0..6) {
            0 => Self::KillAll { kept },
            1 | 2 => Self::Kill { which: 0, kept },
            _ => Self::Kill { which: rng.u8(..), kept },
        }
    }
}

impl Post {
    fn draw(rng: &mut Rng) -> Self {
        let user = Some(rng.u8(0..USERS)).filter(|_| rng.bool());
        Self {
            events: if rng.u8(0..4) == 0 { rng.u8(2..=4) } else { 1 },
            ephemeral: if rng.u8(0..3) == 0 { rng.u8(0..8) } else { 0 },
            only: only(rng),
            exclude: if rng.u8(0..4) == 0 { Users(rng.u8(0..=Users::ALL)) } else { Users(0) },
            exclude_client: Some((rng.u8(0..CLIENTS), user)).filter(|_| rng.u8(0..8) == 0),
            key: Some(rng.u8(0..6)).filter(|_| rng.u8(0..4) == 0),
        }
    }
}

fn only(rng: &mut Rng) -> Users {
    if rng.u8(0..4) == 0 { Users(rng.u8(0..=Users::ALL)) } else { Users(0) }
}

/// Mostly short, sometimes so long that calls time out, and rarely so long that the room shrinks.
fn time(rng: &mut Rng) -> u32 {
    match rng.u16(0..400) {
        0..200 => rng.u32(0..30),
        200..320 => rng.u32(0..1_000),
        320..380 => rng.u32(0..12_000),
        380..398 => rng.u32(0..60_000),
        _ => rng.u32(600_000..900_000),
    }
}
