//! Updates of Yjs, and what becomes of several (P13).

mod expected;

use std::collections::{BTreeMap, BTreeSet};

use validiant_documents::state::StateVector;
use validiant_documents::text::text;
use validiant_documents::update::{Contents, merge, missing};

use self::expected::{Change, Expected, Place, read, read_state_vector};

type Id = (u64, u64);
type Changes = BTreeMap<Id, Change>;

/// Updates of more changes than this are merged, but not compared change by change.
const MAX_CHANGES: u64 = 4_000;

/// The input is a state vector and some updates, each after a byte that says how long it is; the last update is the rest.
///
/// Each must be readable exactly if the oracle can read it. Merged, they must be the same changes, one by one, without the
/// content of those that are deleted, and merge to themselves. What somebody lacks must be the changes from their clocks on.
pub fn update(data: &[u8]) {
    let (have, updates) = parts(data);
    let vector = state_vector(have);
    let expected: Vec<Option<Expected>> = updates.iter().map(|update| read(update)).collect();
    for (update, expected) in updates.iter().zip(&expected) {
        assert_eq!(Contents::of(update).is_ok(), expected.is_some(), "{update:x?}");
        _ = text(update, "t");
    }
    let Some(expected) = expected.into_iter().collect::<Option<Vec<_>>>() else {
        assert!(merge(&updates).is_err());
        return;
    };
    let merged = merge(&updates).unwrap();
    assert_eq!(merge(&[&merged]).as_ref(), Ok(&merged), "merged again");
    assert_eq!(merge(&[&merged, &merged]).as_ref(), Ok(&merged), "merged with itself");
    let lacking = missing(&updates, &vector).unwrap();
    let contents = contents_of(&updates);
    assert_eq!(Contents::of(&merged).unwrap(), contents);
    assert_eq!(Contents::of(&lacking).unwrap().deleted, contents.deleted);
    if expected.iter().map(Expected::count).sum::<u64>() <= MAX_CHANGES {
        compare(&expected, &read(&merged).unwrap(), |_| true);
        compare(&expected, &read(&lacking).unwrap(), |(client, clock)| {
            clock >= vector.clock(client)
        });
    }
}

fn parts(data: &[u8]) -> (&[u8], Vec<&[u8]>) {
    let mut rest = data;
    let mut parts = Vec::new();
    while let Some((&len, after)) = rest.split_first() {
        if usize::from(len) > after.len() {
            parts.push(after);
            break;
        }
        let (part, later) = after.split_at(len.into());
        parts.push(part);
        rest = later;
    }
    let have = if parts.is_empty() { &[][..] } else { parts.remove(0) };
    (have, parts)
}

fn state_vector(bytes: &[u8]) -> StateVector {
    let expected = read_state_vector(bytes);
    let vector = StateVector::decode(bytes);
    assert_eq!(vector.is_ok(), expected.is_some());
    let vector = vector.unwrap_or_default();
    for (&client, &clock) in &expected.unwrap_or_default() {
        assert_eq!(vector.clock(client), clock);
    }
    assert_eq!(StateVector::decode(&vector.encode()).as_ref(), Ok(&vector));
    vector
}

fn contents_of(updates: &[&[u8]]) -> Contents {
    let mut all = Contents::default();
    for update in updates {
        let contents = Contents::of(update).unwrap();
        let is_new = !all.covers(&contents);
        let before = all.clone();
        all.add(&contents);
        assert_eq!(all != before, is_new, "covered is what changes nothing");
        assert!(all.covers(&contents) && all.covers(&before));
    }
    all
}

/// That `got` is what some of these updates hold, for all changes that are `wanted`, and nothing else.
fn compare(updates: &[Expected], got: &Expected, wanted: impl Fn(Id) -> bool) {
    let deleted: BTreeSet<Id> = updates.iter().flat_map(Expected::deleted).collect();
    let all: Vec<Changes> = updates.iter().map(Expected::changes).collect();
    let merged = got.changes();
    let ids = |changes: &Changes| changes.keys().copied().filter(|&id| wanted(id)).collect();
    let every: BTreeSet<Id> = all.iter().flat_map(|one| -> Vec<Id> { ids(one) }).collect();
    assert_eq!(merged.keys().copied().collect::<BTreeSet<Id>>(), every);
    for (id, change) in &merged {
        let sources = all.iter().filter_map(|changes| changes.get(id));
        let is_deleted = deleted.contains(id);
        let found =
            sources.map(|source| if is_deleted { source.dropped() } else { source.clone() });
        let cut = Place::after((id.0, id.1.wrapping_sub(1)));
        let is_one = found.into_iter().any(|source| source.is(change, &cut));
        assert!(is_one, "{id:?} became {change:?}");
    }
    assert_eq!(got.deleted().collect::<BTreeSet<Id>>(), deleted);
}
