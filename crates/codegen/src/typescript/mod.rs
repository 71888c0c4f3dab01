//! TypeScript modules of the npm package, laid out as biome would.

pub mod codes;
pub mod frames;
mod layout;
