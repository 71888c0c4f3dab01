//! Random values, made by the runtime's cryptography.

use uuid::{Builder, Uuid};

/// The text of a random UUID (version 4); `None` if the runtime gives no random bytes, since nothing else can stand in.
pub fn uuid() -> Option<String> {
    // `Uuid::new_v4` would panic without them.
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    let uuid = Builder::from_random_bytes(bytes).into_uuid();
    Some(uuid.as_hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned())
}
