//! A backend erases a room (P8.7).

use validiant_core::member::SocketId;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::wire::close_code::CloseCode;

use crate::documents::News;
use crate::presence::Presence;
use crate::step::End;
use crate::violation::{Checked, ensure};
use crate::world::World;

impl World {
    pub fn erase(&mut self, room: u8, is_all: bool, end: End) -> Checked {
        let grace_ms = self.plan.grace_ms;
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        let erasure = if is_all { Erasure::All } else { Erasure::ButRefusals };
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let mut call = None;
        match site.room.erase(erasure, *now) {
            Ok(erased) => {
                ensure!(!site.disk_is_full(), "An erasure is not written.");
                let sockets: Vec<SocketId> = site.in_room().map(|(id, _)| id).collect();
                ensure!(erased.disconnected.len() == sockets.len(), "Not all end: {erased:?}.");
                ensure!(site.alarm().is_none(), "An erased room has an alarm.");
                turn.closes = sockets.iter().map(|id| (*id, CloseCode::TRY_AGAIN.number)).collect();
                site.model.journal.erase();
                site.model.presence = Presence::new(grace_ms);
                site.host.erased();
                site.alarm_may_be_late = false;
                if is_all {
                    site.model.refusals.clear();
                    site.model.refusals.forget();
                    site.model.revocations.clear();
                    site.model.revocations.forget();
                    site.model.floor.clear();
                    site.app.floor_is_lost();
                    site.documents.floor_is_lost();
                }
                call = Some(erased.documents);
                counts.add(if is_all { "erased all" } else { "erased all but refusals" });
            }
            Err(_) => {
                ensure!(site.disk_is_full(), "An erasure failed for no reason.");
                counts.add("erasure failed");
            }
        }
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)?;
        call.map_or(Ok(()), |documents| site.call_documents(News::Erasure, 0, &documents, end))
    }
}
