//! A client as `y-protocols` and `y-websocket` make it, with the awareness of `y-protocols` written out once more.

use std::collections::BTreeMap;

use validiant_documents::lib0::{Reader, put_bytes, put_uint};

/// Client, clock and state; `None` if it is gone.
pub type Entry = (u64, u64, Option<String>);

pub struct Stock {
    pub id: u64,
    states: BTreeMap<u64, String>,
    clocks: BTreeMap<u64, u64>,
}

impl Stock {
    pub fn new(id: u64) -> Self {
        Self {
            id,
            states: BTreeMap::from([(id, "{}".to_owned())]),
            clocks: BTreeMap::from([(id, 0)]),
        }
    }

    /// What it knows of the others.
    pub fn others(&self) -> BTreeMap<u64, String> {
        self.states.clone().into_iter().filter(|(id, _)| *id != self.id).collect()
    }

    /// `setLocalState`: returns what it sends.
    pub fn set(&mut self, state: Option<&str>) -> Vec<u8> {
        *self.clocks.entry(self.id).or_default() += 1;
        match state {
            Some(state) => self.states.insert(self.id, state.to_owned()),
            None => self.states.remove(&self.id),
        };
        self.encode(&[self.id])
    }

    /// The same once more. `None` if it says nothing of itself.
    pub fn renew(&mut self) -> Option<Vec<u8>> {
        let state = self.states.get(&self.id)?.clone();
        Some(self.set(Some(&state)))
    }

    /// Its connection is gone: it forgets the others' states, but not their clocks.
    pub fn disconnect(&mut self) {
        let own = self.id;
        self.states.retain(|id, _| *id == own);
    }

    /// What it sends when it is connected.
    pub fn connect(&self) -> Option<Vec<u8>> {
        self.states.contains_key(&self.id).then(|| self.encode(&[self.id]))
    }

    /// `applyAwarenessUpdate`, and the listener of the provider: it sends everything that has changed, whoever said it.
    pub fn hear(&mut self, update: &[u8]) -> Option<Vec<u8>> {
        let mut changed = Vec::new();
        for (id, clock, state) in decode(update) {
            let known = self.clocks.get(&id).copied();
            let current = known.unwrap_or_default();
            let ends = current == clock && state.is_none() && self.states.contains_key(&id);
            if current >= clock && !ends {
                continue;
            }
            let is_own = id == self.id && self.states.contains_key(&id);
            if state.is_some() || known.is_some() {
                changed.push(id);
            }
            let mut clock = clock;
            match state {
                Some(state) => _ = self.states.insert(id, state),
                // Nobody else can end it.
                None if is_own => clock += 1,
                None => _ = self.states.remove(&id),
            }
            self.clocks.insert(id, clock);
        }
        (!changed.is_empty()).then(|| self.encode(&changed))
    }

    fn encode(&self, ids: &[u64]) -> Vec<u8> {
        let entry = |id: &u64| (*id, self.clocks[id], self.states.get(id).cloned());
        encode(&ids.iter().map(entry).collect::<Vec<_>>())
    }
}

pub fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut update = Vec::new();
    put_uint(&mut update, entries.len() as u64);
    for (id, clock, state) in entries {
        put_uint(&mut update, *id);
        put_uint(&mut update, *clock);
        put_bytes(&mut update, state.as_deref().unwrap_or("null").as_bytes());
    }
    update
}

pub fn decode(update: &[u8]) -> Vec<Entry> {
    let mut reader = Reader::new(update);
    let count = reader.uint().unwrap();
    let mut entry = || {
        let (id, clock) = (reader.uint().unwrap(), reader.uint().unwrap());
        let state = reader.text().unwrap();
        (id, clock, (state != "null").then(|| state.to_owned()))
    };
    (0..count).map(|_| entry()).collect()
}
