//! The text of the calls between the objects of a room.
//!
//! Like a [page](crate::page): values end with one control character, entries with another. No id, no name and no JSON has
//! control characters, and a place in the product is written as JSON.

mod calls;
mod entry;
mod head;

#[cfg(test)]
mod tests;

use super::Place;
use super::wire::{Counts, VERSION};
use crate::member::{SocketId, User};
use crate::names::{Avatar, UserId, UserName};
use crate::number;

const VALUE_END: char = '\u{1f}';
const ENTRY_END: char = '\u{1e}';
/// No call and no answer is longer.
const MAX_BYTES: usize = 16_777_216;

/// Why a call or an answer can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It was written by an object of another version.
    OtherVersion,
    /// It is something else, or too long.
    Unreadable,
}

/// Begins a call or an answer of this kind.
fn begun(kind: &str) -> Writer {
    let mut writer = Writer::default();
    writer.number(u64::from(VERSION));
    writer.text(kind);
    writer
}

/// Reads a call or an answer of this kind: first its version, so that one that is newer is told from one that is damaged.
#[inline(never)]
fn opened<'a>(text: &'a str, kind: &str) -> Result<Reader<'a>, Unread> {
    let mut reader = Reader(text);
    let version: u32 = reader.number().ok_or(Unread::Unreadable)?;
    if version != VERSION {
        return Err(Unread::OtherVersion);
    }
    let is_right = reader.text() == Some(kind) && text.len() <= MAX_BYTES;
    if is_right { Ok(reader) } else { Err(Unread::Unreadable) }
}

/// Writes values.
#[derive(Default)]
struct Writer(String);

impl Writer {
    #[inline(never)]
    fn text(&mut self, value: &str) {
        self.0.push_str(value);
        self.0.push(VALUE_END);
    }

    #[inline(never)]
    fn number(&mut self, value: u64) {
        self.text(&value.to_string());
    }

    fn length(&mut self, list: usize) {
        self.number(list as u64);
    }

    /// A text that may have control characters.
    #[inline(never)]
    fn escaped(&mut self, value: &str) {
        // A text: it can't fail to serialise.
        self.text(&serde_json::to_string(value).unwrap_or_default());
    }

    fn texts(&mut self, list: &[String]) {
        self.length(list.len());
        list.iter().for_each(|text| self.escaped(text));
    }

    fn flag(&mut self, value: bool) {
        self.number(u64::from(value));
    }

    #[inline(never)]
    fn maybe(&mut self, value: Option<u64>) {
        match value {
            Some(value) => self.number(value),
            None => self.text(""),
        }
    }

    fn place(&mut self, place: Place) {
        self.number(u64::from(place.index));
        self.number(place.generation);
    }

    fn socket(&mut self, SocketId(socket): SocketId) {
        self.number(u64::from(socket));
    }

    #[inline(never)]
    fn user(&mut self, user: &User) {
        let User { id, name, avatar, verified } = user;
        self.text(id.as_str());
        self.text(name.as_ref().map_or("", UserName::as_str));
        self.text(avatar.as_ref().map_or("", Avatar::as_str));
        self.flag(*verified);
    }

    #[inline(never)]
    fn counts(&mut self, counts: Option<Counts>) {
        self.maybe(counts.map(|counts| counts.sockets));
        self.maybe(counts.map(|counts| counts.users));
    }

    fn entry_end(&mut self) {
        self.0.push(ENTRY_END);
    }
}

/// The text of a list that is stored.
pub(super) fn list_to_text(list: &[String]) -> String {
    let mut writer = Writer::default();
    writer.texts(list);
    writer.0
}

/// Reads what [`list_to_text`] wrote.
pub(super) fn parse_list(text: &str) -> Option<Vec<String>> {
    Reader(text).list(Reader::escaped)
}

/// Reads values.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    #[inline(never)]
    fn text(&mut self) -> Option<&'a str> {
        let (value, rest) = self.0.split_once(VALUE_END)?;
        self.0 = rest;
        Some(value)
    }

    /// A number that fits.
    fn number<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.long()?).ok()
    }

    #[inline(never)]
    fn long(&mut self) -> Option<u64> {
        number::read(self.text()?)
    }

    #[inline(never)]
    fn escaped(&mut self) -> Option<String> {
        serde_json::from_str(self.text()?).ok()
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.long()? == 1)
    }

    /// A number that may be missing.
    #[inline(never)]
    fn maybe(&mut self) -> Option<Option<u64>> {
        match self.text()? {
            "" => Some(None),
            digits => Some(Some(number::read(digits)?)),
        }
    }

    /// The same, for a number that fits.
    fn maybe_number(&mut self) -> Option<Option<u32>> {
        Some(match self.maybe()? {
            None => None,
            Some(number) => Some(u32::try_from(number).ok()?),
        })
    }

    #[inline(never)]
    fn place(&mut self) -> Option<Place> {
        Some(Place { index: self.number()?, generation: self.long()? })
    }

    fn socket(&mut self) -> Option<SocketId> {
        self.number().map(SocketId)
    }

    fn user_id(&mut self) -> Option<UserId> {
        UserId::parse(self.text()?).ok()
    }

    #[inline(never)]
    fn user(&mut self) -> Option<User> {
        let (id, name, avatar) = (self.user_id()?, self.text()?, self.text()?);
        let (name, avatar) = (UserName::parse(name).ok(), Avatar::parse(avatar).ok());
        Some(User { id, name, avatar, verified: self.flag()? })
    }

    #[inline(never)]
    fn counts(&mut self) -> Option<Option<Counts>> {
        let (sockets, users) = (self.maybe()?, self.maybe()?);
        Some(sockets.zip(users).map(|(sockets, users)| Counts { sockets, users }))
    }

    /// A list, with its length before it. One that is longer than the text ends in `None`.
    fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.long()?;
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(item(self)?);
        }
        Some(items)
    }

    /// The rest, if that is the end of an entry.
    fn entries(&mut self) -> Option<&'a str> {
        self.0.strip_prefix(ENTRY_END)
    }
}
