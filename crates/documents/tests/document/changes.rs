//! The project's room is told of a change.

use validiant_documents::room::DocumentSettings;

use crate::memory::SETTINGS;
use crate::world::{Editor, World};

fn telling() -> World {
    World::with(DocumentSettings { tells_changes: true, ..SETTINGS })
}

/// Lets the time pass until the alarm goes off, and says what it tells.
fn told(world: &mut World) -> Option<u64> {
    world.now = world.alarm()?;
    let change = world.fire().change;
    if let Some(change) = change {
        world.document.told(change, world.now);
        world.end_turn();
    }
    change
}

#[test]
fn p13_12_the_room_is_told_30_seconds_after_the_last_change() {
    let mut world = telling();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add("a"));
    world.pass(10_000);
    world.edit(ann, &editor.add("b"));
    let last = world.now;
    assert_eq!((world.alarm(), told(&mut world)), (Some(last + 20_000), None));
    assert_eq!((world.alarm(), told(&mut world)), (Some(last + 30_000), Some(last)));
    assert_eq!(told(&mut world), None);
}

#[test]
fn p13_12_by_default_it_is_not_told() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    world.edit(ann, &Editor::new(1).add("a"));
    assert_eq!(told(&mut world), None);
}

#[test]
fn p13_12_after_hibernation_or_a_crash_it_is_told_too_and_once() {
    for crashes in [false, true] {
        let mut world = telling();
        let ann = world.join_quietly("ann");
        world.edit(ann, &Editor::new(1).add("a"));
        if crashes {
            world.crash()
        } else {
            world.sleep()
        }
        world.join("ben");
        assert_eq!(told(&mut world), Some(1_000_000));
        world.sleep();
        assert_eq!(told(&mut world), None);
    }
}

#[test]
fn p13_12_a_room_that_can_not_be_told_is_told_later() {
    let mut world = telling();
    let ann = world.join_quietly("ann");
    world.edit(ann, &Editor::new(1).add("a"));
    world.now = world.alarm().unwrap();
    let change = world.fire().change;
    assert!(change.is_some());
    world.document.not_told(world.now);
    let again = world.now + 30_000;
    assert_eq!((world.alarm(), told(&mut world)), (Some(again), change));
}

#[test]
fn p13_12_a_change_while_the_room_is_told_is_told_too() {
    let mut world = telling();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add("a"));
    world.now = world.alarm().unwrap();
    let change = world.fire().change.unwrap();
    world.edit(ann, &editor.add("b"));
    let second = world.now;
    world.document.told(change, world.now);
    world.end_turn();
    assert_eq!(told(&mut world), Some(second));
}

#[test]
fn p13_12_a_seed_is_a_change_and_an_erasure_is_not() {
    let mut world = telling();
    world.document.seed(&Editor::new(1).add("a"), world.now).unwrap();
    assert_eq!(told(&mut world), Some(1_000_000));
    world.document.erase(world.now).unwrap();
    assert_eq!(world.alarm(), None);
}
