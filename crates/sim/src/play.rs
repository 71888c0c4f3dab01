//! Playing steps in a world.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::counts::Counts;
use crate::flaw::Flaw;
use crate::plan::Plan;
use crate::step::Step;
use crate::violation::{Checked, Violation};
use crate::world::World;

/// Plays steps against the room. The room may panic, if panics unwind.
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
        Ok(world.counts)
    })
}

/// A panic of a room is a broken promise like any other.
pub(crate) fn catch(play: impl FnOnce() -> Checked<Counts>) -> Checked<Counts> {
    catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|_| Err(Violation("A panic.".into())))
}
