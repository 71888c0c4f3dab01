//! Rooms of several objects (P15).

mod beliefs;
mod chaos;
mod entries;
mod given_up;
mod key_epoch;
mod leaf_controls;
mod leaf_events;
mod leaf_moves;
mod leaf_presence;
mod leaf_refusals;
mod leaf_room;
mod leaf_world;
mod root_answers;
mod root_counts;
mod root_growth;
mod world;
