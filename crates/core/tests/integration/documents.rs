//! What a project's room does for its documents (P13.10).

use crate::support::{SETTINGS, World};
use validiant_core::encryption::KeyEpoch;
use validiant_core::member::HeldToken;
use validiant_core::names::{DocId, TokenId, UserId};
use validiant_core::ports::ID_END;
use validiant_core::room::NotConnected;
use validiant_core::room_call::bearer::Bearer;
use validiant_core::room_call::document::{Errand, Purpose, Visitor};
use validiant_core::room_call::erasure::Erasure;
use validiant_core::room_call::revocation::{Revocation, Scope};

fn token(issued_at: u64) -> HeldToken {
    HeldToken { expires_at: u64::MAX, issued_at, id: TokenId::parse("t").ok() }
}

fn user(id: &str) -> Option<UserId> {
    UserId::parse(id).ok()
}

fn open(user_id: &str) -> Purpose {
    let token = (!user_id.is_empty()).then(|| token(1));
    Purpose::Open(Visitor { user: user(user_id), token, subprotocol: None })
}

fn bearer(user_id: &str) -> Bearer {
    Bearer { user: user(user_id), token: token(1) }
}

fn ask(world: &mut World, document: &str, purpose: Purpose) -> Result<KeyEpoch, NotConnected> {
    let document = DocId::parse(document).unwrap();
    world.room.serve_document(&Errand { document, purpose }, world.now)
}

/// The documents that are told when this user is removed.
fn told(world: &mut World, user_id: &str, refuse_ms: u64) -> Vec<String> {
    let removed = world.remove(user_id, refuse_ms);
    listed(&removed.documents)
}

fn listed(documents: &str) -> Vec<String> {
    documents.split_terminator(ID_END).map(str::to_owned).collect()
}

#[test]
fn p13_10_a_removal_and_a_revocation_name_the_open_documents() {
    let mut world = World::new(SETTINGS);
    assert_eq!(told(&mut world, "ann", 0), [""; 0]);
    for document in ["b", "a", "left"] {
        ask(&mut world, document, open("ann")).unwrap();
    }
    ask(&mut world, "left", Purpose::Release).unwrap();
    ask(&mut world, "seeded", Purpose::Seed(None)).unwrap();
    assert_eq!(told(&mut world, "ann", 0), ["a", "b"]);
    let all = Revocation { scope: Scope::All, before: 1 };
    assert_eq!(listed(&world.room.revoke(all, world.now).unwrap().documents), ["a", "b"]);
}

#[test]
fn p13_10_who_is_kept_out_of_the_project_is_kept_out_of_its_documents() {
    let mut world = World::new(SETTINGS);
    told(&mut world, "ann", 60_000);
    for purpose in [open("ann"), Purpose::Read(bearer("ann")), Purpose::Seed(Some(bearer("ann")))] {
        assert_eq!(ask(&mut world, "d", purpose), Err(NotConnected::Removed));
    }
    assert_eq!(
        told(&mut world, "ben", 0),
        [""; 0],
        "nothing was noted of a client that was refused"
    );
    assert_eq!(ask(&mut world, "d", open("ben")), Ok(0));
    world.pass(60_000);
    assert_eq!(ask(&mut world, "d", open("ann")), Ok(0));
}

#[test]
fn p13_10_a_revoked_token_opens_reads_and_seeds_nothing() {
    let mut world = World::new(SETTINGS);
    let revocation = Revocation { scope: Scope::User(user("ann").unwrap()), before: 2 };
    world.room.revoke(revocation, world.now).unwrap();
    for purpose in [open("ann"), Purpose::Read(bearer("ann")), Purpose::Seed(Some(bearer("ann")))] {
        assert_eq!(ask(&mut world, "d", purpose), Err(NotConnected::Revoked));
    }
    assert_eq!(ask(&mut world, "d", Purpose::Read(bearer("ben"))), Ok(0));
    assert_eq!(ask(&mut world, "d", open("")), Ok(0), "it is anonymous");
}

#[test]
fn p13_10_the_open_documents_are_known_after_eviction_and_crashes() {
    for lose in [World::evict, World::crash] {
        let mut world = World::new(SETTINGS);
        ask(&mut world, "d", open("ann")).unwrap();
        lose(&mut world);
        assert_eq!(told(&mut world, "ann", 0), ["d"]);
    }
}

#[test]
fn p13_10_an_erasure_names_every_document_until_it_is_gone() {
    let mut world = World::new(SETTINGS);
    ask(&mut world, "open", open("ann")).unwrap();
    ask(&mut world, "seeded", Purpose::Seed(None)).unwrap();
    ask(&mut world, "never written", open("ann")).unwrap();
    ask(&mut world, "never written", Purpose::Forget).unwrap();
    let erase = |world: &mut World| {
        let erased = world.room.erase(Erasure::All, world.now).unwrap();
        listed(&erased.documents)
    };
    assert_eq!(erase(&mut world), ["open", "seeded"]);
    ask(&mut world, "open", Purpose::Forget).unwrap();
    assert_eq!(erase(&mut world), ["seeded"], "the erasure is repeated");
    ask(&mut world, "seeded", Purpose::Forget).unwrap();
    assert_eq!(erase(&mut world), [""; 0]);
}

#[test]
fn p13_10_a_document_that_is_seeded_while_it_is_open_stays_open() {
    let mut world = World::new(SETTINGS);
    ask(&mut world, "d", open("ann")).unwrap();
    ask(&mut world, "d", Purpose::Seed(None)).unwrap();
    assert_eq!(told(&mut world, "ann", 0), ["d"]);
}

#[test]
fn p13_10_a_row_is_written_when_a_document_opens_and_when_it_closes_and_no_other() {
    let mut world = World::new(SETTINGS);
    let rows = |world: &mut World| world.rows_written();
    let before = rows(&mut world);
    for _ in 0..3 {
        ask(&mut world, "d", open("ann")).unwrap();
        ask(&mut world, "d", Purpose::Read(bearer("ann"))).unwrap();
    }
    assert_eq!(rows(&mut world) - before, 1);
    ask(&mut world, "d", Purpose::Release).unwrap();
    ask(&mut world, "d", Purpose::Release).unwrap();
    assert_eq!(rows(&mut world) - before, 2);
}

#[test]
fn p13_10_nobody_is_admitted_whom_the_room_can_not_judge_or_note() {
    let mut world = World::new(SETTINGS);
    world.fill_disk(true);
    assert_eq!(ask(&mut world, "d", open("ann")), Err(NotConnected::Unavailable));
}
