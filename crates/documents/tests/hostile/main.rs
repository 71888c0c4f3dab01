//! P13.3: bytes that no client means well with are refused, or handled in time that grows with them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod shapes;

use shapes::SHAPES;
use std::time::{Duration, Instant};
use validiant_documents::Unreadable;
use validiant_documents::state::{IdRange, IdRanges, StateVector};
use validiant_documents::update::{Contents, merge, missing};

/// Client 1 inserts into the text `t` and the map `m`, and deletes.
const GOOD: [&[u8]; 4] = [
    &[1, 1, 1, 0, 4, 1, 1, b't', 2, b'h', b'i', 0],
    &[1, 2, 1, 0, 0x28, 1, 1, b'm', 1, b'k', 2, 119, 1, b'v', 118, 1, 1, b'a', 127, 0, 3, 0],
    &[1, 1, 1, 7, 0xc6, 2, 0, 1, 1, 1, b'b', 4, b't', b'r', b'u', b'e', 1, 1, 1, 0, 1],
    &[1, 1, 1, 0, 7, 1, 1, b'x', 3, 1, b'p', 0],
];

fn refused(why: &str, update: &[u8]) {
    assert_eq!(Contents::of(update), Err(Unreadable), "{why}");
    assert_eq!(merge(&[update]), Err(Unreadable), "{why}");
    assert_eq!(merge(&[GOOD[0], update]), Err(Unreadable), "{why}");
    assert_eq!(missing(&[update], &StateVector::default()), Err(Unreadable), "{why}");
}

/// An update with one struct of client 1 at clock 5.
fn one(of: &[u8]) -> Vec<u8> {
    [&[1, 1, 1, 5], of, &[0]].concat()
}

const MAX: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
const TOO_LARGE: [u8; 8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];

#[test]
fn p13_3_an_update_that_is_cut_off_or_goes_on_is_refused() {
    for update in GOOD {
        assert!(Contents::of(update).is_ok());
        for len in 0..update.len() {
            refused("cut off", &update[..len]);
        }
        refused("goes on", &[update, &[0]].concat());
    }
}

#[test]
fn p13_3_numbers_that_no_client_can_read_are_refused() {
    refused("2^53 is not exact in JavaScript", &one(&[&[0][..], &TOO_LARGE].concat()));
    refused(
        "a number of nine bytes",
        &one(&[0, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
    );
    refused("a clock that overflows", &one(&[&[0][..], &MAX].concat()));
    refused("a gap that overflows", &one(&[&[10][..], &MAX].concat()));
    refused("a deleted range that overflows", &[&[0, 1, 1, 1, 1][..], &MAX].concat());
    refused(
        "an integer of too many bits",
        &one(&[&[8, 1, 1, b'a', 1, 125, 0xff][..], &MAX].concat()),
    );
}

#[test]
fn p13_3_more_of_anything_than_there_are_bytes_is_refused() {
    refused("clients", &MAX);
    refused("structs", &[&[1][..], &MAX, &[1, 0]].concat());
    refused("clients in the delete set", &[&[0][..], &MAX].concat());
    refused("deleted ranges", &[&[0, 1, 1][..], &MAX].concat());
    refused("letters", &one(&[&[4, 1, 1, b't'][..], &MAX].concat()));
    refused("values", &one(&[&[8, 1, 1, b'a'][..], &MAX].concat()));
    refused("JSON values", &one(&[&[2, 1, 1, b'a'][..], &MAX].concat()));
    refused("values of an array", &one(&[&[8, 1, 1, b'a', 1, 117][..], &MAX].concat()));
    refused("fields of an object", &one(&[&[8, 1, 1, b'a', 1, 118][..], &MAX].concat()));
}

#[test]
fn p13_3_what_would_make_a_client_fail_is_refused() {
    refused(
        "a client twice: of the first, clients read nothing",
        &[2, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0],
    );
    refused("nothing of no length", &one(&[0, 0]));
    refused("a gap of no length", &one(&[10, 0]));
    refused("a text of no length", &one(&[4, 1, 1, b't', 0]));
    refused("a neighbour that does not exist yet", &one(&[0x84, 1, 5, 1, b'a']));
    refused("a right neighbour that does not exist yet", &one(&[0x44, 1, 9, 1, b'a']));
    refused("a parent that does not exist yet", &one(&[4, 0, 1, 5, 1, b'a']));
    refused("a text that is not UTF-8", &one(&[4, 1, 1, b't', 1, 0xff]));
    refused("half a character in UTF-8", &one(&[4, 1, 1, b't', 3, 0xed, 0xa0, 0x80]));
    refused("an embed that is no JSON", &one(&[5, 1, 1, b't', 1, b'{']));
    refused(
        "a format that is no JSON",
        &one(&[6, 1, 1, b't', 1, b'b', 9, b'u', b'n', b'd', b'e', b'f', b'i', b'n', b'e', b'd']),
    );
    refused("a value that is no JSON", &one(&[2, 1, 1, b'a', 1, 2, b'{', b'a']));
    refused("a document without options", &one(&[9, 1, 1, b'm', 1, b'g', 126]));
}

#[test]
fn p13_3_what_is_not_in_the_format_is_refused() {
    for kind in (11..=31).chain([0x80, 0x20, 0x8a]) {
        refused("an unknown kind", &one(&[kind, 1, 1, b't', 1, b'a', 1, 1, 1, 1]));
    }
    refused("an unknown type", &one(&[7, 1, 1, b't', 7]));
    for tag in (0..116).chain(128..=255) {
        refused("an unknown value", &one(&[8, 1, 1, b'a', 1, tag, 0, 0, 0]));
    }
}

#[test]
fn p13_3_values_are_nested_up_to_128_deep() {
    let update =
        |depth: usize| one(&[&[8, 1, 1, b'a', 1][..], &[117, 1].repeat(depth), &[127]].concat());
    assert!(Contents::of(&update(128)).is_ok());
    refused("129 arrays", &update(129));
    refused("a million arrays", &update(1_000_000));
}

#[test]
fn ranges_of_any_size_and_in_any_order_are_a_set() {
    let all = [&[0, 2, 1, 3, 9, 1, 0, 2, 1, 5, 1, 1, 0][..], &MAX].concat();
    let ranges = [IdRange { client: 1, start: 0, end: (1 << 53) - 1 }];
    assert_eq!(Contents::of(&all).unwrap().deleted.ranges(), ranges);
    let merged = merge(&[&all, GOOD[0]]).unwrap();
    assert_eq!(merged, [&[1, 1, 1, 0, 1, 1, 1, b't', 2, 1, 1, 1, 0][..], &MAX].concat());
}

#[test]
fn a_state_vector_that_no_client_writes_is_refused() {
    for bytes in [&[][..], &[1], &[1, 1], &[1, 1, 1, 1], &[2, 1, 1, 1, 2], &[0xff, 0xff, 3, 1, 1]] {
        assert_eq!(StateVector::decode(bytes), Err(Unreadable), "{bytes:?}");
    }
    assert_eq!(StateVector::decode(&[1, 1, 0]), Ok(StateVector::default()));
}

#[test]
fn time_grows_with_the_bytes_and_not_with_their_square() {
    // A square would take minutes. Without optimization, it takes a second.
    const LIMIT: Duration = Duration::from_secs(10);
    for (name, shape) in SHAPES {
        let updates = shape(1 << 18);
        let slices: Vec<&[u8]> = updates.iter().map(Vec::as_slice).collect();
        let started = Instant::now();
        let mut contents = Contents::default();
        slices.iter().for_each(|update| contents.add(&Contents::of(update).unwrap()));
        let merged = merge(&slices).unwrap();
        assert_eq!(Contents::of(&merged).unwrap(), contents, "{name}");
        assert_eq!(merge(&[&merged]).unwrap(), merged, "{name}");
        assert!(started.elapsed() < LIMIT, "{name}: {:?}", started.elapsed());
    }
}

#[test]
fn sets_are_joined_in_time_that_grows_with_both() {
    let of = |ranges: u64, shift: u64| {
        let range =
            |at: u64| IdRange { client: at % 7, start: at * 4 + shift, end: at * 4 + shift + 1 };
        IdRanges::of((0..ranges).map(range).collect())
    };
    let mut all = of(50_000, 0);
    all.union(&of(50_000, 2));
    assert_eq!(all.ranges().len(), 100_000);
    assert!(all.contains_all(&of(50_000, 2)) && !all.contains_all(&of(50_000, 3)));
}
