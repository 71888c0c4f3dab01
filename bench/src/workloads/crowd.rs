//! One large room, which fills while there are events and outlives a crash of its server.

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::future::try_join_all;
use memchr::memmem;
use tokio::time::{Instant, sleep};

use super::{Metrics, empty_room, microseconds, milliseconds, percentile, publishers, sorted};
use crate::door::Who;
use crate::plan::Launch;
use crate::publisher::{Answered, Publisher};
use crate::room::{Attendance, Room};
use crate::server::Server;
use validiant_bench_ledger::{Excluded, Faults, Ledger};

const ROOM: &str = "room";
/// Between two events while the room fills.
const PACE: Duration = Duration::from_millis(100);
/// If the server has moved nobody for so long, everybody is where they belong.
const AT_REST: Duration = Duration::from_secs(5);

/// A server with one full room.
pub struct Crowded {
    server: Server,
    room: Room,
    attendance: Rc<Attendance>,
    backends: Vec<Publisher>,
    sockets: u32,
    lone: u32,
    bursts: u32,
    /// How long it took until everybody was back after the crash.
    return_time: Duration,
}

impl Crowded {
    /// Fills half of a room, kills its server, waits until everybody is back, and fills the rest. All the time there
    /// are events, and clients are cut off and come back.
    pub async fn new(
        launch: &Launch,
        server: Server,
        sockets: u32,
        (lone, bursts, events): (u32, u32, u32),
    ) -> Result<Self> {
        let ledger = Ledger::before_joins(sockets, Excluded::OneOfCrowd);
        let room = empty_room(launch, &server, ROOM, (Who::Crowd, false), ledger);
        let backends = publishers(launch, &server, events).await?;
        let attendance = Attendance::new();
        let return_time = Duration::ZERO;
        let mut crowded =
            Self { server, room, attendance, backends, sockets, lone, bursts, return_time };
        crowded.fill(0..sockets / 2).await?;
        crowded.crash().await?;
        crowded.fill(sockets / 2..sockets).await?;
        crowded.come_to_rest().await?;
        Ok(crowded)
    }

    /// Lets these seats in, and publishes until they are there.
    async fn fill(&mut self, seats: std::ops::Range<u32>) -> Result<()> {
        let end = seats.end;
        for seat in seats {
            self.room.keep(seat, &self.attendance);
        }
        while self.attendance.connected() < end {
            self.publish_beside_cuts().await?;
        }
        Ok(())
    }

    async fn publish_beside_cuts(&mut self) -> Result<()> {
        self.attendance.cut_one_off();
        sleep(PACE).await;
        let backend = self.backends.first_mut().context("no backend")?;
        self.room.publish(backend, 0).await?;
        backend.answers().await?;
        Ok(())
    }

    /// Kills the server while no event is under way, so that none is lost, and waits until all are back.
    async fn crash(&mut self) -> Result<()> {
        let clients = self.sockets / 2;
        self.attendance.server_is_down(true);
        self.server.kill().await?;
        self.attendance.until(0).await?;
        let started = Instant::now();
        self.server.start_again().await?;
        self.attendance.until(clients).await?;
        self.return_time = started.elapsed();
        self.attendance.server_is_down(false);
        Ok(())
    }

    /// Publishes until everybody is there, and nobody has been moved for a while.
    async fn come_to_rest(&mut self) -> Result<()> {
        while self.attendance.since_newest_move() < AT_REST
            || self.attendance.connected() < self.sockets
        {
            sleep(PACE).await;
            let backend = self.backends.first_mut().context("no backend")?;
            self.room.publish(backend, 0).await?;
            backend.answers().await?;
        }
        Ok(())
    }

    /// Measures events one at a time, each once the one before has come everywhere and is answered, and then bursts.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let cpu = self.server.cpu()?;
        let (lone, answers) = self.one_by_one().await?;
        let cpu_lone = self.server.cpu()?.saturating_sub(cpu);
        let cpu = self.server.cpu()?;
        let (burst, answers_in_bursts) = self.all_bursts().await?;
        let cpu_bursts = self.server.cpu()?.saturating_sub(cpu);
        let partial = answers.iter().chain(&answers_in_bursts).filter(|one| one.is_partial).count();
        let answered = sorted(answers.iter().map(|answer| answer.took).collect());
        let each = f64::from(self.sockets - 1);
        let state = self.backends.first_mut().context("no backend")?.state(ROOM).await?;
        Ok(Metrics::from([
            ("CPU µs/delivery", microseconds(cpu_lone) / (lone.len() as f64 * each)),
            ("CPU µs/delivery in bursts", microseconds(cpu_bursts) / (burst.len() as f64 * each)),
            ("p50 ms", percentile(&lone, 0.5)),
            ("p99 ms", percentile(&lone, 0.99)),
            ("p50 ms to answer", percentile(&answered, 0.5)),
            ("p50 ms in bursts", percentile(&burst, 0.5)),
            ("p99 ms in bursts", percentile(&burst, 0.99)),
            ("partial answers", partial as f64),
            ("places", 1.0 + memmem::find_iter(&state, br#""leaf":"#).count() as f64),
            ("moves", f64::from(self.attendance.moves())),
            ("ms until all are back", milliseconds(self.return_time)),
        ]))
    }

    async fn one_by_one(&mut self) -> Result<(Vec<Duration>, Vec<Answered>)> {
        let (mut latencies, mut answers) = (Vec::new(), Vec::new());
        for _ in 0..self.lone {
            let backend = self.backends.first_mut().context("no backend")?;
            latencies.push(self.room.publish(backend, 0).await?);
            answers.extend(backend.answers().await?);
        }
        self.check(&answers);
        Ok((sorted(latencies), answers))
    }

    async fn all_bursts(&mut self) -> Result<(Vec<Duration>, Vec<Answered>)> {
        let (mut latencies, mut answers) = (Vec::new(), Vec::new());
        for _ in 0..self.bursts {
            let posts = self.backends.iter_mut().zip(0..);
            let room = &self.room;
            let posts = posts.map(|(backend, lane)| room.publish(backend, lane));
            latencies.extend(try_join_all(posts).await?);
            for backend in &mut self.backends {
                answers.extend(backend.answers().await?);
            }
        }
        self.check(&answers);
        Ok((sorted(latencies), answers))
    }

    /// Nobody comes or goes now, so each answer must be exact, unless it says that it is not.
    fn check(&self, answers: &[Answered]) {
        let wrong = answers.iter().filter(|answer| !answer.is_exact && !answer.is_partial).count();
        self.room.miscounted(wrong as u64);
    }

    /// What went wrong so far.
    pub fn faults(&self) -> Faults {
        self.room.faults()
    }
}
