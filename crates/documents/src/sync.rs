//! The messages between a client and the document (P13.3): one in each frame.

use crate::lib0::{Reader, Unreadable, put_bytes, put_uint};

const SYNC: u64 = 0;
const AWARENESS: u64 = 1;
const AUTH: u64 = 2;
const QUERY_AWARENESS: u64 = 3;

const STEP_1: u64 = 0;
const STEP_2: u64 = 1;
const UPDATE: u64 = 2;
const DENIED: u64 = 0;

/// What a client sends. The bodies are only known to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// What it has, as a state vector: it wants the rest.
    Step1(&'a [u8]),
    /// What the server lacks, as an update.
    Step2(&'a [u8]),
    /// A change, as an update.
    Update(&'a [u8]),
    /// Who is where, as an awareness update.
    Awareness(&'a [u8]),
    /// It wants all known awareness.
    QueryAwareness,
}

impl<'a> Message<'a> {
    /// Reads a frame.
    ///
    /// # Errors
    /// It is not exactly one message that a client may send.
    pub fn read(frame: &'a [u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(frame);
        let message = match reader.uint()? {
            SYNC => match reader.uint()? {
                STEP_1 => Self::Step1(reader.var_bytes()?),
                STEP_2 => Self::Step2(reader.var_bytes()?),
                UPDATE => Self::Update(reader.var_bytes()?),
                _ => return Err(Unreadable),
            },
            AWARENESS => Self::Awareness(reader.var_bytes()?),
            QUERY_AWARENESS => Self::QueryAwareness,
            _ => return Err(Unreadable),
        };
        reader.end()?;
        Ok(message)
    }
}

/// The server's state vector: it wants what it lacks.
#[must_use]
pub fn step_1(state_vector: &[u8]) -> Vec<u8> {
    frame(&[SYNC, STEP_1], state_vector)
}

/// What a client lacks.
#[must_use]
pub fn step_2(update: &[u8]) -> Vec<u8> {
    frame(&[SYNC, STEP_2], update)
}

/// A change, byte for byte as it was sent.
#[must_use]
pub fn update(update: &[u8]) -> Vec<u8> {
    frame(&[SYNC, UPDATE], update)
}

/// Who is where.
#[must_use]
pub fn awareness(update: &[u8]) -> Vec<u8> {
    frame(&[AWARENESS], update)
}

/// That the client may not do what it did, and why.
#[must_use]
pub fn denied(reason: &str) -> Vec<u8> {
    frame(&[AUTH, DENIED], reason.as_bytes())
}

fn frame(kind: &[u64], body: &[u8]) -> Vec<u8> {
    // The length of a body takes at most 5 bytes.
    let mut frame = Vec::with_capacity(kind.len() + 5 + body.len());
    for number in kind {
        put_uint(&mut frame, *number);
    }
    put_bytes(&mut frame, body);
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn p13_3_the_messages_of_clients_are_read() {
        use Message::{Awareness, QueryAwareness, Step1, Step2, Update};
        let hi = b"\x01\x01\x01\x00\x04\x01\x01t\x02hi\x00";
        assert_eq!(Message::read(b"\0\0\x01\0"), Ok(Step1(b"\0")));
        assert_eq!(Message::read(b"\0\0\x03\x01\x01\x02"), Ok(Step1(b"\x01\x01\x02")));
        assert_eq!(Message::read(b"\0\x01\x02\0\0"), Ok(Step2(b"\0\0")));
        assert_eq!(Message::read(&[b"\0\x02\x0c".as_slice(), hi].concat()), Ok(Update(hi)));
        let gone = b"\x01\x01\x01\x04null";
        assert_eq!(Message::read(&[b"\x01\x08".as_slice(), gone].concat()), Ok(Awareness(gone)));
        assert_eq!(Message::read(b"\x03"), Ok(QueryAwareness));
    }

    #[test]
    fn p13_3_the_messages_of_the_server_are_those_of_the_vectors() {
        assert_eq!(step_1(b"\0"), b"\0\0\x01\0");
        assert_eq!(step_2(b"\0\0"), b"\0\x01\x02\0\0");
        assert_eq!(step_2(b"\0\x01\x01\x01\0\x01"), b"\0\x01\x06\0\x01\x01\x01\0\x01");
        let hi = b"\x01\x01\x01\x00\x04\x01\x01t\x02hi\x00";
        assert_eq!(update(hi), [b"\0\x02\x0c".as_slice(), hi].concat());
        assert_eq!(awareness(b"\x01\x01\x01\x04null"), b"\x01\x08\x01\x01\x01\x04null");
        assert_eq!(denied("no"), b"\x02\0\x02no");
    }

    #[test]
    fn p13_3_a_frame_is_one_whole_message_of_a_client() {
        let others: [&[u8]; 9] = [
            b"",
            b"\0",
            b"\0\x03\0",
            b"\0\0\x02\0",
            b"\0\0\x01\0\0",
            b"\x02\0\x02no",
            b"\x03\0",
            b"\x04",
            b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
        ];
        for frame in others {
            assert_eq!(Message::read(frame), Err(Unreadable), "{frame:?}");
        }
    }

    proptest! {
        #[test]
        fn p13_3_bodies_of_any_length_come_through(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let same = |frame: &[u8], message| Message::read(frame) == Ok(message);
            prop_assert!(same(&step_1(&body), Message::Step1(&body)));
            prop_assert!(same(&step_2(&body), Message::Step2(&body)));
            prop_assert!(same(&update(&body), Message::Update(&body)));
            prop_assert!(same(&awareness(&body), Message::Awareness(&body)));
        }
    }
}
