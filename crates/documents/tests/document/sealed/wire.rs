//! What the server sends, as a client reads it.

use validiant_documents::lib0::{Reader, Unreadable};

/// A message of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Snapshot { upto: u64, part: u64, parts: u64, sender: String, bytes: Vec<u8> },
    Entries(Vec<Entry>),
    Current(Current),
    Kept { id: u64, seq: u64 },
    Awareness(Vec<Said>),
    Refused { id: u64, code: String, number: u64 },
    KeyEpoch(u64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: u64,
    pub sender: String,
    pub content: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Current {
    pub newest: u64,
    pub upto: u64,
    pub epoch: u64,
    pub floor: u64,
    pub may_write: u64,
    pub log: u64,
    /// Whether it is the answer to a request.
    pub is_answer: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub socket: String,
    pub sender: String,
    /// `None` if it is gone.
    pub content: Option<String>,
}

impl Told {
    pub fn entries(self) -> Option<Vec<Entry>> {
        if let Self::Entries(entries) = self { Some(entries) } else { None }
    }

    pub fn current(self) -> Option<Current> {
        if let Self::Current(current) = self { Some(current) } else { None }
    }
}

/// Reads a frame of the server; fails unless it is exactly one message.
pub fn told(frame: &[u8]) -> Told {
    read(frame).unwrap_or_else(|Unreadable| panic!("can't be read: {frame:?}"))
}

/// What is between the nonce and the tag.
pub fn content_of(sealed: &[u8]) -> String {
    let mut reader = Reader::new(&sealed[1..]);
    reader.uint().unwrap();
    let rest = reader.rest();
    String::from_utf8(rest[12..rest.len() - 16].to_vec()).unwrap()
}

fn read(frame: &[u8]) -> Result<Told, Unreadable> {
    let mut reader = Reader::new(frame);
    let it = &mut reader;
    let told = match it.byte()? {
        0x11 => Told::Snapshot {
            upto: it.uint()?,
            part: it.uint()?,
            parts: it.uint()?,
            sender: it.text()?.to_owned(),
            bytes: it.var_bytes()?.to_vec(),
        },
        0x12 => Told::Entries(many(it, entry)?),
        0x13 => Told::Current(Current {
            newest: it.uint()?,
            upto: it.uint()?,
            epoch: it.uint()?,
            floor: it.uint()?,
            may_write: it.uint()?,
            log: it.uint()?,
            is_answer: it.uint()?,
        }),
        0x15 => Told::Kept { id: it.uint()?, seq: it.uint()? },
        0x17 => Told::Awareness(many(it, said)?),
        0x18 => Told::Refused { id: it.uint()?, code: it.text()?.to_owned(), number: it.uint()? },
        0x19 => Told::KeyEpoch(it.uint()?),
        _ => return Err(Unreadable),
    };
    reader.end()?;
    Ok(told)
}

fn many<T>(
    reader: &mut Reader<'_>,
    one: impl Fn(&mut Reader<'_>) -> Result<T, Unreadable>,
) -> Result<Vec<T>, Unreadable> {
    let mut all = vec![one(reader)?];
    while !reader.rest().is_empty() {
        all.push(one(reader)?);
    }
    Ok(all)
}

fn entry(reader: &mut Reader<'_>) -> Result<Entry, Unreadable> {
    let (seq, sender) = (reader.uint()?, reader.text()?.to_owned());
    Ok(Entry { seq, sender, content: content_of(reader.var_bytes()?) })
}

fn said(reader: &mut Reader<'_>) -> Result<Said, Unreadable> {
    let [socket, sender] = [reader.text()?, reader.text()?].map(str::to_owned);
    let sealed = reader.var_bytes()?;
    Ok(Said { socket, sender, content: (!sealed.is_empty()).then(|| content_of(sealed)) })
}
