//! A grown room whose calls are lost and repeated, whose objects sleep, crash and are cut off: nobody misses an event, gets one
//! twice or out of order (P15.6).

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use validiant_core::tree::Place;
use validiant_sim::platform::Outgoing;

use super::world::{At, Fate, Grown};

/// What a client has got.
#[derive(Debug, Default)]
struct Client {
    at: Option<At>,
    epoch: String,
    seq: Option<u64>,
}

#[derive(Debug, Clone)]
enum Step {
    Publish(usize),
    Join(usize),
    Leave(usize, bool),
    Sleep(usize),
    Crash(usize),
    CutOff(usize),
    Heal,
    Pass(u64),
    Fates(Vec<Fate>),
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![Just(Fate::Arrives), Just(Fate::Lost), Just(Fate::Unanswered), Just(Fate::Repeated)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..30_usize).prop_map(Step::Publish),
        4 => (0..30_usize).prop_map(Step::Join),
        2 => (0..30_usize, any::<bool>()).prop_map(|(user, clean)| Step::Leave(user, clean)),
        2 => (0..9_usize).prop_map(Step::Sleep),
        1 => (0..9_usize).prop_map(Step::Crash),
        1 => (0..9_usize).prop_map(Step::CutOff),
        1 => Just(Step::Heal),
        4 => (0..3_000_u64).prop_map(Step::Pass),
        1 => (3_000..400_000_u64).prop_map(Step::Pass),
        2 => proptest::collection::vec(fate(), 1..6).prop_map(Step::Fates),
    ]
}

struct Chaos {
    grown: Grown,
    clients: BTreeMap<String, Client>,
    /// The kept events, and who does not get each.
    events: Vec<(u64, String)>,
}

impl Chaos {
    fn new() -> Self {
        let mut chaos = Self { grown: Grown::new(3), clients: BTreeMap::new(), events: Vec::new() };
        (0..12).for_each(|user| chaos.join(user));
        chaos
    }

    fn take(&mut self, step: Step) {
        let places: Vec<_> = self.grown.objects.keys().copied().collect();
        let place = |index: usize| places[index % places.len()];
        match step {
            Step::Publish(excluded) => self.publish(excluded),
            Step::Join(user) => self.join(user),
            Step::Leave(user, clean) => self.leave(&name(user), clean),
            Step::Sleep(index) => self.sleep(place(index)),
            Step::Crash(index) => self.grown.crash(place(index)),
            Step::CutOff(index) => drop(self.grown.cut_off.insert(place(index))),
            Step::Heal => self.heal(),
            Step::Pass(ms) => self.grown.pass(ms),
            Step::Fates(fates) => self.grown.fates = fates,
        }
        self.hear();
    }

    /// An object that has something to say does not fall asleep: if it is lost then, its sockets are, too.
    fn sleep(&mut self, place: Place) {
        let room = &self.grown.objects[&place].room;
        match room.wants_calls() || room.call_due_in(self.grown.now).is_some() {
            true => self.grown.crash(place),
            false => self.grown.sleep(place),
        }
    }

    fn heal(&mut self) {
        self.grown.cut_off.clear();
        self.grown.fates.clear();
    }

    fn publish(&mut self, excluded: usize) {
        let excluded = name(excluded);
        let body = format!(r#"{{"eventType":"E","excludeUserId":"{excluded}"}}"#);
        if let Some(seq) = self.grown.publish(&body)["seq"].as_u64() {
            self.events.push((seq, excluded));
        }
    }

    fn join(&mut self, user: usize) {
        let user = name(user);
        let client = self.clients.entry(user.clone()).or_default();
        if client.at.is_some_and(|at| self.grown.is_open(at)) {
            return;
        }
        let since = client.seq.map(|seq| format!("{}:{seq}", client.epoch));
        client.at = self.grown.try_to_connect(&user, since.as_deref()).map(|(at, _)| at);
    }

    fn leave(&mut self, user: &str, clean: bool) {
        let Some(client) = self.clients.get_mut(user) else { return };
        if let Some(at) = client.at.take().filter(|at| self.grown.is_open(*at)) {
            self.grown.leave(at, if clean { 1_000 } else { 1_006 });
        }
        if clean {
            self.clients.remove(user);
        }
    }

    /// All clients read what has come.
    fn hear(&mut self) {
        for (at, what) in self.grown.take_sent() {
            let Some((user, client)) =
                self.clients.iter_mut().find(|(_, client)| client.at == Some(at))
            else {
                continue;
            };
            match what {
                Outgoing::Close(_) => client.at = None,
                Outgoing::Frame(text) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    hear(user, client, &frame, &self.events);
                }
            }
        }
    }

    /// Everything works again, and everybody comes back.
    fn end(&mut self) {
        self.heal();
        let users: Vec<usize> =
            (0..30).filter(|user| self.clients.contains_key(&name(*user))).collect();
        for _ in 0..40 {
            self.grown.pass(20_000);
            self.hear();
            users.iter().for_each(|user| self.join(*user));
            self.hear();
        }
        self.publish(99);
        self.grown.pass(5_000);
        self.hear();
        let last = self.events.last().map(|(seq, _)| *seq);
        for (user, client) in &self.clients {
            assert!(client.at.is_some_and(|at| self.grown.is_open(at)), "{user} is connected");
            assert_eq!(client.seq, last, "{user} is up to date");
        }
        let state = self.grown.state();
        let users = Value::from(self.clients.len());
        assert_eq!((&state["connections"], &state["activeUsers"]), (&users, &users), "{state}");
        for place in self.grown.objects.keys().copied().collect::<Vec<_>>() {
            let due = self.grown.objects[&place].room.call_due_in(self.grown.now);
            assert_ne!(due, Some(0), "{place:?} wants to call, and does not");
        }
    }
}

fn hear(user: &str, client: &mut Client, frame: &Value, events: &[(u64, String)]) {
    if frame["type"] == "CONNECTED" {
        let payload = &frame["payload"];
        if payload["recovered"] == false {
            client.seq = payload["seq"].as_u64();
            client.epoch = payload["epoch"].as_str().unwrap().to_owned();
        }
        return;
    }
    if let Some(seq) = frame["seq"].as_u64() {
        let known = client.seq.unwrap();
        let is_due = |(other, excluded): &&(u64, String)| *other > known && excluded != user;
        let due = events.iter().find(is_due).map(|(seq, _)| *seq);
        // An event that is just being published is not in the list yet.
        assert!(
            due == Some(seq) || due.is_none() && seq > known,
            "{user}: {seq} after {known}, due is {due:?}"
        );
        client.seq = Some(seq);
    }
}

fn name(user: usize) -> String {
    format!("user-{user}")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn p15_6_nobody_misses_an_event_or_gets_it_twice(steps in proptest::collection::vec(step(), 1..60)) {
        let mut chaos = Chaos::new();
        for step in steps {
            chaos.take(step);
        }
        chaos.end();
    }
}
