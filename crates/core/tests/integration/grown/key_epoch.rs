//! What is on its way from a leaf while the lowest key epoch goes up (P14.2, P15.8).

use serde_json::json;
use validiant_core::encryption::KeyEpoch;
use validiant_core::member::SocketId;
use validiant_core::room::Incoming;
use validiant_core::tree::{Call, Place};

use super::world::{At, Grown};

const BEFORE: KeyEpoch = 7;
const AFTER: KeyEpoch = 8;
const NONCE: &str = "AAAAAAAAAAAAAAAA";

/// A room that takes key epochs from `BEFORE` on, somebody at a leaf, and somebody at the root.
fn encrypted() -> (Grown, At, At) {
    let (mut grown, sockets) = Grown::with_users(5, 12);
    raise(&mut grown, BEFORE);
    grown.pump();
    let is_at_root = |at: &&At| at.place == Place::ROOT;
    let at_root = *sockets.values().find(is_at_root).unwrap();
    let at_leaf = *sockets.values().find(|at| !is_at_root(at)).unwrap();
    (grown, at_leaf, at_root)
}

fn raise(grown: &mut Grown, epoch: KeyEpoch) {
    let now = grown.now;
    grown.root().raise_key_epoch(epoch, now).unwrap();
}

/// Lets a client say something under a key, and makes no call for it.
fn say(grown: &mut Grown, at: At, epoch: KeyEpoch) {
    let text = format!(
        r#"{{"type":"SEND","eventType":"client-x","payload":{{"e2e":1,"k":{epoch},"n":"{NONCE}","c":"YQ"}}}}"#
    );
    let now = grown.now;
    grown.object(at.place).room.message(SocketId(at.socket.0), Incoming::Text(&text), now);
}

/// The next call of a place, which is on its way then.
fn call_of(grown: &mut Grown, place: Place) -> Call {
    let now = grown.now;
    grown.object(place).room.next_call(now).unwrap()
}

/// The call arrives, and so does its answer.
fn arrives(grown: &mut Grown, from: Place, call: &Call) {
    let now = grown.now;
    let answer = grown.object(call.to).room.called(&call.text, now);
    grown.object(from).room.answered(call.to, &answer, now);
}

#[test]
fn p14_2_what_a_client_of_a_leaf_says_under_the_key_in_force_reaches_the_others() {
    let (mut grown, at_leaf, at_root) = encrypted();
    say(&mut grown, at_leaf, BEFORE);
    grown.pump();
    assert_eq!(grown.of_type(at_root, "client-x").len(), 1);
}

#[test]
fn p14_2_what_is_on_its_way_from_a_leaf_while_the_epoch_goes_up_reaches_nobody_and_is_refused() {
    let (mut grown, at_leaf, at_root) = encrypted();
    say(&mut grown, at_leaf, BEFORE);
    let late = call_of(&mut grown, at_leaf.place);
    raise(&mut grown, AFTER);
    grown.pump();
    arrives(&mut grown, at_leaf.place, &late);
    grown.pump();
    assert_eq!(grown.of_type(at_root, "client-x"), [json!(null); 0]);
    let error = grown.of_type(at_leaf, "ERROR").remove(0);
    assert_eq!(
        (&error["payload"]["code"], &error["payload"]["nonce"]),
        (&json!("stale_key_epoch"), &json!(NONCE))
    );
}

#[test]
fn p14_5_what_waits_at_a_leaf_while_the_epoch_goes_up_is_refused_with_its_nonce() {
    let (mut grown, at_leaf, at_root) = encrypted();
    say(&mut grown, at_leaf, BEFORE);
    let first = call_of(&mut grown, at_leaf.place);
    say(&mut grown, at_leaf, BEFORE);
    say(&mut grown, at_leaf, AFTER);
    raise(&mut grown, AFTER);
    grown.pump();
    let errors = grown.of_type(at_leaf, "ERROR");
    assert_eq!(errors.len(), 1, "only what is under the older key");
    assert_eq!(errors[0]["payload"]["code"], "stale_key_epoch");
    assert_eq!(errors[0]["payload"]["nonce"], NONCE);
    arrives(&mut grown, at_leaf.place, &first);
    grown.pump();
    let heard = grown.of_type(at_root, "client-x");
    let epochs: Vec<_> = heard.iter().map(|frame| frame["payload"]["k"].clone()).collect();
    assert_eq!(epochs, [json!(AFTER)]);
}
