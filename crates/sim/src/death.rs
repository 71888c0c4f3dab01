//! A room dies: what is left of it on the disk must be all that may be, and all that must be.

use validiant_core::Millis;
use validiant_core::names::UserId;

use crate::counts::Counts;
use crate::platform;
use crate::said::{self, Said};
use crate::site::Site;
use crate::users::{self, USERS, Users};
use crate::violation::{Checked, Violation, ensure};
use crate::wire::Socket;

impl Site {
    /// The server dies, with all sockets, and the room is not told. Of the writes that were not durable, the first `kept`
    /// reach the disk.
    pub fn die(&mut self, kept: u8, now: Millis, counts: &mut Counts) -> Checked {
        let expected = (!self.is_at_risk()).then(|| self.model.presence.said.clone());
        self.platform.borrow_mut().crash(kept.into());
        self.host.die();
        self.documents.room_died();
        // One that was going off may be replaced by one that is a little later.
        self.alarm_may_be_late |= self.alarm().is_some_and(|at| at <= now);
        self.sockets.values_mut().for_each(Socket::end);
        self.platform.borrow_mut().drop_sockets();
        let lost = self.find_what_is_left()?;
        self.find_last_data(expected.as_ref())?;
        if lost > 0 {
            counts.add("crash that took events");
        }
        self.lose_memory(now);
        Ok(())
    }

    /// Reads what is on the disk, and checks that it is all of that may be, and all that must be. Returns how many events
    /// were lost.
    fn find_what_is_left(&mut self) -> Checked<usize> {
        let platform = self.platform.borrow();
        let disk = &platform.disk;
        let mut there = Vec::new();
        let mut is_readable = true;
        disk.each_event(|event| match event {
            Some(event) => there.push((event.seq, event.frame.to_owned())),
            None => is_readable = false,
        });
        ensure!(is_readable, "An event on the disk can't be read.");
        let user = |(id, at): (&UserId, Option<Millis>)| Some((users::number(id.as_str())?, at));
        let wrong = self.model.presence.crash(disk.roster().filter_map(user));
        ensure!(
            wrong == Users(0) || !self.is_presence_known,
            "The roster on the disk is wrong about {:?}.",
            wrong.names()
        );
        self.model.journal.crash(disk.epoch(), disk.range().1, &there)
    }

    /// Reads what is left of what users said who may come back. If everything was written, that is all of it.
    fn find_last_data(&mut self, expected: Option<&Said>) -> Checked {
        let platform = self.platform.borrow();
        let read = |(user, connection, json): (&UserId, &str, &str)| {
            Some((users::number(user.as_str())?, said::client(connection)?, said::stored(json)?))
        };
        let last: Option<Vec<_>> = platform.disk.last_data().map(read).collect();
        let last =
            last.ok_or_else(|| Violation("What is stored of users can't be read.".into()))?;
        if let Some(expected) = expected.filter(|_| self.is_presence_known) {
            for user in 0..USERS {
                let left = last.iter().find(|it| it.0 == user).map(|it| (it.1, it.2));
                let was = expected.last(user);
                ensure!(left == was, "Of u{user} is left {left:?}, not {was:?}.");
            }
        }
        self.model.presence.said.crash(last.into_iter());
        Ok(())
    }

    /// The room is lost from memory, but not its sockets and its storage.
    pub fn lose_memory(&mut self, now: Millis) {
        self.room = platform::wake(&self.platform, self.project(), self.settings, now);
        let has_sockets = self.in_room().next().is_some();
        self.model.journal.forget(has_sockets);
        self.model.refusals.forget();
        self.model.revocations.forget();
        self.model.floor.forget();
        self.refill();
    }
}
