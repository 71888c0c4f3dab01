//! The oracle: an update read slowly, into one entry for each change.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{Changes, Id};

const MAX: u64 = (1 << 53) - 1;
const MAX_DEPTH: u32 = 128;
const REPLACEMENT: &[u8] = &[0xff, 0xfd];

/// An update: its structs, and the ranges that it deletes, each with a client, a clock and a length.
pub struct Expected {
    structs: Vec<(u64, u64, u64, Kind)>,
    deleted: Vec<(u64, u64, u64)>,
}

enum Kind {
    Gc,
    Skip,
    Item(Place, Values),
}

/// What an item holds: a kind and a value for each change, or that all are deleted.
type Values = Option<(u8, Vec<Vec<u8>>)>;

/// Where an item is.
#[derive(Clone, PartialEq, Debug)]
pub struct Place {
    origin: Option<Id>,
    right: Option<Id>,
    parent: Option<Parent>,
}

type Parent = (Result<String, Id>, Option<String>);

/// One change.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    Gc,
    Item(Place, Option<(u8, Vec<u8>)>),
}

impl Place {
    /// Right of another change, with nothing known about the right.
    pub fn after(left: Id) -> Self {
        Self { origin: Some(left), right: None, parent: None }
    }

    fn cut(&self, left: &Self) -> Self {
        Self { right: self.right, ..left.clone() }
    }
}

impl Change {
    /// The same change when it has been deleted.
    pub fn dropped(&self) -> Self {
        match self {
            Self::Gc => Self::Gc,
            Self::Item(place, _) => Self::Item(place.clone(), None),
        }
    }

    /// That it may become `other`: the same, or cut off from what is left of it, and half a character may be replaced.
    pub fn is(&self, other: &Self, left: &Place) -> bool {
        match (self, other) {
            (Self::Gc, Self::Gc) => true,
            (Self::Item(place, value), Self::Item(other_place, other_value)) => {
                (place == other_place || &place.cut(left) == other_place)
                    && (value == other_value || is_replaced(value.as_ref(), other_value.as_ref()))
            }
            _ => false,
        }
    }
}

fn is_replaced(value: Option<&(u8, Vec<u8>)>, other: Option<&(u8, Vec<u8>)>) -> bool {
    let is_surrogate = |unit: &[u8]| matches!(unit, [0xd8..=0xdf, _]);
    match (value, other) {
        (Some((4, value)), Some((4, other))) => is_surrogate(value) && other == REPLACEMENT,
        _ => false,
    }
}

impl Expected {
    /// How many changes it inserts and deletes.
    pub fn count(&self) -> u64 {
        let inserted = self.inserted().map(|(_, _, len, _)| len);
        let deleted = self.deleted.iter().map(|(_, _, len)| len);
        inserted.chain(deleted).fold(0, |sum, &len| sum.saturating_add(len))
    }

    /// All structs but those that leave something out, which may be as long as they like.
    fn inserted(&self) -> impl Iterator<Item = &(u64, u64, u64, Kind)> {
        self.structs.iter().filter(|(_, _, _, kind)| !matches!(kind, Kind::Skip))
    }

    pub fn deleted(&self) -> impl Iterator<Item = Id> {
        self.deleted.iter().flat_map(|&(client, clock, len)| {
            (clock..clock + len).map(move |clock| (client, clock))
        })
    }

    pub fn changes(&self) -> Changes {
        let mut changes = BTreeMap::new();
        for (client, clock, len, kind) in self.inserted() {
            for at in 0..*len {
                let id = (*client, clock + at);
                let change = match kind {
                    Kind::Gc | Kind::Skip => Change::Gc,
                    Kind::Item(place, values) => {
                        let place = match at {
                            0 => place.clone(),
                            _ => place.cut(&Place::after((*client, clock + at - 1))),
                        };
                        let value = values.as_ref();
                        let value = value.map(|(kind, all)| (*kind, all[at as usize].clone()));
                        Change::Item(place, value)
                    }
                };
                changes.insert(id, change);
            }
        }
        changes
    }
}

/// Reads an update, if every client could.
pub fn read(data: &[u8]) -> Option<Expected> {
    let mut bytes = data;
    let mut expected = Expected { structs: Vec::new(), deleted: Vec::new() };
    let mut clients = Vec::new();
    for _ in 0..uint(&mut bytes)? {
        let count = uint(&mut bytes)?;
        let client = uint(&mut bytes)?;
        let mut clock = uint(&mut bytes)?;
        if clients.contains(&client) {
            return None;
        }
        clients.push(client);
        for _ in 0..count {
            let (len, kind) = read_struct(&mut bytes, (client, clock))?;
            expected.structs.push((client, clock, len, kind));
            clock += len;
            if len == 0 || clock > MAX {
                return None;
            }
        }
    }
    for _ in 0..uint(&mut bytes)? {
        let client = uint(&mut bytes)?;
        for _ in 0..uint(&mut bytes)? {
            let (clock, len) = (uint(&mut bytes)?, uint(&mut bytes)?);
            if clock + len > MAX {
                return None;
            }
            expected.deleted.push((client, clock, len));
        }
    }
    bytes.is_empty().then_some(expected)
}

/// Reads a state vector: clients and clocks.
pub fn read_state_vector(data: &[u8]) -> Option<BTreeMap<u64, u64>> {
    let mut bytes = data;
    let mut clocks = BTreeMap::new();
    for _ in 0..uint(&mut bytes)? {
        let (client, clock) = (uint(&mut bytes)?, uint(&mut bytes)?);
        if clocks.insert(client, clock).is_some() {
            return None;
        }
    }
    bytes.is_empty().then_some(clocks)
}

fn read_struct(bytes: &mut &[u8], (client, clock): Id) -> Option<(u64, Kind)> {
    let bits = byte(bytes)?;
    match bits {
        0 => return Some((uint(bytes)?, Kind::Gc)),
        10 => return Some((uint(bytes)?, Kind::Skip)),
        _ => {}
    }
    let origin = if bits & 0x80 != 0 { Some(id(bytes)?) } else { None };
    let right = if bits & 0x40 != 0 { Some(id(bytes)?) } else { None };
    let mut parent = None;
    if bits & 0xc0 == 0 {
        let name = if uint(bytes)? == 1 { Ok(string(bytes)?) } else { Err(id(bytes)?) };
        parent = Some((name, if bits & 0x20 != 0 { Some(string(bytes)?) } else { None }));
    }
    let in_item = parent.as_ref().and_then(|(name, _)| name.as_ref().err().copied());
    for (of, before) in [origin, right, in_item].into_iter().flatten() {
        if of == client && before >= clock {
            return None;
        }
    }
    let (len, values) = content(bytes, bits & 0x1f)?;
    Some((len, Kind::Item(Place { origin, right, parent }, values)))
}

fn content(bytes: &mut &[u8], kind: u8) -> Option<(u64, Values)> {
    let before = *bytes;
    let mut values = Vec::new();
    match kind {
        1 => return Some((uint(bytes)?, None)),
        2 => {
            for _ in 0..uint(bytes)? {
                let value = string(bytes)?;
                (value == "undefined" || is_json(&value)).then_some(())?;
                values.push(value.into_bytes());
            }
        }
        4 => {
            let text = string(bytes)?;
            values = text.encode_utf16().map(|unit| unit.to_be_bytes().to_vec()).collect();
        }
        8 => {
            for _ in 0..uint(bytes)? {
                let before = *bytes;
                any(bytes, MAX_DEPTH)?;
                values.push(before[..before.len() - bytes.len()].to_vec());
            }
        }
        3 => _ = blob(bytes)?,
        5 => is_json(&string(bytes)?).then_some(())?,
        6 => {
            string(bytes)?;
            is_json(&string(bytes)?).then_some(())?;
        }
        7 => match uint(bytes)? {
            3 | 5 => _ = string(bytes)?,
            0..=6 => {}
            _ => return None,
        },
        9 => {
            string(bytes)?;
            (*bytes.first()? == 118).then_some(())?;
            any(bytes, MAX_DEPTH)?;
        }
        _ => return None,
    }
    if !matches!(kind, 2 | 4 | 8) {
        values.push(before[..before.len() - bytes.len()].to_vec());
    }
    Some((values.len() as u64, Some((kind, values))))
}

fn any(bytes: &mut &[u8], depth: u32) -> Option<()> {
    match byte(bytes)? {
        120 | 121 | 126 | 127 => {}
        125 => int(bytes)?,
        124 => _ = take(bytes, 4)?,
        122 | 123 => _ = take(bytes, 8)?,
        119 => _ = string(bytes)?,
        118 if depth > 0 => {
            for _ in 0..uint(bytes)? {
                string(bytes)?;
                any(bytes, depth - 1)?;
            }
        }
        117 if depth > 0 => {
            for _ in 0..uint(bytes)? {
                any(bytes, depth - 1)?;
            }
        }
        116 => _ = blob(bytes)?,
        _ => return None,
    }
    Some(())
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

fn id(bytes: &mut &[u8]) -> Option<Id> {
    Some((uint(bytes)?, uint(bytes)?))
}

fn string(bytes: &mut &[u8]) -> Option<String> {
    String::from_utf8(blob(bytes)?.to_vec()).ok()
}

fn blob<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = uint(bytes)?;
    take(bytes, len)
}

fn take<'a>(bytes: &mut &'a [u8], len: u64) -> Option<&'a [u8]> {
    if len > bytes.len() as u64 {
        return None;
    }
    let (taken, rest) = bytes.split_at(len as usize);
    *bytes = rest;
    Some(taken)
}

fn byte(bytes: &mut &[u8]) -> Option<u8> {
    take(bytes, 1).map(|one| one[0])
}

fn uint(bytes: &mut &[u8]) -> Option<u64> {
    sum(bytes, 0, 0)
}

/// A number with a sign in its first byte.
fn int(bytes: &mut &[u8]) -> Option<()> {
    let first = byte(bytes)?;
    if first & 0x80 == 0 { Some(()) } else { sum(bytes, u64::from(first & 0x3f), 6).map(|_| ()) }
}

/// Groups of 7 bits, at most 8 of them.
fn sum(bytes: &mut &[u8], low: u64, shift: u32) -> Option<u64> {
    let mut total = u128::from(low);
    for group in 0..8 {
        let next = byte(bytes)?;
        total += u128::from(next & 0x7f) << (shift + 7 * group);
        if next & 0x80 == 0 {
            return u64::try_from(total).ok().filter(|&total| total <= MAX);
        }
    }
    None
}
