//! Wraps paragraphs.

/// The longest line of the generated files. It is also the longest that Biome does not break.
pub const LINE_WIDTH: usize = 100;

/// The lines of a paragraph, each with this prefix.
pub fn wrapped(prefix: &str, text: &str) -> String {
    let mut lines = vec![prefix.to_owned()];
    let mut width = prefix.chars().count();
    for word in text.split_whitespace() {
        let length = word.chars().count();
        let is_empty = width == prefix.chars().count();
        if !is_empty && width + 1 + length > LINE_WIDTH {
            lines.push(prefix.to_owned());
            width = prefix.chars().count();
        }
        let separator = if width == 0 { "" } else { " " };
        if let Some(line) = lines.last_mut() {
            line.push_str(separator);
            line.push_str(word);
        }
        width += separator.len() + length;
    }
    lines.join("\n")
}
