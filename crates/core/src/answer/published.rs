//! The answer to a broadcast (P2.9).

use super::Ticket;
use crate::names::EventType;
use crate::position::Seq;

/// The result of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The type of the event.
    pub event_type: EventType,
    /// How many sockets were sent the event, or will be, together with the next ones.
    pub recipients: usize,
    /// How many more there would be without the exclusion.
    pub excluded: usize,
    /// Its number, if it is kept.
    pub seq: Option<Seq>,
}

/// The result of a publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The result of each event.
    pub deliveries: Vec<Delivery>,
    /// Whether the backend sent a list of events.
    pub is_batch: bool,
    /// Whether it had already been published with the same key, so that nothing was sent now.
    pub duplicate: bool,
    /// Whether some leaves have not told in time how many they have reached (P15).
    pub is_partial: bool,
    /// Under which the answer comes, with all that the leaves have reached; `None` if this is it.
    pub ticket: Option<Ticket>,
}

impl Published {
    /// The answer to a broadcast, in JSON (P2.9). It has only numbers and constant texts, so it needs no serialiser:
    /// the least to compile on the way of each event.
    #[must_use]
    #[inline(never)]
    pub fn to_json(&self) -> String {
        let Self { deliveries, is_batch, duplicate, is_partial, .. } = self;
        let mut text = String::with_capacity(ANSWER_BYTES);
        text.push_str(if *duplicate { SENT_BEFORE } else { SENT });
        if *is_batch {
            push_events(&mut text, deliveries);
        } else if let Some(alone) = deliveries.first() {
            alone.push_to(&mut text);
        }
        text.push_str(if *duplicate { r#","duplicate":true"# } else { "" });
        text.push_str(if *is_partial { r#","partial":true}"# } else { "}" });
        text
    }
}

const SENT: &str = r#"{"success":true,"message":"Broadcast sent","#;
const SENT_BEFORE: &str = r#"{"success":true,"message":"Broadcast already sent","#;
/// The usual length of an answer, at most.
const ANSWER_BYTES: usize = 128;

#[inline(never)] // An event alone does not wait until this is compiled.
fn push_events(text: &mut String, deliveries: &[Delivery]) {
    text.push_str(r#""events":["#);
    for (place, delivery) in deliveries.iter().enumerate() {
        text.push_str(if place == 0 { "{" } else { ",{" });
        delivery.push_to(text);
        text.push('}');
    }
    text.push(']');
}

impl Delivery {
    fn push_to(&self, text: &mut String) {
        let Self { recipients, excluded, seq, .. } = self;
        push_number(text, r#""recipients":"#, *recipients as u64);
        push_number(text, r#","excluded":"#, *excluded as u64);
        if let Some(seq) = seq {
            push_number(text, r#","seq":"#, *seq);
        }
    }
}

fn push_number(text: &mut String, name: &str, number: u64) {
    text.push_str(name);
    text.push_str(&number.to_string());
}
