//! Generates files from the core: a page for each code in `docs/errors/`, and TypeScript modules for the npm package.
//! Removes the pages of codes that no longer exist. Run it with `npm run codegen`.

mod file;
mod files;
mod pages;
mod paragraph;
mod typescript;

use std::fs;
use std::io;

fn main() -> io::Result<()> {
    let root = files::root();
    let (outdated, orphans) = (files::outdated(&root), files::orphans(&root)?);
    for file in &outdated {
        file.write(&root)?;
        println!("Wrote {}", file.path);
    }
    for path in &orphans {
        fs::remove_file(root.join(path))?;
        println!("Removed {path}");
    }
    if outdated.is_empty() && orphans.is_empty() {
        println!("Nothing to do: all generated files are up to date.");
    }
    Ok(())
}
