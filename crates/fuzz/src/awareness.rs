//! Who is in a document, and where (P13.7).

mod expected;

use validiant_core::member::{SocketId, User};
use validiant_core::names::{Avatar, ConnectionId, UserId, UserName};
use validiant_documents::awareness::{Awareness, Who};

use self::expected::{Entry, Expected, decode, encode, fields, is_judged, same};

/// The users of sockets: nobody, one whom a token names, and the same name without a token.
const USERS: u8 = 4;
const MAX_STEPS: usize = 64;

/// Steps: one byte for what happens and to which socket, one for the length of what belongs to it, and that.
///
/// Of each message, exactly what the oracle says is passed on, to whom it says, and everybody is known by the states that the
/// oracle knows. What a document remembers after hibernation is what it knew before.
pub fn awareness(data: &[u8]) {
    let mut world = World::default();
    let mut rest = data;
    for _ in 0..MAX_STEPS {
        let [step, len, after @ ..] = rest else { return };
        let Some((body, after)) = after.split_at_checked(usize::from(*len)) else { return };
        rest = after;
        let socket = u32::from(step % 4);
        match step / 4 % 8 {
            0 => world.join(socket, body),
            1 => world.leave(socket),
            2 => world.wake(),
            3 => world.now += 1_000 * u64::from(*len),
            4 => world.receive(world.newest(socket), body),
            5 => world.receive(world.oldest(socket), &one_entry(body)),
            _ => world.receive(world.newest(socket), &one_entry(body)),
        }
        world.check();
    }
}

/// An update with one entry: a byte each for client and clock, then the state.
fn one_entry(body: &[u8]) -> Vec<u8> {
    let [client, clock, state @ ..] = body else { return vec![0] };
    encode(&[(u64::from(client % 8), u64::from(*clock), state.to_vec())])
}

#[derive(Default)]
struct World {
    awareness: Awareness,
    expected: Expected,
    now: u64,
    /// Who is on each socket that there is.
    sockets: Vec<(u32, Who)>,
    opened: u32,
}

impl World {
    fn join(&mut self, place: u32, body: &[u8]) {
        self.opened += 1;
        let id = self.opened * 4 + place;
        let [who, connection] = [0, 1].map(|at| body.get(at).copied().unwrap_or_default());
        let connection = ConnectionId::parse(if connection % 2 == 0 { "a" } else { "b" }).unwrap();
        let who = Who { user: user(who), connection, connected_at: self.now };
        self.expected.join(id, who.clone());
        self.awareness.join(SocketId(id), who.clone(), "");
        self.sockets.push((id, who));
    }

    /// A place can have several sockets: that of a client that came back, and the ones before.
    fn oldest(&self, place: u32) -> u32 {
        self.sockets.iter().map(|(id, _)| *id).find(|id| id % 4 == place).unwrap_or(place)
    }

    fn newest(&self, place: u32) -> u32 {
        self.sockets.iter().map(|(id, _)| *id).rfind(|id| id % 4 == place).unwrap_or(place)
    }

    fn leave(&mut self, place: u32) {
        let id = self.oldest(place);
        self.sockets.retain(|(socket, _)| *socket != id);
        let told = self.awareness.leave(SocketId(id));
        let expected = self.expected.leave(id);
        assert_eq!(told, (!expected.is_empty()).then(|| encode(&expected)));
    }

    fn wake(&mut self) {
        let mut awareness = Awareness::default();
        for (id, who) in &self.sockets {
            awareness.join(SocketId(*id), who.clone(), &self.awareness.kept(SocketId(*id)));
        }
        self.awareness = awareness;
        self.expected.wake();
    }

    fn receive(&mut self, id: u32, update: &[u8]) {
        let entries = decode(update);
        if entries.iter().flatten().any(|(_, _, state)| !is_judged(state)) {
            return;
        }
        let got = self.awareness.receive(SocketId(id), update, self.now);
        let Some(entries) = entries else {
            assert!(got.is_err());
            return;
        };
        let got = got.unwrap();
        let expected = self.expected.receive(id, &entries, self.now);
        same(got.update.as_deref(), &expected.update);
        assert_eq!(got.is_for_sender, expected.is_for_sender);
        same(got.reply.as_deref(), &expected.reply);
        let mut keep: Vec<u32> = got.keep.iter().map(|socket| socket.0).collect();
        keep.sort_unstable();
        assert_eq!(keep, expected.keep);
    }

    fn check(&self) {
        let mut known: Vec<Entry> =
            self.awareness.all().map(|all| decode(&all).unwrap()).unwrap_or_default();
        known.sort();
        let mut expected = self.expected.all();
        expected.sort();
        assert_eq!(known.len(), expected.len());
        for (known, expected) in known.iter().zip(&expected) {
            assert_eq!((known.0, known.1), (expected.0, expected.1));
            assert_eq!(fields(&known.2), fields(&expected.2));
        }
    }
}

fn user(which: u8) -> Option<User> {
    let id = UserId::parse("ann\"\\").unwrap();
    match which % USERS {
        0 => None,
        1 => Some(User::unverified(id, None)),
        2 => Some(User {
            id,
            name: UserName::parse("A \"n\\").ok(),
            avatar: Avatar::parse("https://a.example/\"").ok(),
            verified: true,
        }),
        _ => Some(User { verified: true, ..User::unverified(UserId::parse("bob").unwrap(), None) }),
    }
}
