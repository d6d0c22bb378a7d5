//! The terminal: set up, put back on every way out, and its keys in our own words.

mod input;
mod osc;
mod painter;
mod pen;
mod scroll;

use std::{
    env, io,
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
    queue,
    style::Print,
    terminal::{self, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen},
};

use crate::{event::Size, notify::Notice, view::Canvas};
use osc::Osc;
use painter::{Ability, Painter};
use pen::Palette;

pub use input::Input;

/// xterm's stack of window titles: the old one comes back.
const PUSH_TITLE: &str = "\x1b[22;2t";
const POP_TITLE: &str = "\x1b[23;2t";
/// Buttons, the wheel and drags; not every move of the mouse, as crossterm would ask for.
const CAPTURE_MOUSE: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";

/// Whether the terminal is ours at the moment, also for the panic hook.
static SET_UP: AtomicBool = AtomicBool::new(false);

/// The terminal as a screen. When it is dropped the terminal is as it was.
#[derive(Debug)]
pub struct Screen {
    painter: Painter,
    osc: Osc,
}

impl Screen {
    /// Takes the terminal over.
    pub fn set_up() -> io::Result<Self> {
        put_back_before_panic_messages();
        let osc = Osc::of(|name| env::var(name).ok());
        // Made before, so that a failure in the middle puts back what was done.
        let screen = Self { painter: Painter::new(ability()), osc };
        enter()?;
        Ok(screen)
    }

    /// The size, in cells.
    pub fn size(&self) -> io::Result<Size> {
        let (columns, rows) = terminal::size()?;
        Ok(Size { columns, rows })
    }

    /// Draws what has changed, in one write; nothing if nothing has.
    pub fn draw(&mut self, view: impl FnOnce(&mut Canvas)) -> io::Result<()> {
        let bytes = self.painter.paint(view);
        if bytes.is_empty() { Ok(()) } else { send(&bytes) }
    }

    /// Draws everything at the next [`Self::draw`], whatever is there.
    pub fn forget(&mut self) {
        self.painter.forget();
    }

    /// Tells the user, who is not looking.
    pub fn notify(&mut self, notice: &Notice) -> io::Result<()> {
        send(self.osc.notify(notice).as_bytes())
    }

    /// Puts this into the clipboard, as far as the terminal does that. What is too much for it
    /// is not copied.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        self.osc.copy(text).map_or(Ok(()), |sequence| send(sequence.as_bytes()))
    }

    /// Puts the terminal back until [`Self::resume`].
    pub fn pause(&mut self) {
        put_back();
    }

    /// Takes the terminal over again.
    pub fn resume(&mut self) -> io::Result<()> {
        // Whoever stopped us from outside did so without `pause`: begin from a known state.
        put_back();
        enter()?;
        self.forget();
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        put_back();
    }
}

/// What the environment says of the terminal. For `NO_COLOR` the convention of
/// <https://no-color.org>: set, and not to nothing.
fn ability() -> Ability {
    let is_plain = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let palette = if is_plain { Palette::Plain } else { Palette::Colours };
    let term = env::var("TERM").unwrap_or_default();
    let scrolls = term != "dumb" && !term.is_empty();
    // The console has no window; old ones showed a title as text.
    Ability { palette, scrolls, osc: scrolls && term != "linux" }
}

/// Writes to the terminal, in one write. When it has been put back, what is left of a frame
/// goes nowhere: it would be garbage on the shell's screen.
fn send(bytes: &[u8]) -> io::Result<()> {
    if !SET_UP.load(Ordering::SeqCst) {
        return Ok(());
    }
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

fn enter() -> io::Result<()> {
    SET_UP.store(true, Ordering::SeqCst);
    terminal::enable_raw_mode()?;
    let mut bytes = Vec::new();
    queue!(
        bytes,
        EnterAlternateScreen,
        // The right column is ours; a terminal that wraps there would scroll the screen.
        DisableLineWrap,
        EnableBracketedPaste,
        EnableFocusChange,
        Print(CAPTURE_MOUSE),
        Print(PUSH_TITLE),
    )?;
    send(&bytes)
}

/// Puts the terminal back, once, whoever calls first. What fails here fails because the
/// terminal is gone.
fn put_back() {
    if !SET_UP.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut bytes = Vec::new();
    let _ = queue!(
        bytes,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        EnableLineWrap,
        Print(POP_TITLE),
        LeaveAlternateScreen,
        Show,
    );
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(&bytes).and_then(|()| stdout.flush());
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

/// The bytes of a first frame, for tests of what is in it.
#[cfg(test)]
pub(crate) fn painted(view: impl FnOnce(&mut Canvas)) -> Vec<u8> {
    let ability = Ability { palette: Palette::Colours, scrolls: true, osc: true };
    Painter::new(ability).paint(view)
}
