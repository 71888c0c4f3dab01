//! P13: a merged update is as good as all that went into it, for everybody and in any order. The judge is yrs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod editors;

use editors::{Step, state_vector, steps, updates_of, view};
use proptest::prelude::*;
use validiant_documents::lib0::{Reader, put_uint};
use validiant_documents::state::StateVector;
use validiant_documents::update::{Contents, merge, missing};

fn slices(updates: &[Vec<u8>]) -> Vec<&[u8]> {
    updates.iter().map(Vec::as_slice).collect()
}

fn contents(updates: &[&[u8]]) -> Contents {
    let mut all = Contents::default();
    updates.iter().for_each(|update| all.add(&Contents::of(update).unwrap()));
    all
}

/// The updates in another order, and some of them twice.
fn shuffled(updates: &[Vec<u8>], order: &[usize]) -> Vec<Vec<u8>> {
    let mut shuffled = updates.to_vec();
    if shuffled.is_empty() {
        return shuffled;
    }
    for (at, &other) in order.iter().enumerate() {
        let len = shuffled.len();
        if at % 3 == 2 {
            shuffled.push(shuffled[other % len].clone());
        } else {
            shuffled.swap(at % len, other % len);
        }
    }
    shuffled
}

fn orders() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..1000usize, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_merged_update_shows_what_all_of_them_show(steps in steps(60), order in orders()) {
        let updates = updates_of(&steps);
        let seen = view(slices(&updates));
        let merged = merge(&slices(&updates)).unwrap();
        prop_assert_eq!(&view([merged.as_slice()]), &seen);
        let other = merge(&slices(&shuffled(&updates, &order))).unwrap();
        prop_assert_eq!(&view([other.as_slice()]), &seen);
        // Merging parts of it first makes no difference.
        let parts: Vec<Vec<u8>> =
            updates.chunks(3).map(|part| merge(&slices(part)).unwrap()).collect();
        prop_assert_eq!(&view([merge(&slices(&parts)).unwrap().as_slice()]), &seen);
    }

    #[test]
    fn the_merged_update_contains_what_all_of_them_contain_and_merges_to_itself(
        steps in steps(60), order in orders(),
    ) {
        let updates = shuffled(&updates_of(&steps), &order);
        let merged = merge(&slices(&updates)).unwrap();
        prop_assert_eq!(Contents::of(&merged).unwrap(), contents(&slices(&updates)));
        prop_assert_eq!(&merge(&[&merged]).unwrap(), &merged);
        prop_assert_eq!(&merge(&[&merged, &merged]).unwrap(), &merged);
    }

    #[test]
    fn whoever_has_a_part_lacks_exactly_the_rest(steps in steps(60), cut in 0..60usize) {
        let updates = updates_of(&steps);
        let updates = slices(&updates);
        let (known, _) = updates.split_at(cut.min(updates.len()));
        let have = StateVector::decode(&state_vector(known.iter().copied())).unwrap();
        prop_assert_eq!(&contents(known).inserted.state_vector(), &have);
        let rest = missing(&updates, &have).unwrap();
        let caught_up = view(known.iter().copied().chain([rest.as_slice()]));
        prop_assert_eq!(caught_up, view(updates.iter().copied()));
        let mut all = contents(known);
        let rest = Contents::of(&rest).unwrap();
        all.inserted.union(&rest.inserted);
        prop_assert_eq!(&all.inserted, &contents(&updates).inserted);
        prop_assert_eq!(&rest.deleted, &contents(&updates).deleted);
    }

    #[test]
    fn what_was_lost_on_the_way_fits_in_later(
        steps in steps(40),
        lost in prop::collection::vec(any::<prop::sample::Index>(), 1..4),
        less in prop::collection::vec(0..9u64, 3),
    ) {
        let updates = updates_of(&steps);
        let whole = merge(&slices(&updates)).unwrap();
        let seen = view([whole.as_slice()]);
        let mut got = slices(&updates);
        let mut late = Vec::new();
        for at in lost {
            if !got.is_empty() {
                late.push(got.remove(at.index(got.len())));
            }
        }
        let gaps = merge(&got).unwrap();
        prop_assert_eq!(Contents::of(&gaps).unwrap(), contents(&got));
        prop_assert_eq!(&view([gaps.as_slice()].into_iter().chain(late.iter().copied())), &seen);
        let filled = merge(&[&[gaps.as_slice()], late.as_slice()].concat()).unwrap();
        prop_assert_eq!(&view([filled.as_slice()]), &seen);
        // A part that begins in the middle of items overlaps what is there.
        let have = before(&Contents::of(&whole).unwrap().inserted.state_vector(), &less);
        let overlapping = missing(&[&whole], &have).unwrap();
        let merged = merge(&[&[overlapping.as_slice(), gaps.as_slice()], late.as_slice()].concat()).unwrap();
        prop_assert_eq!(&view([merged.as_slice()]), &seen);
    }
}

/// The state vector of somebody who has a little less of each client.
fn before(have: &StateVector, less: &[u64]) -> StateVector {
    let encoded = have.encode();
    let mut reader = Reader::new(&encoded);
    let count = reader.uint().unwrap();
    let mut before = Vec::new();
    put_uint(&mut before, count);
    for less in less.iter().cycle().take(count as usize) {
        put_uint(&mut before, reader.uint().unwrap());
        put_uint(&mut before, reader.uint().unwrap().saturating_sub(*less));
    }
    StateVector::decode(&before).unwrap()
}

#[test]
fn a_text_typed_by_yrs_letter_by_letter_becomes_one_item() {
    let typed: Vec<Step> = (0..50).map(|_| Step::Edit(0, 3, 0, 0)).collect();
    let updates = updates_of(&typed);
    assert_eq!(updates.len(), 50);
    let merged = merge(&slices(&updates)).unwrap();
    let head = 1 + 1 + 3 + 1 + 1 + 1 + 5 + 1;
    assert_eq!(merged.len(), head + 50 + 1, "one item and no delete set: {merged:?}");
}
