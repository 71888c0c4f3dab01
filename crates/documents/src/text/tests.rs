use super::*;

#[test]
fn p13_11_the_vector() {
    let hi = b"\x01\x01\x01\x00\x04\x01\x01t\x02hi\x00";
    assert_eq!(text(hi, "t"), Ok(Some("hi".to_owned())));
    assert_eq!(text(hi, "u"), Ok(None));
}
