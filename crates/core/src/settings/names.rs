//! The names of all settings, and which one a misspelt name may mean.

use super::*;
use crate::spelling::distance;

/// The variables and secrets that are texts or lists.
const TEXTS: [&str; 16] = [
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
    CLIENT_EVENTS,
    DOCUMENT_CHANGED_EVENTS,
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
