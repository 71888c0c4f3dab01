//! Where in the product a leaf has told something of its connections (P12.7), so that others there may believe it.
//!
//! It is stored: whatever a life of the leaf ends with, the next one knows who can have heard of the connections that are
//! gone.

use super::codec;

/// So many places in the product are told apart.
const MOST: usize = 128;

/// Places in the product.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Told {
    at: Vec<String>,
    /// Too many to tell them apart: it may be any.
    is_any: bool,
}

impl Told {
    /// Whether nothing has been told anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at.is_empty() && !self.is_any
    }

    /// The places; none if it may be any.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        self.at.clone()
    }

    /// Something is told there. Returns whether that is news.
    pub fn note<'a>(&mut self, places: impl Iterator<Item = &'a str>) -> bool {
        let mut is_news = false;
        for at in places {
            if !self.is_any && !self.at.iter().any(|known| known == at) {
                self.at.push(at.to_owned());
                is_news = true;
            }
        }
        if self.at.len() > MOST {
            *self = Self { at: Vec::new(), is_any: true };
        }
        is_news
    }

    /// The text to store.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self.is_any {
            true => codec::list_to_text(&[]),
            false if self.at.is_empty() => String::new(),
            false => codec::list_to_text(&self.at),
        }
    }

    /// Reads what [`Self::to_text`] wrote. What can't be read may be any.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        let at = codec::parse_list(text).unwrap_or_default();
        Self { is_any: at.is_empty(), at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(places: &[&str]) -> Told {
        let mut told = Told::default();
        told.note(places.iter().copied());
        told
    }

    #[test]
    fn it_is_stored_and_read() {
        for told in [noted(&[]), noted(&["a"]), noted(&["b\u{1f}", "a"])] {
            assert_eq!(Told::parse(&told.to_text()), told);
        }
        assert!(Told::parse("?").is_any);
    }

    #[test]
    fn with_too_many_places_it_may_be_any() {
        let names: Vec<String> = (0..=MOST).map(|at| at.to_string()).collect();
        let mut told = Told::default();
        let is_news = |told: &mut Told, at: &str| told.note([at].into_iter());
        assert!(names.iter().all(|at| is_news(&mut told, at)));
        assert!(!told.is_empty() && told.places().is_empty());
        assert!(!is_news(&mut told, "another"));
        assert_eq!(Told::parse(&told.to_text()), told);
    }
}
