//! The text of the calls and their answers.

use super::{Reader, Unread, Writer, begun, entry, opened};
use crate::limits::Exceeded;
use crate::tree::wire::{
    Down, DownAnswer, DownOutcome, Entry, Kept, ListedUser, Pulled, Reached, Refused, Up, UpAnswer,
    UpOutcome,
};

/// The kinds of calls and answers.
const DOWN: &str = "D";
const DOWN_ANSWER: &str = "DA";
const UP: &str = "U";
const UP_ANSWER: &str = "UA";

/// What became of a call.
const DONE: &str = "D";
const AGAIN: &str = "A";
const STALE: &str = "S";
const OTHER: &str = "O";
const NOT_A_PLACE: &str = "N";
const RESET: &str = "R";

/// The limits that a root refuses for.
const LIMITS: [&str; 2] = ["clientDeliveriesPerSecond", "publishesPerSecond"];
/// Stands for a key that is too old.
const OLD_KEY: &str = "oldKey";

impl Down {
    /// The text to send.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = self.to_text_without_entries();
        self.entries.iter().for_each(|entry| entry.push_to(&mut text));
        text
    }

    /// The text to send, to which the entries are to be added as [`Entry::push_to`] writes them: they are the same for all
    /// leaves.
    #[must_use]
    #[inline(never)]
    pub fn to_text_without_entries(&self) -> String {
        let mut writer = begun(DOWN);
        writer.place(self.place);
        for number in [self.root, self.leaf, self.number, self.sent_at] {
            writer.number(number);
        }
        for flag in [self.is_repeat, self.continues, self.reset, self.wants_users] {
            writer.flag(flag);
        }
        writer.head(&self.head);
        writer.snapshot(self.snapshot.as_ref());
        writer.entry_end();
        writer.0
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn parse(text: &str) -> Result<Self, Unread> {
        opened(text, DOWN)?.down().ok_or(Unread::Unreadable)
    }
}

impl DownAnswer {
    /// The text to answer.
    #[must_use]
    #[inline(never)]
    pub fn to_text(&self) -> String {
        let mut writer = begun(DOWN_ANSWER);
        writer.number(self.leaf);
        match self.outcome {
            DownOutcome::Done => writer.text(DONE),
            DownOutcome::Again { wants_controls } => {
                writer.text(AGAIN);
                writer.flag(wants_controls);
            }
            DownOutcome::Stale { root } => {
                writer.text(STALE);
                writer.number(root);
            }
        }
        writer.counts(self.counts);
        writer.length(self.reached.len());
        for Reached { recipients, excluded } in &self.reached {
            writer.number(*recipients);
            writer.number(*excluded);
        }
        writer.length(self.users.len());
        for ListedUser { user, joined_at, devices } in &self.users {
            writer.user(user);
            writer.number(*joined_at);
            writer.number(*devices);
        }
        writer.0
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn parse(text: &str) -> Result<Self, Unread> {
        opened(text, DOWN_ANSWER)?.down_answer().ok_or(Unread::Unreadable)
    }
}

impl Up {
    /// The text to send.
    #[must_use]
    #[inline(never)]
    pub fn to_text(&self) -> String {
        let mut writer = begun(UP);
        writer.place(self.place);
        for number in [self.leaf, self.root, self.number] {
            writer.number(number);
        }
        writer.maybe(self.seq);
        writer.number(self.taken);
        writer.counts(self.counts);
        writer.flag(self.is_news);
        writer.flag(self.wants_controls);
        writer.length(self.pulls.len());
        self.pulls.iter().for_each(|since| writer.number(*since));
        writer.entry_end();
        let mut text = writer.0;
        self.entries.iter().for_each(|entry| entry.push_to(&mut text));
        text
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn parse(text: &str) -> Result<Self, Unread> {
        opened(text, UP)?.up().ok_or(Unread::Unreadable)
    }
}

impl UpAnswer {
    /// The text to answer.
    #[must_use]
    #[inline(never)]
    pub fn to_text(&self) -> String {
        let mut writer = begun(UP_ANSWER);
        writer.number(self.root);
        writer.number(self.leaf);
        writer.flag(self.continues);
        writer.text(match self.outcome {
            UpOutcome::Done => DONE,
            UpOutcome::Other => OTHER,
            UpOutcome::NotAPlace => NOT_A_PLACE,
            UpOutcome::Reset => RESET,
        });
        writer.number(self.confirmed);
        writer.head(&self.head);
        writer.snapshot(self.snapshot.as_ref());
        writer.length(self.refused.len());
        self.refused.iter().for_each(|refused| writer.refused(*refused));
        writer.length(self.pulled.len());
        self.pulled.iter().for_each(|pulled| writer.pulled(pulled));
        writer.0
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn parse(text: &str) -> Result<Self, Unread> {
        opened(text, UP_ANSWER)?.up_answer().ok_or(Unread::Unreadable)
    }
}

impl Writer {
    fn refused(&mut self, refused: Option<Refused>) {
        let (reason, number) = match refused {
            None => ("", None),
            Some(Refused::Over(Exceeded { limit, retry_after_ms })) => (limit, retry_after_ms),
            Some(Refused::OldKey(epoch)) => (OLD_KEY, Some(u64::from(epoch))),
        };
        self.text(reason);
        self.maybe(number);
    }

    fn pulled(&mut self, Pulled { since, events }: &Pulled) {
        self.number(*since);
        self.flag(events.is_some());
        let events = events.as_deref().unwrap_or_default();
        self.length(events.len());
        for Kept { seq, at, audience, frame } in events {
            self.number(*seq);
            self.number(*at);
            self.text(&audience.to_text());
            self.text(frame);
        }
    }
}

impl Reader<'_> {
    fn down(&mut self) -> Option<Down> {
        Some(Down {
            place: self.place()?,
            root: self.long()?,
            leaf: self.long()?,
            number: self.long()?,
            sent_at: self.long()?,
            is_repeat: self.flag()?,
            continues: self.flag()?,
            reset: self.flag()?,
            wants_users: self.flag()?,
            head: self.head()?,
            snapshot: self.snapshot()?,
            entries: self.all_entries()?,
        })
    }

    fn down_answer(&mut self) -> Option<DownAnswer> {
        let leaf = self.long()?;
        let outcome = match self.text()? {
            DONE => DownOutcome::Done,
            AGAIN => DownOutcome::Again { wants_controls: self.flag()? },
            STALE => DownOutcome::Stale { root: self.long()? },
            _ => return None,
        };
        let counts = self.counts()?;
        let reached =
            self.list(|it| Some(Reached { recipients: it.long()?, excluded: it.long()? }))?;
        let users = self.list(|it| {
            Some(ListedUser { user: it.user()?, joined_at: it.long()?, devices: it.long()? })
        })?;
        Some(DownAnswer { leaf, outcome, counts, reached, users })
    }

    fn up(&mut self) -> Option<Up> {
        Some(Up {
            place: self.place()?,
            leaf: self.long()?,
            root: self.long()?,
            number: self.long()?,
            seq: self.maybe()?,
            taken: self.long()?,
            counts: self.counts()?,
            is_news: self.flag()?,
            wants_controls: self.flag()?,
            pulls: self.list(Self::long)?,
            entries: self.all_entries()?,
        })
    }

    fn up_answer(&mut self) -> Option<UpAnswer> {
        let (root, leaf, continues) = (self.long()?, self.long()?, self.flag()?);
        let outcome = match self.text()? {
            DONE => UpOutcome::Done,
            OTHER => UpOutcome::Other,
            NOT_A_PLACE => UpOutcome::NotAPlace,
            RESET => UpOutcome::Reset,
            _ => return None,
        };
        Some(UpAnswer {
            root,
            leaf,
            continues,
            outcome,
            confirmed: self.long()?,
            head: self.head()?,
            snapshot: self.snapshot()?,
            refused: self.list(Self::refused)?,
            pulled: self.list(Self::pulled)?,
        })
    }

    fn all_entries(&mut self) -> Option<Vec<Entry>> {
        entry::entries(self.entries()?)
    }

    fn refused(&mut self) -> Option<Option<Refused>> {
        let (reason, number) = (self.text()?, self.maybe()?);
        if reason.is_empty() {
            return Some(None);
        }
        if reason == OLD_KEY {
            return Some(Some(Refused::OldKey(number?.try_into().ok()?)));
        }
        let limit = LIMITS.into_iter().find(|known| *known == reason)?;
        Some(Some(Exceeded { limit, retry_after_ms: number }.into()))
    }

    fn pulled(&mut self) -> Option<Pulled> {
        let (since, is_there) = (self.long()?, self.flag()?);
        let events = self.list(|it| {
            let (seq, at) = (it.long()?, it.long()?);
            Some(Kept { seq, at, audience: it.audience()?, frame: it.frame()? })
        })?;
        Some(Pulled { since, events: is_there.then_some(events) })
    }
}
