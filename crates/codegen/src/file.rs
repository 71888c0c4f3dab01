//! A generated file.

use std::fs;
use std::io;
use std::path::Path;

/// Where it is and what it says.
pub struct File {
    /// Where it is, from the root of the repository.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl File {
    /// Whether it stands on disk as it should.
    pub fn is_written(&self, root: &Path) -> bool {
        fs::read_to_string(root.join(&self.path)).is_ok_and(|text| text == self.text)
    }

    /// Writes it, with the folders around it.
    pub fn write(&self, root: &Path) -> io::Result<()> {
        let path = root.join(&self.path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, &self.text)
    }
}
