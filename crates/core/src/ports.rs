//! The two ports through which a room reaches the world, small and synchronous.
//!
//! The Worker implements them on the runtime, the tests in memory: what is tested is what runs.

use crate::Millis;
use crate::close_code::CloseCode;
use crate::member::{Member, SocketId, User};
use crate::names::UserId;

/// A socket that the runtime did not take, for example because the object has its most already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAccepted;

/// The sockets of one room, with who sits at each.
pub trait Sockets {
    /// A socket that is not yet in the room.
    type Handle;

    /// Takes a socket into the room.
    ///
    /// # Errors
    /// [`NotAccepted`]; then nothing has changed.
    fn add(&mut self, socket: Self::Handle, member: Member) -> Result<SocketId, NotAccepted>;

    /// How many there are.
    fn count(&self) -> usize;

    /// Who sits at each of them.
    fn members(&self) -> impl Iterator<Item = &Member>;

    /// Hands every socket the frames that `choose` chooses for its member, by their places in `frames`, in
    /// the order in which the sockets connected. Answers how many took one. This is the hot path.
    fn fan_out<C: IntoIterator<Item = usize>>(
        &mut self,
        frames: &[impl AsRef<str>],
        choose: impl FnMut(&Member) -> C,
    ) -> usize;

    /// Hands `frame` to one socket, if it is still there.
    fn send(&mut self, to: SocketId, frame: &str);

    /// Takes a socket out and answers who sat there; `None` if it was taken out before.
    fn remove(&mut self, socket: SocketId) -> Option<Member>;

    /// Closes a socket and takes it out; `None` as in [`Self::remove`].
    fn close(&mut self, socket: SocketId, code: CloseCode) -> Option<Member>;

    /// The sockets that have pinged before, and last before `since`.
    fn silent_since(&self, since: Millis) -> Vec<SocketId>;
}

/// A user as the room remembers them when all sockets are gone and the object with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    /// Who.
    pub user: User,
    /// Since when they are here.
    pub joined_at: Millis,
    /// When they count as gone, if they have no socket and do not return; `None` while they have.
    pub leaves_at: Option<Millis>,
}

/// What outlives the object: the roster of present users, and one alarm.
///
/// A write that fails is the port's to log. The room goes on with what it has in memory; the worst
/// that follows is a user who is announced twice after a restart.
pub trait Storage {
    /// The whole roster.
    fn load_roster(&mut self) -> Vec<RosterEntry>;

    /// Writes or replaces one user's entry.
    fn save(&mut self, entry: &RosterEntry);

    /// Erases one user's entry.
    fn erase(&mut self, user: &UserId);

    /// Sets the one alarm, in place of an earlier one. It survives the object.
    fn set_alarm(&mut self, at: Millis);
}
