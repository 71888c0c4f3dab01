//! What happens when a room panics all the same.
//!
//! A panic poisons the WASM instance. The shim around it makes a new one at the next call, and every
//! room of the isolate is rebuilt in it from what the runtime kept. But the event that panicked
//! would be left without an answer, and its object pinned in memory. So the object in which the
//! panic happened is reset on the spot: its callers get an error, its sockets close with 1006, its
//! clients return to a fresh object within seconds. Innocent rooms notice nothing.

use std::cell::RefCell;
use std::panic;
use std::sync::Once;

use js_sys::{Function, Reflect};
use validiant_core::settings::LogLevel;
use wasm_bindgen::prelude::*;

use crate::log::{self, Line};
use crate::runtime::ObjectState;

static INSTALLED: Once = Once::new();

thread_local! {
    static CURRENT: RefCell<Option<ObjectState>> = const { RefCell::new(None) };
    static MARK_AS_BROKEN: Option<Function> = marker().ok();
}

/// Takes the place of the panic hook that the `worker` crate has set. That one writes stack traces
/// to the log, which may show what is nobody's business. Once per WASM instance.
pub fn install() {
    INSTALLED.call_once(|| {
        MARK_AS_BROKEN.with(|_made| {});
        leave_stacks_out_of_errors();
        // A trap that is no panic: out of memory, or of stack. The `worker` crate would make the new
        // instance in the middle of a call, which then goes on with pointers into the old one.
        wasm_bindgen::handler::set_on_abort(mark_instance_as_broken);
        panic::set_hook(Box::new(|info| {
            mark_instance_as_broken();
            let object = CURRENT.take();
            let project = object.as_ref().and_then(|object| object.id().name());
            // Not the panic's message: it may quote what a client or a backend sent.
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let (project_id, message) = (project.as_deref(), place.as_str());
            // Whatever LOG_LEVEL says: nobody turns this off knowingly.
            log::write(LogLevel::Error, &Line::Failure { project_id, action: "panic", message });
            if let Some(object) = object {
                object.abort("the room panicked and was reset");
            }
        }));
    });
}

/// A function that tells the shim, which looks before each call, to make a new instance. It is the
/// runtime's own, bound beforehand: a broken instance may be out of memory or stack.
fn marker() -> Result<Function, JsValue> {
    let reflect = Reflect::get(&js_sys::global(), &"Reflect".into())?;
    let set: Function = Reflect::get(&reflect, &"set".into())?.dyn_into()?;
    let state = Reflect::get(&js_sys::global(), &"__worker_init_state".into())?;
    let set_true = set.bind3(&reflect, &state, &"criticalError".into(), &JsValue::TRUE);
    Ok(set_true.unchecked_into())
}

fn mark_instance_as_broken() {
    MARK_AS_BROKEN.with(|mark| mark.as_ref().map(|mark| mark.call0(&JsValue::UNDEFINED)));
}

/// The shim too writes an error to the log as it is, when it sees a trap.
fn leave_stacks_out_of_errors() {
    let class = Reflect::get(&js_sys::global(), &"Error".into());
    let _ = class.and_then(|class| Reflect::set(&class, &"stackTraceLimit".into(), &0.into()));
}

/// Says that `object` is at work until the guard is dropped. Events never nest.
pub fn enter(object: &ObjectState) -> Entered {
    CURRENT.set(Some(object.clone()));
    Entered
}

/// See [`enter`].
pub struct Entered;

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}
