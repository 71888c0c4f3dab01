//! P13: what has gone wrong elsewhere. Each test names the issue from which it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use validiant_documents::update::{Contents, merge};
use yrs::types::ToJson;
use yrs::updates::decoder::Decode;
use yrs::{
    Doc, GetString, Map, MapPrelim, Out, ReadTxn, StateVector, Text, Transact, TransactionMut,
    Update, XmlElementPrelim, XmlFragment, XmlOut, XmlTextPrelim,
};

/// The update of what a client does in one transaction.
fn update_of(doc: &Doc, edit: impl FnOnce(&mut TransactionMut)) -> Vec<u8> {
    let mut txn = doc.transact_mut();
    edit(&mut txn);
    txn.encode_update_v1()
}

fn apply(doc: &Doc, update: &[u8]) {
    doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
}

fn loaded(update: &[u8]) -> Doc {
    let doc = Doc::with_client_id(99);
    apply(&doc, update);
    // The panic of y-crdt#391 came here.
    _ = doc.transact().encode_state_as_update_v1(&StateVector::default());
    doc
}

#[test]
fn no_update_of_two_clients_gets_lost_or_doubled() {
    // y-crdt#268 and #222.
    let (one, two) = (Doc::with_client_id(1), Doc::with_client_id(2));
    let (text_one, text_two) = (one.get_or_insert_text("test"), two.get_or_insert_text("test"));
    let mut updates = Vec::new();
    for _ in 0..2 {
        updates.push(update_of(&one, |txn| text_one.insert(txn, 0, "aaa")));
    }
    for (at, text) in [(0, "bb"), (2, "b"), (2, "bbb")] {
        updates.push(update_of(&two, |txn| text_two.insert(txn, at, text)));
    }
    let first = merge(&[&updates[0], &updates[1]]).unwrap();
    let second = merge(&[&updates[2], &updates[3], &updates[4]]).unwrap();
    for merged in [merge(&[&first, &second]).unwrap(), merge(&[&second, &first, &second]).unwrap()]
    {
        let doc = loaded(&merged);
        let text = doc.get_or_insert_text("test").get_string(&doc.transact());
        assert_eq!(text.len(), 12);
        assert!(text.contains("aaaaaa") && text.contains("bbbbbb"), "{text}");
    }
}

#[test]
fn what_is_inserted_into_a_deleted_element_is_gone_with_it() {
    // y-crdt#391, #404, #181 and reearth/ygo#154: the parent has lost its content when the child arrives.
    let (one, two) = (Doc::with_client_id(1), Doc::with_client_id(2));
    let (xml_one, xml_two) =
        (one.get_or_insert_xml_fragment("x"), two.get_or_insert_xml_fragment("x"));
    let element = update_of(&one, |txn| _ = xml_one.insert(txn, 0, XmlElementPrelim::empty("p")));
    apply(&two, &element);
    let deleted = update_of(&one, |txn| xml_one.remove_range(txn, 0, 1));
    let child = update_of(&two, |txn| {
        let Some(XmlOut::Element(element)) = xml_two.get(txn, 0) else { panic!("no element") };
        element.insert(txn, 0, XmlTextPrelim::new("child"));
    });
    for order in [[&element, &deleted, &child], [&child, &deleted, &element]] {
        let merged = merge(&order.map(Vec::as_slice)).unwrap();
        let compacted = merge(&[&merge(&[&element, &deleted]).unwrap(), &child]).unwrap();
        for update in [merged, compacted] {
            let doc = loaded(&update);
            let xml = doc.get_or_insert_xml_fragment("x");
            assert_eq!(xml.get_string(&doc.transact()), "");
            let state = doc.transact().encode_state_as_update_v1(&StateVector::default());
            assert_eq!(
                Contents::of(&state).unwrap().inserted,
                Contents::of(&update).unwrap().inserted
            );
        }
    }
}

#[test]
fn a_value_that_was_set_often_is_the_last_one() {
    // y-crdt#407, #413 and reearth/ygo#3: the chain of values under one key, with most of them dropped.
    let doc = Doc::with_client_id(1);
    let map = doc.get_or_insert_map("map");
    let mut updates = Vec::new();
    for value in 0..20 {
        updates.push(update_of(&doc, |txn| _ = map.insert(txn, "key", value)));
        updates.push(update_of(&doc, |txn| {
            _ = map.insert(txn, "type", MapPrelim::from([("v", value)]))
        }));
    }
    let slices: Vec<&[u8]> = updates.iter().map(Vec::as_slice).collect();
    let merged = merge(&slices).unwrap();
    let other = loaded(&merged);
    let map = other.get_or_insert_map("map");
    let txn = other.transact();
    assert_eq!(map.get(&txn, "key").unwrap().to_json(&txn).to_string(), "19");
    let Some(Out::YMap(inner)) = map.get(&txn, "type") else { panic!("no map") };
    assert_eq!(inner.to_json(&txn).to_string(), "{v: 19}");
}

#[test]
fn a_deletion_counts_before_what_it_deletes_is_there() {
    // y-crdt#632 and others: gaps that are filled in any order.
    let doc = Doc::with_client_id(1);
    let text = doc.get_or_insert_text("t");
    let mut updates = vec![update_of(&doc, |txn| text.insert(txn, 0, "|"))];
    updates.push(update_of(&doc, |txn| text.insert(txn, 0, "G")));
    updates.push(update_of(&doc, |txn| text.remove_range(txn, 0, 1)));
    updates.push(update_of(&doc, |txn| text.remove_range(txn, 0, 1)));
    for order in [[0, 1, 2, 3], [1, 2, 3, 0], [2, 1, 3, 0], [3, 2, 1, 0]] {
        let mut log = vec![0, 0];
        for at in order {
            log = merge(&[&log, &updates[at]]).unwrap();
        }
        let doc = loaded(&log);
        assert_eq!(doc.get_or_insert_text("t").get_string(&doc.transact()), "");
        assert_eq!(Contents::of(&log).unwrap().inserted.state_vector().encode(), [1, 1, 2]);
    }
}

#[test]
fn a_gap_at_the_beginning_is_no_content() {
    // y-crdt#632: the first change is skipped and never comes.
    let skipped = [1, 2, 1, 0, 10, 1, 0x84, 1, 0, 1, b'x', 0];
    let contents = Contents::of(&skipped).unwrap();
    assert_eq!(contents.inserted.state_vector().encode(), [0]);
    assert_eq!(merge(&[&skipped]).unwrap(), [1, 1, 1, 1, 0x84, 1, 0, 1, b'x', 0]);
    let first = [1, 1, 1, 0, 4, 1, 1, b't', 1, b'a', 0];
    let whole = merge(&[&skipped, &first]).unwrap();
    assert_eq!(whole, [1, 1, 1, 0, 4, 1, 1, b't', 2, b'a', b'x', 0]);
}

#[test]
fn bytes_that_are_no_update_are_refused() {
    // y-crdt#182, #272 and #450: garbage that made decoders panic or allocate.
    let mut state = 1_u64;
    for len in 0..2_000 {
        let bytes: Vec<u8> = (0..len % 200)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        if let Ok(contents) = Contents::of(&bytes) {
            assert_eq!(Contents::of(&merge(&[&bytes]).unwrap()), Ok(contents));
        }
    }
}
