//! The room keeps all its promises whatever happens; and if it did not, the report would be clear.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use validiant_sim::counts::Counts;
use validiant_sim::flaw::Flaw;
use validiant_sim::plan::Plan;
use validiant_sim::step::{Action, Step};
use validiant_sim::violation::{Checked, Violation};
use validiant_sim::{Options, play, play_with, run, run_with};

const SEEDS: [u64; 4] = [5, 8, 9, 10];
const STEPS: u64 = 25_000;

/// The paths that a run must reach to be meaningful.
const PATHS: &[&str] = &[
    "connected without a position",
    "recovered, missed nothing",
    "recovered, replayed one",
    "recovered, replayed several",
    "not recovered: no history",
    "not recovered: other epoch",
    "not recovered: future",
    "not recovered: lost",
    "not recovered: dropped",
    "not recovered: over",
    "not recovered: too large",
    "published one",
    "published several",
    "publication repeated",
    "publication in conflict",
    "publication failed",
    "flush of events that waited",
    "events that waited were lost",
    "crash in a turn",
    "crash that took events",
    "removed sockets",
    "removed nobody",
    "removal failed",
    "refused after a removal",
    "alarm",
    "swept sockets",
    "came in with a token",
    "came in with a token, and only listens",
    "came in without a token",
    "refused while a table can't be read",
    "refused: the token has expired",
    "refused: the token is for something else",
    "refused: the token is revoked",
    "refused: too many sockets",
    "socket replaced at the limit",
    "sockets that ended with their token",
    "refreshed",
    "refreshed: it may send from now on",
    "refreshed: it may not send any more",
    "not refreshed: for something else",
    "not refreshed: nobody can tell",
    "not refreshed: revoked",
    "not refreshed: the room is open",
    "not refreshed: the socket is gone",
    "not refreshed: not valid",
    "revoked sockets of a user",
    "revoked sockets of a token id",
    "revoked sockets up to a time",
    "revoked, and nobody came with such a token",
    "revocation failed",
    "erased all",
    "erased all but refusals",
    "erasure failed",
    "revocation refused: no time to say",
    "published by a token",
    "not published: forbidden",
    "not published: nobody can tell",
    "not published: not valid",
    "not published: revoked",
    "client event passed on",
    "client event refused: not allowed",
    "client event refused: too many deliveries",
    "presence data set",
    "presence data set as before",
    "presence data refused: too many deliveries",
    "presence data refused: too big",
    "presence data refused: not allowed",
    "presence data refused: off",
    "document opened",
    "document not opened: the room says no",
    "document not opened: refused in between",
    "document not opened: the disk is full",
    "refused at a document after a removal",
    "refused at a document while a table can't be read",
    "refused at a document: the token is revoked",
    "documents told",
    "floor raised",
    "floor not raised: it is not higher",
    "raise failed",
    "publication refused: not encrypted",
    "publication refused: under an old key",
    "published again under the current key",
    "client event refused: not encrypted",
    "client event refused: under an old key",
    "client event refused: nobody knows the floor",
    "client event encrypted anew",
    "client event without a key for it",
    "presence data refused: not encrypted",
    "presence data refused: under an old key",
    "presence data refused: nobody knows the floor",
    "refused while the key epoch can't be read",
    "up to date when quiet",
];

fn options(seed: u64, steps: u64) -> Options {
    Options { seed, steps, episode: None, theme: None }
}

#[test]
fn the_room_keeps_its_promises_for_100_000_steps_and_every_path_is_reached() {
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
        [7, 7, 8].map(|seed| run(options(seed, 1_500), |_| {}).unwrap_or_else(|it| panic!("{it}")));
    assert_eq!(first, again);
    assert_ne!(first, other);
}

/// Promises something that no room keeps: that no backend ever retries.
fn play_without_repeats(plan: &Plan, steps: &[Step]) -> Checked<Counts> {
    let counts = play(plan, steps)?;
    match counts.get("publication repeated") {
        0 => Ok(counts),
        _ => Err(Violation("A publication was repeated.".into())),
    }
}

#[test]
fn a_failure_is_shrunk_and_told() {
    let failure = run_with(options(2, 30_000), &play_without_repeats, |_| {}).unwrap_err();
    let actions: Vec<Action> = failure.trace.iter().map(|step| step.action).collect();
    assert!(
        matches!(
            actions[..],
            [Action::Publish { .. }, Action::Repeat { .. }]
                | [Action::Publish { .. }, Action::Publish { .. }]
        ),
        "{failure}"
    );
    let told = failure.to_string();
    let episode = format!("--seed 2 --episode {}", failure.episode);
    for part in ["A publication was repeated.", "   1. room ", "   2. room ", &episode] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let (plan, trace) = (&failure.plan, &failure.trace);
    assert_eq!(play_without_repeats(plan, trace).unwrap_err(), failure.violation);
    for place in 0..trace.len() {
        let mut fewer = trace.clone();
        fewer.remove(place);
        play_without_repeats(plan, &fewer).expect("no step is left that could be taken out");
    }
}

/// How many steps a break may survive.
const MOST_STEPS: u64 = 60_000;
const PLANTED_SEED: u64 = 3;

#[test]
fn every_planted_break_is_noticed() {
    let survived: Vec<Flaw> = Flaw::ALL.into_iter().filter(|flaw| !is_noticed(*flaw)).collect();
    assert_eq!(survived, []);
}

fn is_noticed(flaw: Flaw) -> bool {
    let play = move |plan: &Plan, steps: &[Step]| play_with(plan, steps, Some(flaw));
    let options = Options { theme: flaw.theme(), ..options(PLANTED_SEED, MOST_STEPS) };
    match run_with(options, &play, |_| {}) {
        Ok(_) => false,
        Err(failure) => {
            println!("{flaw:?}, after {} steps: {}", failure.found_after, failure.violation);
            true
        }
    }
}
