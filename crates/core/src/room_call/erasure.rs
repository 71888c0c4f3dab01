//! What a backend asks for when it erases a project's room (P8.7).

use super::internal_header;
use crate::wire::error_code::Refusal;

const ALL: Refusal = Refusal::invalid_field("all must be true, or left out");

/// How much is erased. It travels in one [internal header](super::internal_header).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// Everything but the removals and the revocations: without those, the users and tokens would be let in again.
    ButRefusals,
    /// Everything.
    All,
}

impl Erasure {
    /// Reads the query. The first occurrence of `all` counts.
    ///
    /// # Errors
    /// `all` is not `true`.
    pub fn parse(query: &str) -> Result<Self, Refusal> {
        match internal_header::first(query, "all").as_deref() {
            None => Ok(Self::ButRefusals),
            Some("true") => Ok(Self::All),
            Some(_) => Err(ALL),
        }
    }

    /// The text for the internal header.
    #[must_use]
    pub fn to_header(self) -> &'static str {
        match self {
            Self::ButRefusals => "but-refusals",
            Self::All => "all",
        }
    }

    /// Reads what [`Self::to_header`] wrote; `None` if it is something else.
    #[must_use]
    pub fn from_header(text: &str) -> Option<Self> {
        [Self::ButRefusals, Self::All].into_iter().find(|erasure| erasure.to_header() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p8_7_refusals_are_erased_only_where_it_is_said() {
        assert_eq!(Erasure::parse(""), Ok(Erasure::ButRefusals));
        assert_eq!(Erasure::parse("x=1&all=true&all=false"), Ok(Erasure::All));
        for wrong in ["all", "all=", "all=1", "all=false", "all=TRUE"] {
            assert_eq!(Erasure::parse(wrong), Err(ALL), "{wrong}");
        }
    }

    #[test]
    fn it_is_read_back_from_the_internal_header() {
        for erasure in [Erasure::ButRefusals, Erasure::All] {
            assert_eq!(Erasure::from_header(erasure.to_header()), Some(erasure));
        }
        assert_eq!(Erasure::from_header(""), None);
    }
}
