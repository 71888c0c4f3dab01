//! A client connects, and asks for what it lacks.

use validiant_core::names::ConnectionId;
use validiant_core::wire::close_code::CloseCode;
use validiant_documents::room::DocumentSettings;
use validiant_documents::sync;
use validiant_documents::visitor::Visitor;

use crate::memory::{Out, SETTINGS};
use crate::world::{Editor, World, text_of, visitor};

/// The update in an answer to a state vector.
fn step_2(frame: &[u8]) -> &[u8] {
    match sync::Message::read(frame) {
        Ok(sync::Message::Step2(update)) => update,
        other => panic!("{other:?}"),
    }
}

#[test]
fn p13_4_the_first_message_is_the_servers_state_vector() {
    let mut world = World::new();
    let ann = world.join("ann");
    assert_eq!(world.inbox(ann), [b"\0\0\x01\0"]);
    world.edit(ann, &Editor::new(1).add("hi"));
    let ben = world.join("ben");
    assert_eq!(world.inbox(ben), [b"\0\0\x03\x01\x01\x02"]);
}

#[test]
fn p13_4_what_is_not_written_yet_is_in_the_state_vector_and_in_the_answer() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join("ann"), Editor::new(1));
    world.edit(ann, &editor.add("a"));
    world.edit(ann, &editor.add("b"));
    assert!(world.due().write_in.is_some());
    let ben = world.join("ben");
    assert_eq!(world.inbox(ben), [b"\0\0\x03\x01\x01\x02"]);
    world.send(ben, sync::step_1(b"\0"));
    assert_eq!(text_of(step_2(&world.inbox(ben)[0])), "ab");
}

#[test]
fn p13_4_a_state_vector_is_answered_by_what_the_client_lacks_and_the_whole_delete_set() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join("ann"), Editor::new(1));
    world.edit(ann, &editor.add("hi"));
    world.edit(ann, &editor.delete(0, 1));
    let ben = world.join_quietly("ben");
    world.send(ben, sync::step_1(&editor.has()));
    assert_eq!(world.inbox(ben), [b"\0\x01\x06\0\x01\x01\x01\0\x01"]);
    world.send(ben, sync::step_1(b"\0"));
    assert_eq!(text_of(step_2(&world.inbox(ben)[0])), "i");
}

#[test]
fn p13_4_an_empty_document_is_an_empty_answer() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    world.send(ann, sync::step_1(b"\0"));
    assert_eq!(world.inbox(ann), [b"\0\x01\x02\0\0"]);
}

#[test]
fn p13_4_after_hibernation_and_after_a_crash_everything_durable_is_there() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    world.edit(ann, &Editor::new(1).add("hi"));
    world.sleep();
    world.send(ann, sync::step_1(b"\0"));
    assert_eq!(text_of(step_2(world.inbox(ann).last().unwrap())), "hi");
    world.crash();
    let ben = world.join("ben");
    world.send(ben, sync::step_1(b"\0"));
    assert_eq!(text_of(step_2(world.inbox(ben).last().unwrap())), "hi");
}

#[test]
fn p13_4_the_states_of_others_follow_the_greeting() {
    let mut world = World::new();
    let ann = world.join_quietly("");
    world.send(ann, sync::awareness(b"\x01\x01\x01\x02{}"));
    let ben = world.join("");
    assert_eq!(world.inbox(ben), [b"\0\0\x01\0".to_vec(), sync::awareness(b"\x01\x01\x01\x02{}")]);
}

#[test]
fn p13_4_the_client_that_can_not_be_served_comes_again() {
    let mut world = World::new();
    world.platform().borrow_mut().wires.is_full = true;
    assert_eq!(world.connect(visitor("ann")), Err(CloseCode::TRY_AGAIN.into()));
}

#[test]
fn p13_8_a_user_at_the_limit_is_refused_and_a_full_document_too() {
    let mut world = World::with(DocumentSettings { user_sockets: 1, room_sockets: 2, ..SETTINGS });
    let named = |user, name: &str| {
        let connection_id = ConnectionId::parse(name).unwrap();
        Visitor { connection_id, ..visitor(user) }
    };
    world.connect(named("ann", "1")).unwrap();
    let full = |limit| Err(CloseCode::CONNECTION_LIMIT.for_limit(limit));
    assert_eq!(world.connect(named("ann", "2")), full("userSockets"));
    world.connect(named("ben", "1")).unwrap();
    assert_eq!(world.connect(named("cem", "1")), full("roomSockets"));
}

#[test]
fn p13_8_a_client_that_comes_again_replaces_its_old_socket_at_the_limit() {
    let mut world = World::with(DocumentSettings { user_sockets: 1, ..SETTINGS });
    let old = world.connect(visitor("ann")).unwrap();
    let new = world.connect(visitor("ann")).unwrap();
    assert_eq!(world.received(old)[1..], [Out::Close(CloseCode::REPLACED.into())]);
    assert_eq!(world.document.sockets(), 1);
    world.leave(old);
    assert!(world.send(new, b"\x03".to_vec()).is_none());
}

#[test]
fn p13_4_a_ticket_of_an_earlier_life_lets_nobody_in() {
    let mut world = World::new();
    let ticket = world.document.expect(visitor("ann"));
    world.now += 1;
    world.sleep();
    assert_eq!(world.let_in(ticket), Err(CloseCode::TRY_AGAIN.into()));
    world.document.expect(visitor("ben"));
    assert_eq!(world.let_in(ticket), Err(CloseCode::TRY_AGAIN.into()));
}
