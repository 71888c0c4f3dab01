//! What the root refuses of what a leaf says, and what is certain before it has answered (P11.5, P14.5, P15.9).

use validiant_core::limits::Exceeded;
use validiant_core::member::SocketId;
use validiant_core::tree::Readiness;
use validiant_core::tree::wire::{Entry, Refused, Up, UpAnswer, UpOutcome};

use super::entries::{data_told, heard_at, told_by_root, who_is_at};
use super::leaf_world::LeafWorld;

const LIMIT: &str = "clientDeliveriesPerSecond";

/// The root answers a call of the leaf: it refuses what is said first.
fn refuse_first(world: &mut LeafWorld, call: &Up) {
    let mut refused = vec![None; call.entries.len()];
    refused[0] = Some(Exceeded { limit: LIMIT, retry_after_ms: Some(300) }.into());
    world.answer(&UpAnswer { refused, ..world.up_answer(UpOutcome::Done) });
}

/// A leaf with a client that moves to the board, and the call that says so.
fn moving_to_the_board() -> (LeafWorld, String, SocketId, Up) {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let socket = world.join(&user);
    world.answer_calls();
    world.set(socket, r#"{"at":"board"}"#);
    let call = world.next_up().unwrap();
    (world, user, socket, call)
}

#[test]
fn p11_5_a_change_that_the_root_refuses_is_taken_back_and_its_client_told() {
    let (mut world, _, socket, call) = moving_to_the_board();
    refuse_first(&mut world, &call);
    let error = world.frames(socket).remove(1);
    assert_eq!(
        (error["type"].as_str(), error["payload"]["limit"].as_str()),
        (Some("ERROR"), Some(LIMIT))
    );
    assert_eq!(
        world.down(vec![heard_at("board", None)]).reached[0].recipients,
        0,
        "it is not there"
    );
    world.set(socket, r#"{"at":"board"}"#);
    assert_eq!(world.types(socket), ["CONNECTED", "ERROR", "ERROR"], "without asking the root");
    assert_eq!(world.answer_calls().len(), 0);
    world.now += 300;
    world.set(socket, r#"{"at":"board"}"#);
    assert_eq!(world.answer_calls().len(), 2, "the change, and the question who is there");
}

#[test]
fn p15_9_a_client_that_moves_hears_nothing_of_others_until_that_is_certain() {
    let (mut world, _, socket) = LeafWorld::at_the_board();
    world.set(socket, r#"{"at":"task"}"#);
    world.set(socket, r#"{"at":"list"}"#);
    let call = world.next_up().unwrap();
    let reached = |world: &mut LeafWorld| {
        let said = ["board", "task", "list"].map(|at| heard_at(at, None));
        world.down(said.to_vec()).reached.iter().map(|it| it.recipients).collect::<Vec<_>>()
    };
    assert_eq!(reached(&mut world), [0, 0, 0]);
    let refused = vec![None; call.entries.len()];
    world.answer(&UpAnswer { refused, ..world.up_answer(UpOutcome::Done) });
    world.answer_calls();
    assert_eq!(world.types(socket), ["CONNECTED"], "it is told who is there by those who are");
    assert_eq!(reached(&mut world), [0, 0, 1]);
}

#[test]
fn p15_9_a_client_whose_move_is_refused_is_told_what_it_has_not_heard_where_it_was() {
    let (mut world, _, socket) = LeafWorld::at_the_board();
    world.set(socket, r#"{"at":"task"}"#);
    let call = world.next_up().unwrap();
    world.down(["board", "task", "board"].map(|at| heard_at(at, None)).to_vec());
    assert_eq!(world.types(socket), ["CONNECTED"]);
    refuse_first(&mut world, &call);
    assert_eq!(world.types(socket), ["CONNECTED", "ERROR", "USER_UPDATED", "USER_UPDATED"]);
}

#[test]
fn p15_9_a_client_whose_move_is_refused_after_it_has_missed_too_much_connects_anew() {
    let (mut world, _, socket) = LeafWorld::at_the_board();
    world.set(socket, r#"{"at":"task"}"#);
    let call = world.next_up().unwrap();
    world.down((0..300).map(|_| heard_at("board", None)).collect());
    refuse_first(&mut world, &call);
    assert_eq!(world.types(socket), ["CONNECTED", "ERROR"]);
    assert_eq!(world.close_of(socket).map(|closing| closing.code.number), Some(4200));
}

#[test]
fn p15_9_whoever_was_introduced_to_a_connection_whose_move_is_refused_is_told() {
    let (mut world, _, _, call) = moving_to_the_board();
    world.down(vec![who_is_at("board")]);
    refuse_first(&mut world, &call);
    let said = world.answer_calls();
    assert!(matches!(&said[0], Entry::One { .. }), "{said:?}");
    assert_eq!(data_told(&said), [(vec!["board".to_owned()], serde_json::Value::Null)]);
}

#[test]
fn p15_9_whoever_was_told_again_what_is_refused_then_is_told_what_stands() {
    let (mut world, user, _, call) = moving_to_the_board();
    world.down(vec![told_by_root(&user, None)]);
    refuse_first(&mut world, &call);
    let at_board = serde_json::json!({ "at": "board" });
    let board = || vec!["board".to_owned()];
    assert_eq!(
        data_told(&world.answer_calls()),
        [(board(), at_board), (board(), serde_json::Value::Null)]
    );
}

#[test]
fn p11_5_a_change_that_is_refused_and_that_nobody_was_told_is_not_told_then() {
    let (mut world, _, _, call) = moving_to_the_board();
    refuse_first(&mut world, &call);
    assert_eq!(data_told(&world.answer_calls()), []);
}

#[test]
fn p15_9_a_client_that_comes_back_while_it_moves_waits_until_that_is_certain() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(2);
    let socket = world.join(&users[0]);
    world.answer_calls();
    world.set(socket, r#"{"at":"board"}"#);
    let call = world.next_up().unwrap();
    assert_eq!(world.readiness(&users[0], None), Readiness::Later);
    assert_eq!(world.readiness(&users[1], None), Readiness::Now, "somebody else need not wait");
    refuse_first(&mut world, &call);
    assert_eq!(world.readiness(&users[0], None), Readiness::Now);
}

#[test]
fn p11_5_what_goes_on_from_a_refused_change_is_refused_with_it() {
    let (mut world, _, socket) = LeafWorld::at_the_board();
    world.set(socket, r#"{"at":"list"}"#);
    let call = world.next_up().unwrap();
    world.set(socket, r#"{"at":"wall"}"#);
    refuse_first(&mut world, &call);
    assert_eq!(world.answer_calls().len(), 0);
    assert_eq!(world.types(socket), ["CONNECTED", "ERROR", "ERROR"]);
    world.room.leave(socket, 1_000, world.now);
    let said = world.answer_calls();
    assert_eq!(data_told(&said), [(vec!["board".to_owned()], serde_json::Value::Null)]);
}

#[test]
fn p11_5_the_end_is_told_wherever_a_connection_was_before_changes_that_may_be_refused() {
    let (mut world, _, socket) = LeafWorld::at_the_board();
    world.set(socket, r#"{"at":"list"}"#);
    let call = world.next_up().unwrap();
    world.room.leave(socket, 1_000, world.now);
    refuse_first(&mut world, &call);
    let heard_at = vec!["list".to_owned(), "board".to_owned()];
    assert_eq!(data_told(&world.answer_calls()), [(heard_at, serde_json::Value::Null)]);
}

#[test]
fn p14_5_what_was_on_its_way_while_the_key_epoch_went_up_is_refused_with_its_nonce() {
    let mut world = LeafWorld::in_session();
    let socket = world.join(&world.someone());
    let sealed = r#"{"e2e":1,"k":2,"n":"oKGio6Slpqeo-_qr","c":"HKV1Gdy43_WY"}"#;
    world.message(
        socket,
        &format!(r#"{{"type":"SEND","eventType":"client-x","payload":{sealed}}}"#),
    );
    assert_eq!(world.next_up().unwrap().entries.len(), 1);
    let refused = vec![Some(Refused::OldKey(3))];
    world.answer(&UpAnswer { refused, ..world.up_answer(UpOutcome::Done) });
    let error = world.frames(socket).remove(1);
    assert_eq!(error["payload"]["code"], "stale_key_epoch");
    assert_eq!(error["payload"]["minKeyEpoch"], 3);
    assert_eq!(error["payload"]["nonce"], "oKGio6Slpqeo-_qr");
}
