//! Updates as clients write them, built from any bytes.

use std::collections::BTreeSet;

use validiant_documents::update::TypeKind;

use super::expected::{Asked, Expected, Name, Place, Unit, What};
use crate::varint::put;

const PEOPLE: u8 = 3;
const MAX_STEPS: usize = 64;

/// Somebody who edits, and what they know.
#[derive(Default)]
struct Person {
    replica: Expected,
    items: Vec<Item>,
}

/// Something inserted, as it is written, and how many changes it is.
struct Item {
    bytes: Vec<u8>,
    len: u64,
    is_left_out: bool,
}

/// The update. Four bytes make a step: who does what, what exactly, where, and in which type.
pub fn built(data: &[u8]) -> Vec<u8> {
    let mut people: [Person; PEOPLE as usize] = Default::default();
    for step in data.chunks_exact(4).take(MAX_STEPS) {
        let [who, what, at, parent] = *step else { continue };
        let id = usize::from(who % PEOPLE);
        match who / PEOPLE % 8 {
            0..=4 => people[id].insert(id as u64, what, at, parent),
            5 => {
                let other = people[usize::from(what % PEOPLE)].replica.clone();
                people[id].replica.learn(&other);
            }
            6 => people[id].delete(what, at, parent),
            _ => {
                if let Some(last) = people[id].items.last_mut() {
                    last.is_left_out = what % 4 == 0;
                }
            }
        }
    }
    written(&people)
}

fn written(people: &[Person]) -> Vec<u8> {
    let mut update = vec![PEOPLE];
    for (id, person) in people.iter().enumerate() {
        put(&mut update, person.items.len() as u64);
        update.extend([id as u8, 0]);
        for item in &person.items {
            if item.is_left_out {
                update.extend([10, item.len as u8]);
            } else {
                update.extend(&item.bytes);
            }
        }
    }
    let deleted = people.iter().flat_map(|person| person.replica.deleted());
    let deleted: BTreeSet<Name> = deleted.collect();
    put(&mut update, deleted.len() as u64);
    for (client, clock) in deleted {
        put(&mut update, client);
        update.push(1);
        put(&mut update, clock);
        update.push(1);
    }
    update
}

impl Person {
    fn insert(&mut self, id: u64, what: u8, at: u8, parent: u8) {
        let clock = self.items.iter().map(|item| item.len).sum();
        let place = self.replica.nth_place(usize::from(parent));
        let sequence = self.replica.sequence(place);
        let at = usize::from(at) % (sequence.len() + 1);
        let (left, right) = (at.checked_sub(1).map(|at| sequence[at]), sequence.get(at).copied());
        let asked = match (left.or(right), place) {
            (Some(_), _) => Asked::Beside,
            (None, Place::Inside(parent)) => Asked::Inside(parent),
            (None, _) => Asked::Root,
        };
        let (kind, content, units) = content(what);
        let len = units.len() as u64;
        let (mut left_of_unit, mut parent) = (left, asked.clone());
        for (clock, what) in (clock..).zip(units) {
            let unit = Unit { left: left_of_unit, right, parent, what, is_deleted: false };
            self.replica.add((id, clock), unit);
            (left_of_unit, parent) = (Some((id, clock)), Asked::Beside);
        }
        let bytes = encoded(kind, left, right, &asked, &content);
        self.items.push(Item { bytes, len, is_left_out: false });
        while self.replica.integrate_some() {}
    }

    fn delete(&mut self, len: u8, at: u8, parent: u8) {
        let place = self.replica.nth_place(usize::from(parent));
        let sequence = self.replica.sequence(place);
        let names = sequence.iter().skip(usize::from(at) % (sequence.len() + 1));
        let names: Vec<Name> = names.take(usize::from(len % 8)).copied().collect();
        self.replica.delete(&names);
    }
}

fn encoded(
    kind: u8,
    left: Option<Name>,
    right: Option<Name>,
    parent: &Asked,
    content: &[u8],
) -> Vec<u8> {
    let bits = [(0x80, left.is_some()), (0x40, right.is_some())];
    let mut bytes = vec![bits.iter().fold(kind, |all, (bit, on)| all | if *on { *bit } else { 0 })];
    match parent {
        Asked::Inside((client, clock)) => {
            bytes.push(0);
            put(&mut bytes, *client);
            put(&mut bytes, *clock);
        }
        Asked::Root => bytes.extend([1, 1, b't']),
        Asked::Beside | Asked::Under(_) | Asked::Elsewhere => {
            for (client, clock) in left.into_iter().chain(right) {
                put(&mut bytes, client);
                put(&mut bytes, clock);
            }
        }
    }
    bytes.extend(content);
    bytes
}

/// Some content: its kind, as it is written, and its units.
fn content(what: u8) -> (u8, Vec<u8>, Vec<What>) {
    let of_type = |kind, is_break| vec![What::Type(kind, is_break)];
    let text = |text: &str| {
        let mut bytes = vec![text.len() as u8];
        bytes.extend(text.bytes());
        (4, bytes, text.encode_utf16().map(What::Text).collect())
    };
    match what % 16 {
        0 => (1, vec![2], vec![What::Other; 2]),
        1 => (5, vec![2, b'{', b'}'], vec![What::Other]),
        2 => (6, vec![1, b'b', 1, b'1'], vec![What::Other]),
        3 => (8, vec![2, 126, 126], vec![What::Other; 2]),
        4 => (7, vec![0], of_type(TypeKind::Array, false)),
        5 => (7, vec![1], of_type(TypeKind::Map, false)),
        6 => (7, vec![2], of_type(TypeKind::Text, false)),
        7 | 8 => (7, vec![3, 1, b'p'], of_type(TypeKind::XmlElement, false)),
        9 => (7, vec![3, 2, b'b', b'r'], of_type(TypeKind::XmlElement, true)),
        10 => (7, vec![6], of_type(TypeKind::XmlText, false)),
        11 => text("😀"),
        12 => text("x😁y"),
        13 => text("é"),
        _ => text(&format!("{}bc", char::from(b'a' + what / 16))),
    }
}
