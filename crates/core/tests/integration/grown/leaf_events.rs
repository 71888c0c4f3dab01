//! Events at a leaf: who gets them, and what clients get that come back (P15).

use validiant_core::names::{ConnectionId, Epoch, UserId};
use validiant_core::publication::audience::{Audience, ExcludedConnection};
use validiant_core::room::NotConnected;
use validiant_core::room_call::erasure::Erasure;
use validiant_core::tree::Readiness;
use validiant_core::tree::wire::{
    Control, Down, DownOutcome, Entry, Head, Kept, Pulled, Reached, UpAnswer, UpOutcome,
};

use super::entries::event;
use super::leaf_world::LeafWorld;

fn for_user(user: &str) -> Audience {
    let only = Some([UserId::parse(user).unwrap()].into_iter().collect());
    Audience { only, ..Audience::default() }
}

fn but_connection(connection: &str) -> Audience {
    let id = ConnectionId::parse(connection).unwrap();
    let exclude_connection = Some(ExcludedConnection { id, user: None });
    Audience { exclude_connection, ..Audience::default() }
}

#[test]
fn a_leaf_takes_no_client_before_it_knows_where_it_stands() {
    let mut world = LeafWorld::new();
    let user = world.someone();
    assert_eq!(world.connect(&user, None).unwrap_err(), NotConnected::Unavailable);
    assert_eq!(world.readiness(&user, None), Readiness::Later);
    world.answer_calls();
    assert_eq!(world.readiness(&user, None), Readiness::Now);
    assert!(world.connect(&user, None).is_ok());
}

#[test]
fn p2_4_p2_5_each_place_judges_its_own_sockets_and_counts_them() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(3);
    let sockets: Vec<_> = users.iter().map(|user| world.join(user)).collect();
    let first = world.event(but_connection(&format!("c-{}", users[0])));
    let second = event(world.seq + 2, world.now, for_user(&users[1]));
    let answer = world.down(vec![first, second]);
    let reached = |recipients, excluded| Reached { recipients, excluded };
    assert_eq!(answer.reached, [reached(2, 1), reached(1, 0)]);
    assert_eq!(sockets.map_seqs(&world), [vec![], vec![5, 6], vec![5]]);
}

trait MapSeqs {
    fn map_seqs(&self, world: &LeafWorld) -> Vec<Vec<u64>>;
}

impl MapSeqs for Vec<validiant_core::member::SocketId> {
    fn map_seqs(&self, world: &LeafWorld) -> Vec<Vec<u64>> {
        self.iter().map(|socket| world.seqs(*socket)).collect()
    }
}

#[test]
fn a_call_that_comes_twice_reaches_nobody_twice_and_gets_the_same_answer() {
    let mut world = LeafWorld::in_session();
    let socket = world.join(&world.someone());
    let down = world.next_down(vec![event(5, world.now, Audience::default())]);
    let (first, second) = (world.call(&down), world.call(&down));
    assert_eq!(first, second);
    assert_eq!(world.seqs(socket), [5]);
}

#[test]
fn p3_4_events_of_one_call_are_one_frame_for_whoever_takes_that() {
    let mut world = LeafWorld::in_session();
    let mut member = world.member(&world.someone());
    member.takes_batches = true;
    world.room.connect((), member, None, world.now).unwrap();
    let events = [5, 6, 7].map(|seq| event(seq, world.now, Audience::default()));
    let answer = world.down(events.to_vec());
    assert_eq!(answer.reached, [Reached { recipients: 1, excluded: 0 }; 3]);
    let socket = world.platform.borrow().sockets().last().unwrap();
    assert_eq!(world.frames(socket).last().unwrap().as_array().unwrap().len(), 3);
}

#[test]
fn p7_4_a_client_that_comes_back_gets_what_it_has_missed_from_the_memory_of_the_leaf() {
    let mut world = LeafWorld::in_session();
    let users = world.users_here(2);
    let next = world.event(Audience::default());
    world.down(vec![next]);
    let next = world.event(for_user(&users[1]));
    world.down(vec![next]);
    let next = world.event(Audience::default());
    world.down(vec![next]);
    let (socket, connected) = world.connect(&users[0], Some("e:4")).unwrap();
    assert!(connected.recovered);
    assert_eq!(world.seqs(socket), [5, 7]);
    let (socket, connected) = world.connect(&users[0], Some("e:7")).unwrap();
    assert_eq!((connected.recovered, world.seqs(socket).len()), (true, 0));
    let (_, connected) = world.connect(&users[0], Some("f:7")).unwrap();
    assert!(!connected.recovered, "of another history");
}

#[test]
fn p7_4_what_the_leaf_has_not_seen_it_asks_for() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    assert_eq!(world.readiness(&user, Some("e:2")), Readiness::Later);
    let up = world.next_up().unwrap();
    assert_eq!(up.pulls, [2]);
    let kept = |seq| match event(seq, world.now, Audience::default()) {
        Entry::Event { at, audience, frame, .. } => Kept { seq, at, audience, frame },
        other => panic!("{other:?}"),
    };
    let pulled = vec![Pulled { since: 2, events: Some(vec![kept(3), kept(4)]) }];
    world.answer(&UpAnswer { pulled, ..world.up_answer(UpOutcome::Done) });
    assert_eq!(world.readiness(&user, Some("e:2")), Readiness::Now);
    let (socket, connected) = world.connect(&user, Some("e:2")).unwrap();
    assert!(connected.recovered);
    assert_eq!(world.seqs(socket), [3, 4]);
}

#[test]
fn p8_7_what_a_leaf_has_asked_for_before_an_erasure_is_nothing_of_the_history_after_it() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    assert_eq!(world.readiness(&user, Some("e:2")), Readiness::Later);
    world.next_up().unwrap();
    let answer = world.up_answer(UpOutcome::Done);
    world.control(Control::Erase(Erasure::ButRefusals));
    let head = Head { epoch: Epoch::parse("f").ok(), seq: 3, ..world.head() };
    world.call(&Down { head, ..world.next_down(vec![]) });
    let Entry::Event { at, audience, frame, .. } = event(3, world.now, Audience::default()) else {
        panic!("it is an event")
    };
    let kept = Kept { seq: 3, at, audience, frame };
    let pulled = vec![Pulled { since: 2, events: Some(vec![kept]) }];
    world.answer(&UpAnswer { pulled, ..answer });
    assert_eq!(world.readiness(&user, Some("f:2")), Readiness::Later, "it asks again");
}

#[test]
fn p15_6_what_nobody_recovers_is_not_delivered_again_by_the_next_life_of_a_leaf() {
    let mut world = LeafWorld::in_session();
    world.join(&world.someone());
    let (at, audience) = (world.now, Audience::default());
    let passing = Entry::Event { seq: None, at, audience, frame: r#"{"type":"E"}"#.into() };
    let kept = world.event(Audience::default());
    let down = world.next_down(vec![passing, kept]);
    world.call(&down);
    // Nobody hears the answer, and the next life is where the call found the leaf.
    world.answer_calls();
    world.room.called("unreadable", world.now);
    world.now += 2_000;
    world.readiness("", None);
    world.ups();
    let socket = world.join(&world.someone());
    let again = Down { leaf: world.leaf, number: 1, ..down };
    assert_eq!(world.call(&again).outcome, DownOutcome::Done);
    let frames = world.types(socket);
    assert_eq!((frames.len(), world.seqs(socket)), (2, vec![5]), "{frames:?}");
}

#[test]
fn p7_5_what_cannot_be_had_is_not_recovered() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    world.readiness(&user, Some("e:2"));
    world.next_up().unwrap();
    let pulled = vec![Pulled { since: 2, events: None }];
    world.answer(&UpAnswer { pulled, ..world.up_answer(UpOutcome::Done) });
    assert_eq!(world.readiness(&user, Some("e:2")), Readiness::Now);
    assert!(!world.connect(&user, Some("e:2")).unwrap().1.recovered);
}

#[test]
fn p7_3_a_client_that_is_ahead_of_the_leaf_gets_nothing_twice() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    assert_eq!(world.readiness(&user, Some("e:5")), Readiness::Later);
    world.next_up().unwrap();
    let pulled = vec![Pulled { since: 5, events: Some(vec![]) }];
    world.answer(&UpAnswer { pulled, ..world.up_answer(UpOutcome::Done) });
    assert_eq!(world.readiness(&user, Some("e:5")), Readiness::Later, "5 is on its way");
    let next = world.event(Audience::default());
    world.down(vec![next]);
    assert_eq!(world.readiness(&user, Some("e:5")), Readiness::Now);
    let (socket, connected) = world.connect(&user, Some("e:5")).unwrap();
    assert_eq!((connected.recovered, world.seqs(socket).len()), (true, 0));
}

#[test]
fn p7_6_a_leaf_writes_no_event() {
    let mut world = LeafWorld::in_session();
    world.join(&world.someone());
    world.pass(0);
    let rows = world.platform.borrow().disk.rows_written;
    for _ in 0..10 {
        let next = world.event(Audience::default());
        world.down(vec![next]);
    }
    world.pass(0);
    assert_eq!(world.platform.borrow().disk.rows_written, rows);
    assert_eq!(world.platform.borrow().disk.pages(), 0);
}

fn all_are_closed(world: &LeafWorld, sockets: &[validiant_core::member::SocketId]) -> bool {
    let closed = |socket| {
        let code = world.close_of(socket).map(|closing| closing.code);
        code.is_some_and(|code| code.number == 4_200 && code.retry_after_ms >= Some(1_000))
    };
    sockets.iter().all(|socket| closed(*socket))
}

#[test]
fn where_something_may_be_missing_all_clients_connect_anew() {
    let missing = |down: &mut Down| down.number += 1;
    let elsewhere = |down: &mut Down| down.head.seq += 1;
    let lost = |down: &mut Down| (down.root, down.number, down.continues) = (501, 1, false);
    let reset = |down: &mut Down| down.reset = true;
    for spoil in [missing as fn(&mut Down), elsewhere, lost, reset] {
        let mut world = LeafWorld::in_session();
        let users = world.users_here(3);
        let sockets: Vec<_> = users.iter().map(|user| world.join(user)).collect();
        let next = world.event(Audience::default());
        world.down(vec![next]);
        let mut down = world.next_down(vec![event(6, world.now, Audience::default())]);
        spoil(&mut down);
        world.call(&down);
        assert!(all_are_closed(&world, &sockets));
        assert_eq!(sockets.map_seqs(&world), vec![vec![5]; 3]);
    }
}

#[test]
fn what_is_unreadable_is_a_doubt_and_has_no_answer() {
    let mut world = LeafWorld::in_session();
    let socket = world.join(&world.someone());
    assert_eq!(world.room.called("2\u{1f}D\u{1f}", world.now), "");
    assert!(all_are_closed(&world, &[socket]));
}

#[test]
fn a_leaf_whose_root_does_not_answer_closes_everything() {
    let mut world = LeafWorld::in_session();
    let socket = world.join(&world.someone());
    world.now += 1_000;
    for pause in [100, 500, 0] {
        assert!(world.room.next_call(world.now).is_some(), "it tells its counts");
        world.room.unanswered(validiant_core::tree::Place::ROOT, world.now);
        world.now += pause;
    }
    assert!(all_are_closed(&world, &[socket]));
    world.now += 1_000;
    world.answer_calls();
    assert_eq!(world.readiness("", None), Readiness::Now, "in its next life");
}

#[test]
fn a_leaf_that_has_slept_goes_on_where_the_root_says_that_it_stands() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let socket = world.join(&user);
    world.sleep();
    let down = world.next_down(vec![event(5, world.now, Audience::default())]);
    let answer = world.call(&down);
    assert_eq!(answer.outcome, DownOutcome::Again { wants_controls: false });
    assert_eq!((world.seqs(socket).len(), world.close_of(socket)), (0, None));
    (world.leaf, world.number) = (answer.leaf, 0);
    let next = world.event(Audience::default());
    let answer = world.down(vec![next]);
    assert_eq!(answer.counts, None, "it has not read its roster for that");
    assert_eq!((world.seqs(socket), world.close_of(socket)), (vec![5], None));
    assert!(!world.room.wants_calls());
}

#[test]
fn a_leaf_checks_by_its_alarm_that_it_has_got_everything() {
    let mut world = LeafWorld::in_session();
    let socket = world.join(&world.someone());
    world.now += 1_000;
    world.answer_calls();
    let at = world.alarm().unwrap();
    world.pass(at - world.now);
    let up = world.next_up().unwrap();
    assert_eq!((up.seq, up.entries.len(), up.is_news), (Some(4), 0, false));
    world.seq = 5;
    world.answer(&world.up_answer(UpOutcome::Done));
    assert!(all_are_closed(&world, &[socket]), "it has missed 5");
}

#[test]
fn a_place_that_the_room_has_no_more_sends_its_clients_away() {
    let mut world = LeafWorld::in_session();
    let user = world.someone();
    let socket = world.join(&user);
    world.now += 1_000;
    world.next_up().unwrap();
    world.answer(&world.up_answer(UpOutcome::NotAPlace));
    assert!(all_are_closed(&world, &[socket]));
    assert_eq!(world.readiness(&user, None), Readiness::Moved);
    assert!(!world.room.wants_calls());
}
