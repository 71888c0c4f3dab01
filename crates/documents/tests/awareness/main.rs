//! Stock clients in one document, with messages under way, lost connections and hibernation (P13.7).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod stock;

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use validiant_core::member::{SocketId, User};
use validiant_core::names::{ConnectionId, UserId};
use validiant_documents::awareness::{Awareness, Who};

use stock::{Stock, decode};

/// Something that happens. The first number says to whom.
#[derive(Debug, Clone)]
enum Step {
    Say(usize, u8),
    Fall(usize),
    Renew(usize),
    /// The server gets a message.
    Arrive(usize),
    /// A client gets a message.
    Hear(usize),
    /// A client loses its connection, and the server notices at once, or later: when the client has long come back.
    Lose(usize, bool),
    Notice,
    /// Everything under way arrives, and the document hibernates.
    Sleep,
    /// Time passes.
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = || 0..4_usize;
    let step = prop_oneof![
        4 => (who(), any::<u8>()).prop_map(|(who, what)| Step::Say(who, what)),
        1 => who().prop_map(Step::Fall),
        1 => who().prop_map(Step::Renew),
        5 => who().prop_map(Step::Arrive),
        5 => who().prop_map(Step::Hear),
        1 => (who(), any::<bool>()).prop_map(|(who, late)| Step::Lose(who, late)),
        1 => Just(Step::Notice),
        1 => Just(Step::Sleep),
        1 => (0..40_000_u64).prop_map(Step::Wait),
    ];
    proptest::collection::vec(step, 1..120)
}

/// A client with its connection.
struct Seat {
    client: Stock,
    socket: SocketId,
    to_server: VecDeque<Vec<u8>>,
    to_client: VecDeque<Vec<u8>>,
}

struct World {
    awareness: Awareness,
    seats: Vec<Seat>,
    /// Every socket that has not ended for the server, and whose client it is.
    sockets: BTreeMap<SocketId, usize>,
    /// Sockets that are gone without the server knowing it.
    lost: Vec<SocketId>,
    now: u64,
    opened: u32,
    keeps_pk: bool,
    asleep: Vec<(SocketId, String)>,
}

impl World {
    /// Four clients: two of one user, one of another, and one of nobody.
    fn new(keeps_pk: bool) -> Self {
        let mut world = Self {
            awareness: Awareness::default(),
            seats: Vec::new(),
            sockets: BTreeMap::new(),
            lost: Vec::new(),
            now: 1_700_000_000_000,
            opened: 0,
            keeps_pk,
            asleep: Vec::new(),
        };
        for at in 0..4 {
            world.seats.push(Seat {
                client: Stock::new(1_000 + at),
                socket: SocketId(0),
                to_server: VecDeque::new(),
                to_client: VecDeque::new(),
            });
            world.connect(at as usize);
        }
        world
    }

    fn who(&self, at: usize, socket: SocketId) -> Who {
        let user = ["ann", "ann", "bob"].get(at).map(|id| User {
            verified: true,
            ..User::unverified(UserId::parse(id).unwrap(), None)
        });
        // The gate makes a name for each connection of a client that has none.
        let pk = if self.keeps_pk { format!("pk{at}") } else { format!("socket{}", socket.0) };
        let connection = ConnectionId::parse(&pk).unwrap();
        Who { user, connection, connected_at: 1_700_000_000_000 + u64::from(socket.0) }
    }

    fn connect(&mut self, at: usize) {
        self.opened += 1;
        let socket = SocketId(self.opened);
        self.awareness.join(socket, self.who(at, socket), "");
        self.sockets.insert(socket, at);
        let seat = &mut self.seats[at];
        seat.socket = socket;
        seat.to_client = self.awareness.all().into_iter().collect();
        seat.to_server = seat.client.connect().into_iter().collect();
    }

    fn tell(&mut self, to: SocketId, update: &[u8]) {
        let Some(at) = self.sockets.get(&to) else { return };
        // To a socket that is gone it is lost.
        if self.seats[*at].socket == to {
            self.seats[*at].to_client.push_back(update.to_vec());
        }
    }

    fn arrive(&mut self, at: usize) -> bool {
        let seat = &mut self.seats[at];
        let (socket, own) = (seat.socket, seat.client.id);
        let Some(message) = seat.to_server.pop_front() else { return false };
        let change = self.awareness.receive(socket, &message, self.now).unwrap();
        let speaks_for = |update: &[u8]| decode(update).iter().all(|(id, ..)| *id == own);
        assert!(change.update.as_deref().is_none_or(speaks_for), "somebody speaks for others");
        if !decode(&message).iter().any(|(id, ..)| *id == own) {
            let led_to = (&change.update, change.keep.as_slice());
            assert_eq!(led_to, (&None, [].as_slice()), "an echo led to something");
        }
        for kept in &change.keep {
            let text = self.awareness.kept(*kept);
            self.asleep.retain(|(socket, _)| socket != kept);
            self.asleep.push((*kept, text));
        }
        if let Some(update) = change.update {
            let all: Vec<SocketId> = self.sockets.keys().copied().collect();
            for to in all.into_iter().filter(|to| *to != socket || change.is_for_sender) {
                self.tell(to, &update);
            }
        }
        if let Some(reply) = change.reply {
            self.tell(socket, &reply);
        }
        true
    }

    fn hear(&mut self, at: usize) -> bool {
        let seat = &mut self.seats[at];
        let Some(message) = seat.to_client.pop_front() else { return false };
        seat.to_server.extend(seat.client.hear(&message));
        true
    }

    fn end(&mut self, socket: SocketId) {
        self.sockets.remove(&socket);
        if let Some(gone) = self.awareness.leave(socket) {
            let others: Vec<SocketId> = self.sockets.keys().copied().collect();
            others.into_iter().for_each(|to| self.tell(to, &gone));
        }
    }

    /// Until nothing is under way.
    fn settle(&mut self) {
        let mut rounds = 0;
        while (0..4).fold(false, |any, at| self.arrive(at) | self.hear(at) | any) {
            rounds += 1;
            assert!(rounds < 1_000, "messages go round for ever");
        }
    }

    fn sleep(&mut self) {
        self.settle();
        let awareness = std::mem::take(&mut self.awareness);
        for (socket, at) in self.sockets.clone() {
            let kept = self.asleep.iter().find(|(kept, _)| *kept == socket);
            let text = kept.map_or("", |(_, text)| text.as_str());
            assert_eq!(text, awareness.kept(socket), "an attachment was not written");
            self.awareness.join(socket, self.who(at, socket), text);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Say(at, what) => {
                let said = self.seats[at].client.set(Some(&format!("{{\"at\":{what}}}")));
                self.seats[at].to_server.push_back(said);
            }
            Step::Fall(at) => {
                let said = self.seats[at].client.set(None);
                self.seats[at].to_server.push_back(said);
            }
            Step::Renew(at) => {
                let said = self.seats[at].client.renew();
                self.seats[at].to_server.extend(said);
            }
            Step::Arrive(at) => _ = self.arrive(at),
            Step::Hear(at) => _ = self.hear(at),
            Step::Lose(at, late) => {
                let old = self.seats[at].socket;
                if late {
                    self.lost.push(old);
                } else {
                    self.end(old);
                }
                self.seats[at].client.disconnect();
                self.connect(at);
            }
            Step::Notice => {
                if let Some(socket) = self.lost.pop() {
                    self.end(socket);
                }
            }
            Step::Sleep => self.sleep(),
            Step::Wait(time) => self.now += time,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// `y-websocket` renews every 15 s what it says. After that everybody knows everybody, whatever happened before.
    #[test]
    fn p13_7_stock_clients_see_each_other_and_nobody_who_is_gone(steps in steps(), keeps_pk: bool) {
        let mut world = World::new(keeps_pk);
        steps.into_iter().for_each(|step| world.step(step));
        std::mem::take(&mut world.lost).into_iter().for_each(|socket| world.end(socket));
        world.settle();
        for _ in 0..2 {
            (0..4).for_each(|at| world.step(Step::Renew(at)));
            world.settle();
        }
        let known: BTreeMap<u64, String> = world
            .awareness
            .all()
            .map(|all| decode(&all))
            .unwrap_or_default()
            .into_iter()
            .map(|(id, _, state)| (id, state.unwrap()))
            .collect();
        for seat in &world.seats {
            let own = seat.client.id;
            let says = seat.client.connect().is_some();
            prop_assert_eq!(known.contains_key(&own), says);
            let others = known.clone().into_iter().filter(|(id, _)| *id != own).collect();
            prop_assert_eq!(seat.client.others(), others);
        }
    }
}

#[test]
fn p13_7_one_move_among_ten_is_one_message_in_and_nine_out() {
    let mut world = World::new(true);
    for at in 4..10 {
        let client = Stock::new(2_000 + at);
        let (to_server, to_client) = Default::default();
        world.seats.push(Seat { client, socket: SocketId(0), to_server, to_client });
        world.connect(at as usize);
    }
    let all = 0..10_usize;
    let drain = |world: &mut World| {
        let mut heard = 0;
        while all.clone().any(|at| {
            !world.seats[at].to_client.is_empty() || !world.seats[at].to_server.is_empty()
        }) {
            for at in all.clone() {
                world.arrive(at);
                heard += usize::from(world.hear(at));
            }
        }
        heard
    };
    drain(&mut world);
    world.step(Step::Say(3, 7));
    assert_eq!(drain(&mut world), 9);
}
