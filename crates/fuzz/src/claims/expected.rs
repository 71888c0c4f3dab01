//! What claims must be taken for.

use serde_json::Value;
use validiant_core::token::{Rules, TokenError};

use crate::json::{Field, Object, texts};
use crate::names::{is_name, is_project_id, is_user_id};

const KNOWN: [&str; 11] =
    ["sub", "name", "avatar", "exp", "nbf", "iat", "iss", "aud", "jti", "projects", "permissions"];
const LEEWAY_SECONDS: f64 = 30.0;
/// What floating point may be wrong by.
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
    permissions: Value,
}

/// What may come of it when a token is judged.
#[derive(Debug)]
pub struct Outcome {
    pub accepted: bool,
    pub errors: Vec<TokenError>,
}

impl Expected {
    /// `None` if the claims are no JSON object, or one that counts is of a wrong type.
    pub fn of(claims: &[u8]) -> Option<Self> {
        let fields = Object::parse(std::str::from_utf8(claims).ok()?)?;
        if fields.doubles_one_of(&KNOWN) {
            return None;
        }
        Some(Self {
            sub: optional_text(&fields, "sub")?,
            name: optional_text(&fields, "name")?,
            exp: optional_number(&fields, "exp")?,
            nbf: optional_number(&fields, "nbf")?,
            iat: optional_number(&fields, "iat")?,
            iss: optional_text(&fields, "iss")?,
            aud: one_or_many(&fields, "aud")?,
            jti: optional_text(&fields, "jti")?,
            projects: one_or_many(&fields, "projects")?,
            permissions: permissions(&fields)?,
        })
    }

    /// Times at which to judge: `now`, and around those that the claims name.
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
        for begin in [self.nbf, self.iat].into_iter().flatten() {
            let wait = begin - LEEWAY_SECONDS - now;
            is_near |= is_blurred(begin, wait);
            if wait > 0.0 || is_blurred(begin, wait) {
                errors.push(TokenError::NotYetValid);
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

    pub fn user_name(&self) -> Option<&str> {
        self.name.as_deref().filter(|name| is_name(name, 256))
    }

    pub fn token_id(&self) -> Option<&str> {
        self.jti.as_deref().filter(|id| is_name(id, 128))
    }

    /// Projects to ask for: all that the claims name, and others.
    pub fn projects(&self) -> Vec<String> {
        let by_project = self.permissions.as_object().into_iter().flat_map(|lists| lists.keys());
        let named = self.projects.iter().chain(by_project).filter(|id| is_project_id(id));
        named.cloned().chain(["demo".into(), "*".into()]).collect()
    }

    /// P9.4.
    pub fn allows(&self, permission: &str, project: &str) -> bool {
        let is_named = self.projects.iter().any(|id| id == project || id == "*");
        let list = match &self.permissions {
            Value::Null => return is_named && permission != "publish",
            Value::Object(lists) => lists.get(project).or(lists.get("*")),
            list => Some(list),
        };
        let has = |list: &Value| list.as_array().unwrap().contains(&permission.into());
        is_named && list.is_some_and(has)
    }
}

/// Whether a time that is no whole number of seconds is too near to be told from `now`.
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

/// A list of texts, or an object of such; null if absent. `None` if it is something else.
fn permissions(fields: &Object<'_>) -> Option<Value> {
    match fields.field("permissions") {
        Field::Absent => Some(Value::Null),
        Field::Is(Value::Object(lists)) => {
            lists.values().all(|list| texts(list).is_some()).then_some(Value::Object(lists))
        }
        Field::Is(list) => texts(&list).is_some().then_some(list),
        Field::Unreadable => None,
    }
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
