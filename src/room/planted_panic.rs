//! A panic on request, in a test build only: it shows that a room gets over one.

/// The event type, and the text frame, that panics.
pub const TRIGGER: &str = "PLANTED_PANIC";

/// Panics if `bytes` has the trigger in it.
#[allow(clippy::panic)] // It is what this build is for.
pub fn trip(bytes: &[u8]) {
    if bytes.windows(TRIGGER.len()).any(|window| window == TRIGGER.as_bytes()) {
        panic!("planted by the test build");
    }
}
