//! A room of a root and several leaves: what its clients see (P15).

use std::collections::BTreeSet;

use validiant_core::tree::Place;

use super::world::{At, Grown};

const EVENT: &str = r#"{"eventType":"E","payload":{"n":1}}"#;

fn places(sockets: impl IntoIterator<Item = At>) -> BTreeSet<Place> {
    sockets.into_iter().map(|at| at.place).collect()
}

fn epoch(grown: &mut Grown) -> String {
    grown.state()["epoch"].as_str().unwrap().to_owned()
}

#[test]
fn a_room_grows_moves_its_clients_and_everybody_gets_every_event_once_and_in_order() {
    let (mut grown, sockets) = Grown::with_users(10, 60);
    assert!(places(sockets.values().copied()).len() >= 6, "{:?}", grown.leaves());
    for _ in 0..5 {
        let answer = grown.publish(EVENT);
        assert_eq!(
            (&answer["recipients"], &answer["partial"]),
            (&60.into(), &serde_json::Value::Null)
        );
    }
    for at in sockets.values() {
        assert_eq!(grown.seqs(*at), [1, 2, 3, 4, 5], "{at:?}");
    }
    let state = grown.state();
    assert_eq!((&state["connections"], &state["activeUsers"]), (&60.into(), &60.into()));
    assert_eq!(state["users"].as_array().unwrap().len(), 60);
}

#[test]
fn p7_4_a_client_recovers_at_another_place_than_it_was() {
    let mut grown = Grown::new(10);
    let first = grown.join("user-0");
    let epoch = epoch(&mut grown);
    grown.publish(EVENT);
    grown.leave(first, 1_006);
    let others: Vec<At> = (1..40).map(|user| grown.join(&format!("user-{user}"))).collect();
    assert!(places(others).len() > 2);
    grown.publish(EVENT);
    grown.publish(EVENT);
    for user in 0..40 {
        let (at, recovered) = grown.connect(&format!("user-{user}"), Some(&format!("{epoch}:1")));
        assert!(recovered, "{at:?}");
        assert_eq!(grown.seqs(at), [2, 3], "{at:?}");
    }
}

#[test]
fn p11_1_what_a_client_says_reaches_all_others_at_all_places_and_not_itself() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    for speaker in sockets.values() {
        grown.message(*speaker, r#"{"type":"SEND","eventType":"client-x","payload":{}}"#);
    }
    for at in sockets.values() {
        assert_eq!(grown.of_type(*at, "client-x").len(), 29, "{at:?}");
        assert_eq!(grown.of_type(*at, "ERROR").len(), 0, "{at:?}");
    }
}

#[test]
fn p12_7_those_at_the_same_place_in_the_product_hear_each_other_wherever_they_are() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let (there, elsewhere): (Vec<_>, Vec<_>) =
        sockets.values().copied().enumerate().partition(|(place, _)| place % 2 == 0);
    for (_, at) in &there {
        grown.message(*at, r#"{"type":"PRESENCE_SET","patch":{"at":"board"}}"#);
    }
    for (count, (_, at)) in there.iter().enumerate() {
        // Who came before it is introduced, and who comes after it is told.
        let told = grown.of_type(*at, "USER_UPDATED").len();
        assert_eq!(told, there.len() - 1, "{count} {at:?}");
    }
    for (_, at) in elsewhere {
        assert_eq!(grown.of_type(at, "USER_UPDATED").len(), 0, "{at:?}");
    }
}

#[test]
fn p12_6_data_move_with_their_client_and_nobody_hears_that_they_are_gone() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let watcher = sockets["user-0"];
    for at in sockets.values() {
        grown.message(*at, r#"{"type":"PRESENCE_SET","patch":{"at":"board"}}"#);
    }
    let heard = grown.of_type(watcher, "USER_UPDATED").len();
    let mut grown_from = sockets.clone();
    (30..60).for_each(|user| {
        let user = format!("user-{user}");
        let at = grown.join(&user);
        grown_from.insert(user, at);
    });
    let mut moved = 0;
    for _ in 0..20 {
        grown.pass(1_000);
        for (user, at) in &mut grown_from {
            if grown.close_of(*at).is_some() {
                moved += 1;
                *at = grown.join(user);
            }
        }
    }
    assert!(moved > 5);
    let updates = grown.of_type(grown_from["user-0"], "USER_UPDATED");
    assert!(updates.len() > heard || grown_from["user-0"] != watcher);
    let is_gone = |update: &serde_json::Value| {
        update["payload"]["data"][0]["data"].is_null() && update["payload"]["data"].is_array()
    };
    assert!(!updates.iter().any(is_gone), "{updates:?}");
    let state = grown.state();
    assert_eq!((&state["connections"], &state["activeUsers"]), (&60.into(), &60.into()));
}

#[test]
fn a_room_whose_clients_go_shrinks_until_it_is_alone() {
    let (mut grown, sockets) = Grown::with_users(10, 40);
    let mut left: Vec<(String, At)> = sockets.into_iter().collect();
    for (_, at) in left.drain(3..) {
        grown.leave(at, 1_000);
    }
    for _ in 0..4_000 {
        grown.pass(1_000);
        for (user, at) in &mut left {
            if grown.close_of(*at).is_some() {
                *at = grown.join(user);
            }
        }
    }
    let state = grown.state();
    assert!(state["leaves"].is_null(), "{state}");
    assert_eq!((&state["connections"], &state["activeUsers"]), (&3.into(), &3.into()));
    let answer = grown.publish(EVENT);
    assert_eq!(answer["recipients"], 3);
    let calls = grown.calls;
    grown.pass(60_000);
    assert_eq!(grown.calls, calls, "it calls nobody any more");
}

#[test]
fn an_idle_room_makes_no_calls_but_checks_where_it_stands() {
    let (mut grown, _) = Grown::with_users(10, 30);
    grown.pass(10_000);
    let calls = grown.calls;
    grown.pass(250_000);
    let places = grown.objects.len();
    assert!(grown.calls - calls <= 10 * places, "{} calls", grown.calls - calls);
}

#[test]
fn leaves_that_sleep_wake_for_an_event_and_need_one_call_more() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.pass(10_000);
    for place in grown.leaves() {
        grown.sleep(place);
    }
    grown.now += 60_000;
    grown.publish(EVENT);
    let calls = grown.calls;
    grown.publish(EVENT);
    let leaves = grown.leaves().len();
    assert_eq!(grown.calls - calls, leaves, "those that are awake need one call each");
    for at in sockets.values() {
        assert_eq!(grown.seqs(*at), [1, 2], "{at:?}");
        assert_eq!(grown.close_of(*at), None);
    }
}

#[test]
fn everything_sleeps_and_the_next_event_reaches_everybody() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.publish(EVENT);
    grown.pass(10_000);
    for place in grown.objects.keys().copied().collect::<Vec<_>>() {
        grown.sleep(place);
    }
    grown.now += 60_000;
    let answer = grown.publish(EVENT);
    assert_eq!(answer["recipients"], 30);
    for at in sockets.values() {
        assert_eq!((grown.seqs(*at), grown.close_of(*at)), (vec![1, 2], None), "{at:?}");
    }
}

#[test]
fn a_leaf_that_crashes_takes_its_clients_back() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let epoch = epoch(&mut grown);
    grown.publish(EVENT);
    let lost = grown.leaves()[0];
    grown.crash(lost);
    grown.now += 1_000;
    grown.publish(EVENT);
    for (user, at) in sockets {
        match at.place == lost {
            true => {
                let (at, recovered) = grown.connect(&user, Some(&format!("{epoch}:1")));
                assert_eq!((recovered, grown.seqs(at)), (true, vec![2]), "{at:?}");
            }
            false => assert_eq!(grown.seqs(at), [1, 2], "{at:?}"),
        }
    }
    grown.pass(60_000);
    assert_eq!(grown.state()["activeUsers"], 30);
}

#[test]
fn a_root_that_crashes_makes_all_leaves_close_and_everybody_recovers() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let epoch = epoch(&mut grown);
    grown.publish(EVENT);
    grown.crash(Place::ROOT);
    grown.now += 1_000;
    grown.publish(EVENT);
    grown.pass(5_000);
    for (user, at) in sockets {
        if at.place != Place::ROOT {
            assert!(grown.close_of(at).is_some(), "{at:?}");
        }
        let (at, recovered) = grown.connect(&user, Some(&format!("{epoch}:1")));
        assert!(recovered);
        assert_eq!(grown.seqs(at).len(), 1, "{at:?}");
    }
    grown.pass(60_000);
    let state = grown.state();
    assert_eq!((&state["connections"], &state["activeUsers"]), (&30.into(), &30.into()));
}

#[test]
fn a_leaf_that_is_cut_off_is_given_up_and_found_again() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    let epoch = epoch(&mut grown);
    grown.publish(EVENT);
    let lost = grown.leaves()[0];
    grown.cut_off.insert(lost);
    let answer = grown.publish(EVENT);
    assert_eq!(answer["partial"], true);
    grown.pass(20_000);
    grown.publish(EVENT);
    grown.cut_off.clear();
    grown.pass(120_000);
    for (user, at) in sockets {
        if at.place == lost {
            assert!(grown.close_of(at).is_some());
            assert_eq!(grown.seqs(at), [1]);
            let (at, recovered) = grown.connect(&user, Some(&format!("{epoch}:1")));
            assert_eq!((recovered, grown.seqs(at)), (true, vec![2, 3]), "{at:?}");
        } else {
            assert_eq!(grown.seqs(at), [1, 2, 3], "{at:?}");
        }
    }
    let answer = grown.publish(EVENT);
    assert_eq!((&answer["recipients"], &answer["partial"]), (&30.into(), &serde_json::Value::Null));
}
