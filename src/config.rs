//! Settings and bindings, read from the environment once per WASM instance.

use std::cell::OnceCell;
use std::rc::Rc;

use js_sys::Reflect;
use validiant_core::settings::Settings;
use wasm_bindgen::prelude::*;

use crate::runtime::RoomNamespace;

/// The name of the binding to the rooms in `wrangler.toml`.
const ROOMS: &str = "ROOMS";

thread_local! {
    // The environment is the same for all requests and objects of an isolate.
    static SETTINGS: OnceCell<Rc<Settings>> = const { OnceCell::new() };
}

/// The settings, read on the first call.
pub fn settings(env: &JsValue) -> Rc<Settings> {
    SETTINGS.with(|settings| {
        let read = || Rc::new(Settings::read(|name| get(env, name).as_string()));
        Rc::clone(settings.get_or_init(read))
    })
}

/// The binding to the rooms.
pub fn rooms(env: &JsValue) -> RoomNamespace {
    get(env, ROOMS).unchecked_into()
}

fn get(env: &JsValue, name: &str) -> JsValue {
    Reflect::get(env, &name.into()).unwrap_or(JsValue::UNDEFINED)
}
