//! Draws the steps of an episode.

use fastrand::Rng;

use crate::plan::{CLIENTS, Plan, SIZES};
use crate::step::{
    Action, Before, Change, Edit, End, Message, Papers, Patch, Post, Rights, Since, Step, Ticket,
    Under, Whose,
};
use crate::users::{USERS, User, Users};

/// How many ids tokens can have: so few that they are reused.
const TOKEN_IDS: u8 = 8;

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

/// How many writes a crash leaves: none, all, or some.
pub(crate) fn kept(rng: &mut Rng) -> u8 {
    match rng.u8(0..4) {
        0 => 0,
        1 => u8::MAX,
        _ => rng.u8(0..6),
    }
}

/// Mostly none or one, sometimes several.
fn few(rng: &mut Rng) -> u8 {
    rng.u8(0..=12).saturating_sub(4)
}

impl Action {
    pub(crate) fn draw(rng: &mut Rng, plan: &Plan) -> Self {
        let room = rng.u8(0..plan.rooms);
        let client = rng.u8(0..CLIENTS);
        if rng.bool()
            && let Some(action) = plan.theme.draw(rng, plan, room, client)
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

/// A duration: from a single turn to several times longer than anything the room waits for.
fn time(rng: &mut Rng) -> u32 {
    match rng.u8(0..8) {
        0..3 => rng.u32(1..500),
        3..7 => rng.u32(500..15_000),
        _ => rng.u32(15_000..700_000),
    }
}

impl Since {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..20) {
            0 => Self::Nothing,
            1..3 => Self::Older(rng.u8(1..12)),
            3 => Self::Future,
            4 => Self::Foreign,
            5..7 => Self::State,
            _ => Self::Own,
        }
    }
}

impl Post {
    pub(crate) fn draw(rng: &mut Rng, plan: &Plan) -> Self {
        let users = |rng: &mut Rng, one_in: u8| match rng.u8(0..one_in) {
            0 => Users(rng.u8(0..=Users::ALL)),
            _ => Users(0),
        };
        Self {
            events: match rng.u8(0..20) {
                0..13 => 1,
                13..19 => rng.u8(2..=5),
                _ => rng.u8(6..=70),
            },
            ephemeral: if rng.u8(0..4) == 0 { rng.u8(1..8) } else { 0 },
            only: users(rng, 6),
            exclude: users(rng, 3),
            exclude_client: if rng.u8(0..4) == 0 { Some(excluded_client(rng)) } else { None },
            key: if rng.bool() { Some(rng.u8(..)) } else { None },
            is_big: plan.has_big_events && rng.u8(0..4) == 0,
            under: Under::draw(rng, plan.is_encrypted),
            second: Under::draw(rng, plan.is_encrypted),
        }
    }
}

/// A client, or a client of a user, who may be another one's.
fn excluded_client(rng: &mut Rng) -> (u8, Option<User>) {
    let client = rng.u8(0..CLIENTS);
    (client, if rng.bool() { Some(rng.u8(0..USERS)) } else { None })
}

impl Change {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..10) {
            0 => Self::Payload,
            1 => Self::Audience,
            2 => Self::OneMore,
            3 => Self::Anew,
            _ => Self::Nothing,
        }
    }
}

impl Message {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..6) {
            0 => Self::TooBig,
            1..4 => Self::Junk,
            _ => Self::Ping,
        }
    }
}

impl Patch {
    pub(crate) fn draw(rng: &mut Rng, is_encrypted: bool) -> Self {
        Self {
            at: Edit::draw(rng),
            n: Edit::draw(rng),
            under: Under::draw(rng, is_encrypted),
            is_too_big: rng.u8(0..24) == 0,
        }
    }
}

impl Under {
    pub(crate) fn draw(rng: &mut Rng, is_encrypted: bool) -> Self {
        match rng.u8(0..12) {
            _ if !is_encrypted => Self::Plain,
            0 => Self::Plain,
            1 => Self::Marked,
            2..5 => Self::Current,
            5 => Self::Older(rng.u8(1..4)),
            _ => Self::Known,
        }
    }
}

impl Edit {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..6) {
            0..2 => Self::Keep,
            2 => Self::Clear,
            _ => Self::Set(rng.u8(0..2)),
        }
    }
}

impl Papers {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..20) {
            0..7 => Self::Held,
            7..18 => Self::Fresh(Ticket::draw(rng)),
            _ => Self::Of(rng.u8(0..CLIENTS)),
        }
    }
}

impl Ticket {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        Self {
            ahead: match rng.u8(0..12) {
                0 => None,
                1..5 => Some(rng.i8(-30..=30)),
                _ => Some(0),
            },
            ends_in: match rng.u8(0..16) {
                0 => rng.i32(-40..=0),
                1..6 => rng.i32(1..60),
                6..12 => rng.i32(60..900),
                _ => rng.i32(900..20_000),
            },
            id: if rng.bool() { Some(rng.u8(0..TOKEN_IDS)) } else { None },
            rights: match rng.u8(0..20) {
                0 => Rights::Publishes,
                1..5 => Rights::Listens,
                5..10 => Rights::All,
                _ => Rights::Usual,
            },
        }
    }
}

impl Whose {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..3) {
            0 => Self::All,
            1 => Self::User(rng.u8(0..USERS)),
            _ => Self::Token(rng.u8(0..TOKEN_IDS)),
        }
    }
}

impl Before {
    /// Not too far ahead of our clock, because such a time is refused.
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..10) {
            0..3 => Self::Now,
            3..5 => Self::Ago(rng.i32(-31_000..120_000)),
            5 => Self::Ago(rng.i32(120_000..10_800_000)),
            6..8 => Self::Issue { client: rng.u8(0..CLIENTS), plus: rng.u8(0..2) },
            _ => Self::Edge { back: rng.u8(0..4), plus: rng.i8(-1..=1) },
        }
    }
}
