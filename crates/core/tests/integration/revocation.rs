//! Tokens that are revoked before they expire (P8.4 to P8.6).

use crate::support::{SETTINGS, World};
use validiant_core::member::{HeldToken, Member, SocketId, User};
use validiant_core::names::{TokenId, UserId};
use validiant_core::room::NotConnected;
use validiant_core::room_call::bearer::Bearer;
use validiant_core::room_call::revocation::{Revocation, Scope};
use validiant_core::wire::close_code::CloseCode;
use validiant_core::wire::error_code::ErrorCode;

const HOUR: u64 = 3_600_000;

fn member(world: &World, user: &str, issued_at: u64, id: &str) -> Member {
    let member = world.member(user);
    let user = member.user.map(|user| User { verified: true, ..user });
    let token = HeldToken { expires_at: world.now + HOUR, issued_at, id: TokenId::parse(id).ok() };
    Member { user, token: Some(token), ..member }
}

/// Opens a socket with a token that was issued at that time.
fn join(world: &mut World, user: &str, issued_at: u64, id: &str) -> Result<SocketId, NotConnected> {
    world.connect(member(world, user, issued_at, id), None).map(|(socket, _)| socket)
}

fn user(id: &str) -> Scope {
    Scope::User(UserId::parse(id).unwrap())
}

fn token(id: &str) -> Scope {
    Scope::Token(TokenId::parse(id).unwrap())
}

/// Returns how many sockets were closed.
fn revoke(world: &mut World, scope: Scope, before: u64) -> usize {
    world.room.revoke(Revocation { scope, before }, world.now).unwrap().disconnected.len()
}

fn is_closed(world: &World, socket: SocketId) -> bool {
    world.close_of(socket) == Some(CloseCode::TOKEN_INVALID)
}

#[test]
fn p8_5_all_tokens_of_a_user_up_to_a_time_count_no_more() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    let old = join(&mut world, "ann", now - 2, "").unwrap();
    let new = join(&mut world, "ann", now, "").unwrap();
    let ben = join(&mut world, "ben", now - 2, "").unwrap();
    assert_eq!(revoke(&mut world, user("ann"), now), 1);
    assert!(is_closed(&world, old) && !is_closed(&world, new) && !is_closed(&world, ben));
    world.publish(r#"{"eventType":"E"}"#, false);
    assert!(!world.told(old).contains(&"E".into()) && world.told(new).contains(&"E".into()));
}

#[test]
fn p8_5_one_token_counts_no_more_by_its_id() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    let phone = join(&mut world, "ann", now, "phone").unwrap();
    let laptop = join(&mut world, "ann", now, "laptop").unwrap();
    assert_eq!(revoke(&mut world, token("phone"), now), 1);
    assert!(is_closed(&world, phone) && !is_closed(&world, laptop));
}

#[test]
fn p8_5_everything_that_was_issued_before_a_time_counts_no_more() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    let old: Vec<_> =
        ["ann", "ben"].map(|user| join(&mut world, user, now - 1, "").unwrap()).into();
    let new = join(&mut world, "ann", now, "").unwrap();
    assert_eq!(revoke(&mut world, Scope::All, now), 2);
    assert!(old.iter().all(|socket| is_closed(&world, *socket)) && !is_closed(&world, new));
}

#[test]
fn p8_5_a_socket_without_a_token_is_not_concerned() {
    let mut world = World::new(SETTINGS);
    let (open, now) = (world.join("ann"), world.now);
    assert_eq!(revoke(&mut world, user("ann"), now) + revoke(&mut world, Scope::All, now), 0);
    assert_eq!(world.close_of(open), None);
}

#[test]
fn p8_5_a_revoked_token_lets_nobody_in_also_after_eviction_and_crashes() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    revoke(&mut world, user("ann"), now);
    revoke(&mut world, token("phone"), now);
    for lose in [|_: &mut World| {}, World::evict, World::crash] {
        lose(&mut world);
        assert_eq!(join(&mut world, "ann", now - 1, ""), Err(NotConnected::Revoked));
        assert_eq!(join(&mut world, "ben", now, "phone"), Err(NotConnected::Revoked));
        assert!(join(&mut world, "ann", now, "laptop").is_ok());
    }
}

#[test]
fn p8_5_a_waiting_event_is_sent_before_a_revocation_and_none_after_it() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    let ann = join(&mut world, "ann", now - 1, "").unwrap();
    world.publish(r#"{"eventType":"E"}"#, true);
    revoke(&mut world, user("ann"), now);
    world.publish(r#"{"eventType":"F"}"#, true);
    world.room.flush();
    assert_eq!(world.told(ann), ["CONNECTED", "E"]);
}

#[test]
fn p8_5_a_user_whose_token_is_revoked_may_return_with_a_fresh_one_without_flicker() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    let ben = join(&mut world, "ben", now, "").unwrap();
    join(&mut world, "ann", now - 1, "").unwrap();
    revoke(&mut world, user("ann"), now);
    join(&mut world, "ann", now, "").unwrap();
    world.pass(HOUR / 2);
    assert_eq!(world.told(ben), ["CONNECTED", "USER_JOINED ann"]);
}

#[test]
fn p8_5_a_token_to_publish_counts_no_more_either() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    let token = HeldToken { expires_at: now + HOUR, issued_at: now - 1, id: None };
    let bearer = Bearer { user: None, token };
    assert_eq!(world.room.may_publish(&bearer), Ok(()));
    revoke(&mut world, Scope::All, now);
    assert_eq!(world.room.may_publish(&bearer).unwrap_err().code, ErrorCode::UNAUTHORIZED);
}

#[test]
fn p8_5_a_revocation_that_can_not_be_written_is_refused_and_closes_nobody() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    let ann = join(&mut world, "ann", now - 1, "").unwrap();
    world.fill_disk(true);
    let refused = world.room.revoke(Revocation { scope: user("ann"), before: now }, now);
    assert_eq!(refused.unwrap_err().code, ErrorCode::STORAGE_FAILED);
    assert_eq!(world.close_of(ann), None);
}

#[test]
fn p8_5_while_it_can_not_be_read_what_was_revoked_no_token_lets_anybody_in() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    revoke(&mut world, user("ann"), now);
    world.evict();
    world.hide_tables(true);
    for _ in 0..2 {
        assert_eq!(join(&mut world, "ann", now - 1, ""), Err(NotConnected::Unavailable));
    }
    world.hide_tables(false);
    assert_eq!(join(&mut world, "ann", now - 1, ""), Err(NotConnected::Revoked));
}

#[test]
fn p8_6_what_a_time_for_all_covers_is_forgotten_and_stays_in_force() {
    let mut world = World::new(SETTINGS);
    let now = world.now;
    revoke(&mut world, user("ann"), now);
    revoke(&mut world, token("phone"), now);
    let later = now + HOUR;
    revoke(&mut world, Scope::All, later);
    let rows = world.rows_written();
    world.evict();
    assert_eq!(join(&mut world, "ann", now - 1, "phone"), Err(NotConnected::Revoked));
    assert_eq!(revoke(&mut world, Scope::All, later), 0);
    // Had any been left, it would be dropped now.
    assert_eq!(world.rows_written(), rows + 1);
}

#[test]
fn p8_5_a_token_that_is_named_after_a_time_for_all_counts_no_more_though_the_clock_was_set_back() {
    let mut world = World::new(SETTINGS);
    let later = world.now + HOUR;
    revoke(&mut world, Scope::All, later);
    let phone = join(&mut world, "ann", later, "phone").unwrap();
    let now = world.now;
    assert_eq!(revoke(&mut world, token("phone"), now), 1);
    assert!(is_closed(&world, phone));
    world.evict();
    assert_eq!(join(&mut world, "ann", later, "phone"), Err(NotConnected::Revoked));
}
