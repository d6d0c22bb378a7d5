//! The table: which keys do what by default, and what each action is called in the settings
//! file. Dispatch, the help and the rows after Esc and Ctrl+X are made from it.

use super::{
    Action, Edit, ToRoom,
    chord::{Chord, alt, ctrl, ctrl_x, meta, plain, shift},
};
use crate::{event::KeyCode, timeline::Scroll};

/// A row of the help: keys that belong together.
pub(super) struct Row {
    /// The keys as people write them.
    pub(super) keys: &'static str,
    /// What they do.
    pub(super) help: &'static str,
    /// For what Esc or Ctrl+X shows: the keys after it, and what they do.
    pub(super) hint: Option<(&'static str, &'static str)>,
    pub(super) binds: &'static [Bind],
}

/// An action, and the keys that it has by default.
pub(super) struct Bind {
    pub(super) action: Action,
    /// What it is called in the settings file.
    pub(super) name: &'static str,
    /// What it does, where its row no longer is as in the table.
    pub(super) help: &'static str,
    pub(super) chords: &'static [Chord],
}

const fn row(keys: &'static str, help: &'static str, binds: &'static [Bind]) -> Row {
    Row { keys, help, hint: None, binds }
}

const fn hinted(
    keys: &'static str,
    help: &'static str,
    hint: (&'static str, &'static str),
    binds: &'static [Bind],
) -> Row {
    Row { keys, help, hint: Some(hint), binds }
}

const fn bind(
    name: &'static str,
    help: &'static str,
    action: Action,
    chords: &'static [Chord],
) -> Bind {
    Bind { action, name, help, chords }
}

/// In the order of the help. Rows without keys are shown once they have some.
pub(super) const ROWS: &[Row] = &[
    row("Enter", "send", &[bind("send", "send", Action::Send, &[plain(KeyCode::Enter)])]),
    hinted(
        "Ctrl+J, Alt/Shift+Enter",
        "new line",
        ("Enter", "new line"),
        &[bind(
            "new-line",
            "new line",
            Action::NewLine,
            &[ctrl('j'), alt(KeyCode::Enter), shift(KeyCode::Enter)],
        )],
    ),
    row(
        "Up, Down",
        "move in the draft; from its first or last row, the lines sent before",
        &[
            bind(
                "up",
                "up in the draft; from its first row, the lines sent before",
                Action::Up,
                &[plain(KeyCode::Up)],
            ),
            bind(
                "down",
                "down in the draft; from its last row, the lines sent after",
                Action::Down,
                &[plain(KeyCode::Down)],
            ),
        ],
    ),
    row(
        "PageUp, PageDown",
        "scroll",
        &[
            bind("page-up", "scroll up", Action::Scroll(Scroll::PageUp), &[plain(KeyCode::PageUp)]),
            bind(
                "page-down",
                "scroll down",
                Action::Scroll(Scroll::PageDown),
                &[plain(KeyCode::PageDown)],
            ),
        ],
    ),
    row(
        "Home, End",
        "ends of the line; in an empty draft: unread line, then first message; newest",
        &[
            bind(
                "home",
                "start of the line; in an empty draft: unread line, then first message",
                Action::Home,
                &[plain(KeyCode::Home)],
            ),
            bind(
                "end",
                "end of the line; in an empty draft: newest message",
                Action::End,
                &[plain(KeyCode::End)],
            ),
        ],
    ),
    row(
        "",
        "",
        &[
            bind("back", "unread line, then first message", Action::Scroll(Scroll::Back), &[]),
            bind("newest", "newest message", Action::Scroll(Scroll::Newest), &[]),
        ],
    ),
    row(
        "Ctrl+N, Ctrl+P",
        "next, previous room",
        &[
            bind("next-room", "next room", Action::Room(ToRoom::Next), &[ctrl('n')]),
            bind("previous-room", "previous room", Action::Room(ToRoom::Previous), &[ctrl('p')]),
        ],
    ),
    hinted("Alt+1 … Alt+9", "that room", ("1-9", "room"), &NTH_ROOM),
    row(
        "Ctrl+G",
        "go to a room, a person or a command",
        &[bind("go-to", "go to a room, a person or a command", Action::GoTo, &[ctrl('g')])],
    ),
    hinted(
        "Alt+A",
        "next unread, mentions and private first; at last back",
        ("a", "unread"),
        &[bind(
            "next-unread",
            "next unread, mentions and private first; at last back",
            Action::Room(ToRoom::Unread),
            &[meta('a')],
        )],
    ),
    hinted(
        "Alt+P",
        "peek into the next unread room, marking nothing read; again: back",
        ("p", "peek"),
        &[bind(
            "peek",
            "peek into the next unread room, marking nothing read; again: back",
            Action::Peek,
            &[meta('p')],
        )],
    ),
    hinted(
        "Alt+W",
        "people in this room",
        ("w", "people"),
        &[bind("people", "people in this room", Action::People, &[meta('w')])],
    ),
    hinted(
        "Alt+M",
        "select a message: arrows, then r reply, e edit, d delete, y copy, o open, Enter go",
        ("m", "select"),
        &[bind(
            "select",
            "select a message: arrows, then r reply, e edit, d delete, y copy, o open, Enter go",
            Action::Select,
            &[meta('m')],
        )],
    ),
    hinted(
        "Alt+L",
        "bare view: only what was said, to select and copy with the mouse",
        ("l", "bare view"),
        &[bind(
            "bare-view",
            "bare view: only what was said, to select and copy with the mouse",
            Action::Bare,
            &[meta('l')],
        )],
    ),
    row(
        "Ctrl+L",
        "draw everything again",
        &[bind("redraw", "draw everything again", Action::Repaint, &[ctrl('l')])],
    ),
    row(
        "Ctrl+Z",
        "to the shell; fg comes back",
        &[bind("suspend", "to the shell; fg comes back", Action::Suspend, &[ctrl('z')])],
    ),
    row(
        "Tab, Shift+Tab",
        "complete commands, rooms and names; again the next; Esc restores",
        &[
            bind(
                "complete",
                "complete commands, rooms and names; again the next; Esc restores",
                Action::Complete,
                &[plain(KeyCode::Tab)],
            ),
            bind(
                "complete-back",
                "complete with the one before",
                Action::CompleteBack,
                &[plain(KeyCode::BackTab)],
            ),
        ],
    ),
    row(
        "Ctrl+C",
        "clear the draft; in an empty draft twice: quit",
        &[bind(
            "interrupt",
            "clear the draft; in an empty draft twice: quit",
            Action::Interrupt,
            &[ctrl('c')],
        )],
    ),
    row("", "", &[bind("quit", "leave the hub", Action::Quit, &[])]),
    row(
        "Ctrl+R",
        "search the lines sent before",
        &[bind(
            "search-history",
            "search the lines sent before",
            Action::SearchHistory,
            &[ctrl('r')],
        )],
    ),
    row(
        "Ctrl+A, Ctrl+E",
        "start, end of the line",
        &[
            edit("line-start", "start of the line", Edit::LineStart, &[ctrl('a')]),
            edit("line-end", "end of the line", Edit::LineEnd, &[ctrl('e')]),
        ],
    ),
    row(
        "Ctrl+B/F, Left, Right",
        "a character back, forward",
        &[
            edit("left", "a character back", Edit::Left, &[ctrl('b'), plain(KeyCode::Left)]),
            edit("right", "a character forward", Edit::Right, &[ctrl('f'), plain(KeyCode::Right)]),
        ],
    ),
    hinted(
        "Alt+B, Alt+F",
        "a word back, forward",
        ("b f", "word"),
        &[
            edit("word-left", "a word back", Edit::WordLeft, &[meta('b')]),
            edit("word-right", "a word forward", Edit::WordRight, &[meta('f')]),
        ],
    ),
    row(
        "Ctrl+D, Delete, Backspace",
        "delete a character",
        &[
            edit(
                "delete",
                "delete the character after",
                Edit::Delete,
                &[ctrl('d'), plain(KeyCode::Delete)],
            ),
            edit(
                "backspace",
                "delete the character before",
                Edit::Backspace,
                &[plain(KeyCode::Backspace)],
            ),
        ],
    ),
    row(
        "Ctrl+K, Ctrl+U",
        "cut to the end, the start of the line",
        &[
            edit("cut-to-end", "cut to the end of the line", Edit::KillToLineEnd, &[ctrl('k')]),
            edit(
                "cut-to-start",
                "cut to the start of the line",
                Edit::KillToLineStart,
                &[ctrl('u')],
            ),
        ],
    ),
    row(
        "Ctrl+W",
        "cut the word before, up to a blank",
        &[edit(
            "cut-to-blank",
            "cut the word before, up to a blank",
            Edit::KillBlankWord,
            &[ctrl('w')],
        )],
    ),
    hinted(
        "Alt+D, Alt+Backspace",
        "cut the word after, before",
        ("d Bksp", "cut word"),
        &[
            edit("cut-word-right", "cut the word after", Edit::KillWordRight, &[meta('d')]),
            edit(
                "cut-word-left",
                "cut the word before",
                Edit::KillWordLeft,
                &[alt(KeyCode::Backspace)],
            ),
        ],
    ),
    row(
        "Ctrl+Y",
        "put back what was cut",
        &[edit("paste-cut", "put back what was cut", Edit::Yank, &[ctrl('y')])],
    ),
    hinted(
        "Ctrl+_, Ctrl+X Ctrl+U",
        "undo, a word at a time",
        ("Ctrl+U", "undo"),
        &[edit("undo", "undo, a word at a time", Edit::Undo, &[ctrl('_'), ctrl_x('u')])],
    ),
    hinted(
        "Alt+_, Alt+/",
        "do again what was undone",
        ("_", "redo"),
        &[edit("redo", "do again what was undone", Edit::Redo, &[meta('_'), meta('/')])],
    ),
    hinted(
        "Ctrl+X Ctrl+E",
        "write on in your editor ($VISUAL, $EDITOR)",
        ("Ctrl+E", "editor"),
        &[bind(
            "editor",
            "write on in your editor ($VISUAL, $EDITOR)",
            Action::Editor,
            &[ctrl_x('e')],
        )],
    ),
    row(
        "Ctrl+T",
        "exchange two characters",
        &[edit("transpose", "exchange two characters", Edit::Transpose, &[ctrl('t')])],
    ),
    row(
        "Esc",
        "close what is on top; else the next key acts as with Alt",
        &[bind(
            "escape",
            "close what is on top; else the next key acts as with Alt",
            Action::Escape,
            &[plain(KeyCode::Esc)],
        )],
    ),
];

const NTH_ROOM: [Bind; 9] = [
    nth("room-1", "the first room", 0, &[meta('1')]),
    nth("room-2", "the second room", 1, &[meta('2')]),
    nth("room-3", "the third room", 2, &[meta('3')]),
    nth("room-4", "the fourth room", 3, &[meta('4')]),
    nth("room-5", "the fifth room", 4, &[meta('5')]),
    nth("room-6", "the sixth room", 5, &[meta('6')]),
    nth("room-7", "the seventh room", 6, &[meta('7')]),
    nth("room-8", "the eighth room", 7, &[meta('8')]),
    nth("room-9", "the ninth room", 8, &[meta('9')]),
];

const fn edit(
    name: &'static str,
    help: &'static str,
    edit: Edit,
    chords: &'static [Chord],
) -> Bind {
    bind(name, help, Action::Edit(edit), chords)
}

const fn nth(
    name: &'static str,
    help: &'static str,
    index: usize,
    chords: &'static [Chord],
) -> Bind {
    bind(name, help, Action::Room(ToRoom::Nth(index)), chords)
}
