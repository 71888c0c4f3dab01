//! An entry of the log: in a frame, and, the same bytes, in the storage. A snapshot is stored as one, too, with the number
//! up to which it stands for all entries.

use crate::lib0::{Reader, Unreadable, put_bytes, put_uint};

/// An entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its number.
    pub seq: u64,
    /// Who has sent it, as the server knows.
    pub sender: &'a [u8],
    /// What is encrypted.
    pub sealed: &'a [u8],
    /// All of it.
    pub bytes: &'a [u8],
}

/// Adds an entry.
pub fn entry(out: &mut Vec<u8>, seq: u64, sender: &str, sealed: &[u8]) {
    put_uint(out, seq);
    put_bytes(out, sender.as_bytes());
    put_bytes(out, sealed);
}

/// The entries after one, read one after the other until there is one that can't be read.
///
/// A number that does not go up is of an entry that was there already. So is a snapshot in the middle, where the one at the
/// beginning is damaged.
pub struct Entries<'a> {
    reader: Reader<'a>,
    since: u64,
    is_damaged: bool,
}

impl<'a> Entries<'a> {
    /// `bytes`: all of them.
    #[must_use]
    pub fn after(since: u64, bytes: &'a [u8]) -> Self {
        Self { reader: Reader::new(bytes), since, is_damaged: false }
    }

    /// Whether it has ended with one that can't be read.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    fn read(&mut self) -> Result<Entry<'a>, Unreadable> {
        let Self { reader, .. } = self;
        let start = *reader;
        let (seq, sender, sealed) = (reader.uint()?, reader.var_bytes()?, reader.var_bytes()?);
        Ok(Entry { seq, sender, sealed, bytes: reader.since(&start) })
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Entry<'a>> {
        while !self.is_damaged && !self.reader.rest().is_empty() {
            match self.read() {
                Ok(entry) if entry.seq > self.since => {
                    self.since = entry.seq;
                    return Some(entry);
                }
                Ok(_) => {}
                Err(Unreadable) => self.is_damaged = true,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn p14_8_what_can_t_be_read_ends_the_entries() {
        let mut bytes = Vec::new();
        entry(&mut bytes, 1, "u:ann", b"one");
        bytes.extend_from_slice(b"\x02\x05u");
        let mut entries = Entries::after(0, &bytes);
        assert_eq!(entries.next().map(|it| (it.seq, it.sealed)), Some((1, b"one".as_slice())));
        assert!(!entries.is_damaged());
        assert_eq!(entries.next(), None);
        assert!(entries.is_damaged());
    }

    proptest! {
        #[test]
        fn p14_8_entries_come_back_as_they_were_in_the_order_of_their_numbers(
            them in proptest::collection::vec(
                (1..1_u64 << 53, ".{0,20}", proptest::collection::vec(any::<u8>(), 0..200)), 0..6,
            ),
            since in 0..1_u64 << 53,
        ) {
            let (mut bytes, mut least, mut expected) = (Vec::new(), since, Vec::new());
            for (seq, sender, sealed) in &them {
                let start = bytes.len();
                entry(&mut bytes, *seq, sender, sealed);
                if *seq > least {
                    least = *seq;
                    expected.push((*seq, sender.as_bytes(), sealed.as_slice(), start..bytes.len()));
                }
            }
            let read: Vec<_> = Entries::after(since, &bytes).collect();
            prop_assert_eq!(read.len(), expected.len());
            for (entry, (seq, sender, sealed, place)) in read.iter().zip(expected) {
                prop_assert_eq!((entry.seq, entry.sender, entry.sealed), (seq, sender, sealed));
                prop_assert_eq!(entry.bytes, &bytes[place]);
            }
        }
    }
}
