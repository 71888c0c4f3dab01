//! The objects of a room, its clients, its backends and a clock, and the steps that happen to them.

use std::collections::BTreeMap;

use fastrand::Rng;
use validiant_core::Millis;
use validiant_core::answer::Ticket;
use validiant_core::names::ProjectId;
use validiant_core::room::RoomSettings;
use validiant_core::tree::Place;

use super::bans::Bans;
use super::changes::Changes;
use super::client::Client;
use super::client_event::Said;
use super::due::Due;
use super::flaw::Flaw;
use super::gate::Gate;
use super::log::Log;
use super::object::Object;
use super::order::Order;
use super::plan::{Plan, Weather};
use super::post::Published;
use super::socket::{Key, Socket};
use super::stays::Stays;
use super::step::Step;
use crate::counts::Counts;
use crate::violation::{Checked, Violation};

/// The time at which an episode begins.
const START: Millis = 1_700_000_000_000;
/// How many copies of the places there are at the edge.
const GATES: usize = 2;

/// Who waits for the leaves.
#[derive(Debug, Clone, Copy)]
pub enum Waiting {
    /// The backend that has published this.
    Post(usize),
    /// The one that has asked for this ban.
    Ban(usize),
    /// One that asks for the state.
    State,
}

/// Everything in an episode.
pub struct World {
    pub plan: Plan,
    pub settings: RoomSettings,
    pub project: ProjectId,
    pub now: Millis,
    pub rng: Rng,
    /// What is to happen, by time and by the order in which it was planned.
    pub queue: BTreeMap<(Millis, u64), Due>,
    pub orders: u64,
    /// The number of the last call, and of the last event.
    pub calls: u64,
    pub numbers: u64,
    /// The newest call that has arrived, from one object to another.
    pub arrived: BTreeMap<(Place, Place), u64>,
    pub objects: BTreeMap<Place, Object>,
    pub gates: [Gate; GATES],
    pub clients: Vec<Client>,
    /// The sockets that the room has.
    pub sockets: BTreeMap<Key, Socket>,
    pub log: Log,
    pub posts: Vec<Published>,
    pub said: Vec<Said>,
    pub order: Order,
    pub bans: Bans,
    pub stays: Stays,
    pub tickets: BTreeMap<Ticket, Waiting>,
    /// The last state of the room that was answered.
    pub state: Option<String>,
    /// Whether the network has no faults.
    pub is_calm: bool,
    pub flaw: Option<Flaw>,
    /// The last call of each leaf, for a planted break.
    pub said_before: BTreeMap<Place, (u64, u64)>,
    /// The changes of presence data that clients have said.
    pub changes: Changes,
    pub counts: Counts,
}

impl World {
    pub fn new(plan: &Plan, flaw: Option<Flaw>) -> Checked<Self> {
        let project =
            ProjectId::parse("p").map_err(|_| Violation("The room has no valid name.".into()))?;
        let client = |(number, seat)| Client::new(number, seat, START);
        Ok(Self {
            settings: plan.settings(),
            project,
            now: START,
            rng: Rng::with_seed(plan.seed),
            queue: BTreeMap::new(),
            orders: 0,
            calls: 0,
            numbers: 0,
            arrived: BTreeMap::new(),
            objects: BTreeMap::new(),
            gates: Default::default(),
            clients: (0..).zip(plan.seats.iter().copied()).map(client).collect(),
            sockets: BTreeMap::new(),
            log: Log::default(),
            posts: Vec::new(),
            said: Vec::new(),
            order: Order::default(),
            bans: Bans::default(),
            stays: Stays::default(),
            tickets: BTreeMap::new(),
            state: None,
            is_calm: false,
            flaw,
            said_before: BTreeMap::new(),
            changes: Changes::default(),
            plan: plan.clone(),
            counts: Counts::default(),
        })
    }

    /// Performs a step, and checks everything.
    pub fn take(&mut self, step: Step) -> Checked {
        self.counts.add(step.name());
        match step {
            Step::Come { client } => self.come(client),
            Step::Go { client } => self.go(client),
            Step::Lose { client, stays_away } => self.lose(client, stays_away),
            Step::Herd => self.herd(),
            Step::Mislead { client, which } => self.mislead(client, which),
            Step::Read { client } => self.read(client),
            Step::Publish { post, waits } => self.publish_anew(post, waits),
            Step::Repeat { back } => self.repeat(back),
            Step::Send { client, events, only } => self.send(client, events, only),
            Step::Be { client, at } => self.be(client, at),
            Step::Remove { user, refuse_ms, raises } => self.remove(user, refuse_ms.into(), raises),
            Step::Revoke { user } => self.revoke(user),
            Step::Raise => self.raise(),
            Step::Erase { is_all } => self.erase(is_all),
            Step::AskState => self.ask_state(),
            Step::Kill { which, kept } => self.kill_one(which, kept),
            Step::KillAll { kept } => self.kill_all(kept),
            Step::Sleep { which } => {
                self.which(which).into_iter().for_each(|place| self.sleep(place));
                Ok(())
            }
            Step::Cut { which, ms } => self.cut(which, ms.into()),
            Step::Pass { ms } => {
                self.pass(ms.into())?;
                self.sleep_all();
                Ok(())
            }
            Step::Quiet => self.quiet(),
        }
    }

    /// One of the objects that there are.
    pub fn which(&self, which: u8) -> Option<Place> {
        let places = self.objects.len();
        self.objects.keys().nth(usize::from(which).checked_rem(places)?).copied()
    }

    pub fn client(&mut self, client: u8) -> Option<&mut Client> {
        self.clients.get_mut(usize::from(client))
    }

    /// The network as it is now.
    pub fn weather(&self) -> Weather {
        match self.is_calm {
            true => Weather { latency_ms: self.plan.weather.latency_ms, ..Weather::default() },
            false => self.plan.weather,
        }
    }

    /// Whether something happens that happens so often in 256 times.
    pub fn happens(&mut self, often: u8) -> bool {
        often > 0 && self.rng.u8(..) < often
    }
}
