//! Draws steps that belong to the theme of an episode, so that rare things meet.

use fastrand::Rng;

use super::parts::kept;
use crate::documents::DOCUMENTS;
use crate::plan::Plan;
use crate::step::{Action, Before, Change, Papers, Patch, Post, Since, Under, Whose};
use crate::theme::Theme;
use crate::users::{USERS, Users};

/// Draws a step that belongs to the theme; `None` if every step does.
pub fn draw(rng: &mut Rng, plan: &Plan, room: u8, client: u8) -> Option<Action> {
    if plan.is_encrypted && rng.u8(0..8) == 0 {
        return Some(rotate_or_raise(rng, room));
    }
    match plan.theme {
        Theme::None => None,
        Theme::Documents => Some(draw_of_documents(rng, room, client)),
        Theme::Talk => Some(draw_of_talk(rng, plan.is_encrypted, room, client)),
        Theme::Keys => Some(draw_of_keys(rng, plan, room, client)),
    }
}

fn rotate_or_raise(rng: &mut Rng, room: u8) -> Action {
    if rng.u8(0..5) < 2 {
        let user = if rng.bool() { Some(rng.u8(0..USERS)) } else { None };
        return Action::Rotate { room, user };
    }
    let refuse_ms = if rng.bool() { 0 } else { rng.u32(1..5_000) };
    // Mostly in order.
    Action::Raise { room, place: rng.u8(0..4).saturating_sub(2), refuse_ms }
}

/// A step about keys: they are made, told, used, forgotten and read again.
fn draw_of_keys(rng: &mut Rng, plan: &Plan, room: u8, client: u8) -> Action {
    match rng.u8(0..100) {
        0..30 => rotate_or_raise(rng, room),
        30..44 => {
            let (overlaps, papers) = (rng.bool(), Papers::draw(rng));
            Action::Connect { client, since: Since::Own, overlaps, papers }
        }
        44..48 => Action::Lose { client, is_told: rng.bool() },
        48..64 => Action::Publish { room, post: Post::draw(rng, plan), waits: rng.bool() },
        64..70 => {
            let change = if rng.bool() { Change::Nothing } else { Change::Anew };
            Action::Repeat { room, back: rng.u8(0..4), change, waits: false }
        }
        70..77 => {
            let under = Under::draw(rng, true);
            Action::Send { client, events: rng.u8(1..=2), only: Users(0), under }
        }
        77..84 => Action::SetPresence { client, patch: Patch::draw(rng, true) },
        84..88 => Action::Read { client, frames: rng.u8(1..4) },
        88..90 => Action::AskState { room },
        90..94 => Action::Evict { room },
        94..96 => Action::Kill { room, kept: kept(rng) },
        96 => Action::Erase { room, is_all: rng.u8(0..4) == 0 },
        97 => Action::FillDisk { room, is_full: rng.bool() },
        _ => Action::HideTables { room, are_hidden: rng.u8(0..3) == 0 },
    }
}

/// A step with which clients talk, and come and go meanwhile.
fn draw_of_talk(rng: &mut Rng, is_encrypted: bool, room: u8, client: u8) -> Action {
    match rng.u8(0..100) {
        0..20 => {
            let (overlaps, papers) = (rng.bool(), Papers::draw(rng));
            Action::Connect { client, since: Since::Own, overlaps, papers }
        }
        20..25 => Action::Leave { client },
        25..43 => Action::Lose { client, is_told: rng.bool() },
        43..46 => Action::TellEnds { room },
        46..55 => Action::Refresh { client, papers: Papers::draw(rng) },
        55..66 => {
            let under = Under::draw(rng, is_encrypted);
            Action::Send { client, events: rng.u8(1..=2), only: Users(0), under }
        }
        66..86 => Action::SetPresence { client, patch: Patch::draw(rng, is_encrypted) },
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
        46 => Action::LoseDocument { room, document },
        47..49 => Action::FillDisk { room, is_full: rng.bool() },
        49..64 => Action::ServeDocument { room, document },
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
