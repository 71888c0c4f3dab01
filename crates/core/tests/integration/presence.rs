//! Who is present in a room, and who is told of it (P5). Random histories: `presence_properties.rs`.

use crate::support::{SETTINGS, World};
use serde_json::json;
use validiant_core::room::RoomSettings;
use validiant_core::wire::close_code::CloseCode;

const CLEAN: u16 = 1000;
const BROKEN: u16 = 1006;

#[test]
fn p5_1_only_the_first_socket_of_a_user_is_announced_and_not_to_that_user() {
    let mut world = World::new(SETTINGS);
    let ben = world.join("ben");
    let first = world.join("ann");
    world.join("ann");
    assert_eq!(world.told(ben), ["CONNECTED", "USER_JOINED ann"]);
    assert_eq!(world.told(first), ["CONNECTED"]);
}

#[test]
fn p5_2_a_clean_leave_of_the_last_socket_is_announced_at_once() {
    let mut world = World::new(SETTINGS);
    let ben = world.join("ben");
    let (one, two) = (world.join("ann"), world.join("ann"));
    world.leave(one, CLEAN);
    assert_eq!(world.told(ben), ["CONNECTED", "USER_JOINED ann"]);
    world.leave(two, CLEAN);
    assert_eq!(world.told(ben), ["CONNECTED", "USER_JOINED ann", "USER_LEFT ann"]);
}

#[test]
fn p5_2_a_clean_leave_that_wakes_the_object_is_announced_at_once() {
    let mut world = World::new(SETTINGS);
    let (ben, ann) = (world.join("ben"), world.join("ann"));
    world.evict();
    world.leave(ann, CLEAN);
    assert_eq!(world.told(ben).last().unwrap(), "USER_LEFT ann");
}

#[test]
fn p5_2_the_end_of_the_last_socket_decides() {
    let mut world = World::new(SETTINGS);
    let (one, two) = (world.join("ann"), world.join("ann"));
    world.leave(one, CLEAN);
    world.leave(two, BROKEN);
    assert_eq!(world.present(), ["ann"]);
    let (one, two) = (world.join("ann"), world.join("ann"));
    world.leave(one, BROKEN);
    world.leave(two, CLEAN);
    assert!(world.present().is_empty());
}

#[test]
fn p5_3_a_lost_connection_is_announced_after_the_grace_period() {
    let mut world = World::new(SETTINGS);
    let (ben, ann) = (world.join("ben"), world.join("ann"));
    world.leave(ann, BROKEN);
    world.pass(SETTINGS.presence_grace_ms - 1);
    assert_eq!(world.told(ben), ["CONNECTED", "USER_JOINED ann"]);
    assert_eq!(world.present(), ["ann", "ben"]);
    assert_eq!(world.user("ann")["devices"], 0);
    world.pass(1);
    assert_eq!(world.told(ben).last().unwrap(), "USER_LEFT ann");
}

#[test]
fn p5_3_a_return_in_time_is_not_announced_and_keeps_the_time_of_joining() {
    let mut world = World::new(SETTINGS);
    let (ben, ann) = (world.join("ben"), world.join("ann"));
    let joined_at = world.now;
    world.leave(ann, BROKEN);
    world.pass(SETTINGS.presence_grace_ms - 1);
    world.join("ann");
    world.pass(SETTINGS.presence_grace_ms * 2);
    assert_eq!(world.told(ben), ["CONNECTED", "USER_JOINED ann"]);
    assert_eq!(world.user("ann")["joinedAt"], joined_at);
}

#[test]
fn p5_4_the_grace_period_survives_eviction() {
    let mut world = World::new(SETTINGS);
    let (ben, ann) = (world.join("ben"), world.join("ann"));
    world.leave(ann, BROKEN);
    world.evict();
    assert_eq!(world.present().len(), 2);
    world.pass(SETTINGS.presence_grace_ms);
    assert_eq!(world.told(ben).last().unwrap(), "USER_LEFT ann");
}

#[test]
fn p5_4_after_a_crash_everybody_has_the_grace_period_to_return() {
    let mut world = World::new(SETTINGS);
    world.join("ann");
    world.join("ben");
    world.crash();
    let ann = world.join("ann");
    assert_eq!(world.inbox(ann)[0]["payload"]["activeUsers"], 2);
    world.join("ben");
    world.pass(SETTINGS.presence_grace_ms);
    assert_eq!(world.told(ann), ["CONNECTED"]);
    assert_eq!(world.present().len(), 2);
}

#[test]
fn p5_4_after_a_crash_a_user_who_does_not_return_leaves_even_if_nothing_happens() {
    let mut world = World::new(SETTINGS);
    world.join("ann");
    world.crash();
    // Nothing wakes the room except the alarm that was set earlier.
    world.pass(SETTINGS.stale_socket_ms + SETTINGS.presence_grace_ms);
    assert!(world.present().is_empty());
}

#[test]
fn p5_4_a_user_in_the_grace_period_at_a_crash_keeps_its_end() {
    let mut world = World::new(SETTINGS);
    world.join("ben");
    let ann = world.join("ann");
    world.leave(ann, BROKEN);
    world.pass(SETTINGS.presence_grace_ms / 2);
    world.crash();
    let cy = world.join("cy");
    world.pass(SETTINGS.presence_grace_ms / 2);
    assert_eq!(world.told(cy), ["CONNECTED", "USER_LEFT ann"]);
    world.pass(SETTINGS.presence_grace_ms / 2);
    assert_eq!(world.told(cy), ["CONNECTED", "USER_LEFT ann", "USER_LEFT ben"]);
}

#[test]
fn p5_5_a_large_room_is_told_a_summary_at_most_once_a_second() {
    let mut world = World::new(RoomSettings { presence_events_max: 2, ..SETTINGS });
    let nobody = world.join("");
    for user in ["a", "b", "c", "d", "e"] {
        world.join(user);
    }
    let told = ["CONNECTED", "USER_JOINED a", "USER_JOINED b", "PRESENCE"];
    assert_eq!(world.told(nobody), told);
    world.pass(1_000);
    assert_eq!(world.told(nobody).len(), told.len() + 1);
    assert_eq!(world.inbox(nobody).last().unwrap()["payload"], json!({"activeUsers": 5}));
}

#[test]
fn p5_5_a_room_that_shrinks_is_told_who_is_there() {
    let mut world = World::new(RoomSettings { presence_events_max: 2, ..SETTINGS });
    let nobody = world.join("");
    let sockets = ["a", "b", "c"].map(|user| world.join(user));
    world.leave(sockets[0], CLEAN);
    let list = world.inbox(nobody).pop().unwrap();
    assert_eq!(list["payload"]["users"][0]["userId"], "b");
    assert_eq!(list["payload"]["users"][1]["userId"], "c");
    world.leave(sockets[1], CLEAN);
    assert_eq!(world.told(nobody).last().unwrap(), "USER_LEFT b");
}

#[test]
fn p5_5_a_room_that_keeps_changing_its_size_gets_its_list_and_no_flood_of_counts() {
    let mut world = World::new(RoomSettings { presence_events_max: 2, ..SETTINGS });
    let nobody = world.join("");
    world.join("a");
    world.join("b");
    for _ in 0..10 {
        let guest = world.join("guest");
        world.leave(guest, CLEAN);
    }
    world.pass(1_000);
    let inbox = world.inbox(nobody);
    let (lists, counts): (Vec<_>, Vec<_>) = inbox
        .iter()
        .filter(|frame| frame["type"] == "PRESENCE")
        .partition(|frame| frame["payload"]["users"].is_array());
    assert_eq!((lists.len(), counts.len()), (10, 1));
    assert_eq!(inbox.last().unwrap()["payload"]["users"].as_array().unwrap().len(), 2);
}

#[test]
fn p5_6_a_socket_that_stopped_pinging_is_closed_and_one_that_never_pinged_is_not() {
    let mut world = World::new(SETTINGS);
    let (silent, quiet) = (world.join("ann"), world.join("ben"));
    world.pass(1_000);
    world.ping(silent);
    world.pass(SETTINGS.stale_socket_ms * 2);
    assert_eq!(world.close_of(silent), Some(CloseCode::TRY_AGAIN));
    assert_eq!(world.close_of(quiet), None);
    world.pass(SETTINGS.presence_grace_ms);
    assert_eq!(world.present(), ["ben"]);
}

#[test]
fn p5_6_a_shut_laptop_is_gone_in_less_than_two_minutes_whenever_it_is_shut() {
    for shut_after in (0..240).step_by(7) {
        let mut world = World::new(SETTINGS);
        let (laptop, other) = (world.join("ann"), world.join("ben"));
        let mut last_ping = world.now;
        for second in 0..600 {
            if second % 30 == 0 && second <= shut_after {
                world.ping(laptop);
                last_ping = world.now;
            }
            if second % 30 == 11 {
                world.ping(other);
            }
            world.pass(1_000);
            let is_late = world.now - last_ping >= 120_000;
            assert!(!is_late || world.present() == ["ben"], "{shut_after} s, {second} s");
        }
        assert_eq!(world.close_of(other), None);
    }
}

#[test]
fn p5_6_where_nobody_pings_it_is_looked_every_five_minutes_only() {
    let mut world = World::new(SETTINGS);
    world.join("ann");
    world.pass(100_000);
    let rows = world.rows_written();
    world.pass(3_600_000);
    assert!(world.rows_written() - rows <= 12, "{}", world.rows_written() - rows);
}

#[test]
fn p5_6_a_socket_that_pings_stays() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    for _ in 0..100 {
        world.ping(ann);
        world.pass(30_000);
    }
    assert_eq!(world.close_of(ann), None);
}

#[test]
fn p5_7_the_newest_name_counts() {
    let mut world = World::new(SETTINGS);
    world.join_as("ann", Some("Ann"), "c");
    world.join_as("ann", Some("Anna"), "c");
    world.join_as("ann", None, "c");
    assert_eq!(world.user("ann")["userName"], "Anna");
}

#[test]
fn p5_7_the_newest_name_survives_the_device_that_gave_it() {
    let mut world = World::new(SETTINGS);
    world.join_as("ann", Some("Ann"), "c");
    let renamed = world.join_as("ann", Some("Anna"), "c");
    world.leave(renamed, CLEAN);
    world.evict();
    assert_eq!(world.user("ann")["userName"], "Anna");
    world.crash();
    assert_eq!(world.user("ann")["userName"], "Anna");
}

#[test]
fn p5_7_a_name_from_another_tab_is_used_everywhere() {
    let mut world = World::new(SETTINGS);
    let watcher = world.join("");
    let first = world.join_as("ann", Some("Ann"), "c");
    let second = world.join_as("ann", Some("Anna"), "d");
    world.evict();
    let newcomer = world.join("ben");
    let connected = world.inbox(newcomer).remove(0);
    let ann = connected["payload"]["users"][0].clone();
    assert_eq!((&ann["userId"], &ann["userName"]), (&"ann".into(), &"Anna".into()));
    // Whichever tab leaves first, and whatever state the room is in.
    world.leave(second, CLEAN);
    world.evict();
    assert_eq!(world.user("ann")["userName"], "Anna");
    world.leave(first, CLEAN);
    let left = world.inbox(watcher).pop().unwrap();
    assert_eq!(
        (&left["type"], &left["payload"]["userName"]),
        (&"USER_LEFT".into(), &"Anna".into())
    );
}
