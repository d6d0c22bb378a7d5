//! Whom one ignores: a person, not a name. PURE.
//!
//! The hub tells who somebody is with what they say, and by name only of those who come, go and
//! write. So a name is kept beside the identity, as the one that this person has by now; and of
//! somebody who has said nothing yet only the name is known, until they do.

use protocol::{EventKind, Identity, RoomEvent, UserName};
use serde::{Deserialize, Serialize};

/// Somebody whom one ignores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ignored {
    /// Who it is, under every name; unknown until they say something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// What they are called, as far as is known.
    pub name: UserName,
    /// Whether somebody else has that name by now.
    #[serde(skip)]
    pub(crate) is_name_gone: bool,
}

/// Whom one ignores, in the order in which that began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignoring(Vec<Ignored>);

impl Ignored {
    /// This person, who has this name.
    pub fn new(identity: Option<Identity>, name: UserName) -> Self {
        Self { identity, name, is_name_gone: false }
    }

    /// Whether both are about the same person.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        if let (Some(one), Some(two)) = (&self.identity, &other.identity) {
            return one == two;
        }
        let have_names = !self.is_name_gone && !other.is_name_gone;
        have_names && self.name.key() == other.name.key()
    }

    fn is_called(&self, name: &UserName) -> bool {
        !self.is_name_gone && self.name == *name
    }
}

impl Ignoring {
    /// Whether nobody is ignored.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub fn people(&self) -> impl Iterator<Item = &Ignored> {
        self.0.iter()
    }

    /// Whether this is said by one of them. Of whom only the name is known, that counts. What an
    /// operator announces is for everyone who is here, whomever they ignore.
    pub fn hides(&self, event: &RoomEvent) -> bool {
        let is_announced = event.kind == EventKind::Announcement;
        !is_announced
            && self.0.iter().any(|person| match &person.identity {
                Some(identity) => *identity == event.by,
                None => person.is_called(&event.from),
            })
    }

    /// Whether somebody who is ignored has this name now.
    pub fn has_named(&self, name: &UserName) -> bool {
        self.0.iter().any(|person| person.is_called(name))
    }

    /// Who of them is known by this name, as somebody types it; rather who has it still.
    pub(crate) fn named(&self, name: &UserName) -> Option<&Ignored> {
        let key = name.key();
        let known = self.0.iter().filter(|person| person.name.key() == key);
        known.min_by_key(|person| person.is_name_gone)
    }

    /// Who of them this is.
    pub(crate) fn of(&self, identity: &Identity) -> Option<&Ignored> {
        self.0.iter().find(|person| person.identity.as_ref() == Some(identity))
    }

    pub(crate) fn set(&mut self, people: Vec<Ignored>) {
        self.0 = people;
    }

    pub(crate) fn add(&mut self, person: Ignored) {
        self.0.retain(|known| !known.is_same(&person));
        self.0.push(person);
    }

    pub(crate) fn remove(&mut self, person: &Ignored) {
        self.0.retain(|known| !known.is_same(person));
    }

    /// Whether this event tells more of somebody who is ignored than is known.
    pub(crate) fn learns_from(&self, event: &RoomEvent) -> bool {
        self.0.iter().any(|person| after(person, event).is_some())
    }

    /// Takes in under which name somebody speaks. Whoever is known as a person only now.
    pub(crate) fn learn(&mut self, event: &RoomEvent) -> Option<Ignored> {
        let mut found = None;
        for person in &mut self.0 {
            let Some(known) = after(person, event) else { continue };
            let is_new = person.identity.is_none();
            *person = known;
            found = found.or_else(|| is_new.then(|| person.clone()));
        }
        found
    }

    /// Somebody whom one does not ignore has this name, oneself that is.
    pub(crate) fn give_up_name(&mut self, name: &UserName) {
        for person in self.0.iter_mut().filter(|person| person.is_called(name)) {
            person.is_name_gone = true;
        }
    }

    /// Somebody is called otherwise now.
    pub(crate) fn rename(&mut self, from: &UserName, to: &UserName) {
        if let Some(person) = self.0.iter_mut().find(|person| person.is_called(from)) {
            person.name = to.clone();
        }
    }
}

/// What is known of this person after the event, if that is more.
fn after(person: &Ignored, event: &RoomEvent) -> Option<Ignored> {
    let by = Some(event.by.clone());
    if person.identity == by || (person.identity.is_none() && person.is_called(&event.from)) {
        let known = Ignored { identity: by, name: event.from.clone(), is_name_gone: false };
        return (known != *person).then_some(known);
    }
    let is_taken = person.is_called(&event.from);
    is_taken.then(|| Ignored { is_name_gone: true, ..person.clone() })
}

#[cfg(test)]
mod tests {
    use protocol::{RequestId, RoomName, Seq, Timestamp};

    use super::*;

    fn name(text: &str) -> UserName {
        UserName::parse(text).unwrap()
    }

    fn who(number: u8) -> Identity {
        Identity::from_bytes([number; 16])
    }

    fn says(from: &str, by: u8) -> RoomEvent {
        RoomEvent {
            room: RoomName::lobby(),
            seq: Seq::ZERO.next(),
            at: Timestamp(0),
            from: name(from),
            by: who(by),
            kind: EventKind::Message,
            id: RequestId::parse("x").unwrap(),
            text: None,
            reply_to: None,
            target: None,
            edited: None,
            deleted: None,
            reactions: Vec::new(),
        }
    }

    #[test]
    fn a_person_is_ignored_under_every_name_and_nobody_else_under_that_one() {
        let mut ignoring = Ignoring::default();
        ignoring.add(Ignored::new(Some(who(1)), name("Bob")));
        assert!(ignoring.hides(&says("Robert", 1)) && !ignoring.hides(&says("Bob", 2)));
        assert!(ignoring.has_named(&name("Bob")) && ignoring.named(&name("bob")).is_some());
        ignoring.learn(&says("Bobby", 1));
        assert!(ignoring.has_named(&name("Bobby")));
        assert!(!ignoring.has_named(&name("Bob")));
        ignoring.rename(&name("Bobby"), &name("Rob"));
        assert!(ignoring.has_named(&name("Rob")));
        ignoring.learn(&says("Rob", 2));
        assert!(!ignoring.has_named(&name("Rob")), "not the same Rob");
        assert!(ignoring.named(&name("rob")).is_some(), "known by it all the same");
        ignoring.learn(&says("Rob", 1));
        assert!(ignoring.has_named(&name("Rob")), "and it may be theirs again");
    }

    #[test]
    fn whoever_has_said_nothing_is_known_by_their_first_word() {
        let mut ignoring = Ignoring::default();
        ignoring.add(Ignored::new(None, name("Bob")));
        assert!(ignoring.hides(&says("Bob", 1)) && ignoring.learns_from(&says("Bob", 1)));
        let known = Ignored::new(Some(who(1)), name("Bob"));
        assert_eq!(ignoring.learn(&says("Bob", 1)), Some(known.clone()));
        assert!(ignoring.hides(&says("Rob", 1)) && !ignoring.learns_from(&says("Bob", 1)));
        assert!(!ignoring.hides(&says("Bob", 2)), "a person, not a name");
        assert_eq!(ignoring.learn(&says("Bobby", 1)), None, "who it is was known");
        ignoring.remove(&known);
        assert!(ignoring.is_empty());
    }

    #[test]
    fn a_name_that_went_to_another_is_not_theirs_to_be_told_apart_by() {
        let mut ignoring = Ignoring::default();
        ignoring.add(Ignored::new(Some(who(1)), name("Bob")));
        ignoring.learn(&says("Bob", 2));
        let other = Ignored::new(None, name("Bob"));
        ignoring.add(other.clone());
        assert_eq!(ignoring.people().count(), 2);
        ignoring.remove(&other);
        assert!(ignoring.hides(&says("Robert", 1)));
        ignoring.add(other);
        ignoring.give_up_name(&name("Bob"));
        assert!(!ignoring.hides(&says("Bob", 3)), "it may be oneself");
    }
}
