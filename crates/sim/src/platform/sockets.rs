//! The port to the sockets, in memory.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::limits::Allowance;
use validiant_core::member::{Member, SocketId};
use validiant_core::names::ConnectionId;
use validiant_core::ports::{NotAccepted, Sockets};
use validiant_core::position::Seq;
use validiant_core::wire::close_code::Closing;

use super::{Outgoing, Shared};
use crate::flaw::Flaw;

/// The port to the sockets.
#[derive(Debug)]
pub struct MemorySockets {
    platform: Shared,
    members: BTreeMap<SocketId, Member>,
    allowances: BTreeMap<SocketId, Allowance>,
    /// Whether they were counted before.
    is_counted: Cell<bool>,
}

impl MemorySockets {
    pub(super) fn wake(platform: &Shared) -> Self {
        let members = platform.borrow().attachments.clone();
        Self {
            platform: Rc::clone(platform),
            members,
            allowances: BTreeMap::new(),
            is_counted: Cell::default(),
        }
    }
}

impl MemorySockets {
    /// Whether it is an event that is not written yet.
    fn is_unwritten(&self, frame: &str) -> bool {
        let seq = frame
            .rsplit_once("\"seq\":")
            .and_then(|(_, seq)| seq.trim_end_matches(['}', ']']).parse::<Seq>().ok());
        seq.is_some_and(|seq| seq > self.platform.borrow().disk.range().1)
    }
}

impl Sockets for MemorySockets {
    type Handle = ();

    fn add(&mut self, (): (), mut member: Member) -> Result<SocketId, NotAccepted> {
        let mut platform = self.platform.borrow_mut();
        let id = SocketId(platform.next_socket);
        platform.next_socket += 1;
        member.may_send |= platform.has(Flaw::EverybodySends);
        if platform.has(Flaw::SharedData) && member.data.is_none() {
            member.data = self.members.values().find_map(|other| other.data.clone());
        }
        let mut attached = member.clone();
        if platform.has(Flaw::ForgetfulSleep) {
            attached.gap_after = None;
        }
        platform.attachments.insert(id, attached);
        self.members.insert(id, member);
        Ok(id)
    }

    fn count(&self) -> usize {
        let is_first = !self.is_counted.replace(true);
        let more = is_first && self.platform.borrow().has(Flaw::NoJump);
        self.members.len() + usize::from(more)
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    fn fan_out<C: IntoIterator<Item = usize>>(
        &mut self,
        frames: &[impl AsRef<str>],
        mut choose: impl FnMut(SocketId, &Member) -> C,
    ) -> usize {
        let mut platform = self.platform.borrow_mut();
        let flaw = platform.flaw;
        let newest = self.members.keys().next_back().copied();
        let nameless = ConnectionId::parse("nameless").ok();
        let is_event = frames.iter().all(|frame| frame.as_ref().starts_with(EVENT));
        let nameless = nameless.filter(|_| flaw == Some(Flaw::NoExclusion) && is_event);
        let mut taken = 0;
        for (id, member) in &self.members {
            let known = if flaw == Some(Flaw::Echo) { SocketId(u32::MAX) } else { *id };
            let nameless = nameless.as_ref().map(|name| renamed(member, name));
            let seen = nameless.as_ref().unwrap_or(member);
            let mut chosen: Vec<usize> = choose(known, seen).into_iter().collect();
            if chosen.is_empty() && frames.len() == 1 && is_for_all(frames, flaw) {
                chosen.push(0);
            }
            for frame in chosen.iter().filter_map(|place| frames.get(*place)) {
                if let Some(frame) = misheard(frame.as_ref(), flaw, newest == Some(*id)) {
                    platform.send(*id, Outgoing::Frame(frame));
                }
            }
            taken += usize::from(!chosen.is_empty());
        }
        taken
    }

    fn send(&mut self, to: SocketId, frame: &str) {
        let is_introduction = frame.trim_start_matches('[').starts_with(UPDATED);
        let flaw = self.platform.borrow().flaw;
        let is_lost = match flaw {
            Some(Flaw::ReplayFromDisk) => self.is_unwritten(frame),
            Some(Flaw::NoIntroductions) => is_introduction,
            _ => false,
        };
        let frame = match flaw {
            Some(Flaw::BoastfulAnswer) if frame.starts_with(AUTH_OK) => {
                frame.replace("false", "true")
            }
            Some(Flaw::SilentHello) => frame.replace("minKeyEpoch", "key"),
            _ => frame.to_owned(),
        };
        if self.members.contains_key(&to) && !is_lost {
            self.platform.borrow_mut().send(to, Outgoing::Frame(frame));
        }
    }

    fn remove(&mut self, socket: SocketId) -> Option<Member> {
        self.platform.borrow_mut().attachments.remove(&socket);
        self.allowances.remove(&socket);
        self.members.remove(&socket)
    }

    fn select(&self, is_meant: impl Fn(&Member) -> bool) -> Vec<SocketId> {
        let meant = self.members.iter().filter(|(_, member)| is_meant(member));
        meant.map(|(id, _)| *id).collect()
    }

    fn member(&self, socket: SocketId) -> Option<&Member> {
        self.members.get(&socket)
    }

    fn replace(&mut self, socket: SocketId, mut member: Member) {
        let mut platform = self.platform.borrow_mut();
        let is_twin = |(id, other): (&SocketId, &Member)| {
            *id > socket
                && other.user_id() == member.user_id()
                && other.connection_id == member.connection_id
        };
        let has_newer = platform.has(Flaw::OldTwin) && self.members.iter().any(is_twin);
        let Some(old) = self.members.get_mut(&socket) else { return };
        if has_newer {
            member.data.clone_from(&old.data);
        }
        if platform.has(Flaw::OldRights) {
            member.may_send = old.may_send;
        }
        let mut attached = member.clone();
        if platform.has(Flaw::ForgetfulData) {
            attached.data = platform.attachments.get(&socket).and_then(|it| it.data.clone());
        }
        platform.attachments.insert(socket, attached);
        *old = member;
    }

    fn close(&mut self, socket: SocketId, closing: Closing) -> Option<Member> {
        let member = self.remove(socket)?;
        self.platform.borrow_mut().send(socket, Outgoing::Close(closing));
        Some(member)
    }

    fn allowance(&mut self, socket: SocketId) -> Option<&mut Allowance> {
        self.members.contains_key(&socket).then(|| self.allowances.entry(socket).or_default())
    }

    fn last_ping(&self, socket: SocketId) -> Option<Millis> {
        self.platform.borrow().last_pings.get(&socket).copied()
    }
}

/// How the frames begin that have a backend's event, that tell of a change of a user, and that have a client's event.
const EVENT: &str = r#"{"type":"E""#;
const UPDATED: &str = r#"{"type":"USER_UPDATED""#;
const CLIENT_EVENT: &str = r#"{"type":"client-"#;
/// How the answer to a fresh token begins.
const AUTH_OK: &str = r#"{"type":"AUTH_OK""#;

/// How a frame begins that tells of a raised floor.
const KEY_EPOCH: &str = r#"{"type":"KEY_EPOCH""#;

/// A member whose connection has another name.
fn renamed(member: &Member, name: &ConnectionId) -> Member {
    Member { connection_id: name.clone(), ..member.clone() }
}

/// Whether everybody gets what is not for everybody.
fn is_for_all(frames: &[impl AsRef<str>], flaw: Option<Flaw>) -> bool {
    let begins = |with: &str| frames.iter().all(|frame| frame.as_ref().starts_with(with));
    match flaw {
        Some(Flaw::NoAudience) => begins(CLIENT_EVENT),
        Some(Flaw::LoudCrowd) => begins(UPDATED),
        _ => false,
    }
}

/// What becomes of a frame on its way to a socket.
fn misheard(frame: &str, flaw: Option<Flaw>, is_newest: bool) -> Option<String> {
    let is_updated = frame.starts_with(UPDATED);
    let is_lost = match flaw {
        Some(Flaw::UntoldEnd) => is_updated && frame.contains(r#""data":null"#),
        Some(Flaw::UntoldWait) => is_updated && !frame.contains(r#""data":"#),
        Some(Flaw::DeafSocket) => is_updated && is_newest,
        Some(Flaw::UntoldFloor) => is_newest && frame.starts_with(KEY_EPOCH),
        _ => false,
    };
    let is_forged = flaw == Some(Flaw::ForgedSender) && frame.starts_with(CLIENT_EVENT);
    let other = r#""connectionId":"c9"#;
    let text = if is_forged { frame.replace(r#""connectionId":"c"#, other) } else { frame.into() };
    (!is_lost).then_some(text)
}
