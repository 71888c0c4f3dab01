//! Which changes there are: every change has the id of its client and a clock, and a client counts up from 0.

mod ranges;
mod vector;

pub use ranges::{IdRange, IdRanges};
pub use vector::StateVector;
