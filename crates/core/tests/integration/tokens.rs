//! What a token means for a room: who is verified, who is present, and when a socket ends (P9).

use crate::support::{SETTINGS, World, token};
use serde_json::{Value, json};
use validiant_core::limits::Limits;
use validiant_core::member::{HeldToken, Member, SocketId, User};
use validiant_core::names::ConnectionId;
use validiant_core::room::{Answered, Incoming, RoomSettings};
use validiant_core::token::{MAX_BYTES, Rules, Token};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::error_code::ErrorCode;
use validiant_core::wire::reason::Reason;

const MINUTE: u64 = 60_000;
const GRACE: u64 = SETTINGS.token_grace_ms;

/// Opens a socket with a token that expires in this many milliseconds.
fn join(world: &mut World, user: &str, ends_in: u64) -> SocketId {
    let member = world.member(user);
    let token = HeldToken { expires_at: world.now + ends_in, issued_at: world.now, id: None };
    let user = member.user.map(|user| User { verified: true, ..user });
    world.connect(Member { user, token: Some(token), ..member }, None).unwrap().0
}

fn refresh(world: &mut World, socket: SocketId, claims: &Value) -> Answered {
    let text = token(claims);
    let token = Token::parse(&text, &Rules::default()).unwrap();
    world.room.refresh(socket, &token.claims, &Rules::default(), world.now)
}

fn claims(world: &World, user: &str, ends_in: u64) -> Value {
    json!({ "sub": user, "exp": (world.now + ends_in) / 1_000, "projects": ["p1"] })
}

#[test]
fn p9_4_a_user_with_a_token_is_verified_and_one_without_is_not() {
    let mut world = World::new(SETTINGS);
    join(&mut world, "ann", MINUTE);
    world.join("ben");
    for _ in 0..2 {
        assert_eq!(world.user("ann")["verified"], true);
        assert_eq!(world.user("ben")["verified"], false);
        world.evict();
    }
}

#[test]
fn p9_4_the_picture_in_a_token_is_announced_and_survives_waking() {
    let picture = |avatar: Value| {
        let mut world = World::new(SETTINGS);
        let ben = world.join("ben");
        let mut claims = claims(&world, "ann", MINUTE);
        claims["avatar"] = avatar;
        let text = token(&claims);
        let user = Token::parse(&text, &Rules::default()).unwrap().claims.user().unwrap();
        let member = world.member("ann");
        world.connect(Member { user: Some(user), ..member }, None).unwrap();
        let joined = world.inbox(ben).pop().unwrap()["payload"]["avatar"].take();
        world.evict();
        assert_eq!(world.user("ann")["avatar"], joined);
        joined
    };
    assert_eq!(picture(json!("https://a.example/p.png")), "https://a.example/p.png");
    let long = format!("https://a.example/{}", "p".repeat(1_024));
    for none in [json!(null), json!("javascript:alert(1)"), json!(long), json!({ "url": 1 })] {
        assert_eq!(picture(none), Value::Null);
    }
}

#[test]
fn p9_4_a_socket_that_only_listens_is_not_told_when_its_own_user_joins_or_leaves() {
    let mut world = World::new(SETTINGS);
    let (listener, _) =
        world.connect(Member { is_present: false, ..world.member("ann") }, None).unwrap();
    let ann = world.join("ann");
    world.leave(ann, 1000);
    assert_eq!(world.told(listener), ["CONNECTED"]);
}

#[test]
fn p9_4_a_user_who_only_listens_is_not_seen_but_is_excluded_like_anybody() {
    let mut world = World::new(SETTINGS);
    let ben = world.join("ben");
    let (listener, _) =
        world.connect(Member { is_present: false, ..world.member("ann") }, None).unwrap();
    world.publish(r#"{"eventType":"E","excludeUserId":"ann"}"#, false);
    world.publish(r#"{"eventType":"F","userIds":["ann"]}"#, false);
    assert_eq!(world.told(ben), ["CONNECTED", "E"]);
    assert_eq!(world.told(listener), ["CONNECTED", "F"]);
    assert_eq!(world.present(), ["ben"]);
    world.evict();
    world.leave(listener, 1000);
    assert_eq!(world.told(ben), ["CONNECTED", "E"]);
}

#[test]
fn p9_4_a_socket_that_only_listens_is_no_device_of_its_user() {
    let mut world = World::new(SETTINGS);
    let ann = world.join("ann");
    let connection_id = ConnectionId::parse("listener").unwrap();
    let listener = Member { connection_id, is_present: false, ..world.member("ann") };
    world.connect(listener, None).unwrap();
    assert_eq!(world.user("ann")["devices"], 1);
    world.leave(ann, 1006);
    assert_eq!(world.user("ann")["devices"], 0);
}

#[test]
fn p9_5_a_socket_ends_with_its_token_and_the_grace_by_alarm_also_after_waking() {
    let mut world = World::new(SETTINGS);
    let (short, long) = (join(&mut world, "ann", MINUTE), join(&mut world, "ben", 10 * MINUTE));
    world.evict();
    world.pass(MINUTE + GRACE - 1);
    assert_eq!(world.close_of(short), None);
    world.pass(1);
    assert_eq!(world.close_of(short), Some(CloseCode::TOKEN_EXPIRED));
    assert_eq!(world.close_of(long), None);
    world.pass(10 * MINUTE);
    assert_eq!(world.close_of(long), Some(CloseCode::TOKEN_EXPIRED));
}

#[test]
fn p9_5_a_user_found_lost_on_waking_does_not_delay_the_expiry_of_a_token() {
    let mut world = World::new(SETTINGS);
    let (ann, ben) = (world.join("ann"), join(&mut world, "ben", MINUTE));
    world.pass(MINUTE + GRACE - 1);
    // The attachment of ann's socket is gone, her entry in the roster is not: the write is lost.
    world.leave(ann, 1000);
    world.lose_memory();
    assert_eq!(world.present(), ["ann", "ben"]);
    world.pass(1);
    assert_eq!(world.close_of(ben), Some(CloseCode::TOKEN_EXPIRED));
}

#[test]
fn p9_5_whose_token_has_ended_may_return_without_a_flicker() {
    let mut world = World::new(SETTINGS);
    let watcher = world.join("");
    join(&mut world, "ann", MINUTE);
    world.pass(MINUTE + GRACE);
    join(&mut world, "ann", MINUTE);
    world.pass(SETTINGS.presence_grace_ms);
    assert_eq!(world.told(watcher), ["CONNECTED", "USER_JOINED ann"]);
}

#[test]
fn p9_5_a_token_that_never_ends_sets_no_alarm_of_its_own() {
    let mut world = World::new(SETTINGS);
    join(&mut world, "ann", u64::MAX / 2);
    assert_eq!(world.alarm(), Some(world.now + SETTINGS.stale_socket_ms));
}

#[test]
fn p9_5_a_refreshed_socket_lives_as_long_as_its_new_token() {
    let mut world = World::new(SETTINGS);
    let ann = join(&mut world, "ann", MINUTE);
    let fresh = claims(&world, "ann", 5 * MINUTE);
    assert!(matches!(refresh(&mut world, ann, &fresh), Answered::Served));
    let answer = world.inbox(ann).pop().unwrap();
    assert_eq!(
        (&answer["type"], &answer["payload"]),
        (&json!("AUTH_OK"), &json!({ "expiresAt": world.now + 5 * MINUTE, "clientEvents": false }))
    );
    world.evict();
    world.pass(4 * MINUTE);
    assert_eq!(world.close_of(ann), None);
    world.pass(2 * MINUTE);
    assert_eq!(world.close_of(ann), Some(CloseCode::TOKEN_EXPIRED));
}

#[test]
fn p9_5_a_fresh_token_of_somebody_else_or_for_another_project_is_refused_and_changes_nothing() {
    let mut world = World::new(SETTINGS);
    let ann = join(&mut world, "ann", MINUTE);
    let mut elsewhere = claims(&world, "ann", 5 * MINUTE);
    elsewhere["projects"] = json!(["p2"]);
    let mut silent = claims(&world, "ann", 5 * MINUTE);
    silent["permissions"] = json!(["presence"]);
    for (claims, refusal) in [
        (claims(&world, "ben", 5 * MINUTE), ErrorCode::NOT_ALLOWED.because(Reason::User)),
        (elsewhere, ErrorCode::NOT_ALLOWED.because(Reason::Projects)),
        (silent, ErrorCode::NOT_ALLOWED.because(Reason::Permissions)),
        (
            json!({ "sub": "ann", "projects": ["p1"] }),
            ErrorCode::TOKEN_INVALID.because(Reason::Exp),
        ),
    ] {
        let answered = refresh(&mut world, ann, &claims);
        assert!(matches!(answered, Answered::Refused(it) if it == refusal));
        let payload = world.inbox(ann).pop().unwrap()["payload"].take();
        assert_eq!(payload["code"], refusal.code.code);
        assert_eq!(payload["reason"], refusal.reason.unwrap().name());
    }
    world.pass(MINUTE + GRACE);
    assert_eq!(world.close_of(ann), Some(CloseCode::TOKEN_EXPIRED));
}

#[test]
fn p9_5_where_no_tokens_are_used_a_fresh_one_is_like_any_other_message() {
    let mut world = World::new(RoomSettings { takes_tokens: false, ..SETTINGS });
    let ann = world.join("ann");
    let text = r#"{"type":"AUTH","token":"a.b.c"}"#;
    let answered = world.room.message(ann, Incoming::Text(text), world.now);
    let code = ErrorCode::CLIENT_EVENTS_DISABLED;
    assert!(matches!(answered, Answered::Refused(it) if it.code == code));
}

#[test]
fn p5_7_a_fresh_token_with_another_name_and_picture_changes_them() {
    let mut world = World::new(SETTINGS);
    let watcher = world.join("");
    let (first, second) = (join(&mut world, "ann", MINUTE), join(&mut world, "ann", 9 * MINUTE));
    let mut fresh = claims(&world, "ann", 5 * MINUTE);
    fresh["name"] = json!("Anna");
    fresh["avatar"] = json!("https://a.example/new.png");
    assert!(matches!(refresh(&mut world, first, &fresh), Answered::Served));
    let is_new = |user: &Value| {
        assert_eq!(
            (&user["userName"], &user["avatar"]),
            (&json!("Anna"), &json!("https://a.example/new.png"))
        );
    };
    is_new(&world.user("ann"));
    world.evict();
    is_new(&world.user("ann"));
    let ben = world.join("ben");
    is_new(&world.inbox(ben)[0]["payload"]["users"][0]);
    // A token without them changes nothing, nor does the end of the tab that has told.
    let plain = claims(&world, "ann", 6 * MINUTE);
    refresh(&mut world, second, &plain);
    world.leave(first, 1000);
    world.evict();
    is_new(&world.user("ann"));
    world.leave(second, 1000);
    is_new(&world.inbox(watcher).pop().unwrap()["payload"]);
}

#[test]
fn p9_5_a_socket_that_only_listens_does_not_change_a_name() {
    let mut world = World::new(SETTINGS);
    let ann = join(&mut world, "ann", MINUTE);
    let token = HeldToken { expires_at: world.now + MINUTE, issued_at: 0, id: None };
    let member = Member { is_present: false, token: Some(token), ..world.member("ann") };
    let (listener, _) = world.connect(member, None).unwrap();
    let mut fresh = claims(&world, "ann", 5 * MINUTE);
    fresh["name"] = json!("Anna");
    assert!(matches!(refresh(&mut world, listener, &fresh), Answered::Served));
    assert_eq!(world.user("ann")["userName"], Value::Null);
    world.leave(ann, 1000);
}

#[test]
fn p4_9_a_fresh_token_always_fits_and_nothing_else_over_the_limit_does() {
    let limits = Limits { client_frame_bytes: 256, ..SETTINGS.limits };
    let say = |takes_tokens: bool, text: &str| {
        let mut world = World::new(RoomSettings { takes_tokens, limits, ..SETTINGS });
        let ann = world.join("ann");
        world.room.message(ann, Incoming::Text(text), world.now)
    };
    let auth = |bytes: usize| format!(r#"{{"type":"AUTH","token":"{}"}}"#, "x".repeat(bytes));
    let other = |bytes: usize| format!(r#"{{"type":"PING","token":"{}"}}"#, "x".repeat(bytes));
    for bytes in [10, 1_200, MAX_BYTES] {
        assert!(matches!(say(true, &auth(bytes)), Answered::Authenticate(_)), "{bytes}");
    }
    for (takes_tokens, text) in
        [(true, auth(MAX_BYTES + 300)), (true, other(300)), (false, auth(300))]
    {
        let answered = say(takes_tokens, &text);
        assert!(matches!(answered, Answered::Closed(CloseCode::MESSAGE_TOO_BIG, _)));
    }
}
