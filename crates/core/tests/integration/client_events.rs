//! What clients say to each other (P11), on ports in memory.

use proptest::prelude::*;
use serde_json::{Value, json};
use validiant_core::limits::{ClientEventLimits, Limits};
use validiant_core::member::{Member, SocketId};
use validiant_core::names::ConnectionId;
use validiant_core::room::{Answered, Incoming, RoomSettings};
use validiant_core::token::{Rules, Token};

use crate::support::{CLIENT_EVENTS, LIMITS, SETTINGS, World, token};

/// A server with tokens whose clients may talk to each other.
const TALKING: RoomSettings =
    RoomSettings { limits: Limits { client_events: Some(CLIENT_EVENTS), ..LIMITS }, ..SETTINGS };
/// The same without tokens: everybody may send.
const OPEN: RoomSettings = RoomSettings { takes_tokens: false, ..TALKING };

fn limited(client_events: ClientEventLimits) -> World {
    let limits = Limits { client_events: Some(client_events), ..LIMITS };
    World::new(RoomSettings { limits, ..OPEN })
}

fn join(world: &mut World, user: &str, connection: &str) -> SocketId {
    let connection_id = ConnectionId::parse(connection).unwrap();
    let member = Member { connection_id, may_send: true, ..world.member(user) };
    world.connect(member, None).unwrap().0
}

fn say(world: &mut World, socket: SocketId, text: &str) -> Answered {
    world.room.message(socket, Incoming::Text(text), world.now)
}

fn send(world: &mut World, socket: SocketId, fields: &str) -> Answered {
    say(world, socket, &format!(r#"{{"type":"SEND","eventType":"client-x"{fields}}}"#))
}

/// What the socket got after `CONNECTED` and what the server says of others.
fn heard(world: &World, socket: SocketId) -> Vec<Value> {
    let is_meant = |event: &Value| {
        let kind = event["type"].as_str().unwrap();
        kind.starts_with("client-") || kind == "ERROR"
    };
    world.events(socket).into_iter().filter(is_meant).collect()
}

fn code(world: &World, socket: SocketId) -> Value {
    let last = world.inbox(socket).pop().unwrap();
    assert_eq!(last["type"], "ERROR");
    last["payload"]["code"].clone()
}

#[test]
fn p11_3_the_others_hear_an_event_and_who_sent_it() {
    let mut world = World::new(TALKING);
    let (ann, ben) = (join(&mut world, "ann", "1\""), join(&mut world, "ben", "2"));
    send(&mut world, ann, r#","payload":{"a": 1},"from":{"userId":"eve"},"seq":9"#);
    let from = json!({ "userId": "ann", "connectionId": "1\"" });
    let event = json!({
        "type": "client-x", "payload": { "a": 1 }, "from": from, "timestamp": world.now,
    });
    assert_eq!(heard(&world, ben), [event]);
    assert!(heard(&world, ann).is_empty(), "not the one who sent it");
}

#[test]
fn p11_3_the_sender_s_other_devices_hear_it_also_under_the_same_name() {
    let mut world = World::new(TALKING);
    let sockets = ["1", "1", "2"].map(|connection| join(&mut world, "ann", connection));
    send(&mut world, sockets[0], "");
    assert_eq!(sockets.map(|socket| heard(&world, socket).len()), [0, 1, 1]);
}

#[test]
fn p11_2_an_event_for_some_users_is_for_no_others() {
    let mut world = World::new(OPEN);
    let [ann, phone, ben, cid, nobody] =
        [("ann", "1"), ("ann", "2"), ("ben", "1"), ("cid", "1"), ("", "1")]
            .map(|(user, connection)| join(&mut world, user, connection));
    let counts =
        |world: &World| [ann, phone, ben, cid, nobody].map(|socket| heard(world, socket).len());
    send(&mut world, ann, r#","userIds":["ben","away"]"#);
    assert_eq!(counts(&world), [0, 0, 1, 0, 0]);
    send(&mut world, ann, r#","userIds":["ann","ben"]"#);
    assert_eq!(counts(&world), [0, 1, 2, 0, 0], "the sender's own devices only if named");
}

#[test]
fn p11_1_with_tokens_only_a_token_with_the_permission_lets_a_client_send() {
    let mut world = World::new(TALKING);
    let (ann, ben) = (world.join("ann"), join(&mut world, "ben", "2"));
    send(&mut world, ann, "");
    assert_eq!(code(&world, ann), "not_allowed");
    assert!(heard(&world, ben).is_empty());
    let may = |socket| world.inbox(socket)[0]["payload"]["clientEvents"].clone();
    assert_eq!((may(ann), may(ben)), (json!(false), json!(true)));
}

#[test]
fn p11_1_the_permission_survives_sleep() {
    let mut world = World::new(TALKING);
    let (ann, ben) = (join(&mut world, "ann", "1"), world.join("ben"));
    world.evict();
    send(&mut world, ann, "");
    assert_eq!(heard(&world, ben).len(), 1);
    send(&mut world, ben, "");
    assert_eq!(code(&world, ben), "not_allowed");
}

#[test]
fn p11_1_without_tokens_everybody_may_send() {
    let mut world = World::new(OPEN);
    let (nobody, ann) = (world.join(""), world.join("ann"));
    send(&mut world, nobody, "");
    let from = json!({ "userId": null, "connectionId": "c" });
    assert_eq!(heard(&world, ann)[0]["from"], from);
}

#[test]
fn p4_8_while_it_is_off_nobody_may_say_anything_and_a_list_is_malformed() {
    let mut world = World::new(RoomSettings { takes_tokens: false, ..SETTINGS });
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    let set = r#"{"type":"PRESENCE_SET","patch":{"at":"x"}}"#;
    for text in [r#"{"type":"SEND","eventType":"client-x"}"#, r#"{"type":"SEND"}"#, set] {
        say(&mut world, ann, text);
        assert_eq!(code(&world, ann), "client_events_disabled");
    }
    say(&mut world, ann, r#"[{"type":"PING"}]"#);
    assert_eq!(code(&world, ann), "malformed_message");
    assert!(heard(&world, ben).is_empty());
    let connected = &world.inbox(ann)[0]["payload"];
    assert_eq!(connected["clientEvents"], false);
    assert!(connected["limits"].get("clientDeliveriesPerSecond").is_none());
}

#[test]
fn p4_12_the_messages_of_a_list_are_served_in_order_and_heard_in_one_frame() {
    let mut world = World::new(TALKING);
    let ann = join(&mut world, "ann", "1");
    let ben = world.join_for_batches("ben");
    let cid = world.join("cid");
    let list = r#" [{"type":"SEND","eventType":"client-1"}, {"type":"SEND","eventType":"client-2","userIds":["cid"]},
        {"type":"SEND","eventType":"client-3"}]"#;
    let Answered::Several(answered) = say(&mut world, ann, list) else { panic!("no list") };
    assert!(answered.iter().all(|one| matches!(one, Answered::Served)));
    let last = world.inbox(ben).pop().unwrap();
    let kinds = |events: &Value| -> Vec<Value> {
        events.as_array().unwrap().iter().map(|event| event["type"].clone()).collect()
    };
    assert_eq!(kinds(&last), ["client-1", "client-3"]);
    assert_eq!(world.told(cid)[1..], ["client-1", "client-2", "client-3"]);
    assert!(heard(&world, ann).is_empty());
}

#[test]
fn p4_12_each_message_of_a_list_is_refused_for_itself() {
    let mut world = World::new(TALKING);
    let (ann, ben) = (join(&mut world, "ann", "1"), world.join("ben"));
    let auth = r#"{"type":"AUTH","token":"a.b.c"}"#;
    let list = format!(
        r#"[{{"type":"SEND","eventType":"x"}},7,{auth},[],{{"type":"PING"}},{{"type":"SEND","eventType":"client-x"}}]"#
    );
    say(&mut world, ann, &list);
    let told: Vec<Value> = world.inbox(ann)[2..]
        .iter()
        .map(|frame| frame["payload"].get("code").unwrap_or(&frame["type"]).clone())
        .collect();
    let malformed = "malformed_message";
    assert_eq!(told, [malformed, malformed, malformed, malformed, "PONG"]);
    assert_eq!(heard(&world, ben).len(), 1);
}

#[test]
fn p10_3_a_list_counts_each_of_its_messages_and_goes_through_whole_or_not_at_all() {
    let mut world = World::new(TALKING);
    let (ann, ben) = (join(&mut world, "ann", "1"), world.join("ben"));
    let list =
        |n: usize| format!("[{}]", vec![r#"{"type":"SEND","eventType":"client-x"}"#; n].join(","));
    say(&mut world, ann, &list(15));
    say(&mut world, ann, &list(6));
    let refused = heard(&world, ann).pop().unwrap()["payload"].clone();
    assert_eq!(refused["limit"], "clientMessagesPerSecond");
    assert_eq!(refused["retryAfterMs"], 100, "one too many at 10 a second");
    assert_eq!(heard(&world, ben).len(), 15);
    world.pass(100);
    say(&mut world, ann, &list(6));
    assert_eq!(heard(&world, ben).len(), 21);
}

#[test]
fn p11_5_a_room_passes_on_so_many_messages_a_second_counted_by_sockets() {
    let deliveries = ClientEventLimits {
        client_deliveries_per_second: 10,
        client_delivery_burst: 4,
        ..CLIENT_EVENTS
    };
    let mut world = limited(deliveries);
    let sockets = ["ann", "ben", "cid"].map(|user| join(&mut world, user, "1"));
    for _ in 0..2 {
        send(&mut world, sockets[0], "");
    }
    send(&mut world, sockets[1], r#","userIds":["away"]"#);
    send(&mut world, sockets[1], r#","userIds":["ann"]"#);
    let refused = heard(&world, sockets[1]).pop().unwrap()["payload"].clone();
    assert_eq!(refused["code"], "rate_limited");
    assert_eq!(refused["limit"], "clientDeliveriesPerSecond");
    assert_eq!(refused["retryAfterMs"], 100);
    assert_eq!(heard(&world, sockets[2]).len(), 2, "what went to nobody took nothing");
    world.pass(99);
    send(&mut world, sockets[1], r#","userIds":["ann"]"#);
    assert!(heard(&world, sockets[0]).is_empty());
    world.pass(1);
    send(&mut world, sockets[1], r#","userIds":["ann"]"#);
    assert_eq!(heard(&world, sockets[0]).len(), 1);
}

#[test]
fn p11_5_the_backend_s_broadcasts_take_nothing_of_it() {
    let deliveries = ClientEventLimits { client_delivery_burst: 1, ..CLIENT_EVENTS };
    let mut world = limited(deliveries);
    let (ann, ben) = (join(&mut world, "ann", "1"), join(&mut world, "ben", "1"));
    send(&mut world, ann, "");
    send(&mut world, ann, "");
    for _ in 0..50 {
        world.publish(r#"{"eventType":"E"}"#, false);
    }
    let events = world.told(ben);
    assert_eq!(events.iter().filter(|kind| *kind == "E").count(), 50);
    assert_eq!(events.iter().filter(|kind| *kind == "client-x").count(), 1);
}

#[test]
fn p11_4_a_client_event_has_no_number_is_not_kept_and_writes_nothing() {
    let mut world = World::new(OPEN);
    let (ann, ben) = (join(&mut world, "ann", "1"), join(&mut world, "ben", "1"));
    world.publish(r#"{"eventType":"E"}"#, false);
    let rows = world.rows_written();
    let (alarm, position) = (world.alarm(), world.state());
    for _ in 0..20 {
        send(&mut world, ann, "");
    }
    assert!(!world.room.is_to_be_written());
    assert_eq!((world.rows_written(), world.alarm()), (rows, alarm));
    assert_eq!(world.state()["seq"], position["seq"]);
    assert!(heard(&world, ben).iter().all(|event| event.get("seq").is_none()));
    let since = format!("{}:{}", position["epoch"].as_str().unwrap(), 0);
    let (back, connected) = world.return_since("cid", &since);
    assert_eq!((connected.replayed, heard(&world, back).len()), (1, 0));
}

#[test]
fn p3_4_a_client_event_does_not_overtake_waiting_events() {
    let mut world = World::new(OPEN);
    let (ann, ben) = (join(&mut world, "ann", "1"), join(&mut world, "ben", "1"));
    world.publish(r#"{"eventType":"E"}"#, true);
    send(&mut world, ann, "");
    world.publish(r#"{"eventType":"F"}"#, false);
    assert_eq!(world.told(ben)[1..], ["E", "client-x", "F"]);
    assert_eq!(world.told(ann)[2..], ["E", "F"]);
}

#[test]
fn p11_1_a_refreshed_token_gives_and_takes_the_permission() {
    let mut world = World::new(TALKING);
    let (ann, ben) = (world.join("ann"), world.join("ben"));
    for permissions in [json!(["subscribe", "send"]), json!(["subscribe"])] {
        let payload = json!({
            "sub": "ann", "exp": 100_000, "projects": "*", "permissions": permissions,
        });
        let text = token(&payload);
        let token = Token::parse(&text, &Rules::default()).unwrap();
        world.room.refresh(ann, &token.claims, &Rules::default(), world.now);
        let told = world.inbox(ann).pop().unwrap();
        assert_eq!(told["payload"]["clientEvents"], permissions.as_array().unwrap().len() == 2);
        send(&mut world, ann, "");
    }
    assert_eq!((heard(&world, ben).len(), code(&world, ann)), (1, json!("not_allowed")));
}

/// A socket: its user, its connection, whether it accepts batches, whether it may send.
type Seat = (String, String, bool, bool);
/// A message: its users, if it is for some, and how often it stands in one frame.
type Message = (usize, Option<Vec<String>>, usize);

fn seats() -> impl Strategy<Value = Vec<Seat>> {
    let seat = ("[abc]?", "[12]", any::<bool>(), any::<bool>());
    proptest::collection::vec(seat, 1..8)
}

fn messages() -> impl Strategy<Value = Vec<Message>> {
    let users = proptest::option::of(proptest::collection::vec("[abcd]", 1..3));
    proptest::collection::vec((0..8_usize, users, 1..4_usize), 0..12)
}

proptest! {
    #[test]
    fn p11_everybody_hears_exactly_what_is_meant_for_them_and_from_whom_it_is(
        seats in seats(), messages in messages(), is_open: bool, sleeps: bool,
    ) {
        let unhurried = ClientEventLimits {
            client_deliveries_per_second: 1_000_000,
            client_delivery_burst: 1_000_000,
            ..CLIENT_EVENTS
        };
        let limits = Limits {
            client_events: Some(unhurried),
            client_message_burst: 1_000,
            ..LIMITS
        };
        let mut world = World::new(RoomSettings { limits, takes_tokens: !is_open, ..SETTINGS });
        let sockets: Vec<SocketId> = seats
            .iter()
            .map(|(user, connection, takes_batches, may_send)| {
                let member = Member {
                    connection_id: ConnectionId::parse(connection).unwrap(),
                    takes_batches: *takes_batches,
                    may_send: *may_send,
                    ..world.member(user)
                };
                world.connect(member, None).unwrap().0
            })
            .collect();
        let mut due: Vec<Vec<(String, Value, Value)>> = vec![Vec::new(); seats.len()];
        for (number, (from, users, times)) in messages.into_iter().enumerate() {
            if sleeps {
                world.evict();
            }
            let from = from % seats.len();
            let (user, connection, _, may_send) = &seats[from];
            let text = |time: usize| {
                json!({
                    "type": "SEND", "eventType": format!("client-{number}"), "payload": time,
                    "userIds": users, "from": "eve",
                })
            };
            let texts: Vec<Value> = (0..times).map(text).collect();
            let frame = if times == 1 { texts[0].to_string() } else { json!(texts).to_string() };
            world.room.message(sockets[from], Incoming::Text(&frame), world.now);
            if !(is_open || *may_send) {
                continue;
            }
            let id = if user.is_empty() { Value::Null } else { json!(user) };
            let stamp = json!({ "userId": id, "connectionId": connection });
            for (place, seat) in seats.iter().enumerate().filter(|(place, _)| *place != from) {
                let is_meant = users.as_ref().is_none_or(|users| users.contains(&seat.0));
                for time in (0..times).filter(|_| is_meant) {
                    due[place].push((format!("client-{number}"), json!(time), stamp.clone()));
                }
            }
        }
        for (socket, due) in sockets.into_iter().zip(due) {
            let got: Vec<(String, Value, Value)> = heard(&world, socket)
                .into_iter()
                .filter(|event| event["type"] != "ERROR")
                .map(|event| {
                    let kind = event["type"].as_str().unwrap().to_owned();
                    (kind, event["payload"].clone(), event["from"].clone())
                })
                .collect();
            prop_assert_eq!(got, due);
        }
    }
}
