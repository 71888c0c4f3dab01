//! Texts that clients wrote, and that nobody writes.

mod together;

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

/// 2 set an attribute of an element that nobody tells of, and wrote something after that.
#[test]
fn p13_11_what_comes_after_an_attribute_of_something_that_lacks_is_left_out() {
    assert_eq!(read("0102020028000100016b0177017604010175016100", "u"), None);
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
