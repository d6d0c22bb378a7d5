//! Whether a room may be watched by somebody who is no connection yet. PURE.

use protocol::RoomName;

use super::state::HubState;
use crate::ledger::TokenHash;

/// Whether a room may be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watchable {
    /// It may.
    Yes,
    /// There is none of that name. Private ones are nobody's business.
    NoSuchRoom,
    /// Not without a password, and a token in its place was not given, or is not for this room.
    Locked,
}

impl HubState {
    /// Whether a room may be watched with this token. Without it nobody is told, where there is a
    /// password, which rooms there are.
    pub(super) fn watchable(&self, room: &RoomName, token: Option<&TokenHash>) -> Watchable {
        if self.settings.password.is_some() && !self.opens(room, token) {
            Watchable::Locked
        } else if self.has_public_room(room) {
            Watchable::Yes
        } else {
            Watchable::NoSuchRoom
        }
    }

    fn opens(&self, room: &RoomName, token: Option<&TokenHash>) -> bool {
        let token = token.and_then(|token| self.tokens.bearer(token));
        token.is_some_and(|token| token.rooms.is_empty() || token.rooms.contains(room))
    }
}
