//! Copies of a database as it is at one moment: backups, and what a migration leaves behind.
//!
//! A copy is there whole or not at all: it is written under another name, synced, and given its
//! own, a backup only if nothing has that.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use protocol::Epoch;
use rusqlite::Connection;

use super::{
    directory::{DATABASE, DRAFT, sync_directory},
    format::{self, MARKED_SINCE},
    inspect::inspect,
    open_error::OpenError,
    schema::random,
    write::is_disk_full,
};

/// Why there is no copy. One sentence each: what is wrong, what to do.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Nothing is overwritten.
    #[error("{} is there already; choose another name, or move it away", path.display())]
    Exists {
        /// The copy.
        path: PathBuf,
    },
    /// There is no room for it.
    #[error(
        "there is no room for the copy {}; free some space, or choose another disk",
        path.display()
    )]
    Full {
        /// The copy.
        path: PathBuf,
    },
    /// It could not be written.
    #[error(
        "the copy {} can't be made ({why}); mend that, or choose another place",
        path.display()
    )]
    Failed {
        /// The copy.
        path: PathBuf,
        /// What the system or SQLite said.
        why: String,
    },
    /// What was to be copied could not be read.
    #[error(transparent)]
    Source(#[from] OpenError),
}

/// What is in a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rooms, private ones among them.
    pub rooms: i64,
    /// Events of all rooms.
    pub events: i64,
    /// People who own or owned a name.
    pub people: i64,
}

impl Counts {
    /// Counts what is there.
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let count = "SELECT (SELECT count(*) FROM room), (SELECT count(*) FROM event),
                            (SELECT count(*) FROM person)";
        connection.query_row(count, [], |row| {
            Ok(Self { rooms: row.get(0)?, events: row.get(1)?, people: row.get(2)? })
        })
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rooms, events, people } = self;
        write!(f, "{events} events in {rooms} rooms, {people} people")
    }
}

/// Copies the log in a data directory to a new file, as it is at one moment; a hub may be at
/// work on it and is not kept waiting. The first start from the copy begins a new epoch.
pub fn backup(directory: &Path, file: &Path) -> Result<Counts, CopyError> {
    if file.symlink_metadata().is_ok() {
        return Err(CopyError::Exists { path: file.to_owned() });
    }
    let draft = Draft::new(file)?;
    inspect(&directory.join(DATABASE), |source| Ok(draft.fill(source)))??;
    let finish = || {
        let mut copy = draft.open()?;
        // It may be the log of an older hub.
        format::migrate(&mut copy).map_err(|why| match why {
            rusqlite_migration::Error::RusqliteError { err, .. } => err,
            why => rusqlite::Error::ToSqlConversionFailure(Box::new(why)),
        })?;
        mark(&copy)?;
        Counts::of(&copy)
    };
    let counts = finish().map_err(|why| draft.failed(&why))?;
    draft.publish()?;
    Ok(counts)
}

/// Copies the database of this connection, which is of this version, to a file, in place of what
/// may be there. To go back to it is to begin a new epoch: its mark says so, or where the
/// version knows no mark, it has that epoch already.
pub(super) fn replace(source: &Connection, version: u32, file: &Path) -> Result<(), CopyError> {
    let draft = Draft::new(file)?;
    draft.fill(source)?;
    let epoch = Epoch::from_bytes(random()?);
    let differs = draft.open().and_then(|copy| match version {
        ..MARKED_SINCE => copy.execute("UPDATE meta SET epoch = ?1", [epoch.as_str()]).map(drop),
        MARKED_SINCE.. => mark(&copy),
    });
    differs.map_err(|why| draft.failed(&why))?;
    draft.replace()
}

/// Has the first start from this copy begin a new epoch.
fn mark(copy: &Connection) -> rusqlite::Result<()> {
    copy.execute("UPDATE meta SET is_backup = 1", []).map(drop)
}

/// A copy under the name that it has while it is not whole; removed if it never is.
pub(super) struct Draft<'a> {
    file: &'a Path,
    path: PathBuf,
}

impl<'a> Draft<'a> {
    /// An empty one, in the directory of the copy and readable by nobody else.
    pub(super) fn new(file: &'a Path) -> Result<Self, CopyError> {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}{DRAFT}", std::process::id()));
        let draft = Self { file, path: file.with_file_name(name) };
        draft.begin().map_err(|why| draft.not_written(&why))?;
        Ok(draft)
    }

    /// What is there under its name, of a process with this number that was killed say, goes; it
    /// is not written to, since it may be a link.
    fn begin(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(why) if why.kind() != ErrorKind::NotFound => return Err(why),
            Ok(()) | Err(_) => {}
        }
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.path).map(drop)
    }

    /// Fills it in one read transaction, which holds up neither a writer nor other readers.
    pub(super) fn fill(&self, source: &Connection) -> Result<(), CopyError> {
        let path = std::path::absolute(&self.path).map_err(|why| self.not_written(&why))?;
        let Some(path) = path.to_str() else {
            return Err(self.not_written(&ErrorKind::InvalidFilename.into()));
        };
        // What it did not get to the end of in a first try is written anew.
        self.begin().map_err(|why| self.not_written(&why))?;
        source.execute("VACUUM INTO ?1", [path]).map_err(|why| self.failed(&why))?;
        Ok(())
    }

    /// What was filled in, to be changed.
    fn open(&self) -> rusqlite::Result<Connection> {
        let copy = Connection::open(&self.path)?;
        copy.pragma_update(None, "synchronous", "full")?;
        Ok(copy)
    }

    /// Makes it durable, then gives it a name that nothing has, then makes that durable.
    pub(super) fn publish(self) -> Result<(), CopyError> {
        let name = |draft: &Path, file: &Path| match fs::hard_link(draft, file) {
            // Some disks for carrying around know no links.
            Err(why) if why.kind() != ErrorKind::AlreadyExists && !file.exists() => {
                fs::rename(draft, file)
            }
            result => result,
        };
        self.publish_by(name, sync_directory)
    }

    /// The same, in place of what may be there.
    fn replace(self) -> Result<(), CopyError> {
        self.publish_by(|draft, file| fs::rename(draft, file), sync_directory)
    }

    /// The same by these ways to name a file, and to make a name durable.
    pub(super) fn publish_by(
        self,
        name: impl Fn(&Path, &Path) -> io::Result<()>,
        sync: impl Fn(&Path) -> io::Result<()>,
    ) -> Result<(), CopyError> {
        let synced = File::open(&self.path).and_then(|draft| draft.sync_all());
        let named = synced.and_then(|()| name(&self.path, self.file));
        // The draft's own name is not needed any more, if it still has it.
        let _ = fs::remove_file(&self.path);
        // What is said not to be made is not there, and in nobody's way at the next try.
        let kept = named.and_then(|()| sync(self.file).inspect_err(|_| self.take_back()));
        kept.map_err(|why| self.not_written(&why))
    }

    fn take_back(&self) {
        let _ = fs::remove_file(self.file);
    }

    fn not_written(&self, why: &io::Error) -> CopyError {
        let path = self.file.to_owned();
        match why.kind() {
            ErrorKind::StorageFull => CopyError::Full { path },
            ErrorKind::AlreadyExists => CopyError::Exists { path },
            _ => CopyError::Failed { path, why: why.to_string() },
        }
    }

    fn failed(&self, why: &rusqlite::Error) -> CopyError {
        let path = self.file.to_owned();
        if is_disk_full(why) {
            CopyError::Full { path }
        } else {
            CopyError::Failed { path, why: why.to_string() }
        }
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // After `publish` it is not there any more.
        let _ = fs::remove_file(&self.path);
    }
}
