//! A panic on request, in a test build only, to show that a room recovers from it.

/// The event type, and the text frame, that panics.
pub const TRIGGER: &str = "PLANTED_PANIC";

/// Panics if `bytes` contains the trigger.
#[allow(clippy::panic)] // It is what this build is for.
pub fn trip(bytes: &[u8]) {
    if bytes.windows(TRIGGER.len()).any(|window| window == TRIGGER.as_bytes()) {
        panic!("planted by the test build");
    }
}
