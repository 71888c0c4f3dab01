//! What an episode is about: half of its steps are drawn from what belongs to it, so that rare things meet.

use fastrand::Rng;

use crate::documents::DOCUMENTS;
use crate::draw::kept;
use crate::step::{Action, Before, Papers, Patch, Since, Whose};
use crate::users::{USERS, Users};

/// The theme of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Everything.
    None,
    /// Documents.
    Documents,
    /// What clients say to each other, and of themselves.
    Talk,
}

impl Theme {
    /// Draws one.
    pub(crate) fn draw_one(rng: &mut Rng) -> Self {
        match rng.u8(0..5) {
            0 => Self::Documents,
            1 => Self::Talk,
            _ => Self::None,
        }
    }

    /// Draws a step that belongs to it; `None` if every step does.
    pub(crate) fn draw(self, rng: &mut Rng, room: u8, client: u8) -> Option<Action> {
        match self {
            Self::None => None,
            Self::Documents => Some(draw_of_documents(rng, room, client)),
            Self::Talk => Some(draw_of_talk(rng, room, client)),
        }
    }
}

/// A step with which clients talk, and come and go meanwhile.
fn draw_of_talk(rng: &mut Rng, room: u8, client: u8) -> Action {
    match rng.u8(0..100) {
        0..20 => {
            let (overlaps, papers) = (rng.bool(), Papers::draw(rng));
            Action::Connect { client, since: Since::Own, overlaps, papers }
        }
        20..25 => Action::Leave { client },
        25..43 => Action::Lose { client, is_told: rng.bool() },
        43..46 => Action::TellEnds { room },
        46..55 => Action::Refresh { client, papers: Papers::draw(rng) },
        55..66 => Action::Send { client, events: rng.u8(1..=2), only: Users(0) },
        66..86 => Action::SetPresence { client, patch: Patch::draw(rng) },
        86..90 => Action::Write { room },
        90..97 => Action::Evict { room },
        _ => Action::Kill { room, kept: kept(rng) },
    }
}

/// A step that is about documents.
fn draw_of_documents(rng: &mut Rng, room: u8, client: u8) -> Action {
    // Mostly the first one, so that several clients meet there.
    let document = rng.u8(0..2 * DOCUMENTS).saturating_sub(DOCUMENTS);
    match rng.u8(0..100) {
        0..22 => Action::OpenDocument { client, document, papers: Papers::draw(rng) },
        22..36 => Action::LeaveDocument { room, document },
        36..46 => Action::WriteDocument { room, document },
        46..48 => Action::LoseDocument { room, document },
        48..64 => Action::ServeDocument { room, document },
        64..77 => Action::AnswerDocument { room, document },
        77..86 => Action::TellDocument { room },
        86..91 => {
            let refuse_ms = if rng.bool() { 0 } else { rng.u32(1..5_000) };
            Action::Remove { room, user: rng.u8(0..USERS), refuse_ms }
        }
        91..94 => Action::Revoke { room, whose: Whose::draw(rng), before: Before::draw(rng) },
        _ => Action::Erase { room, is_all: rng.bool() },
    }
}
