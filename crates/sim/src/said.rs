//! The simple model of what connections say of themselves (P12).

use std::collections::BTreeMap;

use serde_json::Value;
use validiant_core::encryption::KeyEpoch;

use crate::seal::Seal;
use crate::step::{Edit, Patch};
use crate::users::{self, User, Users};

/// The largest presence data of a connection, in bytes.
pub const MAX_BYTES: usize = 128;

/// A connection: its user, and the number of its client.
pub type Connection = (User, u8);

/// The data of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Data {
    /// The place where it is.
    pub at: Option<u8>,
    n: Option<u8>,
    /// The client that has set `n`.
    by: Option<u8>,
    /// What is encrypted: under which key, by which client, and what.
    sealed: Option<(KeyEpoch, u8, u8)>,
}

impl Data {
    /// Those of a connection that says only where it is.
    pub fn at(at: Option<u8>) -> Self {
        Self { at, ..Self::default() }
    }

    /// The client that has said it last, and the number of that change.
    pub fn change(self) -> Option<(u8, u8)> {
        let sealed = self.sealed.map(|(_, by, n)| (by, n));
        sealed.into_iter().chain(self.by.zip(self.n)).max_by_key(|(_, n)| *n)
    }

    /// What is encrypted replaces all that is, and says where its client is, or that it is nowhere.
    pub fn patched(self, patch: Patch, client: u8, seal: Seal) -> Self {
        if let Seal::Under(epoch) = seal {
            let sealed = Some((epoch, client, sealed_n(patch)));
            return Self { at: edited(None, patch.at), sealed, ..self };
        }
        let at = edited(self.at, patch.at);
        let n = edited(self.n, patch.n);
        Self { at, n, by: n.and(Some(client)), sealed: self.sealed }
    }

    /// Reads what a frame has; `None` if no client has said that.
    fn read(json: &Value) -> Option<Self> {
        let object = json.as_object().filter(|object| !object.is_empty())?;
        let number = |value: &Value| u8::try_from(value.as_u64()?).ok();
        let mut data = Self::default();
        for (key, value) in object {
            match key.as_str() {
                "at" => data.at = Some(value.as_str()?.strip_prefix('p')?.parse().ok()?),
                "e2e" | "c" | "n" => {}
                "k" => {
                    let epoch = value.as_u64()?.try_into().ok()?;
                    let (by, n) = object.get("n")?.as_str()?.split_at_checked(8)?;
                    data.sealed = Some((epoch, by.parse().ok()?, n.parse().ok()?));
                }
                "m" => {
                    let [by, n] = value.as_array()?.as_slice() else { return None };
                    (data.by, data.n) = (Some(number(by)?), Some(number(n)?));
                }
                _ => return None,
            }
        }
        Some(data)
    }
}

/// What stands for `n` in what is encrypted.
fn sealed_n(patch: Patch) -> u8 {
    edited(None, patch.n).unwrap_or(u8::MAX)
}

fn edited(known: Option<u8>, edit: Edit) -> Option<u8> {
    match edit {
        Edit::Keep => known,
        Edit::Clear => None,
        Edit::Set(value) => Some(value),
    }
}

/// What a client sends to change its data.
pub fn message(patch: Patch, client: u8, seal: Seal) -> String {
    if let Seal::Under(epoch) = seal {
        return sealed_message(patch, client, epoch);
    }
    let field = |key: &str, edit: Edit, value: &dyn Fn(u8) -> String| match edit {
        Edit::Keep => None,
        Edit::Clear => Some(format!("\"{key}\": null")),
        Edit::Set(new) => Some(format!("\"{key}\": {}", value(new))),
    };
    let mut fields = vec![
        field("at", patch.at, &|at| format!("\"p{at}\"")),
        field("m", patch.n, &|n| format!("[{client}, {n}]")),
    ];
    if patch.is_too_big {
        fields.push(Some(format!("\"x\":\"{}\"", "x".repeat(MAX_BYTES))));
    }
    let fields: Vec<String> = fields.into_iter().flatten().collect();
    format!(r#"{{"type":"PRESENCE_SET","patch":{{{}}}}}"#, fields.join(" , "))
}

fn sealed_message(patch: Patch, client: u8, epoch: KeyEpoch) -> String {
    let at = edited(None, patch.at).map_or("null".to_owned(), |at| format!("\"p{at}\""));
    let nonce = format!("{client:08}{:08}", sealed_n(patch));
    let c = "c".repeat(if patch.is_too_big { MAX_BYTES } else { 1 });
    let envelope = format!(r#""e2e":1,"k":{epoch},"n":"{nonce}","c":"{c}""#);
    format!(r#"{{"type":"PRESENCE_SET","patch":{{{envelope},"at": {at}}}}}"#)
}

/// What is known of the data of each connection that has any.
pub type All = BTreeMap<Connection, Data>;

/// What all connections of a room have said.
#[derive(Debug, Clone, Default)]
pub struct Said {
    by: All,
    /// The last data of the users who may come back.
    last: BTreeMap<User, (u8, Data)>,
}

impl Said {
    pub fn all(&self) -> All {
        let last = self.last.iter().map(|(user, (client, data))| ((*user, *client), *data));
        self.by.iter().map(|(connection, data)| (*connection, *data)).chain(last).collect()
    }

    pub fn of(&self, connection: Connection) -> Data {
        self.by.get(&connection).copied().unwrap_or_default()
    }

    pub fn last(&self, user: User) -> Option<(u8, Data)> {
        self.last.get(&user).copied()
    }

    pub fn set(&mut self, connection: Connection, data: Data) {
        self.by.remove(&connection);
        if data != Data::default() {
            self.by.insert(connection, data);
        }
    }

    /// A user has a new socket.
    pub fn arrive(&mut self, (user, client): Connection) {
        if let Some((_, data)) = self.last.remove(&user).filter(|(last, _)| *last == client) {
            self.set((user, client), data);
        }
    }

    /// The last socket of a connection has ended. Returns what it had said.
    pub fn end(&mut self, connection: Connection) -> Option<Data> {
        self.by.remove(&connection)
    }

    /// The user may come back.
    pub fn wait(&mut self, (user, client): Connection, data: Option<Data>) {
        self.last.extend(data.map(|data| (user, (client, data))));
    }

    pub fn forget(&mut self, user: User) {
        self.by.retain(|(of, _), _| *of != user);
        self.last.remove(&user);
    }

    /// All sockets have ended, and this is left.
    pub fn crash(&mut self, last: impl Iterator<Item = (User, u8, Data)>) {
        self.by.clear();
        self.last = last.map(|(user, client, data)| (user, (client, data))).collect();
    }
}

/// What a frame has of users: their data, and who may come back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    pub all: All,
    pub waiting: Users,
}

/// Reads a list of users.
pub fn told(list: &Value) -> Option<Told> {
    let mut told = Told::default();
    for user in list.as_array()? {
        let Updated { user, is_waiting, data } = updated_user(user)?;
        if is_waiting {
            told.waiting.insert(user);
        }
        for (client, data) in data {
            told.all.insert((user, client), data?);
        }
    }
    Some(told)
}

/// The payload of `USER_UPDATED`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    pub user: User,
    pub is_waiting: bool,
    /// Connections and their data; `None` if they are gone.
    pub data: Vec<(u8, Option<Data>)>,
}

/// Reads an entry of a user; `None` if it is none.
pub fn updated_user(payload: &Value) -> Option<Updated> {
    let data = payload.get("data").map(|data| data.as_array().filter(|data| !data.is_empty()));
    let data = data.map_or(Some(Vec::new()), |data| data?.iter().map(connection).collect())?;
    Some(Updated {
        user: users::number(payload.get("userId")?.as_str()?)?,
        is_waiting: payload.get("leavesAt").is_some_and(Value::is_u64),
        data,
    })
}

fn connection(entry: &Value) -> Option<(u8, Option<Data>)> {
    let client = client(entry.get("connectionId")?.as_str()?)?;
    match entry.get("data")? {
        Value::Null => Some((client, None)),
        data => Some((client, Some(Data::read(data)?))),
    }
}

/// The client whose connection has this id.
pub fn client(connection: &str) -> Option<u8> {
    connection.strip_prefix('c')?.parse().ok()
}

/// Reads the data of a connection in storage.
pub fn stored(json: &str) -> Option<Data> {
    Data::read(&serde_json::from_str(json).ok()?)
}
