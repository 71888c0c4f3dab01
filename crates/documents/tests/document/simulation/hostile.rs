//! Somebody who may write, and means harm: sends what can't be read, what others have sent, and what speaks for others.

use validiant_core::member::{SocketId, User};
use validiant_core::names::{ConnectionId, UserId};
use validiant_documents::sync;
use validiant_documents::visitor::Visitor;
use yrs::{Doc, Text, Transact};

use super::awareness::put_entry;
use super::world::World;
use crate::world::ROOT;

/// Its user, whom no honest client has.
pub const USER: &str = "eve";
const ID: u64 = 900;

#[derive(Default)]
pub struct Hostile {
    pub socket: Option<SocketId>,
    /// What the server has got from others since it last lost anything.
    overheard: Vec<Vec<u8>>,
}

impl Hostile {
    pub fn overhear(&mut self, frame: &[u8]) {
        self.overheard.push(frame.to_vec());
    }

    pub fn has_lost(&mut self) {
        self.socket = None;
        self.overheard.clear();
    }
}

impl World {
    /// The hostile client comes, or does something.
    pub fn harm(&mut self) -> Result<(), String> {
        let Some(socket) = self.hostile.socket else { return self.let_hostile_in() };
        let frame = match self.rng.u8(0..6) {
            0 => self.rubbish(),
            1 | 2 => self.overheard(),
            3 => sync::update(&self.hostile_edit()),
            4 => self.lie(),
            _ => sync::step_1(b"\0"),
        };
        self.serve(socket, frame)?;
        if self.platform.borrow().wires.attachment(socket).is_none() {
            self.seen.push("hostile closed");
        }
        self.down_to_hostile()
    }

    fn let_hostile_in(&mut self) -> Result<(), String> {
        let user =
            User { verified: false, ..User::unverified(UserId::parse(USER).expect("an id"), None) };
        let connection_id = ConnectionId::parse("e").expect("an id");
        let ticket = self.document.expect(Visitor::new(connection_id, Some(user), None, true));
        let connected = self.document.connect(ticket, (), self.now);
        self.hostile.socket = connected.ok().map(|connected| connected.socket);
        self.end_turn()
    }

    fn rubbish(&mut self) -> Vec<u8> {
        let mut frame = self.overheard();
        match self.rng.u8(0..3) {
            0 => frame.truncate(self.rng.usize(0..=frame.len())),
            1 => frame.push(self.rng.u8(..)),
            _ => frame.insert(0, self.rng.u8(4..)),
        }
        frame
    }

    fn overheard(&mut self) -> Vec<u8> {
        let overheard = self.rng.choice(&self.hostile.overheard);
        overheard.cloned().unwrap_or_else(|| b"\x03".to_vec())
    }

    /// A change of its own, to a document that is otherwise empty.
    fn hostile_edit(&mut self) -> Vec<u8> {
        let doc = Doc::with_client_id(ID + self.rng.u64(0..50));
        let root = doc.get_or_insert_text(ROOT);
        let mut transaction = doc.transact_mut();
        root.insert(&mut transaction, 0, "<eve>");
        transaction.encode_update_v1()
    }

    /// It speaks for somebody else.
    fn lie(&mut self) -> Vec<u8> {
        let victim = self.rng.usize(0..self.clients.len());
        let (id, user) = (self.clients[victim].id, self.clients[victim].user.clone());
        let clock = self.clients[victim].view.states.get(&id).map_or(0, |(clock, _)| *clock);
        let state = self.state_of(USER, &user);
        let state = Some(state.as_str()).filter(|_| self.rng.bool());
        let id = if self.rng.u8(0..4) == 0 { ID } else { id };
        let mut update = vec![1];
        put_entry(&mut update, id, clock + self.rng.u64(0..3), state);
        sync::awareness(&update)
    }
}
