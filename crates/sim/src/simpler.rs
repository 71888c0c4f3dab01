//! Simpler steps in the place of others, for a shorter trace of a failure.

use crate::step::{Action, Before, Edit, End, Papers, Patch, Post, Step, Ticket};
use crate::users::Users;

impl Step {
    /// The same step without a fault, or smaller.
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
            Self::OpenDocument { client, document, papers } => {
                let with = |papers| Self::OpenDocument { client, document, papers };
                papers.simpler().into_iter().map(with).collect()
            }
            Self::Send { client, under, .. } => {
                vec![Self::Send { client, events: 1, only: Users(0), under }]
            }
            Self::SetPresence { client, patch } => {
                let edits = [Patch { at: Edit::Keep, ..patch }, Patch { n: Edit::Keep, ..patch }];
                edits.into_iter().map(|patch| Self::SetPresence { client, patch }).collect()
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
        Self {
            events: 1,
            ephemeral: 0,
            only: Users(0),
            exclude: Users(0),
            exclude_client: None,
            ..self
        }
    }
}

impl Papers {
    fn simpler(self) -> Vec<Self> {
        let Self::Fresh(Ticket { ends_in, .. }) = self else { return vec![Self::Held] };
        let plain = Self::Fresh(Ticket { ends_in, ..Ticket::PLAIN });
        vec![Self::Held, Self::Fresh(Ticket::PLAIN), plain]
    }
}
