//! The log becomes a snapshot, or stays if there is any doubt.

use validiant_documents::ports::Key;
use validiant_documents::room::{Compacted, DocumentSettings, Trouble};
use validiant_documents::sync;

use crate::memory::SETTINGS;
use crate::world::{Editor, World, text_of};

/// A document with a log that is worth compacting.
fn long(world: &mut World) -> Editor {
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    for _ in 0..9 {
        world.edit(ann, &editor.insert(0, &"some words ".repeat(1_500)));
        world.edit(ann, &editor.delete(0, 15_000));
        world.pass(10_000);
    }
    world.due();
    editor
}

fn number(world: &World, key: Key) -> u64 {
    world.platform().borrow().disk.number(key)
}

#[test]
fn p13_13_it_is_worth_it_when_somebody_connects_or_the_last_one_leaves() {
    let mut world = World::new();
    long(&mut world);
    assert!(!world.due().compact);
    let ben = world.join("ben");
    assert!(world.due().compact);
    world.leave(ben);
    assert!(!world.due().compact, "ann is still there");
    world.sleep();
    let all = world.platform().borrow().wires.open();
    all.into_iter().for_each(|socket| world.leave(socket));
    assert!(world.due().compact);
}

#[test]
fn p13_13_a_short_log_is_left_alone() {
    let mut world = World::new();
    let ann = world.join("ann");
    world.edit(ann, &Editor::new(1).add("hi"));
    world.leave(ann);
    assert!(!world.due().compact);
}

#[test]
fn p13_13_more_than_500_updates_are_worth_it_even_after_a_long_snapshot() {
    let mut world = World::with(DocumentSettings { max_bytes: 32_000_000, ..SETTINGS });
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add(&"x".repeat(10_000_000)));
    world.compact().unwrap();
    world.due();
    let paragraph = "x".repeat(16 * 1024);
    for updates in 0..=501 {
        let ben = world.join("ben");
        world.leave(ben);
        assert_eq!(world.due().compact, updates > 500, "{updates}");
        world.now += 10_000;
        world.edit(ann, &editor.insert(0, &paragraph));
    }
}

#[test]
fn p13_13_a_snapshot_replaces_the_log_and_deleted_text_is_dropped() {
    let mut world = World::new();
    let editor = long(&mut world);
    let Some(Compacted::Done { from, to }) = world.compact() else { panic!("not compacted") };
    assert!(from > 80_000 && to < 16_000, "{from} {to}");
    assert_eq!(world.text(), editor.text());
    world.sleep();
    assert_eq!(world.text(), editor.text());
    assert_eq!(number(&world, Key::Compacting), 0);
    assert_eq!(world.compact(), None, "there is nothing after it");
}

#[test]
fn p13_13_the_generation_before_is_kept_until_the_next_one() {
    let mut world = World::new();
    let mut editor = long(&mut world);
    let ann = world.join_quietly("ann");
    let first = world.rows().len();
    world.compact().unwrap();
    assert_eq!((world.rows().len(), number(&world, Key::Previous)), (first + 1, 1));
    world.edit(ann, &editor.add("more"));
    world.pass(10_000);
    assert_eq!(world.rows().len(), first + 2, "a snapshot is never written again");
    world.compact().unwrap();
    assert_eq!(world.rows().len(), 3, "the snapshot before, its log, and the new one");
    world.compact();
    assert_eq!(world.text(), editor.text());
}

#[test]
fn p13_13_a_snapshot_that_can_not_be_read_is_replaced_by_the_generation_before() {
    let mut world = World::new();
    let mut editor = long(&mut world);
    let ann = world.join_quietly("ann");
    world.compact().unwrap();
    world.edit(ann, &editor.add("more"));
    let start = number(&world, Key::Start);
    world.platform().borrow_mut().disk.damage(start);
    world.sleep();
    assert_eq!(world.text(), editor.text());
    let ben = world.join_quietly("ben");
    let due = world.due();
    assert_eq!((due.trouble, due.compact), (Some(Trouble::Damaged), false));
    world.edit(ben, &editor.add("!"));
    world.sleep();
    assert_eq!(world.text(), editor.text());
    assert!(!world.document.begin_compaction(), "nothing is dropped");
}

#[test]
fn p13_13_a_compaction_that_died_is_not_tried_again_until_the_log_has_doubled() {
    let mut world = World::new();
    let mut editor = long(&mut world);
    assert!(world.document.begin_compaction());
    world.end_turn();
    world.sleep();
    let ben = world.join_quietly("ben");
    let due = world.due();
    assert_eq!((due.trouble, due.compact), (Some(Trouble::CompactionDied), false));
    assert_eq!(world.due().trouble, None);
    // It stays usable: nothing is merged for it.
    world.send(ben, sync::step_1(b"\0"));
    let frames = world.inbox(ben);
    assert_eq!(frames.last(), Some(&sync::step_2(b"\0\0")));
    let mut cem = Editor::new(3);
    for frame in &frames {
        match sync::Message::read(frame) {
            Ok(sync::Message::Update(update) | sync::Message::Step2(update)) => cem.apply(update),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(cem.text(), editor.text());
    for _ in 0..10 {
        world.edit(ben, &editor.add(&"words ".repeat(3_000)));
        world.pass(10_000);
    }
    world.join("cem");
    assert!(world.due().compact);
    assert!(matches!(world.compact(), Some(Compacted::Done { .. })));
    assert_eq!(world.text(), editor.text());
}

#[test]
fn p13_13_what_comes_between_the_two_steps_is_in_the_snapshot() {
    let mut world = World::new();
    let mut editor = long(&mut world);
    let ben = world.join_quietly("ben");
    assert!(world.document.begin_compaction());
    world.end_turn();
    world.edit(ben, &editor.add("a"));
    world.edit(ben, &editor.add("b"));
    assert!(matches!(world.document.compact(world.now), Ok(Compacted::Done { .. })));
    world.end_turn();
    assert_eq!(world.inbox(ben).len(), 2, "both are acknowledged");
    world.crash();
    assert_eq!(world.text(), editor.text());
}

#[test]
fn p13_13_a_second_compaction_does_not_begin_before_the_first_has_ended() {
    let mut world = World::new();
    long(&mut world);
    assert!(world.document.begin_compaction());
    assert!(!world.document.begin_compaction());
    world.document.compact(world.now).unwrap();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(2));
    world.edit(ann, &editor.add("more"));
    world.pass(10_000);
    assert!(world.document.begin_compaction());
}

#[test]
fn p13_13_an_erasure_between_the_two_steps_leaves_nothing_to_do() {
    let mut world = World::new();
    long(&mut world);
    assert!(world.document.begin_compaction());
    world.document.erase(world.now).unwrap();
    world.end_turn();
    assert_eq!(world.document.compact(world.now), Ok(Compacted::NotNeeded));
    assert_eq!(world.rows(), [0; 0]);
}

#[test]
fn p13_13_a_compaction_that_does_not_reach_the_disk_changes_nothing() {
    let mut world = World::new();
    let editor = long(&mut world);
    assert!(world.document.begin_compaction());
    world.end_turn();
    world.document.compact(world.now).unwrap();
    world.crash();
    assert_eq!(world.text(), editor.text());
    world.join("ben");
    assert_eq!(world.due().trouble, Some(Trouble::CompactionDied));
}

#[test]
fn p13_13_a_long_document_is_read_back_from_its_parts() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    let mut editor = Editor::new(1);
    for _ in 0..4 {
        world.edit(ann, &editor.add(&"x".repeat(400_000)));
        world.pass(10_000);
    }
    world.compact().unwrap();
    world.edit(ann, &editor.add("y"));
    world.sleep();
    assert_eq!(text_of(&world.document.read().unwrap()).len(), 1_600_001);
}
