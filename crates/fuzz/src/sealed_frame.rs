//! The frames of an encrypted document's socket, and what is stored of them (P14.8).

use validiant_documents::lib0::Unreadable;
use validiant_documents::sealed::{Entries, Message, Put, entry};

use crate::varint::{bytes, number};

/// Any frame, and the same bytes as stored entries.
///
/// It is a message exactly if the oracle reads one that takes up all of it. Of entries, those are read that the oracle reads,
/// up to the first that it can't, if their numbers go up.
pub fn sealed_frame(data: &[u8]) {
    assert_eq!(Message::read(data).map(told), expected(data).ok_or(Unreadable));
    let (all, is_damaged) = entries_in(data);
    let mut entries = Entries::after(0, data);
    let read: Vec<_> = entries.by_ref().map(|it| (it.seq, it.sender, it.sealed)).collect();
    let mut newest = 0;
    let mut going_up = all;
    going_up.retain(|(seq, ..)| {
        let before = newest;
        newest = newest.max(*seq);
        *seq > before
    });
    assert_eq!((read, entries.is_damaged()), (going_up, is_damaged));
    let mut written = Vec::new();
    entry(&mut written, 7, "u:ann", data);
    assert_eq!(entries_in(&written), (vec![(7, b"u:ann".as_slice(), data)], false));
}

/// A message: its first byte, its numbers, and what is encrypted with the epoch of its key.
type Told<'a> = (u8, Vec<u64>, Option<(u64, &'a [u8])>);
/// An entry: its number, its sender, and what is encrypted.
type Found<'a> = (u64, &'a [u8], &'a [u8]);

fn told(message: Message<'_>) -> Told<'_> {
    match message {
        Message::CatchUp(since) => (0x10, vec![since], None),
        Message::Update(id, it) => (0x14, vec![id], Some((it.epoch.into(), it.bytes))),
        Message::Snapshot(Put { id, base, upto, sealed: it }) => {
            (0x16, vec![id, base, upto], Some((it.epoch.into(), it.bytes)))
        }
        Message::Awareness(it) => (0x17, vec![], it.map(|it| (it.epoch.into(), it.bytes))),
        Message::LongAwareness => (0x17, vec![1], None),
    }
}

fn expected(frame: &[u8]) -> Option<Told<'_>> {
    let (kind, mut rest) = frame.split_first()?;
    let count = match kind {
        0x10 | 0x14 => 1,
        0x16 => 3,
        0x17 => 0,
        _ => return None,
    };
    let mut numbers = Vec::new();
    for _ in 0..count {
        let (next, after) = number(rest)?;
        numbers.push(next);
        rest = after;
    }
    if *kind == 0x10 {
        return rest.is_empty().then_some((*kind, numbers, None));
    }
    let (body, rest) = bytes(rest)?;
    if !rest.is_empty() {
        return None;
    }
    match (kind, body.len()) {
        (0x17, 0) => Some((*kind, numbers, None)),
        (0x17, 2_049..) => Some((*kind, vec![1], None)),
        _ => Some((*kind, numbers, Some((epoch_of(body)?, body)))),
    }
}

fn epoch_of(sealed: &[u8]) -> Option<u64> {
    let (epoch, rest) = number(sealed.strip_prefix(&[1])?)?;
    ((1..=u64::from(u32::MAX)).contains(&epoch) && rest.len() >= 28).then_some(epoch)
}

/// The entries up to the first that can't be read, and whether there is one.
fn entries_in(data: &[u8]) -> (Vec<Found<'_>>, bool) {
    let (mut all, mut rest) = (Vec::new(), data);
    while !rest.is_empty() {
        let Some((found, after)) = entry_in(rest) else { return (all, true) };
        all.push(found);
        rest = after;
    }
    (all, false)
}

fn entry_in(data: &[u8]) -> Option<(Found<'_>, &[u8])> {
    let (seq, rest) = number(data)?;
    let (sender, rest) = bytes(rest)?;
    let (sealed, rest) = bytes(rest)?;
    Some(((seq, sender, sealed), rest))
}
