//! The key table: which key does what. Dispatch, help and the hint row after Esc are all made
//! from it. PURE.

use crate::{
    event::{Key, KeyCode},
    timeline::Scroll,
};

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Send,
    NewLine,
    Up,
    Down,
    Home,
    End,
    Scroll(Scroll),
    Room(ToRoom),
    GoTo,
    People,
    Select,
    Repaint,
    Suspend,
    Complete,
    CompleteBack,
    Interrupt,
    SearchHistory,
    Edit(Edit),
    Escape,
}

/// Which room a key goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ToRoom {
    Next,
    Previous,
    /// From 0.
    Nth(usize),
    Unread,
}

/// What a key does to what is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    Left,
    Right,
    LineStart,
    LineEnd,
    WordLeft,
    WordRight,
    Backspace,
    Delete,
    KillToLineEnd,
    KillToLineStart,
    KillBlankWord,
    KillWordLeft,
    KillWordRight,
    Transpose,
    Yank,
}

/// Keys and what they do, in the order of the help.
pub(crate) struct Binding {
    /// Each with what it does; a row of the help can hold several.
    chords: &'static [(Key, Action)],
    /// The keys as people write them.
    pub(crate) keys: &'static str,
    /// What they do.
    pub(crate) help: &'static str,
    /// For the row that Esc shows: the key after Esc and a word.
    hint: Option<&'static str>,
}

/// Cells of the left column of the help.
pub(crate) const KEYS_CELLS: usize = 28;

/// What `key` does, if it does anything but type itself.
pub(crate) fn action(key: Key) -> Option<Action> {
    let wanted = plain_form(key);
    let all = BINDINGS.iter().flat_map(|binding| binding.chords);
    all.copied().find(|(chord, _)| *chord == wanted).map(|(_, action)| action)
}

/// The keys, line by line, for `/help keys`.
pub(crate) fn help_lines() -> Vec<String> {
    BINDINGS
        .iter()
        .map(|binding| format!("{:<KEYS_CELLS$}{}", binding.keys, binding.help))
        .collect()
}

/// What "go to" offers of the keys: those that do something by themselves.
pub(crate) const GOALS: [(&str, Action); 12] = [
    ("next room (Ctrl+N)", Action::Room(ToRoom::Next)),
    ("previous room (Ctrl+P)", Action::Room(ToRoom::Previous)),
    ("next unread (Alt+A)", Action::Room(ToRoom::Unread)),
    ("people in this room (Alt+W)", Action::People),
    ("select a message: reply, edit, delete, copy (Alt+M)", Action::Select),
    ("scroll up (PageUp)", Action::Scroll(Scroll::PageUp)),
    ("scroll down (PageDown)", Action::Scroll(Scroll::PageDown)),
    ("unread line, then first message (Home)", Action::Scroll(Scroll::Back)),
    ("newest message (End)", Action::Scroll(Scroll::Newest)),
    ("search the lines sent before (Ctrl+R)", Action::SearchHistory),
    ("draw everything again (Ctrl+L)", Action::Repaint),
    ("to the shell (Ctrl+Z)", Action::Suspend),
];

/// What Esc shows: the keys that can follow it.
pub(crate) fn hints() -> String {
    let hints: Vec<&str> = BINDINGS.iter().filter_map(|binding| binding.hint).collect();
    format!("Esc, then: {}", hints.join("  "))
}

/// Without what makes no difference: Shift on letters (which are then capitals), and on arrows.
fn plain_form(key: Key) -> Key {
    let code = match key.code {
        KeyCode::Char(c) if key.ctrl || key.alt => KeyCode::Char(c.to_ascii_lowercase()),
        other => other,
    };
    Key { code, shift: key.shift && code == KeyCode::Enter, ..key }
}

const fn plain(code: KeyCode) -> Key {
    Key { code, ctrl: false, alt: false, shift: false }
}

const fn shift(code: KeyCode) -> Key {
    Key { shift: true, ..plain(code) }
}

const fn ctrl(c: char) -> Key {
    Key { ctrl: true, ..plain(KeyCode::Char(c)) }
}

const fn alt(code: KeyCode) -> Key {
    Key { alt: true, ..plain(code) }
}

const fn meta(c: char) -> Key {
    alt(KeyCode::Char(c))
}

const fn row(keys: &'static str, help: &'static str, chords: &'static [(Key, Action)]) -> Binding {
    Binding { chords, keys, help, hint: None }
}

const fn hinted(
    keys: &'static str,
    help: &'static str,
    hint: &'static str,
    chords: &'static [(Key, Action)],
) -> Binding {
    Binding { chords, keys, help, hint: Some(hint) }
}

/// The table.
const BINDINGS: &[Binding] = &[
    row("Enter", "send", &[(plain(KeyCode::Enter), Action::Send)]),
    hinted(
        "Ctrl+J, Alt/Shift+Enter",
        "new line",
        "Enter new line",
        &[
            (ctrl('j'), Action::NewLine),
            (alt(KeyCode::Enter), Action::NewLine),
            (shift(KeyCode::Enter), Action::NewLine),
        ],
    ),
    row(
        "Up, Down",
        "move in the draft; from its first or last row, the lines sent before",
        &[(plain(KeyCode::Up), Action::Up), (plain(KeyCode::Down), Action::Down)],
    ),
    row(
        "PageUp, PageDown",
        "scroll",
        &[
            (plain(KeyCode::PageUp), Action::Scroll(Scroll::PageUp)),
            (plain(KeyCode::PageDown), Action::Scroll(Scroll::PageDown)),
        ],
    ),
    row(
        "Home, End",
        "ends of the line; in an empty draft: unread line, then first message; newest",
        &[(plain(KeyCode::Home), Action::Home), (plain(KeyCode::End), Action::End)],
    ),
    row(
        "Ctrl+N, Ctrl+P",
        "next, previous room",
        &[(ctrl('n'), Action::Room(ToRoom::Next)), (ctrl('p'), Action::Room(ToRoom::Previous))],
    ),
    hinted("Alt+1 … Alt+9", "that room", "1-9 room", &NTH_ROOM),
    row("Ctrl+G", "go to a room, a person or a command", &[(ctrl('g'), Action::GoTo)]),
    hinted(
        "Alt+A",
        "next unread, mentions and private first; at last back",
        "a unread",
        &[(meta('a'), Action::Room(ToRoom::Unread))],
    ),
    hinted("Alt+W", "people in this room", "w people", &[(meta('w'), Action::People)]),
    hinted(
        "Alt+M",
        "select a message: arrows, then r reply, e edit, d delete, y copy, Enter go",
        "m select",
        &[(meta('m'), Action::Select)],
    ),
    row("Ctrl+L", "draw everything again", &[(ctrl('l'), Action::Repaint)]),
    row("Ctrl+Z", "to the shell; fg comes back", &[(ctrl('z'), Action::Suspend)]),
    row(
        "Tab, Shift+Tab",
        "complete commands, rooms and names; again the next; Esc restores",
        &[(plain(KeyCode::Tab), Action::Complete), (plain(KeyCode::BackTab), Action::CompleteBack)],
    ),
    row(
        "Ctrl+C",
        "clear the draft; in an empty draft twice: quit",
        &[(ctrl('c'), Action::Interrupt)],
    ),
    row("Ctrl+R", "search the lines sent before", &[(ctrl('r'), Action::SearchHistory)]),
    row(
        "Ctrl+A, Ctrl+E",
        "start, end of the line",
        &[(ctrl('a'), Action::Edit(Edit::LineStart)), (ctrl('e'), Action::Edit(Edit::LineEnd))],
    ),
    row(
        "Ctrl+B/F, Left, Right",
        "a character back, forward",
        &[
            (ctrl('b'), Action::Edit(Edit::Left)),
            (ctrl('f'), Action::Edit(Edit::Right)),
            (plain(KeyCode::Left), Action::Edit(Edit::Left)),
            (plain(KeyCode::Right), Action::Edit(Edit::Right)),
        ],
    ),
    hinted(
        "Alt+B, Alt+F",
        "a word back, forward",
        "b f word",
        &[(meta('b'), Action::Edit(Edit::WordLeft)), (meta('f'), Action::Edit(Edit::WordRight))],
    ),
    row(
        "Ctrl+D, Delete, Backspace",
        "delete a character",
        &[
            (ctrl('d'), Action::Edit(Edit::Delete)),
            (plain(KeyCode::Delete), Action::Edit(Edit::Delete)),
            (plain(KeyCode::Backspace), Action::Edit(Edit::Backspace)),
            (ctrl('h'), Action::Edit(Edit::Backspace)),
        ],
    ),
    row(
        "Ctrl+K, Ctrl+U",
        "cut to the end, the start of the line",
        &[
            (ctrl('k'), Action::Edit(Edit::KillToLineEnd)),
            (ctrl('u'), Action::Edit(Edit::KillToLineStart)),
        ],
    ),
    row(
        "Ctrl+W",
        "cut the word before, up to a blank",
        &[(ctrl('w'), Action::Edit(Edit::KillBlankWord))],
    ),
    hinted(
        "Alt+D, Alt+Backspace",
        "cut the word after, before",
        "d Backspace cut word",
        &[
            (meta('d'), Action::Edit(Edit::KillWordRight)),
            (alt(KeyCode::Backspace), Action::Edit(Edit::KillWordLeft)),
        ],
    ),
    row("Ctrl+Y", "put back what was cut", &[(ctrl('y'), Action::Edit(Edit::Yank))]),
    row("Ctrl+T", "exchange two characters", &[(ctrl('t'), Action::Edit(Edit::Transpose))]),
    row(
        "Esc",
        "close what is on top; else the next key acts as with Alt",
        &[(plain(KeyCode::Esc), Action::Escape)],
    ),
];

const NTH_ROOM: [(Key, Action); 9] = [
    (meta('1'), Action::Room(ToRoom::Nth(0))),
    (meta('2'), Action::Room(ToRoom::Nth(1))),
    (meta('3'), Action::Room(ToRoom::Nth(2))),
    (meta('4'), Action::Room(ToRoom::Nth(3))),
    (meta('5'), Action::Room(ToRoom::Nth(4))),
    (meta('6'), Action::Room(ToRoom::Nth(5))),
    (meta('7'), Action::Room(ToRoom::Nth(6))),
    (meta('8'), Action::Room(ToRoom::Nth(7))),
    (meta('9'), Action::Room(ToRoom::Nth(8))),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_key_is_bound_once_and_stands_in_the_help() {
        let mut seen = HashSet::new();
        let help = help_lines();
        assert_eq!(help.len(), BINDINGS.len());
        assert!(BINDINGS.iter().all(|binding| binding.keys.len() < KEYS_CELLS));
        for (key, _) in BINDINGS.iter().flat_map(|binding| binding.chords) {
            assert!(seen.insert(*key), "bound twice: {key:?}");
        }
    }

    #[test]
    fn every_alt_key_is_in_the_hint_row() {
        for binding in BINDINGS {
            let has_alt = binding.chords.iter().any(|(key, _)| key.alt);
            assert_eq!(has_alt, binding.hint.is_some(), "{}", binding.keys);
        }
    }

    #[test]
    fn capitals_act_as_small_letters_with_ctrl_or_alt() {
        let capital = Key { shift: true, ..meta('A') };
        assert_eq!(action(capital), Some(Action::Room(ToRoom::Unread)));
        assert_eq!(action(Key { shift: true, ..plain(KeyCode::Char('A')) }), None);
    }
}
