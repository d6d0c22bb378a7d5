//! What the client's `update` is told.

use std::time::Duration;

use protocol::{HubId, Identity, ServerFrame, Timestamp, UserName};

use crate::{config::Reread, ignoring::Ignored, keeping::Restored, theme::Told};

/// The time, handed in: only the shell reads clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since the program started; never goes back. All waiting is measured by this.
    pub mono: Duration,
    /// What the wall clock says; only for labels and ids.
    pub wall: Timestamp,
}

/// The size of the terminal, in cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Cells in a row.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// A cell of the terminal, from the upper left one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// In which column.
    pub column: u16,
    /// In which row.
    pub row: u16,
}

/// A key, in our own words, so that another front than crossterm can drive the same client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which.
    pub code: KeyCode,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt (or Esc before it, which `update` sees to).
    pub alt: bool,
    /// With Shift, where the terminal tells.
    pub shift: bool,
}

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are on the keys")]
pub enum KeyCode {
    Char(char),
    Enter,
    Tab,
    BackTab,
    Backspace,
    Delete,
    Esc,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    /// F1 and so on: no key of the client by default.
    F(u8),
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted, by bracketed paste: never to be sent by itself.
    Paste(String),
    /// A whole line was typed where there is no screen: a message, a command or an answer.
    Line(String),
    /// The terminal has this size now.
    Resize(Size),
    /// The wheel turned: rows up (negative) or down.
    Wheel(i16),
    /// The left button of the mouse went down over this cell.
    Press(At),
    /// The mouse was drawn over the screen with a button held, as if to select.
    Drag,
    /// The left button came up over this cell.
    Release(At),
    /// The terminal window got or lost the focus.
    Focus(bool),
    /// The terminal told a colour of its own.
    Told(Told),
    /// The program goes on after Ctrl+Z: everything is to be drawn again.
    Continued,
    /// The user's editor ended: what it left of the draft, or one sentence why there is nothing.
    Edited(Result<String, String>),
    /// What `Effect::Open` wanted did not come about.
    NotOpened {
        /// The address.
        address: String,
        /// Why, in a few words.
        why: String,
    },
    /// News of the connection.
    Link(LinkEvent),
    /// What `Effect::Keep` wanted is on disk.
    Kept,
    /// It is not, and nothing of it.
    NotKept {
        /// What the system said.
        why: String,
    },
    /// What is on disk of whoever one is now.
    Restored(Restored),
    /// The settings file changed.
    Preferences(Box<Reread>),
    /// The program is about to end.
    Ending,
    /// The time that `State::next_deadline` asked for has come.
    Tick,
}

/// News of the connection. The shell connects, backs off and says hello by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
    /// An attempt begins.
    Connecting,
    /// The hub answered the upgrade; this is who it says it is.
    Opened {
        /// Its id.
        hub: HubId,
    },
    /// From now on this process is this person.
    Claimed {
        /// Who.
        identity: Identity,
    },
    /// Whom this person ignores, as it is on disk.
    Ignoring {
        /// Them.
        people: Vec<Ignored>,
    },
    /// `hello` was sent under this name.
    Introduced {
        /// The name.
        name: UserName,
    },
    /// No name could be chosen without asking: another client of this machine is `tried`.
    NeedsName {
        /// The name that one would have had.
        tried: UserName,
        /// One that is free on this machine.
        suggest: UserName,
    },
    /// A known hub id at an unknown address: confirm before a secret is sent.
    ConfirmHub {
        /// The address under which it was known.
        known_as: String,
        /// Whether TLS is spoken there, and not here.
        loses_tls: bool,
        /// Who one would be there.
        name: UserName,
    },
    /// A frame came.
    Frame(Box<ServerFrame>),
    /// The connection is gone, or an attempt failed; the next one is after `retry_in`.
    Lost {
        /// When the next attempt is.
        retry_in: Duration,
    },
    /// What is wrong with the connection, in one sentence, until the hub lets one in.
    Trouble {
        /// What.
        why: String,
    },
    /// No further attempt until the user acts: one sentence why.
    Stopped {
        /// Why.
        why: String,
    },
}
