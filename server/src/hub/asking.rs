//! Questions of who is no connection: a request over HTTP, the operator at the machine. PURE.

use protocol::{
    Addressee, Refusal, RoomName, UserName,
    server::{Ack, Role},
};

use super::{
    effect::Effect,
    posting::Post,
    state::HubState,
    turn::{Denial, Turn},
    watching::Watchable,
};
use crate::ledger::{Token, TokenHash};

/// The asker's own name of a question; its answer comes back under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AskId(pub u64);

/// What the hub can be asked from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Whether a public room of this name may be watched, with this token if there is one.
    Watch {
        /// Which room.
        room: RoomName,
        /// Of the token.
        token: Option<TokenHash>,
    },
    /// Whether a token counts.
    KnowToken(TokenHash),
    /// A program says something.
    Post(Post),
    /// Let somebody do this from here on. A name is that of whoever has it, or had it and may
    /// take it back; who has this identity may come later.
    Appoint {
        /// Whom.
        whom: Addressee,
        /// What they may do; [`Role::Member`] takes back what they could do more.
        role: Role,
    },
    /// A new token.
    IssueToken {
        /// Of its secret.
        hash: TokenHash,
        /// What it is called.
        name: UserName,
        /// Where it may post; none: in every public room, and announce.
        rooms: Vec<RoomName>,
    },
    /// The token of this name is to count no more.
    RevokeToken(UserName),
    /// Which tokens count.
    ListTokens,
}

/// What it answers, once and to each question that is not forgotten before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Whether it may be watched.
    Watch(Watchable),
    /// The token counts, at least now.
    TokenKnown,
    /// What was said has its place in the log, durably, and is told.
    Told(Ack),
    /// That counts from here on, durably.
    Appointed {
        /// What they are called.
        name: UserName,
        /// What they may do.
        role: Role,
    },
    /// Nobody of that identity has been here: it will count when they come, before they are
    /// welcomed, as long as this hub runs.
    Awaited {
        /// What they will be able to do.
        role: Role,
    },
    /// The token counts from here on, durably.
    TokenIssued(Token),
    /// The token counts no more.
    TokenRevoked(Token),
    /// Those that count, by name.
    Tokens(Vec<Token>),
    /// Nothing was done.
    Refused {
        /// Why: one sentence for who asked.
        refusal: Refusal,
        /// A free name, where one was taken.
        suggest: Option<UserName>,
        /// When to try again; none if it is final.
        retry_after_ms: Option<u64>,
    },
    /// The hub is about to stop: nothing was done.
    Stopping,
}

impl HubState {
    /// Somebody asks something who has no connection.
    pub(super) fn asked(&mut self, turn: &mut Turn, ask: AskId, question: Question) {
        if self.drain.is_some() {
            return turn.push(Effect::Answer { ask, answer: Answer::Stopping });
        }
        match question {
            Question::Watch { room, token } => {
                turn.give(ask, Answer::Watch(self.watchable(&room, token.as_ref())));
            }
            Question::KnowToken(token) => self.know_token(turn, ask, &token),
            Question::Post(post) => self.post(turn, ask, post),
            Question::Appoint { whom, role } => self.appoint(turn, ask, &whom, role),
            Question::IssueToken { hash, name, rooms } => {
                self.issue_token(turn, ask, (hash, name), rooms);
            }
            Question::RevokeToken(name) => self.revoke_token(turn, ask, name),
            Question::ListTokens => self.list_tokens(turn, ask),
        }
    }

    /// Whether there is a room of this name that is not two people's own.
    pub(super) fn has_public_room(&self, room: &RoomName) -> bool {
        !room.is_private() && self.rooms.get(room).is_some()
    }
}

impl Turn<'_> {
    /// Answers a question.
    pub(super) fn give(&mut self, ask: AskId, answer: Answer) {
        self.push(Effect::Answer { ask, answer });
    }

    /// Answers a question with why nothing was done.
    pub(super) fn refuse(&mut self, ask: AskId, denial: Denial) {
        let Denial { refusal, suggest, retry_after_ms, .. } = denial;
        self.give(ask, Answer::Refused { refusal, suggest, retry_after_ms });
    }
}
