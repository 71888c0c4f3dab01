//! What the Workers runtime offers, bound by hand.
//!
//! The `worker` crate has wrappers for most of it, but they unwrap inside (a panic throws away the
//! memory of every room in the isolate) and convert requests and responses on each hop. Here every
//! call that can throw answers a `Result`, and what belongs together crosses together: `runtime.js`,
//! whose functions never throw.

use js_sys::{Array, Date, Function, JsString, Object, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/runtime.js")]
extern "C" {
    /// What `RequestHead::parse` reads.
    pub fn head(request: &Request) -> String;

    /// The value of `Origin`, or an empty text.
    pub fn origin(request: &Request) -> String;

    /// Where the client is, as the platform says, or an empty text.
    pub fn address(request: &Request) -> String;

    /// Lets pages of no other origin than this one read an answer, or a promise of one.
    #[wasm_bindgen(js_name = allowOnly)]
    pub fn allow_only(answer: &JsValue, origin: Option<&str>) -> Promise;

    /// Who wants to connect, as the gate says; `None` if the request is no connect.
    pub fn admission(request: &Request) -> Option<String>;

    /// Who is to be removed, as the gate says; `None` if the request is no removal.
    pub fn removal(request: &Request) -> Option<String>;

    /// Which tokens to revoke, as the gate says; `None` if the request is no revocation.
    pub fn revocation(request: &Request) -> Option<String>;

    /// An answer in JSON.
    pub fn json(status: u16, body: &str) -> Response;

    /// The same with one more header.
    #[wasm_bindgen(js_name = jsonWithHeader)]
    pub fn json_with_header(status: u16, body: &str, name: &str, value: &str) -> Response;

    /// The answer to a preflight.
    pub fn preflight(methods: &str, headers: &str, max_age: &str) -> Response;

    /// The 101 that hands the client its end of a socket.
    pub fn upgrade(client: &Socket, subprotocol: Option<&str>) -> Response;

    /// A 101 whose socket is closed at once.
    #[wasm_bindgen(js_name = closeAtOnce)]
    pub fn close_at_once(code: u16, reason: &str, subprotocol: Option<&str>) -> Response;

    /// The attachments of all sockets, a record separator (U+001E) between them; empty for one that has none.
    pub fn attachments(sockets: &Array) -> String;

    /// Takes a socket for hibernation, with what it is to remember. Answers whether the runtime took it:
    /// an object has at most 32,768.
    pub fn accept(state: &ObjectState, socket: &Socket, attachment: &str) -> bool;

    /// Answers whether the socket took it: one that is closing does not. A `JsString` and not a `&str`:
    /// the same one is sent to all, converted once.
    pub fn send(socket: &Socket, text: &JsString) -> bool;

    /// A function that answers a refusal.
    #[wasm_bindgen(js_name = standingRefusal)]
    pub fn standing_refusal(
        status: u16,
        body: &str,
        name: Option<&str>,
        value: Option<&str>,
    ) -> Function;

    /// Sends a broadcast to the room, once, as it came. `fallback` answers when the room does not.
    pub fn forward(env: &Env, room: &str, request: &Request, fallback: &Function) -> Promise;

    /// The same for a body of unknown length, and, with tries, for a broadcast that has a key (`key` is empty if
    /// it has none). `too_long` answers when the body is over `max_bytes`.
    #[wasm_bindgen(js_name = forwardBounded)]
    pub fn forward_bounded(
        env: &Env,
        room: &str,
        request: &Request,
        max_bytes: usize,
        key: &str,
        too_long: &JsValue,
        fallback: &Function,
    ) -> Promise;

    /// Sends a broadcast to several rooms. `judge` takes the body, or `undefined` when it is over `max_bytes`,
    /// and answers an array of the rooms' names, or a refusal.
    #[wasm_bindgen(js_name = publishToMany)]
    pub fn publish_to_many(
        env: &Env,
        request: &Request,
        max_bytes: usize,
        key: &str,
        judge: &JsValue,
        fallback: &Function,
    ) -> Promise;

    /// Has the room remove a user.
    pub fn remove(env: &Env, room: &str, removal: &str, fallback: &Function) -> Promise;

    /// Has the room revoke tokens. `judge` takes the body, or `undefined` when it is over `max_bytes`, and answers
    /// what the room is to be told, or a refusal.
    pub fn revoke(
        env: &Env,
        room: &str,
        request: &Request,
        max_bytes: usize,
        judge: &JsValue,
        fallback: &Function,
    ) -> Promise;

    /// A function that closes a client's socket at once; it takes the subprotocol.
    #[wasm_bindgen(js_name = standingClose)]
    pub fn standing_close(code: u16, reason: &str) -> Function;

    /// A file of the console. `not_found` answers where there is none, or no binding for them.
    pub fn asset(env: &Env, request: &Request, not_found: &Function) -> Promise;

    /// Asks the room for its state.
    #[wasm_bindgen(js_name = askForState)]
    pub fn ask_for_state(env: &Env, room: &str, fallback: &Function) -> Promise;

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

    /// Lets a client connect if its token is signed by us.
    #[wasm_bindgen(js_name = connectIfValid)]
    pub fn connect_if_valid(
        env: &Env,
        room: &str,
        admission: &str,
        judged: &Judged,
        subprotocol: Option<&str>,
        limited: Option<Limited>,
    ) -> Promise;

    /// Sends a broadcast to the room if its token is signed by us. `bearer`: whose token it is, for the room.
    #[wasm_bindgen(js_name = forwardIfValid)]
    #[allow(clippy::too_many_arguments)] // They cross together, in one call.
    pub fn forward_if_valid(
        env: &Env,
        room: &str,
        request: &Request,
        max_bytes: usize,
        key: &str,
        bearer: &str,
        too_long: &JsValue,
        fallback: &Function,
        judged: &Judged,
    ) -> Promise;

    /// Lets a client connect; if the room does not answer, `unavailable` closes its socket.
    pub fn connect(
        env: &Env,
        room: &str,
        admission: &str,
        unavailable: &Function,
        subprotocol: Option<&str>,
        limited: Option<Limited>,
    ) -> Promise;
}

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

    /// The sockets, closing ones included, the newest first.
    #[wasm_bindgen(method, js_name = getWebSockets)]
    pub fn get_web_sockets(this: &ObjectState) -> Array;

    /// Throws over 2,048 bytes.
    #[wasm_bindgen(method, catch, js_name = setWebSocketAutoResponse)]
    pub fn set_web_socket_auto_response(
        this: &ObjectState,
        pair: &AutoResponse,
    ) -> Result<(), JsValue>;

    /// When the runtime last answered a ping of this socket for us.
    #[wasm_bindgen(method, js_name = getWebSocketAutoResponseTimestamp)]
    pub fn auto_response_timestamp(this: &ObjectState, socket: &Socket) -> Option<Date>;

    /// Resets the object: its sockets close with 1006, its callers get an error, and the code that
    /// called this does not go on.
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

    /// A text that the runtime answers by itself, without waking the object.
    #[wasm_bindgen(js_name = WebSocketRequestResponsePair)]
    pub type AutoResponse;

    #[wasm_bindgen(constructor, catch, js_class = "WebSocketRequestResponsePair")]
    pub fn new(request: &str, response: &str) -> Result<AutoResponse, JsValue>;

    /// A random UUID of version 4.
    #[wasm_bindgen(js_namespace = crypto, js_name = randomUUID)]
    pub fn random_uuid() -> String;
}

impl SocketPair {
    /// The end that goes back to the client.
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
