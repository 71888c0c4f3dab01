//! The numbers and bytes of lib0, read and written slowly.

/// A number at the beginning, of at most 53 bits in at most 8 bytes, and what follows.
pub fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let last = bytes.iter().position(|byte| *byte < 128)?;
    let (digits, rest) = bytes.split_at(last + 1);
    if digits.len() > 8 {
        return None;
    }
    let value = digits.iter().rev().fold(0, |value, digit| value * 128 + u64::from(digit % 128));
    (value < 1 << 53).then_some((value, rest))
}

/// As many bytes as the number before them says, and what follows.
pub fn bytes(from: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = number(from)?;
    rest.split_at_checked(usize::try_from(len).ok()?)
}

/// Writes a number.
pub fn put(out: &mut Vec<u8>, mut number: u64) {
    while number > 127 {
        out.push((number % 128) as u8 + 128);
        number /= 128;
    }
    out.push(number as u8);
}
