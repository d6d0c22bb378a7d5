//! What the connection is told by the shell.

use protocol::{ClientFrame, RoomName, UserName};

use super::Link;
use crate::{effect::Effect, ignoring::Ignored};

/// What the connection is told.
#[derive(Debug)]
pub enum LinkCommand {
    /// Send this, if connected.
    Send(ClientFrame),
    /// Say hello under this name.
    Introduce(UserName),
    /// Say hello with this password.
    Password(String),
    /// Whether the known hub at a new address is trusted.
    ConfirmHub(bool),
    /// File the identity under this name too.
    AlsoKnownAs(UserName),
    /// Keep these rooms.
    RememberRooms {
        /// In order.
        rooms: Vec<RoomName>,
        /// The one shown.
        current: Option<RoomName>,
    },
    /// Keep that this person is ignored, or is not any more.
    KeepIgnored {
        /// Who.
        whom: Ignored,
        /// Whether they are.
        is_ignored: bool,
    },
    /// Connect now.
    Reconnect,
    /// Close, as if the connection had been lost.
    HangUp,
    /// Close and stay away.
    Disconnect,
}

impl Link {
    /// Does what an effect wants of the connection; gives back one that wants nothing of it.
    pub(crate) fn carry_out(&mut self, effect: Effect) -> Option<Effect> {
        self.tell(match effect {
            Effect::Send(frame) => LinkCommand::Send(frame),
            Effect::Introduce { name } => LinkCommand::Introduce(name),
            Effect::Password(password) => LinkCommand::Password(password),
            Effect::ConfirmHub(yes) => LinkCommand::ConfirmHub(yes),
            Effect::AlsoKnownAs { name } => LinkCommand::AlsoKnownAs(name),
            Effect::Reconnect => LinkCommand::Reconnect,
            Effect::HangUp => LinkCommand::HangUp,
            Effect::Disconnect => LinkCommand::Disconnect,
            Effect::RememberRooms { rooms, current } => {
                LinkCommand::RememberRooms { rooms, current }
            }
            Effect::KeepIgnored { whom, is_ignored } => {
                LinkCommand::KeepIgnored { whom, is_ignored }
            }
            other => return Some(other),
        });
        None
    }
}
