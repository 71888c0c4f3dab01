//! Hand-written bindings to the Workers runtime.
//!
//! The `worker` crate has wrappers for most of it, but they unwrap inside (a panic loses the memory of
//! every room in the isolate) and convert requests and responses on each hop. Here every call that can
//! throw returns a `Result`. Related values cross the boundary together, through the JavaScript modules
//! next to these, whose functions never throw.

mod conditions;
mod environment;
mod request;
mod response;
mod room_calls;
mod sockets;

use js_sys::{Array, Date, Object, Promise};
use wasm_bindgen::prelude::*;

pub use conditions::{judged, limited};
pub use environment::environment;
pub use request::*;
pub use response::*;
pub use room_calls::*;
pub use sockets::*;

#[wasm_bindgen]
extern "C" {
    /// The settings, secrets and bindings of the Worker.
    #[wasm_bindgen(extends = Object)]
    pub type Env;

    /// What depends on the signature of a token.
    pub type Judged;

    /// How often an address connects.
    pub type Limited;

    /// A request to the edge or to a room.
    pub type Request;

    /// An answer.
    pub type Response;

    /// `ctx` of a Durable Object.
    #[derive(Clone)]
    pub type ObjectState;

    #[wasm_bindgen(method, getter)]
    pub fn id(this: &ObjectState) -> ObjectId;

    #[wasm_bindgen(method, getter)]
    pub fn storage(this: &ObjectState) -> ObjectStorage;

    /// The sockets, including closing ones, newest first.
    #[wasm_bindgen(method, js_name = getWebSockets)]
    pub fn get_web_sockets(this: &ObjectState) -> Array;

    /// Throws if it has more than 2,048 bytes.
    #[wasm_bindgen(method, catch, js_name = setWebSocketAutoResponse)]
    pub fn set_web_socket_auto_response(
        this: &ObjectState,
        pair: &AutoResponse,
    ) -> Result<(), JsValue>;

    /// When the runtime last answered a ping of this socket for us.
    #[wasm_bindgen(method, js_name = getWebSocketAutoResponseTimestamp)]
    pub fn auto_response_timestamp(this: &ObjectState, socket: &Socket) -> Option<Date>;

    /// Resets the object: its sockets close with 1006, its callers get an error, and the code that called this does not
    /// continue.
    #[wasm_bindgen(method)]
    pub fn abort(this: &ObjectState, reason: &str);

    pub type ObjectId;

    /// The name that the id was made from.
    #[wasm_bindgen(method, getter)]
    pub fn name(this: &ObjectId) -> Option<String>;

    pub type ObjectStorage;

    /// Sets the one alarm; milliseconds since the Unix epoch.
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    pub fn set_alarm(this: &ObjectStorage, at: f64) -> Result<Promise, JsValue>;

    /// The server's end of a WebSocket.
    #[wasm_bindgen(extends = Object)]
    #[derive(Clone)]
    pub type Socket;

    #[wasm_bindgen(method, catch)]
    pub fn close(this: &Socket, code: u16, reason: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = close)]
    pub fn close_without_code(this: &Socket) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = serializeAttachment)]
    pub fn serialize_attachment(this: &Socket, value: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = deserializeAttachment)]
    pub fn deserialize_attachment(this: &Socket) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = WebSocketPair)]
    pub type SocketPair;

    #[wasm_bindgen(constructor, js_class = "WebSocketPair")]
    pub fn new() -> SocketPair;

    #[wasm_bindgen(method, structural, indexing_getter)]
    fn end(this: &SocketPair, index: u32) -> Socket;

    /// A message that the runtime answers by itself, without waking the object.
    #[wasm_bindgen(js_name = WebSocketRequestResponsePair)]
    pub type AutoResponse;

    #[wasm_bindgen(constructor, catch, js_class = "WebSocketRequestResponsePair")]
    pub fn new(request: &str, response: &str) -> Result<AutoResponse, JsValue>;

    /// A random UUID of version 4.
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    pub fn random_uuid() -> String;
}

impl SocketPair {
    /// The end for the client.
    pub fn client(&self) -> Socket {
        self.end(0)
    }

    /// The end that stays here.
    pub fn server(&self) -> Socket {
        self.end(1)
    }
}

/// The time of the current event, in milliseconds since the Unix epoch.
pub fn now() -> validiant_core::Millis {
    Date::now() as validiant_core::Millis
}
