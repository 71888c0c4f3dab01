//! What is left at a leaf that the room has given up (P8.7, P15.1).

use validiant_core::names::UserId;
use validiant_core::room_call::revocation::{Revocation, Scope};
use validiant_core::tree::Place;

use super::world::Grown;

const HOUR: u64 = 3_600_000;

fn revoke(grown: &mut Grown) {
    let scope = Scope::User(UserId::parse("somebody").unwrap());
    let now = grown.now;
    grown.root().revoke(Revocation { scope, before: now }, now).unwrap();
    grown.pump();
    assert!(grown.root().next_settled(now).is_some(), "all places have done it");
}

fn is_small(grown: &mut Grown) -> bool {
    grown.root().places_text().is_empty()
}

fn revocations_at(grown: &Grown, places: &[Place]) -> Vec<usize> {
    places.iter().map(|at| grown.objects[at].platform.borrow().disk.revocation_rows()).collect()
}

#[test]
fn p8_7_a_leaf_that_is_given_up_keeps_nothing_and_has_no_alarm() {
    let (mut grown, sockets) = Grown::with_users(5, 12);
    revoke(&mut grown);
    let leaves = grown.leaves();
    assert_eq!(revocations_at(&grown, &leaves), vec![1; leaves.len()]);
    sockets.into_values().for_each(|at| grown.leave(at, 1_000));
    grown.pass(HOUR);
    assert!(is_small(&mut grown));
    assert_eq!(revocations_at(&grown, &leaves), vec![0; leaves.len()]);
    assert_eq!(revocations_at(&grown, &[Place::ROOT]), [1]);
    for leaf in leaves {
        assert_eq!(grown.objects[&leaf].platform.borrow().disk.alarm(), None);
    }
}

#[test]
fn p8_4_a_room_that_grows_again_knows_what_was_revoked_at_all_places() {
    let (mut grown, sockets) = Grown::with_users(5, 12);
    revoke(&mut grown);
    sockets.into_values().for_each(|at| grown.leave(at, 1_000));
    grown.pass(HOUR);
    assert!(is_small(&mut grown));
    let given_up = grown.leaves();
    (0..12).for_each(|user| {
        grown.join(&format!("later-{user}"));
    });
    grown.pass(10_000);
    let leaves: Vec<Place> =
        grown.leaves().into_iter().filter(|leaf| !given_up.contains(leaf)).collect();
    assert!(!leaves.is_empty());
    assert_eq!(revocations_at(&grown, &leaves), vec![1; leaves.len()]);
}
