//! The plain text of a document (P13.11).

mod built;
mod expected;

use validiant_documents::text::text;

use self::built::built;
use self::expected::Expected;

/// The root that is asked for.
const ROOT: &str = "t";

/// If the first byte is even, an update as its bytes are. Otherwise one as clients write it: what several people insert,
/// delete and hear of each other, as the bytes say, and without some of it.
///
/// The text is what the oracle makes of the update: it puts every unit of UTF-16 in its place by itself. No client writes
/// items that stand to the left of their left neighbour. Of an update with such, only what is in the text is certain.
pub fn document_text(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let built = (first % 2 == 1).then(|| built(rest));
    let update = built.as_deref().unwrap_or(rest);
    let got = text(update, ROOT);
    // The oracle is slow.
    let Some(expected) = Expected::of(update, ROOT).map(|expected| expected.text()) else {
        return;
    };
    if built.is_some() {
        assert_eq!(got, Ok(expected));
    } else {
        assert_eq!(got.map(|text| text.map(letters)), Ok(expected.map(letters)));
    }
}

/// What is in a text, but for what depends on its order.
fn letters(text: String) -> Vec<char> {
    let is_certain = |letter: &char| letter.is_alphanumeric() && *letter < '\u{10000}';
    let mut letters: Vec<char> = text.chars().filter(is_certain).collect();
    letters.sort_unstable();
    letters
}
