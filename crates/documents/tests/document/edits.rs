//! A client changes the document, and hears when that is durable.

use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::reason::Reason;
use validiant_documents::room::Incoming;
use validiant_documents::sync;
use validiant_documents::visitor::Visitor;

use crate::memory::{Frame, Out};
use crate::world::{Editor, World, visitor};

#[test]
fn p13_5_an_update_goes_to_all_others_at_once_as_the_very_frame_that_came() {
    let mut world = World::new();
    let [ann, ben, cem] = ["ann", "ben", "cem"].map(|user| world.join_quietly(user));
    let frame = Frame::from(sync::update(&Editor::new(1).add("hi")));
    world.document.message(ann, Incoming::Binary(frame.clone()), world.now);
    for socket in [ben, cem] {
        let received = world.received(socket);
        assert!(matches!(&received[..], [Out::Frame(got)] if got.is_same(&frame)), "{received:?}");
    }
}

#[test]
fn p13_5_the_sender_gets_its_update_back_once_it_is_durable_and_not_before() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    let frame = Frame::from(sync::update(&Editor::new(1).add("hi")));
    world.document.message(ann, Incoming::Binary(frame.clone()), world.now);
    assert_eq!(world.received(ann), []);
    world.end_turn();
    assert_eq!(world.received(ann), [Out::Frame(frame)]);
}

#[test]
fn p13_5_updates_are_acknowledged_in_their_order_also_where_nothing_is_new() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    let updates = ["a", "b", "c"].map(|text| editor.add(text));
    let sent = [&updates[0], &updates[1], &updates[0], &updates[2], &updates[1]];
    for update in sent {
        world.edit(ann, update);
    }
    assert_eq!(world.inbox(ann), [sync::update(&updates[0])], "the first one is written at once");
    world.pass(6_000);
    let rest: Vec<_> = sent[1..].iter().map(|update| sync::update(update)).collect();
    assert_eq!(world.inbox(ann), rest);
}

#[test]
fn p13_5_an_answer_with_something_new_is_an_update_for_the_others_and_not_acknowledged() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_quietly(user));
    let update = Editor::new(1).add("hi");
    world.send(ann, sync::step_2(&update));
    assert_eq!(world.inbox(ben), [sync::update(&update)]);
    assert_eq!(world.inbox(ann), [[0; 0]; 0]);
    assert_eq!(world.text(), "hi");
}

#[test]
fn p13_5_an_answer_is_durable_before_it_reaches_anybody() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_quietly(user));
    world.edit(ann, &Editor::new(2).add("just written"));
    world.inbox(ben);
    let update = Editor::new(1).add("hi");
    let answer = Frame::from(sync::step_2(&update));
    world.document.message(ann, Incoming::Binary(answer), world.now);
    assert_eq!(world.received(ben), []);
    world.end_turn();
    assert_eq!(world.inbox(ben), [sync::update(&update)]);
    world.crash();
    assert!(world.text().contains("hi"));
}

#[test]
fn p13_6_what_contains_nothing_new_is_neither_stored_nor_passed_on() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_quietly(user));
    let mut editor = Editor::new(1);
    world.edit(ann, &editor.add("hi"));
    world.edit(ann, &editor.delete(0, 1));
    world.pass(6_000);
    world.inbox(ann);
    world.inbox(ben);
    let rows = world.rows_written();
    let all = editor.all();
    world.send(ann, sync::step_2(&all));
    assert_eq!(world.inbox(ann), [[0; 0]; 0]);
    world.edit(ann, &all);
    assert_eq!(world.inbox(ann), [sync::update(&all)]);
    world.pass(10_000);
    assert_eq!(world.inbox(ben), [[0; 0]; 0]);
    assert_eq!(world.rows_written(), rows);
}

#[test]
fn p13_6_a_reconnect_writes_nothing() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add("hi"));
    let _keeps_it_open = world.join("ben");
    let rows = world.rows_written();
    for _ in 0..10 {
        let again = world.join("ann");
        world.send(again, sync::step_1(&editor.has()));
        world.send(again, sync::step_2(&editor.all()));
        world.leave(again);
        world.sleep();
    }
    assert_eq!(world.rows_written(), rows);
}

#[test]
fn p13_2_who_may_only_read_is_told_once_and_changes_nothing() {
    let mut world = World::new();
    let ann = world.connect(Visitor { may_write: false, ..visitor("ann") }).unwrap();
    let ben = world.join_quietly("ben");
    world.inbox(ann);
    let mut editor = Editor::new(1);
    world.send(ann, sync::step_2(b"\0\0"));
    assert_eq!(world.inbox(ann), [[0; 0]; 0]);
    world.send(ann, sync::step_2(&editor.add("x")));
    assert_eq!(world.inbox(ann), [sync::denied("This token may only read.")]);
    world.edit(ann, &editor.add("x"));
    world.sleep();
    world.edit(ann, &editor.add("x"));
    assert_eq!((world.inbox(ann), world.inbox(ben)), (vec![], vec![]));
    assert_eq!(world.rows(), [0; 0]);
}

#[test]
fn p13_3_what_can_not_be_read_closes_the_socket() {
    for frame in
        [&b""[..], b"\x05", b"\0\x02\x01\x07", b"\0\0\x02\x01\x01", b"\x01\x01\x05", b"\x03\x03"]
    {
        let mut world = World::new();
        let ann = world.join_quietly("ann");
        let closed = world.send(ann, frame.to_vec()).unwrap();
        assert_eq!(closed.closing, CloseCode::BAD_REQUEST.because(Reason::Message), "{frame:?}");
        assert_eq!(world.closing(ann), Some(closed.closing));
    }
}

#[test]
fn p13_3_text_is_ignored() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    assert_eq!(world.document.message(ann, Incoming::Text, world.now), None);
    assert_eq!(world.received(ann), []);
}

#[test]
fn a_frame_in_flight_when_its_socket_was_closed_is_ignored() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    world.send(ann, b"\x07".to_vec());
    assert_eq!(world.edit(ann, &Editor::new(1).add("x")), None);
    assert_eq!(world.rows(), [0; 0]);
}
