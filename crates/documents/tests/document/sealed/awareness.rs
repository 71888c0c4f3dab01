//! Who is in an encrypted document, and where (P14.8).

use validiant_core::names::UserId;

use super::wire::Said;
use super::{Told, member, say, sealed};
use crate::world::World;

/// What somebody is told of the others.
fn heard(told: Vec<Told>) -> Vec<Said> {
    let said = |told| if let Told::Awareness(said) = told { Some(said) } else { None };
    told.into_iter().filter_map(said).flatten().collect()
}

fn contents(said: &[Said]) -> Vec<Option<&str>> {
    said.iter().map(|it| it.content.as_deref()).collect()
}

#[test]
fn p14_8_it_goes_to_the_others_and_to_who_comes_and_the_newest_counts() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_sealed(user));
    world.send(ann, say(&sealed(1, "here")));
    world.send(ann, say(&sealed(1, "there")));
    let at_bens = heard(world.told(ben));
    assert_eq!(contents(&at_bens), [Some("here"), Some("there")]);
    assert!(at_bens.iter().all(|it| it.sender == "u:ann" && it.socket == at_bens[0].socket));
    assert_eq!(world.told(ann), []);
    let cem = world.join_sealed("cem");
    assert_eq!(heard(world.told(cem)), at_bens[1..]);
}

#[test]
fn p14_8_it_survives_hibernation_byte_for_byte() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    let all: Vec<u8> = [vec![1, 1], (0..=255).cycle().take(2_046).collect()].concat();
    world.send(ann, say(&all));
    let before = world.rows_written();
    world.sleep();
    let ben = world.join_sealed("ben");
    let frame = &world.inbox(ben)[0];
    assert!(frame.ends_with(&all));
    assert!(world.rows_written() <= before + 1, "no rows but for the alarm");
}

#[test]
fn p14_8_when_a_socket_ends_the_others_hear_that_it_is_gone() {
    let mut world = World::new();
    let [ann, ben, cem] = ["ann", "ben", "cem"].map(|user| world.join_sealed(user));
    world.send(ann, say(&sealed(1, "here")));
    let name = heard(world.told(ben))[0].socket.clone();
    world.sleep();
    world.leave(ann);
    let gone = Said { socket: name, sender: "u:ann".into(), content: None };
    assert_eq!(heard(world.told(ben)), std::slice::from_ref(&gone));
    world.leave(cem);
    assert_eq!(world.told(ben), [], "who has said nothing is not gone");
    let ann = world.join_sealed("ann");
    world.send(ann, say(&sealed(1, "again")));
    let again = heard(world.told(ben)).remove(0);
    assert_ne!(again.socket, gone.socket, "another socket has another name");
    world.document.remove_user(&UserId::parse("ann").unwrap(), world.now);
    world.end_turn();
    assert_eq!(contents(&heard(world.told(ben))), [None]);
}

#[test]
fn p14_8_a_client_can_say_that_it_says_nothing_any_more() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_sealed(user));
    world.send(ann, say(&sealed(1, "here")));
    world.send(ann, say(&[]));
    assert_eq!(contents(&heard(world.told(ben))), [Some("here"), None]);
    let cem = world.join_sealed("cem");
    assert_eq!(world.told(cem), []);
    world.leave(ann);
    assert_eq!(heard(world.told(ben)), [], "once is enough");
}

#[test]
fn p14_8_what_is_too_long_is_dropped() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_sealed(user));
    assert!(world.send(ann, say(&sealed(1, &"x".repeat(2_048)))).is_none());
    assert_eq!(world.told(ben), []);
}

#[test]
fn p14_8_two_sockets_of_one_connection_have_two_names() {
    let mut world = World::new();
    let sockets: Vec<_> = (0..2).map(|_| world.connect(member("ann")).unwrap()).collect();
    let ben = world.join_sealed("ben");
    for socket in sockets {
        world.send(socket, say(&sealed(1, "x")));
    }
    let said = heard(world.told(ben));
    assert_ne!(said[0].socket, said[1].socket);
}

#[test]
fn p14_8_the_longest_attachment_is_within_the_limit_of_the_runtime() {
    use validiant_core::names::{Avatar, ConnectionId, TokenId, UserName};
    let mut world = World::new();
    let mut ann = member(&"é".repeat(64));
    ann.connection_id = ConnectionId::parse(&"c".repeat(64)).unwrap();
    let user = ann.user.as_mut().unwrap();
    user.name = UserName::parse(&"n".repeat(128)).ok();
    user.avatar = Avatar::parse(&format!("https://{}", "a".repeat(1_000))).ok();
    ann.token.as_mut().unwrap().id = TokenId::parse(&"t".repeat(256)).ok();
    let socket = world.connect(ann).unwrap();
    world.send(socket, say(&[vec![1, 1], vec![0xff; 2_046]].concat()));
    let characters = world.platform().borrow().wires.attachment(socket).unwrap().chars().count();
    assert!(characters > 2_048 && characters * 2 < 16_384, "{characters}");
}
