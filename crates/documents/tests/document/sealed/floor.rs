//! The floor (P14.2, P14.7, P14.8): what it refuses, and how it is remembered.

use validiant_core::names::UserId;
use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::reason::Reason;
use validiant_documents::room::NotSeeded;

use super::{Told, member, put, say, sealed, update};
use crate::memory::Out;
use crate::world::{Editor, World, visitor};

const OTHER_KIND: Closing = CloseCode::BAD_REQUEST.because(Reason::Encryption);

fn stale(id: u64, floor: u64) -> Told {
    Told::Refused { id, code: "stale_key_epoch".into(), number: floor }
}

fn raise(world: &mut World, floor: u32) -> usize {
    let closed = world.document.raise(floor, world.now).len();
    world.end_turn();
    closed
}

#[test]
fn p14_8_what_is_under_the_floor_is_neither_stored_nor_passed_on() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_sealed(user));
    world.send(ann, update(1, &sealed(7, "before")));
    raise(&mut world, 8);
    for socket in [ann, ben] {
        assert_eq!(world.told(socket).last(), Some(&Told::KeyEpoch(8)));
    }
    world.send(ann, update(2, &sealed(7, "under")));
    world.send(ann, put(3, 0, 1, &sealed(7, "under")));
    world.send(ann, say(&sealed(7, "under")));
    assert_eq!(world.told(ann), [stale(2, 8), stale(3, 8), stale(0, 8)]);
    assert_eq!(world.told(ben), []);
    world.send(ann, update(4, &sealed(8, "at")));
    world.send(ann, update(5, &sealed(9, "over")));
    assert_eq!(world.contents(), ["before", "at", "over"], "what was there stays");
    assert_eq!(world.current().floor, 8);
}

#[test]
fn p14_2_it_only_goes_up_and_is_told_once() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    for floor in [8, 8, 5, 0, 9] {
        raise(&mut world, floor);
    }
    assert_eq!(world.told(ann), [Told::KeyEpoch(8), Told::KeyEpoch(9)]);
}

#[test]
fn p14_2_it_survives_hibernation_without_a_row() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    let before = world.rows_written();
    raise(&mut world, 8);
    assert_eq!(world.rows_written(), before);
    world.sleep();
    world.inbox(ann);
    world.send(ann, update(2, &sealed(7, "under")));
    assert_eq!(world.told(ann), [stale(2, 8)]);
    assert_eq!(world.connect(visitor("ben")), Err(OTHER_KIND));
}

#[test]
fn p14_7_when_a_project_gets_its_first_floor_sockets_that_do_not_encrypt_are_closed() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    world.edit(ann, &Editor::new(1).add("x"));
    world.inbox(ann);
    assert_eq!(raise(&mut world, 1), 1);
    assert_eq!(world.received(ann), [Out::Close(OTHER_KIND)]);
    assert!(world.document.read().is_ok(), "a backend can still read it");
    assert_eq!(world.due().release.map(|_| ()), Some(()));
}

#[test]
fn p14_2_in_one_turn_the_removed_hears_nothing_of_it_and_the_others_do() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_sealed(user));
    let id = UserId::parse("ann").unwrap();
    world.document.remove_user(&id, world.now);
    world.document.raise(8, world.now);
    world.end_turn();
    assert_eq!(world.received(ann), [Out::Close(CloseCode::REMOVED.into())]);
    assert_eq!(world.told(ben), [Told::KeyEpoch(8)]);
}

#[test]
fn p14_2_the_project_says_it_with_each_client_that_it_lets_in() {
    let mut world = World::new();
    let ticket = world.document.expect(member("ann"));
    world.document.is_told_floor(ticket, 8, world.now);
    let ann = world.let_in(ticket).unwrap();
    world.send(ann, update(1, &sealed(7, "under")));
    assert_eq!(world.told(ann), [stale(1, 8)], "nothing is told to who comes but by a 13");
    let plain = world.document.expect(visitor("ben"));
    world.document.is_told_floor(plain, 8, world.now);
    assert_eq!(world.let_in(plain), Err(OTHER_KIND));
    world.sleep();
    world.send(ann, update(2, &sealed(7, "under")));
    assert_eq!(world.told(ann), [stale(2, 8)], "remembered with the socket that it came with");
}

#[test]
fn p14_2_it_goes_up_while_somebody_is_expected_whichever_is_heard_first() {
    for said in [7, 8] {
        let mut world = World::new();
        let ticket = world.document.expect(member("ann"));
        // The room let ann in, and said the floor of that time; then it was raised.
        raise(&mut world, 8);
        world.document.is_told_floor(ticket, said, world.now);
        let ann = world.let_in(ticket).unwrap();
        world.send(ann, update(1, &sealed(7, "under")));
        assert_eq!(world.told(ann), [stale(1, 8)]);
    }
}

#[test]
fn p14_2_nobody_plain_comes_in_while_it_is_raised() {
    let mut world = World::new();
    let ticket = world.document.expect(visitor("ann"));
    raise(&mut world, 1);
    assert_eq!(world.let_in(ticket), Err(OTHER_KIND));
}

#[test]
fn p14_2_a_project_that_was_erased_begins_without_one() {
    let mut world = World::new();
    let _ann = world.join_sealed("ann");
    raise(&mut world, 8);
    let late = world.document.expect(member("late"));
    world.document.erase(world.now).unwrap();
    world.end_turn();
    let cem = world.document.expect(visitor("cem"));
    // Of before the erasure.
    world.document.is_told_floor(late, 8, world.now);
    assert_eq!(world.let_in(late), Err(CloseCode::TRY_AGAIN.into()));
    assert!(world.let_in(cem).is_ok());
}

#[test]
fn p14_2_an_empty_document_that_nobody_has_open_remembers_none() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    raise(&mut world, 8);
    world.leave(ann);
    // The project was erased meanwhile: it no longer knows of this document, so it could not say so.
    assert!(world.connect(visitor("ben")).is_ok());
}

#[test]
fn p14_10_a_project_with_a_floor_takes_no_plain_content() {
    let mut world = World::new();
    let seed = Editor::new(1).add("x");
    let ticket = world.document.expect(visitor(""));
    world.document.is_told_floor(ticket, 1, world.now);
    world.document.admit(ticket).unwrap();
    assert_eq!(world.document.seed(&seed, world.now), Err(NotSeeded::Encrypted));
}
