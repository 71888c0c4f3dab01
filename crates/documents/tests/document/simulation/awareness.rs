//! Awareness as `y-protocols` does it in a client.

use std::collections::BTreeMap;

use validiant_documents::lib0::{Reader, put_bytes, put_uint};

/// What a client knows of the others, and says of itself.
pub struct View {
    id: u64,
    /// The clock and the state of each client; none once it is gone.
    pub states: BTreeMap<u64, (u64, Option<String>)>,
}

impl View {
    pub fn new(id: u64) -> Self {
        Self { id, states: BTreeMap::new() }
    }

    /// Says something of itself. Returns the update.
    pub fn say(&mut self, state: &str) -> Vec<u8> {
        let clock = self.states.get(&self.id).map_or(0, |(clock, _)| *clock + 1);
        self.states.insert(self.id, (clock, Some(state.to_owned())));
        self.update([self.id])
    }

    /// Says the same again.
    pub fn renew(&mut self) -> Option<Vec<u8>> {
        let (_, state) = self.states.get(&self.id)?.clone();
        Some(self.say(&state?))
    }

    /// What it says of itself.
    pub fn own(&self) -> Option<Vec<u8>> {
        self.states.get(&self.id)?.1.as_ref()?;
        Some(self.update([self.id]))
    }

    pub fn forget_others(&mut self) {
        self.states.retain(|id, _| *id == self.id);
    }

    /// The states of all who are there.
    pub fn present(&self) -> BTreeMap<u64, &str> {
        let states = self.states.iter();
        states.filter_map(|(id, (_, state))| Some((*id, state.as_deref()?))).collect()
    }

    /// Takes an update. Returns whose state has changed.
    pub fn receive(&mut self, update: &[u8]) -> Result<Vec<u64>, String> {
        let mut changed = Vec::new();
        for (id, clock, state) in entries(update)? {
            let known = self.states.get(&id).cloned();
            let has_state = known.as_ref().is_some_and(|(_, state)| state.is_some());
            let is_news = known
                .is_none_or(|(at, _)| at < clock || at == clock && state.is_none() && has_state);
            if !is_news {
                continue;
            }
            if id == self.id && state.is_none() && has_state {
                // It is not gone.
                if let Some((at, _)) = self.states.get_mut(&id) {
                    *at = clock + 1;
                }
            } else {
                self.states.insert(id, (clock, state));
            }
            changed.push(id);
        }
        Ok(changed)
    }

    /// What a client sends after it has heard that these have changed: stock clients send it all back.
    pub fn answer(&self, changed: &[u64], echoes: bool) -> Option<Vec<u8>> {
        let told: Vec<u64> =
            changed.iter().copied().filter(|id| echoes || *id == self.id).collect();
        (!told.is_empty()).then(|| self.update(told))
    }

    fn update(&self, ids: impl IntoIterator<Item = u64>) -> Vec<u8> {
        let known: Vec<_> = ids
            .into_iter()
            .filter_map(|id| self.states.get(&id).map(|state| (id, state)))
            .collect();
        let mut update = Vec::new();
        put_uint(&mut update, known.len() as u64);
        for (id, (clock, state)) in known {
            put_entry(&mut update, id, *clock, state.as_deref());
        }
        update
    }
}

pub fn put_entry(update: &mut Vec<u8>, id: u64, clock: u64, state: Option<&str>) {
    put_uint(update, id);
    put_uint(update, clock);
    put_bytes(update, state.unwrap_or("null").as_bytes());
}

/// The entries of an update.
pub fn entries(update: &[u8]) -> Result<Vec<(u64, u64, Option<String>)>, String> {
    let unreadable = |_| format!("awareness {update:?}");
    let mut reader = Reader::new(update);
    let count = reader.count(3).map_err(unreadable)?;
    let mut entry = || {
        let [id, clock] = [reader.uint()?, reader.uint()?];
        let state = reader.text()?;
        Ok((id, clock, (state != "null").then(|| state.to_owned())))
    };
    (0..count).map(|_| entry()).collect::<Result<_, _>>().map_err(unreadable)
}
