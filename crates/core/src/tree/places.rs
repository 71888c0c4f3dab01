//! The places of a room, and which client belongs to which (P15).

use super::Place;
use crate::Millis;
use crate::member::Member;
use crate::names::UserId;

/// More places than this a room never has.
pub const MAX_PLACES: u32 = 256;
/// How long a room must have been far too large for its sockets before it shrinks, in milliseconds.
pub const SHRINK_AFTER_MS: Millis = 600_000;

/// A leaf in the list of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeafEntry {
    /// Which one.
    pub place: Place,
    /// Whether it gets no new clients, and is dropped once it has no sockets.
    pub is_draining: bool,
    /// Whether it has not answered, so that it must close its sockets before it is in step again.
    pub is_lost: bool,
}

/// The places of a room. The root stores it, and tells it to the leaves and to the edge. A stale copy does no harm.
///
/// Active leaves have the indexes from 1 without a gap; those that are draining have higher ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// Counts the changes.
    pub version: u64,
    /// Since when the room has been far too large for its sockets; 0 if it is not.
    pub small_since: Millis,
    /// The leaves, in the order of their indexes.
    pub leaves: Vec<LeafEntry>,
}

impl Places {
    /// How many places take clients, with the root.
    #[must_use]
    pub fn active(&self) -> u32 {
        1 + self.leaves.iter().filter(|leaf| !leaf.is_draining).count() as u32
    }

    /// A leaf in the list.
    #[must_use]
    pub fn find(&self, place: Place) -> Option<&LeafEntry> {
        self.leaves.iter().find(|leaf| leaf.place == place)
    }

    /// Whether `sockets` are as many as the active places should hold, at `per_place` each.
    #[must_use]
    pub fn is_full(&self, sockets: usize, per_place: usize) -> bool {
        self.active() < MAX_PLACES && sockets >= per_place.saturating_mul(self.active() as usize)
    }

    /// Adds places: a quarter of those that there are, at least one. Those that are draining come back first.
    pub fn grow(&mut self) {
        self.version += 1;
        self.small_since = 0;
        let active = self.active();
        for index in active..(active + step(active)).min(MAX_PLACES) {
            match self.leaves.iter_mut().find(|leaf| leaf.place.index == index) {
                Some(known) => known.is_draining = false,
                None => {
                    let place = Place { index, generation: self.version };
                    self.leaves.push(LeafEntry { place, is_draining: false, is_lost: false });
                }
            }
        }
    }

    /// How many places are enough for `sockets` with room to double; never more than there are.
    #[must_use]
    pub fn enough(&self, sockets: usize, per_place: usize) -> u32 {
        let needed = sockets.saturating_mul(2).div_ceil(per_place.max(1)).max(1);
        u32::try_from(needed).unwrap_or(MAX_PLACES).min(self.active())
    }

    /// Keeps the first `active` places; the leaves beyond them begin to drain.
    pub fn shrink_to(&mut self, active: u32) {
        self.version += 1;
        self.small_since = 0;
        for leaf in self.leaves.iter_mut().filter(|leaf| leaf.place.index >= active) {
            leaf.is_draining = true;
        }
    }

    /// Drops a leaf.
    pub fn drop_leaf(&mut self, place: Place) {
        self.version += 1;
        self.leaves.retain(|leaf| leaf.place != place);
    }

    /// The place to which a client belongs: that of its user, so that all devices of a user are at one place, or else that
    /// of its connection.
    #[must_use]
    pub fn home_of(&self, member: &Member) -> Place {
        match member.user_id() {
            Some(user) => self.home_of_user(user),
            None => self.home('c', member.connection_id.as_str()),
        }
    }

    /// The place to which a user belongs.
    #[must_use]
    pub fn home_of_user(&self, user: &UserId) -> Place {
        self.home('u', user.as_str())
    }

    /// By rendezvous hashing: another place takes over only the clients that it then has.
    fn home(&self, kind: char, name: &str) -> Place {
        let key = name.bytes().fold(fnv(OFFSET, kind as u8), fnv);
        let active = self.leaves.iter().filter(|leaf| !leaf.is_draining).map(|leaf| leaf.place);
        let weight = |place: &Place| mixed(key ^ mixed(u64::from(place.index) + 1));
        active.chain([Place::ROOT]).max_by_key(weight).unwrap_or(Place::ROOT)
    }

    /// The text to store and to tell.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { version, small_since, leaves } = self;
        let mut text = format!("{version} {small_since}");
        for LeafEntry { place: Place { index, generation }, is_draining, is_lost } in leaves {
            let draining = if *is_draining { DRAINING } else { "" };
            let lost = if *is_lost { LOST } else { "" };
            text.push_str(&format!(" {index}.{generation}{draining}{lost}"));
        }
        text
    }

    /// Reads what [`Self::to_text`] wrote; `None` if it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let version = words.next()?.parse().ok()?;
        let small_since = words.next()?.parse().ok()?;
        let leaves = words.map(leaf).collect::<Option<Vec<_>>>()?;
        (leaves.len() < MAX_PLACES as usize).then_some(Self { version, small_since, leaves })
    }
}

/// Marks a leaf that is draining, and one that is lost.
const DRAINING: &str = "d";
const LOST: &str = "l";

fn leaf(word: &str) -> Option<LeafEntry> {
    let (index, rest) = word.split_once('.')?;
    let (rest, is_lost) = stripped(rest, LOST);
    let (generation, is_draining) = stripped(rest, DRAINING);
    let place = Place { index: index.parse().ok()?, generation: generation.parse().ok()? };
    Some(LeafEntry { place, is_draining, is_lost })
}

fn stripped<'a>(text: &'a str, mark: &str) -> (&'a str, bool) {
    text.strip_suffix(mark).map_or((text, false), |text| (text, true))
}

/// How many places are added to so many: few enough that a room has at most a quarter more than it needs, and enough that
/// a client moves only a few times while a room grows from the first to the last.
fn step(active: u32) -> u32 {
    (active / 4).max(1)
}

/// FNV-1a, 64 bits.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

fn fnv(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

/// The finaliser of SplitMix64: FNV alone spreads the last bytes of a name too little.
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn grown_to(active: u32) -> Places {
        let mut places = Places::default();
        while places.active() < active {
            places.grow();
        }
        places
    }

    fn homes(places: &Places, users: u32) -> Vec<Place> {
        (0..users).map(|user| places.home('u', &format!("user-{user}"))).collect()
    }

    #[test]
    fn clients_spread_evenly_over_the_places() {
        let places = grown_to(8);
        let mut counts = BTreeMap::new();
        for home in homes(&places, 80_000) {
            *counts.entry(home).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 8);
        assert!(counts.values().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
    }

    #[test]
    fn growing_moves_clients_to_new_places_only() {
        let (before, mut after) = (grown_to(8), grown_to(8));
        after.grow();
        let moved: Vec<_> = homes(&before, 10_000)
            .into_iter()
            .zip(homes(&after, 10_000))
            .filter(|(old, new)| old != new)
            .collect();
        assert!(moved.iter().all(|(_, new)| new.index >= 8));
        assert!((1_500..2_500).contains(&moved.len()), "{}", moved.len());
    }

    #[test]
    fn a_place_that_drains_gets_no_clients_and_comes_back_first() {
        let mut places = grown_to(4);
        places.shrink_to(2);
        assert_eq!((places.active(), places.leaves.len()), (2, 3));
        assert!(homes(&places, 1_000).iter().all(|home| home.index < 2));
        let known = places.leaves[1].place;
        places.grow();
        assert_eq!((places.active(), places.leaves[1].place), (3, known));
    }

    #[test]
    fn a_place_that_was_dropped_comes_back_as_another_object() {
        let mut places = grown_to(2);
        let old = places.leaves[0].place;
        places.drop_leaf(old);
        places.grow();
        assert_ne!(places.leaves[0].place, old);
    }

    #[test]
    fn a_room_is_full_when_its_places_are_and_needs_half_of_that_to_shrink() {
        let places = grown_to(4);
        assert!(!places.is_full(39, 10) && places.is_full(40, 10));
        assert_eq!(
            [40, 20, 15, 14, 1, 0].map(|sockets| places.enough(sockets, 10)),
            [4, 4, 3, 3, 1, 1]
        );
    }

    proptest! {
        #[test]
        fn places_read_back(steps in proptest::collection::vec(0_u8..4, 0..12), small_since: u64) {
            let mut places = Places::default();
            for step in steps {
                match step {
                    0 => places.shrink_to(places.active().saturating_sub(1).max(1)),
                    1 if !places.leaves.is_empty() => places.leaves[0].is_lost = true,
                    _ => places.grow(),
                }
            }
            places.small_since = small_since;
            prop_assert_eq!(Places::parse(&places.to_text()), Some(places));
        }

        #[test]
        fn no_text_panics(text in "[0-9. dlx]{0,30}") {
            let _ = Places::parse(&text);
        }
    }
}
