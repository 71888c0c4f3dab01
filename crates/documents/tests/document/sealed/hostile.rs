//! Somebody who means harm: whatever they send, the document stays as it was, and they are stopped (P13.8, P14.8).

use validiant_core::limits::rate::Rate;
use validiant_core::member::SocketId;
use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::reason::Reason;
use validiant_documents::room::DocumentSettings;

use super::{catch_up, put, say, sealed, update};
use crate::memory::SETTINGS;
use crate::world::World;

const UNREADABLE: Closing = CloseCode::BAD_REQUEST.because(Reason::Message);

/// How a socket is closed that sends this without end.
fn flood(world: &mut World, socket: SocketId, frame: &[u8]) -> Option<Closing> {
    (0..10_000).find_map(|_| world.send(socket, frame.to_vec())).map(|closed| closed.closing)
}

#[test]
fn p14_8_a_frame_that_can_t_be_read_closes_its_socket_and_changes_nothing() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    world.append(ann, 1, "x");
    let good = sealed(1, "x");
    let frames: [Vec<u8>; 14] = [
        vec![],
        vec![0x10],
        vec![0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        vec![0x11, 1, 1, 1, 0, 0],
        vec![0x12],
        vec![0x13],
        vec![0x14, 1, 0xff, 0xff, 0xff, 0xff, 0x0f],
        update(1, b""),
        update(1, &good[..29]),
        update(1, &[&[2], &good[1..]].concat()),
        update(1, &[&[1, 0], &good[2..]].concat()),
        [update(1, &good), vec![0]].concat(),
        put(1, 0, 1, b"short"),
        say(b"x"),
    ];
    for frame in frames {
        let mal = world.join_sealed("mal");
        let closed = world.send(mal, frame.clone());
        assert_eq!(closed.map(|it| it.closing), Some(UNREADABLE), "{frame:?}");
    }
    assert_eq!(world.contents(), ["x"]);
}

#[test]
fn p13_8_a_frame_over_the_limit_closes_its_socket() {
    let mut world = World::with(DocumentSettings { max_bytes: 1_000, ..SETTINGS });
    let mal = world.join_sealed("mal");
    let closed = world.append(mal, 1, &"x".repeat(1_000)).unwrap();
    assert_eq!(closed.closing, CloseCode::MESSAGE_TOO_BIG.into());
}

#[test]
fn p13_8_every_message_counts() {
    for frame in [
        catch_up(0),
        update(1, &sealed(1, "x")),
        put(1, 5, 5, &sealed(1, "x")),
        say(&sealed(1, "x")),
    ] {
        let mut world = World::new();
        let mal = world.join_sealed("mal");
        let closing = flood(&mut world, mal, &frame);
        assert_eq!(closing, Some(CloseCode::RATE_LIMITED.into()), "{frame:?}");
    }
}

#[test]
fn p13_8_what_makes_the_server_read_everything_counts_by_its_size() {
    let mut world =
        World::with(DocumentSettings { messages: Rate { per_second: 1, burst: 20 }, ..SETTINGS });
    let ann = world.join_sealed("ann");
    for id in 1..=2 {
        assert!(world.append(ann, id, &"x".repeat(2_000_000)).is_none());
        world.pass(300_000);
    }
    let snapshot = |base| put(1, base, 1, &sealed(1, "x"));
    for [first, next] in [[catch_up(0), catch_up(0)], [snapshot(0), snapshot(1)]] {
        let mal = world.join_sealed("mal");
        world.send(mal, first);
        let served = (0..100).find(|_| world.send(mal, next.clone()).is_some());
        assert!(served.is_some_and(|times| times < 5), "{served:?}");
    }
}

#[test]
fn p13_8_who_sends_more_than_may_be_passed_on_is_closed_and_awareness_is_dropped() {
    let mut world =
        World::with(DocumentSettings { deliveries: Rate { per_second: 1, burst: 3 }, ..SETTINGS });
    let [mal, ben] = ["mal", "ben"].map(|user| world.join_sealed(user));
    for _ in 0..10 {
        assert!(world.send(mal, say(&sealed(1, "x"))).is_none());
    }
    assert_eq!(world.told(ben).len(), 3);
    let closed = world.append(mal, 1, "x").unwrap();
    assert_eq!(closed.closing, CloseCode::RATE_LIMITED.into());
    assert_eq!(world.contents(), [""; 0]);
}

#[test]
fn p14_9_snapshots_over_and_over_store_no_more_than_two() {
    let mut world = World::new();
    let mal = world.join_sealed("mal");
    for id in 1..=10 {
        world.append(mal, id, &"x".repeat(1_000));
    }
    world.send(mal, put(11, 0, 5, &sealed(1, "s")));
    for id in 12..100 {
        world.send(mal, put(id, 5, 5, &sealed(1, "s")));
        let stored: usize = world.rows().iter().sum();
        assert!(stored < 2 * 11_000, "{stored}");
    }
    assert_eq!(world.contents().len(), 5);
}
