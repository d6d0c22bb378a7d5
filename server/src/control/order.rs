//! What whoever runs the hub can have it do, as it stands in the lines of the socket. PURE.

use protocol::{Addressee, RoomName, Timestamp, UserName, server::Role};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Refused;
use crate::{
    asks::Unanswered,
    hub::asking::{Answer, Question},
    ledger::{Token, TokenHash},
};

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "order", rename_all = "snake_case")]
pub enum Order {
    /// Let somebody do more, or no more than others.
    Appoint {
        /// Whom.
        whom: Addressee,
        /// What they may do from here on.
        role: Role,
    },
    /// A token for a program that may post.
    IssueToken {
        /// Of the secret, which stays with whoever made it.
        hash: TokenHash,
        /// What the program is called.
        name: UserName,
        /// Where it may post; none: in every public room, and announce.
        rooms: Vec<RoomName>,
    },
    /// The token of this name counts no more.
    RevokeToken {
        /// Of the token.
        name: UserName,
    },
    /// Say which tokens there are.
    ListTokens,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "snake_case")]
pub enum Done {
    /// This person may do this.
    Appointed {
        /// Who.
        name: UserName,
        /// What.
        role: Role,
    },
    /// This will count when they come for the first time, as long as the hub runs.
    Awaited {
        /// What they will be able to do.
        role: Role,
    },
    /// The token counts.
    TokenIssued {
        /// As it is listed.
        token: TokenLine,
    },
    /// The token counts no more.
    TokenRevoked {
        /// As it was listed.
        token: TokenLine,
    },
    /// These are the tokens that count.
    Tokens {
        /// By name.
        tokens: Vec<TokenLine>,
    },
}

/// A token, as whoever runs the hub is shown it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenLine {
    /// What it is called.
    pub name: UserName,
    /// Where it may post; none: in every public room, and announce.
    pub rooms: Vec<RoomName>,
    /// Since when there is it.
    pub made: Timestamp,
}

impl From<Token> for TokenLine {
    fn from(Token { name, rooms, made, .. }: Token) -> Self {
        Self { name, rooms, made }
    }
}

impl From<Order> for Question {
    fn from(order: Order) -> Self {
        match order {
            Order::Appoint { whom, role } => Self::Appoint { whom, role },
            Order::IssueToken { hash, name, rooms } => Self::IssueToken { hash, name, rooms },
            Order::RevokeToken { name } => Self::RevokeToken(name),
            Order::ListTokens => Self::ListTokens,
        }
    }
}

impl Done {
    /// What an answer of the hub is to whoever gave an order.
    pub(super) fn of(answer: Answer) -> Result<Self, Refused> {
        match answer {
            Answer::Appointed { name, role } => Ok(Self::Appointed { name, role }),
            Answer::Awaited { role } => Ok(Self::Awaited { role }),
            Answer::TokenIssued(token) => Ok(Self::TokenIssued { token: token.into() }),
            Answer::TokenRevoked(token) => Ok(Self::TokenRevoked { token: token.into() }),
            Answer::Tokens(tokens) => {
                Ok(Self::Tokens { tokens: tokens.into_iter().map(TokenLine::from).collect() })
            }
            Answer::Refused { refusal, suggest, .. } => {
                Err(Refused { text: refusal.text, suggest })
            }
            Answer::Watch(_) | Answer::TokenKnown | Answer::Told(_) | Answer::Stopping => {
                Err(Refused::new(Unanswered::Stopping))
            }
        }
    }
}

impl Serialize for TokenHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_bytes().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TokenHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <[u8; 32]>::deserialize(deserializer).map(Self::from_bytes)
    }
}
