//! Puts items into their sequences, as Yjs does.

use super::items::{Client, Index, Item, Items, Kind, MISSING, NONE, Place, ROOT};
use crate::lib0::Unreadable;

/// How many items are looked at in all before it counts as too much. To look at one takes some nanoseconds.
const MAX_STEPS: u32 = 1 << 25;

/// The sequences of one root and of everything in it.
#[derive(Debug)]
pub(super) struct Sequences<'a> {
    items: Vec<Item<'a>>,
    /// The first item of each.
    firsts: Vec<Index>,
    has_root: bool,
    steps: u32,
}

/// How far the items of a client have been integrated.
#[derive(Debug)]
struct Progress {
    next: Index,
    end: Index,
    /// It can't go on: something that it needs is not in the update.
    is_stuck: bool,
    /// It is gone on with, because another needs it.
    is_needed: bool,
}

impl<'a> Sequences<'a> {
    pub fn integrate(items: Items<'a>) -> Result<Self, Unreadable> {
        let progress = |client: &Client| Progress {
            next: client.items.start,
            end: client.items.end,
            is_stuck: false,
            is_needed: false,
        };
        let mut clients: Vec<Progress> = items.clients.iter().map(progress).collect();
        let mut sequences =
            Self { items: items.list, firsts: vec![NONE], has_root: false, steps: 0 };
        for client in 0..clients.len() {
            sequences.go_on_with(client, &mut clients)?;
        }
        Ok(sequences)
    }

    /// Whether there is, or was, something in the root.
    pub fn has_root(&self) -> bool {
        self.has_root
    }

    /// The items of a sequence in their order.
    pub fn items(&self, sequence: u32) -> impl Iterator<Item = &Item<'a>> {
        let mut at = self.first(sequence);
        std::iter::from_fn(move || {
            let item = self.item(at)?;
            at = item.next;
            Some(item)
        })
    }

    pub fn first(&self, sequence: u32) -> Index {
        self.firsts.get(sequence as usize).copied().unwrap_or(NONE)
    }

    pub fn item(&self, at: Index) -> Option<&Item<'a>> {
        self.items.get(at as usize)
    }

    fn item_mut(&mut self, at: Index) -> Option<&mut Item<'a>> {
        self.items.get_mut(at as usize)
    }

    /// Integrates the items of a client, and before each of them those of others that it refers to.
    fn go_on_with(&mut self, client: usize, clients: &mut [Progress]) -> Result<(), Unreadable> {
        let mut needs = vec![(client, NONE)];
        while let Some((client, until)) = needs.last().copied() {
            let Some(progress) = clients.get_mut(client) else { return Ok(()) };
            if progress.is_stuck || progress.next >= progress.end || progress.next > until {
                progress.is_needed = false;
                needs.pop();
                continue;
            }
            progress.is_needed = true;
            let at = progress.next;
            let Some(needed) = self.needs(at, clients) else {
                self.place(at)?;
                if let Some(progress) = clients.get_mut(client) {
                    progress.next += 1;
                }
                continue;
            };
            // Those that are needed wait for each other: none of them can go on.
            let other = self.item(needed).map(|item| item.client as usize);
            let can_come =
                |other: &usize| clients.get(*other).is_some_and(|it| !it.is_stuck && !it.is_needed);
            match other.filter(can_come) {
                Some(other) => needs.push((other, needed)),
                None => {
                    if let Some(progress) = clients.get_mut(client) {
                        progress.is_stuck = true;
                    }
                }
            }
        }
        Ok(())
    }

    /// An item that must be integrated before this one.
    fn needs(&self, at: Index, clients: &[Progress]) -> Option<Index> {
        let item = self.item(at)?;
        let parent = match item.place {
            Place::Inside(parent) | Place::Under(parent) => parent,
            _ => NONE,
        };
        let is_there = |at: Index| {
            let client = self.item(at).and_then(|item| clients.get(item.client as usize));
            client.is_some_and(|client| at < client.next)
        };
        let mut refers = [item.origin, item.right_origin, parent].into_iter();
        refers.find(|at| *at == MISSING || (*at != NONE && !is_there(*at)))
    }

    /// Gives an item its place.
    fn place(&mut self, at: Index) -> Result<(), Unreadable> {
        let Some(item) = self.item(at) else { return Ok(()) };
        let place = self.place_of(item);
        let is_sequence = matches!(item.kind, Kind::Sequence(..));
        if let Place::In(sequence) = place {
            self.has_root |= sequence == ROOT;
            self.insert(at, sequence)?;
            if is_sequence {
                self.begin(at);
            }
        }
        if let Some(item) = self.item_mut(at) {
            item.place = place;
        }
        Ok(())
    }

    fn place_of(&self, item: &Item<'a>) -> Place {
        let of = |at: Index| self.item(at).map(|neighbour| neighbour.place);
        let (left, right) = (of(item.origin), of(item.right_origin));
        let is_gone = |place| place == Some(Place::Gone);
        if item.kind == Kind::Gc || is_gone(left) || is_gone(right) {
            return Place::Gone;
        }
        match item.place {
            Place::Beside => left.or(right).unwrap_or(Place::Gone),
            Place::Inside(parent) => match self.item(parent).map(|parent| parent.kind) {
                Some(Kind::Sequence(_, NONE)) => Place::Elsewhere,
                Some(Kind::Sequence(_, sequence)) => Place::In(sequence),
                _ => Place::Gone,
            },
            Place::Under(_) => Place::Elsewhere,
            known => known,
        }
    }

    /// Makes a sequence for what is in an item.
    fn begin(&mut self, at: Index) {
        let sequence = u32::try_from(self.firsts.len()).unwrap_or(NONE);
        if let Some(Kind::Sequence(_, own)) = self.item_mut(at).map(|item| &mut item.kind) {
            *own = sequence;
            self.firsts.push(NONE);
        }
    }

    fn insert(&mut self, at: Index, sequence: u32) -> Result<(), Unreadable> {
        let left = self.left_of(at, sequence)?;
        let next = self.after(left, sequence);
        if let Some(item) = self.item_mut(at) {
            item.next = next;
        }
        if let Some(left) = self.item_mut(left) {
            left.next = at;
        } else if let Some(first) = self.firsts.get_mut(sequence as usize) {
            *first = at;
        }
        Ok(())
    }

    /// What comes after an item, or first if there is none.
    fn after(&self, left: Index, sequence: u32) -> Index {
        self.item(left).map_or_else(|| self.first(sequence), |item| item.next)
    }

    /// After which item this one belongs. It looks at all items between its neighbours of then, because they were inserted
    /// at the same time: it passes those of clients with smaller ids, each with everything that was inserted beside it.
    fn left_of(&mut self, at: Index, sequence: u32) -> Result<Index, Unreadable> {
        let Some(&Item { client, origin, right_origin, .. }) = self.item(at) else {
            return Ok(NONE);
        };
        let mut left = origin;
        let mut other = self.after(left, sequence);
        let begin = self.steps;
        // From here on, what was looked at has not been passed.
        let mut passed = self.steps;
        while other != NONE && other != right_origin {
            let step = self.step()?;
            let Some(it) = self.item_mut(other) else { break };
            it.seen = step;
            let (its, next) = (it.origin, it.next);
            if its == origin {
                if it.client < client {
                    (left, passed) = (other, step);
                } else if it.right_origin == right_origin {
                    break;
                }
            } else {
                let seen = self.item(its).map_or(0, |item| item.seen);
                if seen <= begin {
                    break;
                }
                if seen <= passed {
                    (left, passed) = (other, step);
                }
            }
            other = next;
        }
        Ok(left)
    }

    fn step(&mut self) -> Result<u32, Unreadable> {
        self.steps = Some(self.steps + 1).filter(|steps| *steps < MAX_STEPS).ok_or(Unreadable)?;
        Ok(self.steps)
    }
}
