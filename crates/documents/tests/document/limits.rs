//! How much a client may send, and how large a document may be.

use validiant_core::limits::rate::Rate;
use validiant_core::wire::close_code::CloseCode;
use validiant_documents::room::{DocumentSettings, Incoming};
use validiant_documents::sync;

use crate::memory::SETTINGS;
use crate::world::{Editor, World};

const MAX: usize = 65_536;

fn small() -> World {
    World::with(DocumentSettings { max_bytes: MAX, ..SETTINGS })
}

fn full() -> validiant_core::wire::close_code::Closing {
    CloseCode::MESSAGE_TOO_BIG.for_limit("documentBytes")
}

#[test]
fn p13_8_a_frame_over_the_limit_closes_its_socket() {
    let mut world = small();
    let ann = world.join_quietly("ann");
    let closed = world.edit(ann, &Editor::new(1).add(&"x".repeat(MAX))).unwrap();
    assert_eq!(closed.closing, CloseCode::MESSAGE_TOO_BIG.into());
    let ben = world.join_quietly("ben");
    let closed = world.document.message(ben, Incoming::TooBig, world.now).unwrap();
    assert_eq!(closed.closing, CloseCode::MESSAGE_TOO_BIG.into());
}

#[test]
fn p13_8_an_update_for_which_there_is_no_space_closes_its_socket_and_is_not_taken() {
    let mut world = small();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_quietly(user));
    let mut editor = Editor::new(1);
    world.edit(ann, &editor.add(&"x".repeat(MAX - 2_000)));
    world.inbox(ben);
    let closed = world.edit(ann, &editor.add(&"y".repeat(2_000))).unwrap();
    assert_eq!(closed.closing, full());
    assert_eq!(world.inbox(ben), [[0; 0]; 0]);
    assert_eq!(world.text(), "x".repeat(MAX - 2_000));
    assert!(world.edit(ben, &Editor::new(2).add("y")).is_none(), "for that there is");
}

#[test]
fn p13_8_what_has_been_deleted_does_not_count() {
    let mut world = small();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    for round in 0..10 {
        assert!(world.edit(ann, &editor.add(&"x".repeat(30_000))).is_none(), "{round}");
        world.edit(ann, &editor.delete(0, 30_000));
        world.now += 10_000;
    }
    assert!(world.document.read().unwrap().len() < 1_000);
    assert!(world.due().compact);
}

#[test]
fn p13_8_a_document_is_never_larger_than_the_limit() {
    let mut world = small();
    let (mut ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    let mut was_full = false;
    for _ in 0..500 {
        world.now += 1_000;
        if let Some(closed) = world.edit(ann, &editor.insert(0, &"words ".repeat(30))) {
            assert_eq!(closed.closing, full());
            was_full = true;
            ann = world.join_quietly("ann");
        }
    }
    let len = world.document.read().unwrap().len();
    assert!(was_full && (MAX - MAX / 32..=MAX).contains(&len), "{len}");
}

#[test]
fn p13_8_no_update_is_refused_for_its_rate_until_it_is_20_times_the_limit() {
    let mut world =
        World::with(DocumentSettings { messages: Rate { per_second: 1, burst: 2 }, ..SETTINGS });
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    for _ in 0..40 {
        assert_eq!(world.edit(ann, &editor.add("x")), None);
    }
    let closed = world.edit(ann, &editor.add("x")).unwrap();
    assert_eq!(closed.closing, CloseCode::RATE_LIMITED.into());
    assert_eq!(world.text().len(), 40, "what it had sent is written");
}

#[test]
fn p13_8_long_messages_count_as_several() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    let mut editor = Editor::new(1);
    world.edit(ann, &editor.add(&"x".repeat(3_000_000)));
    let ben = world.join_quietly("ben");
    let asks = |world: &mut World| world.send(ben, sync::step_1(b"\0"));
    assert!((0..4).all(|_| asks(&mut world).is_none()));
    let closed = asks(&mut world).unwrap();
    assert_eq!(closed.closing, CloseCode::RATE_LIMITED.into());
}

#[test]
fn p13_8_over_the_deliveries_an_update_closes_its_sender_and_the_others_never_see_it() {
    let mut world =
        World::with(DocumentSettings { deliveries: Rate { per_second: 1, burst: 3 }, ..SETTINGS });
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_quietly(user));
    let mut editor = Editor::new(1);
    for _ in 0..3 {
        assert_eq!(world.edit(ann, &editor.add("x")), None);
    }
    world.inbox(ben);
    let closed = world.edit(ann, &editor.add("y")).unwrap();
    assert_eq!(closed.closing, CloseCode::RATE_LIMITED.into());
    assert_eq!(world.inbox(ben), [[0; 0]; 0]);
    assert_eq!(world.text(), "xxx");
    let again = world.join_quietly("ann");
    world.pass(10_000);
    assert_eq!(
        world.send(again, sync::step_2(&editor.all())),
        None,
        "it brings it when it is back"
    );
    assert_eq!(world.text(), "xxxy");
}

#[test]
fn p13_8_over_the_deliveries_awareness_is_dropped() {
    let mut world =
        World::with(DocumentSettings { deliveries: Rate { per_second: 1, burst: 1 }, ..SETTINGS });
    let [ann, ben] = ["", ""].map(|user| world.join_quietly(user));
    let state = |clock| sync::awareness(&[1, 1, clock, 2, b'{', b'}']);
    for clock in 1..5 {
        assert_eq!(world.send(ann, state(clock)), None);
    }
    assert_eq!(world.inbox(ben), [state(1)]);
    let cem = world.join("");
    assert_eq!(world.inbox(cem).last(), Some(&state(4)), "who comes hears the newest");
}
