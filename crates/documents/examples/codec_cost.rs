//! What reading and merging costs, beside yrs: `cargo run --release -p validiant-documents --example codec_cost`.

#![allow(clippy::unwrap_used, reason = "a measurement may fail by panicking")]

#[path = "../tests/hostile/shapes.rs"]
mod shapes;

use shapes::SHAPES;
use std::hint::black_box;
use std::time::{Duration, Instant};
use validiant_documents::update::{Contents, merge};
use yrs::updates::decoder::Decode;
use yrs::{Doc, Text, Transact, Update};

const LARGEST: usize = 5 << 20;
const EDITS: u32 = 100_000;

fn main() {
    println!("| one update | bytes | ours, µs | yrs, µs |\n|---|---|---|---|");
    let keystroke = typed(1, "a").remove(0);
    compare("a keystroke", &keystroke, 200_000);
    compare("a paste of 100 KB", &typed(1, &"some words ".repeat(9_100)).remove(0), 500);
    compare("5 MiB of text in one item", &typed(1, &"some words ".repeat(470_000)).remove(0), 20);
    println!(
        "\n| updates | number | bytes | read, ms | merge, ms | merged, bytes |\n|---|---|---|---|---|---|"
    );
    row("letters typed one by one", &typed(EDITS, "a"));
    let edited = edited(EDITS / 5);
    row("edits at random places, a fifth deletes", &edited);
    row("the same, merged", &[merge(&slices(&edited)).unwrap()]);
    for (name, shape) in SHAPES {
        row(name, &shape(LARGEST));
    }
}

fn compare(name: &str, update: &[u8], times: u32) {
    let ours = each(times, || Contents::of(black_box(update)).unwrap());
    let yrs = each(times, || Update::decode_v1(black_box(update)).unwrap());
    println!("| {name} | {} | {:.3} | {:.3} |", update.len(), micros(ours), micros(yrs));
}

fn row(name: &str, updates: &[Vec<u8>]) {
    let slices = slices(updates);
    let bytes: usize = updates.iter().map(Vec::len).sum();
    let read =
        each(3, || slices.iter().for_each(|update| _ = black_box(Contents::of(update).unwrap())));
    let merging = each(3, || merge(black_box(&slices)).unwrap());
    let merged = merge(&slices).unwrap().len();
    let count = updates.len();
    let (read, merging) = (micros(read) / 1e3, micros(merging) / 1e3);
    println!("| {name} | {count} | {bytes} | {read:.1} | {merging:.1} | {merged} |");
}

fn slices(updates: &[Vec<u8>]) -> Vec<&[u8]> {
    updates.iter().map(Vec::as_slice).collect()
}

/// The shortest of several rounds, for one time.
fn each<R>(times: u32, mut what: impl FnMut() -> R) -> Duration {
    let rounds = (0..5).map(|_| {
        let started = Instant::now();
        (0..times).for_each(|_| _ = black_box(what()));
        started.elapsed() / times
    });
    rounds.min().unwrap()
}

fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}

/// Updates of one client that types at the end.
fn typed(count: u32, text: &str) -> Vec<Vec<u8>> {
    let doc = Doc::with_client_id(3_000_000_000);
    let shared = doc.get_or_insert_text("text");
    let type_one = |_| {
        let mut txn = doc.transact_mut();
        shared.push(&mut txn, text);
        txn.encode_update_v1()
    };
    (0..count).map(type_one).collect()
}

/// Updates of one client that edits all over a text.
fn edited(count: u32) -> Vec<Vec<u8>> {
    let doc = Doc::with_client_id(3_000_000_000);
    let shared = doc.get_or_insert_text("text");
    let mut state = 1_u32;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut at = 0;
    let mut edit = |_| {
        let mut txn = doc.transact_mut();
        let len = shared.len(&txn);
        if random(12) == 0 || at > len {
            at = random(len + 1);
        }
        if random(5) == 0 && at > 0 {
            at -= 1;
            shared.remove_range(&mut txn, at, 1);
        } else {
            shared.insert(&mut txn, at, "x");
            at += 1;
        }
        txn.encode_update_v1()
    };
    (0..count).map(&mut edit).collect()
}
