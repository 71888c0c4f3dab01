//! How much a room and its clients may do (P10).

use crate::support::{LIMITS, SETTINGS, World};
use serde_json::Value;
use validiant_core::close_code::CloseCode;
use validiant_core::error_code::{ErrorCode, Refusal};
use validiant_core::limits::{Exceeded, Limits};
use validiant_core::member::{Member, SocketId};
use validiant_core::room::{Answered, Incoming, NotConnected, RoomSettings};

const PING: &str = r#"{"type":"PING","n":1}"#;

fn world(limits: Limits) -> World {
    World::new(RoomSettings { limits, ..SETTINGS })
}

fn publish(world: &mut World, body: &str) -> Result<usize, Refusal> {
    let published = world.room.publish(body.as_bytes(), None, false, world.now);
    published.map(|published| published.deliveries.len())
}

fn say(world: &mut World, socket: SocketId, times: usize) -> Vec<Answered> {
    let now = world.now;
    (0..times).map(|_| world.room.message(socket, Incoming::Text(PING), now)).collect()
}

fn refused(answers: &[Answered]) -> usize {
    let is_refused =
        |answer: &&Answered| matches!(answer, Answered::Refused(ErrorCode::RATE_LIMITED));
    answers.iter().filter(is_refused).count()
}

fn last(world: &World, socket: SocketId) -> Value {
    world.inbox(socket).pop().unwrap()
}

#[test]
fn p10_2_a_room_takes_a_burst_of_events_and_then_so_many_a_second() {
    let mut world = world(Limits { publishes_per_second: 10, publish_burst: 3, ..LIMITS });
    let ann = world.join("ann");
    for _ in 0..3 {
        assert_eq!(publish(&mut world, r#"{"eventType":"E"}"#), Ok(1));
    }
    let refusal = publish(&mut world, r#"{"eventType":"F"}"#).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::RATE_LIMITED);
    let exceeded = Exceeded { limit: "publishesPerSecond", retry_after_ms: Some(100) };
    assert_eq!(refusal.exceeded, Some(exceeded));
    world.pass(100);
    assert_eq!(publish(&mut world, r#"{"eventType":"G"}"#), Ok(1));
    assert_eq!(world.told(ann), ["CONNECTED", "E", "E", "E", "G"]);
}

#[test]
fn p10_2_each_event_of_a_list_counts_and_a_list_goes_out_whole_or_not_at_all() {
    let mut world = world(Limits { publishes_per_second: 10, publish_burst: 3, ..LIMITS });
    let two = r#"{"events":[{"eventType":"E"},{"eventType":"E"}]}"#;
    assert_eq!(publish(&mut world, two), Ok(2));
    let wait = publish(&mut world, two).unwrap_err().exceeded.unwrap().retry_after_ms;
    assert_eq!(wait, Some(100));
    assert_eq!(publish(&mut world, r#"{"eventType":"F"}"#), Ok(1));
}

#[test]
fn p10_2_a_list_longer_than_a_burst_goes_out_when_the_room_has_rested() {
    let mut world = world(Limits { publishes_per_second: 10, publish_burst: 1, ..LIMITS });
    let two = r#"{"events":[{"eventType":"E"},{"eventType":"E"}]}"#;
    assert_eq!(publish(&mut world, two), Ok(2));
    assert!(publish(&mut world, two).is_err());
    world.pass(100);
    assert_eq!(publish(&mut world, two), Ok(2));
}

#[test]
fn p10_2_a_body_that_is_not_valid_counts_too() {
    let mut world = world(Limits { publishes_per_second: 1, publish_burst: 1, ..LIMITS });
    assert_eq!(publish(&mut world, "{").unwrap_err().code, ErrorCode::INVALID_JSON);
    assert_eq!(publish(&mut world, "{").unwrap_err().code, ErrorCode::RATE_LIMITED);
}

#[test]
fn p10_3_a_client_says_a_burst_and_is_then_told_how_long_to_wait() {
    let mut world = world(LIMITS);
    let ann = world.join("ann");
    assert_eq!(refused(&say(&mut world, ann, 20)), 0);
    assert_eq!(refused(&say(&mut world, ann, 1)), 1);
    let payload = &last(&world, ann)["payload"];
    assert_eq!(payload["code"], "rate_limited");
    assert_eq!(payload["limit"], "clientMessagesPerSecond");
    assert_eq!(payload["retryAfterMs"], 100);
    world.pass(100);
    assert_eq!(refused(&say(&mut world, ann, 2)), 1);
}

#[test]
fn p10_3_what_one_client_says_takes_nothing_from_another() {
    let mut world = world(LIMITS);
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    say(&mut world, ann, 100);
    assert_eq!(refused(&say(&mut world, ben, 20)), 0);
}

#[test]
fn p10_3_a_client_that_goes_on_at_twenty_times_the_rate_is_closed() {
    let mut world = world(LIMITS);
    let ann = world.join("ann");
    assert_eq!(refused(&say(&mut world, ann, 400)), 380);
    assert_eq!(world.close_of(ann), None);
    assert!(matches!(
        say(&mut world, ann, 1)[0],
        Answered::Closed(CloseCode::RATE_LIMITED, Some(_))
    ));
    assert_eq!(world.close_of(ann), Some(CloseCode::RATE_LIMITED));
}

#[test]
fn p10_3_a_client_that_is_refused_for_ten_minutes_and_never_abusive_stays() {
    let mut world = world(LIMITS);
    let ann = world.join("ann");
    for _ in 0..600 {
        say(&mut world, ann, 150);
        world.pass(1_000);
    }
    assert_eq!(world.close_of(ann), None);
}

#[test]
fn p10_3_no_message_writes_anything() {
    let mut world = world(LIMITS);
    let ann = world.join("ann");
    let rows = world.rows_written();
    say(&mut world, ann, 399);
    assert_eq!(world.rows_written(), rows);
}

#[test]
fn p10_3_a_message_that_was_under_way_when_its_socket_was_closed_is_nothing() {
    let mut world = world(LIMITS);
    let ann = world.join("ann");
    world.leave(ann, 1000);
    assert!(matches!(say(&mut world, ann, 1)[0], Answered::Served));
}

#[test]
fn p10_4_a_user_has_so_many_sockets_and_another_user_has_their_own() {
    let mut world = world(Limits { user_sockets: 2, ..LIMITS });
    let first = world.join("ann");
    world.connect(Member { is_present: false, ..world.member("ann") }, None).unwrap();
    let full = world.connect(world.member("ann"), None).unwrap_err();
    assert_eq!(full, NotConnected::Full(Exceeded::USER_SOCKETS));
    world.join("ben");
    for _ in 0..3 {
        world.join("");
    }
    world.leave(first, 1000);
    world.join("ann");
}

#[test]
fn p10_4_a_room_has_so_many_sockets_of_anybody() {
    let mut world = world(Limits { room_sockets: 2, ..LIMITS });
    let ann = world.join("ann");
    world.join("");
    let full = world.connect(world.member("ben"), None).unwrap_err();
    assert_eq!(full, NotConnected::Full(Exceeded::ROOM_SOCKETS));
    assert_eq!(world.told(ann), ["CONNECTED"]);
}
