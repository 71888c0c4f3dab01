//! Several clients keep an encrypted log over sockets that are lost, while the document hibernates, crashes and is erased, the
//! floor goes up, and any of them replaces the snapshot. In the end everybody has everything of which somebody was told that
//! it is kept, numbers went up on every socket, and none was ever used twice.

mod client;
mod world;

use crate::memory::Flaw;

use world::World;

const STEPS: usize = 400;

/// The breaks that concern a log: see [`Flaw`].
const FLAWS: [Flaw; 6] = [
    Flaw::NoGate,
    Flaw::LostBeginning,
    Flaw::ForgetfulAttachments,
    Flaw::DeafSocket,
    Flaw::TornSwitch,
    Flaw::StaleFrame,
];

const PATHS: [&str; 9] = [
    "kept",
    "snapshot kept",
    "snapshot refused",
    "refused under the floor",
    "crashed",
    "hibernated",
    "erased",
    "found another log",
    "got a snapshot",
];

/// Runs one episode. Returns what was seen of it, or what is wrong and at which step.
fn play(seed: u64, flaw: Option<Flaw>) -> Result<Vec<&'static str>, String> {
    let mut world = World::new(seed, flaw);
    for step in 0..STEPS {
        world.step().map_err(|wrong| format!("seed {seed}, step {step}: {wrong}"))?;
    }
    world.heal().map_err(|wrong| format!("seed {seed}, in the end: {wrong}"))?;
    Ok(world.seen)
}

#[test]
fn p14_whatever_happens_everybody_has_everything_that_was_kept() {
    let number = |name, default| {
        std::env::var(name).ok().map_or(default, |value| value.parse().expect("a number"))
    };
    let first: u64 = number("SIMULATION_SEED", 1);
    let mut seen = Vec::new();
    for seed in first..first + number("SIMULATION_EPISODES", 60) {
        seen.extend(play(seed, None).unwrap_or_else(|wrong| panic!("{wrong}")));
    }
    for path in PATHS {
        let count = seen.iter().filter(|it| **it == path).count();
        println!("{count:>8} {path}");
        assert!(count > 0, "never {path}");
    }
}

#[test]
fn every_planted_break_of_an_encrypted_log_is_noticed() {
    for flaw in FLAWS {
        let wrong = (1..200).find_map(|seed| play(seed, Some(flaw)).err());
        println!("{flaw:?}: {wrong:?}");
        assert!(wrong.is_some(), "{flaw:?} is not noticed");
    }
}
