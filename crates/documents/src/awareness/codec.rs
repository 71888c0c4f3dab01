//! The encoding of an awareness update: how many entries, then each client id, clock and state.

use crate::lib0::{Reader, Unreadable, put_bytes, put_uint};

/// The state of a client that is gone.
const GONE: &str = "null";
/// An id, a clock, and the length of a state.
const LEAST_BYTES: usize = 3;

/// What an update says of one client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub client: u64,
    pub clock: u64,
    /// The JSON of its state, or what it sent instead.
    state: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, Unreadable> {
        Ok(Self { client: reader.uint()?, clock: reader.uint()?, state: reader.var_bytes()? })
    }

    pub fn is_gone(&self) -> bool {
        self.state == GONE.as_bytes()
    }

    /// The text of its state; `None` if it is none.
    pub fn json(&self) -> Option<&'a str> {
        std::str::from_utf8(self.state).ok()
    }
}

/// The entries of an update, all of which can be read.
pub(super) fn entries(update: &[u8]) -> Result<impl Iterator<Item = Entry<'_>>, Unreadable> {
    let mut reader = Reader::new(update);
    let count = reader.count(LEAST_BYTES)?;
    let first = reader;
    for _ in 0..count {
        Entry::read(&mut reader)?;
    }
    reader.end()?;
    let mut reader = first;
    Ok((0..count).map_while(move |_| Entry::read(&mut reader).ok()))
}

/// An update while it is written.
#[derive(Debug, Default)]
pub(super) struct Update {
    count: u64,
    entries: Vec<u8>,
}

impl Update {
    pub fn len(&self) -> u64 {
        self.count
    }

    pub fn put(&mut self, client: u64, clock: u64, json: &str) {
        self.count += 1;
        put_uint(&mut self.entries, client);
        put_uint(&mut self.entries, clock);
        put_bytes(&mut self.entries, json.as_bytes());
    }

    pub fn put_gone(&mut self, client: u64, clock: u64) {
        self.put(client, clock, GONE);
    }

    /// `None` if it says nothing.
    pub fn into_bytes(self) -> Option<Vec<u8>> {
        let mut update = Vec::new();
        put_uint(&mut update, self.count);
        update.extend(self.entries);
        (self.count > 0).then_some(update)
    }
}
