//! The steps of an episode. Each is plain data that makes sense after any others, so that steps can be removed when a
//! failure is shrunk.

use crate::shrink::Simpler;
use crate::users::{User, Users};

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
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "story.rs says what each is")]
pub enum Step {
    Come { client: u8 },
    Go { client: u8 },
    Lose { client: u8, stays_away: bool },
    Herd,
    Mislead { client: u8, which: u8 },
    Read { client: u8 },
    Publish { post: Post, waits: bool },
    Repeat { back: u8 },
    Send { client: u8, events: u8, only: Users },
    Be { client: u8, at: Option<u8> },
    Remove { user: User, refuse_ms: u32, raises: bool },
    Revoke { user: Option<User> },
    Raise,
    Erase { is_all: bool },
    AskState,
    Kill { which: u8, kept: u8 },
    KillAll { kept: u8 },
    Sleep { which: u8 },
    Cut { which: u8, ms: u32 },
    Pass { ms: u32 },
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
    };
}

impl Simpler for Step {
    fn simpler(self) -> Vec<Self> {
        let simpler = match self {
            Self::Publish { post, .. } => {
                let plain = Post { key: post.key, ..Post::PLAIN };
                [post, plain, Post::PLAIN].map(|post| Self::Publish { post, waits: false }).into()
            }
            Self::Send { client, .. } => vec![Self::Send { client, events: 1, only: Users(0) }],
            Self::Pass { ms } => {
                [ms / 8, ms / 2, ms.saturating_sub(1)].map(|ms| Self::Pass { ms }).into()
            }
            Self::Kill { which, .. } => vec![Self::Kill { which, kept: u8::MAX }],
            Self::KillAll { .. } => vec![Self::KillAll { kept: u8::MAX }],
            _ => Vec::new(),
        };
        simpler.into_iter().filter(|step| *step != self).collect()
    }
}
