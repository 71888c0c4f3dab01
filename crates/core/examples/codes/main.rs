//! Writes what is generated from the registries of error and close codes, and removes the pages of codes that do
//! not exist any more. `npm run codes` runs it.

mod generated;

use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let root = generated::root();
    let (outdated, orphans) = (generated::outdated(&root), generated::orphans(&root)?);
    for file in &outdated {
        write(&root.join(&file.path), &file.text)?;
        println!("Wrote {}", file.path);
    }
    for path in &orphans {
        fs::remove_file(root.join(path))?;
        println!("Removed {path}");
    }
    if outdated.is_empty() && orphans.is_empty() {
        println!("Nothing to do: all files are as the registries say.");
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, text)
}
