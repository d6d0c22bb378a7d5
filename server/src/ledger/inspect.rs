//! A database that is read and left as it is, whether a hub is at work on it, was killed, or
//! there is only the file.

use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{
    checkpoint::checkpoint_on_close,
    directory::{check_file, wal_of},
    open_error::OpenError,
};

/// How long a lock of SQLite's is waited for. A hub holds one only while it starts or stops.
const BUSY: Duration = Duration::from_secs(10);

/// Reads a database. Nothing beside it is made or changed where that can be avoided; a hub may
/// write it meanwhile, and may start or stop.
pub(super) fn inspect<T>(
    path: &Path,
    read: impl Fn(&Connection) -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    let stamp = || path.metadata().map(|metadata| Stamp::of(&metadata)).ok();
    let file = File::open(path).map_err(|why| inaccessible(path, why))?;
    check_file(path, file)?;
    let before = stamp();
    if has_wal(path) {
        return read(&connect(path, Access::Shared)?);
    }
    let result = connect(path, Access::Alone).and_then(|connection| read(&connection));
    if has_wal(path) || stamp() != before {
        // A hub has begun to write it meanwhile: what was read may be of two moments.
        return read(&connect(path, Access::Shared)?);
    }
    result
}

/// What else is done with a database that is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Nothing: it is one file, read without locks and without files beside it.
    Alone,
    /// A hub writes it, or was killed while it did.
    Shared,
}

/// Whether somebody has changed a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    file: (u64, u64),
    size: u64,
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            changed: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

fn has_wal(path: &Path) -> bool {
    wal_of(path).exists()
}

fn connect(path: &Path, access: Access) -> Result<Connection, OpenError> {
    let connect = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri(path, access)?, flags)?;
        connection.busy_timeout(BUSY)?;
        // What a kill has left belongs to the next hub.
        checkpoint_on_close(&connection, false)?;
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        Ok(connection)
    };
    connect().map_err(|why: rusqlite::Error| OpenError::of_sqlite(path, &why))
}

/// SQLite takes these as names of files, with what it must not do behind the `?`.
fn uri(path: &Path, access: Access) -> rusqlite::Result<String> {
    let absolute = std::path::absolute(path).ok();
    let absolute = absolute.as_deref().and_then(Path::to_str);
    let absolute = absolute.ok_or_else(|| rusqlite::Error::InvalidPath(path.to_owned()))?;
    let mut uri = String::from("file:");
    for letter in absolute.chars() {
        match letter {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            other => uri.push(other),
        }
    }
    uri.push_str(match access {
        Access::Alone => "?immutable=1",
        Access::Shared => "",
    });
    Ok(uri)
}

fn inaccessible(path: &Path, why: io::Error) -> OpenError {
    OpenError::Inaccessible { path: path.to_owned(), why }
}
