//! Encrypted documents (P14.8): what their sockets carry and their log stores.
//!
//! Nothing of the content can be read here. What is read is around it: the numbers, the sender, and the epoch of the key.

mod entry;
mod frames;
mod message;

use validiant_core::encryption::KeyEpoch;

use crate::lib0::{Reader, Unreadable};

pub use entry::{Entries, Entry, entry};
pub use frames::{Current, awareness, current, entries_frame, kept, key_epoch, refused, snapshot};
pub use message::{Message, Put};

/// The version of the encryption, which is the first byte.
const VERSION: u8 = 1;
/// The nonce, and the tag around the shortest content.
const NONCE_AND_TAG: usize = 12 + 16;

/// Something encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed<'a> {
    /// The epoch of its key.
    pub epoch: KeyEpoch,
    /// All of it.
    pub bytes: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// Reads what is not encrypted in it.
    ///
    /// # Errors
    /// It is something else, or of another version.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(bytes);
        let is_ours = reader.byte()? == VERSION;
        let epoch = KeyEpoch::try_from(reader.uint()?).map_err(|_| Unreadable)?;
        if is_ours && epoch > 0 && reader.rest().len() >= NONCE_AND_TAG {
            Ok(Self { epoch, bytes })
        } else {
            Err(Unreadable)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p14_8_only_the_version_and_the_epoch_are_read() {
        let sealed = |head: &[u8], rest| [head, &vec![0xff; rest]].concat();
        for (head, epoch) in [
            (b"\x01\x01".as_slice(), 1),
            (b"\x01\x80\x01", 128),
            (b"\x01\xff\xff\xff\xff\x0f", KeyEpoch::MAX),
        ] {
            let bytes = sealed(head, 28);
            assert_eq!(Sealed::read(&bytes), Ok(Sealed { epoch, bytes: &bytes }));
        }
        for (head, rest) in [
            (b"".as_slice(), 0),
            (b"\x01", 0),
            (b"\x01\x00", 28),
            (b"\x02\x01", 28),
            (b"\x01\x01", 27),
            (b"\x01\x80\x80\x80\x80\x10", 28),
        ] {
            assert_eq!(Sealed::read(&sealed(head, rest)), Err(Unreadable), "{head:?} {rest}");
        }
    }
}
