//! The Worker's environment. In JavaScript, because the crate's `Env` reads one binding at a time, by a name known before.

use worker::Env;
use worker::wasm_bindgen::{self, prelude::*};

#[wasm_bindgen(module = "/src/runtime/environment.js")]
extern "C" {
    /// Variables, secrets and the names of bindings, in JSON.
    pub fn environment(env: &Env) -> String;
}
