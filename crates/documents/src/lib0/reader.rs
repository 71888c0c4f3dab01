use super::{MAX_UINT, Unreadable};

/// Reads from the start of the bytes that are left.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads `bytes` from the start.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// What has been read since the reader was as `earlier`.
    pub fn since(&self, earlier: &Self) -> &'a [u8] {
        let read = earlier.rest.len().saturating_sub(self.rest.len());
        earlier.rest.get(..read).unwrap_or_default()
    }

    /// That everything has been read.
    pub fn end(&self) -> Result<(), Unreadable> {
        if self.rest.is_empty() { Ok(()) } else { Err(Unreadable) }
    }

    /// One byte.
    pub fn byte(&mut self) -> Result<u8, Unreadable> {
        let (&byte, rest) = self.rest.split_first().ok_or(Unreadable)?;
        self.rest = rest;
        Ok(byte)
    }

    /// A number of up to 53 bits: `varUint`.
    pub fn uint(&mut self) -> Result<u64, Unreadable> {
        let mut value = 0;
        for shift in (0..56).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return if value <= MAX_UINT { Ok(value) } else { Err(Unreadable) };
            }
        }
        Err(Unreadable)
    }

    /// A number of things that follow, each of which takes at least `least` bytes.
    pub fn count(&mut self, least: usize) -> Result<u64, Unreadable> {
        let count = self.uint()?;
        let fits =
            usize::try_from(count).is_ok_and(|count| count <= self.rest.len() / least.max(1));
        if fits { Ok(count) } else { Err(Unreadable) }
    }

    /// The next `len` bytes.
    pub fn bytes(&mut self, len: u64) -> Result<&'a [u8], Unreadable> {
        let len = usize::try_from(len).map_err(|_| Unreadable)?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Unreadable)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Bytes after their length: `varBytes`.
    pub fn var_bytes(&mut self) -> Result<&'a [u8], Unreadable> {
        let len = self.uint()?;
        self.bytes(len)
    }

    /// A text after its length in UTF-8: `varString`. JavaScript clients read nothing but strict UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Unreadable> {
        std::str::from_utf8(self.var_bytes()?).map_err(|_| Unreadable)
    }
}
