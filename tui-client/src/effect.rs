//! What the client's `update` wants done. The shell does it, in this order.

use protocol::{ClientFrame, Identity, RoomName, UserName};

use crate::{ignoring::Ignored, notify::Notice, outbox::Note};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Send a frame, if connected. What must not be lost is kept in the state, not here.
    Send(ClientFrame),
    /// Write this to disk, all of it or nothing, before anything that follows from it happens.
    /// The answer is `Event::Kept` or `Event::NotKept`, in the order of these effects.
    Keep(Vec<Note>),
    /// What is typed from now on is this person's. The answer is `Event::Restored`.
    Become {
        /// Who.
        owner: Identity,
    },
    /// Say hello under this name, with the secret that is filed for it or a new one.
    Introduce {
        /// The name.
        name: UserName,
    },
    /// Say hello again with this password.
    Password(String),
    /// The answer to `LinkEvent::ConfirmHub`. On a no the client ends.
    ConfirmHub(bool),
    /// File the secret under this name too: both names open the same identity here.
    AlsoKnownAs {
        /// The new name.
        name: UserName,
    },
    /// Connect now, with a fresh back-off.
    Reconnect,
    /// Close, and come back after the back-off.
    HangUp,
    /// Close, and do not come back until the user acts.
    Disconnect,
    /// Remember which rooms one was in, in this order, and which was shown.
    RememberRooms {
        /// In order.
        rooms: Vec<RoomName>,
        /// The one shown.
        current: Option<RoomName>,
    },
    /// Keep on disk that this person is ignored, or is not any more.
    KeepIgnored {
        /// Who.
        whom: Ignored,
        /// Whether they are.
        is_ignored: bool,
    },
    /// Put this into the clipboard of the user's terminal: what can be seen of what was said.
    Copy(String),
    /// Open this address of the web in the user's browser. Only where that does not come about
    /// there is an answer: `Event::NotOpened`.
    Open(String),
    /// Have the terminal tell of the mouse, or no longer.
    Mouse(bool),
    /// Tell the user, who is not looking.
    Notify(Notice),
    /// Stop the program as Ctrl+Z does, after the terminal is put back.
    Suspend,
    /// Let the user write this on in an editor. The answer is `Event::Edited`; no key comes
    /// before it.
    Edit(String),
    /// Draw everything again, whatever was there.
    Repaint,
    /// End; what is to be said is printed when the terminal is put back.
    Quit,
}
