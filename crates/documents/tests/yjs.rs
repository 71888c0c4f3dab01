//! P13: what is merged here, Yjs loads as it loads all that went into it, byte for byte. `yjs/oracle.mjs` is the judge.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use validiant_documents::lib0::Unreadable;
use validiant_documents::state::StateVector;
use validiant_documents::update::{merge, missing};

/// Seeds of the documents, which `YJS_SEED` and `YJS_DOCUMENTS` change.
const SEED: &str = "1";
const DOCUMENTS: &str = "150";

#[test]
fn yjs_loads_what_is_merged_as_it_loads_all_that_went_into_it() {
    let setting = |name, or: &str| std::env::var(name).unwrap_or(or.into());
    let mut oracle = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/yjs/oracle.mjs"))
        .args([setting("YJS_SEED", SEED), setting("YJS_DOCUMENTS", DOCUMENTS)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node, and `npm ci` for yjs");
    let mut answers = oracle.stdin.take().unwrap();
    let mut last = String::new();
    for question in BufReader::new(oracle.stdout.take().unwrap()).lines() {
        last = question.unwrap();
        if last != "done" {
            writeln!(answers, "{}", answer(&last)).unwrap();
        }
    }
    assert!(oracle.wait().unwrap().success(), "see what Yjs says above");
    assert_eq!(last, "done");
}

fn answer(question: &str) -> String {
    let (what, rest) = question.split_once(' ').unwrap();
    let bytes: Vec<Vec<u8>> = rest.split(' ').map(from_hex).collect();
    let slices: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
    let (have, updates) = slices.split_first().unwrap();
    let update = match what {
        "merge" => merge(updates),
        "missing" => StateVector::decode(have).and_then(|have| missing(updates, &have)),
        _ => Err(Unreadable),
    };
    update.map_or("unreadable".into(), |update| to_hex(&update))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}
