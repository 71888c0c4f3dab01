//! Reports a panic to `document-room.js`, as `src/trap.rs` does for the Worker.

use std::panic;

use js_sys::WebAssembly::RuntimeError;

/// Makes a panic throw a `WebAssembly.RuntimeError`, like any other trap, with the location in the code as its message.
/// It leaves out the panic's message, which may quote what a client sent; only the build for `npm run dev` prints that.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        if cfg!(debug_assertions) {
            console_error_panic_hook::hook(info);
        }
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        wasm_bindgen::throw_val(RuntimeError::new(&place).into());
    }));
}
