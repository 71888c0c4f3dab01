//! The load generator of `npm run bench`.
//!
//! Reads a plan (JSON, see [`plan::Plan`]) from standard input, runs each of its workloads against each
//! server in turn, and writes one line of JSON per measurement to standard output, preceded by a line
//! that says what it is about to do. `bench/run.mjs` makes the plan and the report.

mod document;
mod door;
mod lib0;
mod plan;
mod publisher;
mod room;
mod server;
mod workloads;

use std::io::{self, Write};

use anyhow::{Context, Result};
use serde_json::json;
use tokio::task::LocalSet;

use plan::{Plan, ServerPlan, Workload};
use workloads::Prepared;

fn main() -> Result<()> {
    let plan: Plan = serde_json::from_reader(io::stdin()).context("the plan can't be read")?;
    // One thread, so that one processor is enough for it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, measure(&plan))
}

async fn measure(plan: &Plan) -> Result<()> {
    for workload in &plan.workloads {
        match workload.slices {
            Some(slices) => side_by_side(plan, workload, slices).await?,
            None => one_by_one(plan, workload).await?,
        }
    }
    Ok(())
}

/// All servers are up at once and measured in turn, `slices` times in each run.
async fn side_by_side(plan: &Plan, workload: &Workload, slices: u32) -> Result<()> {
    for run in 0..workload.runs {
        let mut prepared = Vec::new();
        for server in &workload.servers {
            announce(workload, server, run)?;
            prepared.push((server, prepare(plan, workload, server).await?));
        }
        for slice in 0..slices {
            // They take turns at going first.
            prepared.rotate_left(usize::from(run + slice > 0));
            for (server, prepared) in &mut prepared {
                announce(workload, server, run)?;
                take(workload, server, run, prepared).await?;
            }
        }
    }
    Ok(())
}

/// Each measurement has its own process.
async fn one_by_one(plan: &Plan, workload: &Workload) -> Result<()> {
    let mut servers: Vec<&ServerPlan> = workload.servers.iter().collect();
    for run in 0..workload.runs {
        servers.rotate_left(usize::from(run > 0));
        for server in &servers {
            announce(workload, server, run)?;
            let mut prepared = prepare(plan, workload, server).await?;
            take(workload, server, run, &mut prepared).await?;
        }
    }
    Ok(())
}

async fn prepare(plan: &Plan, workload: &Workload, server: &ServerPlan) -> Result<Prepared> {
    Prepared::new(&plan.launch, server, &workload.shape)
        .await
        .with_context(|| format!("{}: {} does not get ready", workload.name, server.name))
}

async fn take(
    workload: &Workload,
    server: &ServerPlan,
    run: u32,
    prepared: &mut Prepared,
) -> Result<()> {
    let metrics = prepared
        .measure()
        .await
        .with_context(|| format!("{}: {} fails", workload.name, server.name))?;
    say(&json!({
        "measured": {
            "workload": workload.name,
            "server": server.name,
            "run": run,
            "metrics": metrics,
            "faults": prepared.faults(),
        }
    }))
}

fn announce(workload: &Workload, server: &ServerPlan, run: u32) -> Result<()> {
    say(&json!({ "doing": { "workload": workload.name, "server": server.name, "run": run } }))
}

fn say(line: &serde_json::Value) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}
