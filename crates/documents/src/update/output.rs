use super::piece::Piece;
use super::structs::info;
use super::{Body, Content, Id, Item, Parent, Struct};
use crate::lib0::{put_bytes, put_uint};

/// Writes the structs of one client after the other. Neighbours that could have been made as one become one.
#[derive(Default)]
pub(super) struct Output<'a> {
    /// The update. What is known only at the end is put in front of it then.
    update: Vec<u8>,
    clients: u64,
    /// Where the structs of the client that is being written begin, how many there are, and the clock of the first.
    from: usize,
    structs: u64,
    start: u64,
    /// The last struct, which may still grow, and its content.
    open: Option<Struct<'a>>,
    content: Vec<u8>,
}

const REPLACEMENT: &str = "\u{fffd}";

impl<'a> Output<'a> {
    /// Adds a piece of `client`, whose clock is that after the last piece.
    pub fn push(&mut self, client: u64, piece: Piece<'a>) {
        match &mut self.open {
            Some(open) if continues(open, client, &piece.part) => open.len += piece.part.len,
            _ => {
                self.close();
                if self.structs == 0 {
                    self.start = piece.part.clock;
                }
                self.open = Some(piece.part);
            }
        }
        self.put_content(&piece);
    }

    /// Ends the structs of `client`. A client without any is not mentioned.
    pub fn end_client(&mut self, client: u64) {
        self.close();
        if self.structs > 0 {
            let mut head = Vec::new();
            put_uint(&mut head, self.structs);
            put_uint(&mut head, client);
            put_uint(&mut head, self.start);
            self.update.splice(self.from..self.from, head);
            self.clients += 1;
        }
        (self.structs, self.from) = (0, self.update.len());
    }

    /// The update up to its delete set.
    pub fn finish(mut self) -> Vec<u8> {
        let mut head = Vec::new();
        put_uint(&mut head, self.clients);
        self.update.splice(..0, head);
        self.update
    }

    fn put_content(&mut self, piece: &Piece<'a>) {
        let Body::Item(item) = &piece.part.body else { return };
        let bytes = match item.content {
            Content::Deleted => return,
            Content::Text(text) => text.as_bytes(),
            Content::Json(bytes)
            | Content::Binary(bytes)
            | Content::Embed(bytes)
            | Content::Format(bytes)
            | Content::Type(_, bytes)
            | Content::Any(bytes)
            | Content::Doc(bytes) => bytes,
        };
        if piece.torn_start {
            self.content.extend_from_slice(REPLACEMENT.as_bytes());
        }
        self.content.extend_from_slice(bytes);
        if piece.torn_end {
            self.content.extend_from_slice(REPLACEMENT.as_bytes());
        }
    }

    /// Writes the open struct.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let out = &mut self.update;
        match &open.body {
            Body::Gc => put_plain(out, info::GC, open.len),
            Body::Skip => put_plain(out, info::SKIP, open.len),
            Body::Item(item) => {
                put_head(out, item);
                match item.content {
                    Content::Deleted => put_uint(out, open.len),
                    Content::Text(_) => put_uint(out, self.content.len() as u64),
                    Content::Json(_) | Content::Any(_) => put_uint(out, open.len),
                    _ => {}
                }
                out.append(&mut self.content);
            }
        }
        self.structs += 1;
    }
}

/// That two structs are what a client would have made of one. A client that reads the one splits it again where it has to.
fn continues(left: &Struct, client: u64, right: &Struct) -> bool {
    match (&left.body, &right.body) {
        (Body::Gc, Body::Gc) => true,
        (Body::Item(left_item), Body::Item(right_item)) => {
            let end = Id { client, clock: left.end() - 1 };
            right_item.origin == Some(end)
                && right_item.right_origin == left_item.right_origin
                && is_growing(left_item, right_item)
        }
        _ => false,
    }
}

/// That the content of `left` can go on with that of `right`. Under a key, each value deletes the one before.
fn is_growing(left: &Item, right: &Item) -> bool {
    match (left.content, right.content) {
        (Content::Deleted, Content::Deleted) => true,
        (Content::Text(_), Content::Text(_))
        | (Content::Json(_), Content::Json(_))
        | (Content::Any(_), Content::Any(_)) => !left.parent.has_key(),
        _ => false,
    }
}

fn put_plain(out: &mut Vec<u8>, kind: u8, len: u64) {
    out.push(kind);
    put_uint(out, len);
}

fn put_head(out: &mut Vec<u8>, item: &Item) {
    let bit = |bit, is_set| if is_set { bit } else { 0 };
    let bits = item.content.kind()
        | bit(info::ORIGIN, item.origin.is_some())
        | bit(info::RIGHT_ORIGIN, item.right_origin.is_some())
        | bit(info::KEY, item.parent.has_key());
    out.push(bits);
    item.origin.iter().chain(&item.right_origin).for_each(|id| put_id(out, id));
    let key = match &item.parent {
        Parent::Neighbours { .. } => None,
        Parent::Root(name, key) => {
            put_uint(out, 1);
            put_bytes(out, name.as_bytes());
            *key
        }
        Parent::Nested(id, key) => {
            put_uint(out, 0);
            put_id(out, id);
            *key
        }
    };
    if let Some(key) = key {
        put_bytes(out, key.as_bytes());
    }
}

fn put_id(out: &mut Vec<u8>, id: &Id) {
    put_uint(out, id.client);
    put_uint(out, id.clock);
}
