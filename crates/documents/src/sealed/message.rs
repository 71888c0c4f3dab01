//! What a client sends: one message in each frame.

use super::Sealed;
use crate::lib0::{Reader, Unreadable};

const CATCH_UP: u8 = 0x10;
const UPDATE: u8 = 0x14;
const SNAPSHOT: u8 = 0x16;
const AWARENESS: u8 = 0x17;

/// What a client says of itself is not taken if it is longer.
const MAX_AWARENESS_BYTES: usize = 2_048;

/// What a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// It wants what came after this entry.
    CatchUp(u64),
    /// A change, and the client's name for it.
    Update(u64, Sealed<'a>),
    /// A snapshot.
    Snapshot(Put<'a>),
    /// Who it is and where; `None` if it says nothing any more.
    Awareness(Option<Sealed<'a>>),
    /// Awareness that is too long, and so is not taken.
    LongAwareness,
}

/// A snapshot that a client wants in place of the one that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Put<'a> {
    /// The client's name for it.
    pub id: u64,
    /// The last entry in the snapshot that it knows of; 0 if there is none.
    pub base: u64,
    /// The last entry in this one.
    pub upto: u64,
    /// The snapshot.
    pub sealed: Sealed<'a>,
}

impl<'a> Message<'a> {
    /// Reads a frame.
    ///
    /// # Errors
    /// It is not exactly one message that a client may send.
    pub fn read(frame: &'a [u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(frame);
        let message = match reader.byte()? {
            CATCH_UP => Self::CatchUp(reader.uint()?),
            UPDATE => Self::Update(reader.uint()?, Sealed::read(reader.var_bytes()?)?),
            SNAPSHOT => Self::Snapshot(Put {
                id: reader.uint()?,
                base: reader.uint()?,
                upto: reader.uint()?,
                sealed: Sealed::read(reader.var_bytes()?)?,
            }),
            AWARENESS => match reader.var_bytes()? {
                [] => Self::Awareness(None),
                long if long.len() > MAX_AWARENESS_BYTES => Self::LongAwareness,
                sealed => Self::Awareness(Some(Sealed::read(sealed)?)),
            },
            _ => return Err(Unreadable),
        };
        reader.end()?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lib0::put_bytes;

    fn with(head: &[u8], body: &[u8]) -> Vec<u8> {
        let mut frame = head.to_vec();
        put_bytes(&mut frame, body);
        frame
    }

    #[test]
    fn p14_8_the_messages_of_clients_are_read() {
        let bytes = [b"\x01\x07".as_slice(), &[9; 28]].concat();
        let sealed = Sealed { epoch: 7, bytes: &bytes };
        assert_eq!(Message::read(b"\x10\x00"), Ok(Message::CatchUp(0)));
        assert_eq!(Message::read(b"\x10\x80\x01"), Ok(Message::CatchUp(128)));
        let update = with(b"\x14\x03", &bytes);
        assert_eq!(Message::read(&update), Ok(Message::Update(3, sealed)));
        let put = with(b"\x16\x04\x02\x08", &bytes);
        let expected = Put { id: 4, base: 2, upto: 8, sealed };
        assert_eq!(Message::read(&put), Ok(Message::Snapshot(expected)));
        let awareness = with(b"\x17", &bytes);
        assert_eq!(Message::read(&awareness), Ok(Message::Awareness(Some(sealed))));
        assert_eq!(Message::read(b"\x17\x00"), Ok(Message::Awareness(None)));
        let long = with(b"\x17", &[&[1, 1], [0; 2_047].as_slice()].concat());
        assert_eq!(Message::read(&long), Ok(Message::LongAwareness));
    }

    #[test]
    fn p14_8_a_frame_is_one_whole_message_of_a_client() {
        let bytes = [b"\x01\x07".as_slice(), &[9; 28]].concat();
        let longer = [with(b"\x14\x03", &bytes), vec![0]].concat();
        let others: [&[u8]; 12] = [
            b"",
            b"\x10",
            b"\x10\x00\x00",
            b"\x11\x00",
            b"\x12",
            b"\x14\x00\x00",
            b"\x14\x03\x20\x01\x01",
            b"\x16\x01\x01\x01\xff\xff\xff\xff\x7f",
            b"\x17\x03\x01\x01\x01",
            b"\x90\x00\x00",
            &longer,
            b"\x00\x00\x01\x00",
        ];
        for frame in others {
            assert_eq!(Message::read(frame), Err(Unreadable), "{frame:?}");
        }
    }
}
