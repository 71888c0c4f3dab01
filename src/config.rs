//! The settings, read from the environment once per WASM instance.

use std::cell::OnceCell;
use std::rc::Rc;

use validiant_core::settings::{Environment, Settings};
use worker::Env;

use crate::runtime;
use crate::signature;

thread_local! {
    // The environment is the same for all requests and objects of an isolate.
    static SETTINGS: OnceCell<Rc<Settings>> = const { OnceCell::new() };
}

/// The settings. The first call reads them.
pub fn settings(env: &Env) -> Rc<Settings> {
    SETTINGS.with(|settings| Rc::clone(settings.get_or_init(|| Rc::new(read(env)))))
}

#[inline(never)]
fn read(env: &Env) -> Settings {
    Settings::read(&Environment::from_json(&runtime::environment(env)), signature::usable_keys)
}
