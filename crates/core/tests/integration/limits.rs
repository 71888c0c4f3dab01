//! The limits on a room and its clients (P10).

use crate::support::{LIMITS, SETTINGS, World};
use serde_json::Value;
use validiant_core::limits::{Exceeded, Limits};
use validiant_core::member::{Member, SocketId, User};
use validiant_core::names::ConnectionId;
use validiant_core::room::{Answered, Incoming, NotConnected, RoomSettings};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::error_code::{ErrorCode, Refusal};

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
    let is_refused = |answer: &&Answered| matches!(answer, Answered::Refused(it) if it.code == ErrorCode::RATE_LIMITED);
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
fn p10_3_a_client_can_send_a_burst_and_is_then_told_how_long_to_wait() {
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
fn p10_3_a_client_that_continues_at_twenty_times_the_rate_is_closed() {
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

fn device(world: &World, user: &str, name: &str) -> Member {
    Member { connection_id: ConnectionId::parse(name).unwrap(), ..world.member(user) }
}

fn come(world: &mut World, user: &str, name: &str) -> Result<SocketId, NotConnected> {
    let member = device(world, user, name);
    world.connect(member, None).map(|(socket, _)| socket)
}

#[test]
fn p10_4_one_device_never_reaches_the_limit_by_itself() {
    let mut world = world(LIMITS);
    let phone: Vec<_> = (0..60).map(|_| come(&mut world, "ann", "phone").unwrap()).collect();
    let (replaced, left) = phone.split_at(40);
    assert!(replaced.iter().all(|old| world.close_of(*old) == Some(CloseCode::REPLACED)));
    assert!(left.iter().all(|socket| world.close_of(*socket).is_none()));
    assert_eq!(world.room.connections(), 20);
}

#[test]
fn p10_4_the_broken_connections_of_a_phone_keep_no_other_device_out() {
    let mut world = world(Limits { user_sockets: 3, ..LIMITS });
    let phone: Vec<_> = (0..3).map(|_| come(&mut world, "ann", "phone").unwrap()).collect();
    come(&mut world, "ann", "laptop").unwrap();
    come(&mut world, "ann", "tablet").unwrap();
    let closed: Vec<_> = phone.iter().map(|socket| world.close_of(*socket)).collect();
    assert_eq!(closed, [Some(CloseCode::REPLACED), Some(CloseCode::REPLACED), None]);
    // Each device now has one socket, and none is replaced.
    let full = come(&mut world, "ann", "watch").unwrap_err();
    assert_eq!(full, NotConnected::Full(Exceeded::USER_SOCKETS));
}

#[test]
fn p10_4_the_socket_that_was_not_heard_of_for_longest_gives_its_place() {
    let mut world = world(Limits { user_sockets: 2, ..LIMITS });
    let first = come(&mut world, "ann", "page").unwrap();
    world.pass(1_000);
    let second = come(&mut world, "ann", "page").unwrap();
    world.pass(1_000);
    world.ping(first);
    come(&mut world, "ann", "page").unwrap();
    assert_eq!([first, second].map(|it| world.close_of(it)), [None, Some(CloseCode::REPLACED)]);
}

#[test]
fn p10_4_nobody_replaces_another_user_or_a_verified_one() {
    let mut world = world(Limits { user_sockets: 1, room_sockets: 4, ..LIMITS });
    let ann = device(&world, "ann", "page");
    let verified = Member { user: ann.user.clone().map(|it| User { verified: true, ..it }), ..ann };
    let (ann, _) = world.connect(verified, None).unwrap();
    let user_is_full = NotConnected::Full(Exceeded::USER_SOCKETS);
    assert_eq!(come(&mut world, "ann", "page").unwrap_err(), user_is_full);
    for name in ["page", "page", "page"] {
        come(&mut world, "", name).unwrap();
    }
    let room_is_full = NotConnected::Full(Exceeded::ROOM_SOCKETS);
    assert_eq!(come(&mut world, "ben", "page").unwrap_err(), room_is_full);
    assert_eq!(come(&mut world, "", "page").unwrap_err(), room_is_full);
    assert_eq!(world.close_of(ann), None);
}

#[test]
fn p10_4_in_a_full_room_a_device_takes_the_place_of_its_own_broken_connection() {
    let mut world = world(Limits { room_sockets: 2, ..LIMITS });
    let ben = come(&mut world, "ben", "b").unwrap();
    let broken = come(&mut world, "ann", "a").unwrap();
    come(&mut world, "ann", "a").unwrap();
    assert_eq!(world.close_of(broken), Some(CloseCode::REPLACED));
    assert_eq!(world.told(ben), ["CONNECTED", "USER_JOINED ann"]);
    assert_eq!(world.present(), ["ann", "ben"]);
}

#[test]
fn p10_4_a_user_has_so_many_sockets_and_another_user_has_their_own() {
    let mut world = world(Limits { user_sockets: 2, ..LIMITS });
    let first = come(&mut world, "ann", "1").unwrap();
    let listens = Member { is_present: false, ..device(&world, "ann", "2") };
    world.connect(listens, None).unwrap();
    let full = come(&mut world, "ann", "3").unwrap_err();
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
