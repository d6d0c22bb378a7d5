//! Choosing who to be on a hub, so that two clients of one machine are two people.
//!
//! A running client holds a shared lock on its person's `.running` file; who can get it
//! exclusively knows that nobody runs as that person. All of it happens while the hub's file is
//! held, so that two clients that start at once see each other.

use std::fs::File;

use protocol::{Identity, NameKey, Secret, UserName};

use super::{
    StorageError,
    file::HubFile,
    record::{HubRecord, Person},
};

/// Somebody that this process is now. Other processes know, until this is dropped.
#[derive(Debug)]
pub struct Claim {
    /// Under this name.
    pub name: UserName,
    /// What proves it.
    pub secret: Secret,
    /// Who it is in public.
    pub identity: Identity,
    _running: File,
}

/// What came of choosing.
#[derive(Debug)]
pub enum Choice {
    /// Be this one.
    Be(Claim),
    /// The user has to say: another client of this machine is `tried`.
    Taken {
        /// The name that one would have had.
        tried: UserName,
        /// One that is free on this machine.
        suggest: UserName,
    },
}

pub(super) fn choose(
    file: &mut HubFile,
    wanted: Option<&UserName>,
    rather: Option<&UserName>,
    login: &UserName,
) -> Result<Choice, StorageError> {
    if let Some(name) = wanted {
        return take(file, name, None).map(Choice::Be);
    }
    let rather = rather.map(UserName::key);
    let mut known: Vec<Person> =
        file.record.people.iter().filter(|p| p.welcomed).cloned().collect();
    known.reverse();
    known.sort_by_key(|person| !rather.as_ref().is_some_and(|key| person.has(key)));
    for person in known {
        if let Some(claim) = claim_if_free(file, &person)? {
            return Ok(Choice::Be(claim));
        }
    }
    match claim_name_if_free(file, login)? {
        Some(claim) => Ok(Choice::Be(claim)),
        None => Ok(Choice::Taken { tried: login.clone(), suggest: free_name(file, login)? }),
    }
}

/// As [`super::Storage::last`].
pub(super) fn last(file: &mut HubFile, login: &UserName) -> Result<Claim, StorageError> {
    let known = file.record.people.iter().rfind(|person| person.welcomed);
    let name = known.and_then(|person| person.names.last()).unwrap_or(login).clone();
    take(file, &name, None)
}

/// As [`super::Storage::take`].
pub(super) fn take(
    file: &mut HubFile,
    name: &UserName,
    held: Option<&Claim>,
) -> Result<Claim, StorageError> {
    if let Some(owner) = owner(&file.record, &name.key()).cloned() {
        return claim(file, &owner, name);
    }
    let unseen = held.and_then(|held| file.record.person(&held.identity));
    let person = match unseen.filter(|person| !person.welcomed) {
        Some(person) => {
            person.names = vec![name.clone()];
            person.clone()
        }
        None => file_new_person(&mut file.record, name)?,
    };
    file.save()?;
    claim(file, &person, name)
}

/// Somebody who runs already gets a second screen: the lock is a shared one.
fn claim(file: &HubFile, person: &Person, name: &UserName) -> Result<Claim, StorageError> {
    let running = file.running(&person.identity())?;
    let locked = running.lock_shared();
    locked.map_err(|error| StorageError::at("the lock of a running client".as_ref(), error))?;
    Ok(Claim {
        name: name.clone(),
        secret: person.secret.clone(),
        identity: person.identity(),
        _running: running,
    })
}

fn claim_if_free(file: &HubFile, person: &Person) -> Result<Option<Claim>, StorageError> {
    match person.names.last() {
        Some(name) if !is_running(file, person)? => claim(file, person, name).map(Some),
        _ => Ok(None),
    }
}

fn claim_name_if_free(file: &mut HubFile, name: &UserName) -> Result<Option<Claim>, StorageError> {
    match owner(&file.record, &name.key()) {
        Some(owner) if is_running(file, owner)? => Ok(None),
        _ => take(file, name, None).map(Some),
    }
}

fn is_running(file: &HubFile, person: &Person) -> Result<bool, StorageError> {
    // The lock that this may get ends with the file, at the end of the line.
    Ok(file.running(&person.identity())?.try_lock().is_err())
}

fn owner<'a>(record: &'a HubRecord, key: &NameKey) -> Option<&'a Person> {
    // Whom the hub knows by that name counts before whom it has not seen.
    let having = || record.people.iter().rev().filter(|person| person.has(key));
    having().find(|person| person.welcomed).or_else(|| having().next())
}

/// The first of `Ana2`, `Ana3`, … that no running client of this machine has.
fn free_name(file: &HubFile, tried: &UserName) -> Result<UserName, StorageError> {
    for number in 2.. {
        let Some(name) = tried.numbered(number) else { break };
        match owner(&file.record, &name.key()) {
            Some(owner) if is_running(file, owner)? => {}
            _ => return Ok(name),
        }
    }
    Ok(tried.clone())
}

fn file_new_person(record: &mut HubRecord, name: &UserName) -> Result<Person, StorageError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| StorageError::NoRandomness)?;
    let person = Person::new(Secret::from_bytes(bytes), name.clone());
    record.people.insert(0, person.clone());
    Ok(person)
}
