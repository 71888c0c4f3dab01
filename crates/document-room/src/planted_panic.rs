//! A panic on request, in a test build only, to show that a document recovers from it.

/// What panics in a client's frame.
pub const IN_FRAME: &str = "PLANTED_PANIC";
/// What panics when the document that contains it is compacted.
pub const IN_COMPACTION: &str = "PLANTED_COMPACTION";

/// Panics if `bytes` contains the trigger.
#[allow(clippy::panic)] // It is what this build is for.
pub fn trip(trigger: &str, bytes: &[u8]) {
    if bytes.windows(trigger.len()).any(|window| window == trigger.as_bytes()) {
        panic!("planted by the test build");
    }
}
