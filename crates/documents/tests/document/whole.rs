//! A backend reads, seeds and erases the document.

use validiant_documents::room::{DocumentSettings, NotRead, NotSeeded};
use validiant_documents::sync;

use crate::memory::SETTINGS;
use crate::world::{Editor, ROOT, World, text_of};

#[test]
fn p13_11_the_whole_is_one_update_with_what_is_not_written_yet() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add("a"));
    world.edit(ann, &editor.add("b"));
    assert_eq!(text_of(&world.document.read().unwrap()), "ab");
}

#[test]
fn p13_11_a_document_with_nothing_in_it_does_not_exist() {
    let mut world = World::new();
    let ann = world.join("ann");
    assert_eq!(world.document.read(), Err(NotRead::NoDocument));
    world.edit(ann, &Editor::new(1).add("a"));
    world.document.erase(world.now).unwrap();
    assert_eq!(world.document.read(), Err(NotRead::NoDocument));
}

#[test]
fn p13_11_the_text_of_a_root_type_is_read_and_that_of_no_type_is_empty() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add("abc"));
    world.edit(ann, &editor.delete(0, 1));
    assert_eq!(world.document.text(ROOT).as_deref(), Ok("bc"));
    assert_eq!(world.document.text("other").as_deref(), Ok(""));
}

#[test]
fn p13_11_only_an_empty_document_is_seeded() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    let seed = Editor::new(1).add("seed");
    assert_eq!(world.document.seed(&seed, world.now), Ok(()));
    world.end_turn();
    assert_eq!(world.inbox(ann), [sync::update(&seed)], "who has it open gets it at once");
    assert_eq!(world.document.seed(&seed, world.now), Err(NotSeeded::Exists));
    world.sleep();
    assert_eq!(world.document.seed(&seed, world.now), Err(NotSeeded::Exists));
    assert_eq!(world.text(), "seed");
}

#[test]
fn p13_11_a_document_in_which_somebody_types_is_not_seeded() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    world.edit(ann, &Editor::new(1).add("a"));
    let seed = Editor::new(2).add("seed");
    assert_eq!(world.document.seed(&seed, world.now), Err(NotSeeded::Exists));
}

#[test]
fn p13_11_a_seed_that_is_no_update_or_too_large_is_refused() {
    let mut world = World::with(DocumentSettings { max_bytes: 65_536, ..SETTINGS });
    assert_eq!(world.document.seed(b"hello", world.now), Err(NotSeeded::Unreadable));
    let large = Editor::new(1).add(&"x".repeat(65_536));
    assert_eq!(world.document.seed(&large, world.now), Err(NotSeeded::TooLarge));
    assert_eq!(world.document.read(), Err(NotRead::NoDocument));
}

#[test]
fn p13_11_a_seed_is_edited_like_anything_else() {
    let mut world = World::new();
    let mut editor = Editor::new(1);
    world.document.seed(&editor.add("seed"), world.now).unwrap();
    let ann = world.join_quietly("ann");
    world.edit(ann, &editor.add("ling"));
    assert_eq!(world.text(), "seedling");
}
