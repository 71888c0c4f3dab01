//! Several people edit one document with `yrs`, over sockets that are lost, while the document hibernates, crashes and is
//! compacted, and while somebody beside them means harm. In the end everybody has the same text, and nothing is gone of
//! which somebody was told that it is durable.
//!
//! `SIMULATION_EPISODES=1000 SIMULATION_SEED=7 cargo test -p validiant-documents --release --test document simulation`
//! runs more of it. Each episode has a seed of its own, which a failure names.

mod awareness;
mod check;
mod client;
mod draw;
mod heal;
mod hostile;
mod network;
mod project;
mod world;

use crate::memory::Flaw;

use world::World;

const STEPS: usize = 400;

/// Runs one episode. Returns what was seen of it, or what is wrong and at which step.
fn play(seed: u64, flaw: Option<Flaw>) -> Result<Vec<&'static str>, String> {
    let mut world = World::new(seed, flaw);
    for step in 0..STEPS {
        world.step().map_err(|wrong| format!("seed {seed}, step {step}: {wrong}"))?;
    }
    world.heal().map_err(|wrong| format!("seed {seed}, in the end: {wrong}"))?;
    Ok(world.seen)
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |value| value.parse().expect("a number"))
}

/// The paths that a run must reach to be meaningful.
const PATHS: [&str; 19] = [
    "acknowledged",
    "connected",
    "removed while expected",
    "removed",
    "revoked",
    "turned away",
    "erased",
    "crashed with writes that were not durable",
    "crashed with all of them durable",
    "hibernated",
    "compacted",
    "compaction died",
    "compaction lost in a crash",
    "woke after a compaction that died",
    "written by a timer",
    "alarm",
    "told of a change",
    "hostile closed",
    "denied",
];

#[test]
fn p13_whatever_happens_all_have_the_same_text_and_nothing_acknowledged_is_lost() {
    let first = number("SIMULATION_SEED", 1);
    let mut seen = Vec::new();
    for seed in first..first + number("SIMULATION_EPISODES", 40) {
        seen.extend(play(seed, None).unwrap_or_else(|wrong| panic!("{wrong}")));
    }
    for path in PATHS {
        let count = seen.iter().filter(|it| **it == path).count();
        println!("{count:>8} {path}");
        assert!(count > 0, "never {path}");
    }
}

#[test]
fn every_planted_break_is_noticed() {
    for flaw in Flaw::ALL {
        let wrong = (1..200).find_map(|seed| play(seed, Some(flaw)).err());
        println!("{flaw:?}: {wrong:?}");
        assert!(wrong.is_some(), "{flaw:?} is not noticed");
    }
}
