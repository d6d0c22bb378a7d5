//! The other end of a pseudo-terminal: what a program writes becomes a screen, and what it asks
//! is answered.

use std::{
    io::{Read, Write},
    num::NonZeroU16,
    sync::{Condvar, Mutex},
    time::{Duration, Instant},
};

use vt100::{Callbacks, Parser, Screen};

/// What a terminal says when a program asks it.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// Its background: `rgb:1010/1010/1010`. `None`, and it does not know the question.
    pub background: Option<&'static str>,
    /// Whether it says what kind of terminal it is, as all do that deserve the name.
    pub has_kind: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self { background: Some("rgb:1010/1010/1010"), has_kind: true }
    }
}

/// What the reading thread and the test share.
pub(super) struct Shared {
    pub(super) inner: Mutex<Inner>,
    changed: Condvar,
}

pub(super) struct Inner {
    pub(super) parser: Parser<Answers>,
    pub(super) recorded: Vec<u8>,
    pub(super) writer: Option<Box<dyn Write + Send>>,
    pub(super) at_end: bool,
    pub(super) is_closed: bool,
}

impl Shared {
    pub(super) fn new(
        columns: u16,
        rows: u16,
        writer: Box<dyn Write + Send>,
        manners: Manners,
    ) -> Self {
        let answers = Answers { manners, pending: Vec::new() };
        let parser = Parser::new_with_callbacks(nonzero(rows), nonzero(columns), 0, answers);
        let (recorded, writer) = (Vec::new(), Some(writer));
        let inner = Inner { parser, recorded, writer, at_end: false, is_closed: false };
        Self { inner: Mutex::new(inner), changed: Condvar::new() }
    }

    /// Reads until the end, which on Linux is an error.
    pub(super) fn read(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = [0; 8192];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            let mut inner = self.inner.lock().expect("no panic");
            inner.take(&buffer[..count]);
            self.changed.notify_all();
            if inner.is_closed {
                break;
            }
        }
        drop(reader);
        self.inner.lock().expect("no panic").at_end = true;
        self.changed.notify_all();
    }

    pub(super) fn write(&self, bytes: &[u8]) {
        self.inner.lock().expect("no panic").write(bytes);
    }

    /// The rows when the condition held, or those at the deadline.
    pub(super) fn wait_until(
        &self,
        limit: Duration,
        is_so: impl Fn(&Inner) -> bool,
    ) -> Result<Vec<String>, Vec<String>> {
        let deadline = Instant::now() + limit;
        let mut inner = self.inner.lock().expect("no panic");
        loop {
            if is_so(&inner) {
                return Ok(rows(inner.parser.screen()));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(rows(inner.parser.screen()));
            }
            inner = self.changed.wait_timeout(inner, left).expect("no panic").0;
        }
    }
}

impl Inner {
    fn take(&mut self, bytes: &[u8]) {
        self.recorded.extend_from_slice(bytes);
        self.parser.process(bytes);
        let answers = std::mem::take(&mut self.parser.callbacks_mut().pending);
        self.write(&answers);
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(writer) = &mut self.writer
            && !bytes.is_empty()
        {
            let _ = writer.write_all(bytes).and_then(|()| writer.flush()); // It may have ended.
        }
    }
}

/// What a terminal answers when a program asks.
pub(super) struct Answers {
    manners: Manners,
    pending: Vec<u8>,
}

impl Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut Screen,
        first: Option<u8>,
        _second: Option<u8>,
        params: &[&[u16]],
        last: char,
    ) {
        let (row, column) = screen.cursor_position();
        match (first, params, last) {
            (None, [[6]], 'n') => {
                self.pending.extend(format!("\x1b[{};{}R", row + 1, column + 1).bytes());
            }
            (None, [[5]], 'n') => self.pending.extend(b"\x1b[0n"),
            (None, _, 'c') if self.manners.has_kind => self.pending.extend(b"\x1b[?62;22c"),
            _ => {}
        }
    }

    fn unhandled_osc(&mut self, _screen: &mut Screen, params: &[&[u8]]) {
        if let (Some(background), [b"11", b"?"]) = (self.manners.background, params) {
            self.pending.extend(format!("\x1b]11;{background}\x1b\\").bytes());
        }
    }
}

/// Its rows, without blanks at their ends.
pub(super) fn rows(screen: &Screen) -> Vec<String> {
    let (_, columns) = screen.size();
    screen.rows(0, columns.get()).map(|row| row.trim_end().to_owned()).collect()
}

pub(super) fn nonzero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a terminal has a size")
}
