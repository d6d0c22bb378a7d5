//! What a user may want otherwise than most. PURE.

/// What a user may want otherwise than most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// When what was said in a room counts as read, on all one's devices.
    pub read_when: ReadWhen,
    /// Whether others are told that one is writing, and are shown when they do.
    pub typing: bool,
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

impl Default for Preferences {
    fn default() -> Self {
        Self { read_when: ReadWhen::default(), typing: true }
    }
}
