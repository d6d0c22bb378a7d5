//! Everything that can keep a log from being opened.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::format::VERSION;

/// Why the log could not be opened. One sentence each: what is wrong, what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is none and none can be made.
    #[error("the data directory {} cannot be made ({why}); choose another one", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The directory or the file may not be written.
    #[error("{} is read-only; make it writable, or choose another data directory", path.display())]
    ReadOnly {
        /// The directory or file.
        path: PathBuf,
    },
    /// Anything else that the system has against it.
    #[error(
        "{} cannot be used ({why}); mend that, or choose another data directory",
        path.display()
    )]
    Inaccessible {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// Another hub has it.
    #[error(
        "the data directory {} is in use by {holder}; stop that hub, or choose another directory",
        path.display()
    )]
    InUse {
        /// The directory.
        path: PathBuf,
        /// `process 123`, as far as known.
        holder: String,
    },
    /// It is some other file.
    #[error(
        "{} is not a Hubbub database; move it away, or choose another data directory",
        path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// A newer hub wrote it.
    #[error(
        "{} was written by a newer Hubbub (format {found}; this one knows up to {VERSION}); start \
         that one, or choose another data directory",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The file system cannot do what a durable log needs.
    #[error(
        "{} is on a disk where SQLite can't have its {setting} (a network disk?); choose a data \
         directory on a local disk",
        path.display()
    )]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What it refused.
        setting: &'static str,
    },
    /// There is no room to begin.
    #[error("the disk with {} is full; free some space and start again", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The database is of an older format, and there is no room for what is kept of it.
    #[error(
        "the database is brought to a new format and there is no room for the copy of it, {}, that \
         is made first; free some space and start again",
        path.display()
    )]
    NoRoomToMigrate {
        /// The copy.
        path: PathBuf,
    },
    /// The database is of an older format, and can't be copied.
    #[error(
        "the database is brought to a new format its copy {}, which is made first, can't be \
         written ({why}); mend that and start again",
        path.display()
    )]
    NotMigrated {
        /// The copy.
        path: PathBuf,
        /// What was in the way.
        why: String,
    },
    /// A restored file lies beside what another database left behind.
    #[error(
        "{} is a restored backup, but {}, beside it, belongs to another database and would spoil \
         it; move that file away and start again",
        path.display(), wal.display()
    )]
    ForeignWal {
        /// The database.
        path: PathBuf,
        /// The write-ahead log beside it.
        wal: PathBuf,
    },
    /// SQLite could not read or write it.
    #[error(
        "{} is damaged or can't be written ({why}); restore a backup, or choose another data \
         directory",
        path.display()
    )]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        why: String,
    },
    /// This build is unsafe.
    #[error(
        "this hub was built with SQLite {found}, which can lose data; build it with 3.51.3 or newer"
    )]
    OldSqlite {
        /// Its version.
        found: &'static str,
    },
    /// The system gave no thread or no random numbers.
    #[error("the system has no resources for the log ({0}); free some and start again")]
    System(String),
}

impl OpenError {
    /// What SQLite had against the database at this path.
    pub(super) fn of_sqlite(path: &Path, why: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        match why.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => Self::NotADatabase { path },
            Some(rusqlite::ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull { path },
            _ => Self::Database { path, why: why.to_string() },
        }
    }
}
