//! What must hold.

use std::collections::BTreeMap;

use serde_json::Value;
use validiant_documents::ports::Key;
use validiant_documents::room::NotRead;
use validiant_documents::sync::Message;
use validiant_documents::update::Contents;

use super::awareness::entries;
use super::client::{Client, Kind};
use super::hostile;
use super::world::World;
use crate::world::text_of;

impl World {
    /// A state by one user, which claims to be of another. It is remembered who has said it.
    pub fn state_of(&mut self, user: &str, claimed: &str) -> String {
        let name = self.said.len().to_string();
        self.said.insert((name.clone(), user.to_owned()));
        format!(r##"{{"n":"{name}","user":{{"id":"{claimed}","color":"#fff"}}}}"##)
    }

    /// A client sends a frame. If it is of itself, its user has said so. It can be what somebody else has said while it was
    /// away: `y-protocols` takes that over.
    pub fn remember_said(&mut self, client: usize, frame: &[u8]) -> Result<(), String> {
        let Ok(Message::Awareness(update)) = Message::read(frame) else { return Ok(()) };
        let Client { id: own, user, .. } = &self.clients[client];
        for (id, _, state) in entries(update)? {
            if let Some(state) = state.filter(|_| id == *own) {
                self.said.insert((name_in(&state), user.clone()));
            }
        }
        Ok(())
    }

    /// Every state names the user who has really said it.
    pub fn check_users(&self, frame: &[u8]) -> Result<(), String> {
        let Ok(Message::Awareness(update)) = Message::read(frame) else { return Ok(()) };
        for (id, _, state) in entries(update)? {
            let Some(state) = state else { continue };
            let state: Value = serde_json::from_str(&state).map_err(|it| it.to_string())?;
            let user = state["user"]["id"].as_str().unwrap_or_default();
            let has_said = self.said.contains(&(name_of(&state).to_owned(), user.to_owned()));
            // Who means harm repeats what others have said, but in its own name.
            if !has_said && user != hostile::USER {
                return Err(format!("{id} says {state}, which {user} has not said"));
            }
        }
        Ok(())
    }

    pub fn contents(&mut self) -> Result<Contents, String> {
        match self.document.read() {
            Ok(update) => Contents::of(&update).map_err(|_| "can't be read".into()),
            Err(NotRead::NoDocument) => Ok(Contents::default()),
            Err(NotRead::Failed) => Err("can't be merged".into()),
            Err(NotRead::Encrypted) => Err("is encrypted".into()),
        }
    }

    /// Nothing is gone of which somebody was told that it is durable, and who may only read has changed nothing.
    pub fn check_acknowledged(&mut self) -> Result<(), String> {
        let contents = self.contents()?;
        for client in &self.clients {
            if !contents.covers(&client.acknowledged) {
                return Err(format!("{} has lost what was acknowledged", client.id));
            }
            let is_reader = client.kind == Kind::Reader;
            if is_reader && !contents.inserted.of_client(client.id).is_empty() {
                return Err("who may only read has written".into());
            }
        }
        Ok(())
    }

    /// No stored update is all in those before it.
    pub fn check_stored_once(&self) -> Result<(), String> {
        let platform = self.platform.borrow();
        let start = platform.disk.number(Key::Start);
        let (mut before, mut update) = (Contents::default(), Vec::new());
        for row in platform.disk.rows().filter(|row| row.seq >= start) {
            update.extend_from_slice(&row.data);
            if row.ends {
                let contents =
                    Contents::of(&std::mem::take(&mut update)).map_err(|_| "unreadable")?;
                if before.covers(&contents) {
                    return Err(format!("row {} stores what is stored already", row.seq));
                }
                before.add(&contents);
            }
        }
        if update.is_empty() { Ok(()) } else { Err("a part of an update is missing".into()) }
    }

    /// All have the same document.
    pub fn check_equal(&mut self) -> Result<(), String> {
        let contents = self.contents()?;
        let text = self.document.read().map_or(String::new(), |update| text_of(&update));
        for client in &self.clients {
            let own = Contents::of(&client.all()).map_err(|_| "a client's update")?;
            if client.kind == Kind::Reader {
                if !own.covers(&contents) {
                    return Err("the reader lacks something".into());
                }
            } else if client.text() != text || own != contents {
                return Err(format!("{} has {:?}, the server {text:?}", client.id, client.text()));
            }
            if !client.unacknowledged.is_empty() {
                return Err(format!("{} waits for its updates", client.id));
            }
        }
        Ok(())
    }

    /// Everybody sees everybody, and nobody else.
    pub fn check_present(&self) -> Result<(), String> {
        let expected: BTreeMap<u64, String> = self.clients.iter().flat_map(own_state).collect();
        for client in &self.clients {
            let present = client.view.present();
            let seen: BTreeMap<u64, String> =
                present.into_iter().map(|(id, state)| (id, name_in(state))).collect();
            if seen != expected {
                return Err(format!("{} sees {seen:?} instead of {expected:?}", client.id));
            }
        }
        Ok(())
    }
}

fn own_state(client: &Client) -> Option<(u64, String)> {
    Some((client.id, name_in(client.view.present().get(&client.id)?)))
}

fn name_of(state: &Value) -> &str {
    state["n"].as_str().unwrap_or_default()
}

fn name_in(state: &str) -> String {
    serde_json::from_str(state).map_or(String::new(), |state| name_of(&state).to_owned())
}
