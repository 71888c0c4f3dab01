//! The end of a token, and of the sockets that came with it (P9.5).

use super::{Answered, Room, RoomSettings};
use crate::Millis;
use crate::error_code::ErrorCode;
use crate::frame;
use crate::member::{Member, SocketId};
use crate::ports::{Sockets, Storage, StorageFailed};
use crate::token::{Claims, Permission, Rules};

impl<S: Sockets, P: Storage> Room<S, P> {
    /// A client gives a fresh token, whose signature is right. It goes on without a gap.
    pub fn refresh(
        &mut self,
        socket: SocketId,
        claims: &Claims,
        rules: &Rules,
        now: Millis,
    ) -> Answered {
        self.begin(now);
        let Some(member) = self.sockets.member(socket).cloned() else { return Answered::Served };
        if claims.judge(rules, now).is_err() {
            return self.refuse(socket, ErrorCode::TOKEN_INVALID, now);
        }
        let is_same = claims.user().is_ok_and(|user| member.user_id() == Some(&user.id));
        if !is_same || !claims.allows(Permission::Subscribe, &self.project_id) {
            return self.refuse(socket, ErrorCode::NOT_ALLOWED, now);
        }
        let token = claims.held();
        match self.is_revoked(member.user_id(), &token) {
            Ok(false) => {}
            Ok(true) => return self.refuse(socket, ErrorCode::TOKEN_INVALID, now),
            Err(StorageFailed) => return self.refuse(socket, ErrorCode::ROOM_UNAVAILABLE, now),
        }
        self.sockets.send(socket, &frame::auth_ok(token.expires_at, now));
        let member = Member { token: Some(token), ..member };
        let end = end_of(&member, &self.settings);
        self.sockets.replace(socket, member);
        if let Some(end) = end {
            self.timers.arm(end, now, &mut self.storage);
        }
        Answered::Served
    }

    /// The sockets whose token has ended, and the time to refresh it too.
    pub(super) fn expired(&self, now: Millis) -> Vec<SocketId> {
        self.sockets.select(|member| end_of(member, &self.settings).is_some_and(|at| at <= now))
    }
}

/// When the next socket ends with its token.
pub(super) fn next(sockets: &impl Sockets, settings: &RoomSettings) -> Option<Millis> {
    sockets.members().filter_map(|member| end_of(member, settings)).min()
}

/// When a socket ends with its token, if it has one.
pub(super) fn end_of(member: &Member, settings: &RoomSettings) -> Option<Millis> {
    let token = member.token.as_ref()?;
    Some(token.expires_at.saturating_add(settings.token_grace_ms))
}
