//! The plain text of a root type (P13.11): the one place where a document is put together.
//!
//! Its sequences are integrated as Yjs does it, with YATA: an item stands between the neighbours that it had when it was
//! inserted, and the ids of clients decide between items that were inserted at the same place. All items are cut first
//! wherever another refers into them. So nothing is moved later, and memory and time are bounded by the update.

mod items;
mod lines;
mod piece;
mod sequences;
#[cfg(test)]
mod tests;

use self::items::Items;
use self::sequences::Sequences;
use crate::lib0::Unreadable;
use crate::update::Update;

/// The text of the root type with this name; `None` if the update has nothing of it.
///
/// Of a `Y.Text` it is the text without formats and embeds. Of XML it is the text with a line for each block: for each
/// element or text that does not stand beside text.
///
/// # Errors
/// It is no update, or putting it together takes too long: nobody writes so many items at one place.
pub fn text(update: &[u8], name: &str) -> Result<Option<String>, Unreadable> {
    let update = Update::read(update)?;
    let sequences = Sequences::integrate(Items::of(&update, name)?)?;
    Ok(sequences.has_root().then(|| lines::text(&sequences)))
}
