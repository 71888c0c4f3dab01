//! Several events in one frame, for the sockets that accept them. Clauses are those of `docs/protocol.md`.

use crate::support::{SETTINGS, World, counts};
use proptest::prelude::*;
use serde_json::json;
use validiant_core::member::SocketId;
use validiant_core::room::Incoming;

const CLEAN: u16 = 1000;

/// The types of the events in each frame after `CONNECTED`.
fn frames(world: &World, socket: SocketId) -> Vec<String> {
    let kind = |event: &serde_json::Value| event["type"].as_str().unwrap().to_owned();
    let frames = world.inbox(socket);
    let of_frame = |frame: &serde_json::Value| match frame.as_array() {
        Some(events) => events.iter().map(kind).collect::<Vec<_>>().join("+"),
        None => kind(frame),
    };
    frames.iter().skip(1).map(of_frame).collect()
}

fn event(name: &str) -> String {
    json!({ "eventType": name }).to_string()
}

#[test]
fn p3_4_events_that_come_together_reach_a_socket_that_asked_for_it_in_one_frame() {
    let mut world = World::new(SETTINGS);
    let (batches, singles) = (world.join_for_batches(""), world.join(""));
    for (name, more_to_come) in [("A", true), ("B", true), ("C", false)] {
        let published = world.publish(&event(name), more_to_come);
        assert_eq!(counts(&published), (2, 0));
    }
    assert_eq!(frames(&world, batches), ["A+B+C"]);
    assert_eq!(frames(&world, singles), ["A", "B", "C"]);
}

#[test]
fn p3_4_a_single_event_is_sent_alone_and_at_once() {
    let mut world = World::new(SETTINGS);
    let batches = world.join_for_batches("");
    world.publish(&event("A"), false);
    assert_eq!(frames(&world, batches), ["A"]);
    assert!(!world.room.holds_events());
}

#[test]
fn p3_4_nobody_waits_when_the_next_event_does_not_come() {
    let mut world = World::new(SETTINGS);
    let batches = world.join_for_batches("");
    world.publish(&event("A"), true);
    assert!(world.room.holds_events());
    assert_eq!(frames(&world, batches), [""; 0]);
    world.room.flush();
    assert_eq!(frames(&world, batches), ["A"]);
}

#[test]
fn p3_4_a_refused_broadcast_lets_the_waiting_ones_go() {
    let mut world = World::new(SETTINGS);
    let batches = world.join_for_batches("");
    world.publish(&event("A"), true);
    world.room.publish(b"no JSON", None, false, world.now).unwrap_err();
    assert_eq!(frames(&world, batches), ["A"]);
}

#[test]
fn p3_4_events_wait_for_others_even_for_clients_that_get_them_singly() {
    let mut world = World::new(SETTINGS);
    let singles = world.join("");
    world.publish(&event("A"), true);
    assert_eq!(frames(&world, singles), [""; 0]);
    world.publish(&event("B"), false);
    assert_eq!(frames(&world, singles), ["A", "B"]);
}

#[test]
fn p3_4_at_most_64_events_wait() {
    let mut world = World::new(SETTINGS);
    let batches = world.join_for_batches("");
    for _ in 0..65 {
        world.publish(&event("A"), true);
    }
    assert_eq!(frames(&world, batches), [["A"; 64].join("+")]);
}

#[test]
fn p3_4_an_event_that_a_user_is_excluded_from_is_not_in_their_batch() {
    let mut world = World::new(SETTINGS);
    let (ann, ben) = (world.join_for_batches("ann"), world.join_for_batches("ben"));
    let to_all_but = |user: &str| json!({ "eventType": user, "excludeUserId": user }).to_string();
    let published = world.publish(&to_all_but("ann"), true);
    assert_eq!(counts(&published), (1, 1));
    world.publish(&to_all_but("ben"), true);
    world.publish(&event("ALL"), false);
    assert_eq!(frames(&world, ann), ["USER_JOINED", "ben+ALL"]);
    assert_eq!(frames(&world, ben), ["ann+ALL"]);
}

#[test]
fn p3_4_a_client_that_connects_while_events_wait_does_not_get_them() {
    let mut world = World::new(SETTINGS);
    let early = world.join_for_batches("ann");
    world.publish(&event("A"), true);
    let late = world.join_for_batches("ben");
    assert_eq!(frames(&world, early), ["A", "USER_JOINED"]);
    assert_eq!(frames(&world, late), [""; 0]);
}

#[test]
fn p3_4_a_socket_still_takes_batches_after_waking() {
    let mut world = World::new(SETTINGS);
    let batches = world.join_for_batches("");
    world.evict();
    world.publish(&event("A"), true);
    world.publish(&event("B"), false);
    assert_eq!(frames(&world, batches), ["A+B"]);
}

/// Something that happens to a room.
#[derive(Debug, Clone)]
enum Step {
    Publish {
        targets: Option<String>,
        excluded: Option<String>,
        connection: Option<String>,
        more_to_come: bool,
    },
    Refused {
        more_to_come: bool,
    },
    Flush,
    Join(String),
    Leave(String),
    Ask,
    Pass(u64),
}

fn user() -> impl Strategy<Value = String> {
    "[a-c]".prop_map(String::from)
}

fn step() -> impl Strategy<Value = Step> {
    let one = || proptest::option::of(user());
    let connection = proptest::option::of("[cd]".prop_map(String::from));
    let publish = (one(), one(), connection, any::<bool>());
    prop_oneof![
        6 => publish.prop_map(|(targets, excluded, connection, more_to_come)| Step::Publish {
            targets,
            excluded,
            connection,
            more_to_come,
        }),
        1 => any::<bool>().prop_map(|more_to_come| Step::Refused { more_to_come }),
        2 => Just(Step::Flush),
        1 => user().prop_map(Step::Join),
        1 => user().prop_map(Step::Leave),
        1 => Just(Step::Ask),
        1 => (0..20_000_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    #[test]
    fn p3_4_batches_change_neither_what_a_socket_gets_nor_the_order(
        steps in proptest::collection::vec(step(), 0..60),
    ) {
        let mut world = World::new(SETTINGS);
        let singles = world.join("a");
        let batches = world.join_for_batches("a");
        let mut others: Vec<(String, SocketId)> = Vec::new();
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Publish { targets, excluded, connection, more_to_come } => {
                    let targets = targets.map(|user| vec![user]);
                    let kind = format!("E{number}");
                    let body = json!({
                        "eventType": kind, "userIds": targets, "excludeUserId": excluded,
                        "excludeConnectionId": connection,
                    });
                    world.publish(&body.to_string(), more_to_come);
                }
                Step::Refused { more_to_come } => {
                    world.room.publish(b"{}", None, more_to_come, world.now).unwrap_err();
                }
                Step::Flush => world.room.flush(),
                Step::Join(user) => {
                    let socket = world.join(&user);
                    others.push((user, socket));
                }
                Step::Leave(user) => {
                    if let Some(place) = others.iter().position(|(other, _)| *other == user) {
                        let (_, socket) = others.remove(place);
                        world.leave(socket, CLEAN);
                    }
                }
                Step::Ask => {
                    for socket in [singles, batches] {
                        world.room.message(socket, Incoming::Text("{\"type\": \"PING\"}"), world.now);
                    }
                }
                Step::Pass(ms) => world.pass(ms),
            }
        }
        world.room.flush();
        prop_assert_eq!(world.told(batches), world.told(singles));
    }
}
