//! Who is an operator: named by name, or by identity before they ever came. PURE.

use std::collections::BTreeSet;

use protocol::{Addressee, ErrorCode, Identity, RequestId, SessionId, UserName, server::Role};

use super::{
    asking::{Answer, AskId},
    people::{Person, PersonId},
    proposals::Pending,
    state::HubState,
    turn::{Denial, Turn},
};
use crate::ledger::{Act, Decision};

/// Most identities that are awaited: the host's own, and what may come of trying.
const AWAITED_MAX: usize = 64;

/// Identities of operators who have not been here yet.
#[derive(Debug, Default)]
pub(crate) struct AwaitedOperators(BTreeSet<Identity>);

/// A role that the ledger is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Appointing {
    who: Identity,
    name: UserName,
    then: Then,
}

/// What is done when somebody has been appointed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Then {
    /// Tell who asked for it.
    Answer(AskId),
    /// Welcome them.
    Welcome { session: SessionId, person: PersonId, id: Option<RequestId> },
}

impl AwaitedOperators {
    /// Remembers to appoint somebody. Says whether there is room for that.
    fn add(&mut self, who: Identity) -> bool {
        let has_room = self.0.len() < AWAITED_MAX || self.0.contains(&who);
        if has_room {
            self.0.insert(who);
        }
        has_room
    }
}

impl HubState {
    /// Whoever is at the hub's machine says what somebody may do.
    pub(super) fn appoint(&mut self, turn: &mut Turn, ask: AskId, whom: &Addressee, role: Role) {
        let known = match whom {
            Addressee::Name(name) => self.people.by_name(&name.key()),
            Addressee::Identity(identity) => self.people.by_identity(identity),
        };
        match (known.and_then(|id| self.people.get(id)), whom) {
            (Some(person), _) if person.is_guest => turn.refuse(ask, guest(&person.name)),
            (Some(person), _) => {
                let (who, name) = (person.identity.clone(), person.name.clone());
                self.propose_role(turn, role, Appointing { who, name, then: Then::Answer(ask) });
            }
            (None, Addressee::Name(name)) => turn.refuse(ask, nobody(name)),
            (None, Addressee::Identity(who)) => self.await_operator(turn, ask, who, role),
        }
    }

    /// Somebody who has not been here gets their role when they come.
    fn await_operator(&mut self, turn: &mut Turn, ask: AskId, who: &Identity, role: Role) {
        let has_room = match role {
            Role::Operator => self.operators.add(who.clone()),
            Role::Member => {
                self.operators.0.remove(who);
                true
            }
        };
        if has_room {
            turn.give(ask, Answer::Awaited { role });
        } else {
            turn.refuse(ask, too_many_awaited());
        }
    }

    /// Lets a person who has a name in, after their appointment if they are awaited: then the
    /// `welcome` says already what they may do.
    pub(super) fn admit(
        &mut self,
        turn: &mut Turn,
        session: SessionId,
        person: PersonId,
        id: Option<RequestId>,
    ) {
        let is_awaited = |person: &&Person| self.operators.0.contains(&person.identity);
        let Some(awaited) = self.people.get(person).filter(is_awaited) else {
            return self.welcome(turn, session, person, id);
        };
        let (who, name) = (awaited.identity.clone(), awaited.name.clone());
        self.set_claiming(session, true);
        let then = Then::Welcome { session, person, id };
        self.propose_role(turn, Role::Operator, Appointing { who, name, then });
    }

    fn propose_role(&mut self, turn: &mut Turn, role: Role, appointing: Appointing) {
        let by = (appointing.who.clone(), appointing.name.clone());
        let act = Act::Appoint { who: appointing.who.clone(), role };
        self.propose(turn, by, act, Pending::Role(appointing));
    }

    /// The ledger has decided about a role.
    pub(super) fn role_decided(
        &mut self,
        turn: &mut Turn,
        appointing: Appointing,
        decision: Decision,
    ) {
        let Appointing { who, name, then } = appointing;
        let result = match decision {
            Decision::Appointed { who, role } => {
                self.set_role(turn, &who, role);
                Ok(role)
            }
            other => Err(Denial::of_decision(other)),
        };
        // What can be done is done, and what cannot be will not be tried at every hello.
        if result.as_ref().err().is_none_or(|denial| denial.retry_after_ms.is_none()) {
            self.operators.0.remove(&who);
        }
        match (then, result) {
            (Then::Answer(ask), Ok(role)) => turn.give(ask, Answer::Appointed { name, role }),
            (Then::Answer(ask), Err(denial)) => turn.refuse(ask, denial),
            (Then::Welcome { session, id, .. }, Err(denial)) if denial.retry_after_ms.is_some() => {
                self.refuse_hello(turn, session, id, denial);
            }
            (Then::Welcome { session, person, id }, _) => self.welcome(turn, session, person, id),
        }
    }

    /// Somebody may do this from here on; everyone in their rooms is told.
    fn set_role(&mut self, turn: &Turn, who: &Identity, role: Role) {
        let Some(id) = self.people.by_identity(who) else {
            return;
        };
        self.touch_everywhere(turn, id);
        if let Some(person) = self.people.get_mut(id) {
            person.role = role;
        }
    }
}

fn guest(name: &UserName) -> Denial {
    let text = format!(
        "{name} is a guest and somebody else the next time; \
         only who joins with an identity can be an operator"
    );
    Denial::new(ErrorCode::Forbidden, &text)
}

fn nobody(name: &UserName) -> Denial {
    let text = format!("nobody called {name} has been here; let them join once, then name them");
    Denial::new(ErrorCode::NoSuchUser, &text)
}

fn too_many_awaited() -> Denial {
    let text = "64 others are awaited already; let them join once, then name them";
    Denial::new(ErrorCode::Forbidden, text)
}
