//! The steps that an episode is made of. Each is plain data that makes sense after any others, so that steps
//! may be taken out when a failure is shrunk.

use fastrand::Rng;

use crate::plan::{CLIENTS, Plan, SIZES};
use crate::users::{USERS, User, Users};

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub action: Action,
    /// How the turn of the room ends in which it happens. If there are several turns, the first.
    pub end: End,
}

/// How a turn of the runtime ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// What was written is durable, and what was sent leaves.
    Commits,
    /// The server dies before what was written is durable. Of what was sent before the first write, `left` frames
    /// have left already.
    DiesBefore {
        /// How many frames at most.
        left: u8,
    },
    /// The server dies when what was written is durable and `left` frames have left.
    DiesAfter {
        /// How many frames at most.
        left: u8,
    },
}

/// The position that a client gives when it connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Its own, if it has one.
    Own,
    /// None: the page was loaded anew.
    Nothing,
    /// What the room's state told last, to a server that made the page.
    State,
    /// Its own of some events before.
    Older(u8),
    /// One that the room has not reached.
    Future,
    /// One of another history.
    Foreign,
}

/// What a backend posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Post {
    /// How many events. One is posted alone, several are posted as a list.
    pub events: u8,
    /// Whether every third event is ephemeral, or all: a bit for each place modulo 3.
    pub ephemeral: u8,
    /// For whom alone; everybody if empty.
    pub only: Users,
    /// For whom not.
    pub exclude: Users,
    /// The idempotency key.
    pub key: Option<u8>,
    /// Whether its events are large.
    pub is_big: bool,
}

/// How a repeated POST differs from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Not at all.
    Nothing,
    /// Another payload in its last event.
    Payload,
    /// Another audience of its first event.
    Audience,
    /// One more event.
    OneMore,
}

/// What a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// A ping that the runtime does not know.
    Ping,
    /// What no client may send.
    Junk,
    /// More than a client may send.
    TooBig,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "story.rs says what each is")]
pub enum Action {
    Connect { client: u8, since: Since, overlaps: bool },
    Leave { client: u8 },
    Lose { client: u8, is_told: bool },
    TellEnds { room: u8 },
    Read { client: u8, frames: u8 },
    Publish { room: u8, post: Post, waits: bool },
    Repeat { room: u8, back: u8, change: Change, waits: bool },
    Flush { room: u8 },
    Say { client: u8, message: Message },
    Ping { client: u8 },
    Remove { room: u8, user: User, refuse_ms: u32 },
    AskState { room: u8 },
    Evict { room: u8 },
    RestartWasm,
    Kill { room: u8 },
    LoseStorage { room: u8 },
    FillDisk { room: u8, is_full: bool },
    Resize { room: u8, size: u8 },
    JumpClock { seconds: i32 },
    Pass { ms: u32 },
    PassToEdge { room: u8, is_early: bool },
    Quiet,
}

impl Step {
    /// Draws one for a world of this plan.
    pub fn draw(rng: &mut Rng, plan: &Plan) -> Self {
        let end = match rng.u8(0..64) {
            0 => End::DiesBefore { left: few(rng) },
            1 => End::DiesAfter { left: few(rng) },
            _ => End::Commits,
        };
        Self { action: Action::draw(rng, plan), end }
    }

    /// The same step without a fault, or smaller, for a shorter story.
    #[must_use]
    pub fn simpler(self) -> Vec<Self> {
        let mut simpler = Vec::new();
        if self.end != End::Commits {
            simpler.push(Self { end: End::Commits, ..self });
        }
        if let Action::Publish { room, post, waits } = self.action {
            let plain = Post { events: 1, ephemeral: 0, only: Users(0), exclude: Users(0), ..post };
            for post in [plain, Post { events: 1, ..post }, Post { key: None, ..post }] {
                simpler.push(Self { action: Action::Publish { room, post, waits }, ..self });
            }
            simpler.push(Self { action: Action::Publish { room, post, waits: false }, ..self });
        }
        simpler.retain(|step| *step != self);
        simpler
    }
}

/// Mostly none or one, sometimes several.
fn few(rng: &mut Rng) -> u8 {
    rng.u8(0..=12).saturating_sub(4)
}

impl Action {
    fn draw(rng: &mut Rng, plan: &Plan) -> Self {
        let room = rng.u8(0..plan.rooms);
        let client = rng.u8(0..CLIENTS);
        match rng.u16(0..1_000) {
            0..220 => {
                Self::Connect { client, since: Since::draw(rng), overlaps: rng.u8(0..5) == 0 }
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
            900..910 => Self::Kill { room },
            910..914 => Self::LoseStorage { room },
            914..926 => Self::FillDisk { room, is_full: rng.u8(0..3) == 0 },
            926..934 => Self::Resize { room, size: rng.u8(0..SIZES.len() as u8) },
            934..942 => Self::JumpClock { seconds: rng.i32(-10_800..=10_800) },
            942..976 => Self::Pass { ms: time(rng) },
            976..988 => Self::PassToEdge { room, is_early: rng.bool() },
            _ => Self::Quiet,
        }
    }
}

/// From one turn to the next, to several times whatever the room waits for.
fn time(rng: &mut Rng) -> u32 {
    match rng.u8(0..8) {
        0..3 => rng.u32(1..500),
        3..7 => rng.u32(500..15_000),
        _ => rng.u32(15_000..700_000),
    }
}

impl Since {
    fn draw(rng: &mut Rng) -> Self {
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
    fn draw(rng: &mut Rng, plan: &Plan) -> Self {
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
            key: if rng.bool() { Some(rng.u8(..)) } else { None },
            is_big: plan.has_big_events && rng.u8(0..4) == 0,
        }
    }
}

impl Change {
    fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..10) {
            0 => Self::Payload,
            1 => Self::Audience,
            2 => Self::OneMore,
            _ => Self::Nothing,
        }
    }
}

impl Message {
    fn draw(rng: &mut Rng) -> Self {
        match rng.u8(0..6) {
            0 => Self::TooBig,
            1..4 => Self::Junk,
            _ => Self::Ping,
        }
    }
}
