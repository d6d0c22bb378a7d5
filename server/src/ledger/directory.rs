//! The data directory: made private, held by one process at a time, looked at before SQLite may
//! touch it.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use super::{
    format::{APPLICATION_ID, VERSION},
    open_error::OpenError,
};

/// The database in the data directory.
pub(crate) const DATABASE: &str = "hub.sqlite3";
/// The file whose lock says that a hub runs here; in it, that hub's process id.
pub(crate) const LOCK: &str = "hub.lock";

/// What follows in the name of what a migration leaves, before its version.
pub(crate) const BEFORE: &str = ".before-v";
/// What the name of a copy that is not whole ends with.
pub(crate) const DRAFT: &str = ".part";

/// What every SQLite file begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where a SQLite file says how it is written: 1 with a rollback journal, as a backup is; 2 with
/// a write-ahead log, as a hub's always is.
const WRITE_VERSION_AT: usize = 18;
/// What is there in a file that no hub has begun to write.
const ROLLBACK_JOURNAL: u8 = 1;
/// Where a SQLite file has its `user_version`, big-endian.
const USER_VERSION_AT: usize = 60;
/// Where a SQLite file has its `application_id`, big-endian.
const APPLICATION_ID_AT: usize = 68;
/// How much of a file these take.
const HEADER_BYTES: usize = 72;

/// A data directory held by this process until this is dropped.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    // Never read: the operating system frees the lock with the file.
    _lock: File,
}

impl DataDirectory {
    /// Makes the directory if need be and takes its lock, changing nothing that is there.
    pub(crate) fn hold(path: &Path) -> Result<Self, OpenError> {
        make(path).map_err(|why| OpenError::Directory { path: path.to_owned(), why })?;
        refuse_read_only(path)?;
        let lock = lock(path)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// The database file: there, private, ours (or new) and not of a newer hub.
    pub(crate) fn database(&self) -> Result<PathBuf, OpenError> {
        let path = self.path.join(DATABASE);
        let is_new = !path.exists();
        let file = open_private(&path, false).map_err(|why| no_access(&path, why))?;
        refuse_read_only(&path)?;
        if is_new {
            sync_directory(&path).map_err(|why| no_access(&path, why))?;
        }
        check_file(&path, file)?;
        Ok(path)
    }

    /// Removes the unfinished copies of hubs that were killed while they migrated.
    pub(crate) fn remove_drafts(&self) -> Result<(), OpenError> {
        let remove = || {
            for file in std::fs::read_dir(&self.path)? {
                let file = file?;
                let name = file.file_name();
                let name = name.to_string_lossy();
                let copy = name.strip_prefix(DATABASE).and_then(|end| end.strip_prefix(BEFORE));
                if copy.is_some_and(|end| end.contains(DRAFT)) {
                    std::fs::remove_file(file.path())?;
                }
            }
            Ok(())
        };
        remove().map_err(|why| no_access(&self.path, why))
    }

    /// Makes the names of the files in it durable.
    pub(crate) fn sync(&self) -> Result<(), OpenError> {
        let synced = File::open(&self.path).and_then(|directory| directory.sync_all());
        synced.map_err(|why| no_access(&self.path, why))
    }
}

/// Makes what was created, renamed or removed at this path durable.
pub(crate) fn sync_directory(of: &Path) -> io::Result<()> {
    match of.parent() {
        Some(parent) if parent.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// Where SQLite keeps what is not in the database file yet.
pub(crate) fn wal_of(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-wal");
    PathBuf::from(path)
}

/// Looks at a database file before SQLite may: whether it is ours, and not of a newer hub, and
/// not a restored one beside the write-ahead log of another, which SQLite would write into it.
pub(crate) fn check_file(path: &Path, file: File) -> Result<(), OpenError> {
    let mut header = Vec::new();
    file.take(HEADER_BYTES as u64).read_to_end(&mut header).map_err(|why| no_access(path, why))?;
    if header.is_empty() {
        return Ok(());
    }
    check_header(path, &header)?;
    let wal = wal_of(path);
    let is_foreign = header[WRITE_VERSION_AT] == ROLLBACK_JOURNAL
        && wal.metadata().is_ok_and(|metadata| metadata.len() > 0);
    if is_foreign {
        return Err(OpenError::ForeignWal { path: path.to_owned(), wal });
    }
    Ok(())
}

fn make(path: &Path) -> io::Result<()> {
    let path = std::path::absolute(path)?;
    let missing: Vec<_> = path.ancestors().take_while(|above| !above.exists()).collect();
    DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
    // A directory is there after a power loss only if the one above it was synced.
    missing.into_iter().rev().try_for_each(sync_directory)
}

/// The mode bits are asked, too, because they do not stop root.
fn refuse_read_only(path: &Path) -> Result<(), OpenError> {
    let metadata = path.metadata().map_err(|why| no_access(path, why))?;
    if metadata.permissions().readonly() {
        return Err(OpenError::ReadOnly { path: path.to_owned() });
    }
    Ok(())
}

fn open_private(path: &Path, is_truncated: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(is_truncated).mode(0o600).open(path)
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let path = directory.join(LOCK);
    let mut file = open_private(&path, false).map_err(|why| no_access(&path, why))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let holder = holder(&mut file);
            return Err(OpenError::InUse { path: directory.to_owned(), holder });
        }
        Err(TryLockError::Error(why)) => return Err(no_access(&path, why)),
    }
    let write_pid = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    write_pid.map_err(|why| no_access(&path, why))?;
    Ok(file)
}

/// Who holds the lock, as far as the file tells.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(32).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => format!("process {}", text.trim()),
        Ok(_) | Err(_) => "another process".to_owned(),
    }
}

fn check_header(path: &Path, header: &[u8]) -> Result<(), OpenError> {
    let is_ours = header.len() == HEADER_BYTES
        && header.starts_with(MAGIC)
        && [0, APPLICATION_ID].contains(&big_endian(header, APPLICATION_ID_AT));
    if !is_ours {
        return Err(OpenError::NotADatabase { path: path.to_owned() });
    }
    match big_endian(header, USER_VERSION_AT) {
        found if found > VERSION => Err(OpenError::Newer { path: path.to_owned(), found }),
        _ => Ok(()),
    }
}

fn big_endian(header: &[u8], at: usize) -> u32 {
    header[at..at + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn no_access(path: &Path, why: io::Error) -> OpenError {
    let path = path.to_owned();
    match why.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::ReadOnly { path }
        }
        _ => OpenError::Inaccessible { path, why },
    }
}
