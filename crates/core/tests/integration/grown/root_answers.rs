//! What backends are answered in a grown room, also while leaves do not answer (P2.9, P8, P15).

use serde_json::{Value, json};
use validiant_core::answer::Ticket;
use validiant_core::names::UserId;
use validiant_core::position::Position;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::removal::Removal;
use validiant_core::room_call::revocation::{Revocation, Scope};
use validiant_core::tree::wire::{Pulled, Up, UpAnswer};
use validiant_core::tree::{Note, Place, Settled};
use validiant_core::wire::error_code::Refusal;

use super::world::{At, Grown};

const EVENT: &str = r#"{"eventType":"E","payload":{}}"#;

fn removal(user: &str, refuse_ms: u64) -> Removal {
    Removal { user_id: UserId::parse(user).unwrap(), refuse_ms, min_key_epoch: 0 }
}

/// The answer under a ticket: at once, or when it has waited for long enough.
fn settled(grown: &mut Grown, ticket: Option<Ticket>) -> Result<Value, Refusal> {
    let (ticket, now) = (ticket.expect("the leaves are waited for"), grown.now);
    grown.pump();
    let settled = grown.root().next_settled(now).or_else(|| grown.root().settle(ticket, now));
    let Settled { answer, .. } = settled.expect("there is an answer");
    answer.map(|text| serde_json::from_str(&text).unwrap())
}

fn remove(grown: &mut Grown, user: &str, refuse_ms: u64) -> Result<Value, Refusal> {
    let now = grown.now;
    let removed = grown.root().remove_user(&removal(user, refuse_ms), now).unwrap();
    settled(grown, removed.ticket)
}

/// A user at a leaf.
fn someone_at_a_leaf(sockets: &std::collections::BTreeMap<String, At>) -> (String, At) {
    let (user, at) = sockets.iter().find(|(_, at)| at.place != Place::ROOT).unwrap();
    (user.clone(), *at)
}

/// So long that a leaf that is cut off counts as lost.
const LOST_MS: u64 = 15_000;

#[test]
fn p8_1_a_removal_at_a_leaf_is_answered_when_the_leaf_has_done_it() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let (user, at) = someone_at_a_leaf(&sockets);
    let answer = remove(&mut grown, &user, 600_000).unwrap();
    assert_eq!((&answer["success"], &answer["disconnected"]), (&json!(true), &json!(1)));
    assert!(answer["refusedUntil"].is_u64());
    assert_eq!(grown.close_of(at).unwrap().code.number, 4_003);
    assert_eq!(grown.try_to_connect(&user, None), None, "they are kept out");
    assert_eq!(grown.state()["connections"], 29);
}

#[test]
fn p8_4_tokens_are_revoked_at_all_places() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let (user, _) = someone_at_a_leaf(&sockets);
    let now = grown.now;
    let scope = Scope::User(UserId::parse(&user).unwrap());
    let revoked = grown.root().revoke(Revocation { scope, before: now }, now).unwrap();
    let answer = settled(&mut grown, revoked.ticket).unwrap();
    assert_eq!(answer, json!({"success": true, "message": "Tokens revoked", "disconnected": 0}));
}

#[test]
fn p14_2_a_raised_key_epoch_is_told_at_all_places() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let now = grown.now;
    let raised = grown.root().raise_key_epoch(7, now).unwrap();
    assert_eq!(settled(&mut grown, raised.ticket).unwrap()["minKeyEpoch"], 7);
    assert!(sockets.values().all(|at| grown.of_type(*at, "KEY_EPOCH").len() == 1));
}

#[test]
fn p8_7_an_erased_room_begins_another_history_at_all_places() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.publish(EVENT);
    let before = grown.state()["epoch"].clone();
    let now = grown.now;
    let erased = grown.root().erase(Erasure::ButRefusals, now).unwrap();
    assert_eq!(settled(&mut grown, erased.ticket).unwrap()["disconnected"], 30);
    assert!(sockets.values().all(|at| grown.close_of(*at).is_some()));
    let back: Vec<At> = sockets.keys().map(|user| grown.join(user)).collect();
    assert_eq!(grown.publish(EVENT)["seq"], 1);
    for at in &back {
        let hello = &grown.of_type(*at, "CONNECTED")[0]["payload"];
        assert_eq!((hello["epoch"] == before, &hello["seq"]), (false, &json!(0)), "{at:?}");
        assert_eq!(grown.seqs(*at), [1]);
    }
    assert_eq!(grown.leaves().len(), grown.state()["leaves"].as_array().unwrap().len());
}

#[test]
fn p8_5_a_removal_that_a_leaf_has_not_confirmed_is_not_answered_but_safe_to_repeat() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let (user, at) = someone_at_a_leaf(&sockets);
    grown.cut_off.insert(at.place);
    let refused = remove(&mut grown, &user, 600_000).unwrap_err();
    assert_eq!(refused.code.code, "room_unavailable");
    grown.pass(LOST_MS);
    let refused = remove(&mut grown, &user, 600_000).unwrap_err();
    assert_eq!(refused.code.code, "room_unavailable");
    grown.cut_off.clear();
    let answer = remove(&mut grown, &user, 600_000);
    assert_eq!(answer.unwrap()["success"], true);
    assert!(grown.close_of(at).is_some());
    assert_eq!(grown.try_to_connect(&user, None), None, "they are kept out");
}

#[test]
fn p2_9_a_broadcast_is_answered_without_a_leaf_that_does_not_answer() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let (_, at) = someone_at_a_leaf(&sockets);
    let there = sockets.values().filter(|other| other.place == at.place).count();
    grown.cut_off.insert(at.place);
    let answer = grown.publish(EVENT);
    assert_eq!((&answer["recipients"], &answer["partial"]), (&json!(30 - there), &json!(true)));
    grown.cut_off.clear();
    grown.pass(1_000);
    assert_eq!(grown.seqs(at), [1], "it was only late");
    let answer = grown.publish(EVENT);
    assert_eq!((&answer["recipients"], answer.get("partial")), (&json!(30), None));
}

#[test]
fn a_leaf_that_is_lost_closes_its_sockets_before_it_gets_anything_again() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let (user, at) = someone_at_a_leaf(&sockets);
    grown.publish(EVENT);
    let epoch = grown.state()["epoch"].as_str().unwrap().to_owned();
    grown.root().take_notes();
    grown.cut_off.insert(at.place);
    grown.publish(EVENT);
    grown.pass(LOST_MS);
    assert_eq!(grown.root().take_notes(), [Note::Lost(at.place)]);
    let answer = grown.publish(EVENT);
    assert_eq!(answer["partial"], true);
    let leaf = |state: Value| {
        let leaves = state["leaves"].as_array().unwrap().clone();
        leaves.into_iter().find(|leaf| leaf["leaf"] == at.place.index).unwrap()
    };
    assert_eq!(leaf(grown.state())["answers"], false);
    grown.cut_off.clear();
    grown.pass(120_000);
    assert!(grown.root().take_notes().contains(&Note::Found(at.place)));
    assert!(grown.close_of(at).is_some());
    assert_eq!(grown.seqs(at), [1]);
    let (at, recovered) = grown.connect(&user, Some(&format!("{epoch}:1")));
    assert_eq!((recovered, grown.seqs(at)), (true, vec![2, 3]));
    assert_eq!(leaf(grown.state())["answers"], true);
}

#[test]
fn it_is_not_forgotten_that_a_leaf_is_lost_when_the_root_sleeps() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let (_, at) = someone_at_a_leaf(&sockets);
    grown.cut_off.insert(at.place);
    grown.publish(EVENT);
    grown.pass(LOST_MS);
    grown.sleep(Place::ROOT);
    grown.cut_off.clear();
    grown.publish(EVENT);
    assert!(grown.close_of(at).is_some());
    assert_eq!(grown.seqs(at), [0; 0]);
}

#[test]
fn p2_11_a_retry_is_answered_at_once_and_waits_for_nobody() {
    let (mut grown, _) = Grown::with_users(10, 30);
    let body = br#"{"eventType":"E","payload":{},"id":"k"}"#;
    let now = grown.now;
    let first = grown.root().publish(body, None, false, now).unwrap();
    assert!(first.ticket.is_some());
    grown.pump();
    let again = grown.root().publish(body, None, false, now).unwrap();
    assert_eq!((again.duplicate, again.ticket), (true, None));
}

#[test]
fn p2_10_each_event_of_a_list_is_counted_over_all_places() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let (user, at) = someone_at_a_leaf(&sockets);
    let body = json!([
        {"eventType": "E", "payload": 1, "userIds": [user]},
        {"eventType": "E", "payload": 2, "excludeUserIds": [user]},
        {"eventType": "E", "payload": 3},
    ]);
    let answer = grown.publish(&json!({ "events": body }).to_string());
    let counts: Vec<(u64, u64)> = answer["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["recipients"].as_u64().unwrap(), it["excluded"].as_u64().unwrap()))
        .collect();
    assert_eq!(counts, [(1, 0), (29, 1), (30, 0)]);
    assert_eq!(grown.seqs(at), [1, 3]);
}

#[test]
fn p8_7_a_leaf_that_has_not_erased_yet_gets_nothing_of_the_next_history() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    (0..3).for_each(|_| drop(grown.publish(EVENT)));
    let before = grown.state()["epoch"].as_str().unwrap().to_owned();
    let (user, at) = someone_at_a_leaf(&sockets);
    grown.sleep(at.place);
    let (now, member) = (grown.now, grown.member(&user));
    let since = Position::parse(&format!("{before}:1")).unwrap();
    // The leaf learns where it stands, and then asks what came after the position.
    for _ in 0..2 {
        grown.object(at.place).room.readiness(&member, Some(&since), now);
        let call = grown.object(at.place).room.next_call(now).unwrap();
        if Up::parse(&call.text).unwrap().pulls.is_empty() {
            let answer = grown.root().called(&call.text, now);
            grown.object(at.place).room.answered(Place::ROOT, &answer, now);
            continue;
        }
        grown.root().erase(Erasure::ButRefusals, now).unwrap();
        for _ in 0..3 {
            grown.root().publish(EVENT.as_bytes(), None, false, now).unwrap();
        }
        let answer = UpAnswer::parse(&grown.root().called(&call.text, now)).unwrap();
        assert_eq!(answer.pulled, [Pulled { since: 1, events: None }]);
        return;
    }
    panic!("the leaf has asked for nothing");
}
