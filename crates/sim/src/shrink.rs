//! Finds the fewest steps that still show that something is wrong.

use crate::counts::Counts;
use crate::plan::Plan;
use crate::step::Step;
use crate::violation::{Checked, Violation};

/// A step that can be replaced by simpler ones.
pub trait Simpler: Copy + PartialEq {
    /// The same step without a fault, or smaller.
    #[must_use]
    fn simpler(self) -> Vec<Self>;
}

impl Simpler for Step {
    fn simpler(self) -> Vec<Self> {
        Self::simpler(self)
    }
}

/// Plays steps in a new world of a plan, and returns what happened or what was wrong.
pub type Runner<P = Plan, S = Step> = dyn Fn(&P, &[S]) -> Checked<Counts>;

/// A shrunk failure.
#[derive(Debug)]
pub struct Shrunk<S> {
    /// After how many of the original steps something was wrong.
    pub found_after: usize,
    /// The fewest steps that show it.
    pub trace: Vec<S>,
    /// What is wrong after them.
    pub violation: Violation,
}

/// Removes and simplifies steps for as long as something is still wrong.
pub fn shrink<P, S: Simpler>(plan: &P, steps: Vec<S>, runner: &Runner<P, S>) -> Shrunk<S> {
    let violation = runner(plan, &steps).err();
    let mut case = Case { plan, runner, steps, violation };
    case.cut_end();
    let found_after = case.steps.len();
    loop {
        let before = case.steps.clone();
        case.take_out();
        case.simplify();
        if case.steps == before {
            break;
        }
    }
    let nothing = || Violation("Nothing is wrong.".into());
    let violation = case.violation.unwrap_or_else(nothing);
    Shrunk { found_after, trace: case.steps, violation }
}

struct Case<'a, P, S> {
    plan: &'a P,
    runner: &'a Runner<P, S>,
    steps: Vec<S>,
    violation: Option<Violation>,
}

impl<P, S: Simpler> Case<'_, P, S> {
    /// Continues with these steps, if they fail too.
    fn take(&mut self, steps: Vec<S>) -> bool {
        let Err(violation) = (self.runner)(self.plan, &steps) else { return false };
        self.steps = steps;
        self.violation = Some(violation);
        true
    }

    /// Whatever comes after the first failing step does not matter.
    fn cut_end(&mut self) {
        let (mut right, mut wrong) = (0, self.steps.len());
        while right + 1 < wrong {
            let middle = right.midpoint(wrong);
            let begin = self.steps.iter().take(middle).copied().collect();
            if self.take(begin) { wrong = middle } else { right = middle }
        }
    }

    /// Large pieces first, single steps last.
    fn take_out(&mut self) {
        let mut size = self.steps.len() / 2;
        while size > 0 {
            let mut end = self.steps.len();
            while end > 0 {
                let piece = end.saturating_sub(size)..end;
                end = piece.start;
                let mut rest = self.steps.clone();
                rest.drain(piece);
                self.take(rest);
            }
            size /= 2;
        }
    }

    fn simplify(&mut self) {
        for place in 0..self.steps.len() {
            let simpler = self.steps.get(place).map(|step| step.simpler()).unwrap_or_default();
            for step in simpler {
                let mut steps = self.steps.clone();
                steps.splice(place..=place, [step]);
                if self.take(steps) {
                    break;
                }
            }
        }
    }
}
