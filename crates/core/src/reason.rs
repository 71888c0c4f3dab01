//! Which check has failed, in one word (P6.2): the `reason` of a close, of an `ERROR` frame and of an HTTP answer.

/// Why a token, or a client, is refused. It says what to look at, and nothing that helps to forge a token: whatever is
/// wrong with key or signature is one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No token came.
    Missing,
    /// It is no token by its form, is too long, or its header or claims can't be read.
    Malformed,
    /// `alg` is none of those that are known here.
    Alg,
    /// It has `crit`.
    Crit,
    /// No key of this server fits, or the signature is wrong.
    Signature,
    /// It has no `exp`, or that is over.
    Exp,
    /// `nbf` is still to come.
    Nbf,
    /// `iat` is still to come.
    Iat,
    /// `iss` is not `JWT_ISSUER`.
    Iss,
    /// `aud` does not have `JWT_AUDIENCE` in it.
    Aud,
    /// `sub` is no user id.
    Sub,
    /// A backend has revoked it.
    Revoked,
    /// `projects` does not have this project in it.
    Projects,
    /// `permissions` does not have in it what is asked for.
    Permissions,
    /// It is another user's: than the query says, or than whoever sits at the socket.
    User,
    /// The project id in the path is none.
    ProjectId,
    /// The `userId` in the query is none.
    UserId,
}

impl Reason {
    /// The word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Alg => "alg",
            Self::Crit => "crit",
            Self::Signature => "signature",
            Self::Exp => "exp",
            Self::Nbf => "nbf",
            Self::Iat => "iat",
            Self::Iss => "iss",
            Self::Aud => "aud",
            Self::Sub => "sub",
            Self::Revoked => "revoked",
            Self::Projects => "projects",
            Self::Permissions => "permissions",
            Self::User => "user",
            Self::ProjectId => "projectId",
            Self::UserId => "userId",
        }
    }
}
