//! What happens when sockets end, by themselves or because the room closes them.

use super::Room;
use crate::Millis;
use crate::member::{Member, SocketId};
use crate::ports::{Sockets, Storage};
use crate::presence::{Departure, Ending};
use crate::wire::close_code::{CloseCode, Closing, is_clean_leave};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// A client's socket has ended with `code` (P5.2). Returns its member; `None` if it was already gone, for example
    /// because we closed it.
    pub fn leave(&mut self, socket: SocketId, code: u16, now: Millis) -> Option<Member> {
        self.begin(now);
        let member = self.sockets.remove(socket)?;
        let ending = if is_clean_leave(code) { Ending::Clean } else { Ending::Broken };
        self.depart(&member, ending, now);
        Some(member)
    }

    pub(super) fn close_all(
        &mut self,
        sockets: Vec<SocketId>,
        closing: Closing,
        now: Millis,
    ) -> Vec<(CloseCode, Member)> {
        let close = |socket| Some((closing.code, self.close(socket, closing, now)?));
        sockets.into_iter().filter_map(close).collect()
    }

    pub(super) fn close(
        &mut self,
        socket: SocketId,
        closing: Closing,
        now: Millis,
    ) -> Option<Member> {
        let member = self.sockets.close(socket, closing)?;
        self.depart(&member, Ending::Broken, now);
        Some(member)
    }

    pub(super) fn depart(&mut self, member: &Member, ending: Ending, now: Millis) {
        let departure = self.departure(member, ending, now);
        self.tell_departure(member, departure, now);
    }

    #[inline(never)]
    pub(super) fn departure(&mut self, member: &Member, ending: Ending, now: Millis) -> Departure {
        let grace_ms = self.settings.presence_grace_ms;
        let user = member.present_user();
        let departure = user.map_or(Departure::AnotherSocket, |user| {
            self.presence.depart(&user.id, ending, member.last_data(), now, grace_ms)
        });
        match self.is_grown() {
            true => self.departure_in_grown(member, departure, now),
            false => departure,
        }
    }

    #[inline(never)]
    pub(super) fn tell_departure(&mut self, member: &Member, departure: Departure, now: Millis) {
        match departure {
            Departure::AnotherSocket => self.tell_data_gone(member, now),
            Departure::Expected => {}
            Departure::Waiting { until } => {
                self.waits_for(member, until, now);
                self.tell_lost(member, now);
            }
            Departure::Left(gone) => {
                self.remember(&gone.user.id);
                self.announce_left(&[gone], now);
            }
        }
    }

    /// The user of a socket that has ended counts as present until then.
    pub(super) fn waits_for(&mut self, member: &Member, until: Millis, now: Millis) {
        member.user_id().into_iter().for_each(|user| self.remember(user));
        self.arm(until, now);
    }
}
