//! The port to the sockets: hibernatable WebSockets, their attachments, and the fan-out loop.

use std::rc::Rc;

use validiant_core::Millis;
use validiant_core::limits::Allowance;
use validiant_core::member::{Attachment, Member, SocketId};
use validiant_core::ports::{NotAccepted, Sockets};
use validiant_core::wire::close_code::{Closing, may_be_sent};
use worker::js_sys::JsString;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::WebSocket;
use worker::worker_sys::DurableObjectState;
use worker::worker_sys::ext::WebSocketExt;

use crate::runtime::{self, ObjectStateExt};

/// Separates the attachments of several sockets. No attachment contains it: see [`Attachment::to_text`].
const ATTACHMENT_END: char = '\u{1e}';

struct Entry {
    id: SocketId,
    socket: WebSocket,
    member: Member,
    allowance: Allowance,
}

/// The sockets of the room with their members, cached from the attachments.
pub struct RuntimeSockets {
    state: Rc<DurableObjectState>,
    /// In the order of their ids, which is the order in which they connected.
    entries: Vec<Entry>,
    next_id: u32,
}

impl RuntimeSockets {
    /// Reads the attachments of all sockets. A closing socket is still a member, because the room has not been told of
    /// its end yet. A socket without an attachment is not: it was already removed.
    pub fn wake(state: Rc<DurableObjectState>) -> Result<Self, JsValue> {
        let mut entries: Vec<Entry> = Vec::new();
        let sockets = state.get_websockets()?;
        let attachments = runtime::attachments(&state);
        // The runtime lists the newest first; reversed, nearly every insertion is at the end.
        for (socket, text) in sockets.into_iter().rev().zip(attachments.rsplit(ATTACHMENT_END)) {
            if let Some(Attachment { socket: id, member }) = Attachment::parse(text) {
                let allowance = Allowance::default();
                let position = entries.partition_point(|entry| entry.id < id);
                entries.insert(position, Entry { id, socket, member, allowance });
            }
        }
        let next_id = entries.last().map_or(0, |entry| entry.id.0.wrapping_add(1));
        Ok(Self { state, entries, next_id })
    }

    fn position(&self, id: SocketId) -> Option<usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id).ok()
    }

    fn take(&mut self, id: SocketId) -> Option<Entry> {
        let entry = self.position(id).map(|position| self.entries.remove(position))?;
        // So that it does not count as a member after waking, while it is still closing.
        let _ = entry.socket.serialize_attachment(JsValue::NULL);
        Some(entry)
    }
}

impl Sockets for RuntimeSockets {
    type Handle = WebSocket;

    fn add(&mut self, socket: WebSocket, member: Member) -> Result<SocketId, NotAccepted> {
        let attachment = Attachment { socket: SocketId(self.next_id), member };
        if !runtime::accept(&self.state, &socket, &attachment.to_text()) {
            return Err(NotAccepted);
        }
        let Attachment { socket: id, member } = attachment;
        self.entries.push(Entry { id, socket, member, allowance: Allowance::default() });
        self.next_id = self.next_id.wrapping_add(1);
        Ok(id)
    }

    fn count(&self) -> usize {
        self.entries.len()
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.entries.iter().map(|entry| &entry.member)
    }

    fn fan_out<C: IntoIterator<Item = usize>>(
        &mut self,
        frames: &[impl AsRef<str>],
        mut choose: impl FnMut(SocketId, &Member) -> C,
    ) -> usize {
        let texts: Vec<JsString> = frames.iter().map(|frame| frame.as_ref().into()).collect();
        let mut taken = 0;
        for Entry { id, socket, member, .. } in &self.entries {
            let mut took = false;
            for text in choose(*id, member).into_iter().filter_map(|place| texts.get(place)) {
                took |= runtime::send(socket, text);
            }
            taken += usize::from(took);
        }
        taken
    }

    fn send(&mut self, to: SocketId, frame: &str) {
        if let Some(entry) = self.position(to).and_then(|position| self.entries.get(position)) {
            runtime::send(&entry.socket, &frame.into());
        }
    }

    fn remove(&mut self, socket: SocketId) -> Option<Member> {
        self.take(socket).map(|entry| entry.member)
    }

    fn select(&self, is_meant: impl Fn(&Member) -> bool) -> Vec<SocketId> {
        let meant = self.entries.iter().filter(|entry| is_meant(&entry.member));
        meant.map(|entry| entry.id).collect()
    }

    fn member(&self, socket: SocketId) -> Option<&Member> {
        let entry = self.position(socket).and_then(|at| self.entries.get(at));
        entry.map(|entry| &entry.member)
    }

    fn replace(&mut self, socket: SocketId, member: Member) {
        let Some(entry) = self.position(socket).and_then(|at| self.entries.get_mut(at)) else {
            return;
        };
        let attachment = Attachment { socket, member };
        let _ = entry.socket.serialize_attachment(attachment.to_text().into());
        entry.member = attachment.member;
    }

    fn allowance(&mut self, socket: SocketId) -> Option<&mut Allowance> {
        let at = self.position(socket)?;
        self.entries.get_mut(at).map(|entry| &mut entry.allowance)
    }

    fn close(&mut self, socket: SocketId, closing: Closing) -> Option<Member> {
        let entry = self.take(socket)?;
        let _ = entry.socket.close_with_code_and_reason(closing.code.number, &closing.reason());
        Some(entry.member)
    }

    fn last_ping(&self, socket: SocketId) -> Option<Millis> {
        let entry = self.entries.get(self.position(socket)?)?;
        let last = self.state.auto_response_timestamp(&entry.socket)?;
        Some(last.get_time() as Millis)
    }
}

/// The room's id for a socket; `None` if it was removed. The rest of the attachment is not read: its member is in memory,
/// and it can be a thousand times as long.
pub fn id_of(socket: &WebSocket) -> Option<SocketId> {
    runtime::number_of(socket).map(SocketId)
}

/// Answers a client's close frame with its own code and reason, or without a code if no frame may carry
/// it (P6.3).
pub fn answer_close(socket: &WebSocket, code: u16, reason: &str) {
    // It throws if the socket is already closed: then there is nobody to answer.
    let _ = if may_be_sent(code) {
        socket.close_with_code_and_reason(code, reason)
    } else {
        socket.close()
    };
}
