//! What lies over the scrollback: answers of more than a line, the people, "go to". PURE.

use crate::composer::Draft;

/// What lies over the scrollback. Esc closes it.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What it is.
    pub title: String,
    /// What is in it.
    pub body: Body,
    /// The first row shown.
    pub scroll: usize,
}

/// What is in a panel.
#[derive(Clone, Debug)]
pub enum Body {
    /// An answer, line by line. Longer lines are wrapped by the view.
    Lines(Vec<String>),
    /// The people in the room that is shown.
    People,
    /// Rooms, people and commands, to go to by typing.
    GoTo(GoTo),
}

/// "Go to": what was typed, and which of the matches is chosen.
#[derive(Clone, Debug, Default)]
pub struct GoTo {
    /// What was typed. It is edited in the panel, the draft stays.
    pub query: Draft,
    /// Which of the matches.
    pub chosen: usize,
}

/// A row of a panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelLine {
    /// The words; raw.
    pub text: String,
    /// Whether it is the chosen one.
    pub chosen: bool,
}
