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

/// Reads entries, one after the other. It ends with the first that can't be read.
pub fn entries(bytes: &[u8]) -> impl Iterator<Item = Result<Entry<'_>, Unreadable>> {
    let mut reader = Reader::new(bytes);
    std::iter::from_fn(move || {
        if reader.rest().is_empty() {
            return None;
        }
        let entry = read(&mut reader);
        if entry.is_err() {
            reader = Reader::new(&[]);
        }
        Some(entry)
    })
}

fn read<'a>(reader: &mut Reader<'a>) -> Result<Entry<'a>, Unreadable> {
    let start = *reader;
    let (seq, sender, sealed) = (reader.uint()?, reader.var_bytes()?, reader.var_bytes()?);
    Ok(Entry { seq, sender, sealed, bytes: reader.since(&start) })
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
        let read: Vec<_> = entries(&bytes).collect();
        assert_eq!(read.len(), 2);
        assert_eq!(read[0].map(|entry| (entry.seq, entry.sealed)), Ok((1, b"one".as_slice())));
        assert_eq!(read[1], Err(Unreadable));
    }

    proptest! {
        #[test]
        fn p14_8_entries_come_back_as_they_were(
            them in proptest::collection::vec(
                (0..1_u64 << 53, ".{0,20}", proptest::collection::vec(any::<u8>(), 0..200)), 0..6,
            ),
        ) {
            let mut bytes = Vec::new();
            for (seq, sender, sealed) in &them {
                entry(&mut bytes, *seq, sender, sealed);
            }
            let read: Vec<_> = entries(&bytes).map(Result::unwrap).collect();
            prop_assert_eq!(read.len(), them.len());
            for (entry, (seq, sender, sealed)) in read.iter().zip(&them) {
                prop_assert_eq!((entry.seq, entry.sender, entry.sealed), (*seq, sender.as_bytes(), sealed.as_slice()));
            }
            let whole: Vec<u8> = read.iter().flat_map(|entry| entry.bytes.to_vec()).collect();
            prop_assert_eq!(whole, bytes);
        }
    }
}
