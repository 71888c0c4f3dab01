//! The app makes a new key, removes a member, and tells the room (P14.2, P14.3).

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::room_call::removal::Removal;
use validiant_core::wire::close_code::CloseCode;

use crate::documents::News;
use crate::refusals::Refused;
use crate::site::Site;
use crate::step::End;
use crate::turn::Turn;
use crate::users::{self, User};
use crate::violation::{Checked, ensure};
use crate::world::World;

impl World {
    /// The app removes a member, or takes one back, and makes a key. The room does not know yet.
    pub fn rotate(&mut self, room: u8, user: Option<User>) -> Checked {
        let is_encrypted = self.plan.is_encrypted;
        let site = self.sites.get_mut(usize::from(room)).filter(|_| is_encrypted);
        site.into_iter().for_each(|site| site.app.rotate(user));
        Ok(())
    }

    /// The room is told of one of the keys; not of each in the order in which they were made.
    pub fn raise(&mut self, room: u8, place: u8, refuse_ms: Millis, end: End) -> Checked {
        let Some(site) = self.sites.get_mut(usize::from(room)) else { return Ok(()) };
        let waiting = site.app.raises.len();
        let Some(place) = usize::from(place).checked_rem(waiting) else { return Ok(()) };
        let Some(raise) = site.app.raises.get(place).copied() else { return Ok(()) };
        let is_done = match raise.removed {
            Some(user) => self.remove(room, user, refuse_ms, raise.epoch, end)?,
            None => self.raise_alone(room, raise.epoch, end)?,
        };
        // A backend without an answer asks again.
        if let (true, End::Commits, Some(site)) =
            (is_done, end, self.sites.get_mut(usize::from(room)))
        {
            site.app.raises.remove(place);
            site.app.is_answered(raise);
        }
        Ok(())
    }

    fn raise_alone(&mut self, room: u8, epoch: KeyEpoch, end: End) -> Checked<bool> {
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(false) };
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let must_write = epoch > site.model.floor.epoch;
        let is_known = site.knows_floor();
        let mut call = None;
        match site.room.raise_key_epoch(epoch, *now) {
            Ok(raised) => {
                ensure!(
                    is_known && !(site.disk_is_full() && must_write),
                    "A floor is not written."
                );
                counts.add(site.has_raised(epoch, raised.min_key_epoch, &mut turn)?);
                call = Some((raised.documents, raised.min_key_epoch));
            }
            Err(_) => {
                ensure!(site.disk_is_full() || !is_known, "A raise failed for no reason.");
                counts.add("raise failed");
            }
        }
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)?;
        let is_done = call.is_some();
        let tell = |(documents, floor): (String, _)| {
            site.call_documents(News::Floor, floor, &documents, end)
        };
        call.map_or(Ok(()), tell)?;
        Ok(is_done)
    }

    /// A backend removes a user, and raises the floor. Returns whether that is done.
    pub fn remove(
        &mut self,
        room: u8,
        user: User,
        refuse_ms: Millis,
        min_key_epoch: KeyEpoch,
        end: End,
    ) -> Checked<bool> {
        let Self { sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(false) };
        let Some(user_id) = users::id(user) else { return Ok(false) };
        let mut turn = site.begin_turn(end);
        site.model.presence.notice(*now);
        let refused = site.model.refusals.judge(Some(user), *now);
        let raises = min_key_epoch > site.model.floor.epoch;
        let must_write = refuse_ms > 0 || refused == Refused::Yes || raises;
        let knows_floor = site.knows_floor();
        let can_read = site.model.refusals.read(site.tables_are_readable()) && knows_floor;
        let mut call = None;
        let removal = Removal { user_id, refuse_ms, min_key_epoch };
        match site.room.remove_user(&removal, *now) {
            Ok(removed) => {
                ensure!(!(site.disk_is_full() && must_write), "A refusal is not written.");
                ensure!(can_read, "A removal is done, though nobody knows the ones before.");
                let until = (refuse_ms > 0).then_some(*now + refuse_ms);
                ensure!(removed.refused_until == until, "u{user} is refused until {removed:?}.");
                let sockets = site.sockets_of(user);
                ensure!(removed.disconnected.len() == sockets.len(), "Not all end: {removed:?}.");
                counts.add(if sockets.is_empty() { "removed nobody" } else { "removed sockets" });
                turn.closes = sockets.iter().map(|id| (*id, CloseCode::REMOVED.number)).collect();
                site.model.presence.remove(user);
                site.model.refusals.remove(user, until, *now);
                counts.add(site.has_raised(min_key_epoch, removed.min_key_epoch, &mut turn)?);
                call = Some((removed.documents, removed.min_key_epoch));
            }
            Err(_) => {
                ensure!(site.disk_is_full() || !can_read, "A removal failed for no reason.");
                counts.add("removal failed");
            }
        }
        site.holds_nothing()?;
        site.end_turn(turn, *now, counts)?;
        let is_done = call.is_some();
        let tell = |(documents, floor): (String, _)| {
            site.call_documents(News::Removal(user), floor, &documents, end)
        };
        call.map_or(Ok(()), tell)?;
        Ok(is_done)
    }
}

impl Site {
    /// Whether the room can tell its floor: it reads it when it first needs it.
    pub fn knows_floor(&mut self) -> bool {
        let can_read = self.tables_are_readable();
        self.model.floor.read(can_read)
    }

    /// The room says that its floor is this one. If it is higher than before, everybody who stays must hear of it.
    fn has_raised(
        &mut self,
        asked: KeyEpoch,
        told: KeyEpoch,
        turn: &mut Turn,
    ) -> Checked<&'static str> {
        let is_higher = self.model.floor.raise(asked);
        let floor = self.model.floor.epoch;
        ensure!(told == floor, "The floor is {floor}, and the room says {told}.");
        if !is_higher {
            return Ok(if asked == 0 {
                "no floor asked for"
            } else {
                "floor not raised: it is not higher"
            });
        }
        let closed = |id| turn.closes.iter().any(|(socket, _)| *socket == id);
        let stays = self.in_room().map(|(id, _)| id).filter(|id| !closed(*id));
        turn.must_hear_floor = stays.collect();
        Ok("floor raised")
    }
}
