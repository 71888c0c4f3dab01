//! What is published, and how it is found again in a frame.

use memchr::memmem;

/// A browser shows about six pictures in a tenth of a second.
const POINTS: u32 = 6;

/// One event, by its lane and its number in that lane, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The lane.
    pub lane: u32,
    /// The number.
    pub number: u32,
}

impl Event {
    /// The seat whose user this event excludes: another one each time.
    #[must_use]
    pub fn excluded(self, sockets: u32) -> u32 {
        (self.lane.wrapping_add(self.number)) % sockets.max(1)
    }

    /// The body of the POST: about 100 bytes of payload, as the product sends them.
    #[must_use]
    pub fn body(self, excluded: Option<u32>) -> String {
        let Self { lane, number } = self;
        let exclusion = excluded
            .map_or_else(String::new, |seat| format!(r#","excludeUserId":"{}""#, user_id(seat)));
        format!(
            r#"{{"eventType":"TASK_UPDATED","payload":{{"lane":{lane},"number":{number},"taskId":"550e8400-e29b-41d4-a716-446655440000","status":"in_progress"}}{exclusion}}}"#
        )
    }

    /// The message of a client that moves its pointer.
    #[must_use]
    pub fn message(self) -> String {
        format!(r#"{{"type":"SEND","eventType":"client-pointer","payload":{}}}"#, self.pointer())
    }

    /// What the npm package says about a tenth of a second of movement: a point for each picture of the screen.
    pub(crate) fn pointer(self) -> String {
        let Self { lane, number } = self;
        let points = (0..POINTS).map(|point| {
            let along = number.wrapping_mul(POINTS).wrapping_add(point);
            let [x, y] = [along.wrapping_mul(37), along.wrapping_mul(23).wrapping_add(lane)]
                .map(|place| f64::from(place % 10_000) / 10_000.0);
            format!("[{},{x},{y}]", 16 + point % 2)
        });
        let points = points.collect::<Vec<_>>().join(",");
        format!(r#"{{"at":"board:main","lane":{lane},"number":{number},"points":[{points}]}}"#)
    }

    /// Whether a frame has the payload of this event byte for byte, and names the client that sent it.
    pub(crate) fn is_as_sent(self, frame: &[u8]) -> bool {
        let payload = format!(r#""payload":{},"#, self.pointer());
        let has = |text: &str| memmem::find(frame, text.as_bytes()).is_some();
        has(&payload) && has(&sender(self.lane))
    }

    /// The events in a frame: none in `CONNECTED` and the like, several in a batch.
    pub fn in_frame(frame: &[u8]) -> impl Iterator<Item = Self> {
        const LANE: &[u8] = br#""lane":"#;
        const NUMBER: &[u8] = br#","number":"#;
        memmem::find_iter(frame, LANE).filter_map(move |at| {
            let (lane, rest) = leading_number(frame.get(at + LANE.len()..)?)?;
            let (number, _) = leading_number(rest.strip_prefix(NUMBER)?)?;
            Some(Self { lane, number })
        })
    }
}

/// The id of the user at a seat.
#[must_use]
pub fn user_id(seat: u32) -> String {
    format!("user-{seat}")
}

/// The id of the connection at a seat.
#[must_use]
pub fn connection_id(seat: u32) -> String {
    format!("connection-{seat}")
}

/// How a server says that an event is from the client at a seat.
pub(crate) fn sender(seat: u32) -> String {
    let (user, connection) = (user_id(seat), connection_id(seat));
    format!(r#""from":{{"userId":"{user}","connectionId":"{connection}"}}"#)
}

fn leading_number(text: &[u8]) -> Option<(u32, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit())?;
    let (digits, rest) = text.split_at_checked(end)?;
    Some((std::str::from_utf8(digits).ok()?.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(lane: u32, number: u32) -> Vec<u8> {
        format!(r#"{{"type":"T","payload":{{"lane":{lane},"number":{number},"x":1}}}}"#)
            .into_bytes()
    }

    #[test]
    fn events_are_found_in_a_frame_and_in_a_batch() {
        let batch = [frame(0, 7), frame(12, 1)].join(&b","[..]);
        let events: Vec<_> = Event::in_frame(&batch).collect();
        assert_eq!(events, [Event { lane: 0, number: 7 }, Event { lane: 12, number: 1 }]);
        assert_eq!(Event::in_frame(br#"{"type":"CONNECTED","payload":{}}"#).count(), 0);
    }

    #[test]
    fn the_pointer_of_a_client_is_an_event_too() {
        let event = Event { lane: 3, number: 17 };
        let found: Vec<_> = Event::in_frame(event.message().as_bytes()).collect();
        assert_eq!(found, [event]);
    }
}
