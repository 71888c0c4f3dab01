//! Calling the room's object, and what to do when it can't be reached.
//!
//! One policy: a call that changes nothing if it is made twice (connect, state) is tried again when
//! the runtime says that it may be. A broadcast never is: the object may have sent it to everybody
//! before it failed, so the backend is told that nobody knows (`room_unavailable`).

use js_sys::{Promise, Reflect};
use validiant_core::error_code::ErrorCode;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Request, RequestInit, Response};

use super::body::{self, TooLong};
use crate::runtime::RoomStub;
use crate::{reply, room};

/// How often a call is made at the most.
const ATTEMPTS: u32 = 3;
/// Milliseconds before the second attempt; doubled before each further one, half of it random.
const FIRST_DELAY_MS: f64 = 50.0;
/// Seconds after which a caller should try again.
const RETRY_AFTER: &str = "1";

thread_local! {
    // Made once: a closure for each broadcast would cost more than the rest of the gate.
    static ON_FAILURE: Closure<dyn FnMut(JsValue) -> JsValue> =
        Closure::new(|_| unavailable().map_or_else(JsValue::from, JsValue::from));
}

/// Sends a broadcast to the room, once.
pub fn once(room: &RoomStub, request: &Request) -> Result<Promise, JsValue> {
    let answer = room.fetch(request)?;
    Ok(ON_FAILURE.with(|on_failure| answer.or_else(on_failure)))
}

/// The same for a body of unknown length: it is read and bounded here.
pub fn after_reading(room: RoomStub, request: Request, max_bytes: usize) -> Promise {
    future_to_promise(async move {
        let bytes = match body::read(&request, max_bytes).await? {
            Ok(bytes) => bytes,
            Err(TooLong) => {
                return reply::refusal(ErrorCode::PAYLOAD_TOO_LARGE, None, &[]).map(JsValue::from);
            }
        };
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_body(&js_sys::Uint8Array::from(bytes.as_slice()));
        let request = Request::new_with_str_and_init(room::INTERNAL_URL, &init)?;
        JsFuture::from(once(&room, &request)?).await
    })
}

/// Answers in the room's place. Boxed: a second copy of the retry loop is 3 KB of WebAssembly.
pub type OnFailure = Box<dyn FnOnce() -> Result<Response, JsValue>>;

/// Sends a call that may be made twice. `on_failure` answers in the room's place when all attempts
/// have failed.
pub fn with_retries(room: RoomStub, request: Request, on_failure: OnFailure) -> Promise {
    future_to_promise(async move {
        let mut delay = FIRST_DELAY_MS;
        for _ in 1..ATTEMPTS {
            match attempt_once(&room, &request).await {
                Err(thrown) if may_retry(&thrown) => {}
                Err(_) => return on_failure().map(JsValue::from),
                answered => return answered,
            }
            let jittered = delay * (0.5 + js_sys::Math::random() / 2.0);
            worker::Delay::from(std::time::Duration::from_millis(jittered as u64)).await;
            delay *= 2.0;
        }
        attempt_once(&room, &request).await.or_else(|_| on_failure().map(JsValue::from))
    })
}

async fn attempt_once(room: &RoomStub, request: &Request) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::from(room.fetch(request)?)).await
}

/// The runtime marks an error with what it knows: an overloaded object is left alone, a reset one
/// is there again at the next call.
fn may_retry(thrown: &JsValue) -> bool {
    let says = |mark: &str| Reflect::get(thrown, &mark.into()).is_ok_and(|value| value.is_truthy());
    !says("overloaded") && (says("retryable") || says("durableObjectReset"))
}

/// Tells the caller that the room did not answer.
pub fn unavailable() -> Result<Response, JsValue> {
    reply::refusal(ErrorCode::ROOM_UNAVAILABLE, None, &[("Retry-After", RETRY_AFTER)])
}
