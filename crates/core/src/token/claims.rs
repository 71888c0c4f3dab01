//! The claims of a token, and what they allow (P9.3, P9.4).

use super::entries::Entries;
use super::permissions::{ANY, Permission, Permissions};
use super::prefix::Ours;
use super::values::{number, one_or_many, text};
use super::{LEEWAY_SECONDS, Rules, TokenError};
use crate::Millis;
use crate::member::{HeldToken, User};
use crate::names::{Avatar, ProjectId, TokenId, UserId, UserName};
use crate::room_call::bearer::Bearer;
use crate::wire::reason::Reason;

/// The claims of a token that matter here.
#[derive(Debug)]
pub struct Claims {
    subject: Option<String>,
    name: Option<String>,
    avatar: Option<String>,
    /// Seconds since the Unix epoch, like the next two.
    expires_at: Option<f64>,
    not_before: Option<f64>,
    issued_at: Option<f64>,
    issuer: Option<String>,
    audience: Vec<String>,
    id: Option<String>,
    projects: Vec<String>,
    permissions: Permissions,
}

impl Claims {
    /// `None` if it is not a JSON object, or if a claim that counts appears twice or has the wrong type. All other claims
    /// are ignored.
    #[inline(never)]
    pub(super) fn parse(bytes: &[u8], rules: &Rules) -> Option<Self> {
        let fields = Entries::read_text(std::str::from_utf8(bytes).ok()?)?;
        let plain = Ours::find(|name| fields.get(name))?;
        let prefixed = match &rules.claims_prefix {
            Some(prefix) => prefix.find(&fields)?,
            None => Ours::default(),
        };
        let (projects, permissions) = rights(&plain, &prefixed)?;
        Some(Self {
            subject: fields.get_as("sub", text)?,
            name: prefixed.name.or(plain.name).and_then(text),
            avatar: prefixed.avatar.or(plain.avatar).and_then(text),
            expires_at: fields.get_as("exp", number)?,
            not_before: fields.get_as("nbf", number)?,
            issued_at: fields.get_as("iat", number)?,
            issuer: fields.get_as("iss", text)?,
            audience: fields.get_as("aud", one_or_many)?.unwrap_or_default(),
            id: fields.get_as("jti", text)?,
            projects,
            permissions,
        })
    }

    /// Checks the claims that every token must have, at `now` in milliseconds.
    ///
    /// # Errors
    /// The token has expired, is not valid yet, or is for another server: see [`TokenError`].
    pub fn judge(&self, rules: &Rules, now: Millis) -> Result<(), TokenError> {
        let now = now as f64 / 1_000.0;
        let leeway = LEEWAY_SECONDS as f64;
        if self.expires_at.ok_or(TokenError::NoExpiry)? + leeway <= now {
            return Err(TokenError::Expired);
        }
        let is_to_come = |at: Option<f64>| at.is_some_and(|at| at - leeway > now);
        if is_to_come(self.not_before) {
            return Err(TokenError::NotYetValid);
        }
        // No revocation by time would cover such a token.
        if is_to_come(self.issued_at) {
            return Err(TokenError::IssuedInFuture);
        }
        let is_ours = |issuer: &String| rules.issuer.contains(issuer);
        if !rules.issuer.is_empty() && !self.issuer.as_ref().is_some_and(is_ours) {
            return Err(TokenError::Issuer);
        }
        let is_for_us = |audience: &String| rules.audience.contains(audience);
        if !rules.audience.is_empty() && !self.audience.iter().any(is_for_us) {
            return Err(TokenError::Audience);
        }
        Ok(())
    }

    /// Who the bearer is.
    ///
    /// # Errors
    /// [`TokenError::Subject`].
    pub fn user(&self) -> Result<User, TokenError> {
        let subject = self.subject.as_deref().unwrap_or_default();
        let id = UserId::parse(subject).map_err(|_| TokenError::Subject)?;
        let name = self.name.as_deref().and_then(UserName::tidied);
        let avatar = self.avatar.as_deref().and_then(|avatar| Avatar::parse(avatar).ok());
        Ok(User { id, name, avatar, verified: true })
    }

    /// Checks that the bearer may do something in a project.
    ///
    /// # Errors
    /// The claim that does not allow it.
    pub fn may(&self, permission: Permission, project: &ProjectId) -> Result<(), Reason> {
        let is_project = |id: &String| id == ANY || id == project.as_str();
        if !self.projects.iter().any(is_project) {
            return Err(Reason::Projects);
        }
        self.permissions.allow(permission, project).then_some(()).ok_or(Reason::Permissions)
    }

    /// The same as a `bool`.
    #[must_use]
    pub fn allows(&self, permission: Permission, project: &ProjectId) -> bool {
        self.may(permission, project).is_ok()
    }

    /// Who publishes with the token; a `sub` that is not a valid user id counts as none.
    #[must_use]
    pub fn bearer(&self) -> Bearer {
        Bearer { user: self.user().ok().map(|user| user.id), token: self.held() }
    }

    /// What a room remembers of the token. An id longer than 128 bytes counts as none.
    #[must_use]
    pub fn held(&self) -> HeldToken {
        HeldToken {
            expires_at: millis(self.expires_at),
            issued_at: millis(self.issued_at),
            id: self.id.as_deref().and_then(|id| TokenId::parse(id).ok()),
        }
    }
}

/// The projects, and what is allowed there. Claims under the prefix are ours alone, so they must be valid, and the plain
/// names next to them belong to somebody else. Without a prefix, a plain name can hold anything, so a value that is not
/// ours is ignored.
fn rights(plain: &Ours<'_>, prefixed: &Ours<'_>) -> Option<(Vec<String>, Permissions)> {
    if prefixed.projects.is_some() || prefixed.permissions.is_some() {
        let projects = prefixed.projects.map_or(Some(Vec::new()), one_or_many)?;
        let permissions =
            prefixed.permissions.map_or(Some(Permissions::Usual), Permissions::strict)?;
        return Some((projects, permissions));
    }
    let projects = plain.projects.and_then(one_or_many).unwrap_or_default();
    let permissions =
        plain.permissions.map_or(Permissions::Usual, |raw| Permissions::lenient(raw, &projects));
    Some((projects, permissions))
}

/// A cast from a float saturates, and turns NaN into 0.
fn millis(seconds: Option<f64>) -> Millis {
    (seconds.unwrap_or_default() * 1_000.0) as Millis
}
