//! Who is known and who owns which name. PURE: the only time here is the one handed in.

use std::collections::HashMap;

use protocol::{ErrorCode, Identity, NameKey, Refusal, Timestamp, UserName, server::Role};

use super::{FORMER_NAMES_MAX, NAME_KEPT_MS, PersonRecord, tokens::Tokens};

/// Everyone who ever owned a name, and the names that are owned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Authority {
    people: HashMap<Identity, Person>,
    owners: HashMap<NameKey, Identity>,
    /// The programs among the people.
    pub(crate) tokens: Tokens,
}

/// Somebody who owned a name once, and most likely still does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The current name, or the last one if it was lost to another while away for too long.
    pub(crate) name: UserName,
    /// Whether `name` is still theirs.
    pub(crate) owns_name: bool,
    /// Names before, newest first, still theirs.
    pub(crate) former: Vec<UserName>,
    /// What they may do.
    pub(crate) role: Role,
    /// When they were last here.
    pub(crate) last_seen: Timestamp,
}

impl Person {
    fn owned(&self) -> impl Iterator<Item = &UserName> {
        self.owns_name.then_some(&self.name).into_iter().chain(&self.former)
    }

    fn is_lapsed(&self, certain: Timestamp) -> bool {
        certain.0.saturating_sub(self.last_seen.0) > NAME_KEPT_MS
    }

    /// Makes `name` the current one; the one before becomes the newest of the former.
    fn rename(&mut self, name: UserName) {
        let key = name.key();
        self.former.retain(|former| former.key() != key);
        let before = std::mem::replace(&mut self.name, name);
        if self.owns_name && before.key() != key {
            self.former.insert(0, before);
            self.former.truncate(FORMER_NAMES_MAX);
        }
        self.owns_name = true;
    }

    fn lose(&mut self, key: &NameKey) {
        self.former.retain(|former| former.key() != *key);
        // Without a current name the others would keep a person who is to choose anew.
        if self.owns_name && self.name.key() == *key {
            self.owns_name = false;
            self.former.clear();
        }
    }
}

/// A claim that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    /// The name that the identity has now.
    pub(crate) name: UserName,
    /// The one it had before, if any; the same if nothing changed.
    pub(crate) before: Option<UserName>,
    /// Whose names are other than before.
    pub(crate) changed: Vec<Identity>,
}

impl Authority {
    /// The person of this identity, if it ever owned a name.
    pub(crate) fn person(&self, identity: &Identity) -> Option<&Person> {
        self.people.get(identity)
    }

    /// Puts a person in as they were kept.
    pub(crate) fn insert(&mut self, identity: Identity, person: Person) {
        for name in person.owned() {
            self.owners.insert(name.key(), identity.clone());
        }
        self.people.insert(identity, person);
    }

    /// Who has this name, now or as a former one.
    pub(crate) fn owner(&self, key: &NameKey) -> Option<&Identity> {
        self.owners.get(key)
    }

    /// The current name of this identity, if it owns one.
    pub(crate) fn name(&self, identity: &Identity) -> Option<&UserName> {
        self.people.get(identity).filter(|person| person.owns_name).map(|person| &person.name)
    }

    /// What this identity may do.
    pub(crate) fn role(&self, identity: &Identity) -> Role {
        self.people.get(identity).map_or(Role::Member, |person| person.role)
    }

    /// Lets a known identity do this from here on.
    pub(crate) fn set_role(&mut self, identity: &Identity, role: Role) {
        if let Some(person) = self.people.get_mut(identity) {
            person.role = role;
        }
    }

    /// Refuses with `name_taken` what somebody else owns who was here in the last 30 days, by a
    /// clock that is not ahead, or is a token that counts.
    pub(crate) fn check_claim(
        &self,
        by: &Identity,
        key: &NameKey,
        certain: Timestamp,
    ) -> Result<(), Refusal> {
        let owner = self.owners.get(key).filter(|owner| *owner != by);
        let is_kept = |owner: &Identity| {
            let is_lapsed = self.people.get(owner).is_none_or(|owner| owner.is_lapsed(certain));
            !is_lapsed || self.tokens.is_alive(owner)
        };
        if owner.is_some_and(is_kept) {
            return Err(Refusal::new(
                ErrorCode::NameTaken,
                "that name, or one that looks like it, is somebody else's; choose another",
            ));
        }
        Ok(())
    }

    /// Gives `by` this name, for which [`Self::check_claim`] had nothing against it. Whoever
    /// owned it loses it.
    pub(crate) fn claim(&mut self, by: &Identity, name: &UserName, at: Timestamp) -> Claimed {
        let before = self.name(by).cloned();
        if before.as_ref() == Some(name) {
            self.seen(by, at);
            return Claimed { name: name.clone(), before, changed: Vec::new() };
        }
        let key = name.key();
        let mut changed = Vec::new();
        if let Some(owner) = self.owners.get(&key).filter(|owner| *owner != by).cloned() {
            self.change(&owner, |person| person.lose(&key));
            changed.push(owner);
        }
        self.give(by, name, at);
        changed.push(by.clone());
        Claimed { name: name.clone(), before, changed }
    }

    /// Notes that this identity was here. Says whether that is news about somebody known.
    pub(crate) fn seen(&mut self, identity: &Identity, at: Timestamp) -> bool {
        match self.people.get_mut(identity) {
            Some(person) if person.last_seen < at => {
                person.last_seen = at;
                true
            }
            Some(_) | None => false,
        }
    }

    /// Everyone who owns a name, in the order of identities.
    pub(crate) fn records(&self) -> Vec<PersonRecord> {
        let owning = self.people.iter().filter(|(_, person)| person.owns_name);
        let record = |(identity, person): (&Identity, &Person)| PersonRecord {
            identity: identity.clone(),
            name: person.name.clone(),
            former: person.former.clone(),
            role: person.role,
            last_seen: person.last_seen,
        };
        let mut records: Vec<_> = owning.map(record).collect();
        records.sort_unstable_by(|one, other| one.identity.cmp(&other.identity));
        records
    }

    fn give(&mut self, by: &Identity, name: &UserName, at: Timestamp) {
        self.people.entry(by.clone()).or_insert_with(|| Person {
            name: name.clone(),
            owns_name: false,
            former: Vec::new(),
            role: Role::Member,
            last_seen: at,
        });
        self.change(by, |person| person.rename(name.clone()));
        self.seen(by, at);
    }

    /// Changes a person, and the index of names with them.
    fn change(&mut self, identity: &Identity, change: impl FnOnce(&mut Person)) {
        let Some(person) = self.people.get_mut(identity) else {
            return;
        };
        for name in person.owned() {
            self.owners.remove(&name.key());
        }
        change(person);
        for name in person.owned() {
            self.owners.insert(name.key(), identity.clone());
        }
    }
}
