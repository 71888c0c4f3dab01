//! Comments and lines.

use crate::paragraph::{self, LINE_WIDTH};

/// A comment of one paragraph, on one line if it fits, indented by `indent` spaces.
pub fn comment(indent: usize, text: &str) -> String {
    let space = " ".repeat(indent);
    let line = format!("{space}/** {text} */\n");
    if line.trim_end().chars().count() <= LINE_WIDTH {
        return line;
    }
    format!("{space}/**\n{}{space} */\n", wrapped(indent, text))
}

/// The lines of a paragraph in a comment, each with its star.
pub fn wrapped(indent: usize, text: &str) -> String {
    let star = format!("{} *", " ".repeat(indent));
    paragraph::wrapped(&star, text) + "\n"
}
