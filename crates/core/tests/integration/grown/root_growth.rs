//! How a room grows, shrinks and goes on after a crash (P15).

use std::collections::BTreeMap;

use validiant_core::tree::{Note, Place};

use super::world::{At, Grown};

const EVENT: &str = r#"{"eventType":"E","payload":{}}"#;

/// Everybody who was closed comes back, from where they were.
fn all_return(grown: &mut Grown, sockets: &mut BTreeMap<String, At>, epoch: &str) -> usize {
    let mut returned = 0;
    for (user, at) in sockets {
        if grown.close_of(*at).is_some() {
            let seq = grown.seqs(*at).last().copied().unwrap_or(0);
            let (now_at, recovered) = grown.connect(user, Some(&format!("{epoch}:{seq}")));
            assert!(recovered, "{user} has got all up to {seq}");
            let again = grown.seqs(now_at);
            assert!(again.iter().all(|new| *new > seq), "{user} gets nothing twice");
            returned += 1;
            *at = now_at;
        }
    }
    returned
}

fn epoch(grown: &mut Grown) -> String {
    grown.state()["epoch"].as_str().unwrap().to_owned()
}

#[test]
fn a_room_that_is_not_full_stays_alone_and_makes_no_call() {
    let (mut grown, sockets) = Grown::with_users(30, 29);
    assert_eq!(grown.publish(EVENT)["recipients"], 29);
    assert_eq!((grown.calls, grown.leaves().len()), (0, 0));
    assert!(sockets.values().all(|at| at.place == Place::ROOT));
    assert!(!grown.root().wants_calls());
    assert_eq!(grown.state().get("leaves"), None);
    assert_eq!(grown.object(Place::ROOT).platform.borrow().disk.tree(), None);
}

#[test]
fn the_client_that_finds_the_room_full_makes_it_grow() {
    let (mut grown, _) = Grown::with_users(30, 30);
    assert_eq!(grown.leaves().len(), 0);
    grown.join("user-30");
    assert_eq!(grown.root().take_notes(), [Note::Resized { from: 1, to: 2 }]);
    assert!(grown.object(Place::ROOT).platform.borrow().disk.tree().is_some(), "it is stored");
}

#[test]
fn a_leaf_is_told_the_places_once_and_not_with_each_event() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.pass(10_000);
    let now = grown.now;
    let mut calls = 0;
    grown.root().publish(EVENT.as_bytes(), None, false, now).unwrap();
    while let Some(call) = grown.root().next_call(now) {
        let down = validiant_core::tree::wire::Down::parse(&call.text).unwrap();
        assert_eq!(down.head.places, Default::default());
        let answer = grown.object(call.to).room.called(&call.text, now);
        grown.root().answered(call.to, &answer, now);
        calls += 1;
    }
    assert_eq!(calls, grown.leaves().len());
    grown.pass(10_000);
    assert!(sockets.values().all(|at| grown.close_of(*at).is_none()), "nobody has to move");
}

#[test]
fn a_room_that_cannot_store_its_places_does_not_grow() {
    let (mut grown, _) = Grown::with_users(30, 30);
    grown.object(Place::ROOT).platform.borrow_mut().disk.is_full = true;
    let member = grown.member("user-30");
    let now = grown.now;
    let readiness = grown.root().readiness(&member, None, now);
    assert_eq!(readiness, validiant_core::tree::Readiness::Now);
    assert_eq!(grown.root().take_notes(), []);
}

#[test]
fn no_event_is_lost_or_comes_twice_while_a_room_grows_from_one_place_to_many() {
    let mut grown = Grown::new(8);
    let mut sockets = BTreeMap::new();
    sockets.insert("user-0".to_owned(), grown.join("user-0"));
    let epoch = epoch(&mut grown);
    let mut got: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for user in 1..80 {
        let name = format!("user-{user}");
        let (at, _) = grown.connect(&name, Some(&format!("{epoch}:{}", user - 1)));
        sockets.insert(name, at);
        grown.publish(EVENT);
        grown.pass(300);
        for (user, at) in &sockets {
            let seqs = grown.seqs(*at);
            let known = got.entry(user.clone()).or_default();
            let last = known.last().copied().unwrap_or(0);
            known.extend(seqs.into_iter().filter(|seq| *seq > last));
        }
        all_return(&mut grown, &mut sockets, &epoch);
    }
    for _ in 0..10 {
        grown.pass(1_000);
        all_return(&mut grown, &mut sockets, &epoch);
    }
    assert!(grown.leaves().len() >= 8, "{:?}", grown.leaves());
    let state = grown.state();
    assert_eq!((&state["connections"], &state["activeUsers"]), (&80.into(), &80.into()));
    for (user, seqs) in got {
        assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{user}: {seqs:?}");
    }
}

#[test]
fn a_room_that_is_far_too_large_for_ten_minutes_shrinks_until_it_is_alone() {
    let (mut grown, sockets) = Grown::with_users(10, 60);
    assert!(grown.leaves().len() >= 6);
    for at in sockets.values().skip(3) {
        grown.leave(*at, 1_000);
    }
    let mut left: BTreeMap<String, At> = sockets.into_iter().take(3).collect();
    let epoch = epoch(&mut grown);
    grown.publish(EVENT);
    for _ in 0..30 {
        grown.pass(60_000);
        all_return(&mut grown, &mut left, &epoch);
    }
    assert_eq!(grown.object(Place::ROOT).platform.borrow().disk.tree(), None);
    assert!(left.values().all(|at| at.place == Place::ROOT), "{left:?}");
    let state = grown.state();
    assert_eq!((&state["connections"], state.get("leaves")), (&3.into(), None));
    grown.publish(EVENT);
    assert!(left.values().all(|at| grown.seqs(*at).last() == Some(&2)));
    let calls = grown.calls;
    grown.publish(EVENT);
    assert_eq!(grown.calls, calls);
}

#[test]
fn a_room_that_grows_again_uses_no_object_twice() {
    let (mut grown, sockets) = Grown::with_users(10, 20);
    let before = grown.leaves();
    sockets.values().for_each(|at| grown.leave(*at, 1_000));
    grown.pass(1_800_000);
    assert_eq!(grown.object(Place::ROOT).platform.borrow().disk.tree(), None);
    for user in 0..20 {
        grown.join(&format!("user-{user}"));
    }
    let after = grown.leaves();
    assert!(after.len() > before.len());
    assert_eq!(grown.state()["connections"], 20);
}

#[test]
fn p7_6_after_a_crash_of_the_root_everybody_connects_anew_before_an_event_is_sent() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.publish(EVENT);
    grown.crash(Place::ROOT);
    grown.publish(EVENT);
    for (user, at) in &sockets {
        if at.place != Place::ROOT {
            assert_eq!(grown.close_of(*at).map(|it| it.code.number), Some(4_200), "{user}");
            assert_eq!(grown.seqs(*at), [1], "{user}");
        }
    }
    assert_eq!(grown.join("user-0").place, sockets["user-0"].place, "the places are as before");
}

#[test]
fn p7_6_the_first_client_that_comes_back_resets_the_leaves_too() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.crash(Place::ROOT);
    grown.join("new");
    let at_leaves = sockets.values().filter(|at| at.place != Place::ROOT);
    assert!(at_leaves.clone().count() > 10);
    assert!(at_leaves.into_iter().all(|at| grown.close_of(*at).is_some()));
}

#[test]
fn a_root_that_has_slept_goes_on_and_closes_nobody() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.publish(EVENT);
    grown.pass(60_000);
    grown.sleep(Place::ROOT);
    grown.now += 60_000;
    assert_eq!(grown.publish(EVENT)["recipients"], 30);
    for at in sockets.values() {
        assert_eq!((grown.seqs(*at), grown.close_of(*at)), (vec![1, 2], None));
    }
}

#[test]
fn everybody_is_back_after_all_places_have_crashed_at_once() {
    let (mut grown, sockets) = Grown::with_users(10, 30);
    grown.publish(EVENT);
    let epoch = epoch(&mut grown);
    grown.crash(Place::ROOT);
    for place in grown.leaves() {
        grown.crash(place);
    }
    for user in sockets.keys() {
        let (_, recovered) = grown.connect(user, Some(&format!("{epoch}:1")));
        assert!(recovered, "{user}");
    }
    let state = grown.state();
    assert_eq!((&state["connections"], &state["activeUsers"]), (&30.into(), &30.into()));
    assert_eq!(grown.publish(EVENT)["recipients"], 30);
}
