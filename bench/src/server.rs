//! A server under test: one process of the runtime, and what the operating system reports about it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::plan::{Launch, ServerPlan};

/// A running server. It is killed when it is dropped.
pub struct Server {
    plan: ServerPlan,
    launch: Launch,
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

/// A line of the runtime's control channel.
#[derive(Deserialize)]
struct Listening {
    event: String,
    port: u16,
}

impl Server {
    /// Starts it with empty storage, on a port that the system chooses.
    ///
    /// # Errors
    /// The process does not start listening.
    pub async fn start(launch: &Launch, plan: &ServerPlan) -> Result<Self> {
        if fs::exists(&plan.storage)? {
            fs::remove_dir_all(&plan.storage)?;
        }
        fs::create_dir_all(&plan.storage)?;
        let (child, port) = spawn(launch, plan, 0).await?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Self { plan: plan.clone(), launch: launch.clone(), child, address })
    }

    /// Kills it as a crash would.
    ///
    /// # Errors
    /// It is gone already.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Kills it as a crash would, and starts it again on the same port and storage.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.kill().await?;
        self.start_again().await
    }

    /// Starts it on the same port and storage, after it was killed.
    ///
    /// # Errors
    /// As for [`Self::start`].
    pub async fn start_again(&mut self) -> Result<()> {
        (self.child, _) = spawn(&self.launch, &self.plan, self.address.port()).await?;
        Ok(())
    }

    /// The processor time used so far by all of its threads.
    ///
    /// # Errors
    /// The process is gone.
    pub fn cpu(&self) -> Result<Duration> {
        let pid = self.pid()?;
        let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
            return seconds_by_ps(pid);
        };
        let mut nanoseconds = 0;
        for thread in threads {
            // A thread can end between the two calls. "<ns on a processor> <ns waiting> <slices>"
            let Ok(stat) = fs::read_to_string(thread?.path().join("schedstat")) else {
                continue;
            };
            nanoseconds += stat.split(' ').next().unwrap_or_default().parse().unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// Its resident memory in bytes.
    ///
    /// # Errors
    /// The process is gone.
    pub fn memory(&self) -> Result<u64> {
        let kilobytes = ps(self.pid()?, "rss=")?;
        Ok(kilobytes.parse::<u64>()? * 1024)
    }

    fn pid(&self) -> Result<u32> {
        self.child.id().context("the server has ended")
    }
}

async fn spawn(launch: &Launch, plan: &ServerPlan, port: u16) -> Result<(Child, u16)> {
    let mut words = launch.prefix.iter().map(String::as_str).collect::<Vec<_>>();
    let workerd = launch.workerd.to_string_lossy();
    let config = plan.config.to_string_lossy();
    let address = format!("--socket-addr=http=127.0.0.1:{port}");
    words.extend([&workerd, "serve", "--experimental", &config, &address, "--control-fd=1"]);
    let (program, args) = words.split_first().context("no program")?;
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{program} can't be started"))?;
    let stdout = child.stdout.take().context("no standard output")?;
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await? {
        if let Ok(Listening { event, port }) = serde_json::from_str(&line)
            && event == "listen"
        {
            // The process must not block on a full pipe.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((child, port));
        }
    }
    bail!("{} ended before it listened", plan.name)
}

/// What `ps` says about a process, on every Unix.
fn ps(pid: u32, field: &str) -> Result<String> {
    let output =
        std::process::Command::new("ps").args(["-o", field, "-p", &pid.to_string()]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// For systems without `/proc`: "[[days-]hours:]minutes:seconds[.hundredths]".
fn seconds_by_ps(pid: u32) -> Result<Duration> {
    let time = ps(pid, "time=")?;
    let mut seconds = 0.0;
    for part in time.split([':', '-']) {
        seconds = seconds * 60.0 + part.parse::<f64>()?;
    }
    Ok(Duration::from_secs_f64(seconds))
}
