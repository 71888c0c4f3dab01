use super::Content;
use crate::lib0::{MAX_UINT, Reader, Unreadable};

/// The bits of the first byte of a struct.
pub(super) mod info {
    /// What kind of struct, or of content of an item, it is.
    pub const KIND: u8 = 0x1f;
    /// An item has a left neighbour from its beginning on.
    pub const ORIGIN: u8 = 0x80;
    /// An item has a right neighbour from its beginning on.
    pub const RIGHT_ORIGIN: u8 = 0x40;
    /// An item stands under a key of its parent.
    pub const KEY: u8 = 0x20;
    /// The struct that only remembers that something was here.
    pub const GC: u8 = 0;
    /// The struct that leaves something out.
    pub const SKIP: u8 = 10;
}

/// A change: one client at one clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id {
    /// The id of the client.
    pub client: u64,
    /// Its clock.
    pub clock: u64,
}

/// Some changes of a client, one after the other, that were made as one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Struct<'a> {
    /// The clock of the first.
    pub clock: u64,
    /// How many there are: at least one.
    pub len: u64,
    /// What they are.
    pub body: Body<'a>,
}

/// What a struct is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Body<'a> {
    /// Something that was deleted together with its parent.
    Gc,
    /// Nothing: these changes are not in the update.
    Skip,
    /// Something inserted.
    Item(Item<'a>),
}

/// Something that a client inserted into a shared type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item<'a> {
    /// Its left neighbour when it was inserted.
    pub origin: Option<Id>,
    /// Its right neighbour when it was inserted.
    pub right_origin: Option<Id>,
    /// The type that it is in.
    pub parent: Parent<'a>,
    /// What it is.
    pub content: Content<'a>,
}

/// Where an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent<'a> {
    /// Where its neighbour is.
    Neighbours {
        /// Says that it has a key. The key itself is not repeated.
        has_key: bool,
    },
    /// In a type of the document with this name, perhaps under a key.
    Root(&'a str, Option<&'a str>),
    /// In the type that this item is, perhaps under a key.
    Nested(Id, Option<&'a str>),
}

impl<'a> Struct<'a> {
    /// Reads the struct of `client` that begins at `clock`.
    pub(super) fn read(
        reader: &mut Reader<'a>,
        client: u64,
        clock: u64,
    ) -> Result<Self, Unreadable> {
        let (len, body) = match reader.byte()? {
            info::GC => (reader.uint()?, Body::Gc),
            info::SKIP => (reader.uint()?, Body::Skip),
            bits => {
                let (len, item) = Item::read(reader, bits)?;
                item.refers_back(Id { client, clock })?;
                (len, Body::Item(item))
            }
        };
        // A client can't find anything in a list that has a struct of no length.
        if len == 0 {
            return Err(Unreadable);
        }
        end_of(clock, len)?;
        Ok(Self { clock, len, body })
    }

    /// The clock after the last change.
    pub fn end(&self) -> u64 {
        self.clock + self.len
    }
}

impl<'a> Item<'a> {
    fn read(reader: &mut Reader<'a>, bits: u8) -> Result<(u64, Self), Unreadable> {
        let mut neighbour = |bit| (bits & bit != 0).then(|| Id::read(reader)).transpose();
        let origin = neighbour(info::ORIGIN)?;
        let right_origin = neighbour(info::RIGHT_ORIGIN)?;
        let has_key = bits & info::KEY != 0;
        let parent = match (origin, right_origin) {
            (None, None) => Parent::read(reader, has_key)?,
            _ => Parent::Neighbours { has_key },
        };
        let (len, content) = Content::read(reader, bits & info::KIND)?;
        Ok((len, Self { origin, right_origin, parent, content }))
    }

    /// A client can only have referred to its own changes before this one. Others would make clients fail.
    fn refers_back(&self, own: Id) -> Result<(), Unreadable> {
        let parent = if let Parent::Nested(parent, _) = self.parent { Some(parent) } else { None };
        let mut ids = [self.origin, self.right_origin, parent].into_iter().flatten();
        let back = ids.all(|id| id.client != own.client || id.clock < own.clock);
        if back { Ok(()) } else { Err(Unreadable) }
    }
}

impl<'a> Parent<'a> {
    /// That the item stands under a key.
    pub fn has_key(&self) -> bool {
        match self {
            Self::Neighbours { has_key } => *has_key,
            Self::Root(_, key) | Self::Nested(_, key) => key.is_some(),
        }
    }

    fn read(reader: &mut Reader<'a>, has_key: bool) -> Result<Self, Unreadable> {
        let is_root = reader.uint()? == 1;
        let key = |reader: &mut Reader<'a>| has_key.then(|| reader.text()).transpose();
        Ok(if is_root {
            Self::Root(reader.text()?, key(reader)?)
        } else {
            Self::Nested(Id::read(reader)?, key(reader)?)
        })
    }
}

impl Id {
    fn read(reader: &mut Reader) -> Result<Self, Unreadable> {
        Ok(Self { client: reader.uint()?, clock: reader.uint()? })
    }
}

/// The clock after `len` changes from `start` on.
pub(super) fn end_of(start: u64, len: u64) -> Result<u64, Unreadable> {
    start.checked_add(len).filter(|&end| end <= MAX_UINT).ok_or(Unreadable)
}
