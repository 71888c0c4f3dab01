//! Calling the room's object, and what to do when it can't be reached.
//!
//! One policy: a call that changes nothing if it is made twice (connect, state) is tried again when
//! the runtime says that it may be. A broadcast never is: the object may have sent it to everybody
//! before it failed, so the backend is told that nobody knows (`room_unavailable`).

use js_sys::{Function, Promise, Reflect};
use validiant_core::close_code::CloseCode;
use validiant_core::error_code::ErrorCode;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::Request;

use super::body::{self, TooLong};
use crate::runtime::{RoomStub, ValuePromise};
use crate::{internal, reply};

/// How often a call is made at the most.
const ATTEMPTS: u32 = 3;
/// Milliseconds before the second attempt; doubled before each further one, half of it random.
const FIRST_DELAY_MS: f64 = 50.0;
/// Seconds after which a caller should try again.
const RETRY_AFTER: &str = "1";

type Retry = dyn FnMut(RoomStub, Request, Function, JsValue) -> Promise;
type CloseLater = dyn FnMut(JsValue) -> Result<JsValue, JsValue>;

thread_local! {
    // Made once: what differs from call to call is bound to them by the runtime.
    static RETRY: Closure<Retry> =
        Closure::new(|room, request, fallback, thrown| {
            future_to_promise(retry(room, request, fallback, thrown))
        });
    static CLOSE_LATER: Closure<CloseLater> = Closure::new(|subprotocol: JsValue| {
        let subprotocol = subprotocol.as_string();
        reply::close_at_once(CloseCode::TRY_AGAIN, subprotocol.as_deref()).map(JsValue::from)
    });
    static UNAVAILABLE: Result<Function, JsValue> =
        reply::standing_refusal(ErrorCode::ROOM_UNAVAILABLE, &[("Retry-After", RETRY_AFTER)]);
}

/// Answers that the room is not available.
pub fn unavailable() -> Result<Function, JsValue> {
    UNAVAILABLE.with(Clone::clone)
}

/// Closes the client's socket with the advice to come back later.
pub fn close_later(subprotocol: Option<&str>) -> Function {
    let subprotocol = subprotocol.map_or(JsValue::UNDEFINED, JsValue::from);
    CLOSE_LATER.with(|close| {
        bindable(close.as_ref()).bind1(&JsValue::UNDEFINED, &subprotocol).unchecked_into()
    })
}

/// Sends a broadcast to the room, once.
pub fn once(room: &RoomStub, request: &Request) -> Result<ValuePromise, JsValue> {
    Ok(room.fetch(request)?.or_else(&unavailable()?))
}

/// The same for a body of unknown length: it is read and bounded here. `too_long` answers when it is
/// longer than `max_bytes`.
pub fn after_reading(
    room: RoomStub,
    request: &Request,
    max_bytes: usize,
    too_long: impl FnOnce() -> Result<JsValue, JsValue> + 'static,
) -> Result<ValuePromise, JsValue> {
    let send = move |body: Result<Vec<u8>, TooLong>| match body {
        Ok(bytes) => once(&room, &internal::publish(&bytes)?).map(JsValue::from),
        Err(TooLong) => too_long(),
    };
    let answer = Promise::resolve(&body::read(request, max_bytes, Box::new(send))?);
    Ok(answer.unchecked_into::<ValuePromise>().or_else(&unavailable()?))
}

/// Sends a call that may be made twice. `fallback` answers in the room's place when all attempts
/// have failed.
pub fn with_retries(
    room: &RoomStub,
    request: &Request,
    fallback: &Function,
) -> Result<ValuePromise, JsValue> {
    let again: Function = RETRY.with(|retry| {
        let retry = bindable(retry.as_ref());
        retry.bind3(&JsValue::UNDEFINED, room, request, fallback).unchecked_into()
    });
    Ok(room.fetch(request)?.or_else(&again).or_else(&unavailable()?))
}

fn bindable(closure: &JsValue) -> &Function {
    closure.unchecked_ref()
}

/// All attempts after the first, which threw `thrown`.
async fn retry(
    room: RoomStub,
    request: Request,
    fallback: Function,
    mut thrown: JsValue,
) -> Result<JsValue, JsValue> {
    let mut delay = FIRST_DELAY_MS;
    for _ in 1..ATTEMPTS {
        if !may_retry(&thrown) {
            break;
        }
        let jittered = delay * (0.5 + js_sys::Math::random() / 2.0);
        worker::Delay::from(std::time::Duration::from_millis(jittered as u64)).await;
        delay *= 2.0;
        match JsFuture::from(Promise::from(room.fetch(&request)?)).await {
            Ok(response) => return Ok(response),
            Err(again) => thrown = again,
        }
    }
    fallback.call0(&JsValue::UNDEFINED)
}

/// The runtime marks an error with what it knows: an overloaded object is left alone, a reset one
/// is there again at the next call.
fn may_retry(thrown: &JsValue) -> bool {
    let says = |mark: &str| Reflect::get(thrown, &mark.into()).is_ok_and(|value| value.is_truthy());
    !says("overloaded") && (says("retryable") || says("durableObjectReset"))
}
