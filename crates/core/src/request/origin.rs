//! Which web pages may use the server, by the `Origin` that a browser sends (RFC 6454, RFC 6455, 10.2).
//!
//! This only works for browsers: any other client can set the header to whatever it likes.

use crate::spelling::distance;

/// Which pages may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// Pages of any origin.
    Any,
    /// Pages of these origins, and of the server's own.
    Listed(Vec<Pattern>),
    /// The setting is required and missing: nobody may connect.
    NotSet,
}

/// The value that stands for any origin.
pub const ANY: &str = "*";

/// An entry of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// In lower case.
    scheme: String,
    /// In lower case. After a `*.`: what the host must end with, after at least one more label.
    host: String,
    is_wildcard: bool,
    /// `None`: that of the scheme.
    port: Option<u16>,
}

/// The origin of a page, as spelt in the header.
#[derive(Clone, Copy)]
struct Origin<'a> {
    scheme: &'a str,
    host: &'a str,
    /// `None`: that of the scheme.
    port: Option<u16>,
}

impl Origins {
    /// Reads the entries of a list.
    ///
    /// # Errors
    /// Which entry is invalid, and why.
    pub fn parse(entries: &[impl AsRef<str>]) -> Result<Self, String> {
        let entries: Vec<&str> = entries.iter().map(|entry| entry.as_ref().trim()).collect();
        match entries.as_slice() {
            [] => {
                return Err("is an empty list: add the origins of your pages, or * for any".into());
            }
            [ANY] => return Ok(Self::Any),
            _ => {}
        }
        let numbered = entries.into_iter().zip(1..);
        let patterns = numbered.map(|(entry, number)| {
            Pattern::parse(entry).map_err(|problem| format!("entry {number} {problem}"))
        });
        Ok(Self::Listed(patterns.collect::<Result<_, _>>()?))
    }

    /// Whether a page of `origin` may use the server at `url`. A client that sends no origin (an empty one) is not a
    /// page. Native apps that must send an origin send the server's own: React Native takes it from the socket's URL.
    #[must_use]
    pub fn allow(&self, origin: &str, url: &str) -> bool {
        let listed = match self {
            Self::Any => return true,
            Self::NotSet => return false,
            Self::Listed(listed) => listed,
        };
        if origin.is_empty() {
            return true;
        }
        let Some(origin) = Origin::parse(origin) else { return false };
        listed.iter().any(|pattern| pattern.matches(origin)) || origin.is_own(url)
    }
}

impl Pattern {
    fn parse(entry: &str) -> Result<Self, &'static str> {
        match (entry, entry.split_once("://")) {
            ("", _) => Err("is empty: is there one comma too many?"),
            (ANY, _) => Err("is *, which allows any origin and must be the only entry"),
            ("null", _) => Err(
                "is null, which any sandboxed frame and any page opened from a file sends, whoever made it",
            ),
            (_, None) => Err("has no scheme: write https://app.example.com"),
            (_, Some((scheme, rest))) => {
                check_scheme(scheme)?;
                Self::of(scheme, rest.strip_suffix('/').unwrap_or(rest))
            }
        }
    }

    fn of(scheme: &str, rest: &str) -> Result<Self, &'static str> {
        if rest.contains(['/', '?', '#']) {
            return Err("has a path: an origin ends after its host and port");
        }
        let (is_wildcard, named) = match rest.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if named.contains('*') {
            return Err("has a * that is not its first label: write https://*.preview.example.com");
        }
        if !named.is_ascii() {
            return Err("has non-ASCII letters, which browsers send in another form: write xn--…");
        }
        let text = format!("{scheme}://{named}");
        let Some(Origin { scheme, host, port }) = Origin::parse(&text) else {
            return Err("has no valid host: write https://app.example.com");
        };
        if is_wildcard && !(is_web(scheme) && host.trim_end_matches('.').contains('.')) {
            return Err("has a * that covers too much: write https://*.preview.example.com");
        }
        let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
        Ok(Self { scheme, host, is_wildcard, port })
    }

    fn matches(&self, origin: Origin<'_>) -> bool {
        let is_host = if self.is_wildcard {
            let before = origin
                .host
                .len()
                .checked_sub(self.host.len())
                .and_then(|at| origin.host.split_at_checked(at));
            before.is_some_and(|(before, end)| {
                before.len() > 1 && before.ends_with('.') && end.eq_ignore_ascii_case(&self.host)
            })
        } else {
            origin.host.eq_ignore_ascii_case(&self.host)
        };
        is_host && origin.port == self.port && origin.scheme.eq_ignore_ascii_case(&self.scheme)
    }
}

impl<'a> Origin<'a> {
    /// Reads a scheme, a host and an optional port, with nothing after them.
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let (host, port) = split_port(authority);
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.map(|text| text.parse().ok().filter(|_| is_number(text)));
        let port: Option<u16> = match port {
            Some(None) => return None,
            port => port.flatten(),
        };
        let port = port.filter(|port| Some(*port) != default_port(scheme));
        (is_scheme(scheme) && is_host(host)).then_some(Self { scheme, host, port })
    }

    /// Whether this is the origin of the server itself, with either scheme.
    fn is_own(self, url: &str) -> bool {
        let end = url
            .split_once("://")
            .and_then(|(_, rest)| rest.find(['/', '?', '#']).map(|at| url.len() - rest.len() + at));
        let own = end.map_or(Some(url), |end| url.get(..end)).and_then(Origin::parse);
        own.is_some_and(|own| {
            is_web(self.scheme) && own.host.eq_ignore_ascii_case(self.host) && own.port == self.port
        })
    }
}

/// Refuses schemes that no page has, and schemes that look like a typo.
fn check_scheme(scheme: &str) -> Result<(), &'static str> {
    let plain = scheme.to_ascii_lowercase();
    match plain.as_str() {
        "http" | "https" => Ok(()),
        "ws" | "wss" => Err(
            "begins with ws, like a socket's URL: write the origin of the page, which begins with https://",
        ),
        "file" => {
            Err("is a file, for which browsers send null: serve the page over HTTP, or set no list")
        }
        other if !is_scheme(other) => Err("has no scheme: write https://app.example.com"),
        other if ["http", "https"].iter().any(|web| distance(other, web) == 1) => {
            Err("begins with a misspelt https: write https://app.example.com")
        }
        _ => Ok(()),
    }
}

fn is_web(scheme: &str) -> bool {
    default_port(scheme).is_some()
}

fn default_port(scheme: &str) -> Option<u16> {
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    if is("https") { Some(443) } else { is("http").then_some(80) }
}

/// RFC 3986, 3.1.
fn is_scheme(text: &str) -> bool {
    let is_of_it = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(is_of_it)
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[') {
        let is_of_it = |byte: u8| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.';
        return address
            .strip_suffix(']')
            .is_some_and(|address| !address.is_empty() && address.bytes().all(is_of_it));
    }
    let is_of_it = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !text.is_empty() && !text.starts_with('.') && !text.contains("..") && text.bytes().all(is_of_it)
}

/// The host, and the port if there is one.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests;
