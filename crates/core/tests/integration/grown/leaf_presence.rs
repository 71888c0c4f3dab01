//! Presence and presence data at a leaf: what it says to the root, and what comes back (P5.5, P12, P15).

use validiant_core::member::{Member, SocketId};
use validiant_core::names::ConnectionId;
use validiant_core::tree::Place;
use validiant_core::tree::wire::{At, Entry, Head, UpAnswer, UpOutcome};

use super::entries::{data_told, who_is_at};
use super::leaf_world::{LeafWorld, PLACE};

fn at(socket: SocketId) -> At {
    At { place: PLACE, socket }
}

#[test]
fn p12_7_a_change_goes_up_and_reaches_those_at_the_same_place_when_it_comes_down() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(3);
    let sockets: Vec<_> = users.iter().map(|user| world.join(user)).collect();
    world.set(sockets[1], r#"{"at":"board"}"#);
    world.answer_calls();
    world.set(sockets[0], r#"{"at":"board","x":1}"#);
    assert!(sockets.iter().all(|socket| world.types(*socket) == ["CONNECTED"]));
    let said = world.ups().remove(0).entries;
    let Entry::Updated { heard_at, but, always, is_limited, .. } = &said[0] else {
        panic!("{said:?}")
    };
    assert_eq!(
        (heard_at.as_slice(), *but, *is_limited),
        (&["board".to_owned()][..], Some(sockets[0]), true)
    );
    assert_eq!(always.len(), 0);
    let reached = world.down(said).reached;
    assert_eq!(reached[0].recipients, 1);
    assert_eq!(world.types(sockets[1]), ["CONNECTED", "USER_UPDATED"]);
    assert_eq!(world.types(sockets[0]), ["CONNECTED"]);
    assert_eq!(world.types(sockets[2]), ["CONNECTED"]);
}

#[test]
fn p12_5_the_other_sockets_of_a_connection_hear_what_it_has_said() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let sockets = [world.join(&user), world.join(&user)];
    world.set(sockets[0], r#"{"x":1}"#);
    let said = world.answer_calls();
    world.down(said);
    assert_eq!(world.types(sockets[0]), ["CONNECTED"]);
    assert_eq!(world.types(sockets[1]), ["CONNECTED", "USER_UPDATED"]);
}

#[test]
fn p12_7_who_comes_to_a_place_asks_all_places_and_each_answers_for_its_own() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(2);
    let sockets: Vec<_> = users.iter().map(|user| world.join(user)).collect();
    world.set(sockets[0], r#"{"at":"board"}"#);
    world.answer_calls();
    world.down(vec![who_is_at("board")]);
    let said = world.answer_calls();
    assert_eq!(said.len(), 1);
    let Entry::One { to, is_introduction, frame } = &said[0] else { panic!("{said:?}") };
    assert_eq!((to.place, to.socket, is_introduction), (Place::ROOT, SocketId(9), &true));
    assert!(frame.contains(&users[0]));
}

#[test]
fn p12_7_a_client_is_introduced_to_a_hundred_at_most() {
    let mut world = LeafWorld::in_session();
    let socket = world.join(&world.someone());
    world.set(socket, r#"{"at":"board"}"#);
    let said = world.answer_calls();
    assert!(matches!(said[1], Entry::Introduce { .. }), "{said:?}");
    let one =
        |_| Entry::One { to: at(socket), is_introduction: true, frame: "{\"type\":\"I\"}".into() };
    world.down((0..150).map(one).collect());
    assert_eq!(world.types(socket).len(), 1 + 100);
    let frame = "{\"type\":\"O\"}".to_owned();
    world.down(vec![Entry::One { to: at(socket), is_introduction: false, frame }]);
    assert_eq!(world.types(socket).len(), 1 + 100 + 1);
}

#[test]
fn p5_5_joins_and_leaves_are_told_to_the_root_as_counts_at_most_once_a_second() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(3);
    let first = world.join(&users[0]);
    world.answer_calls();
    world.join(&users[1]);
    world.join(&users[2]);
    assert_eq!(world.ups().len(), 0);
    assert!(world.room.call_due_in(world.now).is_some_and(|ms| (1..=1_000).contains(&ms)));
    world.now += 1_000;
    let up = world.ups().remove(0);
    let counts = up.counts.unwrap();
    assert_eq!((counts.sockets, counts.users, up.is_news), (3, 3, true));
    assert_eq!(world.types(first), ["CONNECTED"], "nobody is told by the leaf itself");
}

#[test]
fn p15_3_a_client_that_is_told_a_guess_makes_the_root_tell_everybody() {
    let mut world = LeafWorld::new();
    world.readiness("", None);
    world.next_up().unwrap();
    let head = Head { others: None, ..world.head() };
    world.answer(&UpAnswer { head, ..world.up_answer(UpOutcome::Done) });
    let user = world.someone();
    world.join(&user);
    world.now += 1_000;
    let ups = world.ups();
    assert!(ups.iter().any(|up| up.is_news), "{ups:?}");
    let socket = world.platform.borrow().sockets().last().unwrap();
    world.room.leave(socket, 1_006, world.now);
    world.join(&user);
    world.now += 1_000;
    assert!(world.ups().iter().all(|up| !up.is_news), "it knows now");
}

/// The root resets the leaf, which begins another life. Returns what it says then.
fn said_after_a_doubt(world: &mut LeafWorld) -> Vec<Entry> {
    world.answer(&world.up_answer(UpOutcome::Reset));
    world.now += 2_000;
    world.root += 1;
    assert_eq!(world.readiness("", None), validiant_core::tree::Readiness::Later);
    world.answer_calls()
}

#[test]
fn p15_6_what_others_may_have_been_told_of_a_connection_is_told_again_after_a_doubt() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let socket = world.join(&user);
    world.answer_calls();
    world.set(socket, r#"{"at":"board"}"#);
    assert_eq!(world.next_up().unwrap().entries.len(), 1, "the root may take it or not");
    world.set(socket, r#"{"at":"list"}"#);
    let said = said_after_a_doubt(&mut world);
    assert_eq!(world.close_of(socket).unwrap().code.number, 4_200);
    let heard_at = vec!["board".to_owned(), "list".to_owned()];
    assert_eq!(data_told(&said), [(heard_at, serde_json::json!({"at": "list"}))]);
}

#[test]
fn p12_5_the_end_of_a_connection_is_told_after_a_doubt_if_its_user_has_had_others() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let first = world.join(&user);
    let other =
        Member { connection_id: ConnectionId::parse("other").unwrap(), ..world.member(&user) };
    world.room.connect((), other, None, world.now).unwrap();
    world.set(first, r#"{"at":"board"}"#);
    world.answer_calls();
    world.now += 1_000;
    world.room.alarm(world.now);
    world.next_up().unwrap();
    let said = said_after_a_doubt(&mut world);
    assert_eq!(data_told(&said), [(vec!["board".to_owned()], serde_json::Value::Null)]);
}

#[test]
fn p15_3_an_answer_that_was_overtaken_by_a_call_tells_no_older_counts() {
    let mut world = LeafWorld::in_session();
    world.join(&world.someone());
    world.now += 1_000;
    world.next_up().unwrap();
    let overtaken = world.up_answer(UpOutcome::Done);
    world.others.users += 7;
    world.down(vec![]);
    world.answer(&overtaken);
    let socket = world.join(&world.users_here(2)[1].clone());
    assert_eq!(world.frames(socket)[0]["payload"]["activeUsers"], 50 + 7 + 2);
}

#[test]
fn p12_6_whoever_returns_to_a_leaf_is_told_of_with_the_data_that_stand() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let socket = world.join(&user);
    world.set(socket, r#"{"at":"board"}"#);
    world.answer_calls();
    world.room.leave(socket, 1_006, world.now);
    world.answer_calls();
    world.join(&user);
    let said = world.answer_calls();
    let tells = |entry: &Entry| entry.frame().is_some_and(|it| it.contains(r#""at":"board""#));
    assert!(said.iter().any(tells), "{said:?}");
}
