//! A leaf with a root that says what the test wants.

use serde_json::Value;
use validiant_core::Millis;
use validiant_core::member::{Member, SocketId};
use validiant_core::names::{Epoch, ProjectId, UserId};
use validiant_core::position::{Position, Seq};
use validiant_core::publication::audience::Audience;
use validiant_core::room::{Connected, NotConnected, RoomSettings};
use validiant_core::tree::wire::{
    Control, Counts, Down, DownAnswer, DownOutcome, Entry, Head, Reached, Up, UpAnswer, UpOutcome,
};
use validiant_core::tree::{Place, Places, Readiness};
use validiant_core::wire::close_code::Closing;
use validiant_sim::platform::{self, MemoryRoom, Outgoing, Shared};

use super::entries::event;
use crate::support::{CLIENT_EVENTS, SETTINGS, member_of};

pub const PLACE: Place = Place { index: 1, generation: 1 };

/// A leaf, the world around it, and what its root knows.
pub struct LeafWorld {
    pub room: MemoryRoom,
    pub now: Millis,
    pub platform: Shared,
    settings: RoomSettings,
    /// The life of the root.
    pub root: u64,
    /// The life of the leaf, as the root knows it.
    pub leaf: u64,
    /// The last call in the session.
    pub number: u64,
    pub seq: Seq,
    pub controls: u64,
    pub places: Places,
    pub others: Counts,
    pub continues: bool,
}

impl LeafWorld {
    pub fn new() -> Self {
        let mut settings = SETTINGS;
        settings.limits.client_events = Some(CLIENT_EVENTS);
        settings.takes_tokens = false;
        let (platform, now) = (Shared::default(), 1_000_000);
        let mut places = Places::default();
        places.grow();
        Self {
            room: wake(&platform, settings, now),
            now,
            platform,
            settings,
            root: 500,
            leaf: 0,
            number: 0,
            seq: 4,
            controls: 0,
            places,
            others: Counts { sockets: 70, users: 50 },
            continues: true,
        }
    }

    /// The same, in a session with its root.
    pub fn in_session() -> Self {
        let mut world = Self::new();
        assert_eq!(world.readiness("", None), Readiness::Later);
        world.answer_calls();
        world
    }

    /// The same, with a client that is at the board, which everybody knows.
    pub fn at_the_board() -> (Self, String, SocketId) {
        let mut world = Self::in_session();
        let user = world.someone();
        let socket = world.join(&user);
        world.set(socket, r#"{"at":"board"}"#);
        world.answer_calls();
        (world, user, socket)
    }

    pub fn head(&self) -> Head {
        Head {
            epoch: Epoch::parse("e").ok(),
            seq: self.seq,
            controls: self.controls,
            places: self.places.clone(),
            others: Some(self.others),
        }
    }

    /// The next call to the leaf with these entries.
    pub fn next_down(&self, entries: Vec<Entry>) -> Down {
        Down {
            place: PLACE,
            root: self.root,
            leaf: self.leaf,
            number: self.number + 1,
            sent_at: self.now,
            is_repeat: false,
            continues: self.continues,
            reset: false,
            head: self.head(),
            snapshot: None,
            wants_users: false,
            entries,
        }
    }

    /// Calls the leaf, which takes it.
    pub fn down(&mut self, entries: Vec<Entry>) -> DownAnswer {
        let down = self.next_down(entries);
        let answer = self.call(&down);
        assert_eq!(answer.outcome, DownOutcome::Done);
        self.has_taken(&down);
        answer
    }

    pub fn has_taken(&mut self, down: &Down) {
        self.number = down.number;
        for entry in &down.entries {
            match entry {
                Entry::Event { seq: Some(seq), .. } => self.seq = *seq,
                Entry::Control { number, .. } => self.controls = *number,
                _ => {}
            }
        }
    }

    pub fn call(&mut self, down: &Down) -> DownAnswer {
        DownAnswer::parse(&self.room.called(&down.to_text(), self.now)).unwrap()
    }

    pub fn control(&mut self, control: Control) -> Reached {
        let number = self.controls + 1;
        self.down(vec![Entry::Control { control, number }]).reached[0]
    }

    /// The next kept event.
    pub fn event(&mut self, audience: Audience) -> Entry {
        let seq = self.seq + 1;
        event(seq, self.now, audience)
    }

    /// Makes the calls of the leaf, all of which the root takes. Returns the entries.
    pub fn answer_calls(&mut self) -> Vec<Entry> {
        self.ups().into_iter().flat_map(|up| up.entries).collect()
    }

    pub fn ups(&mut self) -> Vec<Up> {
        let mut ups = Vec::new();
        while let Some(up) = self.next_up() {
            let refused = vec![None; up.entries.len()];
            let answer = UpAnswer { refused, ..self.up_answer(UpOutcome::Done) };
            self.answer(&answer);
            ups.push(up);
            assert!(ups.len() < 100, "the leaf calls again and again");
        }
        ups
    }

    pub fn next_up(&mut self) -> Option<Up> {
        let up = Up::parse(&self.room.next_call(self.now)?.text).unwrap();
        if up.root == 0 {
            (self.leaf, self.number) = (up.leaf, 0);
        }
        Some(up)
    }

    pub fn up_answer(&self, outcome: UpOutcome) -> UpAnswer {
        UpAnswer {
            root: self.root,
            leaf: self.leaf,
            continues: self.continues,
            outcome,
            confirmed: self.number,
            head: self.head(),
            snapshot: None,
            refused: Vec::new(),
            pulled: Vec::new(),
        }
    }

    pub fn answer(&mut self, answer: &UpAnswer) {
        self.room.answered(Place::ROOT, &answer.to_text(), self.now);
    }

    pub fn readiness(&mut self, user: &str, since: Option<&str>) -> Readiness {
        let since = since.map(|since| Position::parse(since).unwrap());
        let member = match user {
            "" => self.member(&self.someone()),
            user => self.member(user),
        };
        self.room.readiness(&member, since.as_ref(), self.now)
    }

    /// A user who belongs to this place.
    pub fn someone(&self) -> String {
        self.users_here(1).remove(0)
    }

    pub fn users_here(&self, count: usize) -> Vec<String> {
        self.users_of(PLACE, count)
    }

    /// Users who belong to a place.
    pub fn users_of(&self, place: Place, count: usize) -> Vec<String> {
        let names = (0..).map(|number| format!("user-{number}"));
        let is_there =
            |name: &String| self.places.home_of_user(&UserId::parse(name).unwrap()) == place;
        names.filter(is_there).take(count).collect()
    }

    pub fn member(&self, user: &str) -> Member {
        member_of(user, &format!("c-{user}"), self.now)
    }

    pub fn join(&mut self, user: &str) -> SocketId {
        self.connect(user, None).unwrap().0
    }

    pub fn connect(
        &mut self,
        user: &str,
        since: Option<&str>,
    ) -> Result<(SocketId, Connected), NotConnected> {
        let since = since.map(|since| Position::parse(since).unwrap());
        let member = self.member(user);
        let connected = self.room.connect((), member, since.as_ref(), self.now)?;
        Ok((self.platform.borrow().sockets().last().unwrap(), connected))
    }

    pub fn message(&mut self, socket: SocketId, text: &str) {
        let incoming = validiant_core::room::Incoming::Text(text);
        self.room.message(socket, incoming, self.now);
    }

    /// A client changes what it says of itself.
    pub fn set(&mut self, socket: SocketId, patch: &str) {
        self.message(socket, &format!(r#"{{"type":"PRESENCE_SET","patch":{patch}}}"#));
    }

    /// Lets time pass; the alarm goes off when it is due.
    pub fn pass(&mut self, ms: Millis) {
        let until = self.now + ms;
        self.write();
        while let Some(at) = self.alarm().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.platform.borrow_mut().disk.fire();
            self.room.alarm(self.now);
            self.platform.borrow_mut().disk.has_fired();
            self.write();
        }
        self.now = until;
    }

    pub fn alarm(&self) -> Option<Millis> {
        self.platform.borrow().disk.alarm()
    }

    fn write(&mut self) {
        if self.room.is_to_be_written() {
            self.room.write().unwrap();
        }
        self.platform.borrow_mut().disk.confirm();
        self.room.is_written();
    }

    /// The object sleeps, and wakes.
    pub fn sleep(&mut self) {
        self.write();
        self.now += 60_000;
        self.room = wake(&self.platform, self.settings, self.now);
    }

    /// The object is lost with its sockets.
    pub fn crash(&mut self) {
        self.write();
        self.platform.borrow_mut().drop_sockets();
        self.sleep();
    }

    pub fn frames(&self, socket: SocketId) -> Vec<Value> {
        let frame = |what: &Outgoing| match what {
            Outgoing::Frame(text) => Some(serde_json::from_str(text).unwrap()),
            Outgoing::Close(_) => None,
        };
        self.outgoing(socket).iter().filter_map(frame).collect()
    }

    /// The types of the frames that a socket has got.
    pub fn types(&self, socket: SocketId) -> Vec<String> {
        let kind = |frame: &Value| frame["type"].as_str().unwrap().to_owned();
        self.frames(socket).iter().map(kind).collect()
    }

    pub fn seqs(&self, socket: SocketId) -> Vec<u64> {
        self.frames(socket).iter().filter_map(|frame| frame["seq"].as_u64()).collect()
    }

    pub fn close_of(&self, socket: SocketId) -> Option<Closing> {
        self.outgoing(socket).into_iter().find_map(|what| match what {
            Outgoing::Close(closing) => Some(closing),
            Outgoing::Frame(_) => None,
        })
    }

    fn outgoing(&self, socket: SocketId) -> Vec<Outgoing> {
        let sent = &self.platform.borrow().sent;
        sent.iter().filter(|sent| sent.socket == socket).map(|sent| sent.what.clone()).collect()
    }
}

fn wake(platform: &Shared, settings: RoomSettings, now: Millis) -> MemoryRoom {
    platform::wake_at(platform, &ProjectId::parse("p1").unwrap(), PLACE, settings, now)
}
