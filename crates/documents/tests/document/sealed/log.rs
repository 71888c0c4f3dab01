//! Entries: their order, their numbers, and when they are durable (P14.8, P14.9).

use validiant_core::limits::rate::Rate;
use validiant_documents::room::{BETWEEN_WRITES_MS, DocumentSettings, Incoming, Trouble};
use validiant_documents::visitor::Visitor;

use super::wire::Entry;
use super::{Told, member, sealed, update};
use crate::memory::SETTINGS;
use crate::world::World;

fn entry(seq: u64, sender: &str, content: &str) -> Told {
    Told::Entries(vec![Entry { seq, sender: sender.into(), content: content.into() }])
}

#[test]
fn p14_8_an_entry_goes_to_the_others_with_its_number_and_sender_and_its_own_sender_hears_that_it_is_kept()
 {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_sealed(user));
    world.append(ann, 7, "one");
    assert_eq!(world.told(ben)[1..], [entry(1, "u:ann", "one")]);
    assert_eq!(world.told(ann)[0], Told::Kept { id: 7, seq: 1 });
    world.append(ben, 9, "two");
    assert_eq!(world.told(ann)[1..], [], "not twice");
    assert_eq!(world.told(ben), [], "it is not durable");
    world.pass(BETWEEN_WRITES_MS);
    assert_eq!(world.told(ben), [Told::Kept { id: 9, seq: 2 }]);
}

#[test]
fn p14_8_who_has_no_user_id_is_the_sender_by_its_connection() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    let nobody = world.connect(member("")).unwrap();
    world.append(nobody, 1, "x");
    assert!(world.told(ann).contains(&entry(1, "c:c", "x")));
}

#[test]
fn p14_9_after_a_pause_an_entry_is_written_at_once_and_the_next_ones_together_in_one_row() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    world.append(ann, 1, "a");
    assert_eq!((world.rows().len(), world.due().write_in), (1, None));
    for id in 2..5 {
        world.append(ann, id, "b");
    }
    assert_eq!(world.due().write_in, Some(BETWEEN_WRITES_MS));
    let before = world.rows_written();
    world.pass(BETWEEN_WRITES_MS);
    assert_eq!((world.rows_written(), world.rows().len()), (before + 1, 1));
    assert_eq!(world.contents(), ["a", "b", "b", "b"]);
}

#[test]
fn p14_9_a_row_is_replaced_until_it_is_long() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    for id in 1..=4 {
        world.append(ann, id, &"x".repeat(10_000));
        world.pass(10_000);
    }
    assert_eq!(world.rows().len(), 2);
    assert_eq!(world.contents().len(), 4);
}

#[test]
fn p14_9_what_was_kept_outlives_a_crash_and_the_rest_is_gone() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    world.append(ann, 1, "kept");
    world.append(ann, 2, "lost");
    world.crash();
    assert_eq!(world.contents(), ["kept"]);
}

#[test]
fn p14_8_a_number_that_somebody_has_seen_is_not_used_again_when_its_entry_is_lost() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_sealed(user));
    world.append(ann, 1, "kept");
    world.append(ann, 2, "lost");
    assert!(world.told(ben).contains(&entry(2, "u:ann", "lost")));
    world.crash();
    let cem = world.join_sealed("cem");
    world.append(cem, 1, "after");
    let ben = world.join_sealed("ben");
    let told = world.caught_up(ben, 2);
    assert!(matches!(&told[0], Told::Entries(them) if them[0].content == "after"), "{told:?}");
    assert!(world.entries()[1].0 > 1_000);
}

#[test]
fn p14_8_the_numbers_go_on_after_hibernation() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    world.append(ann, 1, "one");
    world.append(ann, 2, "two");
    world.sleep();
    world.append(ann, 3, "three");
    let numbers: Vec<_> = world.entries().into_iter().map(|(seq, _)| seq).collect();
    assert_eq!(numbers[..2], [1, 2]);
    assert!(numbers[2] > 2);
}

#[test]
fn p14_9_the_first_entry_of_a_life_is_durable_before_anybody_sees_it() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_sealed(user));
    world.inbox(ben);
    world.document.message(ann, Incoming::Binary(update(1, &sealed(1, "x")).into()), world.now);
    assert_eq!(world.told(ben), [], "the turn is not durable");
    world.end_turn();
    assert!(world.told(ben).contains(&entry(1, "u:ann", "x")));
}

#[test]
fn p14_9_so_many_entries_wait_at_most_as_the_numbers_jump() {
    let deliveries = Rate { per_second: 100_000, burst: 100_000 };
    let mut world = World::with(DocumentSettings { deliveries, ..SETTINGS });
    let ben = world.join_sealed("ben");
    for socket in 0..50 {
        let ann = world.join_sealed(&format!("u{socket}"));
        for id in 0..30 {
            assert!(world.append(ann, id, "x").is_none());
        }
    }
    let seen: Vec<u64> =
        world.told(ben).into_iter().filter_map(Told::entries).flatten().map(|it| it.seq).collect();
    assert_eq!(seen.len(), 1_500);
    world.crash();
    let newest_kept = world.entries().last().unwrap().0;
    assert!(seen[1_499] - newest_kept < 1_024, "{newest_kept}");
    let cem = world.join_sealed("cem");
    world.append(cem, 1, "after");
    assert!(world.entries().last().unwrap().0 > seen[1_499]);
}

#[test]
fn p14_8_who_may_only_read_is_told_so_and_gets_everything() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    let dee = world.connect(Visitor { may_write: false, ..member("dee") }).unwrap();
    world.append(dee, 3, "x");
    let refused = Told::Refused { id: 3, code: "not_allowed".into(), number: 0 };
    assert_eq!(world.told(dee), [refused]);
    assert_eq!(world.told(ann), []);
    world.append(ann, 1, "y");
    let told = world.caught_up(dee, 0);
    assert_eq!(told[0], entry(1, "u:ann", "y"));
    assert_eq!(told[1].clone().current().unwrap().may_write, 0);
}

#[test]
fn p14_9_a_write_that_fails_keeps_nothing() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    world.append(ann, 1, "a");
    world.inbox(ann);
    world.platform().borrow_mut().disk.is_full = true;
    world.append(ann, 2, "b");
    world.now += BETWEEN_WRITES_MS;
    world.write();
    assert!(world.document.must_be_reset());
    assert_eq!(world.told(ann), []);
}

#[test]
fn p13_12_the_project_is_told_that_an_encrypted_document_has_changed() {
    let mut world = World::with(DocumentSettings { tells_changes: true, ..SETTINGS });
    let ann = world.join_sealed("ann");
    world.append(ann, 1, "a");
    let changed_at = world.now;
    world.sleep();
    world.now += 30_000;
    assert_eq!(world.fire().change, Some(changed_at));
}

#[test]
fn p14_9_a_row_that_can_t_be_read_is_left_out_and_the_rest_is_served() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    for id in 1..=3 {
        world.append(ann, id, &id.to_string().repeat(20_000));
        world.pass(10_000);
    }
    world.platform().borrow_mut().disk.damage(2);
    world.lose_memory();
    let contents = world.contents();
    assert_eq!(contents.iter().map(|it| &it[..1]).collect::<Vec<_>>(), ["1", "3"]);
    assert_eq!(world.due().trouble, Some(Trouble::Damaged));
    world.append(ann, 4, "4");
    assert_eq!(world.contents().len(), 3);
}
