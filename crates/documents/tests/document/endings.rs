//! Sockets end: by themselves, because of their token, or because they are dead; and the last one leaves.

use validiant_core::member::HeldToken;
use validiant_core::wire::close_code::CloseCode;
use validiant_documents::room::Release;
use validiant_documents::visitor::Visitor;

use crate::world::{Editor, World, visitor};

fn until(expires_at: u64) -> Visitor {
    let token = Some(HeldToken { expires_at, issued_at: 0, id: None });
    Visitor { token, ..visitor("ann") }
}

#[test]
fn p13_9_a_socket_is_closed_when_its_token_and_the_grace_have_expired_also_after_hibernation() {
    let mut world = World::new();
    let ann = world.connect(until(world.now + 20_000)).unwrap();
    let ben = world.connect(until(world.now + 600_000)).unwrap();
    world.sleep();
    world.pass(49_999);
    assert_eq!(world.closing(ann), None);
    world.pass(1);
    assert_eq!(world.closing(ann), Some(CloseCode::TOKEN_EXPIRED.into()));
    assert_eq!(world.closing(ben), None);
    world.pass(600_000);
    assert_eq!(world.closing(ben), Some(CloseCode::TOKEN_EXPIRED.into()));
    assert_eq!(world.alarm(), None);
}

#[test]
fn p13_9_a_socket_that_used_to_ping_and_is_silent_is_closed() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_quietly(user));
    world.platform().borrow_mut().wires.ping(ann, world.now + 10_000);
    world.pass(200_000);
    assert_eq!(world.closing(ann), Some(CloseCode::TRY_AGAIN.into()));
    assert_eq!(world.closing(ben), None, "it has never pinged");
}

#[test]
fn p13_9_the_alarm_is_only_ever_moved_earlier() {
    let mut world = World::new();
    world.connect(until(world.now + 10_000)).unwrap();
    let (alarm, rows) = (world.alarm(), world.rows_written());
    for _ in 0..5 {
        world.join("ben");
        world.sleep();
    }
    assert_eq!((world.alarm(), world.rows_written()), (alarm, rows));
}

#[test]
fn p13_10_the_room_is_told_once_when_the_last_one_has_left() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_quietly(user));
    world.edit(ann, &Editor::new(1).add("x"));
    world.leave(ann);
    assert_eq!(world.due().release, None);
    world.leave(ben);
    assert_eq!(world.due().release, Some(Release::Kept));
    assert_eq!(world.due().release, None);
}

#[test]
fn p13_10_a_document_with_nothing_in_it_can_be_forgotten() {
    let mut world = World::new();
    let ann = world.join("ann");
    world.sleep();
    world.leave(ann);
    assert_eq!(world.due().release, Some(Release::Empty));
}

#[test]
fn p13_10_the_last_one_does_not_leave_while_somebody_is_expected() {
    let mut world = World::new();
    let ann = world.join("ann");
    let ticket = world.document.expect(visitor("ben"));
    world.leave(ann);
    assert_eq!(world.due().release, None);
    world.document.turn_away(ticket);
    assert_eq!(world.due().release, Some(Release::Empty));
}

#[test]
fn p13_10_who_is_turned_away_from_a_document_that_nobody_has_open_releases_nothing() {
    let mut world = World::new();
    let ticket = world.document.expect(visitor("ben"));
    world.document.turn_away(ticket);
    assert_eq!(world.due().release, None);
}

#[test]
fn p13_10_after_a_crash_the_room_is_told_at_the_next_alarm() {
    let mut world = World::new();
    world.join("ann");
    world.crash();
    assert_eq!(world.due().release, None);
    world.now = world.alarm().unwrap();
    world.fire();
    assert_eq!(world.due().release, Some(Release::Empty));
}
