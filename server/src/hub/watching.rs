//! Whether a room may be watched by somebody who is no connection yet, and those who do. PURE.

use protocol::{Identity, RoomName, SessionId, close};

use super::{session::Stage, state::HubState, turn::Turn, visiting::Since};
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

    /// A connection watches from here on.
    pub(super) fn watch(
        &mut self,
        turn: &mut Turn,
        session: SessionId,
        room: &RoomName,
        token: Option<&TokenHash>,
        since: &Since,
    ) {
        // It can ask for nothing more.
        self.idle.end(session);
        // What was in order when it asked may be revoked by now.
        if self.watchable(room, token) == Watchable::Locked {
            return self.close(turn, session, close::FORBIDDEN, "the token does not count");
        }
        let opened_by = self.settings.password.as_ref().and(token);
        let opened_by = opened_by.and_then(|token| self.tokens.bearer(token));
        let opened_by = opened_by.map(|token| token.identity.clone());
        self.set_stage(session, Stage::Watching(opened_by));
        let cursor = self.cursor_since(room, since);
        self.attach(turn, session, None, room, cursor, None);
    }

    /// Who was let in by this token has nothing more to see.
    pub(super) fn end_watchers_of(&mut self, turn: &mut Turn, token: &Identity) {
        let is_by_it = |stage: &Stage| matches!(stage, Stage::Watching(Some(by)) if by == token);
        let watchers = self.sessions.iter().filter(|(_, session)| is_by_it(&session.stage));
        let watchers: Vec<_> = watchers.map(|(session, _)| *session).collect();
        for session in watchers {
            self.close(turn, session, close::FORBIDDEN, "the token was revoked");
        }
    }

    fn opens(&self, room: &RoomName, token: Option<&TokenHash>) -> bool {
        let token = token.and_then(|token| self.tokens.bearer(token));
        token.is_some_and(|token| token.rooms.is_empty() || token.rooms.contains(room))
    }
}
