//! What programs post with a token, without a connection. PURE.

use std::collections::BTreeMap;

use protocol::{ErrorCode, Identity, MessageText, RequestId, RoomName, Seq};

use super::{
    asking::{Answer, AskId},
    limits::{FrameKind, Limits, Rates},
    proposals::EventAsker,
    state::HubState,
    turn::{Denial, Turn, whole_ms},
};
use crate::ledger::{Act, Token, TokenHash};

/// Posts make no rooms: a typing error would go unheard.
pub(crate) const NO_SUCH_ROOM: &str =
    "there is no room of that name; somebody has to join it first, which makes it";

/// Something that a program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// By which token.
    pub token: TokenHash,
    /// Where.
    pub room: RoomName,
    /// Half of its key; the token's identity is the other half.
    pub id: RequestId,
    /// What.
    pub text: MessageText,
    /// How.
    pub saying: Saying,
}

/// How something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// As any message.
    Message {
        /// The message that it answers.
        reply_to: Option<Seq>,
    },
    /// So that everyone in the room notices it.
    Announcement,
}

/// How far each token is with the rates that connections have, too.
#[derive(Debug)]
pub(super) struct Posting {
    rates: Rates,
    /// Only of tokens that count, so that there are never more.
    limits: BTreeMap<Identity, Limits>,
}

impl Posting {
    /// With so many messages a second and at once, for each token.
    pub(super) fn new(rate: u32, burst: u32) -> Self {
        Self { rates: Rates::new(rate, burst), limits: BTreeMap::new() }
    }

    /// What is counted for a token that counts no more is forgotten.
    pub(super) fn forget(&mut self, token: &Identity) {
        self.limits.remove(token);
    }
}

impl HubState {
    /// A program wants something said.
    pub(super) fn post(&mut self, turn: &mut Turn, ask: AskId, post: Post) {
        let token = match self.check_post(turn, &post) {
            Ok(token) => token,
            Err(denial) => return turn.refuse(ask, denial),
        };
        let Post { room, id, text, saying, .. } = post;
        let act = match saying {
            Saying::Message { reply_to } => {
                Act::Say { room: room.clone(), id: id.clone(), text, reply_to }
            }
            Saying::Announcement => Act::Announce { room: room.clone(), id: id.clone(), text },
        };
        let by = (token.identity, token.name);
        self.ask_for_event_by(turn, by, act, (EventAsker::Outside(ask), id, Some(room)));
    }

    /// Somebody is about to post.
    pub(super) fn know_token(&self, turn: &mut Turn, ask: AskId, token: &TokenHash) {
        match self.tokens.bearer(token) {
            Some(_) => turn.give(ask, Answer::TokenKnown),
            None => turn.refuse(ask, unknown_token()),
        }
    }

    /// The token that may post this, as far as the hub knows. The ledger has the last word: a
    /// token may be revoked before the post has its place.
    fn check_post(&mut self, turn: &Turn, post: &Post) -> Result<Token, Denial> {
        let token = self.tokens.bearer(&post.token).cloned().ok_or_else(unknown_token)?;
        let limits = self.posting.limits.entry(token.identity.clone()).or_default();
        limits
            .try_take(&self.posting.rates, turn.now.mono, FrameKind::Message)
            .map_err(|wait| too_fast(whole_ms(wait)))?;
        if !self.has_public_room(&post.room) {
            return Err(no_such_room(&post.room));
        }
        Ok(token)
    }
}

fn unknown_token() -> Denial {
    let text = "that token is none of this hub's, or was revoked; ask who runs the hub for one";
    Denial::new(ErrorCode::Forbidden, text)
}

fn too_fast(retry_after_ms: u64) -> Denial {
    let text = "this token posts too fast; wait and send it again under the same id";
    let denial = Denial::new(ErrorCode::RateLimited, text);
    Denial { retry_after_ms: Some(retry_after_ms), ..denial }
}

fn no_such_room(room: &RoomName) -> Denial {
    Denial::of_room(ErrorCode::NotInRoom, NO_SUCH_ROOM, room)
}
