//! What it costs to write in an encrypted document, in rows: not more than in a plain one.

use super::{sealed, update};
use crate::world::{Editor, World};

/// So many people type for five minutes, as the package's provider sends it.
const MESSAGES: u64 = 1_000;
const GATHERED_MS: u64 = 300;

fn rows(typists: u64, is_sealed: bool) -> usize {
    let mut world = World::new();
    let mut editors: Vec<_> = (0..typists)
        .map(|n| {
            let user = format!("u{n}");
            let socket =
                if is_sealed { world.join_sealed(&user) } else { world.join_quietly(&user) };
            (socket, Editor::new(n + 1))
        })
        .collect();
    let before = world.rows_written();
    for id in 1..=MESSAGES {
        for (socket, editor) in &mut editors {
            let letters = editor.add("xy");
            let closed = if is_sealed {
                // The head, the nonce and the tag are there as well.
                let content = "x".repeat(letters.len());
                world.send(*socket, update(id, &sealed(1, &content)))
            } else {
                world.edit(*socket, &letters)
            };
            assert!(closed.is_none());
        }
        world.pass(GATHERED_MS);
        editors.iter().for_each(|(socket, _)| drop(world.received(*socket)));
    }
    world.rows_written() - before
}

#[test]
fn a_keystroke_costs_no_more_rows_than_in_a_plain_document() {
    for typists in [1, 10] {
        let [plain, encrypted] = [false, true].map(|is_sealed| rows(typists, is_sealed));
        println!("{typists} typists for five minutes: {plain} rows plain, {encrypted} encrypted");
        // One, once: that it is encrypted.
        assert!(encrypted <= plain + 1, "{encrypted} instead of {plain}");
    }
}
