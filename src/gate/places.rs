//! Which object of a grown room a client connects to (P15).
//!
//! The isolate remembers for a while what roots have said of their leaves, so that a client need not ask the root. It does
//! no harm if that is lost or out of date: a leaf takes a client that could be elsewhere, too, and what is no place of
//! the room any more sends the client back to the root.

use std::cell::RefCell;

use validiant_core::Millis;
use validiant_core::names::ProjectId;
use validiant_core::room_call::admission::Admission;
use validiant_core::sorted::SortedMap;
use validiant_core::tree::{Place, Places};
use worker::wasm_bindgen::{self, prelude::*};

use crate::runtime;

/// The places of so many rooms are remembered at most.
const MOST_ROOMS: usize = 1_000;
/// For how long, in milliseconds.
const REMEMBERED_MS: Millis = 30_000;

thread_local! {
    /// Until when the places of a room count.
    static KNOWN: RefCell<SortedMap<ProjectId, (Places, Millis)>> = RefCell::default();
}

/// The name of the leaf to which a client belongs; `None` if the root must be asked.
pub fn leaf_of(project: &ProjectId, admission: &Admission) -> Option<String> {
    KNOWN.with_borrow(|known| {
        // The usual case is that no room has leaves.
        (!known.is_empty()).then(|| look_up(known, project, admission)).flatten()
    })
}

#[inline(never)]
fn look_up(
    known: &SortedMap<ProjectId, (Places, Millis)>,
    project: &ProjectId,
    admission: &Admission,
) -> Option<String> {
    let now = runtime::now();
    let (places, until) = known.get(project)?;
    let home = places.home_of(&admission.member(now));
    (*until > now && home != Place::ROOT).then(|| home.object_name(project))
}

/// A root has said of its places; an empty text: what was known of them is out of date.
#[wasm_bindgen(js_name = notePlaces)]
pub fn note_places(project: &str, places: &str) {
    let Ok(project) = ProjectId::parse(project) else { return };
    KNOWN.with_borrow_mut(|known| match Places::parse(places) {
        Some(places) => {
            let now = runtime::now();
            if known.len() >= MOST_ROOMS {
                known.retain(|_, (_, until)| *until > now);
            }
            if known.len() >= MOST_ROOMS {
                *known = SortedMap::default();
            }
            known.insert(project, (places, now.saturating_add(REMEMBERED_MS)));
        }
        None => {
            known.remove(&project);
        }
    });
}
