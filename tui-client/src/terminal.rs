//! The terminal: set up, put back on every way out, and its keys in our own words.

mod answers;
mod frames;
mod input;
mod osc;
mod painter;
mod pen;
mod probe;
mod scroll;
mod sieve;
mod terminfo;

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

use crate::{
    event::{Event, Size},
    notify::Notice,
    theme::{Depth, Ground},
    view::Canvas,
};
use osc::Osc;
use painter::{Ability, Painter};

pub use frames::Frames;
pub use input::Input;

/// xterm's stack of window titles: the old one comes back.
const PUSH_TITLE: &str = "\x1b[22;2t";
const POP_TITLE: &str = "\x1b[23;2t";
/// Buttons, the wheel and drags; not every move of the mouse, as crossterm would ask for.
const CAPTURE_MOUSE: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// A wheel of which we are not told must not press arrow keys, which would go to the draft. How it
/// was is kept by the terminal.
const MUTE_WHEEL: &str = "\x1b[?1007s\x1b[?1007l";
/// As nearly all terminals have it that know the mode; then, where they have kept it, as it was.
const UNMUTE_WHEEL: &str = "\x1b[?1007h\x1b[?1007r";

/// Whether the terminal is ours at the moment, also for the panic hook.
static SET_UP: AtomicBool = AtomicBool::new(false);

/// The terminal as a screen. When it is dropped the terminal is as it was.
#[derive(Debug)]
pub struct Screen {
    painter: Painter,
    osc: Osc,
    ground: Ground,
    /// Whether the terminal is asked for its colours.
    asks: bool,
    /// What was typed while it was asked.
    typed: Vec<Event>,
    /// Whether it has not answered yet.
    is_owed: bool,
    /// Whether the terminal tells of the mouse.
    has_mouse: bool,
}

impl Screen {
    /// Takes the terminal over.
    pub fn set_up() -> io::Result<Self> {
        put_back_before_panic_messages();
        let variable = |name: &str| env::var(name).ok();
        let osc = Osc::of(variable);
        let described = variable("TERM").and_then(|term| terminfo::colours(&term));
        let ground = Ground::of(variable, described);
        let ability = ability();
        // The console has nothing to say, and where there are no colours it would not matter.
        let asks = ability.osc && ground.depth != Depth::Mono;
        let (painter, typed, is_owed) = (Painter::new(ability), Vec::new(), false);
        // Made before, so that a failure in the middle puts back what was done.
        let mut screen = Self { painter, osc, ground, asks, typed, is_owed, has_mouse: false };
        SET_UP.store(true, Ordering::SeqCst);
        terminal::enable_raw_mode()?;
        screen.ask()?;
        enter()?;
        Ok(screen)
    }

    /// Asks the terminal for its colours and waits for the answers, before its keys are read.
    fn ask(&mut self) -> io::Result<()> {
        if !self.asks {
            return Ok(());
        }
        let answers = probe::ask()?;
        let (told, typed) = answers.sorted();
        for told in told {
            self.ground.hear(told);
        }
        (self.typed, self.is_owed) = (typed, !answers.are_all());
        Ok(())
    }

    /// What is known of its colours from the start.
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// Begins to read what is typed.
    pub fn input(&mut self) -> io::Result<Input> {
        let is_owed = std::mem::take(&mut self.is_owed);
        Input::start(std::mem::take(&mut self.typed), is_owed)
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

    /// Draws everything at the next [`Self::draw`], and asks for colours again: the user, or the
    /// time of day, may have chosen others. The answers come as events.
    pub fn repaint(&mut self) -> io::Result<()> {
        self.forget();
        if self.asks { send(answers::ASK.as_bytes()) } else { Ok(()) }
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

    /// Has the terminal tell of the mouse, or leaves it to the terminal.
    pub fn set_mouse(&mut self, is_told: bool) -> io::Result<()> {
        self.has_mouse = is_told;
        let mut bytes = Vec::new();
        if is_told {
            queue!(bytes, Print(CAPTURE_MOUSE))?;
        } else {
            queue!(bytes, DisableMouseCapture)?;
        }
        send(&bytes)
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
        self.repaint()?;
        self.set_mouse(self.has_mouse)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        put_back();
    }
}

/// What the environment says of the terminal.
fn ability() -> Ability {
    let term = env::var("TERM").unwrap_or_default();
    let scrolls = term != "dumb" && !term.is_empty();
    // The console has no window; old ones showed a title as text.
    Ability { scrolls, osc: scrolls && term != "linux" }
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
        Print(MUTE_WHEEL),
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
        Print(UNMUTE_WHEEL),
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
    Frames::new().paint(view)
}
