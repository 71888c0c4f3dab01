//! A map in a sorted vector.
//!
//! Each kind of `BTreeMap` adds 4 KB to the WebAssembly, and this one a few hundred bytes. It looks up as fast, and
//! takes less memory. To insert or remove an entry it moves those after it: a tenth of the cost of a connect in a room
//! with 10,000 users, and nothing where entries come in order, as from the storage.

/// A map of `K` to `V`, in the order of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortedMap<K, V>(Vec<(K, V)>);

/// A set of `K`, in order.
pub type SortedSet<K> = SortedMap<K, ()>;

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// Where an entry is, or would be.
    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(key))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many keys are smaller than `key`; `None` if it is not there.
    #[must_use]
    pub fn index(&self, key: &K) -> Option<usize> {
        self.place(key).ok()
    }

    /// Whether `key` is there.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        self.place(key).is_ok()
    }

    /// The entry of `key`.
    #[must_use]
    pub fn entry(&self, key: &K) -> Option<(&K, &V)> {
        self.0.get(self.place(key).ok()?).map(|(key, value)| (key, value))
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The value of `key`, to change it.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let place = self.place(key).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// Adds an entry, or replaces the value of an existing one.
    pub fn insert(&mut self, key: K, value: V) {
        let place = self.place(&key);
        let entry = (key, value);
        match place.map(|place| self.0.get_mut(place)) {
            Ok(Some(known)) => *known = entry,
            Ok(None) => {}
            Err(place) => self.0.insert(place, entry),
        }
    }

    /// Removes an entry.
    pub fn remove(&mut self, key: &K) -> Option<(K, V)> {
        self.place(key).ok().map(|place| self.0.remove(place))
    }

    /// Keeps the entries that `is_kept`.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&K, &V) -> bool) {
        self.0.retain(|(key, value)| is_kept(key, value));
    }

    /// All entries.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// All entries, to change their values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Changes the values of all `keys`, which must be in order; one that is missing is added first. It takes one pass
    /// over both, however many there are.
    pub fn change_all<'a>(&mut self, keys: impl Iterator<Item = &'a K>, change: impl Fn(&mut V))
    where
        K: Clone + 'a,
        V: Default,
    {
        let mut before = std::mem::take(&mut self.0).into_iter().peekable();
        for key in keys {
            while let Some(smaller) = before.next_if(|(known, _)| known < key) {
                self.0.push(smaller);
            }
            let known = before.next_if(|(known, _)| known == key);
            let (key, mut value) = known.unwrap_or_else(|| (key.clone(), V::default()));
            change(&mut value);
            self.0.push((key, value));
        }
        self.0.extend(before);
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, entries: T) {
        // One by one: sorting would add 5 KB to the WebAssembly.
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(entries: T) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

impl<K: Ord> FromIterator<K> for SortedSet<K> {
    fn from_iter<T: IntoIterator<Item = K>>(keys: T) -> Self {
        keys.into_iter().map(|key| (key, ())).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn entries() -> impl Strategy<Value = Vec<(u8, u32)>> {
        proptest::collection::vec((0..20_u8, any::<u32>()), 0..40)
    }

    proptest! {
        #[test]
        fn it_holds_what_a_btree_map_would(
            inserted in entries(),
            removed in proptest::collection::vec(0..20_u8, 0..20),
            changed in proptest::collection::btree_set(0..20_u8, 0..20),
        ) {
            let mut map: SortedMap<u8, u32> = inserted.iter().copied().collect();
            let mut tree: BTreeMap<u8, u32> = inserted.into_iter().collect();
            for key in &removed {
                prop_assert_eq!(map.remove(key), tree.remove_entry(key));
            }
            map.change_all(changed.iter(), |value| *value = value.wrapping_add(1));
            for key in changed {
                let value = tree.entry(key).or_default();
                *value = value.wrapping_add(1);
            }
            prop_assert!(map.iter().eq(tree.iter()));
            for key in 0..20 {
                prop_assert_eq!(map.get(&key), tree.get(&key));
                prop_assert_eq!(map.contains(&key), tree.contains_key(&key));
            }
            map.retain(|key, _| key % 2 == 0);
            tree.retain(|key, _| key % 2 == 0);
            prop_assert!(map.iter().eq(tree.iter()));
        }
    }
}
