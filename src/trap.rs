//! Reports a panic to `entry.js`, which makes a new instance and resets the room in which it happened.

use std::panic;

use worker::js_sys::WebAssembly::RuntimeError;
use worker::wasm_bindgen;

/// Makes a panic throw a `WebAssembly.RuntimeError`, like any other trap, with the location in the code
/// as its message. It leaves out the panic's message, which may quote what a client or a backend sent;
/// only the build for `npm run dev` prints that.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        if cfg!(debug_assertions) {
            console_error_panic_hook::hook(info);
        }
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        wasm_bindgen::throw_val(RuntimeError::new(&place).into());
    }));
}
