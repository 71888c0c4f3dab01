//! The port to the sockets, in memory.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::limits::Allowance;
use validiant_core::member::{Member, SocketId};
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

    fn add(&mut self, (): (), member: Member) -> Result<SocketId, NotAccepted> {
        let mut platform = self.platform.borrow_mut();
        let id = SocketId(platform.next_socket);
        platform.next_socket += 1;
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
        let mut taken = 0;
        for (id, member) in &self.members {
            let mut took = false;
            for frame in choose(*id, member).into_iter().filter_map(|place| frames.get(place)) {
                platform.send(*id, Outgoing::Frame(frame.as_ref().to_owned()));
                took = true;
            }
            taken += usize::from(took);
        }
        taken
    }

    fn send(&mut self, to: SocketId, frame: &str) {
        let is_lost = self.platform.borrow().has(Flaw::ReplayFromDisk) && self.is_unwritten(frame);
        if self.members.contains_key(&to) && !is_lost {
            self.platform.borrow_mut().send(to, Outgoing::Frame(frame.to_owned()));
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

    fn replace(&mut self, socket: SocketId, member: Member) {
        if let Some(old) = self.members.get_mut(&socket) {
            self.platform.borrow_mut().attachments.insert(socket, member.clone());
            *old = member;
        }
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
