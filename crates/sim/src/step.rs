//! The steps of an episode. Each is plain data that makes sense after any others, so that steps can be removed when a
//! failure is shrunk.

use crate::users::{User, Users};

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What happens.
    pub action: Action,
    /// How the room's turn ends in which it happens. If there are several turns, the first one.
    pub end: End,
}

/// How a turn of the runtime ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All frames are sent, and the writes are durable that they wait for.
    Commits,
    /// The server dies.
    Dies {
        /// How many of the writes that were not durable reach the disk, the oldest first.
        kept: u8,
        /// How many frames have gone out at most, of those that do not wait for any other write.
        left: u8,
    },
}

/// The position that a client sends when it connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Its own, if it has one.
    Own,
    /// None: the page was reloaded.
    Nothing,
    /// The one in the room's state, as read by the server that rendered the page.
    State,
    /// Its own, several events earlier.
    Older(u8),
    /// One that the room has not reached.
    Future,
    /// One of another history.
    Foreign,
}

/// What a backend posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Post {
    /// How many events. One is posted on its own, several as a list.
    pub events: u8,
    /// Which events are ephemeral: one bit for each place modulo 3.
    pub ephemeral: u8,
    /// The only recipients; everybody if empty.
    pub only: Users,
    /// The excluded users.
    pub exclude: Users,
    /// A client whose connection is excluded; with a user, only if it is that user's.
    pub exclude_client: Option<(u8, Option<User>)>,
    /// The idempotency key.
    pub key: Option<u8>,
    /// Whether its events are large.
    pub is_big: bool,
    /// How its events are encrypted.
    pub under: Under,
    /// How every second one is.
    pub second: Under,
}

/// How something is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// Not at all.
    Plain,
    /// Not at all, and its sender says so, if that is a backend.
    Marked,
    /// Under the key that its sender takes for the current one.
    Known,
    /// Under the current key.
    Current,
    /// Under the key of so many epochs before.
    Older(u8),
}

/// How a repeated POST differs from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Not at all.
    Nothing,
    /// Another payload in its last event.
    Payload,
    /// Another audience for its first event.
    Audience,
    /// One more event.
    OneMore,
    /// All its events encrypted anew, under the current key.
    Anew,
}

/// What a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// A ping that the runtime does not answer.
    Ping,
    /// Something that no client may send.
    Junk,
    /// More than a client may send.
    TooBig,
}

/// What a client says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patch {
    /// Where it is.
    pub at: Edit,
    /// Something else.
    pub n: Edit,
    /// How it is encrypted.
    pub under: Under,
    /// Whether it says more than it may.
    pub is_too_big: bool,
}

/// A change of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// None.
    Keep,
    /// It is taken away.
    Clear,
    /// It becomes this.
    Set(u8),
}

/// The token that a client presents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Papers {
    /// The one that the client holds; a fresh one if it holds none.
    Held,
    /// A fresh one, which it then holds.
    Fresh(Ticket),
    /// The one that another client holds.
    Of(u8),
}

/// The contents of a fresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// By how many seconds the issuer's clock is ahead; `None` if the token has no issue time.
    pub ahead: Option<i8>,
    /// In how many seconds it expires. It may already have expired.
    pub ends_in: i32,
    /// Its id. Others can have the same.
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
    /// Everything.
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
    /// The tokens with one id.
    Token(u8),
}

/// Up to which issue time tokens are revoked. For a single id, all of them are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Now; left out if it is optional.
    Now,
    /// This many milliseconds ago, or in the future.
    Ago(i32),
    /// When a client's token was issued, or this many milliseconds later.
    Issue {
        /// The client.
        client: u8,
        /// How many.
        plus: u8,
    },
    /// Around the time for all that replaces an earlier revocation.
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
    Send { client: u8, events: u8, only: Users, under: Under },
    SetPresence { client: u8, patch: Patch },
    Ping { client: u8 },
    Remove { room: u8, user: User, refuse_ms: u32 },
    Rotate { room: u8, user: Option<User> },
    Raise { room: u8, place: u8, refuse_ms: u32 },
    AskState { room: u8 },
    Refresh { client: u8, papers: Papers },
    Revoke { room: u8, whose: Whose, before: Before },
    PublishBy { client: u8, papers: Papers, post: Post, waits: bool },
    Erase { room: u8, is_all: bool },
    HideTables { room: u8, are_hidden: bool },
    OpenDocument { client: u8, document: u8, papers: Papers },
    LeaveDocument { room: u8, document: u8 },
    WriteDocument { room: u8, document: u8 },
    LoseDocument { room: u8, document: u8 },
    ServeDocument { room: u8, document: u8 },
    AnswerDocument { room: u8, document: u8 },
    TellDocument { room: u8 },
    Evict { room: u8 },
    RestartWasm,
    Kill { room: u8, kept: u8 },
    Write { room: u8 },
    Confirm { room: u8 },
    Stall { room: u8, is_stalled: bool },
    Burst { room: u8, posts: u8 },
    LoseStorage { room: u8 },
    FillDisk { room: u8, is_full: bool },
    Resize { room: u8, size: u8 },
    JumpClock { seconds: i32 },
    Pass { ms: u32 },
    PassToEdge { room: u8, is_early: bool },
    Quiet,
}

impl Post {
    /// One event for everybody, without a key.
    pub(crate) const PLAIN: Self = Self {
        events: 1,
        ephemeral: 0,
        only: Users(0),
        exclude: Users(0),
        exclude_client: None,
        key: None,
        is_big: false,
        under: Under::Known,
        second: Under::Known,
    };
}
