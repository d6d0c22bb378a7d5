//! The tokens with which programs post: made, revoked, listed, and whose a secret is. PURE.

use std::collections::BTreeMap;

use protocol::{ErrorCode, NameKey, RoomName, UserName, server::Role};

use super::{
    asking::{Answer, AskId},
    proposals::Pending,
    state::HubState,
    turn::{Denial, Turn},
};
use crate::ledger::{Act, Decision, Token, TokenHash, no_such_token};

/// Every token that counts, by name.
#[derive(Debug, Default)]
pub(crate) struct BearerTokens(BTreeMap<NameKey, Token>);

/// A token that the ledger is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedToken {
    ask: AskId,
    hash: TokenHash,
    name: UserName,
}

impl BearerTokens {
    /// Those that are kept.
    pub(crate) fn load(tokens: Vec<Token>) -> Self {
        Self(tokens.into_iter().map(|token| (token.name.key(), token)).collect())
    }

    /// The token of this hash, if it counts. However many there are, and wherever it is among
    /// them, all are looked at, each to its end: the time tells nothing.
    pub(crate) fn bearer(&self, hash: &TokenHash) -> Option<&Token> {
        let tokens = self.0.values();
        tokens.fold(None, |found, token| if token.hash == *hash { Some(token) } else { found })
    }
}

impl HubState {
    /// Whoever is at the hub's machine wants a token.
    pub(super) fn issue_token(
        &mut self,
        turn: &mut Turn,
        ask: AskId,
        (hash, name): (TokenHash, UserName),
        rooms: Vec<RoomName>,
    ) {
        let by = (hash.identity(), name.clone());
        // The ledger does not know guests; about owners it decides.
        if self.people.is_in_use(&name.key(), &by.0) {
            return turn.refuse(ask, self.token_name_taken(turn, &by.0, &name));
        }
        self.people.begin_claim(&name, &by.0);
        let act = Act::Issue { hash, name: name.clone(), rooms };
        self.propose(turn, by, act, Pending::Token(AskedToken { ask, hash, name }));
    }

    /// Whoever is at the hub's machine wants a token not to count any more.
    pub(super) fn revoke_token(&mut self, turn: &mut Turn, ask: AskId, name: UserName) {
        let Some(token) = self.tokens.0.get(&name.key()) else {
            return turn.refuse(ask, Denial::from(no_such_token(&name)));
        };
        let (hash, by) = (token.hash, (token.identity.clone(), token.name.clone()));
        let act = Act::Revoke { name: name.clone() };
        self.propose(turn, by, act, Pending::Token(AskedToken { ask, hash, name }));
    }

    /// Whoever is at the hub's machine wants to know which tokens there are.
    pub(super) fn list_tokens(&self, turn: &mut Turn, ask: AskId) {
        turn.give(ask, Answer::Tokens(self.tokens.0.values().cloned().collect()));
    }

    /// The ledger has decided about a token.
    pub(super) fn token_decided(&mut self, turn: &mut Turn, asked: AskedToken, decision: Decision) {
        let AskedToken { ask, hash, name } = asked;
        self.people.end_claim(&name, &hash.identity());
        match decision {
            Decision::Issued(token) => {
                self.token_issued(turn, token.clone());
                turn.give(ask, Answer::TokenIssued(token));
            }
            Decision::Revoked(token) => {
                self.token_revoked(turn, &token);
                turn.give(ask, Answer::TokenRevoked(token));
            }
            other => {
                let mut denial = Denial::of_decision(other);
                if denial.refusal.code == ErrorCode::NameTaken {
                    denial = self.token_name_taken(turn, &hash.identity(), &name);
                }
                turn.refuse(ask, denial);
            }
        }
    }

    /// A token is a person who is never here, and whose name stays their own.
    fn token_issued(&mut self, turn: &mut Turn, token: Token) {
        let person = self.people.owner(&token.identity, &token.name, Role::Member);
        self.people.rename(person, token.name.clone());
        self.people.mark_token(&token.identity, true);
        self.mark_seen(turn, person);
        self.tokens.0.insert(token.name.key(), token);
    }

    fn token_revoked(&mut self, turn: &mut Turn, token: &Token) {
        self.end_watchers_of(turn, &token.identity);
        self.posting.forget(&token.identity);
        self.tokens.0.remove(&token.name.key());
        self.people.mark_token(&token.identity, false);
        if let Some(person) = self.people.by_identity(&token.identity) {
            self.mark_seen(turn, person);
        }
    }
}
