//! What a room takes that is encrypted, and what it refuses (P14.4, P14.5).

use proptest::prelude::*;
use serde_json::{Value, json};
use validiant_core::answer::Published;
use validiant_core::encryption::KeyEpoch;
use validiant_core::limits::{ClientEventLimits, Limits};
use validiant_core::member::SocketId;
use validiant_core::names::DocId;
use validiant_core::room::{Answered, Incoming, RoomSettings};
use validiant_core::room_call::document;
use validiant_core::wire::error_code::{ErrorCode, Refusal};

use crate::support::{CLIENT_EVENTS, LIMITS, SETTINGS, World};

/// Clients may talk to each other as much as they like.
const OPEN: RoomSettings = RoomSettings {
    takes_tokens: false,
    limits: Limits {
        client_message_burst: 10_000,
        publish_burst: 10_000,
        client_events: Some(CLIENT_EVENTS),
        ..LIMITS
    },
    ..SETTINGS
};
const NONCE: &str = "oKGio6Slpqeoqaqr";

fn world(floor: KeyEpoch) -> World {
    let mut world = World::new(OPEN);
    world.room.raise_key_epoch(floor, world.now).unwrap();
    world
}

fn sealed(epoch: KeyEpoch) -> String {
    format!(r#"{{"e2e":1,"k":{epoch},"n":"{NONCE}","c":"HKV1Gdy43_WYsVpJ"}}"#)
}

fn event(payload: &str) -> String {
    format!(r#"{{"eventType":"E","payload":{payload}}}"#)
}

fn publish(world: &mut World, body: &str, key: Option<&str>) -> Result<Published, Refusal> {
    world.room.publish(body.as_bytes(), key, false, world.now)
}

/// The code of a refusal, and the lowest epoch that comes with it.
fn refused(refusal: &Refusal) -> (&'static str, Option<KeyEpoch>) {
    (refusal.code.code, refusal.key_hint.as_ref().map(|hint| hint.min_key_epoch))
}

fn answer(world: &mut World, body: &str) -> Result<(), (&'static str, Option<KeyEpoch>)> {
    publish(world, body, None).map(drop).map_err(|refusal| refused(&refusal))
}

const STALE: Result<(), (&str, Option<KeyEpoch>)> = Err(("stale_key_epoch", Some(8)));
const NOT_ENCRYPTED: Result<(), (&str, Option<KeyEpoch>)> = Err(("not_encrypted", Some(8)));

#[test]
fn p14_4_a_broadcast_under_an_older_key_or_none_is_refused() {
    let mut world = world(8);
    let ben = world.join("ben");
    assert_eq!(answer(&mut world, &event(&sealed(7))), STALE);
    assert_eq!(answer(&mut world, &event(r#"{"taskId":"t1"}"#)), NOT_ENCRYPTED);
    assert_eq!(answer(&mut world, r#"{"eventType":"E"}"#), NOT_ENCRYPTED);
    let ephemeral = event(&sealed(7)).replace("}}", r#"},"ephemeral":true}"#);
    assert_eq!(answer(&mut world, &ephemeral), STALE);
    assert_eq!(world.told(ben), ["CONNECTED"]);
    for epoch in [8, 9] {
        assert_eq!(answer(&mut world, &event(&sealed(epoch))), Ok(()));
    }
    assert_eq!(world.seqs(ben), [1, 2], "a refused event has no number");
}

#[test]
fn p14_4_without_a_floor_everything_is_taken() {
    let mut world = World::new(OPEN);
    for body in [event(&sealed(1)), event("{}"), event(r#"{"e2e":1,"k":0}"#)] {
        assert_eq!(answer(&mut world, &body), Ok(()));
    }
}

#[test]
fn p14_4_an_event_that_says_so_is_taken_unencrypted() {
    let mut world = world(8);
    let ben = world.join("ben");
    let of = |plaintext| {
        format!(r#"{{"eventType":"E","payload":{{"taskId":"t1"}},"plaintext":{plaintext}}}"#)
    };
    assert_eq!(answer(&mut world, &of("false")), NOT_ENCRYPTED);
    assert_eq!(answer(&mut world, &of("true")), Ok(()));
    let expected = json!({
        "type": "E", "payload": { "taskId": "t1" }, "timestamp": world.now, "seq": 1,
    });
    assert_eq!(world.events(ben).pop().unwrap(), expected, "the field is not passed on");
}

#[test]
fn p14_4_a_list_is_taken_whole_or_not_at_all_and_the_error_names_the_event() {
    let mut world = world(8);
    let list = |last: &str| {
        let plain = r#"{"eventType":"P","plaintext":true}"#;
        format!(r#"{{"events":[{},{plain},{last}]}}"#, event(&sealed(8)))
    };
    for (last, code) in [(event(&sealed(7)), "stale_key_epoch"), (event("{}"), "not_encrypted")] {
        let refusal = publish(&mut world, &list(&last), None).unwrap_err();
        assert_eq!(refused(&refusal), (code, Some(8)));
        assert!(refusal.detail.unwrap().starts_with("events[2]: "));
    }
    let taken = publish(&mut world, &list(&event(&sealed(9))), None).unwrap();
    let seqs: Vec<_> = taken.deliveries.iter().map(|delivery| delivery.seq).collect();
    assert_eq!(seqs, [Some(1), Some(2), Some(3)]);
}

#[test]
fn p14_4_a_repeat_of_what_was_accepted_before_is_the_duplicate_that_it_is() {
    let mut world = world(7);
    let first = publish(&mut world, &event(&sealed(7)), Some("once")).unwrap();
    world.room.raise_key_epoch(8, world.now).unwrap();
    for crashes in [false, true] {
        if crashes {
            world.crash();
        }
        let again = publish(&mut world, &event(&sealed(7)), Some("once")).unwrap();
        assert_eq!((again.duplicate, again.deliveries[0].seq), (true, first.deliveries[0].seq));
        let other = publish(&mut world, &event(&sealed(8)), Some("once")).unwrap_err();
        assert_eq!(other.code, ErrorCode::IDEMPOTENCY_CONFLICT);
    }
    let refusal = publish(&mut world, &event(&sealed(7)), Some("twice")).unwrap_err();
    assert_eq!(refusal.code, ErrorCode::STALE_KEY_EPOCH);
    let anew = publish(&mut world, &event(&sealed(8)), Some("twice")).unwrap();
    assert!(!anew.duplicate, "what was refused has not used up its id");
}

#[test]
fn p14_4_the_server_s_own_event_of_a_document_is_taken() {
    let mut world = world(8);
    let body = document::changed(&DocId::parse("d").unwrap());
    assert_eq!(answer(&mut world, &body), Ok(()));
}

fn say(world: &mut World, socket: SocketId, text: &str) -> Answered {
    world.room.message(socket, Incoming::Text(text), world.now)
}

fn sends(payload: &str) -> String {
    format!(r#"{{"type":"SEND","eventType":"client-x","payload":{payload}}}"#)
}

fn sets(patch: &Value) -> String {
    json!({ "type": "PRESENCE_SET", "patch": patch }).to_string()
}

fn patch(epoch: KeyEpoch, ciphertext: &str) -> Value {
    json!({ "e2e": 1, "k": epoch, "n": NONCE, "c": ciphertext, "at": null })
}

/// What the last `ERROR` says but for people.
fn error(world: &World, socket: SocketId) -> Value {
    let mut error = world.events(socket).pop().unwrap();
    assert_eq!(error["type"], "ERROR");
    let mut payload = error["payload"].take();
    payload.as_object_mut().unwrap().remove("message").unwrap();
    payload
}

#[test]
fn p14_5_a_client_event_under_an_older_key_comes_back_with_its_nonce() {
    let mut world = world(8);
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    say(&mut world, ann, &sends(&sealed(7)));
    let stale = json!({ "code": "stale_key_epoch", "minKeyEpoch": 8, "nonce": NONCE });
    assert_eq!(error(&world, ann), stale);
    say(&mut world, ann, &sends(r#"{"on":true}"#));
    assert_eq!(error(&world, ann), json!({ "code": "not_encrypted", "minKeyEpoch": 8 }));
    assert!(matches!(say(&mut world, ann, &sends(&sealed(8))), Answered::Served));
    assert_eq!(world.told(ben), ["CONNECTED", "client-x"]);
}

#[test]
fn p14_5_in_a_list_each_message_is_judged_on_its_own() {
    let mut world = world(8);
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    let before = world.told(ann).len();
    let list = [sealed(8), sealed(7), "{}".into(), sealed(9)].map(|payload| sends(&payload));
    say(&mut world, ann, &format!("[{}]", list.join(",")));
    assert_eq!(world.told(ben), ["CONNECTED", "client-x", "client-x"]);
    assert_eq!(world.told(ann)[before..], ["ERROR", "ERROR"]);
}

#[test]
fn p14_5_who_may_not_send_hears_that_first() {
    let mut world = World::new(RoomSettings { takes_tokens: true, ..OPEN });
    world.room.raise_key_epoch(8, world.now).unwrap();
    let ann = world.join("ann");
    say(&mut world, ann, &sends(&sealed(7)));
    assert_eq!(error(&world, ann)["code"], "not_allowed");
    let nobody = world.join("");
    say(&mut world, nobody, &sets(&patch(7, "x")));
    assert_eq!(error(&world, nobody)["code"], "not_allowed");
}

#[test]
fn p14_5_presence_data_under_an_older_key_or_none_are_refused_and_change_nothing() {
    let mut world = world(8);
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    for (data, code) in [
        (patch(7, "x"), "stale_key_epoch"),
        (json!({ "at": "task:t1" }), "not_encrypted"),
        (json!({ "at": null }), "not_encrypted"),
        (json!({ "e2e": 1, "k": 8, "name": "Ann" }), "not_encrypted"),
    ] {
        say(&mut world, ann, &sets(&data));
        assert_eq!(error(&world, ann), json!({ "code": code, "minKeyEpoch": 8 }));
    }
    assert_eq!(world.told(ben), ["CONNECTED"]);
    say(&mut world, ann, &sets(&patch(8, "x")));
    assert_eq!(world.told(ben), ["CONNECTED", "USER_UPDATED ann"]);
    // Also if it is what the connection has already.
    world.room.raise_key_epoch(9, world.now).unwrap();
    say(&mut world, ann, &sets(&patch(8, "x")));
    assert_eq!(error(&world, ann), json!({ "code": "stale_key_epoch", "minKeyEpoch": 9 }));
}

#[test]
fn p14_6_presence_data_from_before_stand_until_they_are_replaced_as_a_whole() {
    let mut world = World::new(OPEN);
    let ann = world.join("ann");
    say(&mut world, ann, &sets(&json!({ "at": "task:t1", "name": "Ann" })));
    world.room.raise_key_epoch(8, world.now).unwrap();
    let data = |world: &mut World| {
        let ben = world.join("ben");
        let users = world.inbox(ben)[0]["payload"]["users"].clone();
        let of_ann = users.as_array().unwrap().iter().find(|user| user["userId"] == "ann");
        of_ann.unwrap()["data"][0]["data"].clone()
    };
    assert_eq!(data(&mut world), json!({ "at": "task:t1", "name": "Ann" }));
    say(&mut world, ann, &sets(&patch(8, "x")));
    let mut expected = patch(8, "x");
    expected.as_object_mut().unwrap().remove("at");
    assert_eq!(data(&mut world), expected);
}

#[test]
fn p14_6_events_from_before_are_replayed_as_they_were() {
    let mut world = World::new(OPEN);
    publish(&mut world, &event(r#"{"taskId":"t1"}"#), None).unwrap();
    publish(&mut world, &event(&sealed(7)), None).unwrap();
    let position = format!("{}:1", world.state()["epoch"].as_str().unwrap());
    world.room.raise_key_epoch(8, world.now).unwrap();
    let (ann, connected) = world.return_since("ann", &position);
    assert_eq!((connected.recovered, connected.replayed), (true, 1));
    let replayed = world.events(ann).pop().unwrap();
    assert_eq!(replayed["payload"].to_string(), sealed(7).parse::<Value>().unwrap().to_string());
}

#[test]
fn p14_5_a_refused_event_uses_up_nothing_that_the_room_may_pass_on() {
    let client_events = ClientEventLimits { client_delivery_burst: 1, ..CLIENT_EVENTS };
    let limits = Limits { client_events: Some(client_events), ..OPEN.limits };
    let mut world = World::new(RoomSettings { limits, ..OPEN });
    world.room.raise_key_epoch(8, world.now).unwrap();
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    for _ in 0..3 {
        say(&mut world, ann, &sends(&sealed(7)));
    }
    say(&mut world, ann, &sends(&sealed(8)));
    assert_eq!(world.told(ben), ["CONNECTED", "client-x"]);
}

/// Something that happens to a project.
#[derive(Debug, Clone)]
enum Step {
    Raise(KeyEpoch),
    Remove(KeyEpoch),
    Publish(Option<KeyEpoch>),
    Send(Option<KeyEpoch>),
    Set(Option<KeyEpoch>),
    Evict,
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let epoch = 1..6_u32;
    let maybe = proptest::option::weighted(0.8, epoch.clone());
    prop_oneof![
        epoch.clone().prop_map(Step::Raise),
        (0..6_u32).prop_map(Step::Remove),
        maybe.clone().prop_map(Step::Publish),
        maybe.clone().prop_map(Step::Send),
        maybe.prop_map(Step::Set),
        Just(Step::Evict),
        Just(Step::Crash),
    ]
}

proptest! {
    #[test]
    fn p14_2_exactly_what_is_not_below_the_highest_epoch_ever_asked_for_is_taken(
        steps in proptest::collection::vec(step(), 0..40),
    ) {
        let (mut world, mut floor) = (World::new(OPEN), 0);
        let mut ann = world.join("ann");
        for step in steps {
            let payload = |epoch: Option<KeyEpoch>| epoch.map_or("{}".into(), sealed);
            let is_taken = |epoch: Option<KeyEpoch>| floor == 0 || epoch >= Some(floor);
            let served = |answered| matches!(answered, Answered::Served);
            match step {
                Step::Raise(epoch) => {
                    floor = floor.max(epoch);
                    let raised = world.room.raise_key_epoch(epoch, world.now).unwrap();
                    prop_assert_eq!(raised.min_key_epoch, floor);
                }
                Step::Remove(epoch) => {
                    floor = floor.max(epoch);
                    prop_assert_eq!(world.remove_with("eve", 1_000, epoch).min_key_epoch, floor);
                }
                Step::Publish(epoch) => {
                    let taken = answer(&mut world, &event(&payload(epoch)));
                    prop_assert_eq!(taken.is_ok(), is_taken(epoch), "{:?}", epoch);
                }
                Step::Send(epoch) => {
                    let answered = say(&mut world, ann, &sends(&payload(epoch)));
                    prop_assert_eq!(served(answered), is_taken(epoch), "{:?}", epoch);
                }
                Step::Set(epoch) => {
                    let data = epoch.map_or(json!({}), |epoch| patch(epoch, "x"));
                    let answered = say(&mut world, ann, &sets(&data));
                    prop_assert_eq!(served(answered), is_taken(epoch), "{:?}", epoch);
                }
                Step::Evict => world.evict(),
                Step::Crash => {
                    world.crash();
                    ann = world.join("ann");
                }
            }
        }
    }
}
