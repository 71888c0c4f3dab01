//! The port to the sockets, in memory.

use std::collections::BTreeMap;
use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::limits::Allowance;
use validiant_core::member::{Member, SocketId};
use validiant_core::ports::{NotAccepted, Sockets};
use validiant_core::wire::close_code::Closing;

use super::{Outgoing, Shared};

/// The port to the sockets.
#[derive(Debug)]
pub struct MemorySockets {
    platform: Shared,
    members: BTreeMap<SocketId, Member>,
    allowances: BTreeMap<SocketId, Allowance>,
}

impl MemorySockets {
    pub(super) fn wake(platform: &Shared) -> Self {
        let members = platform.borrow().attachments.clone();
        Self { platform: Rc::clone(platform), members, allowances: BTreeMap::new() }
    }
}

impl Sockets for MemorySockets {
    type Handle = ();

    fn add(&mut self, (): (), member: Member) -> Result<SocketId, NotAccepted> {
        let mut platform = self.platform.borrow_mut();
        let id = SocketId(platform.next_socket);
        platform.next_socket += 1;
        platform.attachments.insert(id, member.clone());
        self.members.insert(id, member);
        Ok(id)
    }

    fn count(&self) -> usize {
        self.members.len()
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    fn fan_out<C: IntoIterator<Item = usize>>(
        &mut self,
        frames: &[impl AsRef<str>],
        mut choose: impl FnMut(&Member) -> C,
    ) -> usize {
        let mut platform = self.platform.borrow_mut();
        let mut taken = 0;
        for (id, member) in &self.members {
            let mut took = false;
            for frame in choose(member).into_iter().filter_map(|place| frames.get(place)) {
                platform.send(*id, Outgoing::Frame(frame.as_ref().to_owned()));
                took = true;
            }
            taken += usize::from(took);
        }
        taken
    }

    fn send(&mut self, to: SocketId, frame: &str) {
        if self.members.contains_key(&to) {
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
