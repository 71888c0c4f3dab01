//! Clients that belong to another place move there, with their presence (P5, P12.6, P15).

use validiant_core::names::UserId;
use validiant_core::tree::wire::{Control, Entry};
use validiant_core::tree::{Place, Readiness};

use super::leaf_world::{LeafWorld, PLACE};

fn expected(entries: &[Entry]) -> Vec<String> {
    let user = |entry: &Entry| match entry {
        Entry::Expect { entry } => Some(entry.user.id.to_string()),
        _ => None,
    };
    entries.iter().filter_map(user).collect()
}

#[test]
fn those_who_belong_elsewhere_are_closed_a_few_at_a_time_and_expected_there() {
    let mut world = LeafWorld::in_session();
    let stay = world.users_here(2);
    let go = world.users_of(Place::ROOT, 60);
    let sockets: Vec<_> = stay.iter().chain(&go).map(|user| world.join(user)).collect();
    world.answer_calls();
    world.places.version += 1;
    world.down(vec![]);
    world.pass(1_000);
    let closed = |world: &LeafWorld| {
        sockets.iter().filter(|socket| world.close_of(**socket).is_some()).count()
    };
    assert_eq!(closed(&world), 50);
    assert_eq!(expected(&world.answer_calls()).len(), 50);
    world.pass(1_000);
    assert_eq!(closed(&world), 60);
    assert_eq!(expected(&world.answer_calls()).len(), 10);
    assert!(sockets[..2].iter().all(|socket| world.close_of(*socket).is_none()));
    let times: std::collections::BTreeSet<_> = sockets[2..]
        .iter()
        .map(|socket| world.close_of(*socket).unwrap().code)
        .inspect(|code| assert_eq!(code.number, 4_200))
        .map(|code| code.retry_after_ms)
        .collect();
    assert!(times.len() > 50, "they do not come back in the same moment");
    assert_eq!(world.room.active_users(), 2);
    world.pass(600_000);
    assert_eq!(world.room.active_users(), 2);
}

#[test]
fn a_user_who_leaves_on_purpose_is_expected_nowhere() {
    let mut world = LeafWorld::in_session();
    let user = world.users_of(Place::ROOT, 1).remove(0);
    let (clean, broken) = (world.join(&user), world.join(&user));
    world.room.leave(broken, 1_006, world.now);
    world.room.leave(clean, 1_000, world.now);
    assert_eq!(expected(&world.answer_calls()), [""; 0]);
    assert_eq!(world.room.active_users(), 0);
}

#[test]
fn p5_2_whose_connection_breaks_is_expected_where_they_belong() {
    let mut world = LeafWorld::in_session();
    let user = world.users_of(Place::ROOT, 1).remove(0);
    let sockets = [world.join(&user), world.join(&user)];
    for socket in sockets {
        world.room.leave(socket, 1_006, world.now);
    }
    assert_eq!(expected(&world.answer_calls()), [user]);
    assert_eq!(world.room.active_users(), 0);
}

fn expectation(world: &mut LeafWorld, user: &str, data: &str) -> Entry {
    // As another place would say it.
    let mut other = LeafWorld::in_session();
    other.now = world.now;
    other.places.shrink_to(1);
    let socket = other.join(user);
    other.message(socket, &format!(r#"{{"type":"PRESENCE_SET","patch":{data}}}"#));
    other.down(vec![]);
    other.room.leave(socket, 1_006, other.now);
    let mut said = other.answer_calls();
    let place = said.iter().position(|entry| matches!(entry, Entry::Expect { .. }));
    said.remove(place.expect("the user is expected elsewhere"))
}

#[test]
fn p12_6_whoever_is_expected_counts_as_present_and_finds_their_data_again() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let entry = expectation(&mut world, &user, r#"{"at":"board"}"#);
    world.down(vec![entry]);
    assert_eq!(world.room.active_users(), 1);
    world.pass(5_000);
    world.join(&user);
    world.pass(60_000);
    assert_eq!(world.room.active_users(), 1);
    let said = world.answer_calls();
    let comes_to = said.iter().any(|entry| match entry {
        Entry::Introduce { heard_at, .. } => heard_at == "board",
        _ => false,
    });
    assert!(comes_to, "with the data they had: {said:?}");
}

#[test]
fn whoever_does_not_come_leaves_and_their_data_are_gone() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let entry = expectation(&mut world, &user, r#"{"at":"board"}"#);
    world.down(vec![entry]);
    world.answer_calls();
    world.pass(10_000);
    assert_eq!(world.room.active_users(), 0);
    let frames: Vec<String> = world
        .answer_calls()
        .iter()
        .filter_map(|entry| match entry {
            Entry::Updated { heard_at, frame, .. } if heard_at == &["board"] => Some(frame.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(frames.len(), 1);
    assert!(frames[0].contains(r#""data":null"#), "{frames:?}");
}

#[test]
fn p8_2_who_is_kept_out_is_not_waited_for_and_their_data_are_gone() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let entry = expectation(&mut world, &user, r#"{"at":"board"}"#);
    let until = Some(world.now + 60_000);
    let id = UserId::parse(&user).unwrap();
    let control = Control::Remove { user: id, until, min_key_epoch: None };
    world.down(vec![Entry::Control { control, number: 2 }, entry]);
    assert_eq!(world.room.active_users(), 0);
    let is_end = |entry: &Entry| match entry {
        Entry::Updated { heard_at, frame, .. } => {
            heard_at == &["board"] && frame.contains(r#""data":null"#)
        }
        _ => false,
    };
    assert!(world.answer_calls().iter().any(is_end));
}

#[test]
fn a_user_who_has_come_already_is_not_waited_for() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let entry = expectation(&mut world, &user, r#"{"at":"board"}"#);
    world.join(&user);
    world.down(vec![entry]);
    world.pass(60_000);
    assert_eq!(world.room.active_users(), 1);
}

#[test]
fn a_client_with_an_old_list_of_places_is_sent_to_the_root_once_the_leaf_has_asked() {
    let mut world = LeafWorld::in_session();
    let user = world.users_of(Place::ROOT, 1).remove(0);
    world.now += 5_000;
    assert_eq!(world.readiness(&user, None), Readiness::Later);
    world.answer_calls();
    assert_eq!(world.readiness(&user, None), Readiness::Moved);
}

#[test]
fn a_leaf_that_learns_of_newer_places_takes_those_who_belong_to_it_now() {
    let mut world = LeafWorld::in_session();
    let before = world.places.clone();
    world.places.grow();
    let third = world.places.leaves[1].place;
    let user = world.users_of(third, 1).remove(0);
    // The leaf is to be the home of somebody who belonged to a place that drains.
    let mut user_here = String::new();
    for number in 0.. {
        let name = format!("user-{number}");
        let id = validiant_core::names::UserId::parse(&name).unwrap();
        if world.places.home_of_user(&id) == third && before.home_of_user(&id) == PLACE {
            user_here = name;
            break;
        }
    }
    world.down(vec![]);
    world.now += 5_000;
    assert_eq!(world.readiness(&user, None), Readiness::Later);
    world.answer_calls();
    assert_eq!(world.readiness(&user, None), Readiness::Moved);
    world.now += 5_000;
    world.places.shrink_to(2);
    assert_eq!(world.readiness(&user_here, None), Readiness::Later);
    world.answer_calls();
    assert_eq!(world.readiness(&user_here, None), Readiness::Now);
}

#[test]
fn a_leaf_counts_those_of_whom_the_root_does_not_know_yet_that_they_are_expected_elsewhere() {
    let mut world = LeafWorld::in_session();
    let user = world.users_of(Place::ROOT, 1).remove(0);
    let socket = world.join(&user);
    world.room.leave(socket, 1_006, world.now);
    let counts = world.down(vec![]).counts.unwrap();
    assert_eq!((counts.sockets, counts.users), (0, 1), "it must not be given up");
    assert_eq!(expected(&world.answer_calls()), [user]);
    let counts = world.down(vec![]).counts.unwrap();
    assert_eq!((counts.sockets, counts.users), (0, 0));
}

#[test]
fn a_call_without_entries_asks_how_many_there_are() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(2);
    for user in &users {
        world.join(user);
    }
    world.sleep();
    let answer = world.call(&world.next_down(vec![]));
    (world.leaf, world.number) = (answer.leaf, 0);
    let mut down = world.next_down(vec![]);
    down.wants_users = true;
    let answer = world.call(&down);
    let counts = answer.counts.unwrap();
    assert_eq!((counts.sockets, counts.users), (2, 2));
    assert_eq!(answer.users.iter().map(|user| user.devices).collect::<Vec<_>>(), [1, 1]);
    assert!(answer.reached.is_empty());
}
