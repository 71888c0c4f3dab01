//! Clients open documents, and the room judges them (P13.10).

use validiant_core::Millis;
use validiant_core::encryption::KeyEpoch;
use validiant_core::names::DocId;
use validiant_core::ports::ID_END;
use validiant_core::room::NotConnected;
use validiant_core::room_call::document::{Errand, Purpose, Visitor};

use crate::client::Client;
use crate::connection::client_of;
use crate::counts::Counts;
use crate::documents::{Asked, DOCUMENTS, Document, Guest, News};
use crate::places::Place;
use crate::site::Site;
use crate::step::{End, Papers};
use crate::users;
use crate::violation::{Checked, Violation, ensure};
use crate::world::World;

impl World {
    /// A client wants to open a document. The gate has checked its token.
    pub fn open_document(&mut self, client: u8, document: u8, papers: Papers) -> Checked {
        let token = self.token_to_connect(client, papers);
        let Self { clients, sites, now, .. } = self;
        let Some((client, site)) = client_of(clients, sites, client) else { return Ok(()) };
        let passes = token.is_none_or(|token| {
            token.user == client.seat.user && token.room == client.seat.room && token.is_valid(*now)
        });
        let needs_token = client.seat.user.is_some() && site.settings.takes_tokens;
        if !passes || (needs_token && token.is_none()) {
            return Ok(());
        }
        let held = token.map(|token| Ok(token.claims()?.held())).transpose()?;
        let guest = Guest::new(client.number, client.seat.user, token, held);
        site.documents.get(document).into_iter().for_each(|it| it.expect(guest.clone()));
        Ok(())
    }

    /// The first socket of a document ends.
    pub fn leave_document(&mut self, room: u8, document: u8) -> Checked {
        let Some(site) = self.sites.get_mut(usize::from(room)) else { return Ok(()) };
        let flaw = site.flaw();
        site.documents.get(document).into_iter().for_each(|it| it.leave(flaw));
        Ok(())
    }

    /// Somebody writes in a document that is open.
    pub fn write_document(&mut self, room: u8, document: u8) -> Checked {
        let Some(site) = self.sites.get_mut(usize::from(room)) else { return Ok(()) };
        let turn = site.documents.now();
        site.documents.get(document).into_iter().for_each(|it| it.write(turn));
        Ok(())
    }

    /// The object of a document dies.
    pub fn lose_document(&mut self, room: u8, document: u8) -> Checked {
        let Some(site) = self.sites.get_mut(usize::from(room)) else { return Ok(()) };
        site.documents.get(document).into_iter().for_each(Document::die);
        Ok(())
    }

    /// What a document asks reaches the room.
    pub fn serve_document(&mut self, room: u8, document: u8, end: End) -> Checked {
        let Self { clients, sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        site.serve_next(clients, document, end, *now, counts)
    }

    /// The room's answer reaches a document.
    pub fn answer_document(&mut self, room: u8, document: u8) -> Checked {
        let Self { sites, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        let flaw = site.flaw();
        let heard = site.documents.get(document).and_then(|it| it.hear(flaw));
        heard.into_iter().for_each(|outcome| counts.add(outcome));
        Ok(())
    }

    /// The next document is told what a backend has asked for.
    pub fn tell_document(&mut self, room: u8) -> Checked {
        let Self { clients, sites, now, counts, .. } = self;
        let Some(site) = sites.get_mut(usize::from(room)) else { return Ok(()) };
        let flaw = site.flaw();
        let Some((document, must_ask)) = site.documents.tell(flaw) else {
            return Ok(());
        };
        counts.add("documents told");
        // A document that is erased does not answer before the room has forgotten it.
        while must_ask && site.documents.get(document).is_some_and(|it| !it.errands.is_empty()) {
            site.serve_next(clients, document, End::Commits, *now, counts)?;
        }
        site.documents.answer();
        Ok(())
    }

    /// Everything that is on its way arrives.
    pub fn settle_documents(&mut self, room: u8) -> Checked {
        for document in 0..DOCUMENTS {
            let is_busy = |world: &mut Self| {
                let site = world.sites.get_mut(usize::from(room));
                let document = site.and_then(|site| site.documents.get(document));
                document.is_some_and(|it| !it.errands.is_empty() || !it.answers.is_empty())
            };
            while is_busy(self) {
                self.serve_document(room, document, End::Commits)?;
                self.answer_document(room, document)?;
            }
        }
        for _ in 0..DOCUMENTS {
            self.tell_document(room)?;
        }
        Ok(())
    }
}

impl Site {
    /// The room has done something of which these documents must be told, unless it died in that turn.
    pub fn call_documents(
        &mut self,
        news: News,
        floor: KeyEpoch,
        documents: &str,
        end: End,
    ) -> Checked {
        let number = |id: &str| id.strip_prefix('d')?.parse().ok();
        let ids = documents.split(ID_END).filter(|id| !id.is_empty());
        let untold: Option<Vec<u8>> = ids.map(number).collect();
        let untold = untold.ok_or_else(|| Violation(format!("No documents: {documents:?}.")))?;
        if end == End::Commits {
            let flaw = self.flaw();
            self.documents.call(news, floor, untold, flaw);
        }
        Ok(())
    }

    fn serve_next(
        &mut self,
        clients: &[Client],
        document: u8,
        end: End,
        now: Millis,
        counts: &mut Counts,
    ) -> Checked {
        let Some(asked) = self.documents.get(document).and_then(|it| it.errands.pop_front()) else {
            return Ok(());
        };
        let id = DocId::parse(&format!("d{document}"))
            .map_err(|_| Violation("A document has no valid id.".into()))?;
        let turn = self.begin_turn(end);
        let errand = Errand { document: id, purpose: purpose(&asked) };
        let answer = self.room.serve_document(&errand, now);
        let knows_floor = self.knows_floor();
        let let_in = self.documents.tick();
        if let Ok(told) = &answer {
            let floor = self.model.floor.epoch;
            ensure!(*told == floor, "Document {document} is told the floor {told}, not {floor}.");
        }
        if let Asked::Open(guest) = asked {
            self.check_judgement(clients, &guest, answer.err(), knows_floor, now, counts)?;
            let floor = answer.ok().filter(|_| end == End::Commits);
            if let Some(it) = self.documents.get(document) {
                it.answers.push_back(floor.map(|floor| (let_in, floor)));
            }
        } else {
            let is_right = answer.is_ok() || self.disk_is_full() || !knows_floor;
            ensure!(is_right, "The room does not let go of document {document}: {answer:?}.");
        }
        self.end_turn(turn, now, counts)
    }

    fn check_judgement(
        &mut self,
        clients: &[Client],
        guest: &Guest,
        answer: Option<NotConnected>,
        knows_floor: bool,
        now: Millis,
        counts: &mut Counts,
    ) -> Checked {
        let Some(client) = clients.get(usize::from(guest.client)) else { return Ok(()) };
        if !knows_floor {
            let is_right = answer == Some(NotConnected::Unavailable);
            ensure!(is_right, "{client} is answered {answer:?}, though nobody knows the floor.");
            counts.add("refused at a document while a table can't be read");
            return Ok(());
        }
        if answer == Some(NotConnected::Unavailable) && self.disk_is_full() {
            let can_read = self.tables_are_readable();
            if guest.user.is_some() {
                self.model.refusals.read(can_read);
            }
            if guest.token.is_some() {
                self.model.revocations.read(can_read);
            }
            counts.add("document not opened: the disk is full");
            return Ok(());
        }
        let refused = self.check_refusal(client, guest.token.as_ref(), answer, Place::Free, now)?;
        refused.into_iter().for_each(|refused| counts.add(at_a_document(refused)));
        Ok(())
    }

    /// What is true of the documents at any time.
    pub fn check_documents(&self) -> Checked {
        let platform = self.platform.borrow();
        let is_known = |number: u8| {
            let name = format!("d{number}");
            platform.disk.documents().any(|(id, is_open)| is_open && id.as_str() == name)
        };
        self.documents.check(is_known)
    }
}

fn purpose(asked: &Asked) -> Purpose {
    match asked {
        Asked::Open(guest) => Purpose::Open(Visitor {
            user: guest.user.and_then(users::id),
            token: guest.held.clone(),
            subprotocol: None,
        }),
        Asked::Release => Purpose::Release,
        Asked::Forget => Purpose::Forget,
    }
}

fn at_a_document(refused: &'static str) -> &'static str {
    match refused {
        "refused after a removal" => "refused at a document after a removal",
        "refused while a table can't be read" => {
            "refused at a document while a table can't be read"
        }
        _ => "refused at a document: the token is revoked",
    }
}
