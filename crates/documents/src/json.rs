//! JSON, taken apart one level deep. It is written by hand because `serde_json` would be a fifth of the
//! module, and it does not recurse: values are nested as deeply as a client likes.

/// One field of an object, as its bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    /// The key with its quotes and escapes.
    pub key: &'a str,
    /// The value.
    pub value: &'a str,
}

impl Field<'_> {
    /// Whether the key is this name of small letters, in whatever way it is spelt.
    pub fn is(&self, name: &str) -> bool {
        let spelt = self.key.get(1..self.key.len().saturating_sub(1)).unwrap_or_default();
        let (mut rest, mut name) = (spelt.as_bytes(), name.bytes());
        while let Some(letter) = first_letter(&mut rest) {
            if name.next() != Some(letter) {
                return false;
            }
        }
        rest.is_empty() && name.next().is_none()
    }
}

/// Takes the first letter off a spelling, if it is ASCII. Of the escapes only `\u` can stand for a letter.
fn first_letter(rest: &mut &[u8]) -> Option<u8> {
    let (letter, after) = match rest {
        [b'\\', b'u', hex @ ..] => {
            let (hex, after) = hex.split_at_checked(4)?;
            let code = u32::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
            (u8::try_from(code).ok()?, after)
        }
        [letter, after @ ..] if letter.is_ascii() && *letter != b'\\' => (*letter, after),
        _ => return None,
    };
    *rest = after;
    Some(letter)
}

/// Deeper values would end a client: it writes what it reads with a function that calls itself for each level.
const MAX_DEPTH: usize = 128;

/// Whether the text is exactly one value, and not nested too deeply for clients.
pub(crate) fn is_value(json: &str) -> bool {
    let mut scanner = Scanner { json, at: 0, depth: 0 };
    scanner.value().is_some() && scanner.is_at_end() && scanner.depth <= MAX_DEPTH
}

/// The fields of an object in their order; `None` unless the text is exactly one object.
pub(crate) fn fields(json: &str) -> Option<Vec<Field<'_>>> {
    let mut scanner = Scanner { json, at: 0, depth: 0 };
    let mut fields = Vec::new();
    scanner.expect(b'{')?;
    if !scanner.takes(b'}') {
        loop {
            let key = scanner.key()?;
            let value = scanner.value()?;
            fields.push(Field { key, value });
            if scanner.takes(b'}') {
                break;
            }
            scanner.expect(b',')?;
        }
    }
    scanner.is_at_end().then_some(fields)
}

struct Scanner<'a> {
    json: &'a str,
    at: usize,
    /// Of what was read, at its deepest.
    depth: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn is_at_end(&mut self) -> bool {
        self.skip_blanks();
        self.at == self.json.len()
    }

    /// Whether `wanted` comes next, apart from white space. It is taken if it does.
    fn takes(&mut self, wanted: u8) -> bool {
        self.skip_blanks();
        let is_next = self.peek() == Some(wanted);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        self.takes(wanted).then_some(())
    }

    /// A key and its colon.
    fn key(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at - 1;
        self.finish_text()?;
        let key = self.json.get(start..self.at)?;
        self.expect(b':')?;
        Some(key)
    }

    /// A value with everything in it.
    fn value(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let start = self.at;
        let mut closers = Vec::new();
        loop {
            if !self.opens(&mut closers)? && !self.closes(&mut closers)? {
                return self.json.get(start..self.at);
            }
            self.depth = self.depth.max(closers.len());
        }
    }

    /// Takes a value without parts, or the start of one with parts: true if its first part comes next.
    fn opens(&mut self, closers: &mut Vec<u8>) -> Option<bool> {
        self.skip_blanks();
        match self.next()? {
            b'{' if !self.takes(b'}') => {
                self.key()?;
                closers.push(b'}');
                return Some(true);
            }
            b'[' if !self.takes(b']') => {
                closers.push(b']');
                return Some(true);
            }
            b'{' | b'[' => {}
            b'"' => self.finish_text()?,
            b't' => self.finish_word("rue")?,
            b'f' => self.finish_word("alse")?,
            b'n' => self.finish_word("ull")?,
            first => self.finish_number(first)?,
        }
        Some(false)
    }

    /// Takes what follows a value: true if it is another part of what the value is in.
    fn closes(&mut self, closers: &mut Vec<u8>) -> Option<bool> {
        while let Some(closer) = closers.last().copied() {
            if self.takes(b',') {
                if closer == b'}' {
                    self.key()?;
                }
                return Some(true);
            }
            self.expect(closer)?;
            closers.pop();
        }
        Some(false)
    }

    fn finish_word(&mut self, rest: &str) -> Option<()> {
        let has_it = self.json.as_bytes().get(self.at..)?.starts_with(rest.as_bytes());
        self.at += rest.len();
        has_it.then_some(())
    }

    fn finish_text(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            self.next().filter(u8::is_ascii_hexdigit)?;
                        }
                    }
                    _ => return None,
                },
                0..b' ' => return None,
                _ => {}
            }
        }
    }

    fn finish_number(&mut self, first: u8) -> Option<()> {
        let first = if first == b'-' { self.next()? } else { first };
        match first {
            b'0' => {}
            b'1'..=b'9' => self.skip_digits(),
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        self.next().filter(u8::is_ascii_digit)?;
        self.skip_digits();
        Some(())
    }

    fn skip_digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests;
