//! The steps in words, for the trace of a failure.

use std::fmt;

use super::step::{Post, Step};
use crate::users::{self, Users};

impl Step {
    /// What kind of step it is.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Come { .. } => "step: come",
            Self::Go { .. } => "step: go",
            Self::Lose { .. } => "step: lose the connection",
            Self::Herd => "step: all lose the connection",
            Self::Mislead { .. } => "step: mislead a client",
            Self::Read { .. } => "step: read",
            Self::Publish { .. } => "step: publish",
            Self::Repeat { .. } => "step: publish again",
            Self::Send { .. } => "step: send to other clients",
            Self::Be { .. } => "step: set presence data",
            Self::Remove { .. } => "step: remove a user",
            Self::Revoke { .. } => "step: revoke tokens",
            Self::Raise => "step: raise the key epoch",
            Self::Erase { .. } => "step: erase",
            Self::AskState => "step: ask for the state",
            Self::Kill { .. } => "step: kill an object",
            Self::KillAll { .. } => "step: kill all objects",
            Self::Sleep { .. } => "step: hibernate",
            Self::Cut { .. } => "step: cut an object off",
            Self::Pass { .. } => "step: pass time",
            Self::Quiet => "step: quiet",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Come { client } => write!(f, "client {client} connects"),
            Self::Go { client } => write!(f, "client {client} leaves"),
            Self::Lose { client, stays_away: true } => {
                write!(f, "client {client} loses its connection, and stays away")
            }
            Self::Lose { client, .. } => write!(f, "client {client} loses its connection"),
            Self::Herd => f.write_str("all clients lose their connections"),
            Self::Mislead { client, which } => {
                write!(f, "client {client} connects, and is sent to object {which}")
            }
            Self::Read { client } => write!(f, "client {client} reads"),
            Self::Publish { post, waits } => {
                write!(f, "a backend publishes {post}")?;
                f.write_str(if *waits { ", while others arrive" } else { "" })
            }
            Self::Repeat { back } => write!(f, "a backend repeats its post {back} before the last"),
            Self::Send { client, events, only } => {
                write!(f, "client {client} sends {events} events{}", for_users(*only))
            }
            Self::Be { client, at: Some(at) } => write!(f, "client {client} is at p{at}"),
            Self::Be { client, at: None } => write!(f, "client {client} is nowhere"),
            Self::Remove { user, refuse_ms, raises } => {
                write!(f, "a backend removes {} for {refuse_ms} ms", users::name(*user))?;
                f.write_str(if *raises { ", and raises the key epoch" } else { "" })
            }
            Self::Revoke { user: Some(user) } => {
                write!(f, "a backend revokes the tokens of {}", users::name(*user))
            }
            Self::Revoke { user: None } => f.write_str("a backend revokes all tokens"),
            Self::Raise => f.write_str("a backend raises the key epoch"),
            Self::Erase { is_all: true } => f.write_str("a backend erases all"),
            Self::Erase { .. } => f.write_str("a backend erases the room"),
            Self::AskState => f.write_str("a backend asks for the state"),
            Self::Kill { which, kept } => {
                write!(f, "object {which} dies; {kept} more writes are kept")
            }
            Self::KillAll { kept } => write!(f, "all objects die; {kept} more writes are kept"),
            Self::Sleep { which } => write!(f, "object {which} hibernates if it may"),
            Self::Cut { which, ms } => write!(f, "object {which} is cut off for {ms} ms"),
            Self::Pass { ms } => write!(f, "{ms} ms pass"),
            Self::Quiet => f.write_str("it becomes quiet"),
        }
    }
}

impl fmt::Display for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events, ephemeral {:03b}", self.events, self.ephemeral)?;
        f.write_str(&for_users(self.only))?;
        if self.exclude != Users(0) {
            write!(f, ", but not for {}", self.exclude.names().join(", "))?;
        }
        if let Some((client, user)) = self.exclude_client {
            write!(f, ", but not for client {client} of {user:?}")?;
        }
        self.key.map_or(Ok(()), |key| write!(f, ", with the key {key}"))
    }
}

fn for_users(only: Users) -> String {
    match only {
        Users(0) => String::new(),
        only => format!(" for {}", only.names().join(", ")),
    }
}
