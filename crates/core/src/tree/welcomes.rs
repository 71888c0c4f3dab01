//! How many introductions each client still gets that has come to a place in the product (P12.7).

use crate::member::SocketId;

/// Of at most so many connections at the same place in the product a client is told when it comes there.
pub const MAX_INTRODUCED: usize = 100;
/// So many clients are remembered, the newest.
const MOST: usize = 256;

/// The clients that have come to a place in the product of late.
#[derive(Debug, Default)]
pub struct Welcomes {
    left: Vec<(SocketId, usize)>,
    /// Whether some had to be forgotten.
    has_forgotten: bool,
}

impl Welcomes {
    /// A client has come.
    pub fn begin(&mut self, socket: SocketId) {
        self.left.retain(|(known, _)| *known != socket);
        if self.left.len() >= MOST {
            self.left.remove(0);
            self.has_forgotten = true;
        }
        self.left.push((socket, MAX_INTRODUCED));
    }

    /// Whether a client gets one more introduction. It may have come before the object slept.
    pub fn take(&mut self, socket: SocketId) -> bool {
        let is_known = self.left.iter().any(|(known, _)| *known == socket);
        if !is_known && !self.has_forgotten {
            self.begin(socket);
        }
        let Some((_, left)) = self.left.iter_mut().find(|(known, _)| *known == socket) else {
            return false;
        };
        let has_room = *left > 0;
        *left = left.saturating_sub(1);
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p12_7_a_client_is_told_of_a_hundred_each_time_it_comes() {
        let mut welcomes = Welcomes::default();
        let here = SocketId(1);
        for _ in 0..2 {
            welcomes.begin(here);
            assert!((0..MAX_INTRODUCED).all(|_| welcomes.take(here)));
            assert!(!welcomes.take(here));
        }
    }

    #[test]
    fn p12_7_a_client_that_came_before_the_object_slept_is_told_too() {
        let mut welcomes = Welcomes::default();
        assert!((0..MAX_INTRODUCED).all(|_| welcomes.take(SocketId(1))));
        assert!(!welcomes.take(SocketId(1)));
    }

    #[test]
    fn only_the_newest_are_remembered() {
        let mut welcomes = Welcomes::default();
        (0..=MOST as u32).for_each(|socket| welcomes.begin(SocketId(socket)));
        assert!(!welcomes.take(SocketId(0)));
        assert!(welcomes.take(SocketId(1)) && welcomes.take(SocketId(MOST as u32)));
    }
}
