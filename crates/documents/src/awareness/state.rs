//! What one client says of itself: a small JSON object. Its `user` is not the client's to choose (P13.7).

use validiant_core::member::User;

use super::MAX_STATE_BYTES;
use crate::json::{Field, fields};

/// The key under which editors look for whose caret it is.
const USER: &str = "user";
const VERIFIED: &str = "verified";

/// A state as the client sent it, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State(Box<str>);

impl State {
    /// `None` unless it is one JSON object of at most [`MAX_STATE_BYTES`].
    pub fn parse(json: &str) -> Option<Self> {
        if json.len() > MAX_STATE_BYTES {
            return None;
        }
        fields(json)?;
        // Within a text of JSON there are none of these.
        Some(Self(json.replace(['\n', '\r', '\t'], " ").into()))
    }

    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// The state as others see it: whose it is, is what the token says.
    pub fn shown_by(&self, whose: &Whose) -> String {
        let fields = fields(&self.0).unwrap_or_default();
        let named = fields.iter().rfind(|field| field.is(USER));
        let user = match named {
            Some(field) => whose.over(field.value),
            None if whose.is_verified => whose.object(&[]),
            None => return self.as_json().to_owned(),
        };
        let user = Field { key: "\"user\"", value: &user };
        let mut out = Object::new();
        let mut is_in = false;
        for field in &fields {
            if !field.is(USER) {
                out.put(field);
            } else if !std::mem::replace(&mut is_in, true) {
                out.put(&user);
            }
        }
        if !is_in {
            out.put(&user);
        }
        out.end()
    }
}

/// Whose states they are, as the server knows.
#[derive(Debug)]
pub(super) struct Whose {
    /// The keys that it decides, with their values in JSON.
    known: Vec<(&'static str, String)>,
    is_named: bool,
    is_verified: bool,
}

impl Whose {
    pub fn new(user: Option<&User>) -> Self {
        let mut known = Vec::new();
        if let Some(user) = user {
            known.push(("id", quoted(user.id.as_str())));
            known.extend(user.name.iter().map(|name| ("name", quoted(name.as_str()))));
            known.extend(user.avatar.iter().map(|avatar| ("avatar", quoted(avatar.as_str()))));
        }
        let is_verified = user.is_some_and(|user| user.verified);
        known.push((VERIFIED, is_verified.to_string()));
        Self { known, is_named: user.is_some(), is_verified }
    }

    pub fn is_verified(&self) -> bool {
        self.is_verified
    }

    /// What becomes of the `user` that the client sent. Somebody without a name may say what they like, but not that
    /// it is verified.
    fn over(&self, sent: &str) -> String {
        let theirs = fields(sent);
        let claims = |fields: &[Field<'_>]| fields.iter().any(|field| field.is(VERIFIED));
        match theirs {
            Some(fields) if self.is_named || claims(&fields) => self.object(&fields),
            None if self.is_named => self.object(&[]),
            _ => sent.to_owned(),
        }
    }

    fn object(&self, theirs: &[Field<'_>]) -> String {
        let mut out = Object::new();
        for (key, value) in &self.known {
            out.put(&Field { key: &format!("\"{key}\""), value });
        }
        for field in theirs {
            if !self.known.iter().any(|(key, _)| field.is(key)) {
                out.put(field);
            }
        }
        out.end()
    }
}

/// A JSON object while it is written.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self(String::from("{"))
    }

    fn put(&mut self, field: &Field<'_>) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(field.key);
        self.0.push(':');
        self.0.push_str(field.value);
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// A name in JSON. It has no control characters.
fn quoted(name: &str) -> String {
    let mut text = String::from("\"");
    for character in name.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
    text
}
