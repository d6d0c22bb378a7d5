//! Everyone the hub knows: who they are, what they are called, and who may be called what. PURE.

use std::collections::BTreeMap;

use protocol::{
    Identity, NameKey, Note, SessionId, Timestamp, UserName,
    server::{Member, Role},
};

use super::{limits::Bucket, memberships::Memberships};
use crate::ledger::{FORMER_NAMES_MAX, NAME_KEPT_MS, PersonRecord, Token};

/// The hub's own short name of a person, for the life of its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PersonId(u64);

/// A person.
#[derive(Debug)]
pub(crate) struct Person {
    /// Who.
    pub(crate) identity: Identity,
    /// What they are called; the name they had last, if somebody else has it now.
    pub(crate) name: UserName,
    /// The key of `name`.
    pub(crate) key: NameKey,
    /// Keys of names that are still their own, newest first.
    former: Vec<NameKey>,
    /// What they may do.
    pub(crate) role: Role,
    /// Whether they have no secret: then they are here only while their connection is.
    pub(crate) is_guest: bool,
    /// Whether this is a program with a token that counts: its name stays its own.
    pub(crate) is_token: bool,
    /// When they were last here, if they are not.
    pub(crate) last_seen: Timestamp,
    /// Why they are away.
    pub(crate) away: Option<Note>,
    /// Their connections.
    pub(crate) sessions: Vec<SessionId>,
    /// The rooms they are members of.
    pub(crate) memberships: Memberships,
    /// How often they may rename.
    pub(crate) renames: Bucket,
}

impl Person {
    fn new(identity: Identity, name: UserName, is_guest: bool, last_seen: Timestamp) -> Self {
        Self {
            identity,
            key: name.key(),
            name,
            former: Vec::new(),
            role: Role::default(),
            is_guest,
            is_token: false,
            last_seen,
            away: None,
            sessions: Vec::new(),
            memberships: Memberships::default(),
            renames: Bucket::default(),
        }
    }

    /// Whether they have a connection.
    pub(crate) fn is_online(&self) -> bool {
        !self.sessions.is_empty()
    }

    /// As members of a room are told of them.
    pub(crate) fn member(&self) -> Member {
        let Self { name, role, away, .. } = self;
        Member { name: name.clone(), role: *role, away: away.clone(), last_seen: None }
    }

    /// Whether their names are still kept for them.
    fn keeps_names(&self, certain: Timestamp) -> bool {
        let is_here = self.is_online() || self.is_token;
        is_here || certain.0.saturating_sub(self.last_seen.0) <= NAME_KEPT_MS
    }
}

/// Everyone.
#[derive(Debug, Default)]
pub(crate) struct People {
    next: u64,
    /// Boxed: nodes of a tree have room for eleven, and are half empty.
    persons: BTreeMap<PersonId, Box<Person>>,
    ids: BTreeMap<Identity, PersonId>,
    /// Who owns a name: everyone's current one and the former ones that are still theirs.
    owners: BTreeMap<NameKey, PersonId>,
    /// The names of the guests who are here.
    guests: BTreeMap<NameKey, PersonId>,
    /// Who is asking the ledger for a name, once for each time they asked.
    claims: BTreeMap<NameKey, Vec<Identity>>,
}

impl People {
    /// Everyone as kept, and which of them are tokens.
    pub(crate) fn load(records: Vec<PersonRecord>, tokens: &[Token]) -> Self {
        let mut people = Self::default();
        let mut former = Vec::new();
        for record in records {
            let PersonRecord { identity, name, former: names, role, last_seen } = record;
            let id = people.add(Person::new(identity, name.clone(), false, last_seen));
            people.owners.insert(name.key(), id);
            if let Some(person) = people.persons.get_mut(&id) {
                person.role = role;
            }
            former.extend(names.into_iter().map(|name| (id, name.key())));
        }
        for (id, key) in former {
            people.keep_former(id, key);
        }
        for token in tokens {
            people.mark_token(&token.identity, true);
        }
        people
    }

    /// The person of this id.
    pub(crate) fn get(&self, id: PersonId) -> Option<&Person> {
        self.persons.get(&id).map(AsRef::as_ref)
    }

    /// The person of this id, to be changed. Names are changed by the methods below.
    pub(crate) fn get_mut(&mut self, id: PersonId) -> Option<&mut Person> {
        self.persons.get_mut(&id).map(AsMut::as_mut)
    }

    /// Everyone, in the order they became known.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (PersonId, &Person)> {
        self.persons.iter().map(|(id, person)| (*id, person.as_ref()))
    }

    /// Who has this identity.
    pub(crate) fn by_identity(&self, identity: &Identity) -> Option<PersonId> {
        self.ids.get(identity).copied()
    }

    /// Who has this name now, or had it and still may take it back.
    pub(crate) fn by_name(&self, key: &NameKey) -> Option<PersonId> {
        self.guests.get(key).or_else(|| self.owners.get(key)).copied()
    }

    /// The guest of this name who is here now.
    pub(crate) fn guest_by_name(&self, key: &NameKey) -> Option<&Person> {
        self.guests.get(key).and_then(|id| self.get(*id))
    }

    /// Whether `identity` could have this name, as far as the hub knows.
    pub(crate) fn is_free(&self, key: &NameKey, identity: &Identity, certain: Timestamp) -> bool {
        let is_other =
            |id: &PersonId| self.persons.get(id).filter(|person| person.identity != *identity);
        let has_owner =
            self.owners.get(key).and_then(is_other).is_some_and(|owner| owner.keeps_names(certain));
        !has_owner && !self.is_in_use(key, identity)
    }

    /// Whether a guest of another identity has this name, or somebody is about to own it: what
    /// only the hub knows.
    pub(crate) fn is_in_use(&self, key: &NameKey, identity: &Identity) -> bool {
        let guest = self.guests.get(key).and_then(|id| self.persons.get(id));
        guest.is_some_and(|guest| guest.identity != *identity) || self.is_claimed(key, identity)
    }

    /// Whether this person can be called as they were without asking the ledger: they own the
    /// name, and nobody else is using it or about to get it.
    pub(crate) fn has_own_name(&self, id: PersonId) -> bool {
        self.persons.get(&id).is_some_and(|person| {
            self.owners.get(&person.key) == Some(&id)
                && !self.guests.contains_key(&person.key)
                && !self.is_claimed(&person.key, &person.identity)
        })
    }

    /// Whether they own a name that a guest took while they were not seen for so long.
    pub(crate) fn is_displaced(&self, id: PersonId) -> bool {
        self.persons.get(&id).is_some_and(|person| {
            self.owners.get(&person.key) == Some(&id) && self.guests.contains_key(&person.key)
        })
    }

    /// Somebody other than `identity` is asking the ledger for it.
    fn is_claimed(&self, key: &NameKey, identity: &Identity) -> bool {
        self.claims.get(key).is_some_and(|by| by.iter().any(|other| other != identity))
    }

    /// The ledger is asked for a name.
    pub(crate) fn begin_claim(&mut self, name: &UserName, identity: &Identity) {
        self.claims.entry(name.key()).or_default().push(identity.clone());
    }

    /// The ledger has answered.
    pub(crate) fn end_claim(&mut self, name: &UserName, identity: &Identity) {
        let key = name.key();
        let Some(by) = self.claims.get_mut(&key) else {
            return;
        };
        if let Some(place) = by.iter().position(|other| other == identity) {
            by.swap_remove(place);
        }
        if by.is_empty() {
            self.claims.remove(&key);
        }
    }

    /// A guest is here.
    pub(crate) fn add_guest(&mut self, identity: Identity, name: UserName) -> PersonId {
        let key = name.key();
        let id = self.add(Person::new(identity, name, true, Timestamp::default()));
        self.guests.insert(key, id);
        id
    }

    /// A guest has gone; nothing of them is kept.
    pub(crate) fn remove_guest(&mut self, id: PersonId) {
        let Some(person) = self.persons.remove(&id) else {
            return;
        };
        self.ids.remove(&person.identity);
        self.guests.remove(&person.key);
    }

    /// The owner of a name, according to the ledger: known now if not before. Their name itself
    /// is changed by [`People::rename`].
    pub(crate) fn owner(&mut self, identity: &Identity, name: &UserName, role: Role) -> PersonId {
        self.ids.get(identity).copied().unwrap_or_else(|| {
            let seen = Timestamp::default();
            let person = Person::new(identity.clone(), name.clone(), false, seen);
            self.add(Person { role, ..person })
        })
    }

    /// Somebody is a token, or is none any more.
    pub(crate) fn mark_token(&mut self, identity: &Identity, is_token: bool) {
        let person = self.ids.get(identity).and_then(|id| self.persons.get_mut(id));
        if let Some(person) = person {
            person.is_token = is_token;
        }
    }

    /// Somebody has this name now.
    pub(crate) fn rename(&mut self, id: PersonId, name: UserName) {
        let Some(person) = self.persons.get_mut(&id) else {
            return;
        };
        let key = name.key();
        let before = std::mem::replace(&mut person.key, key.clone());
        person.name = name;
        if person.is_guest {
            self.guests.remove(&before);
            self.guests.insert(key, id);
        } else {
            self.own(id, &key, before);
        }
    }

    /// Gives an owned name, keeps the one before, and drops what is too old to be kept.
    fn own(&mut self, id: PersonId, key: &NameKey, before: NameKey) {
        let had_before = self.owners.get(&before) == Some(&id);
        if let Some(other) = self.owners.insert(key.clone(), id).filter(|other| *other != id) {
            self.lose(other, key);
        }
        let Some(person) = self.persons.get_mut(&id) else { return };
        person.former.retain(|former| former != key);
        if had_before && before != *key {
            person.former.insert(0, before);
        }
        let kept = person.former.len().min(FORMER_NAMES_MAX);
        for key in person.former.split_off(kept) {
            self.owners.remove(&key);
        }
    }

    /// Somebody was not seen for so long that another took their name. Without the current one
    /// they lose the former ones too, and choose anew when they come back.
    fn lose(&mut self, id: PersonId, key: &NameKey) {
        let Some(person) = self.persons.get_mut(&id) else { return };
        person.former.retain(|former| former != key);
        if person.key == *key {
            for former in std::mem::take(&mut person.former) {
                self.owners.remove(&former);
            }
        }
    }

    fn keep_former(&mut self, id: PersonId, key: NameKey) {
        if self.owners.contains_key(&key) {
            return;
        }
        if let Some(person) = self.persons.get_mut(&id) {
            person.former.push(key.clone());
            self.owners.insert(key, id);
        }
    }

    fn add(&mut self, person: Person) -> PersonId {
        let id = PersonId(self.next);
        self.next += 1;
        self.ids.insert(person.identity.clone(), id);
        self.persons.insert(id, Box::new(person));
        id
    }
}
