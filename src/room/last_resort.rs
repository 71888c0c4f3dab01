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

use crate::runtime::ObjectState;

static INSTALLED: Once = Once::new();

thread_local! {
    static CURRENT: RefCell<Option<ObjectState>> = const { RefCell::new(None) };
}

/// Puts the reset behind the panic hook that is there, which writes the message to the log and
/// marks the instance as broken. Once per WASM instance.
pub fn install() {
    INSTALLED.call_once(|| {
        let log_and_mark = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            log_and_mark(info);
            if let Some(object) = CURRENT.take() {
                object.abort("the room panicked and was reset");
            }
        }));
    });
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
