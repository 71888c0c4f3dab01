use super::Struct;
use super::structs::{Body, end_of};
use crate::lib0::{Reader, Unreadable};
use crate::sort::sort_by_key;
use crate::state::{IdRange, IdRanges};

/// An update that has been read once, from the first byte to the last: what it holds, and where.
#[derive(Debug)]
pub struct Update<'a> {
    /// The structs of each client, which is in here at most once.
    pub sections: Vec<Section<'a>>,
    /// What it inserts.
    pub inserted: IdRanges,
    /// What it deletes.
    pub deleted: IdRanges,
}

/// The structs of one client, in the order of their clocks: an iterator over them.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// The id of the client.
    pub client: u64,
    /// The clock of the next struct.
    pub clock: u64,
    left: u64,
    reader: Reader<'a>,
}

impl<'a> Update<'a> {
    /// Reads the whole of `update`.
    pub fn read(update: &'a [u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(update);
        let mut sections = Vec::new();
        let mut inserted = Vec::new();
        // A section has at least one byte each for the number of its structs, its client and its clock.
        for _ in 0..reader.count(3)? {
            let section = Section::read(&mut reader)?;
            reader = section.read_over(&mut inserted)?;
            sections.push(section);
        }
        refuse_repeated(&sections)?;
        let deleted = read_deleted(&mut reader)?;
        reader.end()?;
        Ok(Self { sections, inserted: IdRanges::of(inserted), deleted })
    }
}

impl<'a> Section<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Unreadable> {
        // A struct has at least a byte for its kind and one for its length.
        let left = reader.count(2)?;
        let (client, clock) = (reader.uint()?, reader.uint()?);
        Ok(Self { client, clock, left, reader: *reader })
    }

    /// Reads all structs, adds what they insert, and returns what comes after them.
    fn read_over(mut self, inserted: &mut Vec<IdRange>) -> Result<Reader<'a>, Unreadable> {
        while let Some(next) = self.next_struct()? {
            if next.body != Body::Skip {
                add(inserted, IdRange { client: self.client, start: next.clock, end: next.end() });
            }
        }
        Ok(self.reader)
    }

    /// The next struct, or `None` after the last.
    pub fn next_struct(&mut self) -> Result<Option<Struct<'a>>, Unreadable> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        let next = Struct::read(&mut self.reader, self.client, self.clock)?;
        self.left = left;
        self.clock = next.end();
        Ok(Some(next))
    }
}

/// Clients read only the last of several sections of one client, and no client writes several.
fn refuse_repeated(sections: &[Section]) -> Result<(), Unreadable> {
    let mut clients: Vec<u64> = sections.iter().map(|section| section.client).collect();
    sort_by_key(&mut clients, |client| *client);
    let repeated = clients.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
    if repeated { Err(Unreadable) } else { Ok(()) }
}

fn read_deleted(reader: &mut Reader) -> Result<IdRanges, Unreadable> {
    let mut deleted = Vec::new();
    for _ in 0..reader.count(2)? {
        let client = reader.uint()?;
        for _ in 0..reader.count(2)? {
            let start = reader.uint()?;
            let end = end_of(start, reader.uint()?)?;
            add(&mut deleted, IdRange { client, start, end });
        }
    }
    Ok(IdRanges::of(deleted))
}

/// Adds a range, to the last one if it continues it.
fn add(ranges: &mut Vec<IdRange>, next: IdRange) {
    match ranges.last_mut() {
        Some(last) if last.client == next.client && last.end == next.start => last.end = next.end,
        _ => ranges.push(next),
    }
}
