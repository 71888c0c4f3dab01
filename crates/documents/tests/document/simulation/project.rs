//! The project's room: it lets in, removes, revokes and erases.

use validiant_core::member::{HeldToken, User};
use validiant_core::names::{ConnectionId, TokenId, UserId};
use validiant_core::room_call::revocation::{Revocation, Scope};
use validiant_core::wire::close_code::CloseCode;
use validiant_documents::room::Ticket;
use validiant_documents::visitor::Visitor;

use super::client::{Client, Kind};
use super::world::World;
use crate::memory::Flaw;

/// A client for which the project's room is asked.
#[derive(Clone, Copy)]
pub struct Asked {
    pub client: usize,
    ticket: Ticket,
    /// What the room says, once it has decided.
    is_let_in: Option<bool>,
    /// How it must be refused, whatever the room has said.
    refused: Option<CloseCode>,
}

impl World {
    pub fn is_anybody_expected(&self) -> bool {
        !self.asked.is_empty()
    }

    /// A client comes, and the room is asked.
    pub fn connect(&mut self, client: usize) -> Result<(), String> {
        let is_on_its_way = self.asked.iter().any(|asked| asked.client == client);
        if is_on_its_way || self.clients[client].link.is_some() {
            return Ok(());
        }
        let ticket = self.document.expect(visitor(&self.clients[client]));
        self.asked.push(Asked { client, ticket, is_let_in: None, refused: None });
        self.end_turn()
    }

    /// The room decides, or its decision arrives.
    pub fn go_on(&mut self, place: usize) -> Result<(), String> {
        let Some(asked) = self.asked.get_mut(place) else { return Ok(()) };
        let user = &self.clients[asked.client].user;
        match asked.is_let_in {
            None => {
                asked.is_let_in = Some(!self.kept_out.contains(user));
                Ok(())
            }
            Some(is_let_in) => {
                let asked = self.asked.remove(place);
                if is_let_in { self.let_in(&asked) } else { self.turn_away(&asked) }
            }
        }
    }

    fn turn_away(&mut self, asked: &Asked) -> Result<(), String> {
        self.seen.push("turned away");
        self.document.turn_away(asked.ticket);
        self.end_turn()
    }

    fn let_in(&mut self, asked: &Asked) -> Result<(), String> {
        let connected = self.document.connect(asked.ticket, (), self.now);
        self.end_turn()?;
        match (connected, asked.refused) {
            (Ok(connected), None) => {
                self.seen.push("connected");
                self.clients[asked.client].has_connected(connected.socket);
                Ok(())
            }
            (Err(closing), Some(code)) if closing.code == code => {
                self.seen.push("removed while expected");
                Ok(())
            }
            (connected, refused) => {
                let what = connected.map(|_| "let in").map_err(|closing| closing.reason());
                Err(format!("{what:?} instead of {refused:?}"))
            }
        }
    }

    /// A backend removes a user, who may not come back for a while.
    pub fn remove(&mut self, client: usize) -> Result<(), String> {
        let user = self.clients[client].user.clone();
        self.kept_out.insert(user.clone());
        self.refuse(
            |it| it.user == user,
            CloseCode::REMOVED,
            "removed",
            |world| {
                let id = UserId::parse(&user).expect("an id");
                world.document.remove_user(&id, world.now);
            },
        )
    }

    /// A backend revokes a client's token.
    pub fn revoke(&mut self, client: usize) -> Result<(), String> {
        let id = self.clients[client].id;
        self.refuse(
            |it| it.id == id,
            CloseCode::TOKEN_INVALID,
            "revoked",
            |world| {
                let scope = Scope::Token(token_id(id));
                world.document.revoke(&Revocation { scope, before: world.now }, world.now);
            },
        )
    }

    fn refuse(
        &mut self,
        is_meant: impl Fn(&Client) -> bool,
        code: CloseCode,
        what: &'static str,
        call: impl FnOnce(&mut Self),
    ) -> Result<(), String> {
        if self.flaw == Some(Flaw::OpenDoor) {
            self.expect_again(call);
        } else {
            call(self);
        }
        for asked in &mut self.asked {
            if is_meant(&self.clients[asked.client]) {
                asked.refused.get_or_insert(code);
            }
        }
        self.seen.push(what);
        self.end_turn()
    }

    /// [`Flaw::OpenDoor`].
    fn expect_again(&mut self, call: impl FnOnce(&mut Self)) {
        call(self);
        for place in 0..self.asked.len() {
            let Asked { client, ticket, .. } = self.asked[place];
            self.asked[place].ticket = self.document.expect(visitor(&self.clients[client]));
            self.document.turn_away(ticket);
        }
    }

    /// The document is erased. Everybody is closed, and brings what they have.
    pub fn erase(&mut self) -> Result<(), String> {
        self.seen.push("erased");
        self.document.erase(self.now).map_err(|_| "the storage failed")?;
        for asked in &mut self.asked {
            asked.refused.get_or_insert(CloseCode::TRY_AGAIN);
        }
        for client in &mut self.clients {
            client.has_lost();
            client.is_erased();
        }
        self.hostile.has_lost();
        self.ghosts.clear();
        self.down.clear();
        self.end_turn()
    }
}

fn token_id(client: u64) -> TokenId {
    TokenId::parse(&client.to_string()).expect("an id")
}

fn visitor(client: &Client) -> Visitor {
    let id = UserId::parse(&client.user).expect("an id");
    let connection_id = ConnectionId::parse(&client.id.to_string()).expect("an id");
    let token = HeldToken { expires_at: u64::MAX / 2, issued_at: 1, id: Some(token_id(client.id)) };
    let user = User { verified: true, ..User::unverified(id, None) };
    Visitor::new(connection_id, Some(user), Some(token), client.kind != Kind::Reader)
}
