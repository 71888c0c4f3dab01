//! All items of an update in one list, cut wherever one of them refers into another.

use std::ops::Range;

use super::piece::Piece;
use crate::lib0::{Reader, Unreadable};
use crate::sort::sort_by_key;
use crate::state::IdRange;
use crate::update::{Body, Content, Id, Parent, Section, Struct, TypeKind, Update};

/// The place of an item in the list.
pub(super) type Index = u32;
/// No item.
pub(super) const NONE: Index = Index::MAX;
/// An item that the update does not have.
pub(super) const MISSING: Index = Index::MAX - 1;
/// Each takes about 50 bytes. A document of 5 MiB has far fewer, unless somebody made it up.
const MAX_ITEMS: usize = 1_000_000;
/// The elements that are a line break in the editors that are built on ProseMirror, and in HTML.
const BREAKS: [&str; 3] = ["hardBreak", "hard_break", "br"];

#[derive(Debug)]
pub(super) struct Items<'a> {
    pub list: Vec<Item<'a>>,
    /// Sorted by their ids, so that the place of a client in here can be compared instead of its id.
    pub clients: Vec<Client>,
}

/// The items of one client. They are complete from its first change on: what comes after a gap can't be integrated.
#[derive(Debug)]
pub(super) struct Client {
    id: u64,
    /// The clock after the last item.
    end: u64,
    pub items: Range<Index>,
}

#[derive(Debug)]
pub(super) struct Item<'a> {
    clock: u64,
    /// The place of its client in the list of clients.
    pub client: u32,
    pub kind: Kind<'a>,
    pub origin: Index,
    pub right_origin: Index,
    pub place: Place,
    /// What follows in its sequence.
    pub next: Index,
    /// When it was last looked at.
    pub seen: u32,
}

/// What an item adds to the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// Only that something was here is known.
    Gc,
    /// Nothing: it is deleted, or neither text nor a sequence.
    Hidden,
    Text(Piece<'a>),
    /// A line break.
    Break,
    /// A sequence of its own, once it has its place.
    Sequence(Shape, u32),
}

/// What a sequence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Element,
    Text,
    /// A fragment or an array.
    List,
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Where its neighbours stand, which is not known yet.
    Beside,
    /// In the sequence of this item, which is not known yet.
    Inside(Index),
    /// Under a key of this item.
    Under(Index),
    /// In a sequence.
    In(u32),
    /// Under a key or under another root.
    Elsewhere,
    /// Nowhere: it was deleted together with what it was in.
    Gone,
}

/// The sequence of the root that is asked for.
pub(super) const ROOT: u32 = 0;

impl<'a> Items<'a> {
    pub fn of(update: &Update<'a>, root: &str) -> Result<Self, Unreadable> {
        let mut sections = update.sections.clone();
        sort_by_key(&mut sections, |section| section.client);
        let (cuts, structs) = cuts(update)?;
        if structs > MAX_ITEMS || cuts.len() > 2 * MAX_ITEMS {
            return Err(Unreadable);
        }
        let mut items = Self { list: Vec::with_capacity(structs), clients: Vec::new() };
        for section in &sections {
            let deleted = update.deleted.of_client(section.client);
            items.add(*section, Marks { cuts: of_client(&cuts, section.client), deleted })?;
        }
        for (section, client) in sections.iter().zip(0..) {
            items.link(*section, client, root)?;
        }
        Ok(items)
    }

    /// Adds the items of a client, cut.
    fn add(&mut self, mut section: Section<'a>, mut marks: Marks<'_>) -> Result<(), Unreadable> {
        let start = index(self.list.len())?;
        let client = u32::try_from(self.clients.len()).map_err(|_| Unreadable)?;
        let mut end = 0;
        while let Some(next) = section.next_struct()?.filter(|next| is_next(next, end)) {
            let mut rest = Kind::of(&next);
            while end < next.end() {
                let clock = end;
                end = marks.cut_in(clock, next.end());
                let mut kind = rest.split_off(end - clock);
                if marks.is_deleted(clock) && kind != Kind::Gc {
                    kind = Kind::Hidden;
                }
                let none = Item {
                    clock,
                    client,
                    kind,
                    origin: NONE,
                    right_origin: NONE,
                    place: Place::Beside,
                    next: NONE,
                    seen: 0,
                };
                self.list.push(none);
            }
        }
        let items = start..index(self.list.len())?;
        self.clients.push(Client { id: section.client, end, items });
        Ok(())
    }

    /// Finds what the items of a client refer to.
    fn link(
        &mut self,
        mut section: Section<'a>,
        client: usize,
        root: &str,
    ) -> Result<(), Unreadable> {
        let Some(own) = self.clients.get(client) else { return Ok(()) };
        let (mut at, end) = (own.items.start as usize, own.end);
        while let Some(next) = section.next_struct()?.filter(|next| next.end() <= end) {
            let (mut origin, right_origin, mut place) = self.links(&next, root);
            while let Some(part) = self.list.get_mut(at).filter(|it| it.is_in(&next, client)) {
                (part.origin, part.right_origin, part.place) = (origin, right_origin, place);
                // Its parts follow each other.
                (origin, place) = (index(at)?, Place::Beside);
                at += 1;
            }
        }
        Ok(())
    }

    /// The neighbours of a struct and its place, as far as it says.
    fn links(&self, whole: &Struct<'_>, root: &str) -> (Index, Index, Place) {
        let Body::Item(item) = &whole.body else { return (NONE, NONE, Place::Gone) };
        let place = match item.parent {
            Parent::Neighbours { .. } => Place::Beside,
            Parent::Root(name, None) if name == root => Place::In(ROOT),
            Parent::Nested(parent, None) => Place::Inside(self.find(Some(parent))),
            Parent::Nested(parent, Some(_)) => Place::Under(self.find(Some(parent))),
            Parent::Root(..) => Place::Elsewhere,
        };
        (self.find(item.origin), self.find(item.right_origin), place)
    }

    /// The item that has this change.
    fn find(&self, id: Option<Id>) -> Index {
        let Some(id) = id else { return NONE };
        let at = self.clients.partition_point(|client| client.id < id.client);
        let client = self.clients.get(at).filter(|it| it.id == id.client && id.clock < it.end);
        let Some(Client { items, .. }) = client else { return MISSING };
        let list = self.list.get(items.start as usize..items.end as usize).unwrap_or_default();
        let after = list.partition_point(|item| item.clock <= id.clock);
        u32::try_from(after).map_or(MISSING, |after| items.start + after.saturating_sub(1))
    }
}

impl Item<'_> {
    pub fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text(_))
    }

    fn is_in(&self, whole: &Struct<'_>, client: usize) -> bool {
        self.client as usize == client && (whole.clock..whole.end()).contains(&self.clock)
    }
}

impl<'a> Kind<'a> {
    fn of(whole: &Struct<'a>) -> Self {
        let Body::Item(item) = &whole.body else { return Self::Gc };
        match item.content {
            Content::Text(text) => Self::Text(Piece::new(text)),
            Content::Type(kind, encoded) => Self::of_type(kind, encoded),
            _ => Self::Hidden,
        }
    }

    fn of_type(kind: TypeKind, encoded: &[u8]) -> Self {
        let shape = match kind {
            TypeKind::XmlElement if is_break(encoded) => return Self::Break,
            TypeKind::XmlElement => Shape::Element,
            TypeKind::Text | TypeKind::XmlText => Shape::Text,
            TypeKind::Array | TypeKind::XmlFragment => Shape::List,
            TypeKind::Map | TypeKind::XmlHook => return Self::Hidden,
        };
        Self::Sequence(shape, NONE)
    }

    fn split_off(&mut self, units: u64) -> Self {
        match self {
            Self::Text(piece) => Self::Text(piece.split_off(units)),
            other => *other,
        }
    }
}

/// Whether an encoded element is a line break.
fn is_break(encoded: &[u8]) -> bool {
    let mut reader = Reader::new(encoded);
    let name = reader.uint().and_then(|_| reader.text());
    name.is_ok_and(|name| BREAKS.contains(&name))
}

/// Where a client's items must be cut, and which of its changes are deleted. Both are used up in the order of the clocks.
struct Marks<'m> {
    cuts: &'m [(u64, u64)],
    deleted: &'m [IdRange],
}

impl Marks<'_> {
    /// The first cut after `clock`, or `end` if there is none before.
    fn cut_in(&mut self, clock: u64, end: u64) -> u64 {
        let passed = self.cuts.partition_point(|(_, cut)| *cut <= clock);
        self.cuts = self.cuts.get(passed..).unwrap_or_default();
        self.cuts.first().map_or(end, |(_, cut)| end.min(*cut))
    }

    fn is_deleted(&mut self, clock: u64) -> bool {
        let passed = self.deleted.partition_point(|range| range.end <= clock);
        self.deleted = self.deleted.get(passed..).unwrap_or_default();
        self.deleted.first().is_some_and(|range| range.start <= clock)
    }
}

/// Where items must be cut, as sorted pairs of client and clock, and how many structs there are.
fn cuts(update: &Update<'_>) -> Result<(Vec<(u64, u64)>, usize), Unreadable> {
    let mut cuts = Vec::new();
    let mut structs = 0;
    for section in &update.sections {
        let mut section = *section;
        while let Some(next) = section.next_struct()? {
            structs += 1;
            if let Body::Item(item) = next.body {
                let before = item.origin.map(|id| (id.client, id.clock + 1));
                cuts.extend(before.filter(|cut| *cut != (section.client, next.clock)));
                cuts.extend(item.right_origin.map(|id| (id.client, id.clock)));
            }
        }
    }
    for range in update.deleted.ranges() {
        cuts.push((range.client, range.start));
        cuts.push((range.client, range.end));
    }
    sort_by_key(&mut cuts, |cut| *cut);
    cuts.dedup();
    Ok((cuts, structs))
}

fn of_client(cuts: &[(u64, u64)], id: u64) -> &[(u64, u64)] {
    let from = cuts.partition_point(|(client, _)| *client < id);
    let to = cuts.partition_point(|(client, _)| *client <= id);
    cuts.get(from..to).unwrap_or_default()
}

/// Whether a struct continues what there is without a gap.
fn is_next(next: &Struct<'_>, end: u64) -> bool {
    next.clock == end && next.body != Body::Skip
}

fn index(len: usize) -> Result<Index, Unreadable> {
    Index::try_from(len).ok().filter(|index| *index < MISSING).ok_or(Unreadable)
}
