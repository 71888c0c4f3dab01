//! Which web pages may reach the server: by the `Origin` that a browser sends (RFC 6454, RFC 6455, 10.2).
//!
//! It is of use against browsers only: whoever writes the client writes the header too.

/// Who may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Pages of any origin.
    Any,
    /// Pages of these, and of the server's own.
    Listed(Vec<String>),
    /// It must be said, and is not: nobody may connect.
    NotSet,
}

/// The value that stands for any origin.
pub const ANY: &str = "*";

impl Origins {
    /// Reads a list with commas between; `None` if something in it is no origin.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut listed = Vec::new();
        for origin in text.split(',').map(str::trim) {
            match origin {
                ANY => return (text.trim() == ANY).then_some(Self::Any),
                _ if is_origin(origin) => listed.push(origin.to_ascii_lowercase()),
                _ => return None,
            }
        }
        Some(Self::Listed(listed))
    }

    /// Whether a page of `origin` may reach the server by `url`. Whoever sends no origin (it is empty) is no
    /// page. The server's own is what native apps send that must send one: React Native takes it from the URL
    /// of the socket.
    #[must_use]
    pub fn allow(&self, origin: &str, url: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(listed) => {
                origin.is_empty()
                    || listed.iter().any(|known| known.eq_ignore_ascii_case(origin))
                    || (is_origin(origin) && host(origin).eq_ignore_ascii_case(host(url)))
            }
            Self::NotSet => false,
        }
    }
}

/// A scheme and a host, maybe a port, and nothing after it.
fn is_origin(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"/?#@*,\\".contains(&byte);
    is_web
        && !host(text).is_empty()
        && text.ends_with(host(text))
        && host(text).bytes().all(is_plain)
}

/// The host and the port in a URL.
fn host(url: &str) -> &str {
    let after_scheme = url.split_once(':').map_or("", |(_, rest)| rest.trim_start_matches('/'));
    after_scheme.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const URL: &str = "https://rt.example.com/parties/main/p1?x=https://evil.example";

    fn allows(list: &str, origin: &str) -> bool {
        Origins::parse(list).unwrap().allow(origin, URL)
    }

    #[test]
    fn p10_6_a_page_of_an_origin_in_the_list_may_and_no_other() {
        let list = "https://app.example.com, http://localhost:5173";
        for origin in
            ["https://app.example.com", "HTTPS://App.Example.com", "http://localhost:5173"]
        {
            assert!(allows(list, origin), "{origin}");
        }
        for origin in [
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com.evil.example",
            "https://evil.example/https://app.example.com",
            "https://example.com",
            "null",
            "https://",
        ] {
            assert!(!allows(list, origin), "{origin}");
        }
    }

    #[test]
    fn p10_6_who_is_no_page_may_and_so_may_the_server_s_own_origin() {
        for origin in ["", "https://rt.example.com", "http://rt.example.com"] {
            assert!(allows("https://app.example.com", origin), "{origin}");
        }
        for origin in ["https://rt.example.com/", "https://x@rt.example.com", "rt.example.com"] {
            assert!(!allows("https://app.example.com", origin), "{origin}");
        }
    }

    #[test]
    fn p10_6_a_star_is_for_any_and_stands_alone() {
        assert_eq!(Origins::parse(" * "), Some(Origins::Any));
        assert!(allows("*", "null"));
        assert_eq!(Origins::parse("*, https://app.example.com"), None);
    }

    #[test]
    fn p10_6_what_is_no_origin_makes_the_list_wrong() {
        for list in [
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com/x",
            "https://*.example.com",
            "https://a.example,",
            "ws://app.example.com",
            "https://a b.example",
            "null",
        ] {
            assert_eq!(Origins::parse(list), None, "{list}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(list in ".{0,60}", origin in ".{0,60}", url in ".{0,60}") {
            if let Some(origins) = Origins::parse(&list) {
                let _ = origins.allow(&origin, &url);
            }
        }

        #[test]
        fn p10_6_an_origin_that_differs_in_a_byte_is_another(at in 0..23_usize, byte in b'!'..=b'~') {
            let listed = "https://app.example.com";
            let mut other = listed.as_bytes().to_vec();
            other[at] = byte;
            let other = String::from_utf8(other).unwrap();
            prop_assert_eq!(allows(listed, &other), other.eq_ignore_ascii_case(listed));
        }
    }
}
