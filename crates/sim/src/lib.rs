//! The ports of a room in memory, for tests.
pub mod platform;
