//! A client opens the document (P13.1, P13.4).

use validiant_core::Millis;
use validiant_core::limits::Exceeded;
use validiant_core::member::SocketId;
use validiant_core::sorted::SortedMap;
use validiant_core::wire::close_code::{CloseCode, Closing};

use super::Document;
use crate::ports::{Sockets, Storage};
use crate::sync;
use crate::visitor::Visitor;

/// Names a client that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Who is expected while the project's room is asked whether they may come.
pub(super) struct Expected {
    next: u64,
    visitors: SortedMap<Ticket, Expectation>,
}

struct Expectation {
    visitor: Visitor,
    /// Why they can't come after all.
    refused: Option<Closing>,
}

impl Expected {
    /// The tickets of an earlier life, which are lower, mean nobody.
    pub fn since(awake_since: Millis) -> Self {
        Self { next: awake_since, visitors: SortedMap::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.visitors.is_empty()
    }

    /// Refuses those who are meant.
    pub fn refuse(&mut self, is_meant: impl Fn(&Visitor) -> bool, closing: Closing) {
        for (_, expectation) in self.visitors.iter_mut() {
            if is_meant(&expectation.visitor) {
                expectation.refused.get_or_insert(closing);
            }
        }
    }

    /// Whether somebody was refused who is expected, or is not expected at all.
    pub fn is_refused(&self, ticket: Ticket) -> bool {
        self.visitors.get(&ticket).is_none_or(|expectation| expectation.refused.is_some())
    }

    fn add(&mut self, visitor: Visitor) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.visitors.insert(ticket, Expectation { visitor, refused: None });
        ticket
    }

    fn take(&mut self, ticket: Ticket) -> Result<Visitor, Closing> {
        let (_, Expectation { visitor, refused }) =
            self.visitors.remove(&ticket).ok_or(CloseCode::TRY_AGAIN)?;
        refused.map_or(Ok(visitor), Err)
    }
}

/// What a client got when it connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// Its socket.
    pub socket: SocketId,
    /// The visitor of the socket that was closed to make room, if any (P10.4).
    pub replaced: Option<Visitor>,
    /// Those of the sockets that were closed because they do not encrypt (P14.7).
    pub plain: Vec<Visitor>,
}

impl<S: Sockets, T: Storage> Document<S, T> {
    /// Expects a client: from now on, whatever is said of its user, its token or the document counts for it too.
    pub fn expect(&mut self, visitor: Visitor) -> Ticket {
        self.forget_floor();
        self.expected.add(visitor)
    }

    /// The project's room has refused a client that was expected, or could not be asked.
    pub fn turn_away(&mut self, ticket: Ticket) {
        let _ = self.expected.take(ticket);
        self.is_maybe_abandoned(false);
    }

    /// Lets a client that was expected do something that needs no socket, after the project's room let it.
    ///
    /// # Errors
    /// Why it may not after all.
    pub fn admit(&mut self, ticket: Ticket) -> Result<(), Closing> {
        let admitted = self.expected.take(ticket).map(drop);
        self.is_maybe_abandoned(false);
        admitted
    }

    /// Connects a client that was expected, after the project's room let it in. It gets the state vector and what is
    /// known of the others before anything else (P13.4).
    ///
    /// # Errors
    /// How to close the socket; then nothing has changed.
    #[inline(never)]
    pub fn connect(
        &mut self,
        ticket: Ticket,
        socket: S::Handle,
        now: Millis,
    ) -> Result<Connected, Closing> {
        self.registration.has_opened();
        let connected = self.expected.take(ticket).and_then(|it| self.let_in(socket, it, now));
        if connected.is_err() {
            self.is_maybe_abandoned(false);
        }
        connected
    }

    fn let_in(
        &mut self,
        socket: S::Handle,
        visitor: Visitor,
        now: Millis,
    ) -> Result<Connected, Closing> {
        let floor = visitor.floor.map(|_| self.floor);
        let visitor = Visitor { connected_at: now, floor, ..visitor };
        self.check_kind(&visitor)?;
        let replaced = self.make_place_for(&visitor)?;
        let greeting = if visitor.is_sealed() { None } else { Some(self.greeting()?) };
        self.know_timers(now);
        let end = self.end_of(&visitor);
        self.awareness();
        let socket = self.sockets.add(socket, visitor).map_err(|_| CloseCode::TRY_AGAIN)?;
        let replaced = replaced.and_then(|old| self.close(old, CloseCode::REPLACED.into(), now));
        let mut plain = Vec::new();
        if let Some(greeting) = greeting {
            self.has_joined(socket);
            self.sockets.send(socket, &greeting.into());
            self.tell_all_states(socket);
        } else {
            plain = self.close_plain(now);
            self.tell_all_sealed(socket);
        }
        self.arm_look(now);
        end.into_iter().for_each(|end| self.arm(end, now));
        self.consider_compaction();
        Ok(Connected { socket, replaced, plain })
    }

    fn greeting(&mut self) -> Result<Vec<u8>, Closing> {
        let log = self.log().map_err(|_| CloseCode::TRY_AGAIN)?;
        let state_vector = log.contents.inserted.state_vector();
        Ok(sync::step_1(&state_vector.encode()))
    }

    /// The socket to close to make room for a visitor, if a limit is reached and there is such a socket (P10.4).
    fn make_place_for(&self, visitor: &Visitor) -> Result<Option<SocketId>, Closing> {
        let Some(Exceeded { limit, .. }) = self.limit_reached_by(visitor) else { return Ok(None) };
        self.replaceable(visitor).map(Some).ok_or(CloseCode::CONNECTION_LIMIT.for_limit(limit))
    }

    fn limit_reached_by(&self, visitor: &Visitor) -> Option<Exceeded> {
        let user = visitor.user_id();
        let own = || self.sockets.all().filter(|(_, other)| other.user_id() == user).count();
        if user.is_some() && own() >= self.settings.user_sockets {
            return Some(Exceeded::USER_SOCKETS);
        }
        (self.sockets.count() >= self.settings.room_sockets).then_some(Exceeded::ROOM_SOCKETS)
    }
}
