//! What somebody is called from now on, and what they could be called if it is taken. PURE.

use std::{collections::BTreeMap, time::Duration};

use protocol::{ErrorCode, Identity, NameKey, ServerFrame, SessionId, UserName, server::Renamed};

use super::{
    limits::RENAMES,
    people::PersonId,
    proposals::Pending,
    session::Asker,
    state::HubState,
    turn::{Denial, Turn, whole_ms},
};
use crate::ledger::{Act, Decision};

/// Suggestions held at most: a whole class that logs in under one name, several times over.
const SUGGESTIONS_MAX: usize = 256;
/// How long a suggestion is made to nobody else: as long as people take to press Enter.
const SUGGESTION_HELD: Duration = Duration::from_mins(1);
/// Numbers tried in order, before some at random.
const NUMBERS_IN_ORDER: u32 = 99;
/// Numbers tried then. With more of one name than this, the asker has to think of something.
const NUMBERS_SCATTERED: u32 = 64;

/// Names that were suggested lately, so that two who are asking at the same time are not both
/// told the same one.
#[derive(Debug, Default)]
pub(crate) struct Suggestions {
    held: BTreeMap<NameKey, (Duration, SessionId)>,
}

/// A rename that the ledger is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClaimingRename {
    asker: Asker,
    identity: Identity,
    name: UserName,
}

impl Suggestions {
    fn is_held(&self, key: &NameKey, session: SessionId) -> bool {
        self.held.get(key).is_some_and(|(_, holder)| *holder != session)
    }

    fn hold(&mut self, now: Duration, key: NameKey, session: SessionId) {
        self.held.insert(key, (now + SUGGESTION_HELD, session));
    }

    /// Forgets the old ones, and everything if there are too many.
    fn make_room(&mut self, now: Duration) {
        self.held.retain(|_, (until, _)| *until > now);
        if self.held.len() >= SUGGESTIONS_MAX {
            self.held.clear();
        }
    }
}

impl HubState {
    /// Somebody wants another name.
    pub(super) fn rename(&mut self, turn: &mut Turn, asker: Asker, name: UserName) {
        let Some(person) = self.people.get_mut(asker.person) else {
            return;
        };
        let identity = person.identity.clone();
        if person.name == name {
            let renamed = Renamed { id: asker.id, from: name.clone(), to: name };
            return turn.answer(asker.session, ServerFrame::Renamed(renamed));
        }
        if !self.people.is_free(&name.key(), &identity, self.certain(turn.now)) {
            let denial = self.name_taken(turn, asker.session, &identity, &name);
            return turn.deny(asker, denial);
        }
        let Some(person) = self.people.get_mut(asker.person) else {
            return;
        };
        if let Err(wait) = person.renames.try_take(&RENAMES, turn.now.mono) {
            return turn.deny(asker, too_many_renames(wait));
        }
        if person.is_guest {
            let from = self.change_name(turn, asker.person, name);
            self.tell_renamed(turn, &asker, from);
        } else {
            self.claim(turn, asker, identity, name);
        }
    }

    fn claim(&mut self, turn: &mut Turn, asker: Asker, identity: Identity, name: UserName) {
        let Some(person) = self.people.get(asker.person) else {
            return;
        };
        let by = (identity.clone(), person.name.clone());
        self.people.begin_claim(&name, &identity);
        let act = Act::Claim { name: name.clone(), only_first: false };
        self.propose(turn, by, act, Pending::Rename(ClaimingRename { asker, identity, name }));
    }

    /// The ledger has decided about another name.
    pub(super) fn rename_decided(
        &mut self,
        turn: &mut Turn,
        rename: ClaimingRename,
        decision: Decision,
    ) {
        let ClaimingRename { asker, identity, name } = rename;
        let from = self.people.get(asker.person).map(|person| person.name.clone());
        self.people.end_claim(&name, &identity);
        match self.claimed(turn, &identity, decision) {
            Ok(_) => self.tell_renamed(turn, &asker, from),
            Err(mut denial) => {
                if let Some(person) = self.people.get_mut(asker.person) {
                    person.renames.put_back(&RENAMES);
                }
                self.suggest_if_taken(turn, asker.session, &identity, &name, &mut denial);
                self.deny_if_here(turn, asker, denial);
            }
        }
    }

    /// Takes over what the ledger says somebody is called.
    pub(super) fn claimed(
        &mut self,
        turn: &mut Turn,
        identity: &Identity,
        decision: Decision,
    ) -> Result<PersonId, Denial> {
        match decision {
            Decision::Claimed { name, role, .. } => {
                let person = self.people.owner(identity, &name, role);
                self.change_name(turn, person, name);
                self.mark_seen(turn, person);
                Ok(person)
            }
            other => Err(Denial::of_decision(other)),
        }
    }

    /// Calls somebody something else, in all their rooms; returns what they were called.
    fn change_name(&mut self, turn: &mut Turn, id: PersonId, name: UserName) -> Option<UserName> {
        let (from, before) =
            self.people.get(id).map(|person| (person.name.clone(), person.key.clone()))?;
        let rooms = self.touch_everywhere(turn, id);
        let after = name.key();
        self.people.rename(id, name);
        for name in rooms {
            if let Some(room) = self.rooms.get_mut(&name) {
                room.members.remove(&before);
                room.members.insert(after.clone(), id);
            }
        }
        Some(from)
    }

    /// Tells all connections of the asker what they are called, and answers the one that asked.
    fn tell_renamed(&self, turn: &mut Turn, asker: &Asker, from: Option<UserName>) {
        let (Some(person), Some(from)) = (self.people.get(asker.person), from) else {
            return;
        };
        for session in &person.sessions {
            let id = if *session == asker.session { asker.id.clone() } else { None };
            let (from, to) = (from.clone(), person.name.clone());
            let renamed = ServerFrame::Renamed(Renamed { id, from, to });
            if *session == asker.session {
                turn.answer(*session, renamed);
            } else {
                turn.tell(*session, renamed);
            }
        }
    }

    /// Why a name cannot be had, with one that can.
    pub(super) fn name_taken(
        &mut self,
        turn: &Turn,
        session: SessionId,
        identity: &Identity,
        name: &UserName,
    ) -> Denial {
        let mut denial = taken(name);
        self.suggest_if_taken(turn, session, identity, name, &mut denial);
        denial
    }

    /// Why a token cannot have a name, with one that it can.
    pub(super) fn token_name_taken(
        &self,
        turn: &Turn,
        identity: &Identity,
        name: &UserName,
    ) -> Denial {
        let certain = self.certain(turn.now);
        let is_free = |name: &UserName| self.people.is_free(&name.key(), identity, certain);
        let mut names = (2..=NUMBERS_IN_ORDER).filter_map(|number| name.numbered(number));
        Denial { suggest: names.find(is_free), ..taken(name) }
    }

    /// Adds a free name to a denial that is about a taken one.
    pub(super) fn suggest_if_taken(
        &mut self,
        turn: &Turn,
        session: SessionId,
        identity: &Identity,
        name: &UserName,
        denial: &mut Denial,
    ) {
        if denial.refusal.code != ErrorCode::NameTaken {
            return;
        }
        self.suggestions.make_room(turn.now.mono);
        let scattered = (0..NUMBERS_SCATTERED).map(|step| scattered(session, step));
        let numbers = (2..=NUMBERS_IN_ORDER).chain(scattered);
        let certain = self.certain(turn.now);
        let mut names = numbers.filter_map(|number| name.numbered(number));
        denial.suggest = names.find(|name| {
            let key = name.key();
            !self.suggestions.is_held(&key, session) && self.people.is_free(&key, identity, certain)
        });
        if let Some(name) = &denial.suggest {
            self.suggestions.hold(turn.now.mono, name.key(), session);
        }
    }
}

/// A number with up to six digits that is another one for every session and step.
fn scattered(session: SessionId, step: u32) -> u32 {
    let mixed = (session.0.wrapping_mul(64) + u64::from(step)).wrapping_mul(7_368_787);
    u32::try_from(mixed % 999_900).unwrap_or_default() + 100
}

fn taken(name: &UserName) -> Denial {
    Denial::new(ErrorCode::NameTaken, &format!("{name} is taken; choose another"))
}

fn too_many_renames(wait: Duration) -> Denial {
    let text = "that is too many names in a short time; wait a minute";
    let denial = Denial::new(ErrorCode::RateLimited, text);
    Denial { retry_after_ms: Some(whole_ms(wait)), ..denial }
}
