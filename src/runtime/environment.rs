//! The Worker's environment.

use wasm_bindgen::prelude::*;

use super::Env;

#[wasm_bindgen(module = "/src/runtime/environment.js")]
extern "C" {
    /// Variables, secrets and the names of bindings, in JSON.
    pub fn environment(env: &Env) -> String;
}
