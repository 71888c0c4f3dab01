//! The body of the Durable Object: turns runtime events into calls to the document.

use std::cell::{Cell, RefCell};

use js_sys::{ArrayBuffer, Date};
use validiant_core::Millis;
use validiant_core::member::SocketId;
use validiant_core::names::DocId;
use validiant_core::room_call::document::{Errand, Purpose, changed};
use validiant_core::wire::client_message::AUTO_PING;
use validiant_core::wire::close_code::{CloseCode, may_be_sent};
use validiant_core::wire::frame::AUTO_PONG;
use validiant_documents::room::{Due, Incoming, Release};
use wasm_bindgen::prelude::*;

use crate::frame::Frame;
use crate::host::{HostAnswers, HostLog, HostSockets, HostStorage};
#[cfg(feature = "planted-panic")]
use crate::planted_panic;
use crate::settings;
use crate::sockets::RuntimeSockets;
use crate::storage::RuntimeStorage;

/// See [`Document::pending`].
const TO_BE_WRITTEN: u8 = 1;
const TO_BE_COMPACTED: u8 = 2;
const TO_BE_RELEASED: u8 = 4;
const TO_BE_RESET: u8 = 8;

pub type RuntimeDocument = validiant_documents::room::Document<RuntimeSockets, RuntimeStorage>;

/// The body of the Durable Object. `document-room.js` keeps one for each object and WASM instance.
#[wasm_bindgen]
pub struct Document {
    pub(crate) id: DocId,
    pub(crate) answers: HostAnswers,
    pub(crate) log: HostLog,
    max_bytes: usize,
    /// In how many milliseconds to write.
    write_in: Cell<Millis>,
    pub(crate) release: Cell<Option<Release>>,
    document: RefCell<RuntimeDocument>,
}

#[wasm_bindgen]
impl Document {
    /// Called for the first event in each life of the object, and after each trap. Does not touch the storage.
    ///
    /// # Errors
    /// The settings or the id are not those of a document.
    #[wasm_bindgen(constructor)]
    pub fn new(
        id: &str,
        settings: &str,
        sockets: HostSockets,
        storage: HostStorage,
        log: HostLog,
        answers: HostAnswers,
    ) -> Result<Self, JsValue> {
        let id = DocId::parse(id).map_err(|_| js_sys::Error::new("no document id"))?;
        let settings = settings::read(settings).ok_or_else(|| js_sys::Error::new("no settings"))?;
        // The runtime keeps this during hibernation, but not after a reset.
        sockets.answer_pings(AUTO_PING, AUTO_PONG);
        let storage = RuntimeStorage::new(storage, log.clone());
        let sockets = RuntimeSockets::wake(sockets);
        let document = RuntimeDocument::wake(settings, sockets, storage, now()).into();
        let (write_in, release, max_bytes) = (Cell::default(), Cell::default(), settings.max_bytes);
        Ok(Self { id, answers, log, max_bytes, write_in, release, document })
    }

    /// What the caller has to do now: [`TO_BE_WRITTEN`] if it must call [`Self::write`] after [`Self::write_in`];
    /// [`TO_BE_COMPACTED`] if it must call [`Self::begin_compaction`]; [`TO_BE_RELEASED`] if [`Self::release`] has an
    /// errand for the project's room; [`TO_BE_RESET`] if it must reset the object. One number, because it is asked after
    /// every call.
    pub fn pending(&self) -> u8 {
        self.with(|document, now| {
            let Due { write_in, compact, release, trouble } = document.take_due(now);
            self.write_in.set(write_in.unwrap_or_default());
            self.release.set(release.or(self.release.take()));
            trouble.into_iter().for_each(|trouble| self.log.trouble(trouble));
            let bit = |is_so, bit| if is_so { bit } else { 0 };
            bit(write_in.is_some(), TO_BE_WRITTEN)
                | bit(compact, TO_BE_COMPACTED)
                | bit(self.release.get().is_some(), TO_BE_RELEASED)
                | bit(document.must_be_reset(), TO_BE_RESET)
        })
    }

    /// In how many milliseconds to write.
    #[wasm_bindgen(js_name = writeIn)]
    pub fn write_in(&self) -> f64 {
        self.write_in.get() as f64
    }

    /// Writes what has gathered.
    pub fn write(&self) {
        self.with(|document, now| document.write(now));
    }

    /// The errand that tells the project's room that nobody has the document open.
    pub fn release(&self) -> Option<String> {
        let purpose = match self.release.take()? {
            Release::Kept => Purpose::Release,
            Release::Empty => Purpose::Forget,
        };
        Some(Errand { document: self.id.clone(), purpose }.to_header())
    }

    /// Handles a binary frame from a client.
    pub fn message(&self, socket: u32, frame: ArrayBuffer) {
        let incoming = if frame.byte_length() as usize > self.max_bytes {
            Incoming::TooBig
        } else {
            Incoming::Binary(Frame::received(frame))
        };
        #[cfg(feature = "planted-panic")]
        if let Incoming::Binary(frame) = &incoming {
            planted_panic::trip(planted_panic::IN_FRAME, frame.as_ref());
        }
        self.take(socket, incoming);
    }

    /// Handles a text frame from a client, which nobody reads.
    pub fn text(&self, socket: u32) {
        self.take(socket, Incoming::Text);
    }

    /// A socket has ended. Returns whether its close may be answered with the same code.
    pub fn closed(&self, socket: u32, code: u16) -> bool {
        self.with(|document, now| {
            if let Some(visitor) = document.leave(SocketId(socket), now) {
                self.log.leave(document, &visitor, code);
            }
        });
        may_be_sent(code)
    }

    /// The alarm has gone off. Returns when the change came that the project's room must be told, if there is one.
    pub fn alarm(&self) -> Option<f64> {
        self.with(|document, now| {
            let alarmed = document.alarm(now);
            self.log.leave_all(document, &alarmed.silent, CloseCode::TRY_AGAIN);
            self.log.leave_all(document, &alarmed.expired, CloseCode::TOKEN_EXPIRED);
            alarmed.change.map(|change| change as f64)
        })
    }

    /// The broadcast that tells the project of a change.
    #[wasm_bindgen(js_name = changedBody)]
    pub fn changed_body(&self) -> String {
        changed(&self.id)
    }

    /// The project's room was told of the change that [`Self::alarm`] returned.
    pub fn told(&self, change: f64) {
        self.with(|document, now| document.told(change as Millis, now));
    }

    /// The project's room could not be told.
    #[wasm_bindgen(js_name = notTold)]
    pub fn not_told(&self) {
        self.with(|document, now| document.not_told(now));
    }

    /// Marks that a compaction begins. If it does, the caller waits until that is durable, and calls [`Self::compact`].
    #[wasm_bindgen(js_name = beginCompaction)]
    pub fn begin_compaction(&self) -> bool {
        self.with(|document, _| document.begin_compaction())
    }

    /// Replaces the log of updates by a snapshot.
    pub fn compact(&self) {
        self.with(|document, now| {
            #[cfg(feature = "planted-panic")]
            planted_panic::trip(planted_panic::IN_COMPACTION, &document.read().unwrap_or_default());
            self.log.compaction(document.compact(now).ok());
        });
    }
}

impl Document {
    /// Runs `act` on the document. Nothing calls back into it, and after a trap this memory is not used any more.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut RuntimeDocument, Millis) -> T) -> T {
        act(&mut self.document.borrow_mut(), now())
    }

    fn take(&self, socket: u32, incoming: Incoming<Frame>) {
        self.with(|document, now| {
            if let Some(closed) = document.message(SocketId(socket), incoming, now) {
                self.log.refuse(closed.closing);
                self.log.leave(document, &closed.visitor, closed.closing.code.number);
            }
        });
    }
}

/// The time of the current event, in milliseconds since the Unix epoch.
fn now() -> Millis {
    Date::now() as Millis
}
