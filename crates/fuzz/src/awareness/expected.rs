//! The oracle: P13.7 read slowly.

use serde_json::value::RawValue;
use validiant_documents::awareness::Who;

use crate::json::Object;
use crate::varint::{bytes, number, put};

/// Client, clock and state.
pub type Entry = (u64, u64, Vec<u8>);

const NULL: &[u8] = b"null";
/// The largest number that JavaScript can add one to, and write.
const MAX_CLOCK: u64 = (1 << 53) - 2;

#[derive(Default)]
pub struct Expected {
    sockets: Vec<Socket>,
    /// What was said, in the order in which it became its socket's.
    said: Vec<Said>,
    /// Who is gone, with the last clock, since the document woke.
    gone: Vec<(u64, u64)>,
}

struct Socket {
    id: u32,
    who: Who,
    heard_at: u64,
}

#[derive(Clone)]
struct Said {
    by: u32,
    client: u64,
    clock: u64,
    state: Option<Vec<u8>>,
}

#[derive(Default)]
pub struct Told {
    pub update: Vec<Entry>,
    pub is_for_sender: bool,
    pub reply: Vec<Entry>,
    /// Sorted.
    pub keep: Vec<u32>,
}

impl Expected {
    pub fn join(&mut self, id: u32, who: Who) {
        self.sockets.push(Socket { id, heard_at: who.connected_at, who });
    }

    pub fn leave(&mut self, id: u32) -> Vec<Entry> {
        self.sockets.retain(|socket| socket.id != id);
        let mut told = Vec::new();
        for said in self.said.iter().filter(|said| said.by == id) {
            self.gone.push((said.client, said.clock));
            if said.state.is_some() {
                told.push((said.client, said.clock, NULL.to_vec()));
            }
        }
        self.said.retain(|said| said.by != id);
        told
    }

    pub fn wake(&mut self) {
        self.gone.clear();
        for socket in &mut self.sockets {
            socket.heard_at = socket.who.connected_at;
        }
    }

    pub fn all(&self) -> Vec<Entry> {
        let shown = |said: &Said| {
            let state = said.state.as_ref()?;
            Some((said.client, said.clock, shown(state, &self.socket(said.by)?.who)))
        };
        self.said.iter().filter_map(shown).collect()
    }

    fn socket(&self, id: u32) -> Option<&Socket> {
        self.sockets.iter().find(|socket| socket.id == id)
    }

    pub fn receive(&mut self, from: u32, entries: &[Entry], now: u64) -> Told {
        let mut told = Told::default();
        if self.socket(from).is_none() {
            return told;
        }
        let mut is_renewal = false;
        for entry in entries {
            is_renewal |= self.hear(from, entry, &mut told);
        }
        let socket = self.sockets.iter_mut().find(|socket| socket.id == from).unwrap();
        if !told.update.is_empty() && (is_renewal || now - socket.heard_at >= 15_000) {
            told.is_for_sender = true;
            socket.heard_at = now;
        }
        told.keep.sort_unstable();
        told.keep.dedup();
        told
    }

    /// Returns whether it is a renewal.
    fn hear(&mut self, from: u32, (client, clock, state): &Entry, told: &mut Told) -> bool {
        if *clock > MAX_CLOCK {
            return false;
        }
        let is_null = state == NULL;
        if let Some(at) = self.said.iter().position(|said| said.client == *client) {
            let before = self.said[at].by;
            if before != from {
                if !self.is_back(from, &self.said[at], *clock) {
                    return false;
                }
                let said = self.said.remove(at);
                self.said.push(Said { by: from, ..said });
                told.keep.extend([before, from]);
            }
        } else {
            if is_null {
                return false;
            }
            let end = self.gone.iter().rev().find(|(gone, _)| gone == client);
            if let Some((_, end)) = end.filter(|(_, end)| clock <= end) {
                if told.reply.len() < 4 {
                    told.reply.push((*client, *end, NULL.to_vec()));
                }
                return false;
            }
            if !is_state(state) || !self.has_place(from) {
                return false;
            }
            // Older than everything.
            let new = Said { by: from, client: *client, clock: *clock, state: None };
            self.said.push(new);
            return self.say(from, *client, *clock, Some(state), told);
        }
        let known = self.said.iter().find(|said| said.client == *client).unwrap();
        let is_end = is_null && *clock == known.clock && known.state.is_some();
        if (*clock > known.clock || is_end) && (is_null || is_state(state)) {
            return self.say(from, *client, *clock, (!is_null).then_some(state), told);
        }
        false
    }

    fn say(
        &mut self,
        from: u32,
        client: u64,
        clock: u64,
        state: Option<&Vec<u8>>,
        told: &mut Told,
    ) -> bool {
        let who = self.socket(from).unwrap().who.clone();
        let said = self.said.iter_mut().find(|said| said.client == client).unwrap();
        let before = said.state.take();
        (said.clock, said.state) = (clock, state.cloned());
        told.keep.push(from);
        match (&before, state) {
            (None, None) => false,
            (Some(_), None) => {
                told.update.push((client, clock, NULL.to_vec()));
                false
            }
            (before, Some(state)) => {
                told.update.push((client, clock, shown(state, &who)));
                before.as_deref().map(on_one_line) == Some(on_one_line(state))
            }
        }
    }

    /// Whether a socket is of the client to whom an id belongs, and newer.
    fn is_back(&self, from: u32, known: &Said, clock: u64) -> bool {
        let (new, old) = (&self.socket(from).unwrap().who, &self.socket(known.by).unwrap().who);
        let name = |who: &Who| who.user.as_ref().map(|user| (user.id.clone(), user.verified));
        let age = |who: &Who, id| (who.connected_at, id);
        let is_client = if new.connection == old.connection {
            clock >= known.clock
        } else {
            new.user.is_some() && clock > known.clock
        };
        name(new) == name(old)
            && is_client
            && age(new, from) > age(old, known.by)
            && self.said.iter().filter(|said| said.by == from).count() < 4
    }

    /// Whether a socket may have one more id. One of which nothing is said any more is given up for it.
    fn has_place(&mut self, id: u32) -> bool {
        if self.said.iter().filter(|said| said.by == id).count() < 4 {
            return true;
        }
        let idle = self.said.iter().position(|said| said.by == id && said.state.is_none());
        let Some(idle) = idle else { return false };
        let said = self.said.remove(idle);
        self.gone.push((said.client, said.clock));
        true
    }
}

/// Blanks between the parts of a JSON text may become others.
fn on_one_line(state: &[u8]) -> Vec<u8> {
    state
        .iter()
        .map(|byte| if matches!(byte, b'\n' | b'\r' | b'\t') { b' ' } else { *byte })
        .collect()
}

/// Whether it is an object of JSON, and not too long.
fn is_state(state: &[u8]) -> bool {
    let json = serde_json::from_slice::<&RawValue>(state);
    state.len() <= 1_024 && json.is_ok_and(|json| json.get().starts_with('{'))
}

/// Whether the oracle can tell: it can't read a key with half of a surrogate pair, or null among blanks.
pub fn is_judged(state: &[u8]) -> bool {
    !is_state(state) || {
        let text = std::str::from_utf8(state).unwrap();
        Object::parse(text).is_some_and(|object| {
            object
                .all("user")
                .all(|user| !user.get().starts_with('{') || Object::parse(user.get()).is_some())
        })
    }
}

/// The fields of a state; those of its user one by one.
pub fn fields(state: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(state).unwrap();
    let mut fields = Vec::new();
    for (name, value) in Object::parse(text).unwrap().fields() {
        match Object::parse(value.get()).filter(|_| name == "user") {
            Some(user) => {
                let mut user: Vec<_> = user.fields().map(owned).collect();
                user.sort();
                fields.extend(user.into_iter().map(|(key, value)| (format!("user.{key}"), value)));
            }
            None => fields.push(owned((name, value))),
        }
    }
    fields
}

fn owned((name, value): (&str, &RawValue)) -> (String, String) {
    let value = String::from_utf8(on_one_line(value.get().as_bytes())).unwrap();
    (name.to_owned(), value)
}

/// What others see.
fn shown(state: &[u8], who: &Who) -> Vec<u8> {
    let object = Object::parse(std::str::from_utf8(state).unwrap()).unwrap();
    let verified = who.user.as_ref().is_some_and(|user| user.verified);
    let sent = object.last("user");
    let theirs = sent.and_then(|sent| Object::parse(sent.get()));
    let claims = theirs.as_ref().is_some_and(|user| user.names().any(|name| name == "verified"));
    let is_ours = match (&who.user, sent) {
        (Some(_), Some(_)) => true,
        (Some(_), None) => verified,
        (None, _) => claims,
    };
    let user = if is_ours {
        let mut known = vec![("verified", verified.to_string())];
        if let Some(user) = &who.user {
            let quoted = |text: &str| serde_json::to_string(text).unwrap();
            known.push(("id", quoted(user.id.as_str())));
            known.extend(user.name.iter().map(|name| ("name", quoted(name.as_str()))));
            known.extend(user.avatar.iter().map(|avatar| ("avatar", quoted(avatar.as_str()))));
        }
        let mut all: Vec<(String, String)> =
            known.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        for field in theirs.iter().flat_map(Object::fields).map(owned) {
            if !known.iter().any(|(key, _)| field.0 == *key) {
                all.push(field);
            }
        }
        Some(write(&all))
    } else {
        sent.map(|sent| sent.get().to_owned())
    };
    let mut all: Vec<(String, String)> = Vec::new();
    for (name, value) in object.fields().map(owned) {
        if name != "user" {
            all.push((name, value));
        } else if !all.iter().any(|(name, _)| name == "user") {
            all.push((name, user.clone().unwrap()));
        }
    }
    if let Some(user) = user.filter(|_| !all.iter().any(|(name, _)| name == "user")) {
        all.push(("user".to_owned(), user));
    }
    write(&all).into_bytes()
}

fn write(fields: &[(String, String)]) -> String {
    let one = |(name, value): &(String, String)| {
        format!("{}:{value}", serde_json::to_string(name).unwrap())
    };
    format!("{{{}}}", fields.iter().map(one).collect::<Vec<_>>().join(","))
}

/// That an update says this, in this order.
pub fn same(got: Option<&[u8]>, expected: &[Entry]) {
    let got = got.map(|got| decode(got).unwrap()).unwrap_or_default();
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert_eq!((got.0, got.1), (expected.0, expected.1));
        match (got.2 == NULL, expected.2 == NULL) {
            (false, false) => assert_eq!(fields(&got.2), fields(&expected.2)),
            (got, expected) => assert_eq!(got, expected),
        }
    }
}

/// The entries of an update that takes up all of the bytes.
pub fn decode(update: &[u8]) -> Option<Vec<Entry>> {
    let (count, mut rest) = number(update)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let (client, after) = number(rest)?;
        let (clock, after) = number(after)?;
        let (state, after) = bytes(after)?;
        rest = after;
        entries.push((client, clock, state.to_vec()));
    }
    rest.is_empty().then_some(entries)
}

pub fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut update = Vec::new();
    put(&mut update, entries.len() as u64);
    for (client, clock, state) in entries {
        put(&mut update, *client);
        put(&mut update, *clock);
        put(&mut update, state.len() as u64);
        update.extend(state);
    }
    update
}
