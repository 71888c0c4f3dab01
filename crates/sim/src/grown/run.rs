//! A run: episodes of several steps, until all steps are done or something is wrong.

use super::flaw::Flaw;
use super::plan::Plan;
use super::step::Step;
use super::world::World;
use crate::counts::Counts;
use crate::play::catch;
use crate::run::{Game, Options, Progress};
use crate::violation::Checked;

/// A broken promise, with the fewest steps that show it.
pub type Failure = crate::run::Failure<Plan, Step>;
/// An episode in which a promise was broken.
pub type Found = crate::run::Found<Plan, Step>;

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
    catch(|| {
        let mut world = World::new(plan, flaw)?;
        steps.iter().try_for_each(|step| world.take(*step))?;
        world.take(Step::Quiet)?;
        Ok(world.counts)
    })
}

/// Runs the simulator of a room that grows.
///
/// # Errors
/// The first [`Failure`].
pub fn run(options: Options, progress: impl FnMut(Progress<'_>)) -> Result<Counts, Box<Failure>> {
    run_with(options, None, progress).map_err(|found| found.shrunk("--grown ", options.seed, &play))
}

/// The same with a planted break, and without looking for the fewest steps.
///
/// # Errors
/// The first episode in which a promise is broken.
pub fn run_with(
    options: Options,
    flaw: Option<Flaw>,
    progress: impl FnMut(Progress<'_>),
) -> Result<Counts, Box<Found>> {
    let runner = move |plan: &Plan, steps: &[Step]| play_with(plan, steps, flaw);
    Game { plan: &Plan::draw, step: Step::draw, runner: &runner }.run(options, progress)
}
