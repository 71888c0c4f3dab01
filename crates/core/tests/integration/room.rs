//! A room's promises, each on in-memory ports. Clauses are those of `docs/protocol.md`.

use crate::support::{SETTINGS, World, counts};
use serde_json::json;
use validiant_core::member::SocketId;
use validiant_core::room::{Answered, Incoming, RoomSettings};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::error_code::ErrorCode;

const CLEAN: u16 = 1000;

fn publish(world: &mut World, body: &str) -> (usize, usize) {
    let published = world.publish(body, false);
    counts(&published)
}

fn say(world: &mut World, socket: SocketId, message: Incoming<'_>) -> Answered {
    world.room.message(socket, message, world.now)
}

#[test]
fn p2_4_an_excluded_user_is_skipped_on_every_device_also_after_waking() {
    let mut world = World::new(SETTINGS);
    let (ann, phone, ben) = (world.join("ann"), world.join("ann"), world.join("ben"));
    for _ in 0..2 {
        let counts = publish(&mut world, r#"{"eventType":"E","excludeUserId":"ann"}"#);
        assert_eq!(counts, (1, 2));
        world.evict();
    }
    assert_eq!(world.told(ann), ["CONNECTED", "USER_JOINED ben"]);
    assert_eq!(world.told(phone), ["CONNECTED", "USER_JOINED ben"]);
    assert_eq!(world.told(ben), ["CONNECTED", "E", "E"]);
}

#[test]
fn p2_5_targets_and_exclusions_are_counted_apart() {
    let mut world = World::new(SETTINGS);
    for user in ["a", "b", "c", ""] {
        world.join(user);
    }
    let body = r#"{"eventType":"E","userIds":["a","b"],"excludeUserId":"b"}"#;
    assert_eq!(publish(&mut world, body), (1, 1));
}

#[test]
fn a_refused_broadcast_reaches_nobody() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    let error = world.room.publish(br#"{"eventType":"PONG"}"#, None, false, world.now).unwrap_err();
    assert_eq!(error.code, ErrorCode::RESERVED_EVENT_TYPE);
    assert_eq!(world.told(ann), ["CONNECTED"]);
}

#[test]
fn p3_2_connected_comes_first_and_lists_the_newcomer() {
    let mut world = World::new(SETTINGS);
    world.join("ann");
    let ben = world.join_as("ben", Some("Ben"), "c2");
    let connected = &world.inbox(ben)[0];
    assert_eq!(connected["type"], "CONNECTED");
    let payload = &connected["payload"];
    assert_eq!(payload["connectionId"], "c2");
    assert_eq!((&payload["activeUsers"], &payload["connections"]), (&json!(2), &json!(2)));
    assert_eq!(
        payload["users"][1],
        json!({"userId":"ben","userName":"Ben","joinedAt":world.now,"verified":false})
    );
}

#[test]
fn p4_4_an_anonymous_socket_is_told_of_users_but_is_not_one() {
    let mut world = World::new(SETTINGS);
    let nobody = world.join("");
    let ann = world.join("ann");
    world.leave(nobody, CLEAN);
    assert_eq!(world.told(nobody), ["CONNECTED", "USER_JOINED ann"]);
    assert_eq!(world.told(ann), ["CONNECTED"]);
    assert_eq!(world.present(), ["ann"]);
}

#[test]
fn p4_8_a_client_s_event_is_refused_and_the_socket_stays() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    let refused = say(&mut world, ann, Incoming::Text(r#"{"type":"HI"}"#));
    let code = ErrorCode::CLIENT_EVENTS_DISABLED;
    assert!(matches!(refused, Answered::Refused(it) if it.code == code));
    say(&mut world, ann, Incoming::Binary);
    say(&mut world, ann, Incoming::Text("{ \"type\": \"PING\" }"));
    assert_eq!(world.told(ann), ["CONNECTED", "ERROR", "ERROR", "PONG"]);
}

#[test]
fn p4_9_an_over_long_frame_closes_the_socket_and_the_user_may_return() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    let long = "x".repeat(SETTINGS.limits.client_frame_bytes + 1);
    let closed = say(&mut world, ann, Incoming::Text(&long));
    assert!(matches!(closed, Answered::Closed(CloseCode::MESSAGE_TOO_BIG, Some(_))));
    assert_eq!(world.close_of(ann), Some(CloseCode::MESSAGE_TOO_BIG));
    assert_eq!(world.present(), ["ann"]);
    // The client's own close comes later, and no longer matters.
    world.leave(ann, CLEAN);
    assert_eq!(world.present(), ["ann"]);
}

#[test]
fn p1_9_devices_are_distinct_connections() {
    let mut world = World::new(SETTINGS);
    world.join_as("ann", None, "phone");
    world.join_as("ann", None, "phone");
    world.join_as("ann", None, "desk");
    assert_eq!(world.user("ann")["devices"], 2);
    assert_eq!(world.state()["connections"], 3);
}

#[test]
fn an_empty_room_without_a_history_sets_no_alarm_and_writes_nothing() {
    let mut world = World::new(RoomSettings { retention: None, ..SETTINGS });
    publish(&mut world, r#"{"eventType":"E"}"#);
    world.state();
    world.evict();
    assert_eq!((world.alarm(), world.rows_written()), (None, 0));
}

#[test]
fn p7_2_a_broadcast_writes_one_row_also_when_it_wakes_the_object() {
    let mut world = World::new(SETTINGS);
    world.join("ann");
    let before = world.rows_written();
    for _ in 0..3 {
        world.evict();
        publish(&mut world, r#"{"eventType":"E"}"#);
    }
    assert_eq!(world.rows_written(), before + 3);
}

#[test]
fn a_room_that_everybody_has_left_comes_to_rest() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    world.leave(ann, CLEAN);
    world.pass(SETTINGS.stale_socket_ms * 2);
    assert_eq!(world.alarm(), None);
}
