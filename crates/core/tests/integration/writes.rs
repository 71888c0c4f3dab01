//! What leaves before it is written, and what is written first (P7.6).

use crate::recovery::{event, publish};
use crate::support::{SETTINGS, World};
use validiant_core::history::MAX_UNCONFIRMED;
use validiant_core::room::RoomSettings;
use validiant_sim::platform::UNHURRIED;

#[test]
fn p7_6_an_event_leaves_before_it_is_written() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    world.write();
    event(&mut world);
    assert!(world.room.is_to_be_written());
    assert_eq!(world.held_back(ann), (2, 0), "CONNECTED and the event");
}

#[test]
fn p7_6_events_of_the_same_time_share_a_write() {
    let mut world = World::new(SETTINGS);
    world.join("ann");
    world.write();
    let before = world.rows_written();
    for _ in 0..10 {
        event(&mut world);
    }
    world.write();
    assert_eq!(world.rows_written() - before, 1);
}

#[test]
fn p7_6_the_first_event_after_a_jump_is_written_before_it_is_sent() {
    let mut world = World::new(SETTINGS);
    event(&mut world);
    world.crash();
    let ann = world.join("ann");
    world.write();
    event(&mut world);
    assert!(!world.room.is_to_be_written());
    assert_eq!(world.held_back(ann), (1, 1), "CONNECTED at once, and the event after its write");
    world.write();
    event(&mut world);
    assert_eq!(world.held_back(ann), (3, 0), "the next one waits for nothing");
}

#[test]
fn p7_6_an_event_beyond_those_that_may_be_lost_is_written_before_it_is_sent() {
    let mut world = World::new(RoomSettings { limits: UNHURRIED, ..SETTINGS });
    let ann = world.join("ann");
    world.write();
    for _ in 0..MAX_UNCONFIRMED {
        event(&mut world);
    }
    let all = MAX_UNCONFIRMED as usize + 1;
    assert_eq!(world.held_back(ann), (all, 0));
    event(&mut world);
    assert_eq!(world.held_back(ann), (all, 1));
}

#[test]
fn p7_6_more_than_1_mib_that_is_not_written_is_written_before_it_is_sent() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    world.write();
    let body = format!(r#"{{"eventType":"E","payload":"{}"}}"#, "x".repeat(300_000));
    for _ in 0..3 {
        publish(&mut world, &body, None).unwrap();
    }
    assert_eq!(world.held_back(ann).1, 0);
    publish(&mut world, &body, None).unwrap();
    assert_eq!(world.held_back(ann).1, 1);
}

#[test]
fn p5_4_a_trap_in_another_room_takes_only_what_the_sockets_tell_again() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    world.join("ben");
    assert!(world.room.is_to_be_written() && !world.room.is_at_risk());
    world.lose_memory();
    assert_eq!(world.present(), ["ann", "ben"]);
    assert!(world.room.is_to_be_written(), "the roster does not know them yet");
    world.write();
    world.leave(ann, 1006);
    assert!(world.room.is_at_risk(), "nobody would know that ann is waited for");
    world.write();
    assert!(!world.room.is_at_risk());
}
