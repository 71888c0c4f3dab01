//! What root and leaves say to each other in these tests.

use serde_json::Value;
use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::names::{ConnectionId, UserId};
use validiant_core::position::Seq;
use validiant_core::publication::audience::Audience;
use validiant_core::tree::Place;
use validiant_core::tree::wire::{At, Entry, Subject};

pub fn event(seq: Seq, at: Millis, audience: Audience) -> Entry {
    let frame = format!(r#"{{"type":"E","payload":{{}},"timestamp":{at},"seq":{seq}}}"#);
    Entry::Event { seq: Some(seq), at, audience, frame }
}

/// A client at the root asks who is at a place in the product.
pub fn who_is_at(at: &str) -> Entry {
    Entry::Introduce {
        to: At { place: Place::ROOT, socket: SocketId(9) },
        heard_at: at.into(),
        user: UserId::parse("somebody").unwrap(),
        connection: ConnectionId::parse("c").unwrap(),
    }
}

/// What the root tells of a connection that has a socket at another place, too.
pub fn told_by_root(user: &str, since: Option<u64>) -> Entry {
    let (id, connection) = (UserId::parse(user), ConnectionId::parse(&format!("c-{user}")));
    heard_at("board", Some(Subject { user: id.unwrap(), connection: connection.unwrap(), since }))
}

/// What the root tells those who are at a place in the product.
pub fn heard_at(at: &str, about: Option<Subject>) -> Entry {
    Entry::Updated {
        heard_at: vec![at.into()],
        from: Place::ROOT,
        but: None,
        always: Vec::new(),
        is_limited: false,
        about,
        frame: r#"{"type":"USER_UPDATED"}"#.into(),
    }
}

/// Where in the product something is told of a connection, and its data.
pub fn data_told(entries: &[Entry]) -> Vec<(Vec<String>, Value)> {
    let told = |entry: &Entry| match entry {
        Entry::Updated { heard_at, is_limited: false, frame, .. } => {
            let frame: Value = serde_json::from_str(frame).unwrap();
            Some((heard_at.clone(), frame["payload"]["data"][0]["data"].clone()))
        }
        _ => None,
    };
    entries.iter().filter_map(told).collect()
}
