//! What is kept of one hub. PURE: no file, no clock.

use protocol::{Identity, NameKey, RoomName, Secret, UserName};
use serde::{Deserialize, Serialize};

use crate::{connection::address::is_secure, ignoring::Ignored};

/// One hub, as its file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HubRecord {
    /// Where it was reached, the last one last.
    pub(super) addresses: Vec<String>,
    /// When the file was written, in milliseconds UTC: of two hubs that were once at one
    /// address, the later is meant.
    #[serde(default)]
    pub(super) last_used: u64,
    /// Who this user is there, the one last used last.
    pub(super) people: Vec<Person>,
}

/// Somebody that this user is on a hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Person {
    /// What proves it.
    pub(super) secret: Secret,
    /// The names that open it here, the one last used last. Never empty.
    pub(super) names: Vec<UserName>,
    /// Whether the hub has ever said welcome to the user as this one.
    pub(super) welcomed: bool,
    /// The rooms to return to.
    #[serde(default, flatten)]
    pub(super) rooms: KnownRooms,
    /// Whom they ignore.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) ignored: Vec<Ignored>,
}

/// The rooms that somebody was in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownRooms {
    /// In order.
    #[serde(default)]
    pub rooms: Vec<RoomName>,
    /// The one that was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<RoomName>,
}

/// Another address of a hub that is met at a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// That under which it is known best.
    pub known_as: String,
    /// Whether TLS is spoken there, and not at the new one.
    pub loses_tls: bool,
}

impl Person {
    pub(super) fn new(secret: Secret, name: UserName) -> Self {
        let (rooms, ignored) = (KnownRooms::default(), Vec::new());
        Self { secret, names: vec![name], welcomed: false, rooms, ignored }
    }

    pub(super) fn identity(&self) -> Identity {
        Identity::of(&self.secret)
    }

    pub(super) fn has(&self, name: &NameKey) -> bool {
        self.names.iter().any(|known| known.key() == *name)
    }

    /// Makes `name` the one last used.
    fn use_name(&mut self, name: &UserName) {
        let key = name.key();
        self.names.retain(|known| known.key() != key);
        self.names.push(name.clone());
    }
}

impl HubRecord {
    pub(super) fn person(&mut self, identity: &Identity) -> Option<&mut Person> {
        self.people.iter_mut().find(|person| person.identity() == *identity)
    }

    /// Where it is known otherwise, if not at this address.
    pub(super) fn elsewhere(&self, address: &str) -> Option<Elsewhere> {
        if self.addresses.iter().any(|known| known == address) {
            return None;
        }
        let secure = self.addresses.iter().rfind(|known| is_secure(known));
        let lost = secure.filter(|_| !is_secure(address));
        let known_as = lost.or(self.addresses.last())?.clone();
        Some(Elsewhere { known_as, loses_tls: lost.is_some() })
    }

    /// From the first time with TLS on nothing is sent without it again, unless the user then says
    /// so: whoever is on the way could have chosen that.
    pub(super) fn reached_at(&mut self, address: &str) {
        let is_known_by_tls = self.addresses.iter().any(|known| is_secure(known));
        if is_secure(address) && !is_known_by_tls {
            self.addresses.clear();
        }
        self.addresses.retain(|known| known != address);
        self.addresses.push(address.to_owned());
    }

    /// The hub said welcome. `is_user`: to the user themselves, who was this one last from now on;
    /// not to a script of theirs.
    pub(super) fn welcomed(
        &mut self,
        address: &str,
        identity: &Identity,
        name: &UserName,
        is_user: bool,
    ) {
        self.reached_at(address);
        let Some(place) = self.people.iter().position(|p| p.identity() == *identity) else {
            return;
        };
        let person = &mut self.people[place];
        person.use_name(name);
        if is_user {
            person.welcomed = true;
            self.people[place..].rotate_left(1);
        }
    }

    /// The name that was somebody else's of this user's until now opens only this one.
    pub(super) fn rename(&mut self, identity: &Identity, name: &UserName) {
        let key = name.key();
        for person in &mut self.people {
            if person.identity() != *identity && person.names.len() > 1 {
                person.names.retain(|known| known.key() != key);
            }
        }
        if let Some(person) = self.person(identity) {
            person.use_name(name);
        }
    }

    pub(super) fn remember_rooms(&mut self, identity: &Identity, rooms: KnownRooms) {
        if let Some(person) = self.person(identity) {
            person.rooms = rooms;
        }
    }

    /// This user ignores somebody, or does not any more: whatever another client of theirs has
    /// kept of others stays.
    pub(super) fn ignore(&mut self, identity: &Identity, whom: &Ignored, is_ignored: bool) {
        if let Some(person) = self.person(identity) {
            person.ignored.retain(|known| !known.is_same(whom));
            person.ignored.extend(is_ignored.then(|| whom.clone()));
        }
    }

    pub(super) fn ignored(mut self, identity: &Identity) -> Vec<Ignored> {
        self.person(identity).map(|person| person.ignored.clone()).unwrap_or_default()
    }

    pub(super) fn rooms(mut self, identity: &Identity) -> KnownRooms {
        self.person(identity).map(|person| person.rooms.clone()).unwrap_or_default()
    }
}
