//! Conditions for calling a room that take a promise to check. In JavaScript, because the answer comes later, and must
//! come even if the instance is gone by then.

use worker::js_sys::Function;
use worker::wasm_bindgen::{self, prelude::*};

#[wasm_bindgen(module = "/src/runtime/conditions.js")]
extern "C" {
    /// What depends on the signature of a token.
    pub type Judged;

    /// How often an address connects.
    pub type Limited;

    /// What depends on the signature of a token. `verdict` promises whether it is valid. If it is not, `refused` answers
    /// and `refusal_line` is logged; if it can't be checked at the moment, `unavailable` answers.
    pub fn judged(
        verdict: &Function,
        refused: &Function,
        refusal_line: Option<&str>,
        unavailable: &Function,
    ) -> Judged;

    /// How often an address connects, counted by `key`. If it is too often, `refused` answers and `refusal_line` is
    /// logged.
    pub fn limited(key: &str, refused: &Function, refusal_line: Option<&str>) -> Limited;
}
