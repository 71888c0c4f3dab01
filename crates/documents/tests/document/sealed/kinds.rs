//! A document is encrypted or plain (P14.7, P14.10).

use validiant_core::wire::close_code::{CloseCode, Closing};
use validiant_core::wire::reason::Reason;
use validiant_documents::room::{NotRead, NotSeeded, Release};

use super::{member, sealed, update};
use crate::world::{Editor, World, visitor};

const OTHER_KIND: Closing = CloseCode::BAD_REQUEST.because(Reason::Encryption);

#[test]
fn p14_7_the_first_content_decides_also_after_everybody_has_left() {
    let mut encrypted = World::new();
    let ann = encrypted.join_sealed("ann");
    encrypted.append(ann, 1, "x");
    assert_eq!(encrypted.connect(visitor("ben")), Err(OTHER_KIND));
    encrypted.crash();
    assert_eq!(encrypted.connect(visitor("ben")), Err(OTHER_KIND));
    assert_eq!(encrypted.due().release, Some(Release::Kept));
    let mut plain = World::new();
    let ann = plain.join("ann");
    plain.edit(ann, &Editor::new(1).add("x"));
    assert_eq!(plain.connect(member("ben")), Err(OTHER_KIND));
    plain.crash();
    assert_eq!(plain.connect(member("ben")), Err(OTHER_KIND));
    assert!(plain.connect(visitor("ben")).is_ok());
}

#[test]
fn p14_7_a_refused_client_reads_nothing_and_writes_nothing() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    world.append(ann, 1, "x");
    world.crash();
    let before = world.rows_written();
    assert!(world.connect(visitor("ben")).is_err());
    assert_eq!(world.rows_written(), before);
    assert_eq!(world.document.sockets(), 0);
}

#[test]
fn p14_7_while_there_is_no_content_it_is_encrypted_if_anybody_encrypts() {
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    let ben = world.join_sealed("ben");
    assert_eq!(world.closing(ann), Some(OTHER_KIND));
    assert_eq!(world.inbox(ben), [[0; 0]; 0]);
    assert_eq!(world.connect(visitor("cem")), Err(OTHER_KIND));
    world.leave(ben);
    assert!(world.connect(visitor("cem")).is_ok(), "it is still empty");
}

#[test]
fn p14_7_the_visitors_that_are_closed_are_returned() {
    let mut world = World::new();
    world.join_quietly("ann");
    let ticket = world.document.expect(member("ben"));
    let connected = world.document.connect(ticket, (), world.now).unwrap();
    let users: Vec<_> = connected.plain.iter().filter_map(|it| it.user_id()).collect();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].as_str(), "ann");
    assert_eq!(world.due().release, None, "somebody is there");
}

#[test]
fn p14_7_each_kind_speaks_its_own_language() {
    let mut world = World::new();
    let ann = world.join_sealed("ann");
    let closed = world.edit(ann, &Editor::new(1).add("x")).unwrap();
    assert_eq!(closed.closing, CloseCode::BAD_REQUEST.because(Reason::Message));
    let mut world = World::new();
    let ann = world.join_quietly("ann");
    let closed = world.send(ann, update(1, &sealed(1, "x"))).unwrap();
    assert_eq!(closed.closing, CloseCode::BAD_REQUEST.because(Reason::Message));
}

#[test]
fn p14_10_an_encrypted_document_is_neither_read_nor_seeded() {
    let mut world = World::new();
    let seed = Editor::new(1).add("x");
    assert_eq!(world.document.read(), Err(NotRead::NoDocument));
    let ann = world.join_sealed("ann");
    assert_eq!(world.document.seed(&seed, world.now), Err(NotSeeded::Encrypted), "ann is there");
    world.append(ann, 1, "x");
    for crashes in [false, true] {
        if crashes {
            world.crash();
        }
        assert_eq!(world.document.read(), Err(NotRead::Encrypted));
        assert_eq!(world.document.text("t"), Err(NotRead::Encrypted));
        assert_eq!(world.document.seed(&seed, world.now), Err(NotSeeded::Encrypted));
    }
    world.document.erase(world.now).unwrap();
    assert_eq!(world.document.read(), Err(NotRead::NoDocument));
    assert_eq!(world.document.seed(&seed, world.now), Ok(()));
}
