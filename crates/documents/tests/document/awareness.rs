//! Who is in the document: what the document does with it. What counts, is tested beside `awareness`.

use validiant_documents::sync;
use validiant_documents::visitor::Visitor;

use crate::world::{World, visitor};

fn state(client: u8, clock: u8, json: &str) -> Vec<u8> {
    let mut update = vec![1, client, clock, json.len() as u8];
    update.extend(json.as_bytes());
    sync::awareness(&update)
}

fn three(world: &mut World) -> [validiant_core::member::SocketId; 3] {
    ["", "", ""].map(|user| world.join_quietly(user))
}

#[test]
fn p13_7_a_change_goes_to_all_others() {
    let mut world = World::new();
    let [ann, ben, cem] = three(&mut world);
    world.send(ann, state(1, 1, "{}"));
    for (socket, expected) in
        [(ann, vec![]), (ben, vec![state(1, 1, "{}")]), (cem, vec![state(1, 1, "{}")])]
    {
        assert_eq!(world.inbox(socket), expected);
    }
}

#[test]
fn p13_7_what_stock_clients_send_back_goes_nowhere() {
    let mut world = World::new();
    let [ann, ben, cem] = three(&mut world);
    world.send(ann, state(1, 1, "{}"));
    three(&mut world);
    for socket in [ann, ben, cem] {
        world.inbox(socket);
        world.send(socket, state(1, 1, "{}"));
    }
    for socket in [ann, ben, cem] {
        assert_eq!(world.inbox(socket), [[0; 0]; 0]);
    }
}

#[test]
fn p13_7_a_renewal_goes_to_the_sender_too() {
    let mut world = World::new();
    let [ann, ben, _] = three(&mut world);
    world.send(ann, state(1, 1, "{}"));
    world.inbox(ben);
    world.send(ann, state(1, 2, "{}"));
    assert_eq!(
        (world.inbox(ann), world.inbox(ben)),
        (vec![state(1, 2, "{}")], vec![state(1, 2, "{}")])
    );
}

#[test]
fn p13_7_a_socket_that_ends_takes_its_states_along_also_right_after_hibernation() {
    let mut world = World::new();
    let [ann, ben, _] = three(&mut world);
    world.send(ann, state(1, 1, "{}"));
    world.inbox(ben);
    world.sleep();
    world.leave(ann);
    assert_eq!(world.inbox(ben), [state(1, 1, "null")]);
    let cem = world.join("");
    assert_eq!(world.inbox(cem).len(), 1, "only the state vector");
}

#[test]
fn p13_7_after_hibernation_the_states_are_known_and_still_their_owners() {
    let mut world = World::new();
    let [ann, ben, _] = three(&mut world);
    world.send(ann, state(1, 1, r#"{"x":"ü"}"#));
    world.inbox(ben);
    world.sleep();
    world.send(ben, b"\x03".to_vec());
    assert_eq!(world.inbox(ben), [state(1, 1, r#"{"x":"ü"}"#)]);
    world.send(ben, state(1, 2, "{}"));
    world.send(ann, state(1, 2, "{}"));
    assert_eq!(world.inbox(ben), [state(1, 2, "{}")]);
}

#[test]
fn p13_7_the_user_of_a_state_is_whom_the_token_names() {
    let mut world = World::new();
    let [ann, ben] = ["ann", ""].map(|user| world.join_quietly(user));
    world.send(ann, state(1, 1, r#"{"user":{"id":"ben","color":"red"}}"#));
    let inbox = world.inbox(ben);
    let text = String::from_utf8_lossy(&inbox[0]);
    assert!(text.contains("\"ann\"") && text.contains("red") && !text.contains("ben"), "{text}");
}

#[test]
fn p13_2_who_may_only_read_is_seen_too() {
    let mut world = World::new();
    let ann = world.connect(Visitor { may_write: false, ..visitor("ann") }).unwrap();
    let ben = world.join_quietly("ben");
    world.send(ann, state(1, 1, "{}"));
    assert_eq!(world.inbox(ben).len(), 1);
}

#[test]
fn p13_7_awareness_costs_no_rows() {
    let mut world = World::new();
    let [ann, ..] = three(&mut world);
    let before = world.rows_written();
    for clock in 1..100 {
        world.send(ann, state(1, clock, "{}"));
        world.now += 100;
    }
    assert_eq!((world.rows_written(), world.due().write_in), (before, None));
}

#[test]
fn an_attachment_stays_below_the_limit_of_the_runtime() {
    let long = |len: usize| "ü".repeat(len / 2);
    let user = validiant_core::member::User {
        id: validiant_core::names::UserId::parse(&long(128)).unwrap(),
        name: validiant_core::names::UserName::parse(&long(256)).ok(),
        avatar: validiant_core::names::Avatar::parse(&format!("https://{}", "a".repeat(1_016)))
            .ok(),
        verified: true,
    };
    let mut world = World::new();
    let ann = world.connect(Visitor { user: Some(user), ..visitor("ann") }).unwrap();
    for client in 1..=4 {
        let json = format!(r#"{{"x":"{}"}}"#, long(1_016));
        let mut update = vec![1, client, 1];
        validiant_documents::lib0::put_bytes(&mut update, json.as_bytes());
        world.send(ann, sync::awareness(&update));
    }
    let platform = world.platform();
    let platform = platform.borrow();
    let units = platform.wires.attachment(ann).unwrap().encode_utf16().count();
    assert!((2_000..7_500).contains(&units), "{units}");
}
