//! The database: how a connection is set up, and everything that can keep it from being opened.

use std::{path::PathBuf, time::Duration};

use protocol::{Epoch, HubId, server::Durability};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, config::DbConfig, params};

use super::{
    checkpoint::{Checkpoint, checkpoint, checkpoint_on_close},
    copy::{self, CopyError},
    directory::{BEFORE, DataDirectory},
    format::{self, APPLICATION_ID, VERSION},
    open_error::OpenError,
    rows::{parsed, word},
};
use crate::{config::Storage, sabotage::Fault};

/// The first SQLite without the bug that can reset a WAL that is still needed.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// Statements kept prepared on a connection: all that there are.
const STATEMENTS_MAX: usize = 32;
/// Pages kept in memory by the writer, in KiB: the ends of the logs and of the request index.
const WRITER_CACHE_KIB: i32 = 16 * 1024;
/// How long a lock of SQLite's is waited for, in steps of [`BUSY_STEP`]: 20 seconds. Only the
/// hub's own readers can hold one, for the time of a page.
const BUSY_STEPS_MAX: i32 = 100_000;
/// How long a start waits for those who read before it says so; it says so again each time that
/// [`BUSY_STEPS_MAX`] are over.
const SAY_AFTER: Duration = Duration::from_secs(1);
/// The pause between two tries; short, because with `--memory` readers and writer take turns.
const BUSY_STEP: Duration = Duration::from_micros(200);

/// Where the database is, for every connection to it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    path: PathBuf,
    is_memory: bool,
}

/// A database that is ready: the connection that may write, and what it is.
#[derive(Debug)]
pub(crate) struct Database {
    /// The only connection that writes.
    pub(crate) writer: Connection,
    /// The one that moves the WAL into the file; none in memory.
    pub(crate) checkpointer: Option<Connection>,
    /// For more connections.
    pub(crate) place: Place,
    /// Held for as long as the hub lives; none in memory.
    pub(crate) directory: Option<DataDirectory>,
    /// Which hub it is of.
    pub(crate) hub: HubId,
    /// Which life of its history.
    pub(crate) epoch: Epoch,
    /// What a commit survives.
    pub(crate) durability: Durability,
}

impl Database {
    /// Opens or makes the database. When this returns, everything in it is durable.
    pub(crate) fn open(storage: &Storage) -> Result<Self, OpenError> {
        if rusqlite::version_number() < SQLITE_VERSION_MIN {
            return Err(OpenError::OldSqlite { found: rusqlite::version() });
        }
        let (directory, place) = match storage {
            Storage::Memory => (None, Place::memory()?),
            Storage::Directory(path) => {
                let directory = DataDirectory::hold(path)?;
                directory.remove_drafts()?;
                let place = Place { path: directory.database()?, is_memory: false };
                (Some(directory), place)
            }
        };
        Self::open_at(place, directory)
    }

    /// Opens or makes the database in the memory of this name.
    pub(crate) fn in_memory(name: &str) -> Result<Self, OpenError> {
        Self::open_at(Place::memory_of(name), None)
    }

    fn open_at(place: Place, directory: Option<DataDirectory>) -> Result<Self, OpenError> {
        let failed = |why: rusqlite::Error| place.failed(&why);
        let mut writer = place.connect(OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
        let durability = place.prepare(&writer)?;
        place.migrate(&mut writer)?;
        let (hub, epoch) = place.meta(&writer)?;
        place.empty_wal(&writer).map_err(failed)?;
        // The WAL is there now and stays, but SQLite does not say when its name was not synced.
        directory.as_ref().map_or(Ok(()), DataDirectory::sync)?;
        let checkpointer = directory.is_some().then(|| place.connect_checkpointer()).transpose()?;
        Ok(Self { writer, checkpointer, place, directory, hub, epoch, durability })
    }
}

impl Place {
    /// A database in this process's memory, which all connections of that name share.
    fn memory() -> Result<Self, OpenError> {
        Ok(Self::memory_of(Epoch::from_bytes(random()?).as_str()))
    }

    fn memory_of(name: &str) -> Self {
        let path = PathBuf::from(format!("file:/hubbub-{name}?vfs=memdb"));
        Self { path, is_memory: true }
    }

    /// A connection that can only read.
    pub(crate) fn connect_reader(&self) -> Result<Connection, OpenError> {
        let reader = self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY);
        let reader = reader.and_then(|reader| {
            reader.pragma_update(None, "query_only", true)?;
            Ok(reader)
        });
        reader.map_err(|why| self.failed(&why))
    }

    /// A connection with the same promises as the writer's: settings are each connection's own.
    fn connect_checkpointer(&self) -> Result<Connection, OpenError> {
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE);
        let connection = connection.map_err(|why| self.failed(&why))?;
        self.prepare(&connection)?;
        Ok(connection)
    }

    fn connect(&self, access: OpenFlags) -> rusqlite::Result<Connection> {
        let mut flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if self.is_memory {
            // Memory has no read-only connections of a database that is not frozen.
            flags = OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX
                | OpenFlags::SQLITE_OPEN_URI;
        }
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_handler(Some(wait_for_lock))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        connection.pragma_update(None, "trusted_schema", false)?;
        // Without it a statement with a bound LIMIT is prepared anew for every page.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        Ok(connection)
    }

    /// Sets the writer up and checks that the settings were taken, which SQLite does not say by
    /// itself.
    fn prepare(&self, writer: &Connection) -> Result<Durability, OpenError> {
        let failed = |why: rusqlite::Error| self.failed(&why);
        // A refused file is left as it is, and after a failure nothing more is tried.
        checkpoint_on_close(writer, false).map_err(failed)?;
        if writer.is_readonly(rusqlite::MAIN_DB).map_err(failed)? {
            return Err(OpenError::ReadOnly { path: self.path.clone() });
        }
        self.refuse_foreign(writer)?;
        let (journal, synchronous) = if self.is_memory { ("memory", "0") } else { ("wal", "2") };
        let synchronous = if Fault::UnsyncedCommits.is_on() { "1" } else { synchronous };
        self.set(writer, "journal_mode", journal)?;
        self.set(writer, "synchronous", synchronous)?;
        self.set(writer, "foreign_keys", "1")?;
        self.set(writer, "wal_autocheckpoint", "0")?;
        // What is deleted is overwritten with zeros, in the page that had it.
        self.set(writer, "secure_delete", "1")?;
        // No temporary files: a hub without a free file descriptor can still write.
        self.set(writer, "temp_store", "2")?;
        writer.pragma_update(None, "cache_size", -WRITER_CACHE_KIB).map_err(failed)?;
        self.durability(writer)
    }

    /// Sets a pragma and reads it back.
    fn set(
        &self,
        writer: &Connection,
        setting: &'static str,
        to: &'static str,
    ) -> Result<(), OpenError> {
        let is_set = (|| {
            let mut statement = writer.prepare(&format!("PRAGMA {setting} = {to}"))?;
            let mut rows = statement.query([])?;
            // To its end: what fails at the commit of a new journal mode is said only there.
            while rows.next()?.is_some() {}
            Ok(pragma(writer, setting)? == to)
        })();
        if is_set.map_err(|why| self.failed(&why))? {
            return Ok(());
        }
        Err(OpenError::Unsupported { path: self.path.clone(), setting })
    }

    /// What a commit survives. Apple's fsync leaves the data in the disk's own memory unless
    /// told otherwise.
    fn durability(&self, writer: &Connection) -> Result<Durability, OpenError> {
        if self.is_memory {
            return Ok(Durability::Memory);
        }
        if cfg!(not(target_vendor = "apple")) {
            return Ok(Durability::Fsync);
        }
        let full = self
            .set(writer, "fullfsync", "1")
            .and_then(|()| self.set(writer, "checkpoint_fullfsync", "1"));
        match full {
            Ok(()) => Ok(Durability::Fsync),
            Err(OpenError::Unsupported { .. }) => Ok(Durability::Os),
            Err(error) => Err(error),
        }
    }

    /// The header of the file has been looked at, but what is newest may be in the WAL; and a
    /// database without a version may still be somebody's.
    fn refuse_foreign(&self, writer: &Connection) -> Result<(), OpenError> {
        let facts = "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema)
             FROM pragma_user_version, pragma_application_id";
        let facts = writer.query_row(facts, [], |row| {
            Ok((row.get::<_, u32>(0)?, row.get::<_, u32>(1)?, row.get::<_, u32>(2)?))
        });
        match facts.map_err(|why| self.failed(&why))? {
            (0, 0, 0) => Ok(()),
            (found, APPLICATION_ID, _) if found > VERSION => {
                Err(OpenError::Newer { path: self.path.clone(), found })
            }
            (_, APPLICATION_ID, _) => Ok(()),
            _ => Err(OpenError::NotADatabase { path: self.path.clone() }),
        }
    }

    /// Brings the tables to the newest version. What was there before is left beside it.
    fn migrate(&self, writer: &mut Connection) -> Result<(), OpenError> {
        let failed = |why: rusqlite::Error| self.failed(&why);
        let found = format::version(writer).map_err(failed)?;
        if (1..VERSION).contains(&found) {
            self.keep_former(writer, found)?;
        }
        format::migrate(writer).map_err(|why| match why {
            rusqlite_migration::Error::RusqliteError { err, .. } => self.failed(&err),
            why => self.damaged(why),
        })?;
        if Fault::NoUniqueIndex.is_on() {
            writer.execute_batch("DROP INDEX IF EXISTS event_request").map_err(failed)?;
        }
        Ok(())
    }

    /// Copies the database as an older hub left it, so that one can go back.
    fn keep_former(&self, writer: &Connection, found: u32) -> Result<(), OpenError> {
        let mut name = self.path.clone().into_os_string();
        name.push(format!("{BEFORE}{VERSION}"));
        let path = PathBuf::from(name);
        copy::replace(writer, found, &path).map_err(|why| match why {
            CopyError::Full { path } => OpenError::NoRoomToMigrate { path },
            why @ (CopyError::Exists { .. } | CopyError::Failed { .. } | CopyError::Source(_)) => {
                OpenError::NotMigrated { path, why: why.to_string() }
            }
        })?;
        let file = self.path.display();
        tracing::info!(
            "{file} is brought from format {found} to {VERSION}; as it was, it is kept beside it, \
             as {file}.before-v{VERSION}"
        );
        Ok(())
    }

    /// What was recovered from a WAL that a crash left unsynced must not be acked again before it
    /// is in the file for good. Who reads it, for a backup say, is waited for, however long.
    fn empty_wal(&self, writer: &Connection) -> rusqlite::Result<()> {
        writer.busy_timeout(SAY_AFTER)?;
        while !checkpoint(writer, Checkpoint::Truncate)?.is_complete {
            let file = self.path.display();
            tracing::warn!("{file} is being read by another program (a backup?); the start waits");
            writer.busy_handler(Some(wait_for_lock))?;
        }
        writer.busy_handler(Some(wait_for_lock))
    }

    /// Which hub this is, and which life of its history: a new one if the database is new, and
    /// at the first start from a backup, whose history may have gone on elsewhere.
    fn meta(&self, writer: &Connection) -> Result<(HubId, Epoch), OpenError> {
        let failed = |why: rusqlite::Error| self.failed(&why);
        let read = |row: &rusqlite::Row<'_>| {
            let (hub, epoch) = (parsed(row, 0, HubId::parse)?, parsed(row, 1, Epoch::parse)?);
            Ok((hub, epoch, row.get::<_, bool>(2)?))
        };
        let kept = writer.query_row("SELECT hub, epoch, is_backup FROM meta", [], read).optional();
        let (hub, epoch) = match kept.map_err(failed)? {
            Some((hub, epoch, false)) => return Ok((hub, epoch)),
            Some((hub, _, true)) => (hub, Epoch::from_bytes(random()?)),
            None => (HubId::from_bytes(random()?), Epoch::from_bytes(random()?)),
        };
        // The new epoch and the end of the mark are one statement, so one transaction.
        let keep = "INSERT INTO meta (only, hub, epoch, is_backup) VALUES (1, ?1, ?2, 0)
                    ON CONFLICT (only) DO UPDATE SET epoch = excluded.epoch, is_backup = 0";
        writer.execute(keep, params![hub.as_str(), epoch.as_str()]).map_err(failed)?;
        Ok((hub, epoch))
    }

    pub(crate) fn failed(&self, why: &rusqlite::Error) -> OpenError {
        OpenError::of_sqlite(&self.path, why)
    }

    fn damaged(&self, why: impl std::fmt::Display) -> OpenError {
        OpenError::Database { path: self.path.clone(), why: why.to_string() }
    }
}

/// A setting as SQLite has it, as text.
fn pragma(connection: &Connection, setting: &str) -> rusqlite::Result<String> {
    connection.pragma_query_value(None, setting, |row| word(row, 0))
}

fn wait_for_lock(tries: i32) -> bool {
    std::thread::sleep(BUSY_STEP);
    tries < BUSY_STEPS_MAX
}

/// From the system.
pub(super) fn random<const N: usize>() -> Result<[u8; N], OpenError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|why| OpenError::System(why.to_string()))?;
    Ok(bytes)
}
