//! What to measure, as `bench/run.mjs` hands it over.

use std::path::PathBuf;

use serde::Deserialize;

/// One whole run of the bench.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// How every server is started.
    #[serde(flatten)]
    pub launch: Launch,
    /// The servers.
    pub servers: Vec<ServerPlan>,
    /// The workloads, in the order in which they are run.
    pub workloads: Vec<Workload>,
}

/// How servers are started and spoken to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Launch {
    /// The program of the runtime.
    pub workerd: PathBuf,
    /// Words before it, such as `taskset -c 0`.
    pub prefix: Vec<String>,
    /// The secret that all servers accept.
    pub secret: String,
    /// Whether sockets offer permessage-deflate, as browsers do.
    pub deflate: bool,
}

/// One server, described by a config file of the runtime.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerPlan {
    /// What it is called in the results.
    pub name: String,
    /// The config file.
    pub config: PathBuf,
    /// Where its objects are stored; emptied before each start.
    pub storage: PathBuf,
}

/// One workload: a shape of load, and how much of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// What it is called in the results.
    pub name: String,
    /// The servers that take part; all of them if it is not there.
    pub only: Option<Vec<String>>,
    /// How often it is measured with each server, in turn.
    pub runs: u32,
    /// How often all servers, up at the same time, are measured in turn in each run: that way they meet
    /// the same mood of the machine. If it is not there, each measurement has a process of its own.
    pub slices: Option<u32>,
    /// The shape.
    #[serde(flatten)]
    pub shape: Shape,
}

/// What is done to a server.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "shape", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Shape {
    /// Broadcasts, one after the other and then as many as the server takes.
    Broadcast {
        /// How many rooms.
        rooms: u32,
        /// How many sockets in each of them, each of another user.
        sockets: u32,
        /// How long the server is kept busy.
        seconds: f64,
        /// Whether each event excludes one user, as a product excludes the one who acted.
        excludes: bool,
    },
    /// Many events at once into one room.
    Burst {
        /// How many sockets in the room.
        sockets: u32,
        /// How many events at once.
        events: u32,
        /// How often.
        rounds: u32,
        /// Whether the sockets ask for several events in one frame.
        batch: bool,
    },
    /// Sockets that connect to one room.
    Connect {
        /// How many.
        sockets: u32,
        /// Each of another user, or all anonymous.
        users: bool,
        /// Over how many milliseconds their starts are spread; 0: as fast as they go.
        over_ms: u64,
    },
    /// All sockets of a room come back after the server was killed and started again.
    Return {
        /// How many.
        sockets: u32,
    },
    /// The first broadcast into a room that had hibernated.
    Wake {
        /// How many sockets it has.
        sockets: u32,
    },
    /// The first request to a process that has just started.
    FirstRequest {},
}
