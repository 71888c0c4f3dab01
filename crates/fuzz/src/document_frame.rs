//! The frames of a document's socket (P13.3).

use validiant_documents::lib0::Unreadable;
use validiant_documents::sync::{Message, awareness, denied, step_1, step_2, update};

use crate::varint::{bytes, number};

/// Any frame, and the same bytes as a body.
///
/// It is a message exactly if the oracle reads one that takes up all of it. What the server writes around a body is what a
/// client reads, and only the body is in it.
pub fn document_frame(data: &[u8]) {
    assert_eq!(Message::read(data).map(told), expected(data).ok_or(Unreadable));
    for (frame, kind) in [(step_1(data), 0), (step_2(data), 1), (update(data), 2)] {
        assert_eq!(expected(&frame), Some((0, Some(kind), data)));
        assert_eq!(Message::read(&frame).map(told), Ok((0, Some(kind), data)));
    }
    assert_eq!(expected(&awareness(data)), Some((1, None, data)));
    if let Ok(reason) = std::str::from_utf8(data) {
        let frame = denied(reason);
        assert_eq!(frame[..2], [2, 0]);
        assert_eq!(bytes(&frame[2..]), Some((data, [].as_slice())));
    }
}

/// A message: its kind, for sync also which, and the body.
type Told<'a> = (u8, Option<u8>, &'a [u8]);

fn told(message: Message<'_>) -> Told<'_> {
    match message {
        Message::Step1(body) => (0, Some(0), body),
        Message::Step2(body) => (0, Some(1), body),
        Message::Update(body) => (0, Some(2), body),
        Message::Awareness(body) => (1, None, body),
        Message::QueryAwareness => (3, None, &[]),
    }
}

fn expected(frame: &[u8]) -> Option<Told<'_>> {
    let (kind, rest) = number(frame)?;
    let (kind, which, (body, rest)) = match kind {
        0 => {
            let (which, rest) = number(rest)?;
            let which = u8::try_from(which).ok().filter(|which| *which < 3)?;
            (0, Some(which), bytes(rest)?)
        }
        1 => (1, None, bytes(rest)?),
        3 => (3, None, ([].as_slice(), rest)),
        _ => return None,
    };
    rest.is_empty().then_some((kind, which, body))
}
