//! Snapshots by clients, with compare and swap (P14.9).

use validiant_core::member::SocketId;
use validiant_core::wire::close_code::CloseCode;
use validiant_documents::room::DocumentSettings;

use super::{Current, Told, put, sealed, told};
use crate::memory::SETTINGS;
use crate::world::World;

/// A document with so many entries.
fn with(entries: u64) -> (World, SocketId) {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    for id in 1..=entries {
        world.append(ann, id, &id.to_string());
    }
    world.inbox(ann);
    (world, ann)
}

fn stale(id: u64, upto: u64) -> Told {
    Told::Refused { id, code: "snapshot_stale".into(), number: upto }
}

/// The content and `upto` of the snapshot that somebody gets who comes.
fn snapshot(world: &mut World) -> Option<(u64, String)> {
    let socket = world.join_sealed("reader");
    let all = world.caught_up(socket, 0);
    world.leave(socket);
    all.into_iter().find_map(|told| match told {
        Told::Snapshot { upto, bytes, .. } => Some((upto, super::wire::content_of(&bytes))),
        _ => None,
    })
}

#[test]
fn p14_9_a_snapshot_stands_for_the_entries_up_to_one_and_everybody_is_told() {
    let (mut world, ann) = with(3);
    let ben = world.join_sealed("ben");
    world.send(ann, put(9, 0, 2, &sealed(7, "1 2")));
    let told = world.told(ann);
    let kept = [(2, 2), (3, 3), (9, 2)].map(|(id, seq)| Told::Kept { id, seq });
    assert_eq!(told[..3], kept, "what waited is written first");
    let current = world.told(ben).into_iter().find_map(Told::current).unwrap();
    assert_eq!(
        current,
        Current {
            newest: 3,
            upto: 2,
            epoch: 7,
            floor: 0,
            may_write: 1,
            log: world.now,
            is_answer: 0
        }
    );
    assert_eq!(snapshot(&mut world), Some((2, "1 2".into())));
    assert_eq!(world.entries(), [(3, "3".into())]);
    world.crash();
    assert_eq!(snapshot(&mut world), Some((2, "1 2".into())), "it is durable");
    assert_eq!(world.entries(), [(3, "3".into())]);
}

#[test]
fn p14_9_of_two_at_once_one_is_taken_and_the_other_hears_what_is_there() {
    let (mut world, ann) = with(3);
    let ben = world.join_sealed("ben");
    world.send(ann, put(9, 0, 3, &sealed(7, "anns")));
    world.inbox(ben);
    world.send(ben, put(1, 0, 3, &sealed(7, "bens")));
    assert_eq!(world.told(ben), [stale(1, 3)]);
    assert_eq!(snapshot(&mut world), Some((3, "anns".into())));
    world.send(ben, put(2, 3, 3, &sealed(8, "bens")));
    assert_eq!(snapshot(&mut world), Some((3, "bens".into())), "a new epoch without an entry");
}

#[test]
fn p14_9_one_that_is_not_between_the_last_and_the_newest_entry_is_refused() {
    let (mut world, ann) = with(3);
    for (base, upto) in [(0, 4), (0, 0), (1, 2), (0, 1 << 52), (1 << 52, 1 << 52)] {
        world.inbox(ann);
        world.send(ann, put(9, base, upto, &sealed(1, "x")));
        assert_eq!(world.told(ann).last(), Some(&stale(9, 0)), "{base} {upto}");
    }
    world.send(ann, put(9, 0, 2, &sealed(1, "x")));
    for (base, upto) in [(0, 3), (2, 1), (2, 4), (3, 3)] {
        world.inbox(ann);
        world.send(ann, put(9, base, upto, &sealed(1, "y")));
        assert_eq!(world.told(ann), [stale(9, 2)], "{base} {upto}");
    }
    let mut empty = World::new();
    let ann = empty.join_sealed("ann");
    empty.send(ann, put(1, 0, 0, &sealed(1, "x")));
    empty.send(ann, put(2, 0, 1, &sealed(1, "x")));
    assert_eq!(empty.told(ann), [stale(1, 0), stale(2, 0)]);
    assert_eq!(empty.rows(), [0; 0]);
}

#[test]
fn p14_9_the_snapshot_before_is_kept_with_the_entries_after_it_until_the_next_one() {
    let (mut world, ann) = with(4);
    world.send(ann, put(9, 0, 2, &sealed(1, "first")));
    world.send(ann, put(10, 2, 3, &sealed(1, "second")));
    let stored = |world: &World| {
        let platform = world.platform();
        let platform = platform.borrow();
        let bytes: Vec<u8> = platform.disk.rows().flat_map(|row| row.data.clone()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let kept = stored(&world);
    assert!(kept.contains("first") && kept.contains("second"));
    world.send(ann, put(11, 3, 4, &sealed(1, "third")));
    let kept = stored(&world);
    assert!(!kept.contains("first") && kept.contains("second") && kept.contains("third"));
}

#[test]
fn p14_9_if_it_can_t_be_read_the_one_before_is_served_with_what_came_since() {
    let (mut world, ann) = with(2);
    world.send(ann, put(9, 0, 2, &sealed(1, "first")));
    world.append(ann, 3, "3");
    world.send(ann, put(10, 2, 3, &sealed(1, "second")));
    world.append(ann, 4, "4");
    world.sleep();
    let start = world.platform().borrow().disk.number(validiant_documents::ports::Key::Start);
    world.platform().borrow_mut().disk.damage(start);
    world.lose_memory();
    assert_eq!(snapshot(&mut world), Some((2, "first".into())));
    assert_eq!(world.entries(), [(3, "3".into()), (4, "4".into())]);
    // A client that has everything mends it.
    world.send(ann, put(11, 2, 4, &sealed(1, "third")));
    world.lose_memory();
    assert_eq!(world.due().trouble, None);
    assert_eq!(snapshot(&mut world), Some((4, "third".into())));
}

#[test]
fn p14_9_the_first_one_that_can_t_be_read_leaves_the_entries() {
    let (mut world, ann) = with(2);
    world.send(ann, put(9, 0, 2, &sealed(1, "first")));
    world.sleep();
    let start = world.platform().borrow().disk.number(validiant_documents::ports::Key::Start);
    world.platform().borrow_mut().disk.damage(start);
    world.lose_memory();
    assert_eq!(world.contents(), ["1", "2"]);
}

#[test]
fn p14_9_snapshot_and_entries_count_together_and_what_makes_it_smaller_is_taken() {
    let max_bytes = 20_000;
    let mut world = World::with(DocumentSettings { max_bytes, ..SETTINGS });
    let ann = world.join_sealed("ann");
    for id in 1..=3 {
        assert!(world.append(ann, id, &"x".repeat(6_000)).is_none());
    }
    let full = CloseCode::MESSAGE_TOO_BIG.for_limit("documentBytes");
    assert_eq!(world.append(ann, 4, &"x".repeat(6_000)).unwrap().closing, full);
    let ann = world.join_sealed("ann");
    let closed = world.send(ann, put(1, 0, 1, &sealed(1, &"x".repeat(10_000)))).unwrap();
    assert_eq!(closed.closing, full, "with two entries it is too large");
    let ann = world.join_sealed("ann");
    assert!(world.send(ann, put(1, 0, 3, &sealed(1, &"x".repeat(10_000)))).is_none());
    assert!(world.append(ann, 2, &"x".repeat(6_000)).is_none(), "now there is space");
    world.pass(10_000);
    world.crash();
    let ann = world.join_sealed("ann");
    assert!(world.append(ann, 1, &"x".repeat(3_000)).is_none());
    let closed = world.append(ann, 2, &"x".repeat(3_000)).unwrap();
    assert_eq!(closed.closing, full, "counted anew on waking");
}

#[test]
fn p14_9_a_snapshot_after_a_crash_stands_for_what_is_there() {
    let (mut world, _) = with(2);
    world.crash();
    let ann = world.join_sealed("ann");
    let newest = world.current().newest;
    world.send(ann, put(1, 0, newest, &sealed(1, "all")));
    assert!(world.told(ann).contains(&Told::Kept { id: 1, seq: newest }));
    world.append(ann, 2, "after");
    assert_eq!(world.contents(), ["after"]);
}

#[test]
fn p14_9_a_full_disk_takes_no_snapshot_and_the_document_is_reset() {
    let (mut world, ann) = with(1);
    world.platform().borrow_mut().disk.is_full = true;
    let closed = world.send(ann, put(9, 0, 1, &sealed(1, "x"))).unwrap();
    assert_eq!(closed.closing, CloseCode::TRY_AGAIN.into());
    assert!(world.document.must_be_reset());
    assert!(!world.inbox(ann).iter().any(|frame| matches!(told(frame), Told::Kept { .. })));
}

#[test]
fn p14_9_the_server_never_compacts_it_by_itself() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    for id in 1..=20 {
        world.append(ann, id, &"x".repeat(10_000));
        world.pass(10_000);
    }
    world.leave(ann);
    assert!(!world.due().compact);
    assert_eq!(world.compact(), None);
}
