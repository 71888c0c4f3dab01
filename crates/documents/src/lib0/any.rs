use super::{MAX_UINT, Reader, Unreadable};

/// How deep arrays and objects may be nested.
const MAX_DEPTH: u32 = 128;

const UNDEFINED: u8 = 127;
const NULL: u8 = 126;
const INTEGER: u8 = 125;
const FLOAT32: u8 = 124;
const FLOAT64: u8 = 123;
const BIGINT: u8 = 122;
const FALSE: u8 = 121;
const TRUE: u8 = 120;
const STRING: u8 = 119;
const OBJECT: u8 = 118;
const ARRAY: u8 = 117;
const BYTES: u8 = 116;

impl Reader<'_> {
    /// Reads over a value of any type, and checks that a client can read it.
    pub fn skip_any(&mut self) -> Result<(), Unreadable> {
        self.skip_nested(MAX_DEPTH)
    }

    /// Reads over an object.
    pub fn skip_object(&mut self) -> Result<(), Unreadable> {
        match self.rest().first() {
            Some(&OBJECT) => self.skip_any(),
            _ => Err(Unreadable),
        }
    }

    fn skip_nested(&mut self, depth: u32) -> Result<(), Unreadable> {
        match self.byte()? {
            UNDEFINED | NULL | FALSE | TRUE => {}
            INTEGER => self.skip_int()?,
            FLOAT32 => _ = self.bytes(4)?,
            FLOAT64 | BIGINT => _ = self.bytes(8)?,
            STRING => _ = self.text()?,
            BYTES => _ = self.var_bytes()?,
            OBJECT => {
                let depth = depth.checked_sub(1).ok_or(Unreadable)?;
                for _ in 0..self.count(2)? {
                    self.text()?;
                    self.skip_nested(depth)?;
                }
            }
            ARRAY => {
                let depth = depth.checked_sub(1).ok_or(Unreadable)?;
                for _ in 0..self.count(1)? {
                    self.skip_nested(depth)?;
                }
            }
            _ => return Err(Unreadable),
        }
        Ok(())
    }

    /// Reads over a `varInt`: the first byte has a sign and 6 bits.
    fn skip_int(&mut self) -> Result<(), Unreadable> {
        let first = self.byte()?;
        let low = u64::from(first & 0x3f);
        if first < 0x80 {
            return Ok(());
        }
        let high = self.uint()?;
        if high <= (MAX_UINT - low) >> 6 { Ok(()) } else { Err(Unreadable) }
    }
}
