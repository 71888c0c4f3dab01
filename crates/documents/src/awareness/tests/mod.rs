//! What sockets say, and what is made of it.

mod kept;
mod shown;

use super::*;
use validiant_core::names::{Avatar, UserName};

const NOW: Millis = 1_700_000_000_000;
/// A state that says of nobody who it is.
const CARET: &str = r#"{"caret":7}"#;

fn user(id: &str) -> User {
    User {
        id: UserId::parse(id).unwrap(),
        name: UserName::parse(&format!("{id} \"X\"")).ok(),
        avatar: Avatar::parse("https://a.example/a.png").ok(),
        verified: true,
    }
}

fn who(user: Option<User>, connection: &str) -> Who {
    Who { user, connection: ConnectionId::parse(connection).unwrap(), connected_at: NOW }
}

/// An update of these clients, clocks and states.
fn update(entries: &[(u64, u64, &str)]) -> Vec<u8> {
    let mut update = Update::default();
    for (client, clock, json) in entries {
        update.put(*client, *clock, json);
    }
    update.into_bytes().unwrap()
}

fn read(update: Option<&Vec<u8>>) -> Vec<(u64, u64, String)> {
    let read = |entry: Entry<'_>| (entry.client, entry.clock, entry.json().unwrap().to_owned());
    update.map(|update| entries(update).unwrap().map(read).collect()).unwrap_or_default()
}

/// A document with sockets 1, 2, … of users whose names are letters; `_` is a socket without a user.
struct Room {
    awareness: Awareness,
    sockets: u32,
}

impl Room {
    fn of(users: &str) -> Self {
        let mut room = Self { awareness: Awareness::default(), sockets: 0 };
        for user in users.chars() {
            room.join(user, &format!("pk{}", room.sockets));
        }
        room
    }

    fn join(&mut self, letter: char, connection: &str) -> SocketId {
        self.sockets += 1;
        let named = (letter != '_').then(|| User { avatar: None, ..user(&letter.to_string()) });
        let named = named.map(|user| User { name: None, ..user });
        self.awareness.join(SocketId(self.sockets), who(named, connection), "");
        SocketId(self.sockets)
    }

    fn sends(&mut self, socket: u32, entries: &[(u64, u64, &str)]) -> Change {
        self.awareness.receive(SocketId(socket), &update(entries), NOW).unwrap()
    }

    /// What the others are told when a socket sends this.
    fn told(&mut self, socket: u32, entries: &[(u64, u64, &str)]) -> Vec<(u64, u64, String)> {
        read(self.sends(socket, entries).update.as_ref())
    }

    fn known(&self) -> Vec<(u64, u64, String)> {
        read(self.awareness.all().as_ref())
    }

    /// The same document after it hibernated.
    fn woken(&self) -> Self {
        let mut awareness = Awareness::default();
        for (socket, owner) in self.awareness.sockets.iter() {
            let letter = owner.user.as_ref().map(|id| user(id.as_str()));
            let user = letter.map(|user| User { name: None, avatar: None, ..user });
            let who = Who {
                user,
                connection: owner.connection.clone(),
                connected_at: owner.connected_at,
            };
            awareness.join(*socket, who, &self.awareness.kept(*socket));
        }
        Self { awareness, sockets: self.sockets }
    }
}

fn entry(client: u64, clock: u64, json: &str) -> (u64, u64, String) {
    (client, clock, json.to_owned())
}

#[test]
fn p13_7_the_vector_of_a_state_is_passed_on_byte_for_byte() {
    let ann = b"\x01\x01\x01\x17{\"user\":{\"name\":\"Ann\"}}";
    let mut room = Room::of("__");
    let change = room.awareness.receive(SocketId(1), ann, NOW).unwrap();
    assert_eq!(change.update.as_deref(), Some(ann.as_slice()));
    assert_eq!((change.is_for_sender, change.keep), (false, vec![SocketId(1)]));
    assert_eq!(room.awareness.all().as_deref(), Some(ann.as_slice()));
    let gone = b"\x01\x01\x01\x04null";
    assert_eq!(room.awareness.leave(SocketId(1)).as_deref(), Some(gone.as_slice()));
    assert_eq!(room.awareness.all(), None);
}

#[test]
fn p13_7_a_client_id_belongs_to_the_first_socket_that_uses_it() {
    let mut room = Room::of("__");
    room.told(1, &[(7, 1, CARET)]);
    assert_eq!(room.sends(2, &[(7, 2, "{}"), (7, 3, "null")]), Change::default());
    assert_eq!(room.told(2, &[(7, 9, "null"), (8, 0, "{}")]), [entry(8, 0, "{}")]);
    assert_eq!(room.known(), [entry(7, 1, CARET), entry(8, 0, "{}")]);
}

#[test]
fn p13_7_what_comes_back_from_others_leads_to_nothing() {
    let mut room = Room::of("abc");
    let sent = room.sends(1, &[(7, 1, CARET)]).update.unwrap();
    for socket in [1, 2, 3] {
        let echo = room.awareness.receive(SocketId(socket), &sent, NOW);
        assert_eq!(echo, Ok(Change::default()));
    }
}

#[test]
fn p13_7_what_comes_back_after_its_client_is_gone_binds_nothing() {
    let mut room = Room::of("abc");
    let sent = room.sends(1, &[(7, 5, CARET)]).update.unwrap();
    let gone = room.awareness.leave(SocketId(1)).unwrap();
    for echo in [&sent, &gone] {
        let change = room.awareness.receive(SocketId(2), echo, NOW).unwrap();
        assert_eq!((change.update, change.keep), (None, vec![]));
    }
    room.join('a', "pk0");
    assert_eq!(room.told(4, &[(7, 6, "{}")]).len(), 1);
}

#[test]
fn p13_7_a_client_that_comes_back_with_its_old_clock_is_told_to_raise_it() {
    let mut room = Room::of("ab");
    room.sends(1, &[(7, 5, CARET)]);
    room.awareness.leave(SocketId(1));
    room.join('a', "pk0");
    let change = room.sends(3, &[(7, 5, CARET)]);
    assert_eq!(read(change.reply.as_ref()), [entry(7, 5, "null")]);
    assert_eq!(change.update, None);
    assert_eq!(room.told(3, &[(7, 6, CARET)]).len(), 1);
}

#[test]
fn p13_7_a_socket_owns_at_most_four_ids() {
    let mut room = Room::of("_");
    let all: Vec<_> = (1..=5).map(|id| (id, 1, CARET)).collect();
    assert_eq!(room.told(1, &all).len(), MAX_CLIENTS);
    // One that is gone makes place.
    assert_eq!(room.told(1, &[(2, 2, "null"), (5, 1, CARET)]).len(), 2);
    let ids: Vec<u64> = room.known().iter().map(|(id, ..)| *id).collect();
    assert_eq!(ids, [1, 3, 4, 5]);
}

#[test]
fn p13_7_only_an_object_of_at_most_1024_bytes_is_a_state() {
    let mut room = Room::of("_");
    let longest = format!("{{\"a\":\"{}\"}}", "a".repeat(MAX_STATE_BYTES - 8));
    assert_eq!(room.told(1, &[(1, 1, &longest)]).len(), 1);
    for wrong in ["[]", "7", "\"a\"", "true", "", " null", "{", "{}{}", &format!("{longest} ")] {
        let entries = [(1, 9, wrong), (2, 1, wrong), (3, 1, "{}")];
        assert_eq!(room.told(1, &entries).len(), 1, "{wrong}");
        room.sends(1, &[(3, 2, "null")]);
        room = Room::of("_");
        room.told(1, &[(1, 1, CARET)]);
    }
    // Not UTF-8.
    let bytes = b"\x02\x01\x02\x03{\xff}\x02\x01\x02{}";
    let change = room.awareness.receive(SocketId(1), bytes, NOW).unwrap();
    assert_eq!(read(change.update.as_ref()), [entry(2, 1, "{}")]);
}

#[test]
fn p13_7_a_newer_clock_wins_and_null_also_with_the_same() {
    let mut room = Room::of("_");
    room.told(1, &[(1, 5, CARET)]);
    assert_eq!(room.told(1, &[(1, 5, "{}"), (1, 4, "null")]), []);
    assert_eq!(room.told(1, &[(1, 5, "null"), (1, 5, "null")]), [entry(1, 5, "null")]);
    assert_eq!(room.told(1, &[(1, 5, "{}"), (1, 6, "null")]), []);
    assert_eq!(room.told(1, &[(1, 6, "{}"), (1, 7, "{}")]).len(), 1);
}

#[test]
fn p13_7_a_clock_that_nobody_can_go_on_from_does_not_count() {
    let mut room = Room::of("_");
    assert_eq!(room.told(1, &[(1, MAX_UINT, "{}")]), []);
    assert_eq!(room.told(1, &[(MAX_UINT, MAX_CLOCK, "{}")]).len(), 1);
}

#[test]
fn p13_7_a_renewal_is_for_its_sender_too() {
    let mut room = Room::of("a_");
    for socket in [1, 2] {
        let client = u64::from(socket);
        let mut is_for_sender = |clock, state| {
            let change = room.sends(socket, &[(client, clock, state)]);
            change.update.is_some() && change.is_for_sender
        };
        assert!(!is_for_sender(1, CARET));
        assert!(is_for_sender(2, CARET));
        assert!(!is_for_sender(3, "{}"));
    }
}

#[test]
fn p13_7_somebody_who_moves_all_the_time_hears_of_it_every_15_seconds() {
    let mut room = Room::of("_");
    let mut is_for_sender = |seconds: u64| {
        let state = format!("{{\"at\":{seconds}}}");
        let moved = update(&[(1, seconds + 1, &state)]);
        let at = NOW + seconds * 1_000;
        room.awareness.receive(SocketId(1), &moved, at).unwrap().is_for_sender
    };
    let heard: Vec<u64> = (0..50).filter(|seconds| is_for_sender(*seconds)).collect();
    assert_eq!(heard, [15, 30, 45]);
}

#[test]
fn p13_7_the_newer_socket_of_a_client_takes_its_ids_over() {
    let mut room = Room::of("ab");
    room.told(1, &[(7, 5, CARET)]);
    room.join('a', "pk0");
    let change = room.sends(3, &[(7, 5, CARET)]);
    assert_eq!((change.update, change.keep), (None, vec![SocketId(1), SocketId(3)]));
    assert_eq!(room.awareness.kept(SocketId(1)), "");
    assert_eq!(room.told(1, &[(7, 6, "null")]), []);
    assert_eq!(room.told(3, &[(7, 6, "{}")]).len(), 1);
    assert_eq!(room.awareness.leave(SocketId(1)), None);
    assert_eq!(read(room.awareness.leave(SocketId(3)).as_ref()), [entry(7, 6, "null")]);
}

#[test]
fn p13_7_without_a_pk_a_newer_clock_shows_that_it_is_the_same_client() {
    let mut room = Room::of("a");
    room.told(1, &[(7, 5, CARET)]);
    room.join('a', "other");
    assert_eq!(room.sends(2, &[(7, 5, CARET)]), Change::default());
    assert_eq!(room.told(2, &[(7, 6, CARET)]).len(), 1);
    // But not for another user, nor for somebody without one, nor on an older socket.
    room.join('b', "other");
    room.join('_', "other");
    for socket in [1, 3, 4] {
        assert_eq!(room.sends(socket, &[(7, 9, CARET)]), Change::default(), "{socket}");
    }
}

#[test]
fn p13_7_a_user_whom_no_token_names_takes_nothing_from_one_whom_it_does() {
    let mut room = Room::of("a");
    room.told(1, &[(7, 5, CARET)]);
    let pretender = User::unverified(UserId::parse("a").unwrap(), None);
    room.awareness.join(SocketId(2), who(Some(pretender), "pk0"), "");
    assert_eq!(room.sends(2, &[(7, 6, CARET)]), Change::default());
}

#[test]
fn p13_3_what_is_no_awareness_update_changes_nothing() {
    let mut room = Room::of("_");
    let whole = update(&[(1, 1, "{}"), (2, 1, "{}")]);
    for end in 0..whole.len() {
        assert_eq!(room.awareness.receive(SocketId(1), &whole[..end], NOW), Err(Unreadable));
    }
    let longer = [whole.as_slice(), b"\0"].concat();
    assert_eq!(room.awareness.receive(SocketId(1), &longer, NOW), Err(Unreadable));
    assert_eq!(room.known(), []);
    assert_eq!(room.awareness.receive(SocketId(1), b"\0", NOW), Ok(Change::default()));
}
