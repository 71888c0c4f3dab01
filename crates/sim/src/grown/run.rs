//! A run: episodes of several steps, until all steps are done or something is wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fastrand::Rng;

use super::flaw::Flaw;
use super::plan::Plan;
use super::step::Step;
use super::world::World;
use crate::counts::Counts;
use crate::run::{EPISODE_STEPS, Options, Progress};
use crate::shrink::{Shrunk, shrink};
use crate::violation::{Checked, Violation};

/// A broken promise, with the fewest steps that show it.
pub type Failure = crate::run::Failure<Plan, Step>;

/// Plays steps in a new world, and then lets it become quiet. Returns what happened or what was wrong.
///
/// # Errors
/// The first promise that is broken.
pub fn play(plan: &Plan, steps: &[Step]) -> Checked<Counts> {
    play_with(plan, steps, None)
}

/// The same, with a planted break.
///
/// # Errors
/// The first promise that is broken.
pub fn play_with(plan: &Plan, steps: &[Step], flaw: Option<Flaw>) -> Checked<Counts> {
    let play = || {
        let mut world = World::new(plan, flaw)?;
        steps.iter().try_for_each(|step| world.take(*step))?;
        world.take(Step::Quiet)?;
        Ok(world.counts)
    };
    catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|_| Err(Violation("A panic.".into())))
}

/// Runs the simulator of a room that grows.
///
/// # Errors
/// The first [`Failure`].
pub fn run(options: Options, progress: impl FnMut(Progress)) -> Result<Counts, Box<Failure>> {
    run_with(options, None, progress).map_err(|found| Box::new(found.shrunk(options.seed)))
}

/// An episode in which a promise was broken.
#[derive(Debug)]
pub struct Found {
    episode: u64,
    plan: Plan,
    steps: Vec<Step>,
    /// The promise.
    pub violation: Violation,
    /// How many steps of the run there were up to the end of the episode.
    pub found_after: u64,
}

impl Found {
    /// The fewest steps that show it.
    fn shrunk(self, seed: u64) -> Failure {
        let Self { episode, plan, steps, .. } = self;
        let Shrunk { found_after, trace, violation } = shrink(&plan, steps, &play);
        let found_after = episode * EPISODE_STEPS + found_after as u64;
        let options = "--grown ";
        Failure { options, seed, episode, plan, trace, found_after, violation }
    }
}

/// The same with a planted break, and without looking for the fewest steps.
///
/// # Errors
/// The first episode in which a promise is broken.
pub fn run_with(
    options: Options,
    flaw: Option<Flaw>,
    mut progress: impl FnMut(Progress),
) -> Result<Counts, Box<Found>> {
    let Options { seed, steps, episode: only, .. } = options;
    let mut counts = Counts::default();
    let mut taken = 0;
    let episodes = only.map_or(0..steps.div_ceil(EPISODE_STEPS), |episode| episode..episode + 1);
    for episode in episodes {
        let left = if only.is_some() { EPISODE_STEPS } else { steps - episode * EPISODE_STEPS };
        let (plan, steps) = draw(seed, episode, left.min(EPISODE_STEPS));
        taken += steps.len() as u64;
        match play_with(&plan, &steps, flaw) {
            Ok(reached) => counts.merge(&reached),
            Err(violation) => {
                let found_after = taken;
                return Err(Box::new(Found { episode, plan, steps, violation, found_after }));
            }
        }
        progress(Progress { steps: taken, episode });
    }
    Ok(counts)
}

/// The world and the steps of an episode.
fn draw(seed: u64, episode: u64, steps: u64) -> (Plan, Vec<Step>) {
    // One extra draw, so that neighbouring seeds have nothing in common.
    let mut rng = Rng::with_seed(Rng::with_seed(seed).u64(..).wrapping_add(episode));
    let plan = Plan::draw(&mut rng);
    let drawn = (0..steps).map(|_| Step::draw(&mut rng, &plan)).collect();
    (plan, drawn)
}
