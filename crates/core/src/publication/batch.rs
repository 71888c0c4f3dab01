//! Events that wait for the next ones, so that they are sent together in one turn (P3.4).
//!
//! The first frame to a socket in a turn of the runtime costs twice as much as each further frame, and a further event
//! in the same frame costs next to nothing. So a burst into a large room costs half as much for every socket, and an
//! order of magnitude less for sockets that accept several events in one frame.

use std::borrow::Cow;

use super::audience::{Audience, ExcludedConnection};
use crate::member::{Member, SocketId};
use crate::names::{ConnectionId, UserId};
use crate::sorted::SortedMap;
use crate::wire::frame;

/// Which of the waiting events: the one at place `n` is bit `n`.
type Events = u64;

/// The maximum number of waiting events.
pub const MAX_EVENTS: usize = Events::BITS as usize;
/// Once their frames total this many bytes, no further event waits.
const ENOUGH_BYTES: usize = 262_144;

/// The events that wait, in order.
#[derive(Debug, Default)]
pub struct Batch {
    frames: Vec<String>,
    bytes: usize,
    /// The socket that they all come from, if it is a client's: it gets none of them.
    from: Option<SocketId>,
    /// The events that are only for certain users.
    targeted: Events,
    /// The users named in any of the events.
    named: SortedMap<UserId, Named>,
    /// The connections that are excluded from any of the events.
    excluded: SortedMap<ConnectionId, Vec<(Option<UserId>, Events)>>,
}

/// What the waiting events say about one user.
#[derive(Debug, Default, Clone, Copy)]
struct Named {
    targeted: Events,
    excluded: Events,
}

impl Batch {
    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether it must be sent before another event can wait.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.frames.len() >= MAX_EVENTS || self.bytes >= ENOUGH_BYTES
    }

    /// Adds an event. The caller makes sure that there is room: see [`Self::is_full`].
    pub fn push(&mut self, frame: String, audience: &Audience) {
        let event: Events = 1 << self.frames.len();
        if let Some(only) = &audience.only {
            self.targeted |= event;
            self.named.change_all(only.keys(), |named| named.targeted |= event);
        }
        self.named.change_all(audience.exclude.keys(), |named| named.excluded |= event);
        if let Some(ExcludedConnection { id, user }) = &audience.exclude_connection {
            let mut excluded = self.excluded.remove(id).map_or_else(Vec::new, |(_, known)| known);
            excluded.push((user.clone(), event));
            self.excluded.insert(id.clone(), excluded);
        }
        self.bytes += frame.len();
        self.frames.push(frame);
    }

    /// Adds an event of a client. The caller makes sure that only events from this socket wait.
    pub fn push_from(&mut self, from: SocketId, frame: String, audience: &Audience) {
        self.from = Some(from);
        self.push(frame, audience);
    }

    /// All frames for the sockets of `members`, each made once, and who gets which.
    pub fn address<'a>(&self, members: impl Iterator<Item = &'a Member>) -> Addressed<'_> {
        let mut joint: Vec<Events> = Vec::new();
        for member in members.filter(|member| member.takes_batches) {
            let theirs = self.events_for(member);
            if theirs.count_ones() > 1 && !joint.contains(&theirs) {
                joint.push(theirs);
            }
        }
        let alone = self.frames.iter().map(|frame| Cow::Borrowed(frame.as_str()));
        let together = joint.iter().map(|events| Cow::Owned(self.array(*events)));
        Addressed { frames: alone.chain(together).collect(), batch: self, joint }
    }

    fn events_for(&self, member: &Member) -> Events {
        let all = Events::MAX.checked_shr(Events::BITS - self.count()).unwrap_or_default();
        let named = member.user_id().and_then(|user| self.named.get(user));
        let Named { targeted, excluded } = named.copied().unwrap_or_default();
        all & (!self.targeted | targeted) & !excluded & !self.excluded_from(member)
    }

    /// The events from which the connection of a member is excluded.
    fn excluded_from(&self, member: &Member) -> Events {
        let of_connection = self.excluded.get(&member.connection_id);
        let is_meant = |user: &Option<UserId>| user.is_none() || user.as_ref() == member.user_id();
        let theirs = of_connection.into_iter().flatten().filter(|(user, _)| is_meant(user));
        theirs.fold(0, |events, (_, event)| events | event)
    }

    fn count(&self) -> u32 {
        self.frames.len().min(MAX_EVENTS) as u32
    }

    /// Some of the events, in a JSON array.
    fn array(&self, events: Events) -> String {
        let frames = places(events).filter_map(|place| self.frames.get(place));
        frame::array(frames.map(String::as_str), self.bytes + self.frames.len() + 1)
    }
}

/// The places of some events, in order.
fn places(mut events: Events) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = events.trailing_zeros();
        events &= events.checked_sub(1)?;
        Some(place as usize)
    })
}

/// A batch, ready to be sent.
#[derive(Debug)]
pub struct Addressed<'a> {
    /// The frames: each event alone, then the arrays.
    pub frames: Vec<Cow<'a, str>>,
    batch: &'a Batch,
    /// What is in each of the arrays.
    joint: Vec<Events>,
}

impl Addressed<'_> {
    /// The places in [`Self::frames`] of the frames for a socket and its member, in order.
    pub fn frames_for(
        &self,
        socket: SocketId,
        member: &Member,
    ) -> impl Iterator<Item = usize> + use<> {
        let is_sender = self.batch.from == Some(socket);
        let theirs = if is_sender { 0 } else { self.batch.events_for(member) };
        let is_theirs = |events: &Events| member.takes_batches && *events == theirs;
        let array = self.joint.iter().position(is_theirs);
        let alone = if array.is_none() { theirs } else { 0 };
        array.map(|place| self.batch.frames.len() + place).into_iter().chain(places(alone))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::member::User;
    use crate::sorted::SortedSet;

    fn id(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    fn connection(name: &str) -> ConnectionId {
        ConnectionId::parse(name).unwrap()
    }

    fn member(user: &str) -> Member {
        Member {
            connection_id: connection("c"),
            user: UserId::parse(user).ok().map(|id| User::unverified(id, None)),
            connected_at: 0,
            takes_batches: true,
            is_present: true,
            token: None,
            gap_after: None,
            may_send: false,
            data: None,
        }
    }

    fn frames_for(batch: &Batch, member: &Member) -> Vec<String> {
        let addressed = batch.address([member].into_iter());
        let frame = |place: usize| addressed.frames[place].clone().into_owned();
        addressed.frames_for(SocketId(1), member).map(frame).collect()
    }

    fn batch(frames: &[&str]) -> Batch {
        let mut batch = Batch::default();
        for frame in frames {
            batch.push((*frame).to_owned(), &Audience::default());
        }
        batch
    }

    #[test]
    fn p3_4_several_events_stand_in_an_array_and_one_alone() {
        assert_eq!(frames_for(&batch(&["1", "2", "3"]), &member("")), ["[1,2,3]"]);
        assert_eq!(frames_for(&batch(&["1"]), &member("")), ["1"]);
        assert_eq!(frames_for(&batch(&[]), &member("")), [""; 0]);
    }

    #[test]
    fn p3_4_a_client_that_did_not_ask_for_batches_gets_each_event_alone() {
        let member = Member { takes_batches: false, ..member("") };
        assert_eq!(frames_for(&batch(&["1", "2"]), &member), ["1", "2"]);
    }

    #[test]
    fn it_is_full_of_events_or_of_bytes() {
        let mut batch = batch(&["x"; MAX_EVENTS - 1]);
        assert!(!batch.is_full());
        batch.push("x".into(), &Audience::default());
        assert!(batch.is_full());
        assert_eq!(frames_for(&batch, &member(""))[0].len(), 2 * MAX_EVENTS + 1);
        let mut large = Batch::default();
        large.push("x".repeat(ENOUGH_BYTES), &Audience::default());
        assert!(large.is_full());
    }

    fn users() -> impl Strategy<Value = SortedSet<UserId>> {
        proptest::collection::vec("[a-d]".prop_map(|name| id(&name)), 0..4)
            .prop_map(SortedSet::from_iter)
    }

    fn audience() -> impl Strategy<Value = Audience> {
        let connection = ("[cd]", proptest::option::of("[ab]")).prop_map(|(name, user)| {
            ExcludedConnection { id: connection(&name), user: user.map(|user| id(&user)) }
        });
        let parts = (proptest::option::of(users()), users(), proptest::option::of(connection));
        parts.prop_map(|(only, exclude, exclude_connection)| Audience {
            only,
            exclude,
            exclude_connection,
        })
    }

    fn numbers(frames: &[String]) -> Vec<usize> {
        let joined = frames.join(",").replace(['[', ']'], "");
        serde_json::from_str(&format!("[{joined}]")).unwrap()
    }

    proptest! {
        #[test]
        fn p3_4_a_batch_has_exactly_the_events_that_its_member_would_have_got_one_by_one(
            audiences in proptest::collection::vec(audience(), 1..MAX_EVENTS),
        ) {
            let mut batch = Batch::default();
            for (number, audience) in audiences.iter().enumerate() {
                batch.push(number.to_string(), audience);
            }
            for user in ["", "a", "b", "c", "d", "e"] {
                let member = member(user);
                let gets = |(_, audience): &(usize, &Audience)| audience.admits(&member);
                let due: Vec<usize> =
                    audiences.iter().enumerate().filter(gets).map(|(number, _)| number).collect();
                let got = frames_for(&batch, &member);
                prop_assert!(got.len() <= 1);
                prop_assert_eq!(numbers(&got), &due[..]);
                let alone = Member { takes_batches: false, ..member };
                let got = frames_for(&batch, &alone);
                prop_assert_eq!(got.len(), due.len());
                prop_assert_eq!(numbers(&got), due);
            }
        }
    }
}
