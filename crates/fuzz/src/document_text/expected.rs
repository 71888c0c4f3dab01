//! The oracle: YATA unit by unit, and the lines of what it gives.

use std::collections::BTreeMap;

use validiant_documents::update::{Body, Content, Id, Item, Parent, TypeKind, Update};

/// More would take it too long.
const MAX_UNITS: usize = 400;

/// A client and a clock.
pub type Name = (u64, u64);

/// One unit of what was inserted.
#[derive(Clone)]
pub struct Unit {
    pub left: Option<Name>,
    pub right: Option<Name>,
    pub parent: Asked,
    pub what: What,
    pub is_deleted: bool,
}

/// Where it says that it is.
#[derive(Clone, PartialEq)]
pub enum Asked {
    Beside,
    Root,
    Inside(Name),
    /// Under a key of this.
    Under(Name),
    Elsewhere,
}

#[derive(Clone, PartialEq)]
pub enum What {
    Gc,
    /// A unit of UTF-16.
    Text(u16),
    Type(TypeKind, bool),
    Other,
}

/// Where it is.
#[derive(Clone, Copy, PartialEq, PartialOrd, Eq, Ord)]
pub enum Place {
    Root,
    Inside(Name),
    Elsewhere,
    Gone,
}

/// What somebody knows of a document.
#[derive(Clone, Default)]
pub struct Expected {
    units: BTreeMap<Name, Unit>,
    places: BTreeMap<Name, Place>,
    /// The units of each type, in their order.
    sequences: BTreeMap<Place, Vec<Name>>,
}

impl Expected {
    /// `None` if it is no update, or too large for the oracle.
    pub fn of(update: &[u8], root: &str) -> Option<Self> {
        let update = Update::read(update).ok()?;
        let mut units = BTreeMap::new();
        for section in &update.sections {
            let (client, mut section) = (section.client, *section);
            while let Some(next) = section.next_struct().ok()? {
                if next.body == Body::Skip {
                    continue;
                }
                if units.len() as u64 + next.len > MAX_UNITS as u64 {
                    return None;
                }
                for (at, unit) in units_of(&next.body, next.len, root).into_iter().enumerate() {
                    let name = (client, next.clock + at as u64);
                    let before = (at > 0).then(|| (client, name.1 - 1));
                    units.insert(name, Unit { left: before.or(unit.left), ..unit });
                }
            }
        }
        for range in update.deleted.ranges() {
            for (name, unit) in &mut units {
                let is_in = name.0 == range.client && (range.start..range.end).contains(&name.1);
                unit.is_deleted |= is_in;
            }
        }
        let (places, sequences) = Default::default();
        let mut expected = Self { units, places, sequences };
        while expected.integrate_some() {}
        Some(expected)
    }

    /// Everything that is deleted.
    pub fn deleted(&self) -> impl Iterator<Item = Name> {
        self.units.iter().filter(|(_, unit)| unit.is_deleted).map(|(name, _)| *name)
    }

    pub fn delete(&mut self, names: &[Name]) {
        for name in names {
            self.units.entry(*name).and_modify(|unit| unit.is_deleted = true);
        }
    }

    pub fn add(&mut self, name: Name, unit: Unit) {
        self.units.insert(name, unit);
    }

    /// Hears everything that somebody else knows.
    pub fn learn(&mut self, other: &Self) {
        for (name, unit) in &other.units {
            self.units.entry(*name).or_insert_with(|| unit.clone()).is_deleted |= unit.is_deleted;
        }
        while self.integrate_some() {}
    }

    /// One of the types that something can be inserted into.
    pub fn nth_place(&self, nth: usize) -> Place {
        let is_type = |name: &&Name| {
            let unit = &self.units[*name];
            matches!(unit.what, What::Type(kind, _) if is_sequence(kind)) && !unit.is_deleted
        };
        let types: Vec<&Name> = self.units.keys().filter(is_type).collect();
        types.get(nth % (types.len() + 1)).map_or(Place::Root, |name| Place::Inside(**name))
    }

    pub fn sequence(&self, place: Place) -> &[Name] {
        self.sequences.get(&place).map_or(&[], Vec::as_slice)
    }

    pub fn text(&self) -> Option<String> {
        self.sequences.get(&Place::Root)?;
        let mut lines = Lines::default();
        self.write(Place::Root, false, &mut lines);
        Some(lines.lines.join("\n"))
    }

    /// Integrates what can be. False if nothing can be any more.
    pub fn integrate_some(&mut self) -> bool {
        let names: Vec<Name> = self.units.keys().copied().collect();
        let mut any = false;
        for name in names {
            let is_there = |name: &Name| self.places.contains_key(name);
            let unit = &self.units[&name];
            let before = name.1.checked_sub(1).map(|clock| (name.0, clock));
            let inside = match unit.parent {
                Asked::Inside(parent) | Asked::Under(parent) => Some(parent),
                _ => None,
            };
            let mut needed = [before, unit.left, unit.right, inside].into_iter().flatten();
            if !is_there(&name) && needed.all(|name| is_there(&name)) {
                self.integrate(name);
                any = true;
            }
        }
        any
    }

    fn integrate(&mut self, name: Name) {
        let place = self.place_of(&self.units[&name]);
        self.places.insert(name, place);
        if matches!(place, Place::Root | Place::Inside(_)) {
            let at = self.index_in(place, name);
            self.sequences.entry(place).or_default().insert(at, name);
        }
    }

    fn place_of(&self, unit: &Unit) -> Place {
        let place = |name: Option<Name>| name.map(|name| self.places[&name]);
        let (left, right) = (place(unit.left), place(unit.right));
        if unit.what == What::Gc || left == Some(Place::Gone) || right == Some(Place::Gone) {
            return Place::Gone;
        }
        match unit.parent {
            Asked::Beside => left.or(right).unwrap(),
            Asked::Root => Place::Root,
            Asked::Under(_) | Asked::Elsewhere => Place::Elsewhere,
            Asked::Inside(parent) => {
                let it = &self.units[&parent];
                let is_in = matches!(self.places[&parent], Place::Root | Place::Inside(_));
                match it.what {
                    What::Type(kind, false) if is_sequence(kind) && !it.is_deleted => {
                        if is_in {
                            Place::Inside(parent)
                        } else {
                            Place::Elsewhere
                        }
                    }
                    _ => Place::Gone,
                }
            }
        }
    }

    /// YATA as it is in the paper, and in yjs.
    fn index_in(&self, place: Place, name: Name) -> usize {
        let empty = Vec::new();
        let sequence = self.sequences.get(&place).unwrap_or(&empty);
        let at = |wanted: Name| sequence.iter().position(|name| *name == wanted);
        let unit = &self.units[&name];
        let mut index = unit.left.map_or(0, |left| at(left).unwrap() + 1);
        let mut before_origin: Vec<Name> = Vec::new();
        let mut conflicting: Vec<Name> = Vec::new();
        for (other_at, other) in sequence.iter().enumerate().skip(index) {
            if Some(*other) == unit.right {
                break;
            }
            before_origin.push(*other);
            conflicting.push(*other);
            let it = &self.units[other];
            if it.left == unit.left {
                if other.0 < name.0 {
                    index = other_at + 1;
                    conflicting.clear();
                } else if it.right == unit.right {
                    break;
                }
            } else if it.left.is_some_and(|left| before_origin.contains(&left)) {
                if !conflicting.contains(&it.left.unwrap()) {
                    index = other_at + 1;
                    conflicting.clear();
                }
            } else {
                break;
            }
        }
        index
    }

    fn write(&self, place: Place, is_element: bool, lines: &mut Lines) {
        let Some(names) = self.sequences.get(&place) else { return };
        let is_visible = |name: &&Name| !self.units[*name].is_deleted;
        let has_text = names.iter().filter(is_visible).any(|name| match self.units[name].what {
            What::Text(_) => true,
            What::Type(TypeKind::Text | TypeKind::XmlText, _) => is_element,
            _ => false,
        });
        // Units that follow each other without anything between them.
        let mut run: Vec<(Name, u16)> = Vec::new();
        for name in names {
            let unit = &self.units[name];
            let text = if let What::Text(unit) = unit.what { Some(unit) } else { None };
            match text.filter(|_| !unit.is_deleted) {
                Some(text) => run.push((*name, text)),
                None => lines.say_units(&std::mem::take(&mut run)),
            }
            match unit.what {
                What::Type(..) if unit.is_deleted => {}
                What::Type(_, true) => lines.say("\n"),
                What::Type(kind, false) if is_sequence(kind) => {
                    let is_element = kind == TypeKind::XmlElement;
                    if has_text {
                        self.write(Place::Inside(*name), is_element, lines);
                        continue;
                    }
                    let before = lines.lines.len();
                    lines.is_open = false;
                    self.write(Place::Inside(*name), is_element, lines);
                    if lines.lines.len() == before {
                        lines.say("");
                    }
                    lines.is_open = false;
                }
                _ => {}
            }
        }
        lines.say_units(&run);
    }
}

fn is_sequence(kind: TypeKind) -> bool {
    !matches!(kind, TypeKind::Map | TypeKind::XmlHook)
}

fn units_of(body: &Body<'_>, len: u64, root: &str) -> Vec<Unit> {
    let unit =
        |what| Unit { left: None, right: None, parent: Asked::Beside, what, is_deleted: false };
    let Body::Item(item) = body else { return vec![unit(What::Gc); len as usize] };
    let what: Vec<What> = match item.content {
        Content::Text(text) => text.encode_utf16().map(What::Text).collect(),
        Content::Type(kind, bytes) => {
            let names = [b"\x03\x09hardBreak".as_slice(), b"\x03\x0ahard_break", b"\x03\x02br"];
            vec![What::Type(kind, names.contains(&bytes))]
        }
        _ => vec![What::Other; len as usize],
    };
    let name = |id: Id| (id.client, id.clock);
    let first = Unit { left: item.origin.map(name), parent: asked(item, root), ..unit(What::Gc) };
    let rest = Unit { parent: Asked::Beside, ..first.clone() };
    let all = std::iter::once(first).chain(std::iter::repeat(rest)).zip(what);
    all.map(|(unit, what)| Unit { right: item.right_origin.map(name), what, ..unit }).collect()
}

fn asked(item: &Item<'_>, root: &str) -> Asked {
    match item.parent {
        Parent::Neighbours { .. } => Asked::Beside,
        Parent::Root(name, None) if name == root => Asked::Root,
        Parent::Nested(id, None) => Asked::Inside((id.client, id.clock)),
        Parent::Nested(id, Some(_)) => Asked::Under((id.client, id.clock)),
        Parent::Root(..) => Asked::Elsewhere,
    }
}

#[derive(Default)]
struct Lines {
    lines: Vec<String>,
    is_open: bool,
}

impl Lines {
    fn say(&mut self, text: &str) {
        if !self.is_open {
            self.lines.push(String::new());
            self.is_open = true;
        }
        self.lines.last_mut().unwrap().push_str(text);
    }

    /// Halves of one character are whole if they are beside each other.
    fn say_units(&mut self, units: &[(Name, u16)]) {
        let mut parts: Vec<Vec<u16>> = Vec::new();
        for (at, (name, unit)) in units.iter().enumerate() {
            let is_next = at > 0 && {
                let before = units[at - 1].0;
                before.0 == name.0 && before.1 + 1 == name.1
            };
            match parts.last_mut() {
                Some(part) if is_next => part.push(*unit),
                _ => parts.push(vec![*unit]),
            }
        }
        for part in parts {
            self.say(&String::from_utf16_lossy(&part));
        }
    }
}
