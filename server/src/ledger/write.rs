//! The writer: a batch of proposals becomes one transaction, and only what is durable is told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use protocol::{ErrorCode, Identity, NameKey, Refusal, RoomName, Timestamp, Topic, UserName};
use rusqlite::{Connection, Row, Transaction, TransactionBehavior, ffi, params};

use super::{
    Decision, Outcome, Private, Proposal,
    apply::{Entry, Found, KeptAddressee, Room, State},
    authority::Person,
    rows,
    schema::{Checkpoint, checkpoint, checkpoint_on_close},
};

/// When to try again after the disk was full.
pub(crate) const STORAGE_RETRY_MS: u64 = 5_000;

/// When somebody was last here, for those of whom that is to be kept.
pub(crate) type Seen = HashMap<Identity, Timestamp>;

/// The owner of the connection that writes, and of the state that decisions depend on.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Connection,
    state: State,
    /// What the tables call the rooms.
    numbers: HashMap<RoomName, i64>,
}

/// What the end of a transaction has to write beside the events.
#[derive(Debug, Default)]
struct Changed {
    rooms: BTreeSet<RoomName>,
    people: BTreeMap<Identity, Names>,
}

/// Whether a person's names are to be written again, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Same,
    Changed,
}

impl Writer {
    /// A writer that knows all that is kept.
    pub(crate) fn load(connection: Connection) -> rusqlite::Result<Self> {
        let (state, numbers) = load(&connection)?;
        Ok(Self { connection, state, numbers })
    }

    /// What decisions depend on, as of the last commit.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Decides a batch in its order and makes it durable; when this returns, it may be told. If
    /// the disk is full nothing of the batch is done. Any other error is the end: what the
    /// database is now, nobody knows.
    pub(crate) fn commit(
        &mut self,
        batch: &[Proposal],
        seen: &Seen,
    ) -> rusqlite::Result<Vec<Outcome>> {
        match self.transact(batch, seen) {
            Err(error) if is_disk_full(&error) => self.give_up(batch, &error),
            result => result,
        }
    }

    /// How many pages of the WAL wait for a checkpoint.
    pub(crate) fn pages_left(&self) -> rusqlite::Result<i64> {
        Ok(checkpoint(&self.connection, Checkpoint::Noop)?.pages_left)
    }

    /// Moves what it can of the WAL into the file. A full disk is no harm: the WAL stays.
    pub(crate) fn checkpoint(&self) -> rusqlite::Result<()> {
        match checkpoint(&self.connection, Checkpoint::Passive) {
            Err(error) if is_disk_full(&error) => {
                tracing::warn!(%error, "the disk is full: the write-ahead log can't be moved");
                Ok(())
            }
            result => result.map(drop),
        }
    }

    /// Leaves one file, without a WAL; or, on a full disk, both.
    pub(crate) fn close(self) -> rusqlite::Result<()> {
        match checkpoint(&self.connection, Checkpoint::Truncate) {
            Err(error) if is_disk_full(&error) => return Ok(()),
            result => result?,
        };
        checkpoint_on_close(&self.connection, true)?;
        self.connection.close().map_err(|(_, error)| error)
    }

    fn transact(&mut self, batch: &[Proposal], seen: &Seen) -> rusqlite::Result<Vec<Outcome>> {
        let Self { connection, state, numbers } = self;
        let behavior = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(connection, behavior)?;
        let mut changed = Changed::default();
        let mut outcomes = Vec::with_capacity(batch.len());
        for proposal in batch {
            let found = find(&transaction, proposal)?;
            let applied = state.apply(proposal, found.as_ref());
            if let Some(entry) = &applied.entry {
                insert_event(&transaction, state, numbers, entry)?;
                changed.rooms.insert(entry.event.room.clone());
            }
            let renamed = applied.renamed.into_iter().map(|identity| (identity, Names::Changed));
            changed.people.extend(renamed);
            outcomes.push(Outcome { ticket: proposal.ticket, decision: applied.decision });
        }
        for (identity, at) in seen {
            if state.authority.seen(identity, *at) {
                changed.people.entry(identity.clone()).or_insert(Names::Same);
            }
        }
        write_changed(&transaction, state, numbers, &changed)?;
        transaction.commit()?;
        Ok(outcomes)
    }

    /// After a full disk: back to what is kept, and everyone of the batch may try again.
    fn give_up(
        &mut self,
        batch: &[Proposal],
        error: &rusqlite::Error,
    ) -> rusqlite::Result<Vec<Outcome>> {
        tracing::warn!(%error, proposals = batch.len(), "the disk is full: nothing was stored");
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("ROLLBACK")?;
        }
        (self.state, self.numbers) = load(&self.connection)?;
        let refuse = |proposal: &Proposal| Outcome {
            ticket: proposal.ticket,
            decision: Decision::Refused {
                refusal: Refusal::new(
                    ErrorCode::Storage,
                    "the hub's disk is full; it is tried again, tell the operator",
                ),
                retry_after_ms: Some(STORAGE_RETRY_MS),
            },
        };
        Ok(batch.iter().map(refuse).collect())
    }
}

/// Whether this is a full disk and nothing else. A file of SQLite's shared memory that can't
/// grow (`SHMSIZE`) is one, too; a failed sync never is.
fn is_disk_full(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(error, _) => {
            error.code == rusqlite::ErrorCode::DiskFull
                || error.extended_code == ffi::SQLITE_IOERR_SHMSIZE
        }
        _ => false,
    }
}

/// What is stored under the key of this proposal.
fn find(connection: &Connection, proposal: &Proposal) -> rusqlite::Result<Option<Found>> {
    let Some(id) = proposal.act.id() else {
        return Ok(None);
    };
    let mut select = connection.prepare_cached(
        "SELECT room.name, event.seq, event.at, event.kind, event.text, event.reply_to,
                event.to_key, event.to_identity
         FROM event JOIN room ON room.number = event.room
         WHERE event.identity = ?1 AND event.id = ?2",
    )?;
    let mut rows = select.query(params![proposal.by.as_str(), id.as_str()])?;
    rows.next()?.map(found).transpose()
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    let key = row.get(6)?;
    let identity = rows::optional(row, 7, Identity::parse)?;
    Ok(Found {
        room: rows::parsed(row, 0, RoomName::parse)?,
        seq: rows::seq(row, 1)?,
        at: Timestamp(row.get(2)?),
        kind: rows::kind(row, 3)?,
        text: row.get(4)?,
        reply_to: rows::optional_seq(row, 5)?,
        addressee: identity.map(|identity| KeptAddressee { key, identity }),
    })
}

fn insert_event(
    connection: &Connection,
    state: &State,
    numbers: &mut HashMap<RoomName, i64>,
    entry: &Entry,
) -> rusqlite::Result<()> {
    let Entry { event, addressee } = entry;
    let number = match numbers.get(&event.room) {
        Some(number) => *number,
        None => insert_room(connection, state, numbers, &event.room)?,
    };
    let mut insert = connection.prepare_cached(
        "INSERT INTO event (room, seq, at, name, identity, kind, id, text, reply_to, target,
                            to_key, to_identity)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?;
    insert.execute(params![
        number,
        rows::from_seq(event.seq),
        event.at.0,
        event.from.as_str(),
        event.by.as_str(),
        rows::kind_word(event.kind),
        event.id.as_str(),
        event.text.as_ref().map(protocol::MessageText::as_str),
        event.reply_to.map(rows::from_seq),
        event.target.map(rows::from_seq),
        addressee.as_ref().and_then(|addressee| addressee.key.as_deref()),
        addressee.as_ref().map(|addressee| addressee.identity.as_str()),
    ])?;
    Ok(())
}

/// Gives a new room its number. What else there is to it is written at the end.
fn insert_room(
    connection: &Connection,
    state: &State,
    numbers: &mut HashMap<RoomName, i64>,
    room: &RoomName,
) -> rusqlite::Result<i64> {
    let mut insert = connection
        .prepare_cached("INSERT INTO room (name, head, oldest, topic) VALUES (?1, ?2, ?3, '')")?;
    let Room { head, oldest, .. } = &state.rooms[room];
    insert.execute(params![room.as_str(), rows::from_seq(*head), rows::from_seq(*oldest)])?;
    let number = connection.last_insert_rowid();
    numbers.insert(room.clone(), number);
    Ok(number)
}

fn write_changed(
    connection: &Connection,
    state: &State,
    numbers: &HashMap<RoomName, i64>,
    changed: &Changed,
) -> rusqlite::Result<()> {
    for room in &changed.rooms {
        update_room(connection, numbers[room], &state.rooms[room])?;
    }
    let people = || {
        let known = |(identity, names)| Some((identity, names, state.authority.person(identity)?));
        changed.people.iter().filter_map(known)
    };
    for (identity, names, person) in people() {
        upsert_person(connection, identity, person)?;
        if *names == Names::Changed {
            let sql = "DELETE FROM owned_name WHERE identity = ?1";
            connection.prepare_cached(sql)?.execute([identity.as_str()])?;
        }
    }
    // A name may have gone from one to another: all are freed before any is taken.
    for (identity, _, person) in people().filter(|(_, names, _)| **names == Names::Changed) {
        insert_names(connection, identity, person)?;
    }
    Ok(())
}

fn update_room(connection: &Connection, number: i64, room: &Room) -> rusqlite::Result<()> {
    let person = |index: usize| room.pair.as_ref().map(|pair| &pair.people[index]);
    let identity = |index| person(index).map(|(identity, _)| identity.as_str());
    let name = |index| person(index).map(|(_, name)| name.as_str());
    let mut update = connection.prepare_cached(
        "UPDATE room SET head = ?2, oldest = ?3, topic = ?4,
                first = ?5, first_name = ?6, second = ?7, second_name = ?8
         WHERE number = ?1",
    )?;
    update.execute(params![
        number,
        rows::from_seq(room.head),
        rows::from_seq(room.oldest),
        room.topic.as_str(),
        identity(0),
        name(0),
        identity(1),
        name(1),
    ])?;
    Ok(())
}

fn upsert_person(
    connection: &Connection,
    identity: &Identity,
    person: &Person,
) -> rusqlite::Result<()> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO person (identity, name, role, last_seen) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (identity) DO UPDATE
         SET name = excluded.name, role = excluded.role, last_seen = excluded.last_seen",
    )?;
    upsert.execute(params![
        identity.as_str(),
        person.name.as_str(),
        rows::role_word(person.role),
        person.last_seen.0,
    ])?;
    Ok(())
}

fn insert_names(
    connection: &Connection,
    identity: &Identity,
    person: &Person,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO owned_name (key, name, identity, rank) VALUES (?1, ?2, ?3, ?4)",
    )?;
    let current = person.owns_name.then_some((0, &person.name));
    for (rank, name) in current.into_iter().chain((1..).zip(&person.former)) {
        let key: NameKey = name.key();
        insert.execute(params![key.as_str(), name.as_str(), identity.as_str(), rank])?;
    }
    Ok(())
}

/// All that is kept but the events.
fn load(connection: &Connection) -> rusqlite::Result<(State, HashMap<RoomName, i64>)> {
    let mut state = State::default();
    let mut numbers = HashMap::new();
    let mut select = connection.prepare_cached(
        "SELECT number, name, head, oldest, topic, first, first_name, second, second_name
         FROM room",
    )?;
    let mut rooms = select.query([])?;
    while let Some(row) = rooms.next()? {
        let name = rows::parsed(row, 1, RoomName::parse)?;
        numbers.insert(name.clone(), row.get(0)?);
        state.rooms.insert(name, load_room(row)?);
    }
    load_people(connection, &mut state)?;
    Ok((state, numbers))
}

fn load_room(row: &Row<'_>) -> rusqlite::Result<Room> {
    let person = |column| {
        let identity = rows::optional(row, column, Identity::parse)?;
        let name = rows::optional(row, column + 1, UserName::parse)?;
        Ok::<_, rusqlite::Error>(identity.zip(name))
    };
    Ok(Room {
        head: rows::seq(row, 2)?,
        oldest: rows::seq(row, 3)?,
        topic: rows::parsed(row, 4, Topic::parse)?,
        pair: person(5)?.zip(person(7)?).map(|(one, other)| Private { people: [one, other] }),
        is_told: false,
    })
}

fn load_people(connection: &Connection, state: &mut State) -> rusqlite::Result<()> {
    let mut former: HashMap<Identity, Vec<UserName>> = HashMap::new();
    let mut select = connection.prepare_cached(
        "SELECT identity, name FROM owned_name WHERE rank > 0 ORDER BY identity, rank",
    )?;
    let mut names = select.query([])?;
    while let Some(row) = names.next()? {
        let name = rows::parsed(row, 1, UserName::parse)?;
        former.entry(rows::parsed(row, 0, Identity::parse)?).or_default().push(name);
    }
    let mut select = connection.prepare_cached(
        "SELECT identity, name, role, last_seen,
                EXISTS (SELECT 1 FROM owned_name
                        WHERE owned_name.identity = person.identity AND rank = 0)
         FROM person",
    )?;
    let mut people = select.query([])?;
    while let Some(row) = people.next()? {
        let identity = rows::parsed(row, 0, Identity::parse)?;
        let person = Person {
            name: rows::parsed(row, 1, UserName::parse)?,
            owns_name: row.get(4)?,
            former: former.remove(&identity).unwrap_or_default(),
            role: rows::role(row, 2)?,
            last_seen: Timestamp(row.get(3)?),
        };
        state.authority.insert(identity, person);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
