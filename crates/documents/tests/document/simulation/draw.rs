//! Draws what happens next.

use validiant_documents::sync;

use super::world::World;

impl World {
    /// Something happens.
    pub fn step(&mut self) -> Result<(), String> {
        let client = self.rng.usize(0..self.clients.len());
        let few = self.rng.usize(1..5);
        match self.rng.u16(0..1_000) {
            0..200 => self.edit(client),
            200..400 => self.up(client, few),
            400..600 => self.down(client, few),
            600..650 => self.connect(client),
            650..720 => {
                let place = self.rng.usize(0..=self.asked.len());
                self.go_on(place)
            }
            720..745 => {
                let is_told = self.rng.bool();
                self.lose(client, is_told)
            }
            745..765 => self.tell_ends(),
            765..830 => {
                let ms = self.rng.choice([10, 100, 500, 2_000, 7_000, 40_000]).unwrap_or(0);
                self.pass(ms)
            }
            830..890 => {
                self.platform.borrow_mut().disk.confirm_some(few);
                Ok(())
            }
            890..910 => self.sleep(),
            910..918 => self.crash(),
            918..924 => self.compact(),
            924..930 if self.wants_compaction => self.compact(),
            930..960 => self.say(client),
            960..964 => self.remove(client),
            964..968 => self.revoke(client),
            968..974 => {
                self.kept_out.clear();
                Ok(())
            }
            974 => self.erase(),
            975..1_000 => self.harm(),
            _ => Ok(()),
        }
    }

    fn edit(&mut self, client: usize) -> Result<(), String> {
        let rng = &mut self.rng;
        self.clients[client].edit(rng);
        Ok(())
    }

    /// A client moves its caret, or says the same again.
    fn say(&mut self, client: usize) -> Result<(), String> {
        let user = self.clients[client].user.clone();
        let state = self.state_of(&user, "somebody");
        let renews = self.rng.u8(0..3) == 0;
        let client = &mut self.clients[client];
        let renewed = if renews { client.view.renew() } else { None };
        let update = renewed.unwrap_or_else(|| client.view.say(&state));
        if let Some(link) = &mut client.link {
            link.up.push_back(sync::awareness(&update));
        }
        Ok(())
    }
}
