//! The steps that an episode is made of. Each is plain data that makes sense after any others, so that steps
//! may be taken out when a failure is shrunk.

use crate::users::{User, Users};

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

/// The token that somebody comes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Papers {
    /// The one that the client holds; a fresh one if it holds none.
    Held,
    /// A fresh one, which it holds from now on.
    Fresh(Ticket),
    /// The one that another client holds.
    Of(u8),
}

/// What a fresh token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// By how many seconds the clock of whoever makes it is ahead; `None`: it does not say when it was issued.
    pub ahead: Option<i8>,
    /// In how many seconds it ends. It may be over.
    pub ends_in: i32,
    /// What it is called. Another may be called the same.
    pub id: Option<u8>,
    /// What it allows.
    pub rights: Rights,
}

impl Ticket {
    /// The one that most get.
    pub const PLAIN: Self = Self { ahead: Some(0), ends_in: 600, id: None, rights: Rights::Usual };
}

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// To connect, and be present.
    Usual,
    /// To connect only.
    Listens,
    /// All there is.
    All,
    /// To publish only.
    Publishes,
}

/// Whose tokens are revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    All,
    /// One user's.
    User(User),
    /// Those of one id.
    Token(u8),
}

/// Up to which time of issue tokens are revoked. Those of one id are all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Now, without saying so where it may be left out.
    Now,
    /// So many milliseconds ago, or still to come.
    Ago(i32),
    /// When the token was issued that a client holds, or so many milliseconds later.
    Issue {
        /// The client.
        client: u8,
        /// How many.
        plus: u8,
    },
    /// Around the time for all that takes the place of an earlier revocation.
    Edge {
        /// Of which.
        back: u8,
        /// By how many milliseconds it is late.
        plus: i8,
    },
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "story.rs says what each is")]
pub enum Action {
    Connect { client: u8, since: Since, overlaps: bool, papers: Papers },
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
    Refresh { client: u8, papers: Papers },
    Revoke { room: u8, whose: Whose, before: Before },
    PublishBy { client: u8, papers: Papers, post: Post, waits: bool },
    Erase { room: u8, is_all: bool },
    HideTables { room: u8, are_hidden: bool },
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
    /// The same step without a fault, or smaller, for a shorter story.
    #[must_use]
    pub fn simpler(self) -> Vec<Self> {
        let mut simpler = Vec::new();
        if self.end != End::Commits {
            simpler.push(Self { end: End::Commits, ..self });
        }
        simpler.extend(self.action.simpler().into_iter().map(|action| Self { action, ..self }));
        simpler.retain(|step| *step != self);
        simpler
    }
}

impl Action {
    fn simpler(self) -> Vec<Self> {
        match self {
            Self::Publish { room, post, waits } => {
                let plain = [post.plain(), Post { events: 1, ..post }, Post { key: None, ..post }];
                let mut simpler: Vec<Self> =
                    plain.into_iter().map(|post| Self::Publish { room, post, waits }).collect();
                simpler.push(Self::Publish { room, post, waits: false });
                simpler
            }
            Self::PublishBy { client, papers, post, waits: _ } => {
                let plain = Self::PublishBy { client, papers, post: post.plain(), waits: false };
                let plainer = |papers| Self::PublishBy { client, papers, post, waits: false };
                papers.simpler().into_iter().map(plainer).chain([plain]).collect()
            }
            Self::Connect { client, since, overlaps, papers } => {
                let with = |papers| Self::Connect { client, since, overlaps, papers };
                papers.simpler().into_iter().map(with).collect()
            }
            Self::Refresh { client, papers } => {
                let with = |papers| Self::Refresh { client, papers };
                papers.simpler().into_iter().map(with).collect()
            }
            Self::Revoke { room, whose, .. } => {
                vec![Self::Revoke { room, whose, before: Before::Now }]
            }
            _ => Vec::new(),
        }
    }
}

impl Post {
    /// One event for everybody.
    fn plain(self) -> Self {
        Self { events: 1, ephemeral: 0, only: Users(0), exclude: Users(0), ..self }
    }
}

impl Papers {
    fn simpler(self) -> Vec<Self> {
        let Self::Fresh(Ticket { ends_in, .. }) = self else { return vec![Self::Held] };
        let plain = Self::Fresh(Ticket { ends_in, ..Ticket::PLAIN });
        vec![Self::Held, Self::Fresh(Ticket::PLAIN), plain]
    }
}
