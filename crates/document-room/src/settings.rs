//! The settings, as the Worker's own module has read them from the environment.

use std::str::FromStr;

use validiant_core::limits::rate::Rate;
use validiant_documents::room::DocumentSettings;

/// Reads the lines `name=value`; `None` if one that is needed is missing or is not a number.
pub fn read(text: &str) -> Option<DocumentSettings> {
    Some(DocumentSettings {
        token_grace_ms: value(text, "tokenGraceMs")?,
        stale_socket_ms: value(text, "staleMs")?,
        messages: rate(text, "messagesPerSecond", "messageBurst")?,
        deliveries: rate(text, "deliveriesPerSecond", "deliveryBurst")?,
        user_sockets: value(text, "userSockets")?,
        room_sockets: value(text, "roomSockets")?,
        max_bytes: value(text, "documentMaxBytes")?,
        tells_changes: value::<u8>(text, "changedEvents")? > 0,
    })
}

fn rate(text: &str, per_second: &str, burst: &str) -> Option<Rate> {
    Some(Rate { per_second: value(text, per_second)?, burst: value(text, burst)? })
}

fn value<T: FromStr>(text: &str, name: &str) -> Option<T> {
    let values = text.lines().filter_map(|line| line.split_once('='));
    values.filter(|(other, _)| *other == name).find_map(|(_, value)| value.parse().ok())
}
