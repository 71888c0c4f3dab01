//! A room that grows keeps all promises of a small one, whatever happens to its objects and to the calls between them
//! (P15).

#![allow(clippy::panic, reason = "a test fails by panicking")]

use validiant_sim::Options;
use validiant_sim::counts::Counts;
use validiant_sim::grown::flaw::Flaw;
use validiant_sim::grown::{run, run_with};

const SEEDS: [u64; 3] = [5, 6, 22];
const STEPS: u64 = 12_000;

/// The paths that a run must reach to be meaningful.
const PATHS: &[&str] = &[
    // The room grows and shrinks, and its clients move.
    "room grew",
    "room shrank",
    "leaves given up",
    "clients moved",
    "quiet in many places",
    "up to date when quiet",
    // Objects die, are cut off, and are taken out of memory.
    "root died",
    "leaf died",
    "step: kill all objects",
    "step: cut an object off",
    "leaf lost",
    "leaf found again",
    "root hibernated",
    "leaf hibernated",
    // Calls between them.
    "calls that were lost",
    "answers that were lost",
    "calls that were slow",
    "calls that timed out",
    "calls that came again",
    "calls that were overtaken",
    // Clients come, and come back.
    "step: all lose the connection",
    "clients sent wrong by a stale copy",
    "clients at an object that is no place",
    "clients that waited at a leaf",
    "recovered at the root",
    "recovered at a leaf",
    "not recovered at the root",
    "not recovered at a leaf",
    "sockets closed to come again",
    // What backends publish, and clients say.
    "events at the root",
    "events at leaves",
    "publication repeated",
    "answers in full",
    "answers in part",
    "client events heard",
    "presence data heard at leaves",
    // What keeps clients out.
    "removals that waited for leaves",
    "revocations that waited for leaves",
    "key epochs that waited for leaves",
    "erasures that waited for leaves",
    "administration answered",
    "administration that failed",
    "refused after a removal",
    "refused with a revoked token",
    "sockets closed by a removal",
    "sockets closed by a revocation",
];

fn options(seed: u64, steps: u64) -> Options {
    Options { seed, steps, episode: None, theme: None }
}

#[test]
fn a_room_that_grows_keeps_the_promises_of_a_small_one_and_every_path_is_reached() {
    let mut counts = Counts::default();
    for seed in SEEDS {
        match run(options(seed, STEPS), |_| {}) {
            Ok(reached) => counts.merge(&reached),
            Err(failure) => panic!("{failure}"),
        }
    }
    for path in PATHS {
        assert!(counts.get(path) > 0, "{path}: never\n{counts}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let [first, again, other] =
        [7, 7, 8].map(|seed| run(options(seed, 900), |_| {}).unwrap_or_else(|it| panic!("{it}")));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

/// The seed with which a break is looked for, and in how many episodes: 60,000 steps.
const PLANTED_SEED: u64 = 22;
const MOST_EPISODES: u64 = 200;

#[test]
fn every_planted_break_is_noticed_by_what_it_breaks_and_only_by_it() {
    let survived: Vec<Flaw> = Flaw::ALL.into_iter().filter(|flaw| !is_noticed(*flaw)).collect();
    assert_eq!(survived, []);
}

/// Whether there is an episode in which the promise that it breaks is broken, and none without it.
fn is_noticed(flaw: Flaw) -> bool {
    let noticed = (0..MOST_EPISODES).find_map(|episode| {
        let violation = play(episode, Some(flaw))?;
        let is_it = broken_by(flaw).iter().any(|promise| violation.contains(promise));
        (is_it && play(episode, None).is_none()).then_some((episode, violation))
    });
    if let Some((episode, violation)) = &noticed {
        println!("{flaw:?}, in the episode {episode}: {violation}");
    }
    noticed.is_some()
}

/// What is wrong in an episode.
fn play(episode: u64, flaw: Option<Flaw>) -> Option<String> {
    let options = Options { episode: Some(episode), ..options(PLANTED_SEED, 0) };
    run_with(options, flaw, |_| {}).err().map(|found| found.violation.to_string())
}

/// How the shadow tells of what a break breaks.
fn broken_by(flaw: Flaw) -> &'static [&'static str] {
    match flaw {
        Flaw::LateReplay
        | Flaw::ShortPull
        | Flaw::OldAnswer
        | Flaw::ForgottenLeaf
        | Flaw::TrustingLeaves => &["has missed"],
        Flaw::TakenTwice | Flaw::SaidTwice | Flaw::OldCall => &["} again"],
        Flaw::Unordered => &["has missed", "late", "out of order"],
        Flaw::SaidFirst => &["in orders that contradict each other"],
        Flaw::NoAudience | Flaw::Echo => &["which is not for it"],
        Flaw::HastyAnswer => &["is answered, and"],
        Flaw::ForgottenTree => &["is answered, and", "is dropped, and not empty"],
        Flaw::UntoldRemoval => &["The removal of", "though its user is kept out"],
        Flaw::WrongRemoval => &["is closed with"],
        Flaw::UntoldErasure => &["is refused"],
        Flaw::UntoldRevocation => &["The revocation is answered", "with a token that is revoked"],
        Flaw::ForgetfulLeaf => &["though its user is kept out", "with a token that is revoked"],
        Flaw::UntoldFloor => &["CONNECTED tells"],
        Flaw::OpenDoor | Flaw::LostHandover => &["is present since"],
        Flaw::StubbornGate => &["is not connected"],
        Flaw::DeafClose => &["believes in the socket"],
        Flaw::UncountedLeaf | Flaw::UntoldCount => &[" users "],
        Flaw::EmptyLeaf => &["and the state is"],
        Flaw::NoIntroductions | Flaw::UntoldChange => &["believes {"],
    }
}
