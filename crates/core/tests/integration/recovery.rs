//! What a reconnecting client gets (P7), and what becomes of an event that can't be stored (P2.14).

use std::num::NonZeroU64;

use crate::support::{SETTINGS, World, counts};
use serde_json::{Value, json};
use validiant_core::answer::Published;
use validiant_core::history::Retention;
use validiant_core::limits::Limits;
use validiant_core::member::{Member, SocketId};
use validiant_core::names::ConnectionId;
use validiant_core::position::Position;
use validiant_core::room::{Connected, RoomSettings};
use validiant_core::wire::error_code::{ErrorCode, Refusal};

pub const TTL_MS: u64 = 600_000;
pub const RECOVERED: fn(usize) -> Connected =
    |replayed| Connected { recovered: true, replayed, replaced: None };
pub const NOT_RECOVERED: Connected = Connected { recovered: false, replayed: 0, replaced: None };

pub fn keeping(events: u64) -> RoomSettings {
    let size = NonZeroU64::new(events).unwrap();
    RoomSettings { retention: Some(Retention { size, ttl_ms: TTL_MS }), ..SETTINGS }
}

pub fn event(world: &mut World) -> Published {
    world.publish(r#"{"eventType":"E"}"#, false)
}

pub fn connected(world: &World, socket: SocketId) -> Value {
    world.inbox(socket)[0]["payload"].clone()
}

/// The position of the room.
pub fn position(world: &mut World) -> String {
    let state = world.state();
    format!("{}:{}", state["epoch"].as_str().unwrap(), state["seq"])
}

pub fn publish(world: &mut World, body: &str, key: Option<&str>) -> Result<Published, Refusal> {
    world.room.publish(body.as_bytes(), key, false, world.now)
}

pub fn seq_of(published: &Published) -> Option<u64> {
    published.deliveries[0].seq
}

#[test]
fn p7_1_every_event_has_a_number_in_its_frame_and_in_its_answer() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    let answers: Vec<_> = (0..3).map(|_| seq_of(&event(&mut world))).collect();
    assert_eq!(answers, [Some(1), Some(2), Some(3)]);
    assert_eq!(world.seqs(ann), [1, 2, 3]);
}

#[test]
fn p7_1_numbers_go_on_after_hibernation_and_jump_by_1_000_after_a_crash() {
    let mut world = World::new(keeping(2));
    let ann = world.join("ann");
    for _ in 0..2 {
        event(&mut world);
        world.evict();
    }
    assert_eq!(world.seqs(ann), [1, 2]);
    for _ in 0..2 {
        world.crash();
        event(&mut world);
        event(&mut world);
    }
    assert_eq!(seq_of(&event(&mut world)), Some(2_005));
}

#[test]
fn p7_1_an_idle_room_tells_epoch_and_seq() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    let payload = connected(&world, ann);
    assert_eq!((&payload["seq"], &payload["recovered"]), (&json!(0), &json!(false)));
    assert_eq!(payload["epoch"], world.state()["epoch"]);
}

#[test]
fn p7_2_an_ephemeral_event_has_no_number_and_is_not_kept() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    let (before, rows) = (position(&mut world), world.rows_written());
    let published = world.publish(r#"{"eventType":"E","ephemeral":true}"#, false);
    assert_eq!((counts(&published), seq_of(&published)), ((1, 0), None));
    assert!(world.inbox(ann)[1].get("seq").is_none());
    assert_eq!((position(&mut world), world.rows_written()), (before, rows));
}

#[test]
fn p7_2_the_journal_does_not_grow_beyond_its_size() {
    let mut world = World::new(keeping(4));
    let body = json!({ "eventType": "E", "payload": "x".repeat(3_000) }).to_string();
    for _ in 0..20 {
        world.publish(&body, false);
        world.write();
    }
    assert_eq!((world.pages(), world.stored()), (2, vec![17, 18, 19, 20]));
    assert_eq!(world.state()["oldestSeq"], 17);
}

#[test]
fn p7_2_with_a_smaller_size_the_surplus_is_not_replayed_and_a_larger_one_keeps_what_there_is() {
    let mut world = World::new(keeping(4));
    for _ in 0..6 {
        event(&mut world);
    }
    for (size, oldest) in [(2, 5), (8, 1)] {
        world.settings = keeping(size);
        world.evict();
        assert_eq!(world.state()["oldestSeq"], oldest);
    }
    let before = position(&mut world);
    for _ in 0..6 {
        event(&mut world);
    }
    assert_eq!(world.return_since("ann", &before).1, RECOVERED(6));
}

#[test]
fn p7_2_without_a_history_nothing_is_numbered_or_written() {
    let mut world = World::new(RoomSettings { retention: None, ..SETTINGS });
    let nobody = world.join("");
    let rows = world.rows_written();
    assert_eq!(seq_of(&event(&mut world)), None);
    assert_eq!(world.rows_written(), rows);
    let payload = connected(&world, nobody);
    assert!(payload.get("epoch").is_none() && payload.get("seq").is_none());
    assert_eq!(payload["recovered"], false);
}

#[test]
fn p7_2_a_history_that_was_off_for_an_event_starts_again() {
    let mut world = World::new(SETTINGS);
    event(&mut world);
    let before = position(&mut world);
    for (retention, publishes) in [(None, true), (SETTINGS.retention, false)] {
        world.settings = RoomSettings { retention, ..SETTINGS };
        world.evict();
        if publishes {
            event(&mut world);
        }
    }
    assert_eq!(world.return_since("ann", &before).1, NOT_RECOVERED);
    assert_eq!(seq_of(&event(&mut world)), Some(1));
}

#[test]
fn p7_4_a_client_gets_exactly_what_it_missed_and_then_live_events() {
    let mut world = World::new(SETTINGS);
    event(&mut world);
    let before = position(&mut world);
    event(&mut world);
    event(&mut world);
    let (ann, got) = world.return_since("ann", &before);
    event(&mut world);
    assert_eq!(got, RECOVERED(2));
    assert_eq!(connected(&world, ann)["recovered"], true);
    assert_eq!(world.told(ann), ["CONNECTED", "E", "E", "E"]);
    assert_eq!(world.seqs(ann), [2, 3, 4]);
}

#[test]
fn p7_4_a_client_that_missed_nothing_is_told_so_however_long_ago_that_was() {
    let mut world = World::new(SETTINGS);
    event(&mut world);
    let before = position(&mut world);
    world.pass(TTL_MS * 2);
    assert_eq!(world.return_since("ann", &before).1, RECOVERED(0));
}

#[test]
fn p7_4_a_replayed_frame_is_the_one_that_was_sent() {
    let mut world = World::new(SETTINGS);
    let ben = world.join("ben");
    let before = position(&mut world);
    world.publish("{\"eventType\":\"E\",\"payload\": {\"ü\" :\t1.50}}", false);
    world.pass(1_000);
    let (ann, _) = world.return_since("ann", &before);
    assert_eq!(world.inbox(ann)[1], world.inbox(ben)[1]);
}

#[test]
fn p7_4_exclusions_and_targets_hold_in_the_replay() {
    let mut world = World::new(SETTINGS);
    let before = position(&mut world);
    for fields in [r#""excludeUserId":"ann""#, r#""userIds":["ann","ben"]"#, r#""userIds":["ben"]"#]
    {
        world.publish(&format!(r#"{{"eventType":"E",{fields}}}"#), false);
    }
    let seqs = |world: &mut World, user: &str| {
        let (socket, _) = world.return_since(user, &before);
        world.seqs(socket)
    };
    assert_eq!(seqs(&mut world, "ann"), [2]);
    assert_eq!(seqs(&mut world, "ann"), [2], "on another device");
    assert_eq!(seqs(&mut world, "ben"), [1, 2, 3]);
    assert_eq!(seqs(&mut world, ""), [1]);
}

#[test]
fn p7_4_an_excluded_connection_does_not_get_the_event_when_it_returns() {
    let mut world = World::new(SETTINGS);
    let before = position(&mut world);
    for fields in [
        r#""excludeConnectionId":"c""#,
        r#""excludeUserId":"ann","excludeConnectionId":"c""#,
        r#""excludeUserId":"ann","excludeConnectionId":"d""#,
    ] {
        world.publish(&format!(r#"{{"eventType":"E",{fields}}}"#), false);
    }
    for _ in 0..2 {
        let mut seqs = |user: &str, connection: &str| {
            let connection_id = ConnectionId::parse(connection).unwrap();
            let since = Position::parse(&before).unwrap();
            let member = Member { connection_id, ..world.member(user) };
            let (socket, _) = world.connect(member, Some(&since)).unwrap();
            world.seqs(socket)
        };
        assert_eq!(seqs("ann", "c"), [3]);
        assert_eq!(seqs("ann", "d"), [1, 2]);
        assert_eq!(seqs("ben", "c"), [2, 3]);
        assert_eq!(seqs("ben", "d"), [1, 2, 3]);
        world.evict();
    }
}

#[test]
fn p7_4_a_client_that_returns_neither_misses_waiting_events_nor_gets_them_twice() {
    let mut world = World::new(SETTINGS);
    let ben = world.join("ben");
    let before = position(&mut world);
    world.publish(r#"{"eventType":"E"}"#, true);
    let (ann, _) = world.return_since("ann", &before);
    world.publish(r#"{"eventType":"E"}"#, false);
    assert_eq!((world.seqs(ann), world.seqs(ben)), (vec![1, 2], vec![1, 2]));
}

#[test]
fn p7_4_a_client_that_takes_batches_gets_what_it_missed_in_one_frame() {
    let mut world = World::new(SETTINGS);
    let since = Position::parse(&position(&mut world)).unwrap();
    event(&mut world);
    event(&mut world);
    let member = Member { takes_batches: true, ..world.member("ann") };
    let (ann, _) = world.connect(member, Some(&since)).unwrap();
    assert_eq!(world.inbox(ann).len(), 2);
    assert_eq!(world.seqs(ann), [1, 2]);
}

#[test]
fn p7_5_a_client_with_an_unavailable_position_gets_nothing_and_stays() {
    let mut world = World::new(keeping(2));
    let before = position(&mut world);
    for _ in 0..3 {
        event(&mut world);
    }
    let epoch = world.state()["epoch"].as_str().unwrap().to_owned();
    let future = format!("{epoch}:4");
    for position in [before.as_str(), "another:3", &future] {
        let (socket, got) = world.return_since("ann", position);
        assert_eq!(got, NOT_RECOVERED, "{position}");
        assert_eq!(world.told(socket), ["CONNECTED"]);
    }
    assert_eq!(world.return_since("ann", &format!("{epoch}:1")).1, RECOVERED(2));
}

#[test]
fn p7_5_an_expired_event_is_not_replayed_nor_is_anything_with_it() {
    let mut world = World::new(SETTINGS);
    let before = position(&mut world);
    event(&mut world);
    world.pass(TTL_MS / 2);
    let middle = position(&mut world);
    event(&mut world);
    world.pass(TTL_MS / 2);
    assert_eq!(world.return_since("ann", &before).1, NOT_RECOVERED);
    assert_eq!(world.return_since("ann", &middle).1, RECOVERED(1));
    assert_eq!(world.state()["oldestSeq"], 2);
    world.pass(TTL_MS);
    assert_eq!(world.state()["oldestSeq"], Value::Null);
}

#[test]
fn p7_5_more_than_1_mib_is_not_replayed() {
    let mut world = World::new(SETTINGS);
    let before = position(&mut world);
    let body = json!({ "eventType": "E", "payload": "x".repeat(300_000) }).to_string();
    for expected in [RECOVERED(1), RECOVERED(2), RECOVERED(3), NOT_RECOVERED] {
        world.publish(&body, false);
        assert_eq!(world.return_since("ann", &before).1, expected);
    }
}

#[test]
fn p7_6_if_a_write_fails_after_its_event_was_sent_the_room_must_be_reset() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    let before = position(&mut world);
    world.write();
    event(&mut world);
    let seen = position(&mut world);
    assert!(world.room.awaits_write(), "no backend is told that it is durable");
    world.fill_disk(true);
    assert!(world.room.write().is_err() && world.room.must_be_reset());
    assert_eq!(world.told(ann), ["CONNECTED", "E"]);
    world.lose(0);
    world.fill_disk(false);
    assert_eq!(world.return_since("ann", &seen).1, NOT_RECOVERED, "it was lost");
    assert_eq!(world.return_since("ben", &before).1, RECOVERED(0));
    assert_eq!(seq_of(&event(&mut world)), Some(1_000));
    assert_eq!(world.return_since("ann", &seen).1, NOT_RECOVERED);
    assert_eq!(world.return_since("ben", &before).1, RECOVERED(1));
}

#[test]
fn p2_14_what_is_not_durable_yet_is_not_forgotten_when_another_event_can_not_be_written() {
    let limits = Limits { publishes_per_second: 10_000, publish_burst: 100_000, ..SETTINGS.limits };
    let mut world = World::new(RoomSettings { limits, ..SETTINGS });
    for _ in 0..999 {
        event(&mut world);
    }
    world.room.write().unwrap();
    world.fill_disk(true);
    publish(&mut world, r#"{"eventType":"E"}"#, None).unwrap_err();
    assert!(world.room.must_be_reset(), "else a repeat would be answered before it is durable");
}

#[test]
fn p2_14_the_first_event_of_a_life_that_can_not_be_written_reaches_nobody() {
    let mut world = World::new(SETTINGS);
    event(&mut world);
    world.crash();
    let ann = world.join("ann");
    world.write();
    world.fill_disk(true);
    for _ in 0..2 {
        let refused = publish(&mut world, r#"{"eventType":"E"}"#, None).unwrap_err();
        assert_eq!(refused.code, ErrorCode::STORAGE_FAILED);
    }
    assert!(!world.room.must_be_reset(), "nobody has seen it");
    world.publish(r#"{"eventType":"EPHEMERAL","ephemeral":true}"#, false);
    world.fill_disk(false);
    assert_eq!(seq_of(&event(&mut world)), Some(1_001));
    assert_eq!(world.told(ann), ["CONNECTED", "EPHEMERAL", "E"]);
}

#[test]
fn p2_14_an_ephemeral_event_needs_no_storage() {
    let mut world = World::new(RoomSettings { retention: None, ..SETTINGS });
    let nobody = world.join("");
    world.settings = SETTINGS;
    world.evict();
    world.fill_disk(true);
    world.publish(r#"{"eventType":"EPHEMERAL","ephemeral":true}"#, false);
    assert_eq!(world.told(nobody), ["CONNECTED", "EPHEMERAL"]);
}
