//! What keeps clients out, at a leaf (P8, P14.2, P15).

use validiant_core::names::{Epoch, UserId};
use validiant_core::room::NotConnected;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::revocation::{Revocation, Scope};
use validiant_core::tree::Readiness;
use validiant_core::tree::wire::{
    Control, Controls, DownOutcome, Entry, Reached, UpAnswer, UpOutcome,
};

use super::entries::event;
use super::leaf_world::LeafWorld;
use crate::support::SETTINGS;

fn remove(user: &str, until: Option<u64>) -> Control {
    Control::Remove { user: UserId::parse(user).unwrap(), until, min_key_epoch: None }
}

#[test]
fn p8_2_a_removal_closes_the_sockets_and_keeps_the_user_out_after_a_crash_too() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(2);
    let sockets: Vec<_> = users.iter().map(|user| world.join(user)).collect();
    let until = world.now + 600_000;
    assert_eq!(
        world.control(remove(&users[0], Some(until))),
        Reached { recipients: 0, excluded: 1 }
    );
    assert_eq!(world.close_of(sockets[0]).unwrap().code.name, "removed");
    assert_eq!(world.close_of(sockets[1]), None);
    assert_eq!(world.connect(&users[0], None).unwrap_err(), NotConnected::Removed);
    world.crash();
    world.readiness(&users[1], None);
    let up = world.next_up().unwrap();
    assert!(!up.wants_controls, "it has stored up to which change it knows them");
    world.answer(&world.up_answer(UpOutcome::Done));
    assert_eq!(world.connect(&users[0], None).unwrap_err(), NotConnected::Removed);
    assert!(world.connect(&users[1], None).is_ok());
}

#[test]
fn a_leaf_that_has_missed_a_change_takes_nothing_before_it_has_them_all() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(2);
    let socket = world.join(&users[1]);
    world.controls = 7;
    let mut down = world.next_down(vec![event(5, world.now, Default::default())]);
    let answer = world.call(&down);
    assert_eq!(answer.outcome, DownOutcome::Again { wants_controls: true });
    assert_eq!(world.seqs(socket), [0; 0]);
    assert_eq!(world.readiness(&users[0], None), Readiness::Later);
    down.snapshot = Some(Controls {
        number: 7,
        removals: vec![(UserId::parse(&users[0]).unwrap(), world.now + 600_000)],
        revocations: vec![Revocation { scope: Scope::All, before: 5 }],
        min_key_epoch: 3,
    });
    assert_eq!(world.call(&down).outcome, DownOutcome::Done);
    world.has_taken(&down);
    assert_eq!(world.close_of(socket).unwrap().code.number, 4_200, "it was let in without them");
    assert_eq!(world.connect(&users[0], None).unwrap_err(), NotConnected::Removed);
    assert_eq!(world.readiness(&users[1], None), Readiness::Now);
    let (socket, _) = world.connect(&users[1], None).unwrap();
    assert_eq!(world.frames(socket)[0]["payload"]["minKeyEpoch"], 3);
}

#[test]
fn what_holds_no_longer_is_forgotten_with_a_snapshot() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    world.control(remove(&user, Some(world.now + 600_000)));
    world.controls = 9;
    let mut down = world.next_down(vec![]);
    down.snapshot = Some(Controls { number: 9, ..Controls::default() });
    assert_eq!(world.call(&down).outcome, DownOutcome::Done);
    assert!(world.connect(&user, None).is_ok());
}

#[test]
fn p5_3_who_is_waited_for_has_an_alarm_after_a_snapshot_has_replaced_what_was_stored() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(2);
    world.control(remove(&users[0], Some(world.now + 600_000)));
    world.join(&users[1]);
    world.controls = 9;
    let mut down = world.next_down(vec![]);
    assert_eq!(world.call(&down).outcome, DownOutcome::Again { wants_controls: true });
    down.snapshot = Some(Controls { number: 9, ..Controls::default() });
    world.call(&down);
    world.has_taken(&down);
    let grace = world.now + SETTINGS.presence_grace_ms;
    assert!(world.alarm().is_some_and(|at| at <= grace), "{:?}", world.alarm());
}

#[test]
fn p14_2_a_raised_key_epoch_is_told_to_the_clients_of_a_leaf() {
    let mut world = LeafWorld::in_session();
    let socket = world.join(&world.someone());
    world.control(Control::KeyEpoch(7));
    assert_eq!(world.types(socket), ["CONNECTED", "KEY_EPOCH"]);
}

#[test]
fn p8_7_an_erased_room_closes_all_sockets_of_a_leaf_and_begins_another_history() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let socket = world.join(&user);
    assert_eq!(world.control(Control::Erase(Erasure::ButRefusals)).excluded, 1);
    assert_eq!(world.close_of(socket).unwrap().code.number, 4_200);
    assert_eq!(world.readiness(&user, None), Readiness::Later);
    assert_eq!(world.connect(&user, None).unwrap_err(), NotConnected::Unavailable);
    world.next_up().unwrap();
    let mut answer = world.up_answer(UpOutcome::Done);
    (answer.head.epoch, answer.head.seq) = (Epoch::parse("f").ok(), 0);
    world.answer(&answer);
    assert_eq!(world.readiness(&user, None), Readiness::Now);
    assert!(world.connect(&user, Some("f:0")).unwrap().1.recovered);
}

#[test]
fn no_later_event_overtakes_a_removal() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let socket = world.join(&user);
    let number = world.controls + 1;
    let control = remove(&user, None);
    let entries = vec![
        event(5, world.now, Default::default()),
        Entry::Control { control, number },
        event(6, world.now, Default::default()),
    ];
    let reached = world.down(entries).reached;
    assert_eq!(world.seqs(socket), [5]);
    assert_eq!(reached.iter().map(|it| it.recipients).collect::<Vec<_>>(), [1, 0, 0]);
}

#[test]
fn p15_6_a_leaf_counts_its_calls_on_when_it_is_reset_once_more_with_what_it_has_asked_for() {
    let mut world = LeafWorld::in_session();
    world.controls = 7;
    world.root += 1;
    world.number = 0;
    let mut down = validiant_core::tree::wire::Down { reset: true, ..world.next_down(vec![]) };
    let answer = world.call(&down);
    assert_eq!(answer.outcome, DownOutcome::Again { wants_controls: true });
    world.now += 1_000;
    let first = world.next_up().unwrap();
    down.snapshot = Some(Controls { number: 7, ..Controls::default() });
    assert_eq!(world.call(&down).outcome, DownOutcome::Done);
    world.has_taken(&down);
    world.answer(&world.up_answer(UpOutcome::Done));
    world.join(&world.someone());
    world.now += 1_000;
    let second = world.next_up().unwrap();
    assert_eq!((first.number, second.number), (1, 2), "the root would take it for a repeat");
}

#[test]
fn an_answer_with_newer_changes_than_the_leaf_has_asked_for_closes_nobody() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    world.controls = 7;
    let mut down = world.next_down(vec![]);
    assert_eq!(world.call(&down).outcome, DownOutcome::Again { wants_controls: true });
    world.now += 100;
    let up = world.next_up().unwrap();
    assert!(up.wants_controls);
    down.snapshot = Some(Controls { number: 7, ..Controls::default() });
    assert_eq!(world.call(&down).outcome, DownOutcome::Done);
    let answer = world.up_answer(UpOutcome::Done);
    world.has_taken(&down);
    let socket = world.join(&user);
    // The root has removed somebody since, which is yet to come with its next call.
    let snapshot = Some(Controls { number: 8, ..Controls::default() });
    world.answer(&UpAnswer { snapshot, ..answer });
    assert_eq!(world.close_of(socket), None);
    assert_eq!(world.control(remove(&user, None)).excluded, 1);
}

/// A leaf that has got everything up to number 7 with an answer, before the call with it comes.
fn with_snapshot(number: u64, removed: &str) -> LeafWorld {
    let mut world = LeafWorld::in_session();
    world.controls = number;
    let down = world.next_down(vec![]);
    assert_eq!(world.call(&down).outcome, DownOutcome::Again { wants_controls: true });
    world.now += 1_000;
    world.next_up().unwrap();
    let until = world.now + 600_000;
    let removals = vec![(UserId::parse(removed).unwrap(), until)];
    let snapshot = Some(Controls { number, removals, ..Controls::default() });
    let outcome = validiant_core::tree::wire::UpOutcome::Done;
    world.answer(&validiant_core::tree::wire::UpAnswer { snapshot, ..world.up_answer(outcome) });
    world
}

#[test]
fn p8_1_a_change_that_a_leaf_knows_from_a_snapshot_closes_nobody_who_came_after_it() {
    let mut world = with_snapshot(7, "somebody-else");
    let user = world.someone();
    let socket = world.join(&user);
    // It is on its way: the root does not know that the leaf has it.
    world.controls = 6;
    world.down(vec![]);
    assert_eq!(world.control(remove(&user, None)), Reached::default());
    assert_eq!(world.close_of(socket), None);
    assert_eq!(world.control(remove(&user, None)).excluded, 1, "the next one is new");
}

#[test]
fn p8_2_what_comes_after_an_erasure_holds_though_the_leaf_knew_it_before() {
    let mut world = with_snapshot(7, "user-x");
    world.controls = 5;
    world.control(Control::Erase(Erasure::All));
    let until = Some(world.now + 600_000);
    let number = 7;
    let entries = vec![Entry::Control { control: remove("user-x", until), number }];
    let head =
        validiant_core::tree::wire::Head { seq: 0, epoch: Epoch::parse("f").ok(), ..world.head() };
    let down = validiant_core::tree::wire::Down { head, ..world.next_down(entries) };
    assert_eq!(world.call(&down).outcome, DownOutcome::Done);
    assert_eq!(world.connect("user-x", None).unwrap_err(), NotConnected::Removed);
}

#[test]
fn a_call_with_newer_changes_than_the_leaf_has_got_with_an_answer_closes_nobody() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    world.controls = 7;
    let late = world.next_down(vec![]);
    assert_eq!(world.call(&late).outcome, DownOutcome::Again { wants_controls: true });
    world.now += 100;
    world.next_up().unwrap();
    let snapshot = Some(Controls { number: 7, ..Controls::default() });
    world.answer(&UpAnswer { snapshot, ..world.up_answer(UpOutcome::Done) });
    let socket = world.join(&user);
    let mut newer = late.clone();
    newer.head.controls = 8;
    newer.snapshot = Some(Controls { number: 8, ..Controls::default() });
    assert_eq!(world.call(&newer).outcome, DownOutcome::Again { wants_controls: false });
    assert_eq!(world.close_of(socket), None);
    assert_eq!(world.control(remove(&user, None)).excluded, 1, "it is in step");
}
