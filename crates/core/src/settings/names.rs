//! The names of all settings, and which one a misspelt name may mean.

use super::*;

/// The variables and secrets that are texts or lists.
const TEXTS: [&str; 14] = [
    BROADCAST_SECRET,
    BROADCAST_SECRET_PREVIOUS,
    CONNECT_AUTH,
    ALLOWED_ORIGINS,
    JWT_SECRET,
    JWT_SECRET_PREVIOUS,
    JWKS,
    JWKS_URL,
    JWT_ISSUER,
    JWT_AUDIENCE,
    JWT_CLAIMS_PREFIX,
    CONSOLE,
    BASE_PATH,
    LOG_LEVEL,
];

/// The name of every setting.
pub fn names() -> impl Iterator<Item = &'static str> {
    TEXTS.into_iter().chain(NUMBERS.iter().map(|setting| setting.name))
}

/// The setting that an unknown name probably means, if it is close to one.
#[must_use]
pub fn meant_by(name: &str) -> Option<&'static str> {
    if names().any(|known| known == name) {
        return None;
    }
    names()
        .map(|known| (distance(name, known), known))
        .filter(|(slips, known)| *slips <= most_slips(known))
        .min()
        .map(|(_, known)| known)
}

fn most_slips(known: &str) -> usize {
    if known.len() < 6 { 1 } else { 2 }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_8_a_misspelt_name_means_the_near_one() {
        for (wrong, meant) in [
            ("LOG_LEVLE", LOG_LEVEL),
            ("ALLOWED_ORIGIN", ALLOWED_ORIGINS),
            ("ALOWED_ORIGINS", ALLOWED_ORIGINS),
            ("JWKS_URI", JWKS_URL),
            ("jwt_audience", JWT_AUDIENCE),
            ("CONNECT-AUTH", CONNECT_AUTH),
            ("JWK", JWKS),
            ("HISTROY_SIZE", "HISTORY_SIZE"),
            ("CLIENT_MESSAGE_PER_SECOND", "CLIENT_MESSAGES_PER_SECOND"),
        ] {
            assert_eq!(meant_by(wrong), Some(meant), "{wrong}");
        }
    }

    #[test]
    fn p1_8_a_setting_means_itself_and_a_name_of_somebody_else_s_means_none() {
        for other in ["DATABASE_URL", "SENTRY_DSN", "ENVIRONMENT", "API_KEY", "JWT", "URL", ""] {
            assert_eq!(meant_by(other), None, "{other}");
        }
        for name in names() {
            assert_eq!(meant_by(name), None, "{name}");
        }
    }
}
