//! An honest client: a document of `yrs`, and the protocol as a provider speaks it.

use std::collections::VecDeque;

use validiant_core::member::SocketId;
use validiant_documents::sync::{self, Message};
use validiant_documents::update::Contents;
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{Doc, GetString, ReadTxn, StateVector, Text, Transact, Update};

use super::awareness::View;
use crate::world::ROOT;

/// Which client it is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The package's own: it waits for its updates to be acknowledged, and sends back nothing that it hears.
    Own,
    /// `y-partyserver` or `y-websocket`: it sends back the awareness of others.
    Stock,
    /// A stock client that may only read, and writes all the same.
    Reader,
}

/// A connection, as the client sees it.
#[derive(Debug)]
pub struct Link {
    pub socket: SocketId,
    /// Frames on their way to the server.
    pub up: VecDeque<Vec<u8>>,
    /// Whether the server's state vector has come.
    is_greeted: bool,
}

pub struct Client {
    pub id: u64,
    pub kind: Kind,
    pub user: String,
    pub doc: Doc,
    pub link: Option<Link>,
    /// What it has sent, or would have, since the document was last erased, and was not acknowledged.
    pub unacknowledged: VecDeque<Vec<u8>>,
    /// Whether it has changed something that it could not send.
    is_behind: bool,
    /// What it was told is durable.
    pub acknowledged: Contents,
    pub view: View,
}

impl Client {
    pub fn new(id: u64, kind: Kind, user: &str) -> Self {
        Self {
            id,
            kind,
            user: user.to_owned(),
            doc: Doc::with_client_id(id),
            link: None,
            unacknowledged: VecDeque::new(),
            is_behind: false,
            acknowledged: Contents::default(),
            view: View::new(id),
        }
    }

    pub fn text(&self) -> String {
        self.doc.get_or_insert_text(ROOT).get_string(&self.doc.transact())
    }

    /// Everything it has, in a form that is the same for the same document.
    pub fn all(&self) -> Vec<u8> {
        self.doc.transact().encode_state_as_update_v1(&StateVector::default())
    }

    /// Its socket is open.
    pub fn has_connected(&mut self, socket: SocketId) {
        let have = self.doc.transact().state_vector().encode_v1();
        let mut up = VecDeque::from([sync::step_1(&have)]);
        up.extend(self.view.own().map(|update| sync::awareness(&update)));
        self.link = Some(Link { socket, up, is_greeted: false });
    }

    /// Its socket is gone.
    pub fn has_lost(&mut self) {
        self.link = None;
        self.view.forget_others();
    }

    /// Somebody types.
    pub fn edit(&mut self, rng: &mut fastrand::Rng) {
        let root = self.doc.get_or_insert_text(ROOT);
        let update = {
            let mut transaction = self.doc.transact_mut();
            let len = root.len(&transaction);
            if len > 3 && rng.u8(0..3) == 0 {
                let at = rng.u32(0..len - 2);
                root.remove_range(&mut transaction, at, rng.u32(1..=2));
            } else {
                let letters: String = (0..rng.usize(1..4)).map(|_| rng.lowercase()).collect();
                root.insert(&mut transaction, rng.u32(0..=len), &letters);
            }
            transaction.encode_update_v1()
        };
        match &mut self.link {
            Some(link) if link.is_greeted => {
                link.up.push_back(sync::update(&update));
                if self.kind == Kind::Own {
                    self.unacknowledged.push_back(update);
                }
            }
            _ => self.is_behind = true,
        }
    }

    /// A frame has come.
    pub fn receive(&mut self, frame: &[u8]) -> Result<(), String> {
        if frame.starts_with(b"\x02") {
            let is_reader = self.kind == Kind::Reader;
            return if is_reader { Ok(()) } else { Err(format!("{} is denied", self.id)) };
        }
        let message = Message::read(frame).map_err(|_| format!("sent {frame:?}"))?;
        match message {
            Message::Step1(have) => self.answer(have),
            Message::Step2(update) => self.apply(update),
            Message::Update(update) => self.hear(update)?,
            Message::Awareness(update) => {
                let changed = self.view.receive(update)?;
                let answer = self.view.answer(&changed, self.kind != Kind::Own);
                if let (Some(link), Some(answer)) = (&mut self.link, answer) {
                    link.up.push_back(sync::awareness(&answer));
                }
            }
            Message::QueryAwareness => return Err("the server asks for awareness".into()),
        }
        Ok(())
    }

    /// The server wants what it lacks.
    fn answer(&mut self, have: &[u8]) {
        let have = StateVector::decode_v1(have).expect("a state vector");
        let lacks = self.doc.transact().encode_state_as_update_v1(&have);
        let Some(link) = &mut self.link else { return };
        link.is_greeted = true;
        let waits = std::mem::take(&mut self.is_behind) || !self.unacknowledged.is_empty();
        if self.kind == Kind::Own && waits {
            link.up.push_back(sync::update(&lacks));
            self.unacknowledged = VecDeque::from([lacks]);
        } else {
            link.up.push_back(sync::step_2(&lacks));
        }
    }

    /// An update of somebody else, or its own, which is durable now. Where it only deletes, that can't be told: whoever
    /// deletes the same sends the same. So those count for nothing here.
    fn hear(&mut self, update: &[u8]) -> Result<(), String> {
        let only_deletes = update.starts_with(b"\0");
        if self.unacknowledged.front().is_some_and(|first| first == update) {
            self.unacknowledged.pop_front();
            if !only_deletes {
                self.acknowledged.add(&Contents::of(update).expect("an update"));
            }
            return Ok(());
        }
        if !only_deletes && self.unacknowledged.iter().any(|other| other == update) {
            return Err(format!("{}: acknowledged out of order", self.id));
        }
        self.apply(update);
        Ok(())
    }

    fn apply(&mut self, update: &[u8]) {
        let update = Update::decode_v1(update).expect("an update");
        self.doc.transact_mut().apply_update(update).expect("applied");
    }

    /// The document is erased. What it has, it brings again.
    pub fn is_erased(&mut self) {
        self.acknowledged = Contents::default();
        self.is_behind = true;
    }
}
