//! A client's position in a room's history (P7.1, P7.3).

use std::fmt;

use crate::names::Epoch;
use crate::number;

/// Numbers the kept events of a room: 1, 2, 3, …, but for jumps (P7.1). 0 is before the first.
pub type Seq = u64;

/// The last event that a client has, and the life of the room's history to which it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The life of the history.
    pub epoch: Epoch,
    /// The last event that the client has.
    pub seq: Seq,
}

impl Position {
    /// Reads `<epoch>:<seq>`, as a client sends it in `since`; `None` if it is something else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, seq) = text.rsplit_once(':')?;
        Some(Self { epoch: Epoch::parse(epoch).ok()?, seq: number::read(seq)? })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.seq)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn p7_3_an_invalid_position_counts_as_none() {
        for text in
            ["", ":", "e", "e:", ":1", "e:-1", "e:+1", "e:1.0", "e:1 ", "e:99999999999999999999"]
        {
            assert_eq!(Position::parse(text), None, "{text}");
        }
        assert_eq!(Position::parse(&format!("{}:1", "e".repeat(65))), None);
    }

    proptest! {
        #[test]
        fn p7_3_a_position_reads_back_what_was_written(epoch in "[0-9a-f:]{1,64}", seq: Seq) {
            let position = Position { epoch: Epoch::parse(&epoch).unwrap(), seq };
            prop_assert_eq!(Position::parse(&position.to_string()), Some(position));
        }

        #[test]
        fn no_text_panics(text in ".{0,100}") {
            let _ = Position::parse(&text);
        }
    }
}
