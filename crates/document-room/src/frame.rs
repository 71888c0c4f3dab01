//! A frame in both memories: ours, in which it is read, and the runtime's, from which it is sent.

use std::cell::OnceCell;

use js_sys::{ArrayBuffer, Uint8Array};

/// A binary frame. One that came in crosses once, on its way in: the runtime's own buffer goes to every other socket. One
/// of ours crosses when it is first sent.
pub struct Frame {
    bytes: Vec<u8>,
    buffer: OnceCell<ArrayBuffer>,
}

impl Frame {
    /// A frame that came in.
    pub fn received(buffer: ArrayBuffer) -> Self {
        Self { bytes: Uint8Array::new(&buffer).to_vec(), buffer: buffer.into() }
    }

    /// The buffer to send.
    pub fn buffer(&self) -> &ArrayBuffer {
        self.buffer.get_or_init(|| Uint8Array::from(self.bytes.as_slice()).buffer())
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Vec<u8>> for Frame {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, buffer: OnceCell::new() }
    }
}
