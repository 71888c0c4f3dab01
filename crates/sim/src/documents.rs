//! The documents of a project, as simple as they can be (P13.10): who has each open, what is on its way between them and
//! the room, and what backends were told.
//!
//! A document is an object of its own. It asks the room in order, and takes its answers in order; anything can happen in
//! between. So a client that it lets in was judged a while ago.

use std::collections::{BTreeMap, VecDeque};

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::member::HeldToken;

use crate::flaw::Flaw;
use crate::step::Whose;
use crate::token::Token;
use crate::users::User;
use crate::violation::{Checked, ensure};

/// How many documents a project has.
pub const DOCUMENTS: u8 = 3;

/// Counts what the room does for documents, in order.
pub type Turn = u64;

/// A client that has a document open, or wants to.
#[derive(Debug, Clone)]
pub struct Guest {
    pub client: u8,
    pub user: Option<User>,
    pub token: Option<Token>,
    /// The token, as the gate tells of it.
    pub held: Option<HeldToken>,
    /// When the room let it in.
    pub let_in: Turn,
    /// Whether it was refused while the room was asked.
    is_refused: bool,
}

impl Guest {
    pub fn new(
        client: u8,
        user: Option<User>,
        token: Option<Token>,
        held: Option<HeldToken>,
    ) -> Self {
        Self { client, user, token, held, let_in: 0, is_refused: false }
    }
}

/// What a document asks the room.
#[derive(Debug, Clone)]
pub enum Asked {
    Open(Guest),
    Release,
    Forget,
}

/// A document.
#[derive(Debug, Default)]
pub struct Document {
    pub guests: Vec<Guest>,
    /// Those of whom the room is asked, in the order in which it is.
    expected: VecDeque<Guest>,
    /// What is on its way to the room.
    pub errands: VecDeque<Asked>,
    /// What is on its way back: when each was let in, and the project's lowest key epoch then, if it was.
    pub answers: VecDeque<Option<(Turn, KeyEpoch)>>,
    /// The lowest key epoch that it takes.
    floor: KeyEpoch,
    /// When something was last written in it, if there is anything.
    written: Option<Turn>,
}

impl Document {
    /// A client wants to open it.
    pub fn expect(&mut self, guest: Guest) {
        self.expected.push_back(guest.clone());
        self.errands.push_back(Asked::Open(guest));
    }

    /// The room's answer about the first that is expected. Returns the outcome.
    pub fn hear(&mut self, flaw: Option<Flaw>) -> Option<&'static str> {
        let answer = self.answers.pop_front()?;
        let guest = self.expected.pop_front()?;
        let outcome = match answer {
            None => "document not opened: the room says no",
            Some(_) if guest.is_refused => "document not opened: refused in between",
            Some((let_in, floor)) => {
                let is_late = flaw == Some(Flaw::LateFloor);
                self.floor = if is_late { floor } else { floor.max(self.floor) };
                self.guests.push(Guest { let_in, ..guest });
                "document opened"
            }
        };
        self.may_be_left(flaw);
        Some(outcome)
    }

    /// The first of its sockets ends.
    pub fn leave(&mut self, flaw: Option<Flaw>) {
        if !self.guests.is_empty() {
            self.guests.remove(0);
            self.may_be_left(flaw);
        }
    }

    pub fn write(&mut self, now: Turn) {
        if !self.guests.is_empty() {
            self.written = Some(now);
        }
    }

    /// The object dies, with its sockets and with whatever is on its way.
    pub fn die(&mut self) {
        let Self { written, .. } = std::mem::take(self);
        self.written = written;
    }

    /// Those who are meant lose it, also if they are only expected.
    fn close(&mut self, is_meant: impl Fn(&Guest) -> bool, flaw: Option<Flaw>) {
        self.guests.retain(|guest| !is_meant(guest));
        if flaw != Some(Flaw::UnexpectedGuest) {
            let meant = self.expected.iter_mut().filter(|guest| is_meant(guest));
            meant.for_each(|guest| guest.is_refused = true);
        }
        self.may_be_left(flaw);
    }

    /// Erases itself.
    fn erase(&mut self) {
        self.written = None;
        self.guests.clear();
        self.expected.iter_mut().for_each(|guest| guest.is_refused = true);
        self.errands.push_back(Asked::Forget);
    }

    fn may_be_left(&mut self, flaw: Option<Flaw>) {
        let is_awaited = !self.expected.is_empty() && flaw != Some(Flaw::HastyRelease);
        if self.guests.is_empty() && !is_awaited {
            let is_there = self.written.is_some();
            self.errands.push_back(if is_there { Asked::Release } else { Asked::Forget });
        }
    }
}

/// What the documents are told.
#[derive(Debug, Clone, Copy)]
pub enum News {
    Removal(User),
    /// The lowest key epoch is raised, and nothing else.
    Floor,
    Revocation(Whose, Millis),
    Erasure,
}

impl News {
    fn concerns(self, guest: &Guest) -> bool {
        match self {
            Self::Removal(user) => guest.user == Some(user),
            Self::Revocation(whose, before) => guest.token.is_some_and(|token| match whose {
                Whose::All => token.issued_at < before,
                Whose::User(user) => token.user == Some(user) && token.issued_at < before,
                Whose::Token(id) => token.id == Some(id),
            }),
            Self::Erasure => true,
            Self::Floor => false,
        }
    }
}

/// A call of a backend that is not answered before every document has been told.
#[derive(Debug)]
struct Call {
    news: News,
    /// The lowest key epoch of the project.
    floor: KeyEpoch,
    at: Turn,
    untold: Vec<u8>,
}

/// All documents of a project.
#[derive(Debug, Default)]
pub struct Documents {
    all: [Document; DOCUMENTS as usize],
    turns: Turn,
    calls: VecDeque<Call>,
    /// When each user was last removed, as backends were answered.
    removed: BTreeMap<User, Turn>,
    /// What they were told is revoked.
    revoked: Vec<(News, Turn)>,
    erased: Turn,
    /// The lowest key epoch of which backends were told that it is in force.
    floor: KeyEpoch,
}

impl Documents {
    pub fn get(&mut self, document: u8) -> Option<&mut Document> {
        self.all.get_mut(usize::from(document))
    }

    /// The room does something.
    pub fn tick(&mut self) -> Turn {
        self.turns += 1;
        self.turns
    }

    pub fn now(&self) -> Turn {
        self.turns
    }

    /// The project has no floor any more.
    pub fn floor_is_lost(&mut self) {
        self.floor = 0;
        self.calls.iter_mut().for_each(|call| call.floor = 0);
    }

    /// The room has died: nobody gets an answer from it.
    pub fn room_died(&mut self) {
        self.calls.clear();
    }

    /// The room has done something that these documents must be told.
    pub fn call(&mut self, news: News, floor: KeyEpoch, untold: Vec<u8>, flaw: Option<Flaw>) {
        let call = Call { news, floor, at: self.tick(), untold };
        if call.untold.is_empty() || flaw == Some(Flaw::HastyRemoval) {
            self.is_answered(&call);
        } else {
            self.calls.push_back(call);
        }
    }

    /// The next document is told. Returns which, and whether it must ask the room before that counts.
    pub fn tell(&mut self, flaw: Option<Flaw>) -> Option<(u8, bool)> {
        let call = self.calls.front_mut()?;
        let (news, floor) = (call.news, call.floor);
        let document = call.untold.pop()?;
        let told = self.all.get_mut(usize::from(document))?;
        if flaw != Some(Flaw::UntoldDocument) {
            told.floor = told.floor.max(floor);
        }
        match news {
            News::Erasure => told.erase(),
            _ => told.close(|guest| news.concerns(guest), flaw),
        }
        Some((document, matches!(news, News::Erasure)))
    }

    /// Answers the backends whose calls every document has heard.
    pub fn answer(&mut self) {
        while self.calls.front().is_some_and(|call| call.untold.is_empty()) {
            let call = self.calls.pop_front();
            call.iter().for_each(|call| self.is_answered(call));
        }
    }

    fn is_answered(&mut self, call: &Call) {
        self.floor = self.floor.max(call.floor);
        match call.news {
            News::Floor => {}
            News::Removal(user) => {
                self.removed.insert(user, call.at);
            }
            News::Revocation(..) => self.revoked.push((call.news, call.at)),
            News::Erasure => self.erased = call.at,
        }
    }

    /// Checks that nobody has a document open who was kept out of the project before it was answered, that nothing is left
    /// of what was erased, and that the room knows all open documents. `is_known`: whether the room knows it to be open.
    pub fn check(&self, is_known: impl Fn(u8) -> bool) -> Checked {
        for (document, number) in self.all.iter().zip(0..) {
            ensure!(
                document.guests.is_empty() || is_known(number),
                "The room does not know that document {number} is open."
            );
            ensure!(
                document.guests.is_empty() || document.floor >= self.floor,
                "Document {number} takes what is under {}, and the floor is {}.",
                document.floor,
                self.floor
            );
            for guest in &document.guests {
                let Guest { client, let_in, .. } = guest;
                let removed = guest.user.and_then(|user| self.removed.get(&user));
                let outlives = |at: &Turn| let_in < at;
                ensure!(
                    !removed.is_some_and(outlives),
                    "Client {client} still has document {number} open after its user was removed."
                );
                let is_revoked = |(news, at): &(News, Turn)| outlives(at) && news.concerns(guest);
                ensure!(
                    !self.revoked.iter().any(is_revoked),
                    "Client {client} still has document {number} open with a revoked token."
                );
                ensure!(
                    !outlives(&self.erased),
                    "Client {client} still has document {number} open after it was erased."
                );
            }
            ensure!(
                document.written.is_none_or(|at| at >= self.erased),
                "Document {number} is still there after its project was erased."
            );
        }
        Ok(())
    }
}
