//! A run: episodes of several steps, until all steps are done or something is wrong.

use std::fmt;

use fastrand::Rng;

use crate::counts::Counts;
use crate::plan::Plan;
use crate::play::play;
use crate::shrink::{Runner, Shrunk, Simpler, shrink};
use crate::step::Step;
use crate::theme::Theme;
use crate::violation::Violation;

/// The number of steps in an episode.
const EPISODE_STEPS: u64 = 300;

/// What to run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The seed for all random choices.
    pub seed: u64,
    /// How many steps.
    pub steps: u64,
    /// The only episode to run, if not all.
    pub episode: Option<u64>,
    /// What all episodes are about, if not each about something of its own.
    pub theme: Option<Theme>,
}

/// The progress of a run.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// An episode is over.
    Done {
        /// The number of steps done.
        steps: u64,
    },
    /// A promise is broken. Looking for the fewest steps that show it takes a while.
    Found {
        /// The episode in which it happened.
        episode: u64,
        /// The promise.
        violation: &'a Violation,
    },
}

/// A broken promise, with the fewest steps that show it.
#[derive(Debug)]
pub struct Failure<P = Plan, S = Step> {
    /// The options of the command with which this simulator runs.
    pub options: &'static str,
    /// The seed of the run.
    pub seed: u64,
    /// The episode in which it happened.
    pub episode: u64,
    /// The world of the episode.
    pub plan: P,
    /// The steps of the episode, shrunk.
    pub trace: Vec<S>,
    /// After how many steps of the run it was found.
    pub found_after: u64,
    /// The promise broken after the last step of the trace.
    pub violation: Violation,
}

impl<P: fmt::Debug, S: fmt::Display> fmt::Display for Failure<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { options, seed, episode, plan, trace, found_after, violation } = self;
        writeln!(f, "{violation}\n")?;
        writeln!(f, "seed {seed}, episode {episode}, found after {found_after} steps. The world:")?;
        writeln!(f, "  {plan:?}")?;
        writeln!(f, "The fewest steps that show it:")?;
        for (place, step) in trace.iter().enumerate() {
            writeln!(f, "{:>4}. {step}", place + 1)?;
        }
        write!(f, "Again: npm run sim -- {options}--seed {seed} --episode {episode}")
    }
}

/// An episode in which a promise was broken.
#[derive(Debug)]
pub struct Found<P, S> {
    episode: u64,
    plan: P,
    steps: Vec<S>,
    /// The promise.
    pub violation: Violation,
}

impl<P, S: Simpler> Found<P, S> {
    /// The fewest steps that show it. `options`: those of the command, `seed`: that of the run.
    pub(crate) fn shrunk(
        self,
        options: &'static str,
        seed: u64,
        runner: &Runner<P, S>,
    ) -> Box<Failure<P, S>> {
        let Self { episode, plan, steps, .. } = self;
        let Shrunk { found_after, trace, violation } = shrink(&plan, steps, runner);
        let found_after = episode * EPISODE_STEPS + found_after as u64;
        Box::new(Failure { options, seed, episode, plan, trace, found_after, violation })
    }
}

/// How the episodes of a simulator are drawn and played.
pub(crate) struct Game<'a, P, S> {
    /// Draws the world of an episode.
    pub plan: &'a dyn Fn(&mut Rng) -> P,
    /// Draws a step in it.
    pub step: fn(&mut Rng, &P) -> S,
    /// Plays steps in it.
    pub runner: &'a Runner<P, S>,
}

impl<P, S> Game<'_, P, S> {
    /// Plays the episodes.
    pub fn run(
        &self,
        options: Options,
        mut progress: impl FnMut(Progress<'_>),
    ) -> Result<Counts, Box<Found<P, S>>> {
        let Options { seed, steps, episode: only, .. } = options;
        let mut counts = Counts::default();
        let mut taken = 0;
        let all = 0..steps.div_ceil(EPISODE_STEPS);
        for episode in only.map_or(all, |episode| episode..episode + 1) {
            let left = if only.is_some() { EPISODE_STEPS } else { steps - taken };
            let (plan, steps) = self.draw(seed, episode, left.min(EPISODE_STEPS));
            taken += steps.len() as u64;
            match (self.runner)(&plan, &steps) {
                Ok(reached) => counts.merge(&reached),
                Err(violation) => {
                    progress(Progress::Found { episode, violation: &violation });
                    return Err(Box::new(Found { episode, plan, steps, violation }));
                }
            }
            progress(Progress::Done { steps: taken });
        }
        Ok(counts)
    }

    /// The world and the steps of an episode.
    fn draw(&self, seed: u64, episode: u64, steps: u64) -> (P, Vec<S>) {
        // One extra draw, so that neighbouring seeds have nothing in common.
        let mut rng = Rng::with_seed(Rng::with_seed(seed).u64(..).wrapping_add(episode));
        let plan = (self.plan)(&mut rng);
        let drawn = (0..steps).map(|_| (self.step)(&mut rng, &plan)).collect();
        (plan, drawn)
    }
}

/// Runs the simulator.
///
/// # Errors
/// The first [`Failure`].
pub fn run(options: Options, progress: impl FnMut(Progress<'_>)) -> Result<Counts, Box<Failure>> {
    run_with(options, &play, progress)
}

/// The same with another runner.
///
/// # Errors
/// The first [`Failure`].
pub fn run_with(
    options: Options,
    runner: &Runner,
    progress: impl FnMut(Progress<'_>),
) -> Result<Counts, Box<Failure>> {
    let plan = |rng: &mut Rng| Plan::draw(rng, options.theme);
    let game = Game { plan: &plan, step: Step::draw, runner };
    game.run(options, progress).map_err(|found| found.shrunk("", options.seed, runner))
}
