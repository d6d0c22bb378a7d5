//! When people were last here: gathered, and kept now and then. PURE.

use std::{collections::BTreeSet, time::Duration};

use super::{effect::Effect, people::PersonId, state::HubState, turn::Turn};

/// Changes are kept at most this often.
const SEEN_EVERY: Duration = Duration::from_secs(5);
/// Who stays is kept as seen this often, so that no crash makes a name look abandoned.
const STILL_HERE_EVERY: Duration = Duration::from_hours(1);

/// Whose time is to be kept.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    people: BTreeSet<PersonId>,
    /// When they are kept.
    due: Option<Duration>,
    /// When everyone who is here is kept; none while nobody is.
    still_here: Option<Duration>,
}

impl Seen {
    /// When there is something to be done.
    pub(crate) fn next_deadline(&self) -> Option<Duration> {
        [self.due, self.still_here].into_iter().flatten().min()
    }

    fn mark(&mut self, now: Duration, person: PersonId) {
        self.people.insert(person);
        self.due.get_or_insert(now + SEEN_EVERY);
        self.still_here.get_or_insert(now + STILL_HERE_EVERY);
    }
}

impl HubState {
    /// Somebody was here just now. Guests are not kept.
    pub(super) fn mark_seen(&mut self, turn: &Turn, id: PersonId) {
        let Some(person) = self.people.get_mut(id) else {
            return;
        };
        person.last_seen = turn.now.wall;
        if !person.is_guest {
            self.seen.mark(turn.now.mono, id);
        }
    }

    /// Has kept what is due.
    pub(super) fn flush_seen(&mut self, turn: &mut Turn) {
        let now = turn.now.mono;
        if self.seen.still_here.is_some_and(|due| due <= now) {
            self.seen.still_here = None;
            self.mark_everyone_here(turn);
        }
        if self.seen.due.is_some_and(|due| due <= now) {
            self.keep_seen(turn);
        }
    }

    /// Has kept everything, due or not.
    pub(super) fn keep_seen(&mut self, turn: &mut Turn) {
        self.seen.due = None;
        let marked = std::mem::take(&mut self.seen.people);
        let times = marked.into_iter().filter_map(|id| {
            let person = self.people.get(id)?;
            let at = if person.is_online() { turn.now.wall } else { person.last_seen };
            Some((person.identity.clone(), at))
        });
        let times: Vec<_> = times.collect();
        if !times.is_empty() {
            turn.push(Effect::Seen(times));
        }
    }

    /// Marks everyone who has a connection.
    pub(super) fn mark_everyone_here(&mut self, turn: &Turn) {
        let here = self.people.iter().filter(|(_, person)| person.is_online());
        let here: Vec<_> = here.map(|(id, _)| id).collect();
        for id in here {
            self.mark_seen(turn, id);
        }
    }
}
