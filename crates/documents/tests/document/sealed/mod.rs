//! Encrypted documents (P14.7 to P14.10): what one does, one thing at a time, and whether it keeps its promises whatever
//! happens.

mod awareness;
mod catching_up;
mod costs;
mod floor;
mod hostile;
mod kinds;
mod log;
mod simulation;
mod snapshots;
mod wire;

use validiant_core::member::SocketId;
use validiant_documents::lib0::{put_bytes, put_uint};
use validiant_documents::room::Closed;
use validiant_documents::visitor::Visitor;

use crate::world::{World, visitor};
pub use wire::{Current, Told, told};

/// Bytes that look encrypted under a key of this epoch.
pub fn sealed(epoch: u64, content: &str) -> Vec<u8> {
    let mut bytes = vec![1];
    put_uint(&mut bytes, epoch);
    bytes.extend_from_slice(&[0xaa; 12]);
    bytes.extend_from_slice(content.as_bytes());
    bytes.extend_from_slice(&[0xbb; 16]);
    bytes
}

fn message(kind: u8, numbers: &[u64], body: &[u8]) -> Vec<u8> {
    let mut frame = vec![kind];
    numbers.iter().for_each(|number| put_uint(&mut frame, *number));
    put_bytes(&mut frame, body);
    frame
}

pub fn catch_up(since: u64) -> Vec<u8> {
    let mut frame = vec![0x10];
    put_uint(&mut frame, since);
    frame
}

pub fn update(id: u64, sealed: &[u8]) -> Vec<u8> {
    message(0x14, &[id], sealed)
}

pub fn put(id: u64, base: u64, upto: u64, sealed: &[u8]) -> Vec<u8> {
    message(0x16, &[id, base, upto], sealed)
}

pub fn say(sealed: &[u8]) -> Vec<u8> {
    message(0x17, &[], sealed)
}

/// A client that encrypts.
pub fn member(user: &str) -> Visitor {
    Visitor { floor: Some(0), ..visitor(user) }
}

impl World {
    /// A client of this user, who encrypts, connects.
    fn join_sealed(&mut self, user: &str) -> SocketId {
        self.connect(member(user)).unwrap()
    }

    /// A client sends an entry.
    fn append(&mut self, socket: SocketId, id: u64, content: &str) -> Option<Closed> {
        self.send(socket, update(id, &sealed(1, content)))
    }

    /// What a client has been told since this was last asked.
    fn told(&mut self, socket: SocketId) -> Vec<Told> {
        self.inbox(socket).iter().map(|frame| told(frame)).collect()
    }

    /// What a client gets that asks for everything after an entry.
    fn caught_up(&mut self, socket: SocketId, since: u64) -> Vec<Told> {
        self.inbox(socket);
        self.send(socket, catch_up(since));
        self.told(socket)
    }

    /// The numbers and contents of the entries that somebody gets who comes, after the snapshot.
    fn entries(&mut self) -> Vec<(u64, String)> {
        let socket = self.join_sealed("reader");
        let told = self.caught_up(socket, 0);
        self.leave(socket);
        told.into_iter()
            .filter_map(Told::entries)
            .flatten()
            .map(|it| (it.seq, it.content))
            .collect()
    }

    fn contents(&mut self) -> Vec<String> {
        self.entries().into_iter().map(|(_, content)| content).collect()
    }

    fn current(&mut self) -> Current {
        let socket = self.join_sealed("reader");
        let told = self.caught_up(socket, 0);
        self.leave(socket);
        told.into_iter().find_map(Told::current).unwrap()
    }
}
