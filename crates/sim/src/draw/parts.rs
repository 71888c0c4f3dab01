//! Draws the parts of steps.

use fastrand::Rng;

use crate::plan::{CLIENTS, Plan};
use crate::step::{
    Before, Change, Edit, Message, Papers, Patch, Post, Rights, Since, Ticket, Under, Whose,
};
use crate::users::{USERS, User, Users};

/// How many ids tokens can have: so few that they are reused.
const TOKEN_IDS: u8 = 8;

/// How many writes a crash leaves: none, all, or some.
pub fn kept(rng: &mut Rng) -> u8 {
    match rng.u8(0..4) {
        0 => 0,
        1 => u8::MAX,
        _ => rng.u8(0..6),
    }
}

/// Mostly none or one, sometimes several.
pub fn few(rng: &mut Rng) -> u8 {
    rng.u8(0..=12).saturating_sub(4)
}

/// A duration: from a single turn to several times longer than anything the room waits for.
pub fn time(rng: &mut Rng) -> u32 {
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
