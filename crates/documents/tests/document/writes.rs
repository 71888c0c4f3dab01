//! When updates are written, and into how many rows.

use validiant_documents::room::BETWEEN_WRITES_MS;
use validiant_documents::sync;

use crate::world::{Editor, World};

#[test]
fn p13_5_after_a_pause_an_update_is_written_at_once_and_the_next_ones_together() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add("a"));
    assert_eq!((world.rows().len(), world.due().write_in), (1, None));
    world.pass(1_000);
    for text in ["b", "c", "d"] {
        world.edit(ann, &editor.add(text));
    }
    assert_eq!(world.due().write_in, Some(BETWEEN_WRITES_MS - 1_000));
    let before = world.rows_written();
    world.pass(5_000);
    assert_eq!(world.rows_written(), before + 1);
    world.pass(BETWEEN_WRITES_MS);
    world.edit(ann, &editor.add("e"));
    assert_eq!((world.rows_written(), world.due().write_in), (before + 2, None));
}

#[test]
fn p13_5_a_timer_that_fires_too_early_writes_nothing() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add("a"));
    world.edit(ann, &editor.add("b"));
    let before = world.rows_written();
    world.now += BETWEEN_WRITES_MS - 1;
    world.write();
    assert_eq!((world.rows_written(), world.due().write_in), (before, Some(1)));
}

#[test]
fn p13_5_a_clock_that_was_set_back_delays_no_write() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add("a"));
    world.now -= 900_000;
    world.edit(ann, &editor.add("b"));
    assert_eq!(world.due().write_in, None);
}

#[test]
fn p13_5_when_a_socket_with_unwritten_updates_closes_they_are_written_at_once() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_quietly(user));
    let (mut a, mut b) = (Editor::new(1), Editor::new(2));
    world.edit(ann, &a.add("a"));
    world.edit(ann, &a.add("b"));
    let before = world.rows_written();
    world.leave(ben);
    assert_eq!(world.rows_written(), before, "that socket has none");
    let ben = world.join_quietly("ben");
    let update = b.add("c");
    world.edit(ben, &update);
    world.leave(ann);
    assert_eq!(world.rows_written(), before + 1);
    assert!(world.inbox(ben).contains(&sync::update(&update)), "they are written together");
}

#[test]
fn p13_13_a_short_row_is_replaced_by_one_with_the_next_updates() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    for _ in 0..20 {
        world.edit(ann, &editor.add("some words "));
        world.pass(BETWEEN_WRITES_MS);
    }
    assert_eq!(world.rows().len(), 1);
    world.sleep();
    world.edit(ann, &editor.add("more"));
    assert_eq!(world.rows().len(), 1);
    assert_eq!(world.text(), editor.text());
}

#[test]
fn p13_13_a_row_that_is_long_enough_stays_as_it_is() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add(&"x".repeat(16 * 1024)));
    world.pass(BETWEEN_WRITES_MS);
    world.edit(ann, &editor.add("y"));
    assert_eq!(world.rows().len(), 2);
    assert_eq!(world.text(), editor.text());
}

#[test]
fn p13_13_an_update_that_is_too_long_for_a_row_takes_several() {
    let mut world = World::new();
    let (ann, mut editor) = (world.join_quietly("ann"), Editor::new(1));
    world.edit(ann, &editor.add(&"x".repeat(1_100_000)));
    assert_eq!(world.rows()[..2], [512 * 1024; 2]);
    assert_eq!(world.rows().len(), 3);
    world.sleep();
    world.edit(ann, &editor.add("y"));
    assert_eq!(world.rows().len(), 4);
    assert_eq!(world.text(), editor.text());
}

#[test]
fn a_document_whose_write_has_failed_is_reset_and_acknowledges_nothing() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    world.platform().borrow_mut().disk.is_full = true;
    world.edit(ann, &Editor::new(1).add("x"));
    assert!(world.document.must_be_reset());
    assert_eq!(world.inbox(ann), [[0; 0]; 0]);
}

#[test]
fn p13_5_a_minute_of_ten_people_typing_costs_at_most_12_rows() {
    let mut world = World::new();
    let sockets: Vec<_> = (0..10).map(|n| world.join_quietly(&format!("u{n}"))).collect();
    let mut editors: Vec<_> = (0..10).map(|n| Editor::new(n + 1)).collect();
    let before = world.rows_written();
    for _ in 0..300 {
        for (socket, editor) in sockets.iter().zip(&mut editors) {
            let update = editor.add("x");
            world.edit(*socket, &update);
            world.pass(20);
        }
    }
    let rows = world.rows_written() - before;
    assert!(rows <= 12, "{rows} rows");
    assert_eq!(world.text().len(), 3_000);
}
