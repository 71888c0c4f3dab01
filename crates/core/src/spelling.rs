//! How close two names are, to suggest the one that was meant.

/// How many letters are wrong, missing, too many, or swapped with the next one. Case and `-` for `_` do not count.
#[must_use]
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let plain = |text: &str| -> Vec<u8> {
        text.bytes()
            .map(|byte| if byte == b'-' { b'_' } else { byte.to_ascii_uppercase() })
            .collect()
    };
    let (a, b) = (plain(a), plain(b));
    // Names of such different lengths mean different things and need not be compared.
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let cell = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX - 1);
            let changed = cell(&row, j) + usize::from(from != to);
            let mut least = changed.min(cell(&row, j + 1) + 1).min(cell(&next, j) + 1);
            let is_swapped =
                i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if is_swapped {
                least = least.min(cell(&before, j - 1) + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(usize::MAX)
}
