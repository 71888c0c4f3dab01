//! Writes the text of sequences: a line for each block.

use super::items::{Index, Item, Kind, NONE, ROOT, Shape};
use super::sequences::Sequences;

/// A sequence in the middle of which the writer is.
struct Level {
    next: Index,
    /// Whether the item before the next is the one from which it was cut, if it was cut.
    joins: bool,
    /// Whether it has text of its own: then what stands in it belongs to its line.
    has_text: bool,
    /// The number of lines before it, if it is a block.
    block: Option<usize>,
}

pub(super) fn text(sequences: &Sequences<'_>) -> String {
    let mut lines = Lines::default();
    let mut levels = vec![Level::of(sequences, Shape::List, ROOT, None)];
    while let Some(level) = levels.last_mut() {
        let Some(item) = sequences.item(level.next) else {
            if let Some(before) = level.block {
                lines.end_block(before);
            }
            levels.pop();
            continue;
        };
        let follows = item.next == level.next.saturating_add(1);
        level.next = item.next;
        let after_rest = std::mem::replace(&mut level.joins, false);
        match item.kind {
            Kind::Text(piece) => {
                level.joins = follows && sequences.item(item.next).is_some_and(Item::is_text);
                piece.push_to(lines.line(), after_rest, level.joins);
            }
            Kind::Break => lines.line().push('\n'),
            Kind::Sequence(_, NONE) | Kind::Gc | Kind::Hidden => {}
            Kind::Sequence(shape, sequence) => {
                let block = (!level.has_text).then(|| lines.begin_block());
                levels.push(Level::of(sequences, shape, sequence, block));
            }
        }
    }
    lines.text
}

impl Level {
    fn of(sequences: &Sequences<'_>, shape: Shape, sequence: u32, block: Option<usize>) -> Self {
        let is_text = |kind| match kind {
            Kind::Text(_) => true,
            Kind::Sequence(Shape::Text, _) => shape == Shape::Element,
            _ => false,
        };
        let has_text = sequences.items(sequence).any(|item| is_text(item.kind));
        Self { joins: false, next: sequences.first(sequence), has_text, block }
    }
}

#[derive(Default)]
struct Lines {
    text: String,
    count: usize,
    is_open: bool,
}

impl Lines {
    /// The line that is being written.
    fn line(&mut self) -> &mut String {
        if !self.is_open {
            if self.count > 0 {
                self.text.push('\n');
            }
            self.count += 1;
            self.is_open = true;
        }
        &mut self.text
    }

    /// Ends the line, and returns how many there are.
    fn begin_block(&mut self) -> usize {
        self.is_open = false;
        self.count
    }

    /// A block in which there was no line is an empty one.
    fn end_block(&mut self, before: usize) {
        if self.count == before {
            self.line();
        }
        self.is_open = false;
    }
}
