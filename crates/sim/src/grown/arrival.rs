//! The way of a client to an object: by a copy of the places at the edge, which may be stale, or over the root.

use validiant_core::Millis;
use validiant_core::member::Member;
use validiant_core::position::Position;
use validiant_core::room::{Connected, NotConnected};
use validiant_core::tree::{Place, Places, Readiness};

use super::client::{Client, Link};
use super::due::Due;
use super::flaw::Flaw;
use super::gate::Attempt;
use super::socket::Socket;
use super::world::World;
use crate::violation::{Checked, Violation, ensure};

/// How long a copy of the places is used.
const COPY_MS: Millis = 60_000;
/// A client that is not connected after so long tries again.
const PATIENCE_MS: Millis = 10_000;
/// How often a client is sent on.
const MAX_HOPS: u8 = 6;
/// How long a client is on its way to an object, at most.
const WAY_MS: Millis = 20;

impl World {
    /// A client tries to connect.
    pub fn start(&mut self, client: u8) -> Checked {
        self.start_at(client, None)
    }

    /// The same, but it is sent to any object, even one that is retired or that never was.
    pub fn mislead(&mut self, client: u8, which: u8) -> Checked {
        let Some(known) = self.client(client) else { return Ok(()) };
        if matches!(known.link, Link::On(_)) {
            return Ok(());
        }
        known.wants = true;
        let at = match which % 8 {
            0 => Some(Place { index: u32::from(which / 8) % 4 + 1, generation: 1_000_000 }),
            _ => self.which(which),
        };
        self.start_at(client, at)
    }

    fn start_at(&mut self, client: u8, at: Option<Place>) -> Checked {
        let (now, takes_tokens) = (self.now, self.plan.takes_tokens);
        let gate = self.rng.usize(0..self.gates.len());
        let Some(known) = self.client(client) else { return Ok(()) };
        known.link = Link::Trying;
        known.nonce += 1;
        let nonce = known.nonce;
        let member = known.member(takes_tokens, now)?;
        let (at, is_by_copy) = match at {
            Some(at) => (at, false),
            None => (self.home_of(gate, &member), true),
        };
        self.schedule(PATIENCE_MS, Due::Return { client, nonce });
        self.send_on(Attempt { client, nonce, gate, at, is_by_copy, hops: 0 });
        Ok(())
    }

    fn home_of(&self, gate: usize, member: &Member) -> Place {
        let copy = self.gates.get(gate).and_then(|gate| gate.copy.as_ref());
        let is_old = |made_at| made_at + COPY_MS <= self.now && !self.has(Flaw::StubbornGate);
        let fresh = copy.filter(|(_, made_at)| !is_old(*made_at));
        fresh.map_or(Place::ROOT, |(places, _)| places.home_of(member))
    }

    fn send_on(&mut self, attempt: Attempt) {
        let after = self.rng.u64(1..=WAY_MS);
        self.schedule(after, Due::Arrive { attempt });
    }

    /// An object may know more than before: it is asked again by the clients that wait.
    pub fn unpark(&mut self, place: Place) {
        let Some(object) = self.objects.get_mut(&place) else { return };
        for attempt in std::mem::take(&mut object.parked) {
            self.schedule(0, Due::Arrive { attempt });
        }
    }

    /// A client arrives at an object.
    pub fn arrive(&mut self, attempt: Attempt) -> Checked {
        let Some(known) = self.clients.get(usize::from(attempt.client)) else { return Ok(()) };
        if known.link != Link::Trying || known.nonce != attempt.nonce {
            return Ok(());
        }
        let member = known.member(self.plan.takes_tokens, self.now)?;
        let since = known.position.clone().filter(|_| known.seat.keeps_position);
        let at = attempt.at;
        let readiness = self.act(at, |room, now| room.readiness(&member, since.as_ref(), now));
        if readiness == Readiness::Now || self.is_let_in(at) {
            return self.connect(&attempt, member, since);
        }
        if let Readiness::Elsewhere(_) = readiness {
            let text = self.act(at, |room, _| room.places_text());
            let copy = Places::parse(&text).map(|places| (places, self.now));
            if let Some(gate) = self.gates.get_mut(attempt.gate).filter(|_| copy.is_some()) {
                gate.copy = copy;
            }
        }
        self.end(at)?;
        match readiness {
            Readiness::Later => {
                self.counts.add("clients that waited at a leaf");
                if let Some(object) = self.objects.get_mut(&at) {
                    object.parked.push(attempt);
                }
            }
            Readiness::Elsewhere(place) => self.hop(attempt, place),
            Readiness::Moved => {
                self.counts.add("clients at an object that is no place");
                if self.has(Flaw::StubbornGate) {
                    return Ok(());
                }
                if let Some(gate) = self.gates.get_mut(attempt.gate) {
                    gate.copy = None;
                }
                self.hop(attempt, Place::ROOT);
            }
            Readiness::Now => {}
        }
        Ok(())
    }

    fn hop(&mut self, attempt: Attempt, at: Place) {
        if attempt.hops < MAX_HOPS {
            let is_wrong = attempt.is_by_copy && attempt.at != Place::ROOT;
            self.counts.add_many("clients sent wrong by a stale copy", usize::from(is_wrong));
            let hops = attempt.hops + 1;
            self.send_on(Attempt { at, is_by_copy: false, hops, ..attempt });
        }
    }

    /// Whether a planted break lets a client in wherever it comes.
    fn is_let_in(&self, at: Place) -> bool {
        self.has(Flaw::OpenDoor) && at != Place::ROOT
    }

    fn connect(&mut self, attempt: &Attempt, member: Member, since: Option<Position>) -> Checked {
        let at = attempt.at;
        let asked = self.forged_since(at, since.clone());
        let answer = self.act(at, |room, now| room.connect((), member, asked.as_ref(), now));
        match answer {
            Ok(connected) => self.is_connected(attempt, since.as_ref(), &connected)?,
            Err(refused) => self.is_refused(attempt.client, refused)?,
        }
        self.end(at)?;
        match answer_is_in(&self.clients, attempt.client) {
            true => self.say_again(attempt.client),
            false => Ok(()),
        }
    }

    fn is_connected(
        &mut self,
        attempt: &Attempt,
        since: Option<&Position>,
        connected: &Connected,
    ) -> Checked {
        ensure!(connected.replaced.is_none(), "A socket is replaced, though there is no limit.");
        let at = attempt.at;
        let newest = self.objects.get(&at).and_then(|it| it.platform.borrow().sockets().last());
        let Some(id) = newest else {
            return Err(Violation("A client is connected without a socket.".into()));
        };
        self.counts.add(match (at == Place::ROOT, since.is_some(), connected.recovered) {
            (true, true, true) => "recovered at the root",
            (true, true, false) => "not recovered at the root",
            (false, true, true) => "recovered at a leaf",
            (false, true, false) => "not recovered at a leaf",
            (true, false, _) => "connected at the root without a position",
            (false, false, _) => "connected at a leaf without a position",
        });
        let progress = self.objects.get(&at).map_or(0, |object| object.progress);
        let takes_tokens = self.plan.takes_tokens;
        let live_from = self.log.len();
        self.orders += 1;
        let Some(client) = self.clients.get_mut(usize::from(attempt.client)) else {
            return Ok(());
        };
        let (key, user) = ((at, id), client.seat.user);
        client.begin(key);
        let mut socket = Socket::new(key, client.number, user, live_from, progress);
        socket.takes_batches = client.seat.takes_batches;
        let has_token = takes_tokens && user.is_some();
        socket.issued_at = Some(client.token_issued_at).filter(|_| has_token);
        socket.opened = self.orders;
        socket.since = since.and_then(|it| Some((self.log.era(it.epoch.as_str())?, it.seq)));
        self.bans.lets_in(&socket, self.now)?;
        self.stays.begin(user, self.plan.grace_ms, self.now);
        self.sockets.insert(key, socket);
        Ok(())
    }

    fn is_refused(&mut self, client: u8, refused: NotConnected) -> Checked {
        let now = self.now;
        let Some(known) = self.client(client) else { return Ok(()) };
        let user = known.seat.user;
        match refused {
            NotConnected::Removed => {
                self.counts.add("refused after a removal");
                self.stop(client);
                let is_right = self.bans.may_keep_out(user, now);
                ensure!(is_right, "Client {client} of {user:?} is refused, and not kept out.");
            }
            NotConnected::Revoked => {
                let issued_at = std::mem::replace(&mut known.token_issued_at, now);
                self.counts.add("refused with a revoked token");
                let is_right = self.bans.may_refuse(user, issued_at);
                ensure!(is_right, "Client {client} of {user:?} is refused with a good token.");
                self.retreat(client, 1_000);
            }
            NotConnected::Unavailable => self.retreat(client, 1_000),
            NotConnected::Full(_) => {
                return Err(Violation("A client is refused, though there is no limit.".into()));
            }
        }
        Ok(())
    }

    /// A client is told to stop.
    pub fn stop(&mut self, client: u8) {
        if let Some(known) = self.client(client) {
            known.wants = false;
        }
        self.retreat(client, 0);
    }
}

fn answer_is_in(clients: &[Client], client: u8) -> bool {
    clients.get(usize::from(client)).is_some_and(|it| matches!(it.link, Link::On(_)))
}
