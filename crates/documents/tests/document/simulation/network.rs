//! Sockets: frames on their way up and down, and lost connections.

use validiant_core::member::SocketId;
use validiant_core::wire::close_code::CloseCode;
use validiant_documents::room::Incoming;

use super::client::Kind;
use super::world::World;
use crate::memory::{Flaw, Frame, Out};

impl World {
    /// Frames of a client reach the server.
    pub fn up(&mut self, client: usize, frames: usize) -> Result<(), String> {
        for _ in 0..frames {
            let Some(link) = &mut self.clients[client].link else { return Ok(()) };
            let Some(frame) = link.up.pop_front() else { return Ok(()) };
            let socket = link.socket;
            // What the reader writes is not to be written by anybody else either.
            if self.clients[client].kind != Kind::Reader {
                self.hostile.overhear(&frame);
            }
            self.remember_said(client, &frame)?;
            self.serve(socket, frame)?;
        }
        Ok(())
    }

    /// The server gets a frame.
    pub fn serve(&mut self, socket: SocketId, frame: Vec<u8>) -> Result<(), String> {
        self.document.message(socket, Incoming::Binary(Frame::from(frame)), self.now);
        self.end_turn()
    }

    /// A frame of anybody reaches the server.
    pub fn receive_from_anybody(&mut self) -> Result<(), String> {
        let client = self.rng.usize(0..self.clients.len());
        self.up(client, 1)
    }

    /// What has left the server on a socket.
    fn fetch(&mut self, socket: SocketId) -> Result<&mut Vec<Out>, String> {
        let platform = &mut *self.platform.borrow_mut();
        let durable_turns = match self.flaw {
            Some(Flaw::NoGate) => usize::MAX,
            _ => platform.disk.durable_turns(),
        };
        let down = self.down.entry(socket).or_default();
        down.extend(platform.wires.take(socket, durable_turns));
        let close = down.iter().position(|out| matches!(out, Out::Close(_)));
        match close {
            Some(at) if at + 1 < down.len() => Err("something was sent after the close".into()),
            _ => Ok(down),
        }
    }

    /// Frames of the server reach a client.
    pub fn down(&mut self, client: usize, frames: usize) -> Result<(), String> {
        for _ in 0..frames {
            let Some(link) = &self.clients[client].link else { return Ok(()) };
            let down = self.fetch(link.socket)?;
            if down.is_empty() {
                return Ok(());
            }
            match down.remove(0) {
                Out::Frame(frame) => self.take(client, frame.as_ref())?,
                Out::Close(closing) => {
                    let expected = [CloseCode::REMOVED, CloseCode::TOKEN_INVALID];
                    if !expected.contains(&closing.code) {
                        return Err(format!("client {client} was closed: {}", closing.reason()));
                    }
                    self.clients[client].has_lost();
                }
            }
        }
        Ok(())
    }

    fn take(&mut self, client: usize, frame: &[u8]) -> Result<(), String> {
        self.check_users(frame)?;
        let before = self.clients[client].unacknowledged.len();
        self.clients[client].receive(frame)?;
        if self.clients[client].unacknowledged.len() < before {
            self.seen.push("acknowledged");
        }
        if frame.starts_with(b"\x02") {
            self.seen.push("denied");
        }
        Ok(())
    }

    /// Whatever is on its way arrives, and whatever is sent because of it.
    pub fn deliver_all(&mut self) -> Result<(), String> {
        while !self.is_quiet() {
            self.platform.borrow_mut().disk.confirm();
            for client in 0..self.clients.len() {
                self.up(client, usize::MAX)?;
                self.down(client, usize::MAX)?;
            }
        }
        Ok(())
    }

    fn is_quiet(&self) -> bool {
        let wires = &self.platform.borrow().wires;
        self.clients.iter().filter_map(|client| client.link.as_ref()).all(|link| {
            let has_arrived = self.down.get(&link.socket).is_none_or(Vec::is_empty);
            link.up.is_empty() && has_arrived && !wires.has_any_for(link.socket)
        })
    }

    /// What has left the server reaches the hostile client.
    pub fn down_to_hostile(&mut self) -> Result<(), String> {
        let Some(socket) = self.hostile.socket else { return Ok(()) };
        for out in std::mem::take(self.fetch(socket)?) {
            match out {
                Out::Frame(frame) => self.check_users(frame.as_ref())?,
                Out::Close(_) => self.hostile.has_lost(),
            }
        }
        Ok(())
    }

    /// A connection is lost with everything on its way. The server hears of it, or not yet.
    pub fn lose(&mut self, client: usize, is_told: bool) -> Result<(), String> {
        let Some(link) = &self.clients[client].link else { return Ok(()) };
        let socket = link.socket;
        self.clients[client].has_lost();
        self.down.remove(&socket);
        self.ghosts.push(socket);
        if is_told { self.tell_ends() } else { Ok(()) }
    }

    /// The server hears of the sockets that are lost.
    pub fn tell_ends(&mut self) -> Result<(), String> {
        for socket in std::mem::take(&mut self.ghosts) {
            self.document.leave(socket, self.now);
            self.end_turn()?;
        }
        Ok(())
    }
}
