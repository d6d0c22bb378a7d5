//! The terminal: set up, put back on every way out, and its keys in our own words.

use std::{
    fmt, io,
    io::{PipeReader, PipeWriter, Write as _},
    panic,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use crossterm::{
    cursor::Show,
    event as input,
    event::{
        DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
        EnableFocusChange, KeyEventKind, KeyModifiers, MouseEventKind,
    },
    execute, queue,
    style::Print,
    terminal::{
        self, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    },
};
use ratatui::{Frame, Terminal, backend::CrosstermBackend, layout::Rect};
use rustix::event::{PollFd, PollFlags, Timespec};
use tokio::sync::mpsc;

use crate::event::{Event, Key, KeyCode, Size};

/// Keys pressed and not looked at yet. A paste is one event; people do not type faster.
const INPUT_MAX: usize = 256;
/// Rows that one notch of the wheel scrolls.
const WHEEL_ROWS: i16 = 3;
/// How long to look for keys that crossterm has read already but not given out. It looks at them
/// only while this time is not over: where the thread is kept from running for longer, they stay
/// until it is asked again.
const LEFTOVERS: Duration = Duration::from_millis(100);
/// When to ask again after keys came, in case they stayed.
const LOOK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
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

/// What is typed in the terminal, until it is gone.
#[derive(Debug)]
pub struct Input {
    events: mpsc::Receiver<Event>,
    /// The thread ends when this is closed.
    stop: Option<PipeWriter>,
}

impl Input {
    /// Reads the terminal in a thread of its own: crossterm's reader would spin for ever on a
    /// terminal that hung up, and must not take the rest of the program along.
    pub fn start() -> io::Result<Self> {
        let (sender, events) = mpsc::channel(INPUT_MAX);
        let (stopped, stop) = io::pipe()?;
        std::thread::spawn(move || {
            let mut look_again = false;
            while is_readable(&stopped, look_again.then_some(LOOK_AGAIN)) {
                let Some(has_keys) = forward(&sender) else { return };
                look_again = has_keys;
            }
        });
        Ok(Self { events, stop: Some(stop) })
    }

    /// Waits; `None` when the terminal is gone.
    pub async fn recv(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// What is there without waiting.
    pub fn try_recv(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Leaves the terminal to another program. What was typed ahead was meant for that, and must
    /// not be taken for a draft: an Enter in it would send.
    pub async fn stop(&mut self) {
        self.stop = None;
        while self.events.recv().await.is_some() {}
    }
}

/// Waits for keys, so long at most; false when there will be none, or none for us.
fn is_readable(stopped: &PipeReader, at_most: Option<Timespec>) -> bool {
    let stdin = io::stdin();
    loop {
        let mut waiting =
            [PollFd::new(&stdin, PollFlags::IN), PollFd::new(stopped, PollFlags::empty())];
        match rustix::event::poll(&mut waiting, at_most.as_ref()) {
            Ok(_) => {
                let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
                return !waiting.iter().any(|waiting| waiting.revents().intersects(gone));
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Whether there was anything; `None` when there is nobody to forward to, or nothing to read
/// from.
fn forward(events: &mpsc::Sender<Event>) -> Option<bool> {
    let mut has_keys = false;
    while input::poll(LEFTOVERS).ok()? {
        has_keys = true;
        if let Some(event) = translate(input::read().ok()?) {
            events.blocking_send(event).ok()?;
        }
    }
    Some(has_keys)
}

fn translate(event: input::Event) -> Option<Event> {
    match event {
        input::Event::Key(key) if key.kind == KeyEventKind::Release => None,
        input::Event::Key(key) => translate_key(key.code, key.modifiers).map(Event::Key),
        input::Event::Paste(text) => Some(Event::Paste(text)),
        input::Event::Resize(columns, rows) => Some(Event::Resize(Size { columns, rows })),
        input::Event::FocusGained => Some(Event::Focus(true)),
        input::Event::FocusLost => Some(Event::Focus(false)),
        input::Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::ScrollUp => Some(Event::Wheel(-WHEEL_ROWS)),
            MouseEventKind::ScrollDown => Some(Event::Wheel(WHEEL_ROWS)),
            MouseEventKind::Drag(_) => Some(Event::Drag),
            _ => None,
        },
    }
}

fn translate_key(code: input::KeyCode, modifiers: KeyModifiers) -> Option<Key> {
    let ctrl = modifiers.contains(KeyModifiers::CONTROL);
    let code = match code {
        // Many terminals send ^H for Backspace.
        input::KeyCode::Char('h') if ctrl => {
            return translate_key(input::KeyCode::Backspace, modifiers - KeyModifiers::CONTROL);
        }
        input::KeyCode::Char(c) => KeyCode::Char(c),
        input::KeyCode::Enter => KeyCode::Enter,
        input::KeyCode::Tab => KeyCode::Tab,
        input::KeyCode::BackTab => KeyCode::BackTab,
        input::KeyCode::Backspace => KeyCode::Backspace,
        input::KeyCode::Delete => KeyCode::Delete,
        input::KeyCode::Esc => KeyCode::Esc,
        input::KeyCode::Up => KeyCode::Up,
        input::KeyCode::Down => KeyCode::Down,
        input::KeyCode::Left => KeyCode::Left,
        input::KeyCode::Right => KeyCode::Right,
        input::KeyCode::Home => KeyCode::Home,
        input::KeyCode::End => KeyCode::End,
        input::KeyCode::PageUp => KeyCode::PageUp,
        input::KeyCode::PageDown => KeyCode::PageDown,
        _ => return None,
    };
    // The shift of a character is in the character.
    let shift = modifiers.contains(KeyModifiers::SHIFT) && !matches!(code, KeyCode::Char(_));
    Some(Key { code, ctrl, alt: modifiers.contains(KeyModifiers::ALT), shift })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode) -> Key {
        Key { code, ctrl: false, alt: false, shift: false }
    }

    #[test]
    fn shift_is_told_only_where_it_is_not_in_the_character() {
        let told = translate_key(input::KeyCode::Char('A'), KeyModifiers::SHIFT);
        assert_eq!(told, Some(key(KeyCode::Char('A'))));
        let told = translate_key(input::KeyCode::Enter, KeyModifiers::SHIFT);
        assert_eq!(told, Some(Key { shift: true, ..key(KeyCode::Enter) }));
    }

    #[test]
    fn control_h_is_backspace() {
        let told = translate_key(input::KeyCode::Char('h'), KeyModifiers::CONTROL);
        assert_eq!(told, Some(key(KeyCode::Backspace)));
    }

    #[test]
    fn a_drag_is_told_and_a_mere_move_is_not() {
        let mouse = |kind| {
            let (column, row, modifiers) = (0, 0, KeyModifiers::NONE);
            translate(input::Event::Mouse(input::MouseEvent { kind, column, row, modifiers }))
        };
        assert_eq!(mouse(MouseEventKind::Drag(input::MouseButton::Left)), Some(Event::Drag));
        assert_eq!(mouse(MouseEventKind::Moved), None);
    }

    #[test]
    fn keys_without_a_meaning_are_no_events() {
        assert_eq!(translate_key(input::KeyCode::F(1), KeyModifiers::NONE), None);
    }
}
