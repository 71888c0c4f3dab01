//! Large updates that nobody writes who means well: much work for few bytes.

use validiant_documents::lib0::{put_bytes, put_uint};

/// One kind of attack: what it is, and its updates of about `size` bytes in all.
pub type Shape = (&'static str, fn(size: usize) -> Vec<Vec<u8>>);

pub const SHAPES: [Shape; 11] = [
    ("structs of one change each", tiny_structs),
    ("gaps and changes in turn", gaps),
    ("clients with one change each", clients),
    ("deleted ranges, the last one first", ranges_backwards),
    ("every other letter of one text deleted", every_other),
    ("a text of characters that are all cut in two", torn),
    ("the same update many times", repeated),
    ("updates that overlap by half a struct", overlapping),
    ("values nested as deep as may be", nested),
    ("a client with a section in each of many updates", one_each),
    ("JSON that is all brackets", brackets),
];

fn update(clients: &[(u64, u64, u64, &[u8])], deleted: &[(u64, Vec<(u64, u64)>)]) -> Vec<u8> {
    let mut out = Vec::new();
    put_uint(&mut out, clients.len() as u64);
    for (client, clock, count, structs) in clients {
        put_uint(&mut out, *count);
        put_uint(&mut out, *client);
        put_uint(&mut out, *clock);
        out.extend_from_slice(structs);
    }
    put_uint(&mut out, deleted.len() as u64);
    for (client, ranges) in deleted {
        put_uint(&mut out, *client);
        put_uint(&mut out, ranges.len() as u64);
        for &(clock, len) in ranges {
            put_uint(&mut out, clock);
            put_uint(&mut out, len);
        }
    }
    out
}

fn tiny_structs(size: usize) -> Vec<Vec<u8>> {
    vec![update(&[(1, 0, size as u64 / 2, &[0, 1].repeat(size / 2))], &[])]
}

fn gaps(size: usize) -> Vec<Vec<u8>> {
    let structs = [0, 1, 10, 1].repeat(size / 4);
    vec![update(&[(1, 0, size as u64 / 2, &structs)], &[])]
}

fn clients(size: usize) -> Vec<Vec<u8>> {
    let clients: Vec<_> = (0..size as u64 / 8).map(|at| (at * 7, 0, 1, &[0, 1][..])).collect();
    vec![update(&clients, &[])]
}

fn ranges_backwards(size: usize) -> Vec<Vec<u8>> {
    let ranges: Vec<_> = (0..size as u64 / 5).rev().map(|at| (at * 2, 1)).collect();
    vec![update(&[], &[(1, ranges)])]
}

/// A text of client 1 in one item.
fn text(text: &str) -> Vec<u8> {
    let mut structs = vec![4, 1, 1, b't'];
    put_bytes(&mut structs, text.as_bytes());
    structs
}

fn every_other(size: usize) -> Vec<Vec<u8>> {
    let letters = size / 4;
    let ranges = (0..letters as u64 / 2).map(|at| (at * 2, 1)).collect();
    vec![update(&[(1, 0, 1, &text(&"a".repeat(letters)))], &[(1, ranges)])]
}

fn torn(size: usize) -> Vec<Vec<u8>> {
    let characters = size / 8;
    let ranges = (0..characters as u64).map(|at| (at * 2 + 1, 1)).collect();
    vec![update(&[(1, 0, 1, &text(&"\u{1f600}".repeat(characters)))], &[(1, ranges)])]
}

fn repeated(size: usize) -> Vec<Vec<u8>> {
    vec![tiny_structs(size / 500).remove(0); 500]
}

fn overlapping(size: usize) -> Vec<Vec<u8>> {
    let count = size / 4;
    let twos = [0, 2].repeat(count);
    vec![
        update(&[(1, 0, count as u64, &twos)], &[]),
        update(&[(1, 1, count as u64, &twos)], &[(1, vec![(0, 1 << 52)])]),
    ]
}

fn nested(size: usize) -> Vec<Vec<u8>> {
    // Arrays of one value each in one another.
    let value: Vec<u8> = [117, 1].repeat(127).into_iter().chain([127]).collect();
    let count = size / value.len();
    let mut structs = vec![8, 1, 1, b'a'];
    put_uint(&mut structs, count as u64);
    structs.extend(value.repeat(count));
    let ranges = (0..count as u64 / 2).map(|at| (at * 2, 1)).collect();
    vec![update(&[(1, 0, 1, &structs)], &[(1, ranges)])]
}

fn one_each(size: usize) -> Vec<Vec<u8>> {
    (0..size as u64 / 12).rev().map(|clock| update(&[(1, clock, 1, &[0, 1])], &[])).collect()
}

fn brackets(size: usize) -> Vec<Vec<u8>> {
    let mut structs = vec![5, 1, 1, b't'];
    // As deep as may be, again and again.
    let nest = format!("{}{}", "[".repeat(127), "]".repeat(127));
    let json = format!("[{}]", vec![&*nest; size / nest.len()].join(","));
    put_bytes(&mut structs, json.as_bytes());
    vec![update(&[(1, 0, 1, &structs)], &[])]
}
