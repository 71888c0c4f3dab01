//! A token, as its issuer knows it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use validiant_core::Millis;
use validiant_core::token::{Claims, Rules, Token as Parsed};
use validiant_core::wire::close_code::CloseCode;

use crate::plan::Seat;
use crate::step::{Rights, Ticket};
use crate::users::{self, User};
use crate::violation::{Checked, Violation};

/// How far clocks may differ (P9.3).
pub const LEEWAY_MS: Millis = 30_000;

/// The contents of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The room that it is for.
    pub room: u8,
    pub user: Option<User>,
    /// 0 if it does not say.
    pub issued_at: Millis,
    pub expires_at: Millis,
    pub id: Option<u8>,
    pub rights: Rights,
}

impl Rights {
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Usual => &["subscribe", "presence"],
            Self::Listens => &["subscribe"],
            Self::All => &["subscribe", "presence", "publish", "send"],
            Self::Publishes => &["publish"],
        }
    }

    fn has(self, name: &str) -> bool {
        self.names().contains(&name)
    }
}

impl Token {
    /// A fresh one for a client. Its times are in whole seconds.
    pub fn issue(ticket: Ticket, seat: &Seat, now: Millis) -> Self {
        let at = |seconds: i64| (now / 1_000).saturating_add_signed(seconds) * 1_000;
        Self {
            room: seat.room,
            user: seat.user,
            issued_at: ticket.ahead.map_or(0, |ahead| at(ahead.into())),
            expires_at: at(ticket.ends_in.into()),
            id: ticket.id,
            rights: ticket.rights,
        }
    }

    /// The text of the token. The room does not check the signature.
    pub fn text(&self) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.c2ln", encode(r#"{"alg":"HS256"}"#), encode(&self.claims_text()))
    }

    fn claims_text(&self) -> String {
        let Self { room, expires_at, rights, .. } = self;
        let rights = rights.names().join(r#"",""#);
        let sub = self.user.map(|user| format!(r#","sub":"{}""#, users::name(user)));
        let iat = (self.issued_at > 0).then(|| format!(r#","iat":{}"#, self.issued_at / 1_000));
        let jti = self.id.map(|id| format!(r#","jti":"{}""#, id_name(id)));
        let more: String = [sub, iat, jti].into_iter().flatten().collect();
        let exp = expires_at / 1_000;
        format!(r#"{{"exp":{exp},"projects":"p{room}","permissions":["{rights}"]{more}}}"#)
    }

    /// What the core reads in it.
    pub fn claims(&self) -> Checked<Claims> {
        let parsed = Parsed::parse(&self.text(), &Rules::default()).map(|parsed| parsed.claims);
        parsed.map_err(|error| Violation(format!("{self:?} is no token: {error:?}.")))
    }

    /// Whether it has expired for everybody (P9.3).
    fn is_over(&self, now: Millis) -> bool {
        self.expires_at + LEEWAY_MS <= now
    }

    /// Whether it is valid now: it has not expired, and was not issued in the future (P9.3).
    pub fn is_valid(&self, now: Millis) -> bool {
        !self.is_over(now) && self.issued_at <= now + LEEWAY_MS
    }

    /// Whether it lets this client in and keeps its socket (P9.4).
    pub fn admits(&self, seat: &Seat) -> bool {
        let is_theirs = self.user.is_some() && self.user == seat.user;
        is_theirs && self.room == seat.room && self.rights.has("subscribe")
    }

    /// Whether others see its user as present (P9.4).
    pub fn is_present(&self) -> bool {
        self.rights.has("presence")
    }

    /// Whether it lets its client send events to others (P11.1).
    pub fn may_send(&self) -> bool {
        self.rights.has("send")
    }

    /// Whether it can publish in a room (P9.6).
    pub fn publishes_in(&self, room: u8) -> bool {
        self.room == room && self.rights.has("publish")
    }

    /// The code with which a connect is closed before it reaches the room (P9.3, P9.4).
    pub fn refusal(&self, seat: &Seat, now: Millis) -> Option<CloseCode> {
        if self.is_over(now) {
            return Some(CloseCode::TOKEN_EXPIRED);
        }
        if self.user.is_none() || !self.is_valid(now) {
            return Some(CloseCode::TOKEN_INVALID);
        }
        (!self.admits(seat)).then_some(CloseCode::NOT_ALLOWED)
    }
}

/// The id of a token, as text.
pub fn id_name(id: u8) -> String {
    format!("t{id}")
}
