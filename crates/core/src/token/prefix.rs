//! Where our claims are in a token from another issuer (`JWT_CLAIMS_PREFIX`, P9.4).

use serde_json::value::RawValue;

use super::entries::{Doubled, Entries};

/// The prefix of the names of our claims, such as `https://app.example.com/`. A prefix that ends in a dot can also name
/// the object that contains them: `app_metadata.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsPrefix(String);

/// The claims with our names, with any value: providers use the plain names for their own purposes.
#[derive(Default)]
pub(super) struct Ours<'a> {
    pub name: Option<&'a RawValue>,
    pub avatar: Option<&'a RawValue>,
    pub projects: Option<&'a RawValue>,
    pub permissions: Option<&'a RawValue>,
}

impl<'a> Ours<'a> {
    /// Finds each by its name; `None` if one appears twice.
    pub fn find(get: impl Fn(&str) -> Result<Option<&'a RawValue>, Doubled>) -> Option<Self> {
        Some(Self {
            name: get("name").ok()?,
            avatar: get("avatar").ok()?,
            projects: get("projects").ok()?,
            permissions: get("permissions").ok()?,
        })
    }
}

impl ClaimsPrefix {
    /// The maximum length in bytes.
    pub const MAX_BYTES: usize = 256;

    /// Accepts visible ASCII that ends in neither a letter nor a digit, so that it is clear where the names begin, and
    /// that has no two dots in a row.
    #[must_use]
    pub fn parse(text: String) -> Option<Self> {
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        let ends = text.ends_with(|c: char| !c.is_ascii_alphanumeric());
        let has_names = !text.starts_with('.') && !text.contains("..");
        let fits = is_visible && ends && has_names && text.len() <= Self::MAX_BYTES;
        fits.then_some(Self(text))
    }

    /// Our claims under the prefix; `None` if one appears twice.
    #[inline(never)]
    pub(super) fn find<'a>(&self, claims: &Entries<'a>) -> Option<Ours<'a>> {
        let object = self.object(claims).ok()?;
        Ours::find(|name| match claims.get(&[self.0.as_str(), name].concat())? {
            Some(raw) => Ok(Some(raw)),
            None => object.as_ref().map_or(Ok(None), |object| object.get(name)),
        })
    }

    /// The object that the prefix names, if there is one.
    fn object<'a>(&self, claims: &Entries<'a>) -> Result<Option<Entries<'a>>, Doubled> {
        let Some(path) = self.0.strip_suffix('.') else { return Ok(None) };
        let mut steps = path.split('.');
        let mut raw = claims.get(steps.next().unwrap_or_default())?;
        for step in steps {
            let inner = raw.and_then(Entries::read);
            raw = inner.map_or(Ok(None), |inner| inner.get(step))?;
        }
        Ok(raw.and_then(Entries::read))
    }
}
