//! The expiry of tokens, and of the sockets that connected with them (P9.5).

use super::{Answered, Room, RoomSettings};
use crate::Millis;
use crate::member::{Member, SocketId, User};
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::token::{Claims, Permission, Rules, TokenError};
use crate::wire::error_code::{ErrorCode, Refusal};
use crate::wire::frame;
use crate::wire::reason::Reason;

impl<S: Sockets, P: Storage> Room<S, P> {
    /// Takes over a client's fresh token, whose signature is valid. Its connection continues without a gap.
    pub fn refresh(
        &mut self,
        socket: SocketId,
        claims: &Claims,
        rules: &Rules,
        now: Millis,
    ) -> Answered {
        self.begin(now);
        let Some(member) = self.sockets.member(socket).cloned() else { return Answered::Served };
        let user = match self.judge_refresh(&member, claims, rules, now) {
            Ok(user) => user,
            Err(refusal) => return self.refuse(socket, refusal, now),
        };
        let token = claims.held();
        match self.is_revoked(member.user_id(), &token) {
            Ok(false) => {}
            Ok(true) => {
                let refusal = ErrorCode::TOKEN_INVALID.because(Reason::Revoked);
                return self.refuse(socket, refusal, now);
            }
            Err(StorageFailed) => return self.refuse(socket, ErrorCode::ROOM_UNAVAILABLE, now),
        }
        let user_id = user.id.clone();
        let is_changed = member.is_present && self.presence.is_told(&user);
        let may_send = claims.allows(Permission::Send, &self.project_id);
        let member = Member { user: Some(user), token: Some(token), may_send, ..member };
        let auth_ok = frame::auth_ok(claims.held().expires_at, self.may_send(&member), now);
        self.sockets.send(socket, &auth_ok);
        let end = end_of(&member, &self.settings);
        self.sockets.replace(socket, member);
        if is_changed {
            self.is_seen_everywhere(&user_id);
            self.tell_seen(&user_id, socket, now);
        }
        if let Some(end) = end {
            self.arm(end, now);
        }
        Answered::Served
    }

    /// The new member of the socket. Whatever the fresh token does not say stays unchanged.
    fn judge_refresh(
        &self,
        member: &Member,
        claims: &Claims,
        rules: &Rules,
        now: Millis,
    ) -> Result<User, Refusal> {
        let invalid = |error: TokenError| ErrorCode::TOKEN_INVALID.because(error.reason());
        claims.judge(rules, now).map_err(invalid)?;
        let fresh = claims.user().map_err(invalid)?;
        let known = member.user.as_ref().filter(|user| user.id == fresh.id);
        let known = known.ok_or(ErrorCode::NOT_ALLOWED.because(Reason::User))?;
        let allowed = claims.may(Permission::Subscribe, &self.project_id);
        allowed.map_err(|reason| ErrorCode::NOT_ALLOWED.because(reason))?;
        let name = fresh.name.or_else(|| known.name.clone());
        let avatar = fresh.avatar.or_else(|| known.avatar.clone());
        Ok(User { name, avatar, ..fresh })
    }

    /// The sockets whose token and grace period have expired.
    pub(super) fn expired(&self, now: Millis) -> Vec<SocketId> {
        self.sockets.select(|member| end_of(member, &self.settings).is_some_and(|at| at <= now))
    }
}

/// When the next socket is closed because of its token.
pub(super) fn next(sockets: &impl Sockets, settings: &RoomSettings) -> Option<Millis> {
    sockets.members().filter_map(|member| end_of(member, settings)).min()
}

/// When a socket is closed because of its token, if it has one.
pub(super) fn end_of(member: &Member, settings: &RoomSettings) -> Option<Millis> {
    let token = member.token.as_ref()?;
    Some(token.expires_at.saturating_add(settings.token_grace_ms))
}
