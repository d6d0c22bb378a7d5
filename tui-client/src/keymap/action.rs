//! What keys can do.

use crate::timeline::Scroll;

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
    Peek,
    Select,
    Bare,
    Repaint,
    Suspend,
    Complete,
    CompleteBack,
    Interrupt,
    Quit,
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
