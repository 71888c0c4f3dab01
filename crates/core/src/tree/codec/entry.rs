//! The text of what a call carries.

use super::{ENTRY_END, Reader, Writer};
use crate::member::SocketId;
use crate::names::{ConnectionId, UserId};
use crate::ports::RosterEntry;
use crate::presence_data::{LastData, PresenceData};
use crate::publication::audience::Audience;
use crate::room_call::erasure::Erasure;
use crate::room_call::revocation::{Revocation, Scope};
use crate::tree::Place;
use crate::tree::wire::{At, Control, Entry, Subject};

/// The kinds of entries.
const EVENT: &str = "E";
const SAID: &str = "S";
const UPDATED: &str = "U";
const STALE: &str = "F";
const EVERYBODY: &str = "A";
const ONE: &str = "O";
const INTRODUCE: &str = "I";
const EXPECT: &str = "X";
const CONTROL: &str = "C";

/// The kinds of controls.
const REMOVE: &str = "R";
const REVOKE: &str = "V";
const KEY_EPOCH: &str = "K";
const ERASE: &str = "E";

impl Entry {
    /// Adds its text, as a call has it.
    #[inline(never)]
    pub fn push_to(&self, text: &mut String) {
        let mut writer = Writer(std::mem::take(text));
        writer.entry(self);
        writer.entry_end();
        *text = writer.0;
    }
}

/// Reads several entries.
#[inline(never)]
pub(super) fn entries(text: &str) -> Option<Vec<Entry>> {
    let is_whole = text.is_empty() || text.ends_with(ENTRY_END);
    let read = |entry| Reader(entry).entry().filter(|_| is_whole);
    text.split_terminator(ENTRY_END).map(read).collect()
}

impl Writer {
    fn entry(&mut self, entry: &Entry) {
        match entry {
            Entry::Event { seq, at, audience, frame } => {
                self.text(EVENT);
                self.maybe(*seq);
                self.number(*at);
                self.text(&audience.to_text());
                self.text(frame);
            }
            Entry::Said { from, audience, frame } => {
                self.text(SAID);
                self.at(*from);
                self.text(&audience.to_text());
                self.text(frame);
            }
            Entry::Updated { heard_at, from, but, always, is_limited, about, frame } => {
                self.text(UPDATED);
                self.texts(heard_at);
                self.place(*from);
                self.maybe(but.map(|socket| u64::from(socket.0)));
                self.length(always.len());
                always.iter().for_each(|socket| self.socket(*socket));
                self.flag(*is_limited);
                self.about(about.as_ref());
                self.text(frame);
            }
            Entry::Stale { but, told_at } => {
                self.text(STALE);
                self.flag(but.is_some());
                self.place(but.unwrap_or(Place::ROOT));
                self.texts(told_at);
            }
            Entry::Everybody { frame } => {
                self.text(EVERYBODY);
                self.text(frame);
            }
            Entry::One { to, is_introduction, frame } => {
                self.text(ONE);
                self.at(*to);
                self.flag(*is_introduction);
                self.text(frame);
            }
            Entry::Introduce { to, heard_at, user, connection } => {
                self.text(INTRODUCE);
                self.at(*to);
                self.escaped(heard_at);
                self.text(user.as_str());
                self.text(connection.as_str());
            }
            Entry::Expect { entry } => {
                self.text(EXPECT);
                self.expected(entry);
            }
            Entry::Control { control, number } => {
                self.text(CONTROL);
                self.number(*number);
                self.control(control);
            }
        }
    }

    #[inline(never)]
    fn at(&mut self, at: At) {
        self.place(at.place);
        self.socket(at.socket);
    }

    fn about(&mut self, about: Option<&Subject>) {
        self.text(about.map_or("", |about| about.user.as_str()));
        if let Some(Subject { connection, since, .. }) = about {
            self.text(connection.as_str());
            self.maybe(*since);
        }
    }

    fn expected(&mut self, entry: &RosterEntry) {
        let RosterEntry { user, joined_at, leaves_at, last } = entry;
        self.user(user);
        self.number(*joined_at);
        self.maybe(*leaves_at);
        self.text(last.as_ref().map_or("", |last| last.connection_id.as_str()));
        self.text(last.as_ref().map_or("", |last| last.data.as_json()));
    }

    fn control(&mut self, control: &Control) {
        match control {
            Control::Remove { user, until, min_key_epoch } => {
                self.text(REMOVE);
                self.text(user.as_str());
                self.maybe(*until);
                self.maybe(min_key_epoch.map(u64::from));
            }
            Control::Revoke(revocation) => {
                self.text(REVOKE);
                self.revocation(revocation);
            }
            Control::KeyEpoch(epoch) => {
                self.text(KEY_EPOCH);
                self.number(u64::from(*epoch));
            }
            Control::Erase(erasure) => {
                self.text(ERASE);
                self.text(erasure.to_header());
            }
        }
    }

    pub(super) fn revocation(&mut self, Revocation { scope, before }: &Revocation) {
        self.number(u64::from(scope.kind()));
        self.text(scope.name());
        self.number(*before);
    }
}

impl Reader<'_> {
    fn entry(&mut self) -> Option<Entry> {
        Some(match self.text()? {
            EVENT => Entry::Event {
                seq: self.maybe()?,
                at: self.long()?,
                audience: self.audience()?,
                frame: self.frame()?,
            },
            SAID => {
                Entry::Said { from: self.at()?, audience: self.audience()?, frame: self.frame()? }
            }
            UPDATED => self.updated()?,
            STALE => {
                let (is_there, place) = (self.flag()?, self.place()?);
                let but = is_there.then_some(place);
                Entry::Stale { but, told_at: self.list(Self::escaped)? }
            }
            EVERYBODY => Entry::Everybody { frame: self.frame()? },
            ONE => {
                Entry::One { to: self.at()?, is_introduction: self.flag()?, frame: self.frame()? }
            }
            INTRODUCE => Entry::Introduce {
                to: self.at()?,
                heard_at: self.escaped()?,
                user: self.user_id()?,
                connection: self.connection()?,
            },
            EXPECT => Entry::Expect { entry: self.expected()? },
            CONTROL => Entry::Control { number: self.long()?, control: self.control()? },
            _ => return None,
        })
    }

    fn updated(&mut self) -> Option<Entry> {
        Some(Entry::Updated {
            heard_at: self.list(Self::escaped)?,
            from: self.place()?,
            but: self.maybe_number()?.map(SocketId),
            always: self.list(Self::socket)?,
            is_limited: self.flag()?,
            about: self.about()?,
            frame: self.frame()?,
        })
    }

    fn about(&mut self) -> Option<Option<Subject>> {
        let user = self.text()?;
        if user.is_empty() {
            return Some(None);
        }
        let user = UserId::parse(user).ok()?;
        Some(Some(Subject { user, connection: self.connection()?, since: self.maybe()? }))
    }

    #[inline(never)]
    fn at(&mut self) -> Option<At> {
        Some(At { place: self.place()?, socket: self.socket()? })
    }

    #[inline(never)]
    pub(super) fn audience(&mut self) -> Option<Audience> {
        Audience::parse(self.text()?)
    }

    #[inline(never)]
    pub(super) fn frame(&mut self) -> Option<String> {
        self.text().map(str::to_owned)
    }

    fn connection(&mut self) -> Option<ConnectionId> {
        ConnectionId::parse(self.text()?).ok()
    }

    fn expected(&mut self) -> Option<RosterEntry> {
        let (user, joined_at, leaves_at) = (self.user()?, self.long()?, self.maybe()?);
        let (connection_id, data) = (self.text()?, self.text()?);
        let last = ConnectionId::parse(connection_id).ok().zip(PresenceData::parse(data));
        let last = last.map(|(connection_id, data)| LastData { connection_id, data });
        Some(RosterEntry { user, joined_at, leaves_at, last })
    }

    fn control(&mut self) -> Option<Control> {
        Some(match self.text()? {
            REMOVE => Control::Remove {
                user: self.user_id()?,
                until: self.maybe()?,
                min_key_epoch: self.maybe_number()?,
            },
            REVOKE => Control::Revoke(self.revocation()?),
            KEY_EPOCH => Control::KeyEpoch(self.number()?),
            ERASE => Control::Erase(Erasure::from_header(self.text()?)?),
            _ => return None,
        })
    }

    pub(super) fn revocation(&mut self) -> Option<Revocation> {
        let scope = Scope::from_parts(self.text()?, self.text()?)?;
        Some(Revocation { scope, before: self.long()? })
    }
}
