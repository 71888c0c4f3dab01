//! How many introductions each client still gets that has come to a place in the product (P12.7).

use crate::member::SocketId;

/// Of at most so many connections at the same place in the product a client is told when it comes there.
pub const MAX_INTRODUCED: usize = 100;
/// So many clients are remembered, the newest.
const MOST: usize = 256;

/// The clients that have come to a place in the product of late.
#[derive(Debug, Default)]
pub struct Welcomes(Vec<(SocketId, usize)>);

impl Welcomes {
    /// A client has come.
    pub fn begin(&mut self, socket: SocketId) {
        self.0.retain(|(known, _)| *known != socket);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push((socket, MAX_INTRODUCED));
    }

    /// Whether a client gets one more introduction.
    pub fn take(&mut self, socket: SocketId) -> bool {
        let Some((_, left)) = self.0.iter_mut().find(|(known, _)| *known == socket) else {
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
        let (here, other) = (SocketId(1), SocketId(2));
        for _ in 0..2 {
            welcomes.begin(here);
            assert!((0..MAX_INTRODUCED).all(|_| welcomes.take(here)));
            assert!(!welcomes.take(here));
        }
        assert!(!welcomes.take(other), "it has not come");
    }

    #[test]
    fn only_the_newest_are_remembered() {
        let mut welcomes = Welcomes::default();
        (0..=MOST as u32).for_each(|socket| welcomes.begin(SocketId(socket)));
        assert!(!welcomes.take(SocketId(0)));
        assert!(welcomes.take(SocketId(1)) && welcomes.take(SocketId(MOST as u32)));
    }
}
