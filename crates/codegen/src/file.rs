//! A generated file.

use std::fs;
use std::io;
use std::path::Path;

/// Its path and its text.
pub struct File {
    /// The path from the root of the repository.
    pub path: String,
    /// The text.
    pub text: String,
}

impl File {
    /// Whether the file on disk is up to date.
    pub fn is_written(&self, root: &Path) -> bool {
        fs::read_to_string(root.join(&self.path)).is_ok_and(|text| text == self.text)
    }

    /// Writes it, and creates its folders.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        let path = root.join(&self.path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, &self.text)
    }
}
