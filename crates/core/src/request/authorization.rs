//! Who may publish and read a room's state: the bearer secret, compared in constant time.

use std::fmt;

use subtle::{Choice, ConstantTimeEq};

/// A shared secret. Its `Debug` does not show it.
pub struct Secret(Box<[u8]>);

impl Secret {
    /// The maximum length of a secret in bytes.
    pub const MAX_BYTES: usize = 512;

    /// Accepts a text that fits in an `Authorization` header: 1 to [`Self::MAX_BYTES`] visible ASCII characters.
    #[must_use]
    pub fn parse(text: String) -> Option<Self> {
        let fits = (1..=Self::MAX_BYTES).contains(&text.len());
        (fits && text.bytes().all(|b| b.is_ascii_graphic())).then(|| Self(text.into_bytes().into()))
    }

    /// The time depends only on the lengths, not on how much of `candidate` is right.
    fn matches(&self, candidate: &str) -> Choice {
        self.0.ct_eq(candidate.as_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The secrets in force. There can be two, so that they can be rotated without a gap.
#[derive(Debug)]
pub struct Secrets {
    /// The one that backends should use.
    pub current: Option<Secret>,
    /// The previous one, still accepted.
    pub previous: Option<Secret>,
}

/// The verdict on an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
pub enum Authorization {
    /// The header carries a secret in force.
    Granted,
    /// There is no header, it has another scheme, or the secret is wrong.
    Denied,
    /// No current secret is set, so nobody is authorised.
    NotConfigured,
}

impl Secrets {
    /// Judges the value of an `Authorization` header (P2.8); empty if there is none. The scheme is not case-sensitive.
    #[must_use]
    pub fn authorize(&self, header: &str) -> Authorization {
        let Some(current) = &self.current else {
            return Authorization::NotConfigured;
        };
        let Some(candidate) = bearer(header) else {
            return Authorization::Denied;
        };
        let previous = self.previous.as_ref();
        let matches = current.matches(candidate)
            | previous.map_or(Choice::from(0), |secret| secret.matches(candidate));
        if bool::from(matches) { Authorization::Granted } else { Authorization::Denied }
    }
}

/// What an `Authorization` header carries for the scheme `Bearer`.
#[must_use]
pub fn bearer(header: &str) -> Option<&str> {
    let (scheme, credentials) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credentials.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(current: &str, previous: Option<&str>) -> Secrets {
        Secrets {
            current: Secret::parse(current.into()),
            previous: previous.and_then(|text| Secret::parse(text.into())),
        }
    }

    #[test]
    fn p2_8_the_current_and_the_previous_secret_are_accepted() {
        let secrets = secrets("new-secret", Some("old-secret"));
        for header in ["Bearer new-secret", "bearer new-secret", "BEARER  new-secret "] {
            assert_eq!(secrets.authorize(header), Authorization::Granted, "{header}");
        }
        assert_eq!(secrets.authorize("Bearer old-secret"), Authorization::Granted);
    }

    #[test]
    fn p2_8_all_else_is_denied() {
        let secrets = secrets("new-secret", None);
        let wrong = ["", "Bearer", "Bearer ", "Bearer new-secre", "Bearer new-secret2"];
        for header in
            wrong.into_iter().chain(["Basic new-secret", "new-secret", "Bearernew-secret"])
        {
            assert_eq!(secrets.authorize(header), Authorization::Denied, "{header}");
        }
    }

    #[test]
    fn p2_8_without_a_current_secret_nobody_gets_in() {
        let none = Secrets { current: None, previous: Secret::parse("old".into()) };
        assert_eq!(none.authorize("Bearer old"), Authorization::NotConfigured);
        assert_eq!(none.authorize("Bearer "), Authorization::NotConfigured);
    }

    #[test]
    fn a_secret_never_shows_in_debug_output() {
        assert_eq!(format!("{:?}", Secret::parse("hunter2".into()).unwrap()), "Secret(…)");
    }

    #[test]
    fn a_secret_that_no_header_can_carry_is_refused() {
        let too_long = "x".repeat(Secret::MAX_BYTES + 1);
        for text in ["", "a b", "käse", "tab\t", &too_long] {
            assert!(Secret::parse(text.into()).is_none(), "{text}");
        }
    }
}
