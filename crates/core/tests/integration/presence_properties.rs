//! Presence under any interleaving of joins, leaves, reconnects, evictions and crashes (P5): once it is quiet, what a
//! watcher was told is true.

use std::collections::BTreeSet;

use crate::support::{SETTINGS, World};
use proptest::prelude::*;
use serde_json::Value;
use validiant_core::member::SocketId;
use validiant_core::room::RoomSettings;

#[derive(Debug, Clone)]
enum Step {
    /// A user opens a socket.
    Join(u8),
    /// One of the open sockets ends, cleanly or not.
    End {
        which: usize,
        clean: bool,
    },
    /// A socket is lost, and its user comes back after some time.
    Reconnect {
        which: usize,
        after_ms: u64,
    },
    Pass(u64),
    Evict,
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..6u8).prop_map(Step::Join),
        5 => (any::<usize>(), any::<bool>()).prop_map(|(which, clean)| Step::End { which, clean }),
        3 => (any::<usize>(), 0..15_000u64)
            .prop_map(|(which, after_ms)| Step::Reconnect { which, after_ms }),
        3 => (0..20_000u64).prop_map(Step::Pass),
        2 => Just(Step::Evict),
        1 => Just(Step::Crash),
    ]
}

/// A room, its open sockets, and one anonymous socket that watches.
struct Watched {
    world: World,
    open: Vec<(SocketId, String)>,
    watcher: SocketId,
    read: usize,
    announced: BTreeSet<String>,
}

impl Watched {
    fn new(settings: RoomSettings) -> Self {
        let mut world = World::new(settings);
        let watcher = world.join("");
        Self { world, open: Vec::new(), watcher, read: 0, announced: BTreeSet::new() }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Join(user) => self.join(format!("u{user}")),
            Step::End { which, clean } => {
                self.end(which, if clean { 1000 } else { 1006 });
            }
            Step::Reconnect { which, after_ms } => {
                if let Some(user) = self.end(which, 1001) {
                    self.world.pass(after_ms);
                    self.join(user);
                }
            }
            Step::Pass(ms) => self.world.pass(ms),
            Step::Evict => self.world.evict(),
            Step::Crash => {
                self.world.crash();
                self.open.clear();
                self.watcher = self.world.join("");
                self.read = 0;
            }
        }
    }

    fn join(&mut self, user: String) {
        let socket = self.world.join(&user);
        self.open.push((socket, user));
    }

    fn end(&mut self, which: usize, code: u16) -> Option<String> {
        let index = which.checked_rem(self.open.len())?;
        let (socket, user) = self.open.swap_remove(index);
        self.world.leave(socket, code);
        Some(user)
    }

    /// Follows what the watcher was told, and checks that it makes sense.
    fn read(&mut self) -> Result<(), TestCaseError> {
        for frame in self.world.inbox(self.watcher).into_iter().skip(self.read) {
            self.read += 1;
            let payload = &frame["payload"];
            let user = || payload["userId"].as_str().unwrap().to_owned();
            match frame["type"].as_str().unwrap() {
                "USER_JOINED" => {
                    prop_assert!(self.announced.insert(user()), "joined twice: {frame}")
                }
                "USER_LEFT" => prop_assert!(self.announced.remove(&user()), "left twice: {frame}"),
                _ if payload["users"].is_array() => self.announced = listed(payload),
                _ => {}
            }
        }
        Ok(())
    }

    fn connected(&self) -> BTreeSet<String> {
        self.open.iter().map(|(_, user)| user.clone()).collect()
    }
}

fn listed(payload: &Value) -> BTreeSet<String> {
    let users = payload["users"].as_array().unwrap();
    users.iter().map(|user| user["userId"].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn once_quiet_the_announced_users_are_the_connected_ones(
        steps in proptest::collection::vec(step(), 0..60),
        grace_ms in prop_oneof![Just(0u64), Just(10_000)],
    ) {
        let mut room = Watched::new(RoomSettings { presence_grace_ms: grace_ms, ..SETTINGS });
        for step in steps {
            room.take(step);
            room.read()?;
        }
        room.world.pass(grace_ms);
        room.read()?;
        prop_assert_eq!(&room.announced, &room.connected());
        prop_assert_eq!(room.world.present().into_iter().collect::<BTreeSet<_>>(), room.connected());
    }

    #[test]
    fn p5_5_in_a_room_that_is_large_at_times_the_last_word_is_right(
        steps in proptest::collection::vec(step(), 0..60),
    ) {
        let mut room = Watched::new(RoomSettings { presence_events_max: 3, ..SETTINGS });
        for step in steps {
            room.take(step);
            room.read()?;
        }
        room.world.pass(SETTINGS.presence_grace_ms + 1_000);
        room.read()?;
        let connected = room.connected();
        if connected.len() <= 3 {
            prop_assert_eq!(&room.announced, &connected);
        } else {
            let inbox = room.world.inbox(room.watcher);
            let count = |frame: &Value| frame["payload"]["activeUsers"].as_u64();
            let last = inbox.iter().rev().find_map(count);
            prop_assert_eq!(last, Some(connected.len() as u64));
        }
    }
}
