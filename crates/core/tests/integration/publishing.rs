//! What a backend that retries is told, and events that come together (P2.11, P2.12).

use crate::recovery::{NOT_RECOVERED, TTL_MS, event, keeping, position, publish, seq_of};
use crate::support::{SETTINGS, World};
use serde_json::{Value, json};
use validiant_core::wire::error_code::ErrorCode;

#[test]
fn p2_11_a_repeat_is_answered_with_the_first_number_and_reaches_nobody() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    let body = r#"{"eventType":"E","payload":{"n":1},"excludeUserId":"u"}"#;
    for (place, evicts) in [(0, false), (1, true), (2, false)] {
        if evicts {
            world.evict();
        }
        let published = publish(&mut world, body, Some("k")).unwrap();
        assert_eq!((seq_of(&published), published.duplicate), (Some(1), place > 0));
        world.pass(1_000);
    }
    let other = publish(&mut world, body, Some("another")).unwrap();
    assert_eq!((seq_of(&other), other.duplicate), (Some(2), false));
    assert_eq!(world.seqs(ann), [1, 2]);
}

#[test]
fn p2_11_the_same_id_for_another_event_is_a_conflict() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    publish(&mut world, r#"{"eventType":"E","id":"k"}"#, None).unwrap();
    for other in [
        r#"{"eventType":"F","id":"k"}"#,
        r#"{"eventType":"E","id":"k","payload":1}"#,
        r#"{"eventType":"E","id":"k","excludeUserId":"u"}"#,
        r#"{"id":"k","events":[{"eventType":"E"},{"eventType":"E"}]}"#,
    ] {
        let refused = publish(&mut world, other, None).unwrap_err();
        assert_eq!(refused.code, ErrorCode::IDEMPOTENCY_CONFLICT, "{other}");
    }
    assert_eq!(world.seqs(ann), [1]);
}

#[test]
fn p2_11_after_the_window_an_id_is_forgotten() {
    let mut world = World::new(keeping(2));
    let body = r#"{"eventType":"E"}"#;
    let repeats = |world: &mut World| publish(world, body, Some("k")).unwrap().duplicate;
    assert!(!repeats(&mut world));
    event(&mut world);
    assert!(repeats(&mut world));
    event(&mut world);
    assert!(!repeats(&mut world), "its event is overwritten");
    world.pass(TTL_MS);
    assert!(!repeats(&mut world), "its event is over");
}

#[test]
fn p2_12_events_get_consecutive_numbers_and_go_out_together() {
    let mut world = World::new(SETTINGS);
    let (ann, batches) = (world.join("ann"), world.join_for_batches(""));
    event(&mut world);
    let body = r#"{"events":[{"eventType":"A"},{"eventType":"B","excludeUserId":"ann"},
        {"eventType":"C","ephemeral":true},{"eventType":"D"}]}"#;
    let answer =
        serde_json::from_str::<Value>(&publish(&mut world, body, None).unwrap().to_json()).unwrap();
    let events = json!([
        { "recipients": 2, "excluded": 0, "seq": 2 },
        { "recipients": 1, "excluded": 1, "seq": 3 },
        { "recipients": 2, "excluded": 0 },
        { "recipients": 2, "excluded": 0, "seq": 4 },
    ]);
    assert_eq!(answer, json!({ "success": true, "message": "Broadcast sent", "events": events }));
    assert_eq!(world.told(ann), ["CONNECTED", "E", "A", "C", "D"]);
    assert_eq!(world.told(batches)[2..], ["A", "B", "C", "D"]);
    assert_eq!(world.inbox(batches).last().unwrap().as_array().unwrap().len(), 4);
}

#[test]
fn p2_12_one_wrong_event_refuses_all() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    publish(&mut world, r#"{"events":[{"eventType":"A"},{"eventType":""}]}"#, None).unwrap_err();
    assert_eq!(
        (world.told(ann), seq_of(&event(&mut world))),
        (vec!["CONNECTED".to_owned()], Some(1))
    );
}

#[test]
fn p2_12_a_batch_is_repeated_as_a_whole() {
    let mut world = World::new(keeping(3));
    let ann = world.join("ann");
    let body = r#"{"id":"k","events":[{"eventType":"A"},{"eventType":"B"},{"eventType":"C"}]}"#;
    publish(&mut world, body, None).unwrap();
    // Its first event is overwritten, the last is there.
    event(&mut world);
    world.evict();
    let repeat = publish(&mut world, body, None).unwrap();
    let seqs: Vec<_> = repeat.deliveries.iter().map(|delivery| delivery.seq).collect();
    assert_eq!((repeat.duplicate, seqs), (true, vec![Some(1), Some(2), Some(3)]));
    assert_eq!(world.told(ann), ["CONNECTED", "A", "B", "C", "E"]);
}

#[test]
fn p2_12_a_batch_larger_than_the_history_keeps_its_end() {
    let mut world = World::new(keeping(2));
    let before = position(&mut world);
    let events = vec![r#"{"eventType":"E"}"#; 100].join(",");
    publish(&mut world, &format!(r#"{{"events":[{events}]}}"#), Some("k")).unwrap();
    assert_eq!(world.state()["oldestSeq"], 99);
    assert_eq!(world.return_since("ann", &before).1, NOT_RECOVERED);
    let repeat = publish(&mut world, &format!(r#"{{"events":[{events}]}}"#), Some("k")).unwrap();
    assert_eq!((repeat.duplicate, repeat.deliveries.len()), (true, 100));
}
