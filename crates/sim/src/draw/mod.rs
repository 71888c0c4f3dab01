//! Draws the steps of an episode.

mod parts;
mod themed;

use fastrand::Rng;

use self::parts::{few, kept, time};
use crate::plan::{CLIENTS, Plan, SIZES};
use crate::step::{
    Action, Before, Change, End, Message, Papers, Patch, Post, Since, Step, Under, Whose,
};
use crate::users::{USERS, Users};

impl Step {
    /// Draws one for a world of this plan.
    pub fn draw(rng: &mut Rng, plan: &Plan) -> Self {
        let end = match rng.u8(0..64) {
            0..3 => End::Dies { kept: kept(rng), left: few(rng) },
            _ => End::Commits,
        };
        Self { action: Action::draw(rng, plan), end }
    }
}

impl Action {
    pub(crate) fn draw(rng: &mut Rng, plan: &Plan) -> Self {
        let room = rng.u8(0..plan.rooms);
        let client = rng.u8(0..CLIENTS);
        if rng.bool()
            && let Some(action) = themed::draw(rng, plan, room, client)
        {
            return action;
        }
        match rng.u16(0..1_372) {
            0..220 => {
                let (since, papers) = (Since::draw(rng), Papers::draw(rng));
                Self::Connect { client, since, overlaps: rng.u8(0..3) == 0, papers }
            }
            220..250 => Self::Leave { client },
            250..330 => Self::Lose { client, is_told: rng.bool() },
            330..360 => Self::TellEnds { room },
            360..430 => Self::Read { client, frames: rng.u8(1..8) },
            430..650 => Self::Publish { room, post: Post::draw(rng, plan), waits: rng.bool() },
            650..720 => {
                let (back, change) = (few(rng), Change::draw(rng));
                Self::Repeat { room, back, change, waits: rng.u8(0..4) == 0 }
            }
            720..770 => Self::Flush { room },
            770..790 => Self::Say { client, message: Message::draw(rng) },
            790..810 => Self::Ping { client },
            810..830 => {
                let refuse_ms = if rng.bool() { 0 } else { rng.u32(1..60_000) };
                Self::Remove { room, user: rng.u8(0..USERS), refuse_ms }
            }
            830..855 => Self::AskState { room },
            855..890 => Self::Evict { room },
            890..900 => Self::RestartWasm,
            900..910 => Self::Kill { room, kept: kept(rng) },
            910..914 => Self::LoseStorage { room },
            914..926 => Self::FillDisk { room, is_full: rng.u8(0..3) == 0 },
            926..934 => Self::Resize { room, size: rng.u8(0..SIZES.len() as u8) },
            934..942 => Self::JumpClock { seconds: rng.i32(-10_800..=10_800) },
            942..976 => Self::Pass { ms: time(rng) },
            976..988 => Self::PassToEdge { room, is_early: rng.bool() },
            988..1_028 => Self::Refresh { client, papers: Papers::draw(rng) },
            1_028..1_058 => {
                Self::Revoke { room, whose: Whose::draw(rng), before: Before::draw(rng) }
            }
            1_058..1_078 => {
                let (papers, post) = (Papers::draw(rng), Post::draw(rng, plan));
                Self::PublishBy { client, papers, post, waits: rng.bool() }
            }
            1_100..1_104 => Self::Erase { room, is_all: rng.bool() },
            1_104..1_150 => Self::Write { room },
            1_150..1_190 => Self::Confirm { room },
            1_190..1_204 => Self::Stall { room, is_stalled: rng.u8(0..3) == 0 },
            1_204..1_206 => Self::Burst { room, posts: rng.u8(4..=14) },
            1_212..1_282 => {
                let only = if rng.u8(0..3) == 0 { Users(rng.u8(0..=Users::ALL)) } else { Users(0) };
                let under = Under::draw(rng, plan.is_encrypted);
                Self::Send { client, events: rng.u8(1..=3), only, under }
            }
            1_282..1_372 => {
                Self::SetPresence { client, patch: Patch::draw(rng, plan.is_encrypted) }
            }
            1_078..1_088 | 1_206..1_212 => Self::HideTables { room, are_hidden: rng.bool() },
            _ => Self::Quiet,
        }
    }
}
