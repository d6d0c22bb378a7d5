//! What happens to a batch within its transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use protocol::{EventKind, Identity, RoomName, Timestamp, UserName};
use rusqlite::Connection;

use super::{
    Act, Decision, Proposal,
    apply::{Entry, NewEvent, State},
    changes::Target,
    notes::Seen,
    powers::Grant,
    tables::{self, EventTable},
    token_table,
};

/// A transaction that is being filled.
pub(crate) struct Batch<'writer> {
    connection: &'writer Connection,
    events: EventTable<'writer>,
    state: &'writer mut State,
    /// What the tables call the rooms.
    numbers: &'writer mut HashMap<RoomName, i64>,
    /// Whose rows are to be written at the end: once, however many events there were.
    rooms: BTreeSet<RoomName>,
    people: BTreeMap<Identity, Names>,
    tokens: BTreeSet<Identity>,
}

/// Whether a person's names are to be written again, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Same,
    Changed,
}

impl<'writer> Batch<'writer> {
    /// A batch with nothing in it, in the transaction that is open on `connection`.
    pub(crate) fn new(
        connection: &'writer Connection,
        state: &'writer mut State,
        numbers: &'writer mut HashMap<RoomName, i64>,
    ) -> rusqlite::Result<Self> {
        let events = EventTable::of(connection)?;
        let (rooms, people, tokens) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
        Ok(Self { connection, events, state, numbers, rooms, people, tokens })
    }

    /// Decides one proposal and writes what comes of it.
    pub(crate) fn settle(&mut self, proposal: &Proposal) -> rusqlite::Result<Decision> {
        let target = self.target(&proposal.act)?;
        match self.state.decide(proposal, target.as_ref()) {
            Ok(Entry::Event(new)) => self.settle_event(proposal, &new),
            Ok(Entry::Claim { by, name, at }) => Ok(self.settle_claim(&by, &name, at)),
            Ok(Entry::Grant(grant)) => Ok(self.settle_grant(&grant)),
            Err(refusal) => {
                // What was stored once is known, even if it would be refused by now.
                let known = self.known(proposal)?;
                Ok(known.unwrap_or(Decision::refused(refusal)))
            }
        }
    }

    /// Notes when people were last here.
    pub(crate) fn keep_seen(&mut self, seen: &Seen) {
        for (identity, at) in seen {
            if self.state.authority.seen(identity, *at) {
                self.people.entry(identity.clone()).or_insert(Names::Same);
            }
        }
    }

    /// Writes the rows of the rooms and people that are other than before.
    pub(crate) fn finish(self) -> rusqlite::Result<()> {
        let Self { connection, state, numbers, rooms, .. } = self;
        for room in &rooms {
            tables::update_room(connection, numbers[room], &state.rooms[room])?;
        }
        let people = || {
            let known =
                |(identity, names)| Some((identity, names, state.authority.person(identity)?));
            self.people.iter().filter_map(known)
        };
        for (identity, names, person) in people() {
            tables::upsert_person(connection, identity, person)?;
            if *names == Names::Changed {
                tables::delete_names(connection, identity)?;
            }
        }
        // A name may have gone from one to another: all are freed before any is taken.
        for (identity, _, person) in people().filter(|(_, names, _)| **names == Names::Changed) {
            tables::insert_names(connection, identity, person)?;
        }
        // After the people that they speak as.
        let tokens = self.tokens.iter().filter_map(|identity| state.authority.tokens.get(identity));
        tokens.into_iter().try_for_each(|token| token_table::upsert(connection, token))
    }

    /// Nearly every event is new, so it is inserted without asking whether it is there; the
    /// UNIQUE index knows the others.
    fn settle_event(&mut self, proposal: &Proposal, new: &NewEvent) -> rusqlite::Result<Decision> {
        let room = &new.event.room;
        let number = match self.numbers.get(room) {
            Some(number) => *number,
            // A new room is not made for an event that will not be in it.
            None => match self.known(proposal)? {
                Some(known) => return Ok(known),
                None => self.insert_room(room)?,
            },
        };
        if !self.events.insert(number, new)? {
            // Not there and not to be inserted: then the index is broken.
            return self.known(proposal)?.ok_or(rusqlite::Error::QueryReturnedNoRows);
        }
        if !self.rooms.contains(room) {
            self.rooms.insert(room.clone());
        }
        let private = self.state.advance(new);
        let erased = match new.event.kind {
            EventKind::Delete => tables::erase(self.connection, number, &new.event)?,
            _ => Vec::new(),
        };
        Ok(Decision::Stored { event: new.event.clone(), private, erased })
    }

    /// What the log has where an act points to: asked only for those that do.
    fn target(&self, act: &Act) -> rusqlite::Result<Option<Target>> {
        let place = act.target().and_then(|(room, seq)| Some((self.numbers.get(room)?, seq)));
        place.map_or(Ok(None), |(number, seq)| tables::target(self.connection, *number, seq))
    }

    fn settle_claim(&mut self, by: &Identity, name: &UserName, at: Timestamp) -> Decision {
        let claimed = self.state.authority.claim(by, name, at);
        self.people.entry(by.clone()).or_insert(Names::Same);
        let changed = claimed.changed.into_iter().map(|identity| (identity, Names::Changed));
        self.people.extend(changed);
        let role = self.state.authority.role(by);
        Decision::Claimed { name: claimed.name, before: claimed.before, role }
    }

    fn settle_grant(&mut self, grant: &Grant) -> Decision {
        let granted = self.state.authority.grant(grant);
        let who = match grant {
            Grant::Role { who, .. } => who,
            Grant::Token(token) => &token.identity,
        };
        self.people.entry(who.clone()).or_insert(Names::Same);
        let renamed = granted.renamed.into_iter().map(|identity| (identity, Names::Changed));
        self.people.extend(renamed);
        if let Grant::Token(token) = grant {
            self.tokens.insert(token.identity.clone());
        }
        granted.decision
    }

    /// What to answer if something is stored under the key of this proposal.
    fn known(&mut self, proposal: &Proposal) -> rusqlite::Result<Option<Decision>> {
        let found = self.events.find(proposal)?;
        Ok(found.map(|found| self.state.retry(proposal, &found)))
    }

    fn insert_room(&mut self, room: &RoomName) -> rusqlite::Result<i64> {
        let number = tables::insert_room(self.connection, room)?;
        self.numbers.insert(room.clone(), number);
        Ok(number)
    }
}
