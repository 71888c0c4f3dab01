//! The path below which the server runs, if it is not at the root of its host (P1.11).

/// The maximum length.
pub const MAX_BYTES: usize = 128;

/// A path such as `/realtime`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// Reads a path with a slash before each segment, none at the end, and nothing that would need encoding.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let segments = text.strip_prefix('/')?.split('/');
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let is_segment =
            |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(is_plain);
        let is_valid = text.len() <= MAX_BYTES && segments.into_iter().all(is_segment);
        is_valid.then(|| Self(text.to_owned()))
    }

    /// The path as it was set.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of a request's path below this one; `None` if it is elsewhere. Doubled slashes are tolerated (P1.2).
    #[must_use]
    pub fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut rest = path;
        for segment in self.0.split('/').filter(|segment| !segment.is_empty()) {
            rest = rest.trim_start_matches('/').strip_prefix(segment)?;
            if !rest.is_empty() && !rest.starts_with('/') {
                return None;
            }
        }
        Some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_11_a_base_path_is_plain_and_begins_with_a_slash() {
        for path in ["/realtime", "/a/b-c/d.e_f~1"] {
            assert_eq!(BasePath::parse(path).unwrap().as_str(), path);
        }
        let long = "/".to_owned() + &"x".repeat(MAX_BYTES);
        let wrong =
            ["", "/", "realtime", "/realtime/", "//a", "/a//b", "/a b", "/ä", "/a/..", "/%61"];
        for wrong in wrong.into_iter().chain([&*long]) {
            assert_eq!(BasePath::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn p1_11_what_is_below_it_is_served_and_nothing_else() {
        let base = BasePath::parse("/app/realtime").unwrap();
        assert_eq!(base.strip("/app/realtime/health"), Some("/health"));
        assert_eq!(base.strip("//app//realtime//health"), Some("//health"));
        assert_eq!(base.strip("/app/realtime/"), Some("/"));
        assert_eq!(base.strip("/app/realtime"), Some(""));
        for elsewhere in
            ["/", "/health", "/app", "/app/realtimes/health", "/APP/realtime/", "/x/app/realtime"]
        {
            assert_eq!(base.strip(elsewhere), None, "{elsewhere}");
        }
    }
}
