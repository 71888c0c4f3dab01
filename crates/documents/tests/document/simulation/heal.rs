//! In the end everything works: all are connected, and everything arrives.

use validiant_documents::ports::Key;
use validiant_documents::sync;

use super::world::World;

/// More rounds than it can take until nothing is on its way.
const ROUNDS: usize = 10_000;
/// More than the clock of a lie is ahead.
const RENEWALS: usize = 20;

impl World {
    pub fn heal(&mut self) -> Result<(), String> {
        self.kept_out.clear();
        if let Some(socket) = self.hostile.socket.take() {
            self.ghosts.push(socket);
        }
        self.settle()?;
        (0..self.clients.len()).for_each(|client| self.renew(client));
        self.settle()?;
        self.check_equal()?;
        self.check_present()?;
        self.come_back_after_hibernation()?;
        self.check_acknowledged()?;
        self.check_stored_once()?;
        self.pass(600_000)?;
        self.check_told()?;
        self.crash()
    }

    /// Connects everybody, and lets everything arrive.
    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS {
            self.tell_ends()?;
            self.deliver_all()?;
            for client in 0..self.clients.len() {
                self.connect(client)?;
            }
            while self.is_anybody_expected() {
                self.go_on(0)?;
            }
            self.deliver_all()?;
            let is_written = self.document.take_due(self.now).write_in.is_none();
            if is_written && self.clients.iter().all(|client| client.link.is_some()) {
                return Ok(());
            }
            self.pass(1_000)?;
        }
        Err("it never becomes quiet".into())
    }

    /// Who comes after hibernation hears of everybody, though nobody says anything.
    fn come_back_after_hibernation(&mut self) -> Result<(), String> {
        self.lose(0, true)?;
        self.sleep()?;
        self.settle()?;
        self.renew(0);
        self.settle()?;
        self.check_present()
    }

    /// A client says the same again and again, until its clock has passed that of whoever had its id while it was away.
    fn renew(&mut self, client: usize) {
        let client = &mut self.clients[client];
        for _ in 0..RENEWALS {
            if let (Some(update), Some(link)) = (client.view.renew(), &mut client.link) {
                link.up.push_back(sync::awareness(&update));
            }
        }
    }

    /// The room knows of the last change.
    fn check_told(&self) -> Result<(), String> {
        let disk = &self.platform.borrow().disk;
        let changed_at = disk.rows().last().map(|row| row.changed_at);
        match changed_at {
            Some(changed_at) if changed_at > disk.number(Key::Told) => {
                Err("not told of a change".into())
            }
            _ => Ok(()),
        }
    }
}
