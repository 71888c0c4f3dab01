//! The query of a client that connects, and which missed events it gets (P4.1 to P4.4, P7.3 to P7.5).

use validiant_core::member::Member;
use validiant_core::names::ConnectionId;
use validiant_core::position::Position;
use validiant_core::room_call::admission::{Admission, token_in};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::reason::Reason;
use validiant_sim::platform::Outgoing;

use crate::json::Object;
use crate::names::{assert_called, form_decode, is_name, is_user_id, number};
use crate::room::{HISTORY_SIZE, HISTORY_TTL_MS, World};

const FRESH: &str = "fresh";
/// The first epoch of the in-memory ports.
const EPOCH: &str = "epoch1";
const MAX_STEPS: usize = 64;

/// The first line is the past of a room, one step per byte. The rest is the query of a client that connects now.
///
/// The query must be read as the oracle reads it. The client must be recovered exactly if everything after its position
/// is kept, and then get exactly that.
pub fn since(data: &[u8]) {
    let mut parts = data.splitn(2, |byte| *byte == b'\n');
    let past = parts.next().unwrap_or_default();
    let Ok(query) = std::str::from_utf8(parts.next().unwrap_or_default()) else { return };
    if let Some(admission) = admission(query) {
        returns_to(past, admission);
    }
    let position = Position::parse(query);
    assert_eq!(position.as_ref().map(told), expected_position(query));
    if let Some(position) = position {
        assert_eq!(Position::parse(&position.to_string()), Some(position));
    }
}

fn told(position: &Position) -> (String, u64) {
    (position.epoch.to_string(), position.seq)
}

/// P7.3.
fn expected_position(text: &str) -> Option<(String, u64)> {
    let colon = text.rfind(':')?;
    let (epoch, seq) = (&text[..colon], &text[colon + 1..]);
    is_name(epoch, 64).then_some(epoch.to_owned()).zip(number(seq))
}

fn admission(query: &str) -> Option<Admission> {
    let pairs = form_decode(query);
    let first = |wanted: &str| {
        pairs.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str())
    };
    let (user, name) = (first("userId"), first("userName"));
    let is_right = user.is_empty() || is_user_id(user);
    let fresh = || ConnectionId::parse(FRESH).ok();
    let got = Admission::from_query(query, Some("chat"), fresh);
    assert_eq!(got.is_ok(), is_right);
    let Ok(admission) = got else {
        assert_eq!(got, Err(CloseCode::BAD_REQUEST.because(Reason::UserId)));
        return None;
    };
    let connection = Some(first("_pk")).filter(|id| is_name(id, 128)).unwrap_or(FRESH);
    assert_eq!(admission.connection_id.as_str(), connection);
    let got = admission.user.as_ref();
    assert_eq!(got.map_or("", |user| user.id.as_str()), user);
    let named = got.and_then(|user| user.name.as_ref()).map(|name| name.as_str());
    assert_called(named, if user.is_empty() { "" } else { name });
    assert!(got.is_none_or(|user| !user.verified) && admission.token.is_none());
    assert_eq!(admission.takes_batches, first("frames") == "batch");
    assert_eq!(admission.since.as_ref().map(told), expected_position(first("since")));
    assert_eq!(token_in(query).as_deref().unwrap_or_default(), first("token"));
    assert_eq!(Admission::from_header(&admission.to_header()).as_ref(), Some(&admission));
    Some(admission)
}

/// An event of the past, if it was kept.
struct Kept {
    at: u64,
    frame: String,
}

fn returns_to(past: &[u8], admission: Admission) {
    let mut world = World::new();
    let kept = play(&mut world, past);
    let Admission { connection_id, user, takes_batches, since, .. } = admission;
    let member = Member {
        connection_id,
        user,
        connected_at: world.now,
        takes_batches,
        is_present: true,
        token: None,
        gap_after: None,
        may_send: false,
        data: None,
    };
    let missed = since.as_ref().and_then(|position| missed(&kept, position, world.now));
    let (socket, connected) = world.connect(member, since.as_ref());
    assert_eq!(connected.recovered, missed.is_some(), "{since:?} of {} events", kept.len());
    let missed = missed.unwrap_or_default();
    assert_eq!(connected.replayed, missed.len());
    let sent = world.take_sent();
    let to_it = sent.into_iter().filter(|(to, _)| *to == socket).map(|(_, what)| what);
    let frames: Vec<String> = to_it.map(frame).collect();
    assert_connected(&frames[0], kept.len(), connected.recovered);
    let replay: Vec<String> = match missed.len() {
        2.. if takes_batches => vec![format!("[{}]", missed.join(","))],
        _ => missed.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(frames[1..], replay);
}

fn frame(what: Outgoing) -> String {
    match what {
        Outgoing::Frame(text) => text,
        Outgoing::Close(code) => panic!("closed with {code:?}"),
    }
}

fn assert_connected(frame: &str, newest: usize, recovered: bool) {
    let fields = Object::parse(frame).unwrap();
    let payload = Object::parse(fields.raw("payload").unwrap().get()).unwrap();
    let text = |name| payload.raw(name).unwrap().get();
    assert_eq!(fields.raw("type").unwrap().get(), "\"CONNECTED\"");
    assert_eq!(text("epoch"), format!("\"{EPOCH}\""));
    assert_eq!(text("seq"), newest.to_string());
    assert_eq!(text("recovered"), recovered.to_string());
}

/// Plays the past and returns the kept events, in order. A digit lets that many tenths of the retention time pass; `e`
/// evicts; `x` is an ephemeral event; anything else is an event that is kept.
fn play(world: &mut World, past: &[u8]) -> Vec<Kept> {
    let watcher = world.join("", false, false);
    let mut kept = Vec::new();
    for step in past.iter().take(MAX_STEPS) {
        match step {
            b'0'..=b'9' => world.now += HISTORY_TTL_MS / 10 * u64::from(step - b'0'),
            b'e' => world.evict(),
            b'x' => publish(world, true),
            _ => {
                world.take_sent();
                publish(world, false);
                let sent = world.take_sent();
                let (_, what) = sent.into_iter().find(|(to, _)| *to == watcher).unwrap();
                kept.push(Kept { at: world.now, frame: frame(what) });
            }
        }
    }
    world.take_sent();
    kept
}

fn publish(world: &mut World, ephemeral: bool) {
    let body = format!(r#"{{"eventType":"E","payload":[1, 2],"ephemeral":{ephemeral}}}"#);
    world.room.publish(body.as_bytes(), None, false, world.now).unwrap();
}

/// Everything that happened after a position, if it is kept (P7.4). Events are numbered from 1.
fn missed<'a>(kept: &'a [Kept], position: &Position, now: u64) -> Option<Vec<&'a str>> {
    let newest = kept.len() as u64;
    if position.epoch.as_str() != EPOCH || position.seq > newest {
        return None;
    }
    let missed = kept.get(usize::try_from(position.seq).ok()?..)?;
    let is_kept = |event: &Kept| now - event.at < HISTORY_TTL_MS;
    let fits = missed.len() as u64 <= HISTORY_SIZE;
    (fits && missed.iter().all(is_kept))
        .then(|| missed.iter().map(|event| event.frame.as_str()).collect())
}
