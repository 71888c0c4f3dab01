//! What the crate's `DurableObjectState` lacks, in the form of its own `WebSocketExt`.

use worker::js_sys::Date;
use worker::wasm_bindgen::{self, prelude::*};
use worker::web_sys::WebSocket;
use worker::worker_sys::DurableObjectState;

mod raw {
    use super::*;

    #[wasm_bindgen]
    extern "C" {
        pub type ObjectState;

        // Missing in workers-rs 0.8.7: nothing there can reset an object.
        #[wasm_bindgen(method)]
        pub fn abort(this: &ObjectState, reason: &str);

        // Missing in workers-rs 0.8.7.
        #[wasm_bindgen(method, js_name = getWebSocketAutoResponseTimestamp)]
        pub fn auto_response_timestamp(this: &ObjectState, socket: &WebSocket) -> Option<Date>;
    }
}

/// More methods of an object's state.
pub trait ObjectStateExt {
    /// Resets the object: its sockets close with 1006, its callers get an error, and the code that called this does not
    /// continue.
    fn abort(&self, reason: &str);

    /// When the runtime last answered a ping of this socket for us.
    fn auto_response_timestamp(&self, socket: &WebSocket) -> Option<Date>;
}

impl ObjectStateExt for DurableObjectState {
    fn abort(&self, reason: &str) {
        self.unchecked_ref::<raw::ObjectState>().abort(reason);
    }

    fn auto_response_timestamp(&self, socket: &WebSocket) -> Option<Date> {
        self.unchecked_ref::<raw::ObjectState>().auto_response_timestamp(socket)
    }
}
