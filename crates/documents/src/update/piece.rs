use super::content::{skip_each, skip_json_value};
use super::{Body, Content, Id, Item, Parent, Struct};
use crate::lib0::{Reader, Unreadable};

/// A struct, or a part of one, on its way into a new update.
#[derive(Debug)]
pub(super) struct Piece<'a> {
    /// Where it begins, how long it is, and what it is.
    pub part: Struct<'a>,
    /// Its text begins with the second half of a character, which can't be written. Clients put U+FFFD in its place.
    pub torn_start: bool,
    /// Its text ends with the first half of a character.
    pub torn_end: bool,
}

impl<'a> Piece<'a> {
    /// All of a struct.
    pub fn whole(part: Struct<'a>) -> Self {
        Self { part, torn_start: false, torn_end: false }
    }

    /// The same change, of which only the length is left.
    pub fn deleted(mut self) -> Self {
        if let Body::Item(item) = &mut self.part.body {
            item.content = Content::Deleted;
            (self.torn_start, self.torn_end) = (false, false);
        }
        self
    }

    /// Cuts off what comes before `clock`, which is inside of it. What is left has that as its left neighbour.
    pub fn cut(&mut self, client: u64, clock: u64) -> Result<Self, Unreadable> {
        let Struct { clock: start, len, .. } = self.part;
        let cut = clock - start;
        let (left, torn) = match &mut self.part.body {
            Body::Gc => (Body::Gc, false),
            Body::Skip => (Body::Skip, false),
            Body::Item(item) => {
                let (left, right, torn) = split(item.content, cut, self.torn_start)?;
                let left = Item { content: left, ..*item };
                *item = Item {
                    origin: Some(Id { client, clock: clock - 1 }),
                    right_origin: item.right_origin,
                    parent: Parent::Neighbours { has_key: item.parent.has_key() },
                    content: right,
                };
                (Body::Item(left), torn)
            }
        };
        let part = Struct { clock: start, len: cut, body: left };
        let left = Self { part, torn_start: self.torn_start, torn_end: torn };
        (self.part.clock, self.part.len, self.torn_start) = (clock, len - cut, torn);
        Ok(left)
    }
}

/// The first `len` changes, the others, and whether a character is on both sides.
fn split(
    content: Content,
    len: u64,
    torn_start: bool,
) -> Result<(Content, Content, bool), Unreadable> {
    match content {
        Content::Deleted => Ok((Content::Deleted, Content::Deleted, false)),
        Content::Json(values) => {
            let mut reader = Reader::new(values);
            let left = skip_each(&mut reader, len, skip_json_value)?;
            Ok((Content::Json(left), Content::Json(reader.rest()), false))
        }
        Content::Any(values) => {
            let mut reader = Reader::new(values);
            let left = skip_each(&mut reader, len, Reader::skip_any)?;
            Ok((Content::Any(left), Content::Any(reader.rest()), false))
        }
        Content::Text(text) => {
            let (left, right, torn) = split_utf16(text, len - u64::from(torn_start))?;
            Ok((Content::Text(left), Content::Text(right), torn))
        }
        // These are one change, and have no inside.
        _ => Err(Unreadable),
    }
}

/// The text before so many units of UTF-16 and after them. A character that would be torn is in neither.
fn split_utf16(text: &str, mut units: u64) -> Result<(&str, &str, bool), Unreadable> {
    let mut chars = text.chars();
    let before = |rest: &str| text.get(..text.len() - rest.len()).ok_or(Unreadable);
    while units > 0 {
        let left = chars.as_str();
        let width = chars.next().ok_or(Unreadable)?.len_utf16() as u64;
        if width > units {
            return Ok((before(left)?, chars.as_str(), true));
        }
        units -= width;
    }
    Ok((before(chars.as_str())?, chars.as_str(), false))
}
