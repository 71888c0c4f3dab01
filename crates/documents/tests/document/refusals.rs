//! The project removes a user, revokes tokens, or erases the document, while somebody may be about to come.

use validiant_core::names::UserId;
use validiant_core::room_call::revocation::{Revocation, Scope};
use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::reason::Reason;
use validiant_documents::room::Release;
use validiant_documents::sync;

use crate::world::{Editor, World, visitor};

fn user(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

fn revocation(scope: Scope) -> Revocation {
    Revocation { scope, before: 2_000 }
}

const REVOKED: Closing = CloseCode::TOKEN_INVALID.because(Reason::Revoked);

#[test]
fn p13_10_a_removed_users_sockets_are_closed_and_nothing_more_reaches_them() {
    let mut world = World::new();
    let [ann, too, ben] = ["ann", "ann", "ben"].map(|user| world.join_quietly(user));
    let closed = world.document.remove_user(&user("ann"), world.now);
    assert_eq!(closed.len(), 2);
    world.edit(ben, &Editor::new(1).add("x"));
    for socket in [ann, too] {
        let received = world.received(socket);
        assert_eq!(received, [crate::memory::Out::Close(CloseCode::REMOVED.into())]);
    }
    assert_eq!(world.due().release, None);
}

#[test]
fn p13_10_what_a_removed_user_has_changed_is_written() {
    let mut world = World::new();
    let [ann, _] = ["ann", "ben"].map(|user| world.join_quietly(user));
    let mut editor = Editor::new(1);
    world.edit(ann, &editor.add("a"));
    world.edit(ann, &editor.add("b"));
    world.document.remove_user(&user("ann"), world.now);
    world.end_turn();
    world.crash();
    assert_eq!(world.text(), "ab");
}

#[test]
fn p13_10_a_user_who_is_removed_while_they_are_expected_does_not_come_in() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.document.expect(visitor(user)));
    world.document.remove_user(&user("ann"), world.now);
    assert_eq!(world.let_in(ann), Err(CloseCode::REMOVED.into()));
    world.let_in(ben).unwrap();
    world.document.remove_user(&user("ann"), world.now);
    world.join("ann");
}

#[test]
fn p13_10_revoked_tokens_end_their_sockets_and_keep_out_who_is_expected() {
    for scope in [
        Scope::All,
        Scope::User(user("ann")),
        Scope::Token(validiant_core::names::TokenId::parse("ann").unwrap()),
    ] {
        let mut world = World::new();
        let ann = world.join_quietly("ann");
        let expected = world.document.expect(visitor("ann"));
        let other = world.join_quietly("ben");
        let closed = world.document.revoke(&revocation(scope.clone()), world.now);
        assert_eq!(world.closing(ann), Some(REVOKED));
        assert_eq!(world.let_in(expected), Err(REVOKED));
        let is_all = scope == Scope::All;
        assert_eq!(
            (world.closing(other).is_some(), closed.len()),
            (is_all, 1 + usize::from(is_all))
        );
    }
}

#[test]
fn p13_10_a_later_token_is_not_revoked() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    let revocation = Revocation { scope: Scope::All, before: 1_000 };
    assert_eq!(world.document.revoke(&revocation, world.now), []);
    assert_eq!(world.closing(ann), None);
}

#[test]
fn p13_10_a_document_that_is_told_of_a_refusal_and_has_no_sockets_says_so() {
    let mut world = World::new();
    world.join("ann");
    world.crash();
    world.document.remove_user(&user("ben"), world.now);
    assert_eq!(world.due().release, Some(Release::Empty));
    world.document.remove_user(&user("ben"), world.now);
    assert_eq!(world.due().release, None);
}

#[test]
fn p13_10_an_erased_document_is_empty_and_everybody_comes_again() {
    let mut world = World::new();
    let [ann, ben] = ["ann", "ben"].map(|user| world.join_quietly(user));
    let expected = world.document.expect(visitor("cem"));
    let mut editor = Editor::new(1);
    world.edit(ann, &editor.add("a"));
    world.edit(ann, &editor.add("b"));
    let closed = world.document.erase(world.now).unwrap();
    world.end_turn();
    assert_eq!(closed.len(), 2);
    for socket in [ann, ben] {
        assert_eq!(world.closing(socket), Some(CloseCode::TRY_AGAIN.into()));
    }
    assert_eq!(world.due().release, None, "who erases it tells the room");
    assert_eq!((world.rows(), world.alarm()), (vec![], None));
    assert_eq!(world.let_in(expected), Err(CloseCode::TRY_AGAIN.into()));
    assert_eq!(world.due().release, Some(Release::Empty), "the room had let that one in");
    let ann = world.join("ann");
    assert_eq!(world.inbox(ann), [sync::step_1(b"\0")]);
}

#[test]
fn p13_10_an_erasure_that_fails_changes_nothing() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    world.platform().borrow_mut().disk.is_full = true;
    assert!(world.document.erase(world.now).is_err());
    assert_eq!(world.closing(ann), None);
}
