//! The key table: which key does what. Dispatch, help and the hints after Esc are all made
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
    Bare,
    Repaint,
    Suspend,
    Complete,
    CompleteBack,
    Interrupt,
    SearchHistory,
    Edit(Edit),
    Editor,
    Escape,
    CtrlX,
}

impl Action {
    /// Whether it takes text out for Ctrl+Y: several of these in a row are taken as one.
    pub(crate) fn cuts(self) -> bool {
        use Edit::{KillBlankWord, KillToLineEnd, KillToLineStart, KillWordLeft, KillWordRight};
        let cuts = [KillBlankWord, KillToLineEnd, KillToLineStart, KillWordLeft, KillWordRight];
        cuts.into_iter().any(|edit| self == Self::Edit(edit))
    }
}

/// A key that waits for the next one, which together mean something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// Esc: the next key acts as with Alt.
    Esc,
    /// Ctrl+X, as in bash.
    CtrlX,
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
    Undo,
    Redo,
}

/// A key, or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Chord {
    after_ctrl_x: bool,
    key: Key,
}

/// Keys and what they do, in the order of the help.
pub(crate) struct Binding {
    /// Each with what it does; a row of the help can hold several.
    chords: &'static [(Chord, Action)],
    /// The keys as people write them.
    pub(crate) keys: &'static str,
    /// What they do.
    pub(crate) help: &'static str,
    /// For what Esc or Ctrl+X shows.
    hint: Option<Hint>,
}

/// What can follow Esc or Ctrl+X, in as few words as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// The keys, with blanks between.
    pub(crate) keys: &'static str,
    /// What they do.
    pub(crate) does: &'static str,
}

/// Cells of the left column of the help.
pub(crate) const KEYS_CELLS: usize = 28;

/// What `key` does, if it does anything but type itself.
pub(crate) fn action(key: Key) -> Option<Action> {
    action_of(Chord { after_ctrl_x: false, key: plain_form(key) })
}

/// What `key` does after Ctrl+X, if that means anything.
pub(crate) fn action_after_ctrl_x(key: Key) -> Option<Action> {
    action_of(Chord { after_ctrl_x: true, key: plain_form(key) })
}

fn action_of(wanted: Chord) -> Option<Action> {
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
pub(crate) const GOALS: [(&str, Action); 16] = [
    ("next room (Ctrl+N)", Action::Room(ToRoom::Next)),
    ("previous room (Ctrl+P)", Action::Room(ToRoom::Previous)),
    ("next unread (Alt+A)", Action::Room(ToRoom::Unread)),
    ("people in this room (Alt+W)", Action::People),
    ("select a message: reply, edit, delete, copy, open (Alt+M)", Action::Select),
    ("scroll up (PageUp)", Action::Scroll(Scroll::PageUp)),
    ("scroll down (PageDown)", Action::Scroll(Scroll::PageDown)),
    ("unread line, then first message (Home)", Action::Scroll(Scroll::Back)),
    ("newest message (End)", Action::Scroll(Scroll::Newest)),
    ("search the lines sent before (Ctrl+R)", Action::SearchHistory),
    ("undo in the draft (Ctrl+_)", Action::Edit(Edit::Undo)),
    ("redo in the draft (Alt+_)", Action::Edit(Edit::Redo)),
    ("write on in your editor (Ctrl+X Ctrl+E)", Action::Editor),
    ("bare view, to select and copy with the mouse (Alt+L)", Action::Bare),
    ("draw everything again (Ctrl+L)", Action::Repaint),
    ("to the shell (Ctrl+Z)", Action::Suspend),
];

/// What can follow Esc or Ctrl+X.
pub(crate) fn hints(prefix: Prefix) -> Vec<Hint> {
    let has_prefix =
        |binding: &&Binding| binding.chords.iter().any(|(chord, _)| chord.is_after(prefix));
    BINDINGS.iter().filter(has_prefix).filter_map(|binding| binding.hint).collect()
}

impl Chord {
    fn is_after(self, prefix: Prefix) -> bool {
        match prefix {
            Prefix::Esc => self.key.alt,
            Prefix::CtrlX => self.after_ctrl_x,
        }
    }
}

/// Without what makes no difference: Shift on letters (which are then capitals), and on arrows.
fn plain_form(key: Key) -> Key {
    let code = match key.code {
        KeyCode::Char(c) if key.ctrl || key.alt => KeyCode::Char(c.to_ascii_lowercase()),
        other => other,
    };
    Key { code, shift: key.shift && code == KeyCode::Enter, ..key }
}

const fn one(key: Key) -> Chord {
    Chord { after_ctrl_x: false, key }
}

const NO_MODIFIERS: Key = Key { code: KeyCode::Esc, ctrl: false, alt: false, shift: false };

const fn plain(code: KeyCode) -> Chord {
    one(Key { code, ..NO_MODIFIERS })
}

const fn shift(code: KeyCode) -> Chord {
    one(Key { code, shift: true, ..NO_MODIFIERS })
}

const fn ctrl(c: char) -> Chord {
    one(Key { code: KeyCode::Char(c), ctrl: true, ..NO_MODIFIERS })
}

const fn alt(code: KeyCode) -> Chord {
    one(Key { code, alt: true, ..NO_MODIFIERS })
}

const fn meta(c: char) -> Chord {
    alt(KeyCode::Char(c))
}

/// Ctrl+X, then Ctrl with this.
const fn ctrl_x(c: char) -> Chord {
    Chord { after_ctrl_x: true, ..ctrl(c) }
}

const fn row(
    keys: &'static str,
    help: &'static str,
    chords: &'static [(Chord, Action)],
) -> Binding {
    Binding { chords, keys, help, hint: None }
}

const fn hinted(
    keys: &'static str,
    help: &'static str,
    (second, does): (&'static str, &'static str),
    chords: &'static [(Chord, Action)],
) -> Binding {
    Binding { chords, keys, help, hint: Some(Hint { keys: second, does }) }
}

/// The table.
const BINDINGS: &[Binding] = &[
    row("Enter", "send", &[(plain(KeyCode::Enter), Action::Send)]),
    hinted(
        "Ctrl+J, Alt/Shift+Enter",
        "new line",
        ("Enter", "new line"),
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
    hinted("Alt+1 … Alt+9", "that room", ("1-9", "room"), &NTH_ROOM),
    row("Ctrl+G", "go to a room, a person or a command", &[(ctrl('g'), Action::GoTo)]),
    hinted(
        "Alt+A",
        "next unread, mentions and private first; at last back",
        ("a", "unread"),
        &[(meta('a'), Action::Room(ToRoom::Unread))],
    ),
    hinted("Alt+W", "people in this room", ("w", "people"), &[(meta('w'), Action::People)]),
    hinted(
        "Alt+M",
        "select a message: arrows, then r reply, e edit, d delete, y copy, o open, Enter go",
        ("m", "select"),
        &[(meta('m'), Action::Select)],
    ),
    hinted(
        "Alt+L",
        "bare view: only what was said, to select and copy with the mouse",
        ("l", "bare view"),
        &[(meta('l'), Action::Bare)],
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
        ("b f", "word"),
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
        ("d Backspace", "cut word"),
        &[
            (meta('d'), Action::Edit(Edit::KillWordRight)),
            (alt(KeyCode::Backspace), Action::Edit(Edit::KillWordLeft)),
        ],
    ),
    row("Ctrl+Y", "put back what was cut", &[(ctrl('y'), Action::Edit(Edit::Yank))]),
    hinted(
        "Ctrl+_, Ctrl+X Ctrl+U",
        "undo, a word at a time",
        ("Ctrl+U", "undo"),
        // All three are the same byte where Ctrl+_ is not told apart.
        &[
            (ctrl('_'), Action::Edit(Edit::Undo)),
            (ctrl('/'), Action::Edit(Edit::Undo)),
            (ctrl('7'), Action::Edit(Edit::Undo)),
            (ctrl_x('u'), Action::Edit(Edit::Undo)),
        ],
    ),
    hinted(
        "Alt+_, Alt+/",
        "do again what was undone",
        ("_", "redo"),
        &[(meta('_'), Action::Edit(Edit::Redo)), (meta('/'), Action::Edit(Edit::Redo))],
    ),
    hinted(
        "Ctrl+X Ctrl+E",
        "write on in your editor ($VISUAL, $EDITOR)",
        ("Ctrl+E", "editor"),
        &[(ctrl('x'), Action::CtrlX), (ctrl_x('e'), Action::Editor)],
    ),
    row("Ctrl+T", "exchange two characters", &[(ctrl('t'), Action::Edit(Edit::Transpose))]),
    row(
        "Esc",
        "close what is on top; else the next key acts as with Alt",
        &[(plain(KeyCode::Esc), Action::Escape)],
    ),
];

const NTH_ROOM: [(Chord, Action); 9] = [
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
        for (chord, _) in BINDINGS.iter().flat_map(|binding| binding.chords) {
            assert!(seen.insert(*chord), "bound twice: {chord:?}");
        }
    }

    #[test]
    fn every_key_after_esc_or_ctrl_x_is_in_its_hints_and_no_other() {
        for binding in BINDINGS {
            let follows = |prefix| binding.chords.iter().any(|(chord, _)| chord.is_after(prefix));
            let is_second = follows(Prefix::Esc) || follows(Prefix::CtrlX);
            assert_eq!(is_second, binding.hint.is_some(), "{}", binding.keys);
            assert!(!(follows(Prefix::Esc) && follows(Prefix::CtrlX)), "one hint, two rows");
        }
        let keys: Vec<&str> = hints(Prefix::CtrlX).iter().map(|hint| hint.keys).collect();
        assert_eq!(keys, ["Ctrl+U", "Ctrl+E"]);
    }

    #[test]
    fn capitals_act_as_small_letters_with_ctrl_or_alt() {
        let capital = Key { shift: true, ..meta('A').key };
        assert_eq!(action(capital), Some(Action::Room(ToRoom::Unread)));
        assert_eq!(action(Key { shift: true, ..plain(KeyCode::Char('A')).key }), None);
    }
}
