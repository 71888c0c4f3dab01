//! Several people with yrs in one document, who edit it at random and hear of each other now and then.

use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use validiant_documents::update::Contents;
use yrs::types::{Attrs, ToJson};
use yrs::undo::UndoManager;
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{
    Any, Array, ArrayPrelim, ClientID, Doc, GetString, Map, MapPrelim, OffsetKind, Options, Out,
    ReadTxn, StateVector, Text, TextPrelim, Transact, TransactionMut, Update, UpdateEvent, Xml,
    XmlElementPrelim, XmlFragment, XmlOut, XmlTextPrelim,
};

/// One in the middle of the range of ids, and the smallest and the largest that clients take.
const CLIENTS: [u64; 3] = [77_000, 1, u32::MAX as u64];

/// What one of them does.
#[derive(Debug, Clone)]
pub enum Step {
    /// `who`, which of the edits, where, and how much.
    Edit(usize, u8, usize, usize),
    /// `who` hears of everything that another has.
    Sync(usize, usize),
    Undo(usize),
    Redo(usize),
}

pub fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    let who = || 0..CLIENTS.len();
    let step = prop_oneof![
        8 => (who(), any::<u8>(), 0..100usize, 0..12usize)
            .prop_map(|(who, edit, at, len)| Step::Edit(who, edit, at, len)),
        2 => (who(), who()).prop_map(|(who, other)| Step::Sync(who, other)),
        1 => who().prop_map(Step::Undo),
        1 => who().prop_map(Step::Redo),
    ];
    prop::collection::vec(step, 1..max)
}

struct Editor {
    doc: Doc,
    undo: UndoManager<()>,
}

/// The updates that they send on the way, in their order. What an editor hears is sent again by it, as some clients do.
pub fn updates_of(steps: &[Step]) -> Vec<Vec<u8>> {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let mut editors: Vec<Editor> = CLIENTS.iter().map(|&id| editor(id, &sent)).collect();
    for step in steps {
        match *step {
            Step::Edit(who, edit, at, len) => editors[who].edit(edit, at, len),
            Step::Sync(who, other) => {
                let have = editors[who].doc.transact().state_vector();
                let update = editors[other].doc.transact().encode_state_as_update_v1(&have);
                apply(&editors[who].doc, &update);
            }
            Step::Undo(who) => _ = editors[who].undo.undo_blocking(),
            Step::Redo(who) => _ = editors[who].undo.redo_blocking(),
        }
    }
    drop(editors);
    Arc::try_unwrap(sent).unwrap().into_inner().unwrap()
}

fn new_doc(client: u64) -> Doc {
    let options = Options { offset_kind: OffsetKind::Utf16, ..Options::default() };
    Doc::with_options(Options { client_id: ClientID::new(client), ..options })
}

fn editor(client: u64, sent: &Arc<Mutex<Vec<Vec<u8>>>>) -> Editor {
    let doc = new_doc(client);
    let mut undo = UndoManager::new();
    undo.expand_scope(&doc, &doc.get_or_insert_text("text"));
    undo.expand_scope(&doc, &doc.get_or_insert_map("map"));
    undo.expand_scope(&doc, &doc.get_or_insert_array("array"));
    undo.expand_scope(&doc, &doc.get_or_insert_xml_fragment("xml"));
    let sent = sent.clone();
    let send = move |_: &TransactionMut, event: &UpdateEvent| {
        sent.lock().unwrap().push(event.update.clone());
    };
    doc.observe_update_v1("sent", send).unwrap();
    Editor { doc, undo }
}

const TEXTS: [&str; 4] = ["a", "words, words", "größer", "\u{2603} and more"];
const KEYS: [&str; 3] = ["title", "done", "größe"];

impl Editor {
    fn edit(&mut self, edit: u8, at: usize, len: usize) {
        let mut txn = self.doc.transact_mut();
        match edit % 16 {
            0..6 => edit_text(&mut txn, edit, at, len),
            6..9 => edit_map(&mut txn, edit, at, len),
            9..12 => edit_array(&mut txn, edit, at, len),
            _ => edit_xml(&mut txn, edit, at, len),
        }
        // Undo takes back each step of its own.
        drop(txn);
        self.undo.reset();
    }
}

fn edit_text(txn: &mut TransactionMut, edit: u8, at: usize, len: usize) {
    let text = txn.get_text("text").unwrap();
    let all = text.len(txn) as usize;
    let at = at % (all + 1);
    let len = len.min(all - at) as u32;
    let at = at as u32;
    match edit % 6 {
        0..3 => text.insert(txn, at, TEXTS[len as usize % TEXTS.len()]),
        3 => text.insert(txn, all as u32, TEXTS[len as usize % TEXTS.len()]),
        4 => text.remove_range(txn, at, len),
        _ => text.format(
            txn,
            at,
            len,
            Attrs::from([("bold".into(), Any::Bool(len.is_multiple_of(2)))]),
        ),
    }
}

fn edit_map(txn: &mut TransactionMut, edit: u8, at: usize, len: usize) {
    let map = txn.get_map("map").unwrap();
    let key = KEYS[at % KEYS.len()];
    match (edit % 3, map.get(txn, key)) {
        (0, _) => _ = map.insert(txn, key, len as i64),
        (1, Some(Out::YText(text))) => text.push(txn, TEXTS[len % TEXTS.len()]),
        (1, _) => _ = map.insert(txn, key, TextPrelim::new("nested")),
        (2, Some(Out::YMap(nested))) => _ = nested.insert(txn, KEYS[len % KEYS.len()], true),
        (2, Some(_)) => _ = map.remove(txn, key),
        _ => _ = map.insert(txn, key, MapPrelim::from([("in", 1)])),
    }
}

fn edit_array(txn: &mut TransactionMut, edit: u8, at: usize, len: usize) {
    let array = txn.get_array("array").unwrap();
    let all = array.len(txn) as usize;
    let at = at % (all + 1);
    let len = len.min(all - at) as u32;
    let at = at as u32;
    match (edit % 3, array.get(txn, at)) {
        (0, _) => array.insert_range(txn, at, [Any::from(f64::from(len)), Any::Null, "s".into()]),
        (1, Some(Out::YArray(nested))) => _ = nested.push_back(txn, Any::Bool(true)),
        (1, _) => _ = array.insert(txn, at, ArrayPrelim::from([1, 2])),
        _ => array.remove_range(txn, at, len),
    }
}

fn edit_xml(txn: &mut TransactionMut, edit: u8, at: usize, len: usize) {
    let xml = txn.get_xml_fragment("xml").unwrap();
    let all = xml.len(txn) as usize;
    let at = (at % (all + 1)) as u32;
    match (edit % 4, xml.get(txn, at)) {
        (0, Some(XmlOut::Element(element))) if element.len(txn) == 0 => {
            element.insert(txn, 0, XmlTextPrelim::new("block"));
        }
        (1, Some(XmlOut::Element(element))) => {
            _ = element.insert_attribute(txn, "level", len as i64)
        }
        (2, Some(XmlOut::Element(element))) => {
            if let Some(XmlOut::Text(text)) = element.get(txn, 0) {
                text.insert(txn, text.len(txn), TEXTS[len % TEXTS.len()]);
            }
        }
        (3, Some(_)) => xml.remove_range(txn, at, 1),
        _ => _ = xml.insert(txn, at, XmlElementPrelim::empty("p")),
    }
}

fn apply(doc: &Doc, update: &[u8]) {
    doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
}

/// Everything that can be seen of a document after these updates.
pub fn view<'a>(updates: impl IntoIterator<Item = &'a [u8]>) -> String {
    let doc = new_doc(9);
    let (text, map) = (doc.get_or_insert_text("text"), doc.get_or_insert_map("map"));
    let array = doc.get_or_insert_array("array");
    let xml = doc.get_or_insert_xml_fragment("xml");
    updates.into_iter().for_each(|update| apply(&doc, update));
    let txn = doc.transact();
    let diff = text.diff(&txn, yrs::types::text::YChange::identity);
    let mut keys: Vec<String> = map.iter(&txn).map(|(key, _)| key.to_string()).collect();
    keys.sort_unstable();
    let values = keys.iter().map(|key| match map.get(&txn, key) {
        Some(Out::YMap(nested)) => {
            let mut values: Vec<String> =
                nested.iter(&txn).map(|(key, value)| format!("{key}: {value:?}")).collect();
            values.sort_unstable();
            values.join(", ")
        }
        Some(value) => value.to_json(&txn).to_string(),
        None => String::new(),
    });
    let values = values.collect::<Vec<_>>().join("; ");
    let contents = Contents::of(&txn.encode_state_as_update_v1(&StateVector::default()));
    let diff: Vec<String> = diff
        .iter()
        .map(|part| {
            format!("{:?} {:?}", part.insert, part.attributes.as_ref().map(|all| all.len()))
        })
        .collect();
    format!(
        "{diff:?}\n{keys:?} {values}\n{}\n{}\n{contents:?}",
        array.to_json(&txn),
        xml.get_string(&txn)
    )
}

/// Where a document stands after these updates.
pub fn state_vector<'a>(updates: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let doc = new_doc(9);
    updates.into_iter().for_each(|update| apply(&doc, update));
    doc.transact().state_vector().encode_v1()
}
