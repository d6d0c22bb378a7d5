//! Who may do more than others: operators, and tokens. PURE.
//!
//! What is granted counts from its place in the log on: an announcement that was proposed before
//! its author was appointed is refused, one that was proposed after it is stored.

use protocol::{
    ErrorCode, EventKind, Identity, MessageText, Refusal, RequestId, RoomName, Timestamp, UserName,
    server::Role,
};

use super::{
    Decision, Proposal, Token, TokenHash,
    apply::{Content, Entry, State},
    authority::Authority,
};

/// Most tokens that count at once: each post looks at all of them.
pub(crate) const TOKENS_MAX: usize = 256;

/// What whoever is at the hub's machine grants or takes away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// What somebody may do.
    Role {
        /// Who, known.
        who: Identity,
        /// What.
        role: Role,
    },
    /// This token counts, or counts no more: as it says.
    Token(Token),
}

/// A grant that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Granted {
    /// What to tell.
    pub(crate) decision: Decision,
    /// Whose names are other than before.
    pub(crate) renamed: Vec<Identity>,
}

impl State {
    /// What is to be stored for an announcement.
    pub(super) fn announce(
        &self,
        proposal: &Proposal,
        room: &RoomName,
        id: &RequestId,
        text: &MessageText,
    ) -> Result<Entry, Refusal> {
        self.check_may_announce(proposal, room)?;
        let (kind, text) = (EventKind::Announcement, Some(text.clone()));
        Ok(self.entry(proposal, Content { room, id, kind, text, reply_to: None, target: None }))
    }

    /// What is to be stored when somebody's role is set.
    pub(super) fn appoint(&self, who: &Identity, role: Role) -> Result<Entry, Refusal> {
        if self.authority.person(who).is_none() {
            let text = "whoever that is has never been here; let them join once, then name them";
            return Err(Refusal::new(ErrorCode::NoSuchUser, text));
        }
        if self.authority.tokens.get(who).is_some() {
            let text = "that is a token, not a person; a token for all rooms announces by itself";
            return Err(Refusal::new(ErrorCode::Forbidden, text));
        }
        Ok(Entry::Grant(Grant::Role { who: who.clone(), role }))
    }

    /// What is to be stored for a new token.
    pub(super) fn issue(
        &self,
        proposal: &Proposal,
        hash: TokenHash,
        name: &UserName,
        rooms: &[RoomName],
    ) -> Result<Entry, Refusal> {
        check_rooms(rooms)?;
        let identity = hash.identity();
        let (name, rooms, made) = (name.clone(), rooms.to_vec(), proposal.at);
        let token = Token { hash, identity, name, rooms, made, revoked: None };
        if let Some(known) = self.authority.tokens.get(&token.identity) {
            let token = Token { made: known.made, ..token };
            return if *known == token {
                Ok(Entry::Grant(Grant::Token(token)))
            } else {
                Err(reused())
            };
        }
        let key = token.name.key();
        let owner = self.authority.owner(&key);
        if !owner.is_some_and(|owner| self.authority.tokens.is_revoked(owner)) {
            self.authority.check_claim(&token.identity, &key, proposal.certain)?;
        }
        if self.authority.tokens.count() >= TOKENS_MAX {
            return Err(too_many());
        }
        Ok(Entry::Grant(Grant::Token(token)))
    }

    /// What is to be stored when a token is revoked.
    pub(super) fn revoke(&self, name: &UserName, at: Timestamp) -> Result<Entry, Refusal> {
        match self.authority.tokens.named(&name.key()) {
            Some(token) => {
                let revoked = Token { revoked: Some(at), ..token.clone() };
                Ok(Entry::Grant(Grant::Token(revoked)))
            }
            None => Err(no_such_token(name)),
        }
    }

    /// Refuses a token that is to post where it may not, or not any more.
    pub(super) fn check_token(&self, by: &Identity, room: &RoomName) -> Result<(), Refusal> {
        match self.authority.tokens.get(by) {
            Some(token) if token.revoked.is_some() => Err(revoked()),
            Some(token) if !token.may_say(room) => Err(Refusal::new(
                ErrorCode::Forbidden,
                "this token is for other rooms; use one that is for this room",
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses who may not have everyone in a room notice something.
    pub(super) fn check_may_announce(
        &self,
        proposal: &Proposal,
        room: &RoomName,
    ) -> Result<(), Refusal> {
        if room.is_private() {
            let text = "a private room has no announcements; write to the person instead";
            return Err(Refusal::new(ErrorCode::RoomInvalid, text));
        }
        self.check_token(&proposal.by, room)?;
        match self.authority.tokens.get(&proposal.by) {
            Some(token) if token.may_announce() => Ok(()),
            Some(_) => Err(Refusal::new(
                ErrorCode::Forbidden,
                "a token that is for some rooms only can't announce; use one for all rooms",
            )),
            None if self.authority.role(&proposal.by) == Role::Operator => Ok(()),
            None => Err(only_operators(self.author(proposal))),
        }
    }
}

impl Authority {
    /// Carries out what was found to be in order.
    pub(crate) fn grant(&mut self, grant: &Grant) -> Granted {
        match grant {
            Grant::Role { who, role } => {
                self.set_role(who, *role);
                let decision = Decision::Appointed { who: who.clone(), role: *role };
                Granted { decision, renamed: Vec::new() }
            }
            Grant::Token(token) => self.grant_token(token),
        }
    }

    fn grant_token(&mut self, token: &Token) -> Granted {
        let (decision, renamed) = match token.revoked {
            None => {
                let claimed = self.claim(&token.identity, &token.name, token.made);
                (Decision::Issued(token.clone()), claimed.changed)
            }
            // From now on its name is kept as that of a person who was here just now.
            Some(at) => {
                self.seen(&token.identity, at);
                (Decision::Revoked(token.clone()), Vec::new())
            }
        };
        self.tokens.insert(token.clone());
        Granted { decision, renamed }
    }
}

/// The rooms of a token are public ones.
fn check_rooms(rooms: &[RoomName]) -> Result<(), Refusal> {
    if rooms.iter().any(RoomName::is_private) {
        let text = "a token can't be for a private room; name public ones";
        return Err(Refusal::new(ErrorCode::RoomInvalid, text));
    }
    if rooms.contains(&RoomName::announcements()) {
        let text = "only a token for all rooms writes announcements; make one without rooms";
        return Err(Refusal::new(ErrorCode::RoomInvalid, text));
    }
    Ok(())
}

/// Why a token cannot be revoked.
pub(crate) fn no_such_token(name: &UserName) -> Refusal {
    Refusal::new(
        ErrorCode::NoSuchUser,
        format!("no token is called {name}; `hubbub-server token list` shows those that are"),
    )
}

fn too_many() -> Refusal {
    Refusal::new(ErrorCode::Forbidden, "there are 256 tokens; revoke one that is not used any more")
}

fn reused() -> Refusal {
    Refusal::new(ErrorCode::IdReused, "that secret is or was another token's; make a new one")
}

fn revoked() -> Refusal {
    Refusal::new(ErrorCode::Forbidden, "this token was revoked; ask who runs the hub for another")
}

/// Why somebody may not announce, and who could change that.
fn only_operators(name: &UserName) -> Refusal {
    Refusal::new(
        ErrorCode::Forbidden,
        format!(
            "only operators announce; `hubbub-server operator {name}` on the hub's machine \
                 makes you one"
        ),
    )
}
