//! How the gate passes information to a room: named values in one internal header.
//!
//! For minutes after a deploy, a new gate talks to old rooms, and a room ignores names that it does not know. So values
//! are only ever added, with a default.

use std::borrow::Cow;

use form_urlencoded::{Parse, Serializer};

/// The text for the header, in plain ASCII. Empty values are left out.
#[must_use]
pub fn encode(values: &[(&str, &str)]) -> String {
    let mut text = Serializer::new(String::new());
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        text.append_pair(name, value);
    }
    text.finish()
}

/// The names and values that [`encode`] wrote.
#[must_use]
pub fn decode(text: &str) -> Parse<'_> {
    form_urlencoded::parse(text.as_bytes())
}

/// The first value of a name.
pub(crate) fn first<'a>(text: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
    decode(text).find(|(name, _)| name == wanted).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_through_as_plain_ascii(name in ".{1,5}", value in ".{1,20}") {
            let header = encode(&[("empty", ""), (&name, &value)]);
            prop_assert!(header.bytes().all(|b| (b'!'..=b'~').contains(&b)), "{}", header);
            prop_assert_eq!(decode(&header).collect::<Vec<_>>(), [(name.into(), value.into())]);
        }
    }
}
