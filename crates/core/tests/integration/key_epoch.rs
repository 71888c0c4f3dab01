//! The lowest key epoch of a project (P14.2, P14.3): raised, remembered, told.

use serde_json::{Value, json};
use validiant_core::encryption::KeyEpoch;
use validiant_core::names::DocId;
use validiant_core::ports::{ID_END, StorageFailed};
use validiant_core::room::NotConnected;
use validiant_core::room_call::document::{Errand, Purpose, Visitor};
use validiant_core::room_call::erasure::Erasure;
use validiant_core::wire::error_code::ErrorCode;

use crate::support::{SETTINGS, World};

fn raise(world: &mut World, epoch: KeyEpoch) -> KeyEpoch {
    world.room.raise_key_epoch(epoch, world.now).unwrap().min_key_epoch
}

fn in_force(world: &mut World) -> Value {
    world.state()["minKeyEpoch"].clone()
}

fn open(world: &mut World, document: &str) -> Result<KeyEpoch, NotConnected> {
    let visitor = Visitor { user: None, token: None, subprotocol: None };
    let document = DocId::parse(document).unwrap();
    world.room.serve_document(&Errand { document, purpose: Purpose::Open(visitor) }, world.now)
}

#[test]
fn p14_2_a_removal_raises_it_in_the_same_write() {
    let mut world = World::new(SETTINGS);
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    let before = world.rows_written();
    let removed = world.remove_with("ann", 60_000, 8);
    assert_eq!((removed.min_key_epoch, removed.disconnected.len()), (8, 1));
    let answer = serde_json::to_value(&removed).unwrap();
    let expected = json!({
        "success": true, "message": "User removed", "disconnected": 1,
        "refusedUntil": world.now + 60_000, "minKeyEpoch": 8,
    });
    assert_eq!(answer, expected);
    assert_eq!(world.told(ben), ["CONNECTED", "USER_LEFT ann", "KEY_EPOCH"]);
    assert_eq!(world.told(ann), ["CONNECTED", "USER_JOINED ben"]);
    // The removal, the epoch and the user who has left.
    assert_eq!(world.rows_written() - before, 3);
}

#[test]
fn p14_2_if_it_can_t_be_written_nothing_of_the_removal_happens() {
    let mut world = World::new(SETTINGS);
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    world.write();
    world.fill_disk(true);
    for refuse_ms in [0, 60_000] {
        assert_eq!(world.try_to_remove("ann", refuse_ms, 8), Err(StorageFailed));
    }
    assert_eq!(world.room.raise_key_epoch(8, world.now), Err(StorageFailed));
    assert_eq!((world.close_of(ann), world.told(ben)), (None, vec!["CONNECTED".into()]));
    world.fill_disk(false);
    assert_eq!(in_force(&mut world), Value::Null);
    world.crash();
    assert_eq!(in_force(&mut world), Value::Null);
    world.join("ann");
}

#[test]
fn p14_2_a_lower_one_changes_nothing_and_the_answer_has_the_one_in_force() {
    let mut world = World::new(SETTINGS);
    let ben = world.join("ben");
    assert_eq!(raise(&mut world, 8), 8);
    let before = world.rows_written();
    for epoch in [8, 7, 1] {
        assert_eq!(raise(&mut world, epoch), 8);
        assert_eq!(world.remove_with("ann", 0, epoch).min_key_epoch, 8);
    }
    assert_eq!(world.remove("ann", 0).min_key_epoch, 8, "without one");
    assert_eq!(world.rows_written(), before);
    assert_eq!(world.told(ben), ["CONNECTED", "KEY_EPOCH"]);
    let answer = serde_json::to_value(world.room.raise_key_epoch(3, world.now).unwrap()).unwrap();
    let expected = json!({ "success": true, "message": "Key epoch raised", "minKeyEpoch": 8 });
    assert_eq!(answer, expected);
}

#[test]
fn p14_2_it_survives_eviction_crashes_and_an_erasure_unless_all_is_erased() {
    let mut world = World::new(SETTINGS);
    raise(&mut world, 8);
    world.evict();
    assert_eq!(in_force(&mut world), 8);
    world.crash();
    assert_eq!(in_force(&mut world), 8);
    world.room.erase(Erasure::ButRefusals, world.now).unwrap();
    assert_eq!(in_force(&mut world), 8);
    world.room.erase(Erasure::All, world.now).unwrap();
    assert_eq!(in_force(&mut world), Value::Null);
    world.crash();
    assert_eq!(in_force(&mut world), Value::Null);
}

#[test]
fn p14_2_it_is_durable_before_anybody_is_told() {
    let mut world = World::new(SETTINGS);
    let ben = world.join("ben");
    world.write();
    let (before, _) = world.held_back(ben);
    raise(&mut world, 8);
    assert_eq!(world.held_back(ben), (before, 1));
    world.lose(0);
    assert_eq!(in_force(&mut world), Value::Null, "and nobody has heard of it");
}

#[test]
fn p14_3_what_waits_to_be_sent_comes_before_it() {
    let mut world = World::new(SETTINGS);
    let ben = world.join("ben");
    world.publish(r#"{"eventType":"E"}"#, true);
    world.remove_with("ann", 0, 8);
    assert_eq!(world.told(ben), ["CONNECTED", "E", "KEY_EPOCH"]);
    let frame = world.events(ben).pop().unwrap();
    let expected =
        json!({ "type": "KEY_EPOCH", "payload": { "minKeyEpoch": 8 }, "timestamp": world.now });
    assert_eq!(frame, expected);
}

#[test]
fn p14_3_who_connects_is_told_and_so_is_who_asks_for_the_state() {
    let mut world = World::new(SETTINGS);
    let told = |world: &mut World, user| {
        let socket = world.join(user);
        world.inbox(socket)[0]["payload"]["minKeyEpoch"].clone()
    };
    for (user, floor) in [("ann", Value::Null), ("", Value::Null)] {
        assert_eq!((told(&mut world, user), in_force(&mut world)), (floor.clone(), floor));
    }
    raise(&mut world, 8);
    for evicts in [false, true] {
        if evicts {
            world.evict();
        }
        for user in ["ann", ""] {
            assert_eq!((told(&mut world, user), in_force(&mut world)), (json!(8), json!(8)));
        }
    }
}

#[test]
fn p14_2_while_it_is_unreadable_nothing_is_taken_and_nobody_let_in() {
    let mut world = World::new(SETTINGS);
    raise(&mut world, 8);
    world.evict();
    world.hide_key_epoch(true);
    for _ in 0..2 {
        let body = br#"{"eventType":"E","plaintext":true}"#;
        let refused = world.room.publish(body, None, false, world.now).unwrap_err();
        assert_eq!(refused.code, ErrorCode::STORAGE_FAILED);
        assert_eq!(world.connect(world.member(""), None).unwrap_err(), NotConnected::Unavailable);
        assert_eq!(open(&mut world, "d"), Err(NotConnected::Unavailable));
        assert_eq!(world.room.raise_key_epoch(9, world.now), Err(StorageFailed));
        assert_eq!(world.try_to_remove("ann", 0, 9), Err(StorageFailed));
    }
    world.hide_key_epoch(false);
    assert_eq!(raise(&mut world, 9), 9);
}

#[test]
fn p14_2_all_open_documents_are_told_whoever_is_removed() {
    let mut world = World::new(SETTINGS);
    for document in ["a", "b"] {
        assert_eq!(open(&mut world, document), Ok(0));
    }
    let open_now = format!("a{ID_END}b");
    // Also of one that is no higher: a document may have missed the first call.
    for epoch in [8, 8, 7] {
        assert_eq!(world.remove_with("nobody", 0, epoch).documents, open_now);
        assert_eq!(world.room.raise_key_epoch(epoch, world.now).unwrap().documents, open_now);
    }
    assert_eq!(open(&mut world, "c"), Ok(8));
    world.crash();
    assert_eq!(open(&mut world, "c"), Ok(8));
}
