//! P13: updates and state vectors, byte for byte as clients write them.

use validiant_documents::state::{IdRange, IdRanges, StateVector};
use validiant_documents::update::{Contents, merge, missing};

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

#[test]
fn merging_drops_the_content_of_what_is_deleted() {
    let merged = merge(&[HI, DELETED]).unwrap();
    let origin_of_the_rest = [1, 0];
    let [client, clock] = origin_of_the_rest;
    #[rustfmt::skip]
    let expected = [1, 2, 1, 0, 1, 1, 1, 0x74, 1, 0x84, client, clock, 1, 0x69, 1, 1, 1, 0, 1];
    assert_eq!(merged, expected);
    assert_eq!(merge(&[&merged]), Ok(merged.clone()));
}

#[test]
fn a_client_gets_what_it_lacks_and_all_that_is_deleted() {
    let all = StateVector::decode(&[1, 1, 2]).unwrap();
    assert_eq!(missing(&[HI, DELETED], &all), Ok(vec![0, 1, 1, 1, 0, 1]));
    let half = StateVector::decode(&[1, 1, 1]).unwrap();
    assert_eq!(missing(&[HI], &half), Ok(vec![1, 1, 1, 1, 0x84, 1, 0, 1, 0x69, 0]));
}

#[test]
fn a_sentence_typed_letter_by_letter_becomes_one_item() {
    let letters = "Many hands, one text.".bytes().enumerate().map(|(clock, letter)| match clock {
        0 => vec![1, 1, 1, 0, 4, 1, 1, 0x74, 1, letter, 0],
        _ => vec![1, 1, 1, clock as u8, 0x84, 1, clock as u8 - 1, 1, letter, 0],
    });
    let letters: Vec<Vec<u8>> = letters.collect();
    let updates: Vec<&[u8]> = letters.iter().map(Vec::as_slice).collect();
    let mut expected = vec![1, 1, 1, 0, 4, 1, 1, 0x74, 21];
    expected.extend_from_slice(b"Many hands, one text.\0");
    assert_eq!(merge(&updates), Ok(expected));
}

#[test]
fn a_character_cut_in_two_leaves_what_clients_put_in_its_place() {
    let smile = [1, 1, 1, 0, 4, 1, 1, 0x74, 6, b'a', 0xf0, 0x9f, 0x98, 0x80, b'b', 0];
    let half = StateVector::decode(&[1, 1, 2]).unwrap();
    let rest = [1, 1, 1, 2, 0x84, 1, 1, 4, 0xef, 0xbf, 0xbd, b'b', 0];
    assert_eq!(missing(&[&smile], &half), Ok(rest.to_vec()));
}

#[test]
fn the_highest_client_comes_first() {
    let other = [1, 1, 0xac, 2, 0, 4, 1, 1, 0x74, 1, 0x61, 0];
    let merged = [&[2][..], &other[1..11], &HI[1..11], &[0]].concat();
    assert_eq!(merge(&[HI, &other]), Ok(merged.clone()));
    assert_eq!(merge(&[&other, HI]), Ok(merged));
}

#[test]
fn only_what_was_inserted_between_the_same_neighbours_becomes_one() {
    // The second was inserted left of something that the first did not have at its right.
    let after = [1, 1, 1, 2, 0xc4, 1, 1, 7, 0, 1, 0x21, 0];
    let merged = [&[1, 2, 1, 0][..], &HI[4..11], &after[4..11], &[0]].concat();
    assert_eq!(merge(&[HI, &after]), Ok(merged));
}

#[test]
fn values_under_one_key_stay_apart_because_each_deletes_the_one_before() {
    let first = [1, 1, 1, 0, 0x28, 1, 1, 0x6d, 1, 0x6b, 1, 0x7e, 0];
    let second = [1, 1, 1, 1, 0xa8, 1, 0, 1, 0x7f, 0];
    let merged = [&[1, 2, 1, 0][..], &first[4..12], &second[4..9], &[0]].concat();
    assert_eq!(merge(&[&first, &second]), Ok(merged));
}
