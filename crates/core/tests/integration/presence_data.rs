//! What connections say of themselves, and who hears it (P12).

use serde_json::{Value, json};
use validiant_core::limits::{ClientEventLimits, Limits};
use validiant_core::member::{Member, SocketId, User};
use validiant_core::names::{ConnectionId, UserName};
use validiant_core::room::{Answered, Incoming, RoomSettings};

use crate::support::{LIMITS, SETTINGS, World};

const CLEAN: u16 = 1000;
const BROKEN: u16 = 1006;
/// So many users make a room large.
const FEW: usize = 3;

const ON: RoomSettings = RoomSettings {
    limits: Limits {
        client_message_burst: 1_000,
        client_events: Some(ClientEventLimits {
            client_deliveries_per_second: 10,
            client_delivery_burst: 1_000,
            presence_data_bytes: 64,
        }),
        ..LIMITS
    },
    ..SETTINGS
};
const LARGE: RoomSettings = RoomSettings { presence_events_max: FEW, ..ON };

fn patch(world: &mut World, socket: SocketId, patch: Value) -> Answered {
    let message = json!({ "type": "PRESENCE_SET", "patch": patch }).to_string();
    world.room.message(socket, Incoming::Text(&message), world.now)
}

fn set(world: &mut World, socket: SocketId, data: Value) {
    let answered = patch(world, socket, data);
    assert!(matches!(answered, Answered::Served), "{answered:?}");
}

fn refusal(world: &mut World, socket: SocketId, data: Value) -> &'static str {
    match patch(world, socket, data) {
        Answered::Refused(refusal) => refusal.code.code,
        answered => panic!("{answered:?}"),
    }
}

fn join(world: &mut World, user: &str, connection: &str) -> SocketId {
    world.join_as(user, None, connection)
}

/// What a socket was told of users since it was asked last: the user, what the frame says of connections, and whether
/// they are waited for.
fn updates(world: &World, socket: SocketId, read: &mut usize) -> Vec<(String, Value, bool)> {
    let events = world.events(socket);
    let new = events.iter().skip(std::mem::replace(read, events.len()));
    new.filter(|event| event["type"] == "USER_UPDATED")
        .map(|event| {
            let payload = &event["payload"];
            let user = payload["userId"].as_str().unwrap().to_owned();
            (user, payload["data"].clone(), payload["leavesAt"].is_u64())
        })
        .collect()
}

fn told(world: &World, socket: SocketId) -> Vec<(String, Value, bool)> {
    updates(world, socket, &mut 0)
}

fn of(user: &str, connection: &str, data: Value) -> (String, Value, bool) {
    (user.to_owned(), json!([{ "connectionId": connection, "data": data }]), false)
}

fn about(user: &str, is_waited_for: bool) -> (String, Value, bool) {
    (user.to_owned(), Value::Null, is_waited_for)
}

/// The data that `CONNECTED` has of a user.
fn listed(world: &World, socket: SocketId, user: &str) -> Value {
    let inbox = world.inbox(socket);
    let users = inbox[0]["payload"]["users"].as_array().unwrap().clone();
    users.into_iter().find(|it| it["userId"] == user).unwrap()["data"].take()
}

#[test]
fn p12_5_every_other_socket_hears_all_data_of_the_connection_that_changed() {
    let mut world = World::new(ON);
    let (ann, other) = (join(&mut world, "ann", "a1"), join(&mut world, "ann", "a2"));
    let (ben, nobody) = (join(&mut world, "ben", "b"), join(&mut world, "", "x"));
    set(&mut world, ann, json!({ "at": "t1", "n": 1 }));
    set(&mut world, ann, json!({ "n": null, "m": [2] }));
    let both = [
        of("ann", "a1", json!({ "at": "t1", "n": 1 })),
        of("ann", "a1", json!({ "at": "t1", "m": [2] })),
    ];
    for socket in [other, ben, nobody] {
        assert_eq!(told(&world, socket), both);
    }
    assert_eq!(told(&world, ann), []);
    set(&mut world, ann, json!({ "at": null, "m": null }));
    assert_eq!(told(&world, ben).last().unwrap(), &of("ann", "a1", Value::Null));
}

#[test]
fn p12_5_the_rest_of_the_payload_is_the_entry_of_the_user() {
    let mut world = World::new(ON);
    let joined_at = world.now;
    let ann = world.join_as("ann", Some("Ann"), "a");
    let ben = join(&mut world, "ben", "b");
    set(&mut world, ann, json!({ "n": 1 }));
    let payload = json!({
        "userId": "ann", "userName": "Ann", "joinedAt": joined_at, "verified": false,
        "data": [{ "connectionId": "a", "data": { "n": 1 } }], "projectId": "p1",
    });
    assert_eq!(world.inbox(ben).last().unwrap()["payload"], payload);
}

#[test]
fn p12_5_a_patch_that_changes_nothing_is_told_to_nobody() {
    let mut world = World::new(ON);
    let (ann, ben) = (join(&mut world, "ann", "a"), join(&mut world, "ben", "b"));
    set(&mut world, ann, json!({ "n": 1 }));
    for same in [json!({ "n": 1 }), json!({}), json!({ "m": null })] {
        set(&mut world, ann, same);
    }
    assert_eq!(told(&world, ben).len(), 1);
}

#[test]
fn p12_4_whoever_comes_is_told_the_data_of_each_connection_oldest_first() {
    let mut world = World::new(ON);
    let (first, second) = (join(&mut world, "ann", "z"), join(&mut world, "ann", "a"));
    join(&mut world, "ben", "z");
    set(&mut world, second, json!({ "n": 2 }));
    set(&mut world, first, json!({ "n": 1 }));
    for is_evicted in [false, true] {
        if is_evicted {
            world.evict();
        }
        let cy = join(&mut world, "cy", "c");
        let data = json!([
            { "connectionId": "z", "data": { "n": 1 } },
            { "connectionId": "a", "data": { "n": 2 } },
        ]);
        assert_eq!(listed(&world, cy, "ann"), data);
        assert_eq!(listed(&world, cy, "ben"), Value::Null);
        world.leave(cy, CLEAN);
    }
}

#[test]
fn p12_2_only_a_user_who_is_present_has_data() {
    let mut world = World::new(ON);
    let nobody = world.join("");
    let listens = Member { is_present: false, ..world.member("ann") };
    let listener = world.connect(listens, None).unwrap().0;
    let ben = world.join("ben");
    for socket in [nobody, listener] {
        assert_eq!(refusal(&mut world, socket, json!({ "n": 1 })), "not_allowed");
    }
    assert_eq!(told(&world, ben), []);
}

#[test]
fn p12_2_what_is_refused_changes_nothing() {
    let mut world = World::new(ON);
    let (ann, ben) = (join(&mut world, "ann", "a"), join(&mut world, "ben", "b"));
    let longest = json!({ "n": "x".repeat(64 - r#"{"n":""}"#.len()) });
    set(&mut world, ann, longest.clone());
    assert_eq!(refusal(&mut world, ann, json!({ "m": 1 })), "presence_data_too_big");
    for malformed in [json!({ "at": 7 }), json!([]), json!(null), json!("x")] {
        assert_eq!(refusal(&mut world, ann, malformed), "malformed_message");
    }
    let cy = join(&mut world, "cy", "c");
    assert_eq!(listed(&world, cy, "ann")[0]["data"], longest);
    assert_eq!(told(&world, ben).len(), 1);
}

#[test]
fn p12_2_with_a_limit_of_0_there_are_no_data() {
    let mut limits = ON.limits;
    limits.client_events.as_mut().unwrap().presence_data_bytes = 0;
    let mut world = World::new(RoomSettings { limits, ..ON });
    let ann = world.join("ann");
    assert_eq!(refusal(&mut world, ann, json!({ "n": 1 })), "presence_data_too_big");
    set(&mut world, ann, json!({ "n": null }));
}

#[test]
fn p11_5_a_change_counts_once_for_each_socket_that_it_goes_to() {
    let mut limits = ON.limits;
    limits.client_events.as_mut().unwrap().client_delivery_burst = 3;
    let mut world = World::new(RoomSettings { limits, ..ON });
    let (ann, ben) = (join(&mut world, "ann", "a"), join(&mut world, "ben", "b"));
    let cy = join(&mut world, "cy", "c");
    set(&mut world, ann, json!({ "n": 1 }));
    assert_eq!(refusal(&mut world, ann, json!({ "n": 2 })), "rate_limited");
    let error = world.inbox(ann).pop().unwrap();
    assert_eq!(error["payload"]["limit"], "clientDeliveriesPerSecond");
    world.pass(error["payload"]["retryAfterMs"].as_u64().unwrap());
    set(&mut world, ann, json!({ "n": 3 }));
    let heard = [of("ann", "a", json!({ "n": 1 })), of("ann", "a", json!({ "n": 3 }))];
    for socket in [ben, cy] {
        assert_eq!(told(&world, socket), heard);
    }
}

#[test]
fn p12_5_the_end_of_one_of_several_connections_takes_its_data_along() {
    let mut world = World::new(ON);
    let ben = join(&mut world, "ben", "b");
    let (one, two) = (join(&mut world, "ann", "a1"), join(&mut world, "ann", "a2"));
    let silent = join(&mut world, "ann", "a3");
    set(&mut world, one, json!({ "n": 1 }));
    let mut read = 0;
    updates(&world, ben, &mut read);
    for (socket, code) in [(silent, BROKEN), (one, BROKEN)] {
        world.leave(socket, code);
    }
    assert_eq!(updates(&world, ben, &mut read), [of("ann", "a1", Value::Null)]);
    assert_eq!(told(&world, two).last().unwrap(), &of("ann", "a1", Value::Null));
}

#[test]
fn p12_6_in_the_grace_period_the_last_data_stand() {
    let mut world = World::new(ON);
    let (ann, ben) = (join(&mut world, "ann", "a"), join(&mut world, "ben", "b"));
    set(&mut world, ann, json!({ "n": 1 }));
    let mut read = 0;
    updates(&world, ben, &mut read);
    world.leave(ann, BROKEN);
    assert_eq!(updates(&world, ben, &mut read), [about("ann", true)]);
    for is_evicted in [false, true] {
        if is_evicted {
            world.evict();
        }
        let cy = join(&mut world, "cy", "c");
        assert_eq!(
            listed(&world, cy, "ann")[0],
            json!({ "connectionId": "a", "data": { "n": 1 } })
        );
        assert_eq!(world.inbox(cy)[0]["payload"]["users"][0]["leavesAt"], world.now + 10_000);
        world.leave(cy, CLEAN);
    }
    world.pass(ON.presence_grace_ms);
    assert_eq!(world.told(ben).last().unwrap(), "USER_LEFT ann");
}

#[test]
fn p12_6_a_user_who_returns_with_the_same_connection_has_its_data() {
    for is_evicted in [false, true] {
        let mut world = World::new(ON);
        let (ann, ben) = (join(&mut world, "ann", "a"), join(&mut world, "ben", "b"));
        set(&mut world, ann, json!({ "n": 1 }));
        world.leave(ann, BROKEN);
        if is_evicted {
            world.evict();
        }
        let again = join(&mut world, "ann", "a");
        assert_eq!(listed(&world, again, "ann")[0]["data"], json!({ "n": 1 }));
        assert_eq!(told(&world, ben)[1..], [about("ann", true), about("ann", false)]);
        assert_eq!(told(&world, again), []);
        set(&mut world, again, json!({ "m": 2 }));
        let both = of("ann", "a", json!({ "m": 2, "n": 1 }));
        assert_eq!(told(&world, ben).last().unwrap(), &both);
    }
}

#[test]
fn p12_6_a_user_who_returns_with_another_connection_has_none() {
    let mut world = World::new(ON);
    let (ann, ben) = (join(&mut world, "ann", "a"), join(&mut world, "ben", "b"));
    set(&mut world, ann, json!({ "n": 1 }));
    world.leave(ann, BROKEN);
    let again = join(&mut world, "ann", "other");
    assert_eq!(listed(&world, again, "ann"), Value::Null);
    assert_eq!(told(&world, ben).last().unwrap(), &of("ann", "a", Value::Null));
    world.leave(again, BROKEN);
    let cy = join(&mut world, "cy", "c");
    assert_eq!(listed(&world, cy, "ann"), Value::Null);
}

#[test]
fn p12_6_the_data_of_one_user_are_never_those_of_another_with_the_same_connection() {
    let mut world = World::new(ON);
    let ann = join(&mut world, "ann", "same");
    set(&mut world, ann, json!({ "n": 1 }));
    let ben = join(&mut world, "ben", "same");
    assert_eq!(listed(&world, ben, "ben"), Value::Null);
    world.leave(ann, BROKEN);
    let cy = join(&mut world, "cy", "same");
    assert_eq!(listed(&world, cy, "cy"), Value::Null);
    assert_eq!(listed(&world, cy, "ann")[0]["data"], json!({ "n": 1 }));
}

#[test]
fn p12_6_a_socket_that_overlaps_has_the_same_data_and_the_end_of_the_old_one_is_not_told() {
    let mut world = World::new(ON);
    let (old, ben) = (join(&mut world, "ann", "a"), join(&mut world, "ben", "b"));
    set(&mut world, old, json!({ "n": 1 }));
    let new = join(&mut world, "ann", "a");
    let once = json!([{ "connectionId": "a", "data": { "n": 1 } }]);
    assert_eq!(listed(&world, new, "ann"), once);
    // What was under way on the old one.
    set(&mut world, old, json!({ "n": 2 }));
    set(&mut world, new, json!({ "m": 3 }));
    let heard = told(&world, ben);
    assert_eq!(heard.last().unwrap(), &of("ann", "a", json!({ "m": 3, "n": 2 })));
    world.leave(old, BROKEN);
    assert_eq!(told(&world, ben).len(), heard.len());
    world.evict();
    let cy = join(&mut world, "cy", "c");
    assert_eq!(listed(&world, cy, "ann")[0]["data"], json!({ "m": 3, "n": 2 }));
}

#[test]
fn p12_8_a_crash_takes_the_data_of_sockets_and_leaves_those_of_the_grace_period() {
    let mut world = World::new(ON);
    let (ann, ben) = (join(&mut world, "ann", "a"), join(&mut world, "ben", "b"));
    for socket in [ann, ben] {
        set(&mut world, socket, json!({ "n": 1 }));
    }
    world.leave(ann, BROKEN);
    world.crash();
    let cy = join(&mut world, "cy", "c");
    assert_eq!(listed(&world, cy, "ann")[0]["data"], json!({ "n": 1 }));
    assert_eq!(listed(&world, cy, "ben"), Value::Null);
    join(&mut world, "ben", "b");
    assert_eq!(told(&world, cy), [about("ben", false)]);
}

#[test]
fn p12_8_data_are_written_in_no_row_of_their_own() {
    let mut world = World::new(ON);
    let (ann, ben) = (join(&mut world, "ann", "a"), join(&mut world, "ben", "b"));
    let before = world.rows_written();
    for n in 0..20 {
        set(&mut world, ann, json!({ "n": n }));
    }
    world.leave(ben, CLEAN);
    assert_eq!(world.rows_written(), before + 1);
    world.leave(ann, BROKEN);
    // The entry, and the alarm for its end.
    assert_eq!(world.rows_written(), before + 3);
}

#[test]
fn p12_5_a_changed_name_or_picture_is_told_to_all_others() {
    let mut world = World::new(ON);
    let (ann, ben) = (world.join_as("ann", Some("Ann"), "a"), join(&mut world, "ben", "b"));
    let other = world.join_as("ann", Some("Anna"), "a2");
    world.join_as("ann", Some("Anna"), "a3");
    for socket in [ann, ben] {
        let heard: Vec<Value> = world.inbox(socket);
        let updated = heard.iter().filter(|it| it["type"] == "USER_UPDATED");
        let names: Vec<&Value> = updated.map(|it| &it["payload"]["userName"]).collect();
        assert_eq!(names, ["Anna"]);
    }
    assert_eq!(told(&world, other), []);
}

/// A large room: four users without a place, and these.
fn crowd() -> World {
    let mut world = World::new(LARGE);
    for user in ["u1", "u2", "u3", "u4"] {
        join(&mut world, user, user);
    }
    world
}

#[test]
fn p12_7_in_a_large_room_only_those_at_the_same_place_hear_each_other() {
    let mut world = crowd();
    let [ann, ben, cy] = ["ann", "ben", "cy"].map(|user| join(&mut world, user, user));
    set(&mut world, ben, json!({ "at": "x" }));
    set(&mut world, cy, json!({ "at": "y" }));
    set(&mut world, ann, json!({ "at": "x" }));
    set(&mut world, ann, json!({ "n": 1 }));
    set(&mut world, ann, json!({ "at": "y" }));
    let at = |at: &str| json!({ "at": at });
    let there = of("ann", "ann", json!({ "at": "y", "n": 1 }));
    let heard = [of("ann", "ann", at("x")), of("ann", "ann", json!({ "at": "x", "n": 1 }))];
    assert_eq!(told(&world, ben), [&heard[..], std::slice::from_ref(&there)].concat());
    assert_eq!(told(&world, cy), [there]);
    // Who was there already.
    assert_eq!(told(&world, ann), [of("ben", "ben", at("x")), of("cy", "cy", at("y"))]);
}

#[test]
fn p12_7_a_large_room_lists_no_data_and_a_room_that_is_small_again_all() {
    let mut world = crowd();
    let ann = join(&mut world, "ann", "a");
    set(&mut world, ann, json!({ "n": 1 }));
    world.leave(ann, BROKEN);
    let watcher = join(&mut world, "", "w");
    let users = &world.inbox(watcher)[0]["payload"]["users"];
    assert!(users.as_array().unwrap().iter().all(|user| user["data"].is_null()), "{users}");
    assert!(!users.to_string().contains("leavesAt"));
    let mut world = World::new(LARGE);
    let watcher = join(&mut world, "", "w");
    let [ann, .., last] = ["ann", "u1", "u2", "u3"].map(|user| join(&mut world, user, user));
    set(&mut world, ann, json!({ "n": 1 }));
    assert_eq!(told(&world, watcher), []);
    world.leave(last, CLEAN);
    let presence = world.inbox(watcher).pop().unwrap();
    assert_eq!(presence["payload"]["users"][0]["data"][0]["data"], json!({ "n": 1 }));
}

#[test]
fn p12_7_in_a_large_room_ends_and_returns_are_told_at_the_place() {
    let mut world = crowd();
    let [ann, ben, cy] = ["ann", "ben", "cy"].map(|user| join(&mut world, user, user));
    for socket in [ann, ben, cy] {
        set(&mut world, socket, json!({ "at": if socket == cy { "y" } else { "x" } }));
    }
    let mut read = 0;
    updates(&world, ben, &mut read);
    world.leave(ann, BROKEN);
    let ann = join(&mut world, "ann", "ann");
    assert_eq!(updates(&world, ben, &mut read), [about("ann", true), about("ann", false)]);
    // Others may have come to the place or left it meanwhile.
    assert_eq!(told(&world, ann), [of("ben", "ben", json!({ "at": "x" }))]);
    world.leave(ann, CLEAN);
    assert_eq!(updates(&world, ben, &mut read), [of("ann", "ann", Value::Null)]);
    let ann = join(&mut world, "ann", "ann");
    set(&mut world, ann, json!({ "at": "x" }));
    world.leave(ann, BROKEN);
    world.pass(ON.presence_grace_ms);
    let last = updates(&world, ben, &mut read);
    assert_eq!(last[1..], [about("ann", true), of("ann", "ann", Value::Null)]);
    assert_eq!(told(&world, cy), []);
}

#[test]
fn p12_7_whoever_comes_to_a_place_is_told_of_at_most_100_connections() {
    let mut world = crowd();
    for number in 0..101 {
        let socket = join(&mut world, &format!("v{number}"), "v");
        set(&mut world, socket, json!({ "at": "x" }));
        world.pass(20_000);
    }
    let ann = world.join_for_batches("ann");
    set(&mut world, ann, json!({ "at": "x" }));
    let frame = world.inbox(ann).pop().unwrap();
    assert_eq!(frame.as_array().unwrap().len(), 100, "in one frame");
}

#[test]
fn p12_7_a_user_who_is_removed_is_gone_from_each_of_their_places() {
    let mut world = crowd();
    let [one, two] = ["a1", "a2"].map(|connection| join(&mut world, "ann", connection));
    let [ben, cy] = ["ben", "cy"].map(|user| join(&mut world, user, user));
    for (socket, at) in [(one, "x"), (two, "y"), (ben, "x"), (cy, "y")] {
        set(&mut world, socket, json!({ "at": at }));
    }
    world.remove("ann", 0);
    assert_eq!(told(&world, ben).last().unwrap(), &of("ann", "a1", Value::Null));
    assert_eq!(told(&world, cy).last().unwrap(), &of("ann", "a2", Value::Null));
}

#[test]
fn p12_7_in_a_large_room_a_changed_name_is_told_where_the_user_is() {
    let mut world = crowd();
    let [ann, ben, cy] = ["ann", "ben", "cy"].map(|user| join(&mut world, user, user));
    for (socket, at) in [(ann, "x"), (ben, "x"), (cy, "y")] {
        set(&mut world, socket, json!({ "at": at }));
    }
    let [before, elsewhere] = [ben, cy].map(|socket| told(&world, socket).len());
    world.join_as("ann", Some("Ann"), "a2");
    assert_eq!(told(&world, ben)[before..], [about("ann", false)]);
    assert_eq!(told(&world, cy).len(), elsewhere);
}

#[test]
fn without_client_events_no_frame_says_anything_of_it() {
    let mut world = World::new(SETTINGS);
    let member = Member { connection_id: ConnectionId::parse("a").unwrap(), ..world.member("ann") };
    let named = |name| User { name: UserName::parse(name).ok(), ..member.user.clone().unwrap() };
    let (ben, ann) = (world.join("ben"), world.connect(member.clone(), None).unwrap().0);
    assert_eq!(refusal(&mut world, ann, json!({ "n": 1 })), "client_events_disabled");
    world.leave(ann, BROKEN);
    let renamed = Member { user: Some(named("Ann")), ..member.clone() };
    world.connect(renamed, None).unwrap();
    world.connect(Member { user: Some(named("Anna")), ..member }, None).unwrap();
    assert_eq!(world.told(ben), ["CONNECTED", "USER_JOINED ann"]);
    let cy = world.join("cy");
    assert!(!world.inbox(cy)[0].to_string().contains("leavesAt"));
}
