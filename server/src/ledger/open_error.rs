//! Everything that can keep a log from being opened.

use std::{io, path::PathBuf};

use super::schema::VERSION;

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
