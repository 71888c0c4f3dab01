//! The expected reading of claims.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use validiant_core::token::{Rules, TokenError};

use crate::json::{Field, Object, texts, value};
use crate::names::{is_name, is_project_id, is_user_id};

const KNOWN: [&str; 11] =
    ["sub", "name", "avatar", "exp", "nbf", "iat", "iss", "aud", "jti", "projects", "permissions"];
const LEEWAY_SECONDS: f64 = 30.0;
/// The allowed rounding error of floating point.
const BLUR_SECONDS: f64 = 0.000_5;

/// The claims of a token that is well formed.
pub struct Expected {
    sub: Option<String>,
    name: Option<String>,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
    iss: Option<String>,
    aud: Vec<String>,
    jti: Option<String>,
    projects: Vec<String>,
    /// `None` if it does not say.
    permissions: Option<Rights>,
}

/// What a token allows.
enum Rights {
    Everywhere(Vec<String>),
    ByProject(BTreeMap<String, Vec<String>>),
}

/// The possible results of checking a token.
#[derive(Debug)]
pub struct Outcome {
    pub accepted: bool,
    pub errors: Vec<TokenError>,
}

impl Expected {
    /// `None` if the claims are not a JSON object, or one that counts has the wrong type.
    pub fn of(claims: &[u8]) -> Option<Self> {
        let fields = Object::parse(std::str::from_utf8(claims).ok()?)?;
        if fields.doubles_one_of(&KNOWN) {
            return None;
        }
        let projects = one_or_many(&fields, "projects").unwrap_or_default();
        Some(Self {
            sub: optional_text(&fields, "sub")?,
            name: fields.field("name").text().unwrap_or_default(),
            exp: optional_number(&fields, "exp")?,
            nbf: optional_number(&fields, "nbf")?,
            iat: optional_number(&fields, "iat")?,
            iss: optional_text(&fields, "iss")?,
            aud: one_or_many(&fields, "aud")?,
            jti: optional_text(&fields, "jti")?,
            permissions: permissions(&fields, &projects),
            projects,
        })
    }

    /// Times at which to check the token: `now`, and around the times in the claims.
    pub fn instants(&self, now: u64) -> Vec<u64> {
        let around = |seconds: f64| {
            let ms = (seconds * 1_000.0) as u64;
            let [before, after] = [ms.saturating_sub(30_000), ms.saturating_add(30_000)];
            [before.saturating_sub(1), before, ms, after.saturating_sub(1), after]
        };
        let named = [self.exp, self.nbf, self.iat].into_iter().flatten().flat_map(around);
        named.chain([now]).filter(|at| *at < 1 << 50).collect()
    }

    pub fn judge(&self, rules: &Rules, now: u64) -> Outcome {
        let now = now as f64 / 1_000.0;
        let mut errors = Vec::new();
        let mut is_near = false;
        match self.exp {
            None => errors.push(TokenError::NoExpiry),
            Some(exp) => {
                let left = exp + LEEWAY_SECONDS - now;
                is_near |= is_blurred(exp, left);
                if left <= 0.0 || is_blurred(exp, left) {
                    errors.push(TokenError::Expired);
                }
            }
        }
        let begins = [(self.nbf, TokenError::NotYetValid), (self.iat, TokenError::IssuedInFuture)];
        for (begin, error) in begins {
            let Some(begin) = begin else { continue };
            let wait = begin - LEEWAY_SECONDS - now;
            is_near |= is_blurred(begin, wait);
            if wait > 0.0 || is_blurred(begin, wait) {
                errors.push(error);
            }
        }
        if rules.issuer.iter().any(|ours| self.iss.as_ref() != Some(ours)) {
            errors.push(TokenError::Issuer);
        }
        if rules.audience.iter().any(|ours| !self.aud.contains(ours)) {
            errors.push(TokenError::Audience);
        }
        Outcome { accepted: errors.is_empty() || is_near, errors }
    }

    pub fn user_id(&self) -> Option<&str> {
        self.sub.as_deref().filter(|id| is_user_id(id))
    }

    /// The name in the token.
    pub fn user_name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    pub fn token_id(&self) -> Option<&str> {
        self.jti.as_deref().filter(|id| is_name(id, 128))
    }

    /// Projects to ask for: all those in the claims, and others.
    pub fn projects(&self) -> Vec<String> {
        let by_project = match &self.permissions {
            Some(Rights::ByProject(lists)) => lists.keys().cloned().collect(),
            _ => Vec::new(),
        };
        let named = self.projects.iter().cloned().chain(by_project).filter(|id| is_project_id(id));
        named.chain(["demo".into(), "*".into()]).collect()
    }

    pub fn is_for(&self, project: &str) -> bool {
        self.projects.iter().any(|id| id == project || id == "*")
    }

    /// P9.4.
    pub fn allows(&self, permission: &str, project: &str) -> bool {
        let is_named = self.is_for(project);
        let list = match &self.permissions {
            None => return is_named && ["subscribe", "presence"].contains(&permission),
            Some(Rights::ByProject(lists)) => lists.get(project).or(lists.get("*")),
            Some(Rights::Everywhere(list)) => Some(list),
        };
        let grants =
            |name: &str| name == permission || (name, permission) == ("doc:write", "doc:read");
        let has = |list: &Vec<String>| list.iter().any(|name| grants(name));
        is_named && list.is_some_and(has)
    }
}

/// Whether a fractional time is too close to `now` to tell them apart.
fn is_blurred(at: f64, distance: f64) -> bool {
    at.fract() != 0.0 && distance.abs() < BLUR_SECONDS
}

/// A text or a list of texts; `None` if it is something else.
fn one_or_many(fields: &Object<'_>, name: &str) -> Option<Vec<String>> {
    match fields.field(name) {
        Field::Absent => Some(Vec::new()),
        Field::Is(Value::String(text)) => Some(vec![text]),
        Field::Is(list) => owned_texts(&list),
        Field::Unreadable => None,
    }
}

fn owned_texts(list: &Value) -> Option<Vec<String>> {
    Some(texts(list)?.into_iter().map(str::to_owned).collect())
}

/// Permissions that contain one of our names, or have a project of the token as a key; otherwise none. Unreadable parts
/// are ignored.
fn permissions(fields: &Object<'_>, projects: &[String]) -> Option<Rights> {
    let raw = fields.given("permissions")?;
    let Some(lists) = Object::parse(raw.get()) else {
        let list = words(raw);
        return names_one(&list).then_some(Rights::Everywhere(list));
    };
    let list = |name: &str| words(lists.last(name).unwrap());
    let lists: BTreeMap<String, Vec<String>> =
        lists.names().map(|name| (name.to_owned(), list(name))).collect();
    let is_key = |key: &String| key == "*" || projects.contains(key);
    let is_ours = lists.iter().any(|(key, list)| is_key(key) || names_one(list));
    is_ours.then_some(Rights::ByProject(lists))
}

fn names_one(list: &[String]) -> bool {
    let telling = ["subscribe", "presence", "publish", "doc:read", "doc:write"];
    list.iter().any(|word| telling.contains(&word.as_str()))
}

/// The texts of a list, or the words of a text.
fn words(raw: &RawValue) -> Vec<String> {
    let is_space = |c: char| [' ', '\t', '\n', '\r', '\x0c'].contains(&c);
    if let Some(Value::String(text)) = value(raw) {
        let words = text.split(is_space).filter(|word| !word.is_empty());
        return words.map(str::to_owned).collect();
    }
    let list: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
    let texts = list.into_iter().filter_map(value);
    texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// A text or null; `None` if it is something else.
fn optional_text(fields: &Object<'_>, name: &str) -> Option<Option<String>> {
    fields.field(name).text().ok()
}

/// A number or null; `None` if it is something else.
fn optional_number(fields: &Object<'_>, name: &str) -> Option<Option<f64>> {
    match fields.field(name) {
        Field::Absent => Some(None),
        Field::Is(value) => value.as_f64().map(Some),
        Field::Unreadable => None,
    }
}
