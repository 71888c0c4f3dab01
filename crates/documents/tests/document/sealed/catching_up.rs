//! A client gets what it lacks (P14.8).

use super::{Current, Told, put, sealed, update};
use crate::world::World;

#[test]
fn p14_8_an_empty_document_has_nothing_and_greets_nobody() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    assert_eq!(world.told(ann), []);
    let nothing = Current { may_write: 1, is_answer: 1, ..Current::default() };
    assert_eq!(world.caught_up(ann, 0), [Told::Current(nothing)]);
    assert_eq!(
        world.rows_written() - usize::from(world.alarm().is_some()),
        0,
        "a visit costs no rows"
    );
}

#[test]
fn p14_8_a_client_gets_the_entries_after_the_last_one_that_it_has() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    for id in 1..=4 {
        world.append(ann, id, &id.to_string());
    }
    let log = world.now;
    for since in 0..=4 {
        let mut told = world.caught_up(ann, since).into_iter();
        if since < 4 {
            let entries = told.next().and_then(Told::entries).unwrap();
            let numbers: Vec<u64> = entries.iter().map(|entry| entry.seq).collect();
            assert_eq!(numbers, (since + 1..=4).collect::<Vec<_>>(), "stored or not");
        }
        let current = Current { newest: 4, may_write: 1, log, is_answer: 1, ..Current::default() };
        assert_eq!(told.collect::<Vec<_>>(), [Told::Current(current)]);
    }
    assert_eq!(world.caught_up(ann, u64::from(u32::MAX)).len(), 1, "from the future");
}

#[test]
fn p14_8_a_long_log_comes_in_several_frames() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    for id in 1..=20 {
        world.append(ann, id, &"x".repeat(60_000));
        world.pass(10_000);
    }
    world.inbox(ann);
    world.send(ann, super::catch_up(0));
    let frames = world.inbox(ann);
    let (last, entries) = frames.split_last().unwrap();
    assert!(entries.iter().all(|frame| frame.len() < 256 * 1_024 + 61_000));
    assert_eq!(entries.len(), 4);
    let numbers: Vec<u64> = entries
        .iter()
        .filter_map(|frame| super::told(frame).entries())
        .flatten()
        .map(|entry| entry.seq)
        .collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    assert_eq!(super::told(last).current().unwrap().newest, 20);
}

#[test]
fn p14_8_a_long_snapshot_comes_in_parts() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    world.append(ann, 1, "x");
    let snapshot = sealed(3, &"s".repeat(600_000));
    world.send(ann, put(2, 0, 1, &snapshot));
    let told = world.caught_up(ann, 0);
    let mut whole = Vec::new();
    for (place, told) in told[..told.len() - 1].iter().enumerate() {
        let Told::Snapshot { upto: 1, part, parts: 3, sender, bytes } = told else {
            panic!("{told:?}")
        };
        assert_eq!((*part, sender.as_str()), (place as u64 + 1, "u:ann"));
        assert!(bytes.len() <= 256 * 1_024);
        whole.extend_from_slice(bytes);
    }
    assert_eq!(whole, snapshot);
    assert_eq!(world.caught_up(ann, 1).len(), 1, "it has what is in it");
}

#[test]
fn p14_8_everybody_hears_when_the_log_begins() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_sealed(user));
    world.append(ann, 1, "x");
    for socket in [ann, ben] {
        let current = world.told(socket).into_iter().find_map(Told::current).unwrap();
        assert_eq!((current.log, current.newest, current.is_answer), (world.now, 1, 0));
    }
}

#[test]
fn p14_8_after_an_erasure_it_is_another_log() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    world.append(ann, 1, "old");
    let log = world.current().log;
    world.document.erase(world.now).unwrap();
    world.end_turn();
    assert_eq!(world.current(), Current { may_write: 1, is_answer: 1, ..Current::default() });
    world.now += 5;
    let ann = world.join_sealed("ann");
    world.send(ann, update(1, &sealed(1, "new")));
    let current = world.current();
    assert_eq!((current.log, current.newest), (log + 5, 1));
    assert_eq!(world.contents(), ["new"]);
}
