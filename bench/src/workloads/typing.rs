//! People who type in one document.

use std::time::Duration;

use anyhow::Result;
use futures::future::try_join_all;
use tokio::time::{Instant, sleep_until};

use super::{Metrics, microseconds, percentile, sorted};
use crate::document::{Document, Typist};
use crate::plan::Launch;
use crate::server::Server;
use validiant_bench_ledger::Faults;

/// How often each of them presses a key: 60 words a minute.
const KEYSTROKE_INTERVAL: Duration = Duration::from_millis(200);
/// The document; both servers find theirs by it.
const PATH: &str = "parties/docs/bench/text";

/// A server with one document in which people type.
pub struct Typing {
    server: Server,
    document: Document,
    people: Vec<Typist>,
    time: Duration,
}

impl Typing {
    /// Opens the document for everybody, and warms up.
    pub async fn new(launch: &Launch, server: Server, people: u32, time: Duration) -> Result<Self> {
        let document = Document::new(PATH.to_owned(), server.address, launch.deflate);
        let mut typists = Vec::new();
        for _ in 0..people {
            typists.push(document.open().await?);
        }
        let mut typing = Self { server, document, people: typists, time };
        typing.all_type().await?;
        Ok(typing)
    }

    /// Everybody types for a while.
    pub async fn measure(&mut self) -> Result<Metrics> {
        let cpu = self.server.cpu()?;
        let letters = sorted(self.all_type().await?);
        let cpu = self.server.cpu()?.saturating_sub(cpu);
        Ok(Metrics::from([
            ("CPU µs/keystroke", microseconds(cpu) / letters.len() as f64),
            ("p50 ms", percentile(&letters, 0.5)),
            ("p99 ms", percentile(&letters, 0.99)),
        ]))
    }

    async fn all_type(&mut self) -> Result<Vec<Duration>> {
        let (started, time, document) = (Instant::now(), self.time, &self.document);
        let letters = self.people.iter_mut().zip(0..).map(|(typist, index)| async move {
            // People do not begin together, nor one after the other in step.
            let mut due = started + KEYSTROKE_INTERVAL * (index * 37 % 100) / 100;
            let mut latencies = Vec::new();
            while due < started + time {
                sleep_until(due).await;
                latencies.push(document.keystroke(typist).await?);
                due += KEYSTROKE_INTERVAL;
            }
            anyhow::Ok(latencies)
        });
        Ok(try_join_all(letters).await?.concat())
    }

    /// What went wrong so far.
    pub fn faults(&self) -> Faults {
        self.document.faults()
    }
}
