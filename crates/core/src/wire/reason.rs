//! Which check failed, in one word (P6.2): the `reason` in a close, an `ERROR` frame or an HTTP answer.

/// Why a token or a client is refused. It says what to check, and nothing that helps to forge a token: every fault of
/// the key or the signature has the same word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// No token was sent.
    Missing,
    /// It is not a JWT, is too long, or its header or claims can't be read.
    Malformed,
    /// `alg` is not one that this server knows.
    Alg,
    /// Its header has `crit`.
    Crit,
    /// No key of this server fits, or the signature is wrong.
    Signature,
    /// It has no `exp`.
    Exp,
    /// Its `exp` has passed. A close says that by its code, 4101.
    Expired,
    /// `nbf` is in the future.
    Nbf,
    /// `iat` is in the future.
    Iat,
    /// `iss` is not `JWT_ISSUER`.
    Iss,
    /// `aud` does not contain `JWT_AUDIENCE`.
    Aud,
    /// `sub` is not a valid user id.
    Sub,
    /// A backend revoked it.
    Revoked,
    /// `projects` does not contain this project.
    Projects,
    /// `permissions` does not contain what the request needs.
    Permissions,
    /// It belongs to a user other than the one in the query, or the one connected on the socket.
    User,
    /// The project id in the path is invalid.
    ProjectId,
    /// The document id in the path is invalid.
    DocId,
    /// The `userId` in the query is invalid.
    UserId,
    /// A message to a document can't be read.
    Message,
    /// A document is encrypted and the client is not, or the other way round.
    Encryption,
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
            Self::Expired => "expired",
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
            Self::DocId => "docId",
            Self::UserId => "userId",
            Self::Message => "message",
            Self::Encryption => "encryption",
        }
    }
}
