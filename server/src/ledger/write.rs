//! The writer: a batch of proposals becomes one transaction, and only what is durable is told.

use std::{collections::HashMap, time::Duration};

use protocol::{ErrorCode, Refusal, RoomName};
use rusqlite::{Connection, Transaction, TransactionBehavior, ffi};

use super::{
    Decision, Outcome, Proposal,
    apply::{Room, State},
    batch::Batch,
    checkpoint::{Checkpoint, Checkpointed, checkpoint, checkpoint_if_room, checkpoint_on_close},
    markers,
    notes::Notes,
    tables,
};
use crate::sabotage::Fault;

/// When to try again after the disk was full.
pub(crate) const STORAGE_RETRY_MS: u64 = 5_000;

/// How long a stop waits for those who read.
const READER_WAIT: Duration = Duration::from_secs(1);
/// How long what is told too early waits for its COMMIT.
const FAULT_PAUSE: Duration = Duration::from_millis(20);

/// The owner of the connection that writes, and of the state that decisions depend on.
#[derive(Debug)]
pub struct Writer {
    connection: Connection,
    state: State,
    /// What the tables call the rooms.
    numbers: HashMap<RoomName, i64>,
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

    /// Decides a batch in its order, makes it durable, and tells what became of it, all at once.
    /// If the disk is full nothing of the batch is done, and the notes are lost. Any other error
    /// is the end: what the database is now, nobody knows.
    pub fn commit(
        &mut self,
        batch: &[Proposal],
        notes: &Notes,
        mut tell: impl FnMut(Vec<Outcome>),
    ) -> rusqlite::Result<()> {
        match self.transact(batch, notes, &mut tell) {
            Err(error) if is_disk_full(&error) => {
                tell(self.give_up(batch, &error)?);
                Ok(())
            }
            result => result,
        }
    }

    /// What it writes to, for who makes its disk full.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How long the WAL is.
    pub(crate) fn wal(&self) -> rusqlite::Result<Checkpointed> {
        checkpoint(&self.connection, Checkpoint::Noop)
    }

    /// Moves what it can of the WAL into the file.
    pub(crate) fn checkpoint(&self) -> rusqlite::Result<()> {
        checkpoint_if_room(&self.connection)
    }

    /// Leaves a WAL that is empty, or none if nobody else has the database open; on a full disk
    /// it stays as it is.
    pub(crate) fn close(self) -> rusqlite::Result<()> {
        // Another program may be reading, for a backup say; the stop does not wait for its end.
        self.connection.busy_timeout(READER_WAIT)?;
        match checkpoint(&self.connection, Checkpoint::Truncate) {
            Err(error) if is_disk_full(&error) => return Ok(()),
            result => result?,
        };
        checkpoint_on_close(&self.connection, true)?;
        self.connection.close().map_err(|(_, error)| error)
    }

    fn transact(
        &mut self,
        batch: &[Proposal],
        notes: &Notes,
        tell: &mut impl FnMut(Vec<Outcome>),
    ) -> rusqlite::Result<()> {
        let Self { connection, state, numbers } = self;
        let behavior = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(connection, behavior)?;
        let mut filling = Batch::new(&transaction, state, numbers)?;
        let mut outcomes = Vec::with_capacity(batch.len());
        for proposal in batch {
            let decision = filling.settle(proposal)?;
            outcomes.push(Outcome { ticket: proposal.ticket, decision });
        }
        filling.keep_seen(&notes.seen);
        filling.finish()?;
        // After the people and rooms that they are of.
        markers::keep(&transaction, &notes.read, &state.authority, numbers)?;
        if Fault::AckBeforeCommit.is_on() {
            tell(std::mem::take(&mut outcomes));
            std::thread::sleep(FAULT_PAUSE);
        }
        match transaction.commit() {
            Err(_) if Fault::FailedCommitIgnored.is_on() => {}
            result => result?,
        }
        if !outcomes.is_empty() {
            tell(outcomes);
        }
        Ok(())
    }

    /// Ends a transaction that SQLite has not ended by itself.
    pub(super) fn roll_back(&self) -> rusqlite::Result<()> {
        if self.connection.is_autocommit() {
            Ok(())
        } else {
            self.connection.execute_batch("ROLLBACK")
        }
    }

    /// The rooms as kept, where they are kept, and what the tables call them.
    pub(super) fn parts_of_rooms(
        &mut self,
    ) -> (&Connection, &mut HashMap<RoomName, Room>, &HashMap<RoomName, i64>) {
        (&self.connection, &mut self.state.rooms, &self.numbers)
    }

    /// After a full disk: back to what is kept, and everyone of the batch may try again.
    fn give_up(
        &mut self,
        batch: &[Proposal],
        error: &rusqlite::Error,
    ) -> rusqlite::Result<Vec<Outcome>> {
        tracing::warn!(%error, proposals = batch.len(), "the disk is full: nothing was stored");
        self.roll_back()?;
        (self.state, self.numbers) = tables::load(&self.connection)?;
        let refuse = |proposal: &Proposal| Outcome {
            ticket: proposal.ticket,
            decision: Decision::Refused {
                refusal: Refusal::new(
                    ErrorCode::Storage,
                    "the hub's disk is full; it is tried again, tell the operator",
                ),
                retry_after_ms: (!Fault::FullDiskIsFinal.is_on()).then_some(STORAGE_RETRY_MS),
            },
        };
        Ok(batch.iter().map(refuse).collect())
    }
}

/// Whether this is a full disk and nothing else. A file of SQLite's shared memory that can't
/// grow (`SHMSIZE`) is one, too; a failed sync never is.
pub(crate) fn is_disk_full(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(error, _) => {
            error.code == rusqlite::ErrorCode::DiskFull
                || error.extended_code == ffi::SQLITE_IOERR_SHMSIZE
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
