//! The steps in words, for the trace of a failure.

use std::fmt;

use crate::plan::SIZES;
use crate::step::{Action, Before, End, Papers, Post, Step, Ticket, Whose};

impl Action {
    /// What kind of step it is.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Connect { .. } => "step: connect",
            Self::Leave { .. } => "step: leave",
            Self::Lose { .. } => "step: lose the connection",
            Self::TellEnds { .. } => "step: tell of lost connections",
            Self::Read { .. } => "step: read",
            Self::Publish { .. } => "step: publish",
            Self::Repeat { .. } => "step: publish again",
            Self::Flush { .. } => "step: flush",
            Self::Say { .. } => "step: say",
            Self::Send { .. } => "step: send to other clients",
            Self::SetPresence { .. } => "step: set presence data",
            Self::Ping { .. } => "step: ping",
            Self::Remove { .. } => "step: remove a user",
            Self::Rotate { .. } => "step: make a key",
            Self::Raise { .. } => "step: tell a room of a key",
            Self::Refresh { .. } => "step: refresh the token",
            Self::Revoke { .. } => "step: revoke tokens",
            Self::PublishBy { .. } => "step: publish by a token",
            Self::Erase { .. } => "step: erase",
            Self::HideTables { .. } => "step: hide or show the tables",
            Self::OpenDocument { .. } => "step: open a document",
            Self::LeaveDocument { .. } => "step: leave a document",
            Self::WriteDocument { .. } => "step: write in a document",
            Self::LoseDocument { .. } => "step: lose a document's object",
            Self::ServeDocument { .. } => "step: ask the room for a document",
            Self::AnswerDocument { .. } => "step: answer a document",
            Self::TellDocument { .. } => "step: tell a document",
            Self::AskState { .. } => "step: ask for the state",
            Self::Evict { .. } => "step: evict",
            Self::RestartWasm => "step: restart the WebAssembly",
            Self::Kill { .. } => "step: kill the server",
            Self::Write { .. } => "step: write",
            Self::Confirm { .. } => "step: confirm a write",
            Self::Stall { .. } => "step: stall the storage, or not",
            Self::Burst { .. } => "step: burst of events",
            Self::LoseStorage { .. } => "step: lose the storage",
            Self::FillDisk { .. } => "step: fill or free the disk",
            Self::Resize { .. } => "step: change the size of the history",
            Self::JumpClock { .. } => "step: jump of the clock",
            Self::Pass { .. } => "step: pass time",
            Self::PassToEdge { .. } => "step: pass time to an edge",
            Self::Quiet => "step: quiet",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.action.fmt(f)?;
        match self.end {
            End::Commits => Ok(()),
            End::Dies { kept, left } => {
                write!(
                    f,
                    "; {kept} more writes are durable and {left} frames leave, then the server dies"
                )
            }
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Connect { client, since, overlaps, papers } => {
                let overlaps = if overlaps { ", also if it is connected" } else { "" };
                write!(f, "client {client} connects since {since:?} with {papers}{overlaps}")
            }
            Self::Leave { client } => write!(f, "client {client} leaves"),
            Self::Lose { client, is_told } => {
                let told = if is_told { "at once" } else { "later" };
                write!(f, "client {client} loses its connection, the room learns of it {told}")
            }
            Self::TellEnds { room } => write!(f, "room {room} learns of lost connections"),
            Self::Read { client, frames } => write!(f, "client {client} reads {frames} frames"),
            Self::Publish { room, post, waits } => {
                write!(f, "room {room} gets {post}{}", waiting(waits))
            }
            Self::Repeat { room, back, change, waits } => {
                write!(
                    f,
                    "room {room} gets the POST {back} before the last again, changed: {change:?}{}",
                    waiting(waits)
                )
            }
            Self::Erase { room, is_all } => {
                let refusals = if is_all { ", refusals too" } else { "" };
                write!(f, "room {room} is erased{refusals}")
            }
            Self::Flush { room } => write!(f, "room {room} sends the events that wait"),
            Self::Say { client, message } => write!(f, "client {client} says {message:?}"),
            Self::Send { client, events, only, under } => {
                let only = only.names().join(" ");
                write!(f, "client {client} sends {events} events ({under:?}), for {only}")
            }
            Self::SetPresence { client, patch } => write!(f, "client {client} sets {patch:?}"),
            Self::Ping { client } => write!(f, "client {client} pings the runtime"),
            Self::Remove { room, user, refuse_ms } => {
                write!(f, "u{user} is removed from room {room}, refused for {refuse_ms} ms")
            }
            Self::Rotate { room, user } => {
                let and = user.map(|user| format!(", and removes u{user} or takes them back"));
                write!(f, "the app of room {room} makes a key{}", and.unwrap_or_default())
            }
            Self::Raise { room, place, refuse_ms } => {
                write!(f, "room {room} is told of the key {place} (refused for {refuse_ms} ms)")
            }
            Self::Refresh { client, papers } => write!(f, "client {client} gives {papers}"),
            Self::Revoke { room, whose, before } => {
                write!(f, "in room {room} {whose} issued before {before} are revoked")
            }
            Self::PublishBy { client, papers, post, waits } => {
                write!(f, "client {client} publishes {post} by {papers}{}", waiting(waits))
            }
            Self::HideTables { room, are_hidden } => {
                let can = if are_hidden { "can't be read" } else { "can be read" };
                write!(f, "who was removed from room {room} and what was revoked {can}")
            }
            Self::OpenDocument { client, document, papers } => {
                write!(f, "client {client} wants to open document {document} with {papers}")
            }
            Self::LeaveDocument { room, document } => {
                write!(f, "the first socket of document {document} of room {room} ends")
            }
            Self::WriteDocument { room, document } => {
                write!(f, "somebody writes in document {document} of room {room}")
            }
            Self::LoseDocument { room, document } => {
                write!(f, "the object of document {document} of room {room} dies")
            }
            Self::ServeDocument { room, document } => {
                write!(f, "room {room} hears what document {document} asks")
            }
            Self::AnswerDocument { room, document } => {
                write!(f, "document {document} of room {room} hears the room's answer")
            }
            Self::TellDocument { room } => {
                write!(f, "room {room} tells the next document what a backend wants")
            }
            Self::AskState { room } => write!(f, "room {room} is asked for its state"),
            Self::Evict { room } => write!(f, "room {room} is evicted, unless it holds events"),
            Self::RestartWasm => f.write_str("the WebAssembly restarts"),
            Self::Kill { room, kept } => {
                write!(f, "the server of room {room} dies, {kept} more writes are durable")
            }
            Self::Write { room } => write!(f, "room {room} writes"),
            Self::Confirm { room } => write!(f, "what room {room} wrote is durable"),
            Self::Stall { room, is_stalled } => {
                let becomes = if is_stalled { "nothing" } else { "again what it writes" };
                write!(f, "of room {room} {becomes} becomes durable")
            }
            Self::Burst { room, posts } => {
                write!(f, "room {room} gets {posts} lists of 90 events without a pause")
            }
            Self::LoseStorage { room } => write!(f, "room {room} loses its storage"),
            Self::FillDisk { room, is_full } => {
                write!(f, "the disk of room {room} is {}", if is_full { "full" } else { "free" })
            }
            Self::Resize { room, size } => {
                let size = SIZES.get(usize::from(size)).copied().unwrap_or_default();
                write!(f, "room {room} is deployed again and keeps {size} events")
            }
            Self::JumpClock { seconds } => write!(f, "the clock jumps by {seconds} s"),
            Self::Pass { ms } => write!(f, "{ms} ms pass"),
            Self::PassToEdge { room, is_early } => {
                let early = if is_early { "just before " } else { "" };
                write!(f, "time passes until {early}something is over in room {room}")
            }
            Self::Quiet => f.write_str("all faults end and all is read"),
        }
    }
}

fn waiting(waits: bool) -> &'static str {
    if waits { ", with more to come" } else { "" }
}

impl fmt::Display for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = if self.is_big { "large " } else { "" };
        write!(f, "{} {size}events ({:?}, {:?})", self.events, self.under, self.second)?;
        if self.ephemeral > 0 {
            write!(f, " (ephemeral: {:03b})", self.ephemeral)?;
        }
        if self.only.0 > 0 {
            write!(f, " only for {}", self.only.names().join(" "))?;
        }
        if self.exclude.0 > 0 {
            write!(f, " not for {}", self.exclude.names().join(" "))?;
        }
        if let Some((client, of)) = self.exclude_client {
            write!(f, " not for client {client}")?;
            of.map_or(Ok(()), |user| write!(f, " if it is of u{user}"))?;
        }
        self.key.map_or(Ok(()), |key| write!(f, " with key {key}"))
    }
}

impl fmt::Display for Papers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held => f.write_str("the token that it holds"),
            Self::Of(client) => write!(f, "the token of client {client}"),
            Self::Fresh(Ticket { ahead, ends_in, id, rights }) => {
                write!(f, "a token ({rights:?}) that ends in {ends_in} s")?;
                match ahead {
                    Some(ahead) => write!(f, ", issued {ahead} s from now")?,
                    None => f.write_str(", issued nobody knows when")?,
                }
                id.map_or(Ok(()), |id| write!(f, ", of id {id}"))
            }
        }
    }
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all tokens"),
            Self::User(user) => write!(f, "the tokens of u{user}"),
            Self::Token(id) => write!(f, "the tokens of id {id}"),
        }
    }
}

impl fmt::Display for Before {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Now => f.write_str("now"),
            Self::Ago(ms) => write!(f, "{ms} ms ago"),
            Self::Issue { client, plus } => {
                write!(f, "that of client {client} (and {plus} ms)")
            }
            Self::Edge { back, plus } => {
                write!(f, "the edge of the revocation {back} (and {plus} ms)")
            }
        }
    }
}
