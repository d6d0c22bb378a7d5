//! The terminal: set up, put back on every way out, and its keys in our own words.

mod input;

use std::{
    fmt, io,
    io::Write as _,
    panic,
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    cursor::Show,
    event::{
        DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
        EnableFocusChange,
    },
    execute, queue,
    style::Print,
    terminal::{
        self, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    },
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend, layout::Rect};

use crate::event::Size;

pub use input::read_events;

/// xterm's stack of window titles: the old one comes back.
const PUSH_TITLE: &str = "\x1b[22;2t";
const POP_TITLE: &str = "\x1b[23;2t";
/// Buttons, the wheel and drags; not every move of the mouse, as crossterm would ask for.
const CAPTURE_MOUSE: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";

/// Whether the terminal is ours at the moment, also for the panic hook.
static SET_UP: AtomicBool = AtomicBool::new(false);

/// The terminal as a screen. When it is dropped the terminal is as it was.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Output>>,
    title: String,
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("title", &self.title).finish_non_exhaustive()
    }
}

impl Screen {
    /// Takes the terminal over. `title` must be safe text: it goes into an escape sequence.
    pub fn set_up(title: String) -> io::Result<Self> {
        put_back_before_panic_messages();
        let backend = CrosstermBackend::new(Output::default());
        let mut screen = Self { terminal: Terminal::new(backend)?, title };
        screen.enter()?;
        Ok(screen)
    }

    fn enter(&mut self) -> io::Result<()> {
        SET_UP.store(true, Ordering::SeqCst);
        terminal::enable_raw_mode()?;
        execute!(
            self.terminal.backend_mut(),
            EnterAlternateScreen,
            // The right column is ours; a terminal that wraps there would scroll the screen.
            DisableLineWrap,
            EnableBracketedPaste,
            EnableFocusChange,
            Print(CAPTURE_MOUSE),
            Print(PUSH_TITLE),
            SetTitle(&self.title),
        )
    }

    /// The size, in cells.
    pub fn size(&self) -> io::Result<Size> {
        let size = self.terminal.size()?;
        Ok(Size { columns: size.width, rows: size.height })
    }

    /// Draws what has changed, in one write.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(view).map(|_| ())
    }

    /// Draws everything at the next [`Self::draw`], whatever is there.
    /// (`Terminal::clear` would ask for the cursor's position, and the reader of keys would
    /// swallow the answer.)
    pub fn forget(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Rings the bell.
    pub fn ring(&mut self) -> io::Result<()> {
        let backend = self.terminal.backend_mut();
        backend.write_all(b"\x07")?;
        io::Write::flush(backend)
    }

    /// Puts the terminal back until [`Self::resume`].
    pub fn pause(&mut self) {
        put_back();
    }

    /// Takes the terminal over again.
    pub fn resume(&mut self) -> io::Result<()> {
        // Whoever stopped us from outside did so without `pause`: begin from a known state.
        put_back();
        self.enter()?;
        self.forget()
    }
}

/// Collects a frame and sends it in one write. When the terminal has been put back, what is
/// left of a frame goes nowhere: it would be garbage on the shell's screen.
#[derive(Default)]
struct Output {
    frame: Vec<u8>,
}

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        let sent = if SET_UP.load(Ordering::SeqCst) {
            stdout.write_all(&self.frame).and_then(|()| stdout.flush())
        } else {
            Ok(())
        };
        self.frame.clear();
        sent
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        put_back();
    }
}

/// Puts the terminal back, once, whoever calls first. What fails here fails because the
/// terminal is gone.
fn put_back() {
    if !SET_UP.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut stdout = io::stdout();
    let _ = queue!(
        stdout,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        EnableLineWrap,
        Print(POP_TITLE),
        LeaveAlternateScreen,
        Show,
    );
    let _ = stdout.flush();
    let _ = terminal::disable_raw_mode();
}

fn put_back_before_panic_messages() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            put_back();
            print(info);
        }));
    });
}
