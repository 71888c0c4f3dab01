use super::*;
use crate::limits::Exceeded;
use crate::position::Position;
use crate::publication::audience::Audience;
use crate::room_call::erasure::Erasure;
use crate::tree::Readiness;
use crate::tree::outbox::{Asker, Waiting};
use crate::tree::wire::{Control, Down, Entry, Kept, Pulled, Up, UpAnswer, UpOutcome};

const PLACE: Place = Place { index: 1, generation: 1 };
const ROOT: Incarnation = 1_000;
const NOW: Millis = 10_000;
const LEAF: Incarnation = NOW;

fn epoch() -> Epoch {
    Epoch::parse("e").unwrap()
}

fn head(seq: Seq) -> Head {
    let mut places = Places::default();
    places.grow();
    let others = Some(Counts { sockets: 7, users: 5 });
    Head { epoch: Some(epoch()), seq, controls: 1, places, others }
}

fn down(number: u64, seq: Seq) -> Down {
    Down {
        place: PLACE,
        root: ROOT,
        leaf: LEAF,
        number,
        sent_at: NOW,
        is_repeat: false,
        continues: true,
        reset: false,
        head: head(seq),
        snapshot: None,
        wants_users: false,
        entries: Vec::new(),
    }
}

fn answer(outcome: UpOutcome, confirmed: u64, seq: Seq) -> UpAnswer {
    UpAnswer {
        root: ROOT,
        leaf: LEAF,
        continues: true,
        outcome,
        confirmed,
        head: head(seq),
        snapshot: None,
        refused: Vec::new(),
        pulled: Vec::new(),
    }
}

fn woken() -> Leaf {
    let mut leaf = Leaf::new(PLACE, NOW);
    leaf.controls = Some(1);
    leaf
}

/// A leaf in a session with the root, which has taken the first call and stands at event 4.
fn in_session() -> Leaf {
    let mut leaf = woken();
    assert_eq!(leaf.judge(&down(1, 4), true, NOW), Judged::Take { closes: false });
    take(&mut leaf, 1);
    leaf
}

fn take(leaf: &mut Leaf, number: u64) -> String {
    leaf.take((number, NOW), None, Vec::new(), |_| {})
}

fn judged(leaf: &mut Leaf, down: &Down) -> Result<bool, DownOutcome> {
    match leaf.judge(down, true, NOW) {
        Judged::Take { closes } => Ok(closes),
        Judged::Answer(text) => Err(DownAnswer::parse(&text).unwrap().outcome),
        other => panic!("{other:?}"),
    }
}

const AGAIN: DownOutcome = DownOutcome::Again { wants_controls: false };

#[test]
fn calls_are_taken_one_after_the_other_and_a_repeat_gets_the_same_answer() {
    let mut leaf = in_session();
    assert_eq!(judged(&mut leaf, &down(2, 4)), Ok(false));
    let text = take(&mut leaf, 2);
    assert_eq!(leaf.judge(&down(2, 4), true, NOW), Judged::Answer(text));
    assert_eq!(judged(&mut leaf, &down(1, 4)), Err(DownOutcome::Done), "an older one");
    assert_eq!(leaf.judge(&down(4, 4), true, NOW), Judged::Doubt, "3 is missing");
}

#[test]
fn a_call_after_another_event_or_of_another_history_is_a_doubt() {
    let mut leaf = in_session();
    assert_eq!(leaf.judge(&down(2, 5), true, NOW), Judged::Doubt);
    let mut other = down(2, 4);
    other.head.epoch = None;
    assert_eq!(leaf.judge(&other, true, NOW), Judged::Doubt);
}

#[test]
fn a_call_that_erases_is_taken_wherever_the_leaf_stands() {
    let mut erasing = down(2, 0);
    erasing.head.epoch = None;
    let control = Control::Erase(Erasure::ButRefusals);
    erasing.entries.push(Entry::Control { control, number: 2 });
    assert_eq!(judged(&mut in_session(), &erasing), Ok(false));
    let out_of_order = Down { number: 3, ..erasing };
    assert_eq!(in_session().judge(&out_of_order, true, NOW), Judged::Doubt);
}

#[test]
fn a_call_for_another_life_of_the_leaf_is_asked_for_again() {
    let mut leaf = in_session();
    leaf.forget();
    assert_eq!(judged(&mut leaf, &down(2, 4)), Err(AGAIN));
    let renewed = Down { leaf: LEAF + 1, ..down(1, 9) };
    assert_eq!(judged(&mut leaf, &renewed), Ok(false));
    assert_eq!(leaf.newest(), Some(9));
}

#[test]
fn a_call_of_an_earlier_life_of_the_root_is_stale() {
    let mut leaf = in_session();
    let stale = Down { root: ROOT - 1, ..down(2, 4) };
    assert_eq!(judged(&mut leaf, &stale), Err(DownOutcome::Stale { root: ROOT }));
}

#[test]
fn what_an_earlier_life_of_the_root_has_told_of_the_others_is_a_guess_in_a_later_one() {
    let mut leaf = in_session();
    leaf.has_told_counts(None);
    assert!(!leaf.wants_call(None), "the root has told it");
    let head = Head { others: None, ..head(4) };
    leaf.judge(&Down { root: ROOT + 1, head, ..down(1, 4) }, false, 0);
    assert_eq!(leaf.others().users, 5);
    leaf.has_told_counts(None);
    assert!(leaf.wants_call(None), "it may have been told long ago");
}

#[test]
fn what_the_root_has_told_of_the_others_is_a_guess_once_it_does_not_know() {
    let mut leaf = in_session();
    let head = Head { others: None, ..head(4) };
    leaf.judge(&Down { head, ..down(2, 4) }, true, NOW);
    take(&mut leaf, 2);
    assert_eq!(leaf.others().users, 5);
    leaf.has_told_counts(None);
    assert!(leaf.wants_call(None), "everybody may have been told otherwise meanwhile");
}

#[test]
fn a_later_life_of_the_root_goes_on_if_it_has_lost_nothing_and_stands_at_the_same_event() {
    let next = Down { root: ROOT + 1, leaf: 0, ..down(1, 4) };
    assert_eq!(judged(&mut in_session(), &next), Ok(false));
    let lost = Down { continues: false, ..next.clone() };
    assert_eq!(judged(&mut in_session(), &lost), Ok(true));
    let elsewhere = Down { head: head(5), ..next.clone() };
    assert_eq!(judged(&mut in_session(), &elsewhere), Ok(true));
    let not_first = Down { number: 2, ..next };
    assert_eq!(judged(&mut in_session(), &not_first), Err(AGAIN));
}

#[test]
fn a_reset_closes_everything_once() {
    let mut leaf = in_session();
    let reset = Down { reset: true, ..down(7, 9) };
    assert_eq!(judged(&mut leaf, &reset), Ok(true));
    take(&mut leaf, 7);
    assert_eq!(judged(&mut leaf, &reset), Err(DownOutcome::Done));
    assert_eq!(leaf.newest(), Some(9));
}

#[test]
fn a_leaf_that_has_slept_takes_the_first_call_unless_it_may_have_had_it_before() {
    let first = Down { leaf: 0, ..down(1, 4) };
    assert_eq!(judged(&mut woken(), &first), Ok(false));
    let late = Down { sent_at: NOW - LATE - 1, ..first };
    assert_eq!(judged(&mut woken(), &late), Err(AGAIN));
    let repeat = Down { is_repeat: true, sent_at: NOW, ..late };
    assert_eq!(judged(&mut woken(), &repeat), Err(AGAIN));
}

#[test]
fn p8_7_a_leaf_that_has_stored_a_later_erasure_does_not_begin_with_a_call_from_before() {
    let first = Down { leaf: 0, ..down(1, 4) };
    let mut leaf = woken();
    leaf.controls = Some(first.head.controls + 1);
    assert_eq!(judged(&mut leaf, &first), Err(AGAIN));
    assert_eq!(judged(&mut leaf, &Down { leaf: LEAF, ..first }), Ok(false), "the root knows it");
}

const LATE: Millis = 5_000;

#[test]
fn a_reset_that_comes_late_is_not_where_a_leaf_begins() {
    let mut leaf = woken();
    let late = Down { leaf: 0, reset: true, sent_at: NOW - 6_000, ..down(1, 2) };
    assert_eq!(judged(&mut leaf, &late), Err(AGAIN));
    assert_eq!(leaf.newest(), None, "another life of the root may have said it");
    assert_eq!(judged(&mut leaf, &Down { leaf: LEAF, ..late }), Ok(true));
}

#[test]
fn a_leaf_whose_clock_was_set_back_takes_a_later_life_than_is_known() {
    let mut leaf = woken();
    let known = Down { leaf: LEAF + 50, ..down(3, 4) };
    assert_eq!(judged(&mut leaf, &known), Err(AGAIN));
    assert_eq!(leaf.incarnation, LEAF + 51);
}

#[test]
fn a_late_repeat_from_before_the_root_knew_this_life_is_not_taken() {
    let mut leaf = woken();
    leaf.ask(NOW);
    call(&mut leaf, answer(UpOutcome::Done, 0, 4));
    let late = Down { leaf: 0, ..down(1, 4) };
    assert_eq!(judged(&mut leaf, &late), Err(AGAIN));
    assert_eq!(judged(&mut leaf, &down(1, 4)), Ok(false));
}

#[test]
fn another_call_of_a_number_that_was_taken_is_a_doubt() {
    let mut leaf = in_session();
    let other = Down { sent_at: NOW + 1, ..down(1, 4) };
    assert_eq!(leaf.judge(&other, true, NOW), Judged::Doubt);
}

#[test]
fn a_call_for_another_place_is_not_taken() {
    let other = Down { place: Place { index: 2, generation: 1 }, ..down(1, 4) };
    assert_eq!(woken().judge(&other, true, NOW), Judged::NotMine);
}

/// The next call, and what follows from the answer to it.
fn call(leaf: &mut Leaf, answer: UpAnswer) -> (Up, Heard) {
    let up = Up::parse(&leaf.next_call(None, NOW).unwrap()).unwrap();
    let on_way = leaf.outbox.take_on_way().unwrap();
    (up, leaf.hear_answer(on_way, answer, NOW))
}

/// The leaf tells its counts, and this happens before the root's answer comes.
fn tell(leaf: &mut Leaf, counts: Option<Counts>, meanwhile: impl Fn(&mut Leaf)) -> Up {
    let up = Up::parse(&leaf.next_call(counts, NOW + 1_000).unwrap()).unwrap();
    meanwhile(leaf);
    let on_way = leaf.outbox.take_on_way().unwrap();
    leaf.hear_answer(on_way, answer(UpOutcome::Done, 1, 4), NOW);
    up
}

fn say(leaf: &mut Leaf) {
    let entry = Entry::Everybody { frame: "{}".into() };
    leaf.outbox.push(Waiting { entry, asker: Asker::Nobody });
}

#[test]
fn a_leaf_that_has_woken_asks_where_it_stands_before_it_says_anything() {
    let mut leaf = woken();
    say(&mut leaf);
    let (up, heard) = call(&mut leaf, answer(UpOutcome::Done, 0, 4));
    assert_eq!((up.root, up.number, up.entries.len()), (0, 0, 0));
    assert!(matches!(heard, Heard::Taken { .. }) && leaf.is_in_step());
    assert_eq!((leaf.newest(), leaf.others().users), (Some(4), 5));
    let (up, _) = call(&mut leaf, answer(UpOutcome::Done, 0, 4));
    assert_eq!((up.root, up.number, up.entries.len(), up.seq), (ROOT, 1, 1, Some(4)));
    assert_eq!(leaf.next_call(None, NOW), None);
}

#[test]
fn a_leaf_that_lacks_what_keeps_clients_out_asks_for_it_and_is_not_in_step() {
    let mut leaf = woken();
    leaf.controls = Some(0);
    leaf.ask(NOW);
    let (up, _) = call(&mut leaf, answer(UpOutcome::Done, 0, 4));
    assert!(up.wants_controls && !leaf.is_in_step());
}

#[test]
fn where_the_root_has_another_position_the_leaf_is_in_doubt() {
    let mut leaf = in_session();
    leaf.ask(NOW);
    assert!(matches!(call(&mut leaf, answer(UpOutcome::Done, 1, 4)).1, Heard::Taken { .. }));
    leaf.ask(NOW);
    let behind = answer(UpOutcome::Done, 0, 3);
    assert!(matches!(call(&mut leaf, behind).1, Heard::Taken { .. }), "not confirmed yet");
    leaf.ask(NOW);
    assert!(matches!(call(&mut leaf, answer(UpOutcome::Done, 1, 5)).1, Heard::Doubt(_)));
}

#[test]
fn what_another_life_of_the_root_has_not_taken_is_said_again() {
    let mut leaf = in_session();
    say(&mut leaf);
    let other = UpAnswer { root: ROOT + 1, ..answer(UpOutcome::Other, 0, 4) };
    assert!(matches!(call(&mut leaf, other).1, Heard::Later));
    let done = UpAnswer { root: ROOT + 1, ..answer(UpOutcome::Done, 0, 4) };
    let (up, _) = call(&mut leaf, done);
    assert_eq!((up.root, up.number, up.entries.len()), (ROOT + 1, 1, 1));
}

#[test]
fn what_the_life_before_may_have_taken_is_a_doubt() {
    let mut leaf = in_session();
    say(&mut leaf);
    leaf.next_call(None, NOW).unwrap();
    assert!(leaf.outbox.fail(NOW).is_none());
    leaf.next_call(None, NOW + 100).unwrap();
    let on_way = leaf.outbox.take_on_way().unwrap();
    let other = UpAnswer { root: ROOT + 1, ..answer(UpOutcome::Other, 0, 4) };
    assert!(matches!(leaf.hear_answer(on_way, other, NOW), Heard::Doubt(_)));
}

#[test]
fn another_life_of_the_root_that_has_lost_something_is_a_doubt() {
    let mut leaf = in_session();
    leaf.ask(NOW);
    let other = answer(UpOutcome::Other, 0, 4);
    let lost = UpAnswer { root: ROOT + 1, continues: false, ..other };
    assert!(matches!(call(&mut leaf, lost).1, Heard::Doubt(_)));
}

#[test]
fn counts_alone_are_told_at_most_once_a_second() {
    let mut leaf = in_session();
    let counts = |users| Some(Counts { sockets: users, users });
    leaf.outbox.has_told(counts(1), NOW);
    assert!(!leaf.wants_call(counts(1)) && leaf.wants_call(counts(2)));
    assert_eq!(leaf.next_call(counts(2), NOW + 999), None);
    assert_eq!(leaf.call_due_at(counts(2)), Some(NOW + 1_000));
    let up = Up::parse(&leaf.next_call(counts(2), NOW + 1_000).unwrap()).unwrap();
    assert!(up.is_news && up.counts == counts(2));
}

#[test]
fn a_number_of_users_that_the_root_never_heard_of_is_corrected() {
    let mut leaf = in_session();
    let counts = |users| Some(Counts { sockets: users, users });
    leaf.outbox.has_told(counts(1), NOW);
    leaf.has_told_counts(counts(1));
    assert!(!leaf.wants_call(counts(1)), "everybody knows it");
    leaf.has_told_counts(counts(2));
    let up = tell(&mut leaf, counts(1), |_| {});
    assert!(up.is_news, "whoever was told of 2 hears of 1");
    assert!(!leaf.wants_call(counts(1)));
}

#[test]
fn a_number_of_users_that_is_told_while_another_is_on_its_way_is_corrected_after_that() {
    let mut leaf = in_session();
    let counts = |users| Some(Counts { sockets: users, users });
    leaf.outbox.has_told(counts(1), NOW);
    let up = tell(&mut leaf, counts(2), |leaf| leaf.has_told_counts(counts(1)));
    assert!(up.is_news);
    let up = tell(&mut leaf, counts(2), |_| {});
    assert!(up.is_news, "whoever was told of 1 hears of 2");
    assert!(!leaf.wants_call(counts(2)));
}

#[test]
fn a_number_of_users_that_the_root_was_answered_is_corrected_when_it_holds_no_longer() {
    let mut leaf = in_session();
    let counts = |users| Some(Counts { sockets: users, users });
    leaf.outbox.has_told(counts(2), NOW);
    leaf.take((2, NOW), counts(2), Vec::new(), |_| {});
    assert!(!leaf.wants_call(counts(2)));
    leaf.take((3, NOW), counts(1), Vec::new(), |_| {});
    tell(&mut leaf, counts(2), |_| {});
    assert!(!leaf.wants_call(counts(2)), "the root knows it");
    tell(&mut leaf, counts(1), |leaf| {
        leaf.take((4, NOW), counts(2), Vec::new(), |_| {});
    });
    assert!(leaf.wants_call(counts(1)), "the root may hear of 2 last");
}

#[test]
fn refusals_find_their_askers() {
    let mut leaf = in_session();
    say(&mut leaf);
    say(&mut leaf);
    let exceeded = Exceeded { limit: "clientDeliveriesPerSecond", retry_after_ms: Some(7) };
    let refused = vec![None, Some(exceeded.into())];
    let answer = UpAnswer { refused, ..answer(UpOutcome::Done, 1, 4) };
    let Heard::Taken { said, .. } = call(&mut leaf, answer).1 else { panic!("taken") };
    let refused: Vec<_> = said.into_iter().map(|(_, refused)| refused).collect();
    assert_eq!(refused, [None, Some(exceeded.into())]);
}

fn kept(seq: Seq) -> Kept {
    Kept { seq, at: NOW, audience: Audience::default(), frame: "{}".into() }
}

fn ready(leaf: &mut Leaf, seq: Seq) -> Readiness {
    leaf.is_ready_for(Some(&Position { epoch: epoch(), seq }), NOW)
}

#[test]
fn p7_4_what_came_before_is_asked_for_once_for_all_clients() {
    let mut leaf = in_session();
    assert_eq!(ready(&mut leaf, 4), Readiness::Now);
    assert_eq!([1, 2, 3].map(|seq| ready(&mut leaf, seq)), [Readiness::Later; 3]);
    let gone = Pulled { since: 1, events: None };
    let events = Pulled { since: 2, events: Some(vec![kept(3), kept(4)]) };
    let answer = UpAnswer { pulled: vec![gone, events], ..answer(UpOutcome::Done, 1, 4) };
    let (up, _) = call(&mut leaf, answer);
    assert_eq!(up.pulls, [1, 2, 3]);
    assert_eq!([1, 2, 3].map(|seq| ready(&mut leaf, seq)), [Readiness::Now; 3]);
    let ring = leaf.ring().unwrap();
    assert!(ring.after(1).is_none(), "gone");
    assert_eq!(ring.after(2).unwrap().count(), 2);
    assert_eq!(leaf.next_call(None, NOW), None);
}

#[test]
fn p7_3_a_client_that_is_ahead_waits_until_the_leaf_has_what_it_has() {
    let mut leaf = in_session();
    assert_eq!([5, 9].map(|seq| ready(&mut leaf, seq)), [Readiness::Later; 2]);
    let ahead = Pulled { since: 5, events: Some(vec![kept(6)]) };
    let answer = UpAnswer { pulled: vec![ahead], ..answer(UpOutcome::Done, 1, 4) };
    call(&mut leaf, answer);
    assert_eq!(ready(&mut leaf, 9), Readiness::Now, "there is no such event");
    assert_eq!(ready(&mut leaf, 5), Readiness::Later, "it is on its way");
    assert_eq!(leaf.next_call(None, NOW), None, "and not asked for again");
    leaf.ring_mut().unwrap().push(kept(5), None);
    assert_eq!(ready(&mut leaf, 5), Readiness::Now);
}

#[test]
fn p8_7_after_an_erasure_clients_wait_until_the_root_has_said_where_they_stand() {
    let mut leaf = in_session();
    leaf.forget_position(NOW);
    assert!(!leaf.is_in_step());
    let mut unconfirmed = answer(UpOutcome::Done, 0, 0);
    unconfirmed.head.epoch = Epoch::parse("f").ok();
    call(&mut leaf, unconfirmed.clone());
    assert!(!leaf.is_in_step() && leaf.next_call(None, NOW).is_none());
    let up = Up::parse(&leaf.next_call(None, NOW + 100).unwrap()).unwrap();
    assert_eq!(up.seq, None);
    let on_way = leaf.outbox.take_on_way().unwrap();
    leaf.hear_answer(on_way, UpAnswer { confirmed: 1, ..unconfirmed }, NOW + 100);
    assert_eq!(leaf.position(), Epoch::parse("f").ok().as_ref().zip(Some(0)));
}

#[test]
fn a_place_that_the_room_has_no_more_says_nothing() {
    let mut leaf = in_session();
    leaf.ask(NOW);
    let nowhere = UpAnswer { root: 0, leaf: 0, ..answer(UpOutcome::NotAPlace, 0, 0) };
    let heard = call(&mut leaf, nowhere).1;
    assert!(matches!(heard, Heard::NotAPlace));
    leaf.retire();
    let counts = Some(Counts { sockets: 0, users: 1 });
    assert!(!leaf.wants_call(counts) && leaf.next_call(counts, NOW).is_none());
    assert_eq!(leaf.incarnation, LEAF + 1);
}
