use super::output::Output;
use super::piece::Piece;
use super::{Body, Section, Struct, Update};
use crate::lib0::{Unreadable, put_uint};
use crate::sort::sort_by_key;
use crate::state::{IdRange, IdRanges, StateVector};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// One update with the changes of all `updates`. What is deleted in it has no content any more.
pub fn merge(updates: &[&[u8]]) -> Result<Vec<u8>, Unreadable> {
    missing(updates, &StateVector::default())
}

/// One update with the changes of all `updates` that somebody lacks who has `have`, and with all that is deleted.
pub fn missing(updates: &[&[u8]], have: &StateVector) -> Result<Vec<u8>, Unreadable> {
    let mut sections = Vec::new();
    let mut deleted = Vec::new();
    for update in updates {
        let update = Update::read(update)?;
        sections.extend(update.sections.into_iter().zip(sections.len()..));
        deleted.extend_from_slice(update.deleted.ranges());
    }
    // Clients integrate faster what comes from the highest client first.
    sort_by_key(&mut sections, |&(section, order)| (Reverse(section.client), order));
    write(&sections, &IdRanges::of(deleted), have)
}

fn write(
    sections: &[(Section, usize)],
    deleted: &IdRanges,
    have: &StateVector,
) -> Result<Vec<u8>, Unreadable> {
    let mut output = Output::default();
    for sections in sections.chunk_by(|(a, _), (b, _)| a.client == b.client) {
        let Some(&(Section { client, .. }, _)) = sections.first() else { continue };
        let at = have.clock(client);
        let deleted = deleted.of_client(client);
        let mut line = Line { client, at, is_begun: false, deleted, output: &mut output };
        line.add_all(sections.iter().map(|&(section, _)| section).collect())?;
        output.end_client(client);
    }
    let mut update = output.finish();
    put_deleted(&mut update, deleted);
    Ok(update)
}

/// The changes of one client, in a line.
struct Line<'a, 'o> {
    client: u64,
    /// The clock up to which they are written, or not wanted.
    at: u64,
    is_begun: bool,
    /// What is deleted from there on.
    deleted: &'o [IdRange],
    output: &'o mut Output<'a>,
}

impl<'a> Line<'a, '_> {
    /// Adds the structs of all updates by their clocks. Of several with the same clock, that of the first update counts.
    fn add_all(&mut self, mut sections: Vec<Section<'a>>) -> Result<(), Unreadable> {
        let starts = sections.iter().zip(0..).map(|(section, at)| Reverse((section.clock, at)));
        let mut next: BinaryHeap<Reverse<(u64, usize)>> = starts.collect();
        while let Some(Reverse((_, at))) = next.pop() {
            let Some(section) = sections.get_mut(at) else { continue };
            if let Some(part) = section.next_struct()? {
                next.push(Reverse((section.clock, at)));
                self.add(part)?;
            }
        }
        Ok(())
    }

    /// Adds what is new in this struct.
    fn add(&mut self, part: Struct<'a>) -> Result<(), Unreadable> {
        if part.body == Body::Skip || part.end() <= self.at {
            return Ok(());
        }
        let mut piece = Piece::whole(part);
        let start = piece.part.clock;
        if start < self.at {
            piece.cut(self.client, self.at)?;
        } else if start > self.at && self.is_begun {
            let gap = Struct { clock: self.at, len: start - self.at, body: Body::Skip };
            self.output.push(self.client, Piece::whole(gap));
        }
        self.is_begun = true;
        self.at = piece.part.end();
        self.put(piece)
    }

    /// Writes a piece, without the content of what is deleted.
    fn put(&mut self, mut piece: Piece<'a>) -> Result<(), Unreadable> {
        while let Some((range, later)) = self.deleted.split_first() {
            if range.start >= piece.part.end() {
                break;
            }
            if range.end <= piece.part.clock {
                self.deleted = later;
                continue;
            }
            if range.start > piece.part.clock {
                let kept = piece.cut(self.client, range.start)?;
                self.output.push(self.client, kept);
            }
            if range.end >= piece.part.end() {
                self.output.push(self.client, piece.deleted());
                return Ok(());
            }
            let dropped = piece.cut(self.client, range.end)?;
            self.output.push(self.client, dropped.deleted());
        }
        self.output.push(self.client, piece);
        Ok(())
    }
}

/// Writes a delete set as clients do: the highest client first.
fn put_deleted(out: &mut Vec<u8>, deleted: &IdRanges) {
    let clients = || deleted.ranges().chunk_by(|a, b| a.client == b.client);
    put_uint(out, clients().count() as u64);
    for ranges in clients().rev() {
        put_uint(out, ranges.first().map_or(0, |range| range.client));
        put_uint(out, ranges.len() as u64);
        for range in ranges {
            put_uint(out, range.start);
            put_uint(out, range.end - range.start);
        }
    }
}
