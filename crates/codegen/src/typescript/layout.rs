//! Comments and lines.

/// The longest line that biome leaves whole.
pub const LINE_WIDTH: usize = 100;

/// A comment of one paragraph, on one line if it fits, indented by so many spaces.
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
    let mut lines = star.clone();
    let mut width = star.len();
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width + 1 + length > LINE_WIDTH {
            lines.push('\n');
            lines.push_str(&star);
            width = star.len();
        }
        lines.push(' ');
        lines.push_str(word);
        width += 1 + length;
    }
    lines.push('\n');
    lines
}
