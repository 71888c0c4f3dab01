use crate::json;
use crate::lib0::{Reader, Unreadable};
const DELETED: u8 = 1;
const JSON: u8 = 2;
const BINARY: u8 = 3;
const TEXT: u8 = 4;
const EMBED: u8 = 5;
const FORMAT: u8 = 6;
const TYPE: u8 = 7;
const ANY: u8 = 8;
const DOC: u8 = 9;

/// What an item is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Content<'a> {
    /// Something of which only the length is left.
    Deleted,
    /// Values of an array, as JSON: each a text.
    Json(&'a [u8]),
    /// Bytes, as they are encoded.
    Binary(&'a [u8]),
    /// Some text: its length is that in UTF-16.
    Text(&'a str),
    /// Something in a text that is not text, as it is encoded.
    Embed(&'a [u8]),
    /// A place where a format begins or ends, as it is encoded.
    Format(&'a [u8]),
    /// A shared type, and it as it is encoded.
    Type(TypeKind, &'a [u8]),
    /// Values of an array or of a key, one after the other.
    Any(&'a [u8]),
    /// Another document, as it is encoded.
    Doc(&'a [u8]),
}

/// The kinds of shared types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeKind {
    /// `Y.Array`
    Array,
    /// `Y.Map`
    Map,
    /// `Y.Text`
    Text,
    /// `Y.XmlElement`
    XmlElement,
    /// `Y.XmlFragment`
    XmlFragment,
    /// `Y.XmlHook`
    XmlHook,
    /// `Y.XmlText`
    XmlText,
}

impl<'a> Content<'a> {
    /// Reads content of this kind, and how many changes it is.
    pub(super) fn read(reader: &mut Reader<'a>, kind: u8) -> Result<(u64, Self), Unreadable> {
        let before = *reader;
        Ok(match kind {
            DELETED => (reader.uint()?, Self::Deleted),
            JSON => {
                let len = reader.count(1)?;
                (len, Self::Json(skip_each(reader, len, skip_json_value)?))
            }
            BINARY => {
                reader.var_bytes()?;
                (1, Self::Binary(reader.since(&before)))
            }
            TEXT => {
                let text = reader.text()?;
                (utf16_len(text), Self::Text(text))
            }
            EMBED => {
                skip_json(reader.text()?)?;
                (1, Self::Embed(reader.since(&before)))
            }
            FORMAT => {
                reader.text()?;
                skip_json(reader.text()?)?;
                (1, Self::Format(reader.since(&before)))
            }
            TYPE => {
                let kind = TypeKind::read(reader)?;
                (1, Self::Type(kind, reader.since(&before)))
            }
            ANY => {
                let len = reader.count(1)?;
                (len, Self::Any(skip_each(reader, len, Reader::skip_any)?))
            }
            DOC => {
                reader.text()?;
                reader.skip_object()?;
                (1, Self::Doc(reader.since(&before)))
            }
            _ => return Err(Unreadable),
        })
    }

    /// The number of its kind.
    pub(super) fn kind(&self) -> u8 {
        match self {
            Self::Deleted => DELETED,
            Self::Json(_) => JSON,
            Self::Binary(_) => BINARY,
            Self::Text(_) => TEXT,
            Self::Embed(_) => EMBED,
            Self::Format(_) => FORMAT,
            Self::Type(..) => TYPE,
            Self::Any(_) => ANY,
            Self::Doc(_) => DOC,
        }
    }
}

impl TypeKind {
    fn read(reader: &mut Reader) -> Result<Self, Unreadable> {
        let kind = match reader.uint()? {
            0 => Self::Array,
            1 => Self::Map,
            2 => Self::Text,
            3 => Self::XmlElement,
            4 => Self::XmlFragment,
            5 => Self::XmlHook,
            6 => Self::XmlText,
            _ => return Err(Unreadable),
        };
        if matches!(kind, Self::XmlElement | Self::XmlHook) {
            reader.text()?;
        }
        Ok(kind)
    }
}

/// The length of a text as JavaScript counts it.
pub(super) fn utf16_len(text: &str) -> u64 {
    if text.is_ascii() { text.len() as u64 } else { text.bytes().map(utf16_units).sum() }
}

/// How many units begin with this byte of UTF-8: two with the first of four bytes, none with those inside of a character.
fn utf16_units(byte: u8) -> u64 {
    u64::from(byte & 0xc0 != 0x80) + u64::from(byte >= 0xf0)
}

/// Reads over `len` values, and returns the bytes that they take up.
pub(super) fn skip_each<'a>(
    reader: &mut Reader<'a>,
    len: u64,
    skip: impl Fn(&mut Reader<'a>) -> Result<(), Unreadable>,
) -> Result<&'a [u8], Unreadable> {
    let before = *reader;
    for _ in 0..len {
        skip(reader)?;
    }
    Ok(reader.since(&before))
}

/// Reads over a value of an array in JSON. `undefined` is not JSON, but it is what clients write for it.
pub(super) fn skip_json_value(reader: &mut Reader) -> Result<(), Unreadable> {
    match reader.text()? {
        "undefined" => Ok(()),
        json => skip_json(json),
    }
}

/// Clients parse it whenever they read the update.
fn skip_json(json: &str) -> Result<(), Unreadable> {
    json::is_value(json).then_some(()).ok_or(Unreadable)
}
