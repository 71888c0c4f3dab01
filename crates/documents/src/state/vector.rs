use crate::lib0::{Reader, Unreadable, put_uint};
use crate::sort::sort_by_key;

/// How many changes of each client somebody has: all before the clock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateVector {
    /// Client and clock, sorted, none of them 0.
    clocks: Vec<(u64, u64)>,
}

impl StateVector {
    /// From pairs of client and clock, which are sorted.
    pub(super) fn of(clocks: Vec<(u64, u64)>) -> Self {
        Self { clocks }
    }

    /// Reads one that takes up all of `bytes`.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(bytes);
        let mut clocks = Vec::new();
        for _ in 0..reader.count(2)? {
            clocks.push((reader.uint()?, reader.uint()?));
        }
        reader.end()?;
        sort_by_key(&mut clocks, |clock| *clock);
        if clocks.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
            return Err(Unreadable);
        }
        clocks.retain(|&(_, clock)| clock > 0);
        Ok(Self { clocks })
    }

    /// As clients write it: the highest client first.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_uint(&mut out, self.clocks.len() as u64);
        for &(client, clock) in self.clocks.iter().rev() {
            put_uint(&mut out, client);
            put_uint(&mut out, clock);
        }
        out
    }

    /// The first clock of this client that is lacking.
    pub fn clock(&self, client: u64) -> u64 {
        let at = self.clocks.partition_point(|&(known, _)| known < client);
        self.clocks.get(at).filter(|(known, _)| *known == client).map_or(0, |&(_, clock)| clock)
    }
}
