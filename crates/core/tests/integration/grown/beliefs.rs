//! What clients believe of others at the same place in the product holds in a grown room (P12.7, P15.6): whatever a place
//! has told of a connection, it tells the end of it, or those who may believe it connect anew.

use validiant_core::names::ConnectionId;
use validiant_core::ports::RosterEntry;
use validiant_core::presence_data::{LastData, PresenceData};
use validiant_core::room::Incoming;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::tree::Place;
use validiant_core::tree::wire::{Control, Entry, UpOutcome};

use super::entries::{told_by_root, who_is_at};
use super::leaf_world::{LeafWorld, PLACE};
use super::world::{At, Grown};

/// Where what the leaf tells is heard, with the frames.
fn told(said: &[Entry]) -> Vec<(Vec<String>, String)> {
    let told = |entry: &Entry| match entry {
        Entry::Updated { heard_at, frame, .. } => Some((heard_at.clone(), frame.clone())),
        _ => None,
    };
    said.iter().filter_map(told).collect()
}

fn stale(said: &[Entry]) -> Vec<(Option<Place>, Vec<String>)> {
    let stale = |entry: &Entry| match entry {
        Entry::Stale { but, told_at } => Some((*but, told_at.clone())),
        _ => None,
    };
    said.iter().filter_map(stale).collect()
}

#[test]
fn p12_7_the_end_of_an_old_socket_elsewhere_is_not_the_end_of_what_its_connection_says_here() {
    let (mut world, user, _) = LeafWorld::at_the_board();
    world.down(vec![told_by_root(&user, None)]);
    let told = told(&world.answer_calls());
    assert_eq!(told.len(), 1);
    assert!(told[0].1.contains(r#""data":{"at":"board"}"#), "{told:?}");
    world.down(vec![told_by_root("somebody", None)]);
    assert_eq!(world.answer_calls().len(), 0);
}

#[test]
fn p12_7_what_a_connection_says_with_a_newer_socket_elsewhere_stands() {
    let (mut world, user, socket) = LeafWorld::at_the_board();
    world.down(vec![told_by_root(&user, Some(world.now + 1))]);
    assert_eq!(world.answer_calls().len(), 0);
    world.room.leave(socket, 1_006, world.now);
    assert_eq!(told(&world.answer_calls()), [], "there is nothing to tell of it here any more");
}

#[test]
fn p12_6_of_two_connections_of_a_user_who_is_expected_the_end_of_the_first_is_told() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let expect = |connection: &str, at: &str| Entry::Expect {
        entry: RosterEntry {
            user: world.member(&user).user.unwrap(),
            joined_at: 1,
            leaves_at: None,
            last: Some(LastData {
                connection_id: ConnectionId::parse(connection).unwrap(),
                data: PresenceData::parse(&format!(r#"{{"at":"{at}"}}"#)).unwrap(),
            }),
        },
    };
    let both = [expect("c1", "board"), expect("c2", "list")];
    world.down(both.into());
    let told = told(&world.answer_calls());
    let ends = |it: &&(Vec<String>, String)| it.1.contains(r#""connectionId":"c1","data":null"#);
    let end = told.iter().find(ends);
    assert_eq!(end.map(|it| it.0.as_slice()), Some(&["board".to_owned()][..]), "{told:?}");
}

#[test]
fn p15_6_a_leaf_knows_after_a_crash_what_it_had_told_and_after_sleep_that_nothing_is_lost() {
    let (mut world, user, _) = LeafWorld::at_the_board();
    world.sleep();
    world.readiness(&user, None);
    assert_eq!(stale(&world.answer_calls()), []);
    world.crash();
    world.readiness(&user, None);
    assert_eq!(stale(&world.answer_calls()), [(Some(PLACE), vec!["board".to_owned()])]);
}

#[test]
fn a_leaf_of_which_nobody_believes_anything_keeps_nothing() {
    let (mut world, _, socket) = LeafWorld::at_the_board();
    assert!(world.platform.borrow().disk.tree().is_some());
    world.room.leave(socket, 1_000, world.now);
    world.answer_calls();
    world.pass(1_000);
    world.answer_calls();
    world.pass(1_000);
    assert_eq!(world.platform.borrow().disk.tree(), None);
}

#[test]
fn p15_6_whoever_may_believe_what_a_place_has_told_before_it_crashed_connects_anew() {
    let (mut grown, sockets) = Grown::with_users(4, 12);
    let users: Vec<(String, At)> = sockets.into_iter().collect();
    let (_, lost) = users.iter().find(|(_, at)| at.place != Place::ROOT).unwrap().clone();
    let elsewhere = |(_, at): &&(String, At)| at.place != lost.place;
    let others: Vec<At> = users.iter().filter(elsewhere).map(|(_, at)| *at).collect();
    for at in [lost, others[0]] {
        grown.message(at, r#"{"type":"PRESENCE_SET","patch":{"at":"board"}}"#);
    }
    grown.message(others[1], r#"{"type":"PRESENCE_SET","patch":{"at":"list"}}"#);
    grown.pass(1_000);
    grown.crash(lost.place);
    grown.pass(20_000);
    assert_eq!(grown.close_of(others[0]).map(|closing| closing.code.number), Some(4_200));
    assert_eq!(grown.close_of(others[1]), None, "nobody has told it anything");
}

#[test]
fn p8_7_what_a_leaf_says_from_before_an_erasure_is_told_to_nobody() {
    let (mut grown, sockets) = Grown::with_users(4, 12);
    let at = sockets.values().find(|at| at.place != Place::ROOT).unwrap();
    let now = grown.now;
    let patch = r#"{"type":"PRESENCE_SET","patch":{"at":"board"}}"#;
    for patch in [patch, r#"{"type":"PRESENCE_SET","patch":{"x":1}}"#] {
        grown.object(at.place).room.message(at.socket, Incoming::Text(patch), now);
    }
    let call = grown.object(at.place).room.next_call(now).unwrap();
    grown.root().erase(Erasure::ButRefusals, now).unwrap();
    let is_at_root = |(_, at): &(&String, &At)| at.place == Place::ROOT;
    let (other, _) = sockets.iter().find(is_at_root).unwrap();
    let other = grown.join(other);
    grown.object(Place::ROOT).room.message(other.socket, Incoming::Text(patch), now);
    let answer = grown.root().called(&call.text, now);
    grown.object(at.place).room.answered(Place::ROOT, &answer, now);
    grown.pass(2_000);
    assert!(grown.close_of(*at).is_some());
    assert_eq!(grown.of_type(other, "USER_UPDATED").len(), 0);
}

#[test]
fn p8_7_what_a_leaf_has_said_in_vain_before_an_erasure_is_not_said_after_it() {
    let (mut world, _, socket) = LeafWorld::at_the_board();
    world.set(socket, r#"{"at":"list"}"#);
    world.next_up().unwrap();
    world.control(Control::Erase(Erasure::ButRefusals));
    for _ in 0..3 {
        world.room.unanswered(Place::ROOT, world.now);
        world.pass(1_000);
        world.room.next_call(world.now);
    }
    let answer = world.up_answer(UpOutcome::Done);
    world.answer(&answer);
    assert_eq!(told(&world.answer_calls()), []);
}

#[test]
fn p12_7_a_connection_that_goes_on_elsewhere_is_not_introduced_with_what_it_had_said_here() {
    let (mut world, user, socket) = LeafWorld::at_the_board();
    world.room.leave(socket, 1_006, world.now);
    world.answer_calls();
    world.down(vec![told_by_root(&user, Some(world.now + 1))]);
    world.down(vec![who_is_at("board")]);
    assert_eq!(world.answer_calls(), []);
}
