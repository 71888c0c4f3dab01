//! Rooms, clients and a clock, and the steps that happen to them.

use validiant_core::Millis;

use crate::client::Client;
use crate::counts::Counts;
use crate::flaw::Flaw;
use crate::plan::{Plan, Seat};
use crate::publication::Posted;
use crate::seal::Seal;
use crate::site::Site;
use crate::step::{Action, Change, End, Papers, Post, Step, Ticket};
use crate::token::Token;
use crate::violation::Checked;

/// The time at which an episode begins.
const START: Millis = 1_700_000_000_000;

/// Everything in an episode.
pub struct World {
    pub plan: Plan,
    pub now: Millis,
    /// The latest time so far.
    pub latest: Millis,
    pub sites: Vec<Site>,
    pub clients: Vec<Client>,
    /// The number of the last posted event.
    pub numbers: u64,
    pub counts: Counts,
}

impl World {
    pub fn new(plan: &Plan, flaw: Option<Flaw>) -> Checked<Self> {
        let sites = (0..plan.rooms).map(|number| Site::new(number, plan, START, flaw));
        let client = |(seat, number): (&Seat, u8)| {
            Client::new(number, *seat, !plan.may_fill, plan.presence_events_max)
        };
        Ok(Self {
            now: START,
            latest: START,
            sites: sites.collect::<Checked<_>>()?,
            clients: plan.seats.iter().zip(0..).map(client).collect(),
            plan: plan.clone(),
            numbers: 0,
            counts: Counts::default(),
        })
    }

    /// Performs a step, and checks everything.
    pub fn take(&mut self, step: Step) -> Checked {
        self.counts.add(step.action.name());
        self.act(step)?;
        self.latest = self.latest.max(self.now);
        self.check()
    }

    fn act(&mut self, Step { action, end }: Step) -> Checked {
        match action {
            Action::Connect { client, since, overlaps, papers } => {
                self.connect(client, since, overlaps, papers, end)
            }
            Action::Leave { client } => self.leave(client, end),
            Action::Lose { client, is_told } => self.lose(client, is_told, end),
            Action::TellEnds { room } => self.tell_ends(room, end),
            Action::Read { client, frames } => self.read(client, frames.into()),
            Action::Say { client, message } => self.say(client, message, end),
            Action::Send { client, events, only, under } => {
                self.send(client, events, only, under, end)
            }
            Action::SetPresence { client, patch } => self.set_presence(client, patch, end),
            Action::Ping { client } => self.ping(client),
            Action::Publish { room, post, waits } => {
                let posted = self.posted(room, post);
                self.publish(room, posted, waits, end)
            }
            Action::Repeat { room, back, change, waits } => {
                self.repeat(room, back, change, waits, end)
            }
            Action::Flush { room } => self.flush(room, end),
            Action::Remove { room, user, refuse_ms } => {
                self.remove(room, user, refuse_ms.into(), 0, end).map(drop)
            }
            Action::Rotate { room, user } => self.rotate(room, user),
            Action::Raise { room, place, refuse_ms } => {
                self.raise(room, place, refuse_ms.into(), end)
            }
            Action::Refresh { client, papers } => self.refresh(client, papers, end),
            Action::Revoke { room, whose, before } => self.revoke(room, whose, before, end),
            Action::PublishBy { client, papers, post, waits } => {
                let room = self.clients.get(usize::from(client)).map(|client| client.seat.room);
                let posted = self.posted(room.unwrap_or_default(), post);
                self.publish_by(client, papers, posted, waits, end)
            }
            Action::Erase { room, is_all } => self.erase(room, is_all, end),
            Action::HideTables { room, are_hidden } => self.hide_tables(room, are_hidden),
            Action::OpenDocument { client, document, papers } => {
                self.open_document(client, document, papers)
            }
            Action::LeaveDocument { room, document } => self.leave_document(room, document),
            Action::WriteDocument { room, document } => self.write_document(room, document),
            Action::LoseDocument { room, document } => self.lose_document(room, document),
            Action::ServeDocument { room, document } => self.serve_document(room, document, end),
            Action::AnswerDocument { room, document } => self.answer_document(room, document),
            Action::TellDocument { room } => self.tell_document(room),
            Action::AskState { room } => self.ask_state(room, end),
            Action::Evict { room } => self.evict(room),
            Action::RestartWasm => self.restart_wasm(),
            Action::Kill { room, kept } => self.kill(room, kept),
            Action::Write { room } => self.write(room, end),
            Action::Confirm { room } => self.confirm(room),
            Action::Stall { room, is_stalled } => self.stall(room, is_stalled),
            Action::Burst { room, posts } => self.burst(room, posts),
            Action::LoseStorage { room } => self.lose_storage(room),
            Action::FillDisk { room, is_full } => self.fill_disk(room, is_full),
            Action::Resize { room, size } => self.resize(room, size),
            Action::JumpClock { seconds } => self.jump(seconds.into(), end),
            Action::Pass { ms } => self.pass(ms.into(), end),
            Action::PassToEdge { room, is_early } => self.pass_to_edge(room, is_early, end),
            Action::Quiet => self.quiet(),
        }
    }

    /// The token that a client presents.
    pub fn token(&mut self, client: u8, papers: Papers) -> Option<Token> {
        let of = |clients: &[Client], client: u8| clients.get(usize::from(client))?.token;
        let (held, ticket) = match papers {
            Papers::Held => (of(&self.clients, client), Ticket::PLAIN),
            Papers::Of(other) => (of(&self.clients, other), Ticket::PLAIN),
            Papers::Fresh(ticket) => (None, ticket),
        };
        let client = self.clients.get_mut(usize::from(client))?;
        held.or_else(|| {
            client.token = Some(Token::issue(ticket, &client.seat, self.now));
            client.token
        })
    }

    /// What a backend of a room posts.
    fn posted(&mut self, room: u8, post: Post) -> Posted {
        let app = self.sites.get(usize::from(room)).map(|site| &site.app);
        let seal = |under| app.map_or(Seal::Plain, |app| app.seal(under, app.backend));
        let seals = [seal(post.under), seal(post.second)];
        Posted::new(post, self.plan.padding, seals, &mut self.numbers)
    }

    /// A backend repeats an earlier POST, because it got no answer or lost it.
    fn repeat(&mut self, room: u8, back: u8, change: Change, waits: bool, end: End) -> Checked {
        let Some(site) = self.sites.get(usize::from(room)) else { return Ok(()) };
        let newest_first = || site.posts.iter().rev();
        let Some(posted) = newest_first().cycle().nth(back.into()) else { return Ok(()) };
        let again = posted.changed(change, site.app.newest, &mut self.numbers);
        self.publish(room, again, waits, end)
    }
}
