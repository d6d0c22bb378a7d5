//! What a user may want otherwise than most. PURE.

use crate::keymap::Keymap;

/// What a user may want otherwise than most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// When what was said in a room counts as read, on all one's devices.
    pub read_when: ReadWhen,
    /// Whether others are told that one is writing, and are shown when they do.
    pub typing: bool,
    /// Words that count as one's name does, as they were written in the settings.
    pub keywords: Vec<String>,
    /// Whether nothing is to ring or pop up; what is unread is counted all the same.
    pub do_not_disturb: bool,
    /// Whether the terminal is asked to tell of the mouse.
    pub mouse: bool,
    /// What colours are chosen for.
    pub background: Background,
    /// Which key does what.
    pub keys: Keymap,
}

/// When what was said in a room counts as read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadWhen {
    /// When it is on the screen of a window with the focus, and the newest is in view.
    #[default]
    Newest,
    /// When the room is on the screen of a window with the focus.
    Shown,
    /// When one writes there oneself: looking in leaves no trace.
    Written,
}

/// What colours are chosen for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Background {
    /// For what the terminal says that it has.
    #[default]
    Asked,
    /// For a dark one.
    Dark,
    /// For a light one.
    Light,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            read_when: ReadWhen::default(),
            typing: true,
            keywords: Vec::new(),
            do_not_disturb: false,
            mouse: true,
            background: Background::default(),
            keys: Keymap::default(),
        }
    }
}
