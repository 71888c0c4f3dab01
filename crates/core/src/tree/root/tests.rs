use super::session::Step;
use super::tickets::Answer;
use super::*;
use crate::answer::{DisconnectionAnswer, Published};
use crate::names::Epoch;
use crate::room_call::erasure::Erasure;
use crate::tree::places::LeafEntry;
use crate::tree::wire::{Control, DownAnswer, DownOutcome, Incarnation, Reached};

const PLACE: Place = Place { index: 1, generation: 1 };
const OTHER: Place = Place { index: 2, generation: 1 };
const ROOT: Incarnation = 500;
const LEAF: Incarnation = 700;

fn session() -> Session {
    let leaf = LeafEntry { place: PLACE, is_draining: false, is_lost: false };
    Session::new(&leaf, ROOT, 4, 1)
}

fn event(seq: Seq, part: Option<Part>) -> Queued {
    let (at, audience, frame) = (0, Default::default(), String::from("{}"));
    let entry = Entry::Event { seq: Some(seq), at, audience, frame };
    Queued { item: Rc::new(Item::from(&entry)), part, is_owed: false }
}

fn answer(leaf: Incarnation, outcome: DownOutcome) -> DownAnswer {
    let counts = Some(Counts { sockets: 3, users: 2 });
    DownAnswer { leaf, outcome, counts, reached: Vec::new(), users: Vec::new() }
}

/// Calls the leaf. Returns how many entries the call has, and whether it is a reset.
fn call(session: &mut Session, now: Millis) -> (usize, bool) {
    assert!(session.is_due(now));
    let way = session.call(9, 1, (1, false), now);
    (way.entries.len(), way.is_reset)
}

#[test]
fn what_is_stored_reads_back() {
    let mut places = Places::default();
    places.grow();
    let text = Root::to_text(&places, 7);
    assert_eq!(Root::parse(&text), Some((places, 7)));
    for other in ["", "7", "x\u{1f}1 0", "7\u{1f}x"] {
        assert_eq!(Root::parse(other), None, "{other:?}");
    }
}

#[test]
fn a_leaf_that_got_all_controls_in_an_answer_meanwhile_is_not_sent_them_again() {
    let mut session = session();
    let again = || answer(LEAF, DownOutcome::Again { wants_controls: true });
    session.ask();
    call(&mut session, 0);
    session.gets_snapshot();
    session.answered(&again(), 0);
    assert!(!session.wants_snapshot);
    call(&mut session, 0);
    session.answered(&again(), 0);
    assert!(session.wants_snapshot, "it has not got them after all");
}

#[test]
fn p8_7_a_leaf_that_gets_all_controls_is_not_given_up_before_it_is_asked_again() {
    let mut session = session();
    let empty = DownAnswer { counts: Some(Counts::default()), ..answer(LEAF, DownOutcome::Done) };
    let mut ask = |gets_snapshot_before: bool, gets_snapshot_after: bool| {
        session.call(9, 1, (1, true), 0);
        if gets_snapshot_before {
            session.gets_snapshot();
        }
        session.answered(&empty, 0);
        if gets_snapshot_after {
            session.gets_snapshot();
        }
        session.drains
    };
    assert!(ask(false, false));
    assert!(!ask(true, false), "its answer may be from before it has stored them");
    assert!(!ask(false, true));
    assert!(ask(false, false));
}

#[test]
fn p15_12_a_leaf_that_is_slow_to_start_is_not_lost_for_what_it_asks_then() {
    let mut session = session();
    session.ask();
    let mut now = 0;
    for wait in [100, 500, 2_000] {
        call(&mut session, now);
        session.failed(now);
        now += wait;
    }
    for wants_controls in [false, true] {
        call(&mut session, now);
        let again = answer(LEAF, DownOutcome::Again { wants_controls });
        assert!(matches!(session.answered(&again, now), Step::Again(_)));
    }
    call(&mut session, now);
    assert!(matches!(session.failed(now), Step::Again(_)), "it has answered since it failed");
    assert!(!session.is_lost);
}

#[test]
fn what_happens_during_a_call_goes_with_the_next_one() {
    let mut session = session();
    session.push(event(5, None));
    assert_eq!(call(&mut session, 0), (1, false));
    session.push(event(6, None));
    session.push(event(7, None));
    assert!(!session.is_due(0));
    let step = session.answered(&answer(LEAF, DownOutcome::Done), 0);
    assert!(matches!(step, Step::Confirmed(entries) if entries.len() == 1));
    assert_eq!((session.number, session.seq), (1, 5));
    assert_eq!(call(&mut session, 0), (2, false));
    session.answered(&answer(LEAF, DownOutcome::Done), 0);
    assert_eq!((session.number, session.seq, session.has_work()), (2, 7, false));
}

#[test]
fn a_call_that_fails_is_made_again_three_times_then_the_leaf_is_lost_and_only_reset() {
    let mut session = session();
    let part = Part { ticket: crate::tree::Ticket(1), event: 0 };
    session.push(event(5, Some(part)));
    let mut now = 0;
    for wait in [100, 500, 2_000] {
        assert_eq!(call(&mut session, now), (1, false));
        assert!(matches!(session.failed(now), Step::Again(vain) if vain.is_empty()));
        assert_eq!(session.due_in(now), Some(wait));
        now += wait;
    }
    call(&mut session, now);
    assert!(matches!(session.failed(now), Step::Lost(vain) if vain == [part]));
    assert!(session.is_lost && session.is_out_of_step(ROOT));
    assert_eq!(session.due_in(now), None, "nobody stays awake for it");
    assert_eq!(session.push(event(6, Some(part))), [part]);
    for life in 1..4 {
        now += 5_000;
        assert_eq!(call(&mut session, now), (0, true));
        assert_eq!((session.root, session.number), (ROOT + life, 0));
        assert!(matches!(session.failed(now), Step::Lost(_)));
    }
    now += 5_000;
    call(&mut session, now);
    session.push(event(10, None));
    session.answered(&answer(LEAF, DownOutcome::Done), now);
    assert!(!session.is_lost && !session.is_out_of_step(session.root));
    assert_eq!(session.seq, 9);
    assert_eq!(call(&mut session, now), (1, false), "what came after the reset");
}

#[test]
fn a_leaf_that_falls_far_behind_is_reset() {
    let mut session = session();
    session.push(event(5, None));
    call(&mut session, 0);
    let pushed: Vec<Part> = (0..1_001).flat_map(|seq| session.push(event(seq, None))).collect();
    assert_eq!(pushed, []);
    assert!(session.is_out_of_step(ROOT));
    session.answered(&answer(LEAF, DownOutcome::Done), 0);
    assert_eq!(call(&mut session, 0), (0, true));
}

#[test]
fn a_call_that_was_sent_once_goes_again_to_another_life_of_the_leaf() {
    let mut session = session();
    session.meet(LEAF);
    session.push(event(5, None));
    call(&mut session, 0);
    session.answered(&answer(LEAF + 1, DownOutcome::Again { wants_controls: true }), 0);
    assert_eq!((session.leaf, session.number), (LEAF + 1, 0));
    assert!(session.wants_snapshot);
    assert_eq!(call(&mut session, 0), (1, false));
}

#[test]
fn a_call_that_an_earlier_life_may_have_taken_is_a_reset_for_the_next_one() {
    let mut session = session();
    session.meet(LEAF);
    session.push(event(5, None));
    call(&mut session, 0);
    session.failed(0);
    call(&mut session, 100);
    session.answered(&answer(LEAF + 1, DownOutcome::Again { wants_controls: false }), 100);
    assert_eq!(call(&mut session, 100), (0, true));
}

#[test]
fn that_is_so_too_where_the_next_one_has_called_before_the_answer_comes() {
    let mut session = session();
    session.meet(LEAF);
    session.push(event(5, None));
    call(&mut session, 0);
    session.failed(0);
    call(&mut session, 100);
    session.hears_from(LEAF + 1);
    session.answered(&answer(LEAF + 1, DownOutcome::Again { wants_controls: false }), 100);
    assert_eq!(call(&mut session, 100), (0, true));
}

#[test]
fn what_an_earlier_life_has_told_of_its_counts_is_asked_for_again() {
    let mut session = session();
    session.meet(LEAF);
    session.has_told(Counts { sockets: 1, users: 1 });
    assert!(!session.has_unknown_counts());
    session.meet(LEAF + 1);
    assert!(session.has_unknown_counts() && session.has_work());
    assert_eq!(call(&mut session, 0), (0, false));
    let known = session.has_told(Counts { sockets: 2, users: 2 });
    assert_eq!(known, Some(Counts { sockets: 1, users: 1 }), "a difference is told to everybody");
    assert!(!session.has_unknown_counts());
}

#[test]
fn a_leaf_that_drains_is_asked_again_before_it_is_given_up_if_it_has_got_anything_since() {
    let mut session = session();
    session.ask();
    session.call(9, 1, (1, true), 0);
    session.answered(&answer_of_empty_leaf(), 0);
    assert!(session.drains);
    session.push(event(5, None));
    session.call(9, 1, (1, true), 0);
    session.answered(&answer_of_empty_leaf(), 0);
    assert!(!session.drains, "it may have asked for what keeps clients out, and stored it");
}

#[test]
fn a_leaf_that_drains_is_asked_again_before_it_is_given_up_if_somebody_was_there() {
    let mut session = session();
    session.ask();
    session.call(9, 1, (1, true), 0);
    let counts = Some(Counts { sockets: 1, users: 0 });
    session.answered(&DownAnswer { counts, ..answer(LEAF, DownOutcome::Done) }, 0);
    session.has_told(Counts::default());
    assert!(!session.drains, "it has kept what keeps clients out");
    session.ask();
    session.call(9, 1, (1, true), 0);
    session.answered(&answer_of_empty_leaf(), 0);
    assert!(session.drains);
}

fn answer_of_empty_leaf() -> DownAnswer {
    DownAnswer { counts: Some(Counts::default()), ..answer(LEAF, DownOutcome::Done) }
}

#[test]
fn a_root_whose_life_is_too_early_takes_a_later_one() {
    let mut session = session();
    session.push(event(5, None));
    call(&mut session, 0);
    session.answered(&answer(LEAF, DownOutcome::Stale { root: 900 }), 0);
    assert_eq!((session.root, call(&mut session, 0)), (901, (1, false)));
}

#[test]
fn a_leaf_that_always_wants_the_same_again_is_lost() {
    let mut session = session();
    session.push(event(5, None));
    for _ in 0..4 {
        call(&mut session, 0);
        let again = answer(LEAF, DownOutcome::Again { wants_controls: true });
        assert!(matches!(session.answered(&again, 0), Step::Again(_)));
    }
    call(&mut session, 0);
    let again = answer(LEAF, DownOutcome::Again { wants_controls: true });
    assert!(matches!(session.answered(&again, 0), Step::Lost(_)));
}

fn published(events: usize) -> Answer {
    let delivery = crate::answer::Delivery {
        event_type: crate::names::EventType::parse("E").unwrap(),
        recipients: 1,
        excluded: 0,
        seq: None,
    };
    Answer::Published(Published {
        deliveries: vec![delivery; events],
        is_batch: events > 1,
        duplicate: false,
        is_partial: false,
        ticket: None,
    })
}

#[test]
fn p2_9_an_answer_is_complete_when_each_leaf_has_told_of_each_event() {
    let mut tickets = Tickets::default();
    let ticket = tickets.open(published(2), 2, [PLACE, OTHER].into_iter());
    let reached = Reached { recipients: 10, excluded: 1 };
    for (event, place) in [(0, PLACE), (1, PLACE), (0, OTHER)] {
        tickets.has_reached(Part { ticket, event }, place, reached);
        assert!(!tickets.has_complete());
    }
    tickets.is_missing(Part { ticket, event: 1 }, OTHER);
    let open = tickets.next_complete().unwrap();
    let Answer::Published(published) = &open.answer else { panic!("{open:?}") };
    let counts: Vec<_> =
        published.deliveries.iter().map(|event| (event.recipients, event.excluded)).collect();
    assert_eq!((counts, open.is_partial), (vec![(21, 2), (11, 1)], true));
    assert!(tickets.is_empty());
}

#[test]
fn p8_5_an_answer_to_a_control_waits_for_the_controls_and_not_for_the_entry() {
    let mut tickets = Tickets::default();
    let answer = DisconnectionAnswer { message: "", disconnected: 1 };
    let places = [PLACE, OTHER].into_iter();
    let part = tickets.open_for_controls(Answer::Disconnected(answer), 7, places);
    tickets.has_reached(part, PLACE, Reached { recipients: 0, excluded: 2 });
    tickets.is_missing(part, OTHER);
    tickets.is_lost(OTHER);
    tickets.has_controls(PLACE, 7);
    tickets.has_controls(OTHER, 6);
    assert!(!tickets.has_complete());
    tickets.has_controls(OTHER, 8);
    let open = tickets.next_complete().unwrap();
    let Answer::Disconnected(DisconnectionAnswer { disconnected, .. }) = open.answer else {
        panic!("{open:?}")
    };
    assert_eq!(disconnected, 3);
}

#[test]
fn a_leaf_knows_the_oldest_history_of_which_it_has_not_confirmed_the_end() {
    let mut session = session();
    let epoch = |text| Epoch::parse(text).unwrap();
    for ended in ["first", "second"] {
        session.ended.push_back(epoch(ended));
        let control = Control::Erase(Erasure::ButRefusals);
        let entry = Entry::Control { control, number: 2 };
        session.push(Queued { item: Rc::new(Item::from(&entry)), part: None, is_owed: false });
    }
    let known = [Some("second"), None];
    for known in known {
        assert_eq!(call(&mut session, 0), (1, false), "nothing comes after an erasure");
        session.answered(&answer(LEAF, DownOutcome::Done), 0);
        assert_eq!(session.ended.front(), known.map(epoch).as_ref());
    }
}

#[test]
fn p8_5_a_leaf_has_done_what_it_had_to_do_when_it_was_called_first() {
    let mut session = session();
    session.reset();
    call(&mut session, 0);
    session.answered(&answer(LEAF, DownOutcome::Again { wants_controls: true }), 0);
    call(&mut session, 0);
    session.failed(0);
    session.reset();
    let entry = Entry::Control { control: Control::KeyEpoch(7), number: 2 };
    session.push(Queued { item: Rc::new(Item::from(&entry)), part: None, is_owed: false });
    session.call(9, 2, (1, false), 1_000);
    session.answered(&answer(LEAF, DownOutcome::Done), 1_000);
    assert_eq!(session.controls, 1, "it may have taken the call before, without the change");
    assert!(session.call(9, 2, (1, false), 1_000).is_reset);
    session.answered(&answer(LEAF, DownOutcome::Done), 1_000);
    assert_eq!(session.controls, 2);
}

#[test]
fn p15_10_a_leaf_knows_the_places_that_it_was_told_when_it_was_called_first() {
    let mut session = session();
    session.ask();
    session.call(9, 1, (1, false), 0);
    session.failed(0);
    session.call(9, 1, (2, false), 1_000);
    session.answered(&answer(LEAF, DownOutcome::Done), 1_000);
    assert_eq!(session.places, 1, "it may have taken the call before, with those");
}
