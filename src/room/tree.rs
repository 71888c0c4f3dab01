//! What this object says to the others of a grown room (P15). `tree-calls.js` carries it.

use validiant_core::Millis;
use validiant_core::answer::Ticket;
use validiant_core::tree::{Note, Place, Settled};
use validiant_core::wire::error_code::ErrorCode;
use worker::js_sys::Array;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::Response;

use crate::log::Line;
use crate::{reply, runtime};

use super::{Room, RuntimeRoom};

#[wasm_bindgen(wasm_bindgen = worker::wasm_bindgen)]
impl Room {
    /// Takes a call from another object of the room, and returns the answer.
    pub fn called(&self, text: &str) -> Option<String> {
        self.with_room(|room, now| room.called(text, now))
    }

    /// The next call to make: the name of the object, and what to say. It is on its way from then on.
    #[wasm_bindgen(js_name = nextCall)]
    pub fn next_call(&self) -> Option<Array> {
        self.with_room(|room, now| {
            let call = room.next_call(now)?;
            let object = call.to.object_name(room.project_id());
            Some(Array::of2(&object.into(), &call.text.into()))
        })?
    }

    /// In how many milliseconds a call is due that has to wait.
    #[wasm_bindgen(js_name = callDueIn)]
    pub fn call_due_in(&self) -> Option<f64> {
        self.with_room(|room, now| room.call_due_in(now))?.map(|ms| ms as f64)
    }

    /// The call on its way to `object` was answered.
    pub fn answered(&self, object: &str, text: &str) {
        self.of_call(object, |room, place, now| room.answered(place, text, now));
    }

    /// The call on its way to `object` has failed, or took too long.
    pub fn unanswered(&self, object: &str) {
        self.of_call(object, |room, place, now| room.unanswered(place, now));
    }

    /// The ticket of the last call of a backend, and how long its answer waits for the leaves, in milliseconds. `undefined` if
    /// none waits.
    pub fn ticket(&self) -> Option<Array> {
        let (Ticket(ticket), patience) = self.ticket.take()?;
        Some(Array::of2(&ticket.into(), &(patience as f64).into()))
    }

    /// An answer that waits no longer, after its ticket.
    #[wasm_bindgen(js_name = nextSettled)]
    pub fn next_settled(&self) -> Option<Array> {
        let settled = self.with_room(|room, now| room.next_settled(now))??;
        let Ticket(ticket) = settled.ticket;
        Some(Array::of2(&ticket.into(), &response(settled)))
    }

    /// The answer that has waited for long enough.
    pub fn settle(&self, ticket: u32) -> Response {
        let settled = self.with_room(|room, now| room.settle(Ticket(ticket), now)).flatten();
        let unavailable = || reply::refusal(&ErrorCode::ROOM_UNAVAILABLE.into());
        settled.map_or_else(unavailable, response)
    }
}

impl Room {
    /// The answer to this call waits for leaves if it has a ticket, for so long at most.
    pub(super) fn waits(&self, ticket: Option<Ticket>, patience: Millis) {
        if let Some(ticket) = ticket {
            self.ticket.set(Some((ticket, patience)));
        }
    }

    fn of_call(&self, object: &str, act: impl FnOnce(&mut RuntimeRoom, Place, Millis)) {
        if let Some((_, place)) = Place::parse_object_name(object) {
            self.with_room(|room, now| act(room, place, now));
        }
    }

    /// Logs what has happened to the places of the room.
    #[inline(never)] // A room that is alone does not wait until this is compiled.
    pub(super) fn log_notes(&self, room: &RuntimeRoom, notes: Vec<Note>) {
        let project_id = room.project_id().as_str();
        for note in notes {
            self.log(&match note {
                Note::Resized { from, to } => Line::Resize { project_id, from, to },
                Note::Lost(place) => Line::LeafLost { project_id, of: place.index },
                Note::Found(place) => Line::LeafBack { project_id, of: place.index },
                Note::Doubted { reason, sockets } => Line::Doubt { project_id, reason, sockets },
                Note::Moved { sockets } => Line::Move { project_id, sockets },
            });
        }
    }
}

fn response(Settled { answer, .. }: Settled) -> Response {
    match answer {
        Ok(answer) => runtime::json(200, &answer),
        Err(refusal) => reply::refusal(&refusal),
    }
}
