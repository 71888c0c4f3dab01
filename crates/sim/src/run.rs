//! A run: episodes of several steps, until all steps are done or something is wrong.

use std::fmt;

use fastrand::Rng;

use crate::counts::Counts;
use crate::plan::Plan;
use crate::play::{Runner, play};
use crate::shrink::{Shrunk, shrink};
use crate::step::Step;
use crate::theme::Theme;
use crate::violation::Violation;

/// The number of steps in an episode.
pub(crate) const EPISODE_STEPS: u64 = 300;

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
pub struct Progress {
    /// The number of steps done.
    pub steps: u64,
    /// The last finished episode.
    pub episode: u64,
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

/// Runs the simulator.
///
/// # Errors
/// The first [`Failure`].
pub fn run(options: Options, progress: impl FnMut(Progress)) -> Result<Counts, Box<Failure>> {
    run_with(options, &play, progress)
}

/// The same with another runner.
///
/// # Errors
/// The first [`Failure`].
pub fn run_with(
    options: Options,
    runner: &Runner,
    mut progress: impl FnMut(Progress),
) -> Result<Counts, Box<Failure>> {
    let Options { seed, steps, episode: only, theme } = options;
    let mut counts = Counts::default();
    let mut taken = 0;
    let episodes = only.map_or(0..steps.div_ceil(EPISODE_STEPS), |episode| episode..episode + 1);
    for episode in episodes {
        let steps_before = episode * EPISODE_STEPS;
        let length = if only.is_some() { EPISODE_STEPS } else { steps - steps_before };
        let (plan, drawn) = draw(seed, episode, length.min(EPISODE_STEPS), theme);
        match runner(&plan, &drawn) {
            Ok(reached) => counts.merge(&reached),
            Err(_) => {
                let Shrunk { found_after, trace, violation } = shrink(&plan, drawn, runner);
                let found_after = steps_before + found_after as u64;
                let options = "";
                let failure =
                    Failure { options, seed, episode, plan, trace, found_after, violation };
                return Err(Box::new(failure));
            }
        }
        taken += drawn.len() as u64;
        progress(Progress { steps: taken, episode });
    }
    Ok(counts)
}

/// The world and the steps of an episode.
fn draw(seed: u64, episode: u64, steps: u64, theme: Option<Theme>) -> (Plan, Vec<Step>) {
    // One extra draw, so that neighbouring seeds have nothing in common.
    let mut rng = Rng::with_seed(Rng::with_seed(seed).u64(..).wrapping_add(episode));
    let plan = Plan::draw(&mut rng, theme);
    let drawn = (0..steps).map(|_| Step::draw(&mut rng, &plan)).collect();
    (plan, drawn)
}
