//! P13: updates and state vectors, byte for byte as clients write them.

use validiant_documents::state::{IdRange, IdRanges, StateVector};
use validiant_documents::update::Contents;

/// Client 1 inserts "hi" in the text `t`.
const HI: &[u8] = &[1, 1, 1, 0, 4, 1, 1, 0x74, 2, 0x68, 0x69, 0];
/// The first of them is deleted.
const DELETED: &[u8] = &[0, 1, 1, 1, 0, 1];

fn ranges(of: &[(u64, u64, u64)]) -> IdRanges {
    IdRanges::of(of.iter().map(|&(client, start, end)| IdRange { client, start, end }).collect())
}

#[test]
fn an_empty_update_contains_nothing() {
    assert_eq!(Contents::of(&[0, 0]), Ok(Contents::default()));
}

#[test]
fn an_update_contains_what_it_inserts_and_what_it_deletes() {
    let hi = Contents::of(HI).unwrap();
    assert_eq!(hi, Contents { inserted: ranges(&[(1, 0, 2)]), deleted: ranges(&[]) });
    let deleted = Contents::of(DELETED).unwrap();
    assert_eq!(deleted, Contents { inserted: ranges(&[]), deleted: ranges(&[(1, 0, 1)]) });
}

#[test]
fn what_is_there_already_is_nothing_new() {
    let mut all = Contents::of(HI).unwrap();
    let deleted = Contents::of(DELETED).unwrap();
    assert!(!all.covers(&deleted));
    all.add(&deleted);
    assert!(all.covers(&deleted));
    assert!(all.covers(&Contents::of(HI).unwrap()));
}

#[test]
fn a_state_vector_counts_the_changes_without_a_gap_from_the_first_on() {
    let inserted = ranges(&[(1, 0, 2), (1, 4, 5), (7, 3, 4), (300, 0, 1)]);
    let vector = inserted.state_vector();
    assert_eq!(vector.encode(), [2, 0xac, 2, 1, 1, 2]);
    assert_eq!(StateVector::decode(&vector.encode()), Ok(vector.clone()));
    assert_eq!([vector.clock(1), vector.clock(7), vector.clock(300)], [2, 0, 1]);
    assert_eq!(StateVector::default().encode(), [0]);
}
