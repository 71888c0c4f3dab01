//! What must hold before a room is called, and takes a promise to tell.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::{Judged, Limited};

#[wasm_bindgen(module = "/src/runtime/conditions.js")]
extern "C" {
    /// What depends on the signature of a token: `verdict` promises whether it is right, `refused` answers
    /// when it is not, and `refusal_line` is logged; `unavailable` answers when nobody can tell just now.
    pub fn judged(
        verdict: &Function,
        refused: &Function,
        refusal_line: Option<&str>,
        unavailable: &Function,
    ) -> Judged;

    /// How often an address connects: counted by `key`. `refused` answers when it is too often, and `refusal_line` is
    /// logged.
    pub fn limited(key: &str, refused: &Function, refusal_line: Option<&str>) -> Limited;
}
