use proptest::prelude::*;
use yrs::types::Attrs;
use yrs::updates::decoder::Decode;
use yrs::{
    Any, ClientID, Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, TextRef,
    Transact, Update, XmlElementPrelim, XmlElementRef, XmlFragment, XmlFragmentRef, XmlOut,
    XmlTextPrelim, XmlTextRef,
};

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// The text of an update in hexadecimal.
fn read(hex: &str, name: &str) -> Option<String> {
    text(&bytes(hex), name).unwrap()
}

#[test]
fn p13_11_the_vector_of_a_text() {
    let hi = "01 01 01 00 04 01 01 74 02 68 69 00";
    assert_eq!(read(hi, "t").as_deref(), Some("hi"));
    assert_eq!(read(hi, "u"), None);
    assert_eq!(read("00 00", "t"), None);
}

#[test]
fn p13_11_a_text_of_which_everything_is_deleted_is_empty() {
    let hi = "01 01 01 00 04 01 01 74 02 68 69 01 01 01 00 02";
    assert_eq!(read(hi, "t").as_deref(), Some(""));
}

/// Made by yjs 13.6.33, as the following ones.
#[test]
fn p13_11_half_of_a_character_is_shown_as_yjs_does() {
    let inserted_within = "02010200c401010102017c010100040101740661f09f98806200";
    assert_eq!(read(inserted_within, "t").as_deref(), Some("a\u{fffd}|\u{fffd}b"));
    let half_deleted = "01010100040101740661f09f9880620101010101";
    assert_eq!(read(half_deleted, "t").as_deref(), Some("a\u{fffd}b"));
}

#[test]
fn p13_11_what_lacks_something_is_left_out() {
    let without_second = "0201020084010201640301000401017401610a01840100016300";
    assert_eq!(read(without_second, "t").as_deref(), Some("a"));
}

#[test]
fn p13_11_a_document_of_tiptap_has_a_line_for_each_block() {
    let document = "0121a4a6819d090007010764656661756c74030768656164696e670700a4a6819d0900060400a4a6819d0901
        05506c616e2086a4a6819d090604626f6c64027b7d84a4a6819d0907014286a4a6819d090804626f6c64046e756c6c2800a4a6
        819d0900056c6576656c017d0187a4a6819d0900030970617261677261706887a4a6819d090b03097061726167726170680700
        a4a6819d090c060400a4a6819d090d036f6e6587a4a6819d090d030968617264427265616b87a4a6819d0911060400a4a6819d
        09120374776f87a4a6819d090c030a62756c6c65744c6973740700a4a6819d091603086c6973744974656d0700a4a6819d0917
        03097061726167726170680700a4a6819d0918060400a4a6819d0919046d696c6b87a4a6819d091703086c6973744974656d07
        00a4a6819d091e03097061726167726170680700a4a6819d091f060400a4a6819d0920046567677387a4a6819d091f030b6f72
        64657265644c6973740700a4a6819d092503086c6973744974656d0700a4a6819d092603097061726167726170680700a4a681
        9d0927060400a4a6819d09280a667265652d72616e67652800a4a6819d0925057374617274017d0187a4a6819d0916030e686f
        72697a6f6e74616c52756c6587a4a6819d09340309636f6465426c6f636b0700a4a6819d0935060400a4a6819d093603610a62
        00";
    let lines = ["Plan B", "", "one", "two", "milk", "eggs", "free-range", "", "a", "b"].join("\n");
    assert_eq!(read(document, "default"), Some(lines));
}

/// Its blocks are texts within the root text. A link is a text beside text.
#[test]
fn p13_11_a_document_of_lexical_has_a_line_for_each_block() {
    let document =
        "010c0100070104726f6f740607000100018401010648656c6c6f2087010706070001080184010903796f7587
        01080184010d01218701000687010f0607000110018401110342796500";
    assert_eq!(read(document, "root").as_deref(), Some("Hello you!\n\nBye"));
}

#[test]
fn p13_11_what_is_no_update_has_no_text() {
    let whole = bytes("0201020084010201640301000401017401610a01840100016300");
    for end in 0..whole.len() {
        assert_eq!(text(&whole[..end], "t"), Err(Unreadable));
    }
}

/// One element in each other, and so deep that recursion would end the process.
#[test]
fn p13_11_no_depth_is_too_much() {
    let mut update = vec![1];
    crate::lib0::put_uint(&mut update, 200_000);
    update.extend(bytes("01 00 07 01 01 74 03 01 70"));
    for parent in 0..199_999 {
        update.extend([7, 0, 1]);
        crate::lib0::put_uint(&mut update, parent);
        update.extend(bytes("03 01 70"));
    }
    update.push(0);
    assert_eq!(text(&update, "t"), Ok(Some(String::new())));
}

/// Everybody inserts at the same place, without having seen the others: each must be compared with all before.
#[test]
fn p13_11_what_takes_too_long_is_refused() {
    let at_one_place = |clients: u64| {
        let mut update = Vec::new();
        crate::lib0::put_uint(&mut update, clients);
        for client in 0..clients {
            update.push(1);
            crate::lib0::put_uint(&mut update, client);
            update.extend(bytes("00 04 01 01 74 01 61"));
        }
        update.push(0);
        update
    };
    let few = text(&at_one_place(1_000), "t").unwrap().unwrap();
    assert_eq!(few, "a".repeat(1_000));
    assert_eq!(text(&at_one_place(20_000), "t"), Err(Unreadable));
}

/// What one of several people does. Places and lengths are fractions of what there is.
#[derive(Debug, Clone)]
enum Edit {
    Insert(u8, &'static str),
    Embed(u8),
    Format(u8, u8),
    Delete(u8, u8),
    /// A new element in the one that is found by these steps, with a text or without.
    Element(Vec<u8>, &'static str, Option<&'static str>),
    /// Hears everything from another.
    Hear(u8),
}

fn edits(is_xml: bool) -> impl Strategy<Value = Vec<(u8, Edit)>> {
    let word = || prop::sample::select(vec!["a", "bc", "défg", "漢字", "x\ny", "hello "]);
    let name = prop::sample::select(vec!["paragraph", "listItem", "hardBreak"]);
    let steps = || proptest::collection::vec(any::<u8>(), 0..5);
    let edit = prop_oneof![
        4 => (any::<u8>(), word()).prop_map(|(at, word)| Edit::Insert(at, word)),
        1 => any::<u8>().prop_map(Edit::Embed),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(at, len)| Edit::Format(at, len)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(at, len)| Edit::Delete(at, len)),
        if is_xml { 4 } else { 0 } => (steps(), name, proptest::option::of(word()))
            .prop_map(|(steps, name, text)| Edit::Element(steps, name, text)),
        2 => any::<u8>().prop_map(Edit::Hear),
    ];
    proptest::collection::vec((any::<u8>(), edit), 1..60)
}

fn person(id: u64) -> Doc {
    let options = Options::with_client_id(ClientID::new(id));
    Doc::with_options(Options { offset_kind: OffsetKind::Utf16, ..options })
}

/// Three people; the ids differ in length.
fn people() -> Vec<Doc> {
    [3, 200, 70_000].into_iter().map(person).collect()
}

fn hear(doc: &Doc, update: &[u8]) {
    doc.transact_mut().apply_update(Update::decode_v1(update).unwrap()).unwrap();
}

fn state(doc: &Doc) -> Vec<u8> {
    doc.transact().encode_state_as_update_v1(&StateVector::default())
}

/// What each did, as one update that nobody has integrated, and the same as somebody who heard everything says it.
fn told(people: &[Doc]) -> ([Vec<u8>; 2], Doc) {
    let each: Vec<Vec<u8>> = people.iter().map(state).collect();
    let reader = person(1);
    each.iter().for_each(|update| hear(&reader, update));
    ([yrs::merge_updates_v1(&each).unwrap(), state(&reader)], reader)
}

fn part(of: u32, fraction: u8) -> u32 {
    of * u32::from(fraction) / 256
}

fn edit_text(doc: &Doc, text: &TextRef, edit: &Edit) {
    let mut txn = doc.transact_mut();
    let len = text.len(&txn);
    match edit {
        Edit::Insert(at, word) => text.insert(&mut txn, part(len + 1, *at), word),
        Edit::Embed(at) => {
            text.insert_embed(&mut txn, part(len + 1, *at), Any::from(7.0));
        }
        Edit::Format(at, count) if len > 0 => {
            let at = part(len, *at);
            let bold = Attrs::from([("bold".into(), Any::from(true))]);
            text.format(&mut txn, at, 1 + part(len - at, *count).min(len - at - 1), bold);
        }
        Edit::Delete(at, count) if len > 0 => {
            let at = part(len, *at);
            text.remove_range(&mut txn, at, 1 + part((len - at).min(9), *count).min(len - at - 1));
        }
        _ => {}
    }
}

fn play(edits: &[(u8, Edit)], people: &[Doc], apply: impl Fn(&Doc, &Edit)) {
    for (who, edit) in edits {
        let doc = &people[usize::from(*who) % people.len()];
        if let Edit::Hear(from) = edit {
            hear(doc, &state(&people[usize::from(*from) % people.len()]));
        } else {
            apply(doc, edit);
        }
    }
}

fn edit_xml(doc: &Doc, root: &XmlFragmentRef, edit: &Edit) {
    let (steps, name, words) = match edit {
        Edit::Element(steps, name, words) => (steps.as_slice(), *name, *words),
        Edit::Delete(at, _) => {
            let mut txn = doc.transact_mut();
            let len = root.len(&txn);
            if len > 2 {
                root.remove_range(&mut txn, part(len, *at), 1);
            }
            return;
        }
        Edit::Insert(at, word) => (&[*at][..], "", Some(*word)),
        _ => return,
    };
    let mut parent: Option<XmlElementRef> = None;
    let mut place = 0;
    for step in steps {
        place = *step;
        let txn = doc.transact();
        let len = parent.as_ref().map_or_else(|| root.len(&txn), |it| it.len(&txn));
        let at = part(len, *step);
        let child = match &parent {
            Some(parent) => parent.get(&txn, at),
            None => root.get(&txn, at),
        };
        let Some(XmlOut::Element(child)) = child else { break };
        parent = Some(child);
    }
    let mut txn = doc.transact_mut();
    let len = parent.as_ref().map_or_else(|| root.len(&txn), |it| it.len(&txn));
    let at = part(len + 1, place);
    match (name, words, parent) {
        ("", Some(words), Some(parent)) => {
            parent.insert(&mut txn, at, XmlTextPrelim::new(words));
        }
        ("", Some(words), None) => {
            root.insert(&mut txn, at, XmlTextPrelim::new(words));
        }
        (name, words, parent) => {
            let element = match parent {
                Some(parent) => parent.insert(&mut txn, at, XmlElementPrelim::empty(name)),
                None => root.insert(&mut txn, at, XmlElementPrelim::empty(name)),
            };
            if let Some(words) = words {
                element.insert(&mut txn, 0, XmlTextPrelim::new(words));
            }
        }
    }
}

/// The lines of a fragment, read from a live document.
#[derive(Default)]
struct Expected {
    lines: Vec<String>,
    is_open: bool,
}

impl Expected {
    fn say(&mut self, words: &str) {
        if !self.is_open {
            self.lines.push(String::new());
            self.is_open = true;
        }
        self.lines.last_mut().unwrap().push_str(words);
    }

    fn children<T: ReadTxn>(&mut self, txn: &T, children: Vec<XmlOut>, is_element: bool) {
        let has_text = is_element && children.iter().any(|child| matches!(child, XmlOut::Text(_)));
        for child in children {
            if matches!(&child, XmlOut::Element(it) if it.tag().as_ref() == "hardBreak") {
                self.say("\n");
            } else if has_text {
                self.child(txn, child);
            } else {
                let before = self.lines.len();
                self.is_open = false;
                self.child(txn, child);
                if self.lines.len() == before {
                    self.say("");
                }
                self.is_open = false;
            }
        }
    }

    fn child<T: ReadTxn>(&mut self, txn: &T, child: XmlOut) {
        match child {
            XmlOut::Text(text) if text.len(txn) > 0 => self.say(&plain(txn, &text)),
            XmlOut::Text(_) => {}
            XmlOut::Element(it) => self.children(txn, it.children(txn).collect(), true),
            XmlOut::Fragment(it) => self.children(txn, it.children(txn).collect(), false),
        }
    }
}

fn plain<T: ReadTxn>(txn: &T, text: &XmlTextRef) -> String {
    text.get_string(txn)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn p13_11_a_text_that_several_people_write_is_what_yrs_makes_of_it(edits in edits(false)) {
        let people = people();
        play(&edits, &people, |doc, edit| edit_text(doc, &doc.get_or_insert_text("t"), edit));
        let (updates, reader) = told(&people);
        let root = reader.get_or_insert_text("t");
        let expected = root.get_string(&reader.transact());
        for update in updates {
            prop_assert_eq!(text(&update, "t").unwrap().unwrap_or_default(), expected.clone());
        }
    }

    #[test]
    fn p13_11_of_xml_that_several_people_write_each_block_is_a_line(edits in edits(true)) {
        let people = people();
        play(&edits, &people, |doc, edit| {
            edit_xml(doc, &doc.get_or_insert_xml_fragment("x"), edit);
        });
        let (updates, reader) = told(&people);
        let root = reader.get_or_insert_xml_fragment("x");
        let txn = reader.transact();
        let mut expected = Expected::default();
        expected.children(&txn, root.children(&txn).collect(), false);
        let expected = expected.lines.join("\n");
        for update in updates {
            prop_assert_eq!(text(&update, "x").unwrap().unwrap_or_default(), expected.clone());
        }
    }

    #[test]
    fn p13_11_no_bytes_panic(start in "(01|02)(01|03)0[0-9]00", rest in "([0-9a-f]{2}){0,40}") {
        let _ = text(&bytes(&(start + &rest)), "t");
    }
}
