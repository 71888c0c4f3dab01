//! Which texts are names, decided without the core (P1.3, P2.2, P2.11, P4.2, P4.3).

/// Whether a text has 1 to `max` bytes and no control character.
pub fn is_name(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && !text.chars().any(is_control)
}

/// Whether a character is in Unicode's category Cc.
pub fn is_control(c: char) -> bool {
    matches!(u32::from(c), 0..=0x1f | 0x7f..=0x9f)
}

/// A user must have the given name, without control characters, and cut if it is too long.
pub fn assert_called(got: Option<&str>, given: &str) {
    let plain: String = given.chars().filter(|c| !is_control(*c)).collect();
    match got {
        None => assert_eq!(plain, "", "nobody's name"),
        Some(name) if plain.len() <= 256 => assert_eq!(name, plain),
        Some(name) => assert!(is_name(name, 256) && plain.starts_with(name), "{name} of {plain}"),
    }
}

/// Whether a text is a user's id.
pub fn is_user_id(text: &str) -> bool {
    is_name(text, 128)
}

/// Whether a text is a project's id.
pub fn is_project_id(text: &str) -> bool {
    is_name(text, 128) && !text.contains('/')
}

/// The value of a run of digits without a sign; `None` if it is something else or too large.
pub fn number(text: &str) -> Option<u64> {
    let digit = |c: char| c.to_digit(10).map(u64::from);
    let push = |sum: u64, c: char| sum.checked_mul(10)?.checked_add(digit(c)?);
    (!text.is_empty()).then(|| text.chars().try_fold(0, push))?
}

/// Percent-decodes a text once.
pub fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::new(), 0);
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%');
        match hex.and_then(hex_byte) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()
}

/// The names and values of a form-encoded query (P4.1).
pub fn form_decode(query: &str) -> Vec<(String, String)> {
    let decode =
        |text: &str| String::from_utf8_lossy(&percent_decode(&text.replace('+', " "))).into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
