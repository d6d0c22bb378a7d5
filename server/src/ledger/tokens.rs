//! Tokens: programs that may post, each as a person of its own. PURE.

use std::{collections::HashMap, fmt, hint::black_box};

use protocol::{Identity, NameKey, RoomName, Timestamp, UserName};
use sha2::{Digest as _, Sha256};

/// SHA-256 of a token's secret: all that is kept of it. A secret has 256 bits of chance in it,
/// so that no salt and no slow hash is needed.
///
/// Compared in a time that does not depend on where two differ; `Debug` shows its beginning only.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Of a secret, as it is written in a request.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// The hash that these bytes are, as kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As it is kept.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As whom the token speaks. Nobody finds the hash from it, and no secret of a person has it.
    pub fn identity(&self) -> Identity {
        let hash = Sha256::new_with_prefix(b"hubbub token identity v1\0").chain_update(self.0);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        Identity::from_bytes(bytes)
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        black_box(pairs.fold(0, |sum, (one, other)| sum | (one ^ other))) == 0
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, ..] = self.0;
        write!(f, "TokenHash({first:02x}{second:02x}…)")
    }
}

/// A program that may post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Of its secret.
    pub hash: TokenHash,
    /// As whom it speaks.
    pub identity: Identity,
    /// What it is called.
    pub name: UserName,
    /// Where it may post; none: in every public room, and announce.
    pub rooms: Vec<RoomName>,
    /// Since when there is it.
    pub made: Timestamp,
    /// Since when it counts no more, if so.
    pub revoked: Option<Timestamp>,
}

impl Token {
    /// Whether it may post in this room. What everyone hears is not a room among others.
    pub fn may_say(&self, room: &RoomName) -> bool {
        let is_in_bounds = self.rooms.is_empty() || self.rooms.contains(room);
        self.revoked.is_none() && !room.is_private() && is_in_bounds
    }

    /// Whether it may have everybody notice something.
    pub fn may_announce(&self) -> bool {
        self.revoked.is_none() && self.rooms.is_empty()
    }
}

/// Every token that there is or was, by who it speaks as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens(HashMap<Identity, Token>);

impl Tokens {
    /// Puts a token in, in the place of how it was before.
    pub(crate) fn insert(&mut self, token: Token) {
        self.0.insert(token.identity.clone(), token);
    }

    /// The token that speaks as this identity, revoked or not.
    pub(crate) fn get(&self, identity: &Identity) -> Option<&Token> {
        self.0.get(identity)
    }

    /// Whether this is a token that counts.
    pub(crate) fn is_alive(&self, identity: &Identity) -> bool {
        self.get(identity).is_some_and(|token| token.revoked.is_none())
    }

    /// Whether this is a token that counts no more.
    pub(crate) fn is_revoked(&self, identity: &Identity) -> bool {
        self.get(identity).is_some_and(|token| token.revoked.is_some())
    }

    /// The token of this name that counts.
    pub(crate) fn named(&self, key: &NameKey) -> Option<&Token> {
        self.0.values().find(|token| token.revoked.is_none() && token.name.key() == *key)
    }

    /// How many count.
    pub(crate) fn count(&self) -> usize {
        self.0.values().filter(|token| token.revoked.is_none()).count()
    }

    /// Those that count, by name.
    pub(crate) fn records(&self) -> Vec<Token> {
        let alive = self.0.values().filter(|token| token.revoked.is_none());
        let mut records: Vec<_> = alive.cloned().collect();
        records.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        records
    }
}
