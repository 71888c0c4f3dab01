//! The generated files. The generator writes them, and a test compares them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::file::File;
use crate::pages;
use crate::typescript::{codes, frames};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files that are missing or out of date on disk.
pub fn outdated(root: &Path) -> Vec<File> {
    files().into_iter().filter(|file| !file.is_written(root)).collect()
}

/// The pages on disk whose code does not exist.
pub fn orphans(root: &Path) -> io::Result<Vec<String>> {
    let known: BTreeSet<String> = files().into_iter().map(|file| file.path).collect();
    let mut orphans = Vec::new();
    for entry in fs::read_dir(root.join(pages::FOLDER))? {
        let path = format!("{}/{}", pages::FOLDER, entry?.file_name().display());
        if !known.contains(&path) {
            orphans.push(path);
        }
    }
    Ok(orphans)
}

fn files() -> Vec<File> {
    let mut files = pages::files();
    files.push(File { path: codes::PATH.to_owned(), text: codes::module() });
    files.push(File { path: frames::PATH.to_owned(), text: frames::module() });
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_generated_file_is_up_to_date() {
        let root = root();
        let outdated = outdated(&root).into_iter().map(|file| file.path);
        let wrong: Vec<String> = outdated.chain(orphans(&root).unwrap()).collect();
        assert!(wrong.is_empty(), "{wrong:#?} are out of date. Run `npm run codegen`");
    }
}
