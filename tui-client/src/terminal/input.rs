//! Keys, pastes, the mouse and the focus, in our own words.

use std::{
    io,
    io::{PipeReader, PipeWriter},
};

use crossterm::{
    event as input,
    event::{KeyEventKind, KeyModifiers, MouseButton, MouseEventKind},
};
use rustix::event::{PollFd, PollFlags, Timespec};
use tokio::sync::mpsc;

use super::sieve::Sieve;
use crate::event::{At, Event, Key, KeyCode, Size};

/// Keys pressed and not looked at yet. A paste is one event; people do not type faster.
const INPUT_MAX: usize = 256;
/// Rows that one notch of the wheel scrolls.
const WHEEL_ROWS: i16 = 3;
/// When to ask again after keys came, in case they stayed.
const LOOK_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// What is typed in the terminal, until it is gone.
#[derive(Debug)]
pub struct Input {
    events: mpsc::Receiver<Event>,
    /// The thread ends when this is closed.
    stop: Option<PipeWriter>,
}

impl Input {
    /// Reads the terminal in a thread of its own: crossterm's reader would spin for ever on a
    /// terminal that hung up, and must not take the rest of the program along. `typed` is what
    /// was read before; `is_owed`, whether the terminal has been asked and has not answered.
    pub(super) fn start(typed: Vec<Event>, is_owed: bool) -> io::Result<Self> {
        let (sender, events) = mpsc::channel(INPUT_MAX);
        // More than there is place for nobody types in that time.
        let _ = typed.into_iter().try_for_each(|event| sender.try_send(event));
        let (stopped, stop) = io::pipe()?;
        std::thread::spawn(move || {
            let mut look_again = false;
            let mut sieve = Sieve::new(is_owed);
            while is_readable(&stopped, look_again.then_some(LOOK_AGAIN)) {
                let Some(has_keys) = forward(&sender, &mut sieve) else { return };
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

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
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
fn forward(events: &mpsc::Sender<Event>, sieve: &mut Sieve) -> Option<bool> {
    let send = |sifted: Vec<Event>| sifted.into_iter().try_for_each(|it| events.blocking_send(it));
    let mut has_keys = false;
    while input::poll(sieve.patience()).ok()? {
        has_keys = true;
        if let Some(event) = translate(input::read().ok()?) {
            send(sieve.sift(event)).ok()?;
        }
    }
    send(sieve.release()).ok()?;
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
        input::Event::Mouse(mouse) => translate_mouse(mouse),
    }
}
fn translate_mouse(mouse: input::MouseEvent) -> Option<Event> {
    let at = At { column: mouse.column, row: mouse.row };
    match mouse.kind {
        MouseEventKind::ScrollUp => Some(Event::Wheel(-WHEEL_ROWS)),
        MouseEventKind::ScrollDown => Some(Event::Wheel(WHEEL_ROWS)),
        MouseEventKind::Drag(_) => Some(Event::Drag),
        // With Shift or Ctrl it is most often meant for the terminal.
        MouseEventKind::Down(MouseButton::Left) if mouse.modifiers.is_empty() => {
            Some(Event::Press(at))
        }
        MouseEventKind::Up(MouseButton::Left) => Some(Event::Release(at)),
        _ => None,
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
        input::KeyCode::F(number) => KeyCode::F(number),
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

    const DRAG: Option<Event> = Some(Event::Drag);

    fn mouse(kind: MouseEventKind, modifiers: KeyModifiers) -> Option<Event> {
        let (column, row) = (3, 4);
        translate(input::Event::Mouse(input::MouseEvent { kind, column, row, modifiers }))
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
        assert_eq!(mouse(MouseEventKind::Drag(MouseButton::Left), KeyModifiers::NONE), DRAG);
        assert_eq!(mouse(MouseEventKind::Moved, KeyModifiers::NONE), None);
    }

    #[test]
    fn a_click_is_told_where_it_is_and_only_without_other_keys() {
        let at = At { column: 3, row: 4 };
        let (down, up) = (MouseEventKind::Down, MouseEventKind::Up);
        let (left, none) = (MouseButton::Left, KeyModifiers::NONE);
        assert_eq!(mouse(down(left), none), Some(Event::Press(at)));
        assert_eq!(mouse(up(left), none), Some(Event::Release(at)));
        assert_eq!(mouse(down(left), KeyModifiers::CONTROL), None);
        assert_eq!(mouse(down(MouseButton::Middle), none), None);
    }

    #[test]
    fn keys_without_a_meaning_are_no_events() {
        assert_eq!(translate_key(input::KeyCode::Insert, KeyModifiers::NONE), None);
    }
}
