//! The writer: a batch of proposals becomes one transaction, and only what is durable is told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use protocol::{ErrorCode, Identity, Refusal, RoomEvent, RoomName, Timestamp};
use rusqlite::{Connection, Transaction, TransactionBehavior, ffi};

use super::{
    Decision, Outcome, Proposal,
    apply::State,
    schema::{Checkpoint, checkpoint, checkpoint_on_close},
    tables::{self, EventTable},
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

impl Changed {
    fn room(&mut self, room: &RoomName) {
        if !self.rooms.contains(room) {
            self.rooms.insert(room.clone());
        }
    }
}

impl Writer {
    /// A writer that knows all that is kept.
    pub(crate) fn load(connection: Connection) -> rusqlite::Result<Self> {
        let (state, numbers) = tables::load(&connection)?;
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
        let mut events = EventTable::of(&transaction)?;
        let mut changed = Changed::default();
        let mut outcomes = Vec::with_capacity(batch.len());
        for proposal in batch {
            let found = events.find(proposal)?;
            let applied = state.apply(proposal, found.as_ref());
            if let Some(entry) = &applied.entry {
                events.insert(number(&transaction, numbers, &entry.event)?, entry)?;
                changed.room(&entry.event.room);
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
        drop(events);
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
        (self.state, self.numbers) = tables::load(&self.connection)?;
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

/// The number of a room; a new one gets it here, and the rest of its row at the end.
fn number(
    connection: &Connection,
    numbers: &mut HashMap<RoomName, i64>,
    event: &RoomEvent,
) -> rusqlite::Result<i64> {
    if let Some(number) = numbers.get(&event.room) {
        return Ok(*number);
    }
    let number = tables::insert_room(connection, &event.room)?;
    numbers.insert(event.room.clone(), number);
    Ok(number)
}

fn write_changed(
    connection: &Connection,
    state: &State,
    numbers: &HashMap<RoomName, i64>,
    changed: &Changed,
) -> rusqlite::Result<()> {
    for room in &changed.rooms {
        tables::update_room(connection, numbers[room], &state.rooms[room])?;
    }
    let people = || {
        let known = |(identity, names)| Some((identity, names, state.authority.person(identity)?));
        changed.people.iter().filter_map(known)
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
    Ok(())
}

#[cfg(test)]
mod tests;
