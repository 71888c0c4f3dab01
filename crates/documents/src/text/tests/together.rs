//! Texts that several people write, against what yrs makes of them.

use proptest::prelude::*;
use yrs::types::Attrs;
use yrs::updates::decoder::Decode;
use yrs::{
    Any, ClientID, Doc, GetString, OffsetKind, Options, ReadTxn, StateVector, Text, TextRef,
    Transact, Update, XmlElementPrelim, XmlElementRef, XmlFragment, XmlFragmentRef, XmlOut,
    XmlTextPrelim, XmlTextRef,
};

use crate::text::text;

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
        let _ = text(&super::bytes(&(start + &rest)), "t");
    }
}
