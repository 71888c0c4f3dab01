//! What the server sends: one message in each frame.

use validiant_core::Millis;

use crate::lib0::{put_bytes, put_uint};
use validiant_core::encryption::KeyEpoch;

const SNAPSHOT: u8 = 0x11;
const ENTRIES: u8 = 0x12;
const CURRENT: u8 = 0x13;
const KEPT: u8 = 0x15;
const AWARENESS: u8 = 0x17;
const REFUSED: u8 = 0x18;
const KEY_EPOCH: u8 = 0x19;

/// How many bytes of a snapshot are in a frame.
const PART_BYTES: usize = 256 * 1024;

/// Where a client is that has caught up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Current {
    /// The newest entry.
    pub newest: u64,
    /// The last entry in the snapshot; 0 if there is none.
    pub upto: u64,
    /// The epoch of the snapshot.
    pub epoch: KeyEpoch,
    /// When the log was begun; 0 if it is empty.
    pub began: Millis,
}

/// A snapshot that stands for all entries up to one, in as many frames as it takes.
pub fn snapshot(upto: u64, sender: &[u8], sealed: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let parts = sealed.len().div_ceil(PART_BYTES) as u64;
    (1..).zip(sealed.chunks(PART_BYTES)).map(move |(part, bytes)| {
        let mut frame = numbers(SNAPSHOT, &[upto, part, parts]);
        put_bytes(&mut frame, sender);
        put_bytes(&mut frame, bytes);
        frame
    })
}

/// The beginning of a frame with entries.
#[must_use]
pub fn entries_frame() -> Vec<u8> {
    vec![ENTRIES]
}

/// Where the log is. As an answer, it says that everything up to there has been sent.
#[must_use]
pub fn current(current: &Current, floor: KeyEpoch, may_write: bool, is_answer: bool) -> Vec<u8> {
    let Current { newest, upto, epoch, began } = *current;
    let (floor, may_write, is_answer) = (floor.into(), may_write.into(), is_answer.into());
    numbers(CURRENT, &[newest, upto, epoch.into(), floor, may_write, began, is_answer])
}

/// What a client named so is durable, as the entry with this number.
#[must_use]
pub fn kept(id: u64, seq: u64) -> Vec<u8> {
    numbers(KEPT, &[id, seq])
}

/// What a client named so is not taken; 0 for awareness.
#[must_use]
pub fn refused(id: u64, code: &str, number: u64) -> Vec<u8> {
    let mut frame = numbers(REFUSED, &[id]);
    put_bytes(&mut frame, code.as_bytes());
    put_uint(&mut frame, number);
    frame
}

/// The floor has gone up.
#[must_use]
pub fn key_epoch(floor: KeyEpoch) -> Vec<u8> {
    numbers(KEY_EPOCH, &[floor.into()])
}

/// Who is where: the name of each socket, the sender, and what they say; nothing if they are gone.
#[must_use]
pub fn awareness<'a>(them: impl Iterator<Item = (String, String, &'a [u8])>) -> Vec<u8> {
    let mut frame = vec![AWARENESS];
    for (socket, sender, sealed) in them {
        put_bytes(&mut frame, socket.as_bytes());
        put_bytes(&mut frame, sender.as_bytes());
        put_bytes(&mut frame, sealed);
    }
    frame
}

fn numbers(kind: u8, numbers: &[u64]) -> Vec<u8> {
    let mut frame = vec![kind];
    numbers.iter().for_each(|number| put_uint(&mut frame, *number));
    frame
}
