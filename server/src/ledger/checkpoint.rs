//! Checkpoints: what is in the WAL goes into the database file, beside the commits and never in
//! their way.

use std::{
    io,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

use rusqlite::{Connection, config::DbConfig};

use super::write::is_disk_full;

/// Pages of the WAL that wait for a checkpoint from which on one is made: 64 MiB, so that a page
/// that changes with every message is moved once for many, and so that under load few of those
/// who wait for an ack have a checkpoint beside their commit.
const PAGES_LEFT_MAX: i64 = 16_000;
/// Pages of the WAL from which on it should begin anew, though the load lasts: 128 MiB.
const PAGES_MAX: i64 = 32_000;
/// Pages that the writer itself may move between two batches: what two or three commits take.
const PAGES_LEFT_SHORT: i64 = 400;
/// Pages of the WAL at which the writer itself moves all of it, because the disk can't keep up
/// with both: 1 GiB.
const PAGES_LIMIT: i64 = 256_000;

/// How hard a checkpoint tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checkpoint {
    /// Only says how long the WAL is.
    Noop,
    /// What can be done without waiting for anybody.
    Passive,
    /// All of it, and the WAL is empty afterwards.
    Truncate,
}

/// What a checkpoint found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpointed {
    /// Whether nobody was in the way.
    pub(crate) is_complete: bool,
    /// How many pages are in the WAL.
    pub(crate) pages: i64,
    /// How many of them are not in the file yet.
    pub(crate) pages_left: i64,
}

/// Who is to move what is in the WAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mover {
    /// It is short enough.
    Nobody,
    /// The thread for it, while the writer goes on.
    Checkpointer,
    /// The writer, before its next batch: SQLite begins the WAL anew only when all of it is in
    /// the file, and under load that moment never comes by itself.
    Writer,
}

impl Checkpointed {
    /// Who is to move a WAL of this length.
    pub(crate) fn mover(self) -> Mover {
        let is_long = self.pages >= PAGES_MAX;
        if is_long && self.pages_left <= PAGES_LEFT_SHORT || self.pages >= PAGES_LIMIT {
            Mover::Writer
        } else if is_long || self.pages_left >= PAGES_LEFT_MAX {
            Mover::Checkpointer
        } else {
            Mover::Nobody
        }
    }
}

/// When another checkpoint is worth its while: somebody who reads for long, for a backup say,
/// keeps the WAL from being moved on, and to find that out costs more the longer it is.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last: Option<Checkpointed>,
}

impl Pace {
    /// Who is to move a WAL of this length now.
    pub(crate) fn mover(&mut self, found: Checkpointed) -> Mover {
        let mover = found.mover();
        if mover == Mover::Nobody {
            // It began anew: what it was before says nothing about it.
            self.last = None;
            return Mover::Nobody;
        }
        if self.is_stuck(found) {
            return Mover::Nobody;
        }
        self.last = Some(found);
        mover
    }

    /// Whether nothing was moved since the last one was asked for, and not much was added.
    fn is_stuck(&self, found: Checkpointed) -> bool {
        self.last.is_some_and(|last| {
            let added = found.pages - last.pages;
            found.pages - found.pages_left == last.pages - last.pages_left
                && (0..PAGES_LEFT_MAX).contains(&added)
        })
    }
}

/// Brings what is in the WAL into the file. In memory there is nothing to do.
pub(crate) fn checkpoint(
    connection: &Connection,
    how: Checkpoint,
) -> rusqlite::Result<Checkpointed> {
    let sql = match how {
        Checkpoint::Noop => "PRAGMA wal_checkpoint(NOOP)",
        Checkpoint::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
        Checkpoint::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    connection.prepare_cached(sql)?.query_row([], |row| {
        let (busy, pages, done): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(Checkpointed { is_complete: busy == 0, pages, pages_left: pages - done })
    })
}

/// Moves what it can without waiting. A full disk is no harm: the WAL stays.
pub(crate) fn checkpoint_if_room(connection: &Connection) -> rusqlite::Result<()> {
    match checkpoint(connection, Checkpoint::Passive) {
        Err(error) if is_disk_full(&error) => {
            tracing::warn!(%error, "the disk is full: the write-ahead log can't be moved");
            Ok(())
        }
        result => result.map(drop),
    }
}

/// Whether the end of the last connection empties and removes the WAL.
pub(crate) fn checkpoint_on_close(connection: &Connection, is_on: bool) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !is_on)?;
    Ok(())
}

/// The thread that makes checkpoints while the writer goes on.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    wake: SyncSender<()>,
    thread: JoinHandle<rusqlite::Result<()>>,
}

impl Checkpointer {
    /// Starts the thread; `failed` is called there if a checkpoint fails.
    pub(crate) fn spawn(
        connection: Connection,
        failed: impl FnOnce(&rusqlite::Error) + Send + 'static,
    ) -> io::Result<Self> {
        // One is enough: a checkpoint takes all that is there when it begins.
        let (wake, woken) = sync_channel(1);
        let thread = thread::Builder::new().name("ledger checkpoints".to_owned());
        let thread = thread.spawn(move || {
            let end = serve(&connection, &woken);
            if let Err(error) = &end {
                failed(error);
            }
            end
        })?;
        Ok(Self { wake, thread })
    }

    /// Has a checkpoint made soon.
    pub(crate) fn wake(&self) {
        // Full: it will be made. Disconnected: the failure has been reported.
        let _ = self.wake.try_send(());
    }

    /// Waits for the end of a checkpoint under way. Says whether all went well: if not, nothing
    /// more may be tried on this database.
    pub(crate) fn stop(self) -> bool {
        drop(self.wake);
        matches!(self.thread.join(), Ok(Ok(())))
    }
}

fn serve(connection: &Connection, woken: &Receiver<()>) -> rusqlite::Result<()> {
    woken.iter().try_for_each(|()| checkpoint_if_room(connection))
}

#[cfg(test)]
mod tests {
    use rusqlite::hooks::{AuthContext, Authorization};

    use super::*;

    fn mover(pages: i64, pages_left: i64) -> Mover {
        Checkpointed { is_complete: true, pages, pages_left }.mover()
    }

    #[test]
    fn the_writer_moves_only_the_short_rest_of_a_long_wal() {
        assert_eq!(mover(-1, 0), Mover::Nobody, "in memory");
        assert_eq!(mover(PAGES_LEFT_MAX - 1, PAGES_LEFT_MAX - 1), Mover::Nobody);
        assert_eq!(mover(PAGES_LEFT_MAX, PAGES_LEFT_MAX), Mover::Checkpointer);
        assert_eq!(mover(PAGES_MAX - 1, 0), Mover::Nobody);
        assert_eq!(mover(PAGES_MAX, PAGES_LEFT_SHORT + 1), Mover::Checkpointer);
        assert_eq!(mover(PAGES_MAX, PAGES_LEFT_SHORT), Mover::Writer);
        assert_eq!(mover(PAGES_LIMIT, PAGES_LIMIT), Mover::Writer);
    }

    #[test]
    fn a_checkpoint_that_moved_nothing_is_made_again_only_when_much_was_added() {
        let found = |pages, pages_left| Checkpointed { is_complete: true, pages, pages_left };
        let (mut pace, many) = (Pace::default(), PAGES_LEFT_MAX);
        assert_eq!(pace.mover(found(many, many)), Mover::Checkpointer);
        assert_eq!(
            pace.mover(found(many + 1, many + 1)),
            Mover::Nobody,
            "it is under way, or stuck"
        );
        assert_eq!(pace.mover(found(many * 2 - 1, many * 2 - 1)), Mover::Nobody);
        assert_eq!(pace.mover(found(many * 2, many * 2)), Mover::Checkpointer);
        assert_eq!(
            pace.mover(found(many * 2 + 100, many * 2 - 1)),
            Mover::Checkpointer,
            "it went on"
        );
        assert_eq!(
            pace.mover(found(many + 1, many + 1)),
            Mover::Checkpointer,
            "the WAL began anew"
        );
        assert_eq!(pace.mover(found(PAGES_LIMIT, PAGES_LIMIT)), Mover::Writer);
        assert_eq!(pace.mover(found(PAGES_LIMIT + 1, PAGES_LIMIT + 1)), Mover::Nobody);
    }

    #[test]
    fn a_wal_that_began_anew_is_not_taken_for_one_that_is_stuck() {
        let found = |pages| Checkpointed { is_complete: true, pages, pages_left: pages };
        let (mut pace, many) = (Pace::default(), PAGES_LEFT_MAX);
        assert_eq!(pace.mover(found(many)), Mover::Checkpointer);
        assert_eq!(pace.mover(found(10)), Mover::Nobody);
        assert_eq!(pace.mover(found(many + 1)), Mover::Checkpointer);
    }

    #[test]
    fn the_thread_moves_the_wal_of_another_connection() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.sqlite3");
        let writer = Connection::open(&path).unwrap();
        let setup = "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)";
        writer.execute_batch(setup).unwrap();
        assert!(checkpoint(&writer, Checkpoint::Noop).unwrap().pages_left > 0);
        let checkpointer = Checkpointer::spawn(Connection::open(&path).unwrap(), |_| {}).unwrap();
        checkpointer.wake();
        assert!(checkpointer.stop());
        assert_eq!(checkpoint(&writer, Checkpoint::Noop).unwrap().pages_left, 0);
    }

    #[test]
    fn a_failure_is_told_and_ends_the_thread() {
        let connection = Connection::open_in_memory().unwrap();
        connection.authorizer(Some(|_: AuthContext<'_>| Authorization::Deny)).unwrap();
        let (sender, told) = sync_channel(1);
        let failed = move |why: &rusqlite::Error| sender.send(why.to_string()).unwrap();
        let checkpointer = Checkpointer::spawn(connection, failed).unwrap();
        checkpointer.wake();
        assert!(!checkpointer.stop());
        assert!(told.recv().unwrap().contains("not authorized"));
    }
}
