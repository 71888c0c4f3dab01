//! Settings, read from the environment once per WASM instance.

use std::cell::OnceCell;
use std::rc::Rc;

use js_sys::Reflect;
use validiant_core::settings::Settings;

use crate::runtime::Env;

thread_local! {
    // The environment is the same for all requests and objects of an isolate.
    static SETTINGS: OnceCell<Rc<Settings>> = const { OnceCell::new() };
}

/// The rate limiter for connects, which only some runtimes have.
const CONNECTS: &str = "CONNECTS";

/// The settings, read on the first call.
pub fn settings(env: &Env) -> Rc<Settings> {
    SETTINGS.with(|settings| {
        let counts_connects = Reflect::has(env, &CONNECTS.into()).unwrap_or_default();
        let lookup = |name: &str| Reflect::get(env, &name.into()).ok()?.as_string();
        Rc::clone(settings.get_or_init(|| Rc::new(Settings::read(lookup, counts_connects))))
    })
}
