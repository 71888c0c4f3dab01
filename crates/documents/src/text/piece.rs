//! A text that is cut where JavaScript counts: in units of UTF-16.

/// What stands for half of a character.
const HALF: char = char::REPLACEMENT_CHARACTER;

/// A part of a text. A cut through a character leaves a replacement character on both sides, as in Yjs, if something is
/// between them or one of them is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    begins_in_half: bool,
    /// With the whole of its last character.
    text: &'a str,
    ends_in_half: bool,
}

impl<'a> Piece<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { begins_in_half: false, text, ends_in_half: false }
    }

    /// Takes the first `units` off, which are at least one.
    pub fn split_off(&mut self, units: u64) -> Self {
        let mut left = units.saturating_sub(u64::from(self.begins_in_half));
        let mut bytes = 0;
        let mut is_cut = false;
        for character in self.text.chars() {
            if left == 0 {
                break;
            }
            bytes += character.len_utf8();
            is_cut = character.len_utf16() as u64 > left;
            left = left.saturating_sub(character.len_utf16() as u64);
        }
        let (text, rest) = self.text.split_at_checked(bytes).unwrap_or((self.text, ""));
        let taken = Self { begins_in_half: self.begins_in_half, text, ends_in_half: is_cut };
        *self = Self { begins_in_half: is_cut, text: rest, ends_in_half: false };
        taken
    }

    /// Writes it. `after_rest` says that it comes right after what it was cut from, and `before_rest` that what was cut from
    /// it comes right after it.
    pub fn push_to(&self, out: &mut String, after_rest: bool, before_rest: bool) {
        if self.begins_in_half && !after_rest {
            out.push(HALF);
        }
        out.push_str(self.text);
        if self.ends_in_half && !before_rest {
            out.pop();
            out.push(HALF);
        }
    }
}
