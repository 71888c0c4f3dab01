//! What to measure, as `bench/run.mjs` passes it.

use std::path::PathBuf;

use serde::Deserialize;

/// One whole run of the bench.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// How to start every server.
    #[serde(flatten)]
    pub launch: Launch,
    /// The workloads, in the order in which they are run.
    pub workloads: Vec<Workload>,
}

/// How to start servers and talk to them.
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

/// One server, described by a config file for the runtime.
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
    /// The servers that take part.
    pub servers: Vec<ServerPlan>,
    /// How often it is measured with each server, in turn.
    pub runs: u32,
    /// How often in each run all servers, up at the same time, are measured in turn: that way they all get
    /// the same conditions. If absent, each measurement has its own process.
    pub slices: Option<u32>,
    /// The shape.
    #[serde(flatten)]
    pub shape: Shape,
}

/// What is done to a server.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "shape", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Shape {
    /// Broadcasts: single ones, then one at a time, and then as many as the server can take.
    Broadcast {
        /// How many rooms.
        rooms: u32,
        /// How many sockets in each room, each of a different user.
        sockets: u32,
        /// How long to keep the server busy.
        seconds: f64,
        /// How many single ones, each after a pause.
        singles: usize,
        /// Whether each event excludes one user, as apps exclude the user who acted.
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
    /// One large room that fills while there are events, and whose server is killed when it is half full. Clients
    /// come back with their position whenever they are told to, or are cut off.
    Crowd {
        /// How many sockets in the end.
        sockets: u32,
        /// How many events are measured one at a time.
        lone: u32,
        /// How many bursts are measured.
        bursts: u32,
        /// How many events are published at once in each.
        events: u32,
    },
    /// Clients whose pointers move in one room, each with ten events a second, and broadcasts to other rooms.
    Pointers {
        /// How many people move their pointers.
        people: u32,
        /// How many other rooms get broadcasts.
        rooms: u32,
        /// How many sockets each of those has.
        sockets: u32,
        /// How long to measure the pointers alone, the broadcasts alone, and both together.
        seconds: f64,
    },
    /// People who type in one document, each five letters a second, with stock clients of Yjs.
    Typing {
        /// How many.
        people: u32,
        /// How long.
        seconds: f64,
    },
    /// Sockets that connect to one room.
    Connect {
        /// How many.
        sockets: u32,
        /// Whether each is a different user; otherwise all are anonymous.
        users: bool,
        /// Over how many milliseconds their starts are spread; 0 for as fast as possible.
        over_ms: u64,
    },
    /// All sockets of a room come back, each from its position, after the server was killed and started again.
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
