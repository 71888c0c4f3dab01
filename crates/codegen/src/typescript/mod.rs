//! TypeScript modules of the npm package, formatted as Biome would.

pub mod codes;
pub mod frames;
mod layout;
