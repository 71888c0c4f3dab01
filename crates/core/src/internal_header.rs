//! How the gate tells a room more than a request says by itself: named values, in one internal header.
//!
//! A new gate talks to old rooms for minutes after a deploy, and a room does not look at names that it does not
//! know: so values are only ever added, with a default.

use std::borrow::Cow;

use form_urlencoded::{Parse, Serializer};

/// The text for the header, in plain ASCII. Values that are empty are left out.
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

/// The value of a name, where it is given for the first time.
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
