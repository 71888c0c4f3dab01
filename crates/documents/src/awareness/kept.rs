//! What a socket's attachment stores of its states, so that they survive hibernation: one line of text.

use super::state::State;
use super::{Client, MAX_CLIENTS};

/// Separates two clients. No state contains it.
const NEXT: char = '\t';

pub(super) fn to_text(clients: &[Client]) -> String {
    let mut text = String::new();
    for client in clients {
        if !text.is_empty() {
            text.push(NEXT);
        }
        text.push_str(&client.id.to_string());
        text.push(' ');
        text.push_str(&client.clock.to_string());
        text.push(' ');
        text.push_str(client.state.as_ref().map_or("", State::as_json));
    }
    text
}

/// Reads what [`to_text`] wrote, and nothing of anything else.
pub(super) fn parse(text: &str) -> Vec<Client> {
    text.split(NEXT).map_while(client).take(MAX_CLIENTS).collect()
}

fn client(text: &str) -> Option<Client> {
    let mut parts = text.splitn(3, ' ');
    let [id, clock, state] = [parts.next()?, parts.next()?, parts.next()?];
    let state = if state.is_empty() { None } else { Some(State::parse(state)?) };
    Some(Client { id: id.parse().ok()?, clock: clock.parse().ok()?, state })
}
