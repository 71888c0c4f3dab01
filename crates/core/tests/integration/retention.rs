//! Expired events are dropped from the storage (P7.2).

use crate::recovery::{NOT_RECOVERED, RECOVERED, TTL_MS, event, position, publish, seq_of};
use crate::support::{SETTINGS, World};
use serde_json::Value;
use validiant_core::room::RoomSettings;

/// How much longer than it is kept an event may stay on the disk.
const DELAY_MS: u64 = 300_000;

#[test]
fn p7_2_an_event_is_dropped_by_alarm_at_most_five_minutes_after_its_time() {
    let mut world = World::new(SETTINGS);
    event(&mut world);
    world.pass(60_000);
    event(&mut world);
    world.evict();
    world.pass(TTL_MS + DELAY_MS - 60_000 - 1);
    assert_eq!(world.stored().len(), 2);
    world.pass(1);
    assert_eq!(world.stored(), [] as [u64; 0], "all that is over goes together");
    assert_eq!((world.pages(), world.alarm()), (1, None), "and nothing wakes the room again");
}

#[test]
fn p7_2_after_the_last_event_was_dropped_numbering_continues_and_a_client_that_missed_nothing_is_recovered()
 {
    let mut world = World::new(SETTINGS);
    let first = position(&mut world);
    event(&mut world);
    let newest = position(&mut world);
    world.pass(2 * TTL_MS);
    world.crash();
    assert_eq!(position(&mut world), newest);
    assert_eq!(world.state()["oldestSeq"], Value::Null);
    assert_eq!(world.return_since("ann", &newest).1, RECOVERED(0));
    assert_eq!(world.return_since("ann", &first).1, NOT_RECOVERED);
    assert_eq!((seq_of(&event(&mut world)), world.pages()), (Some(1_001), 1));
    assert_eq!(world.return_since("ann", &newest).1, RECOVERED(1));
}

#[test]
fn p7_2_events_that_come_together_share_a_row_with_those_before() {
    let mut world = World::new(SETTINGS);
    world.join("ann");
    for _ in 0..3 {
        event(&mut world);
    }
    world.evict();
    let rows = world.rows_written();
    for _ in 0..4 {
        event(&mut world);
    }
    assert_eq!((world.rows_written() - rows, world.pages()), (1, 1));
    assert_eq!(world.stored(), [1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn p7_2_an_alarm_for_a_user_who_may_return_and_one_for_events_do_not_delay_each_other() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    world.leave(ann, 1006);
    world.evict();
    event(&mut world);
    world.pass(10_000);
    assert_eq!(world.present(), [] as [&str; 0]);
    world.pass(TTL_MS + DELAY_MS - 20_000);
    world.evict();
    world.join("ben");
    world.pass(10_000);
    assert_eq!(world.stored(), [] as [u64; 0], "the alarm for ben would come later");
}

#[test]
fn p7_2_events_whose_alarm_was_lost_go_once_the_room_is_used() {
    let mut world = World::new(SETTINGS);
    event(&mut world);
    world.write();
    world.fill_disk(true);
    world.pass(2 * TTL_MS);
    world.fill_disk(false);
    assert_eq!((world.alarm(), world.stored()), (None, vec![1]));
    world.evict();
    world.state();
    world.pass(0);
    assert_eq!((world.alarm(), world.stored()), (None, vec![]));
}

#[test]
fn p7_2_where_no_history_is_kept_any_more_what_there_is_goes_with_the_next_alarm() {
    let mut world = World::new(SETTINGS);
    event(&mut world);
    world.settings = RoomSettings { retention: None, ..SETTINGS };
    world.evict();
    world.pass(TTL_MS + DELAY_MS);
    assert_eq!((world.pages(), world.alarm()), (0, None));
}

#[test]
fn p2_11_an_id_goes_with_its_event() {
    let mut world = World::new(SETTINGS);
    publish(&mut world, r#"{"eventType":"E"}"#, Some("k")).unwrap();
    world.pass(2 * TTL_MS);
    // Even if the clock is set back, it counts neither as a retry nor as a conflict.
    world.now -= 2 * TTL_MS;
    let again = publish(&mut world, r#"{"eventType":"E"}"#, Some("k")).unwrap();
    assert!(!again.duplicate);
}
