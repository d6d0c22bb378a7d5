//! One hub's file: locked, read whole, replaced atomically.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use protocol::HubId;

use super::{
    StorageError,
    paths::{owned_directory, sync_directory},
    record::HubRecord,
};

/// A hub's file, held for reading, changing and writing: nobody else does so meanwhile.
pub(super) struct HubFile {
    pub(super) record: HubRecord,
    directory: PathBuf,
    hub: HubId,
    /// Held until this is dropped; its end is also that of a process that is killed.
    _lock: File,
}

impl HubFile {
    pub(super) fn open(directory: &Path, hub: &HubId) -> Result<Self, StorageError> {
        owned_directory(directory)?;
        let lock_path = directory.join(format!("{hub}.lock"));
        let lock = lock_file(&lock_path)?;
        lock.lock().map_err(|error| StorageError::at(&lock_path, error))?;
        let record = read(&directory.join(format!("{hub}.json")))?.unwrap_or_default();
        Ok(Self { record, directory: directory.to_owned(), hub: hub.clone(), _lock: lock })
    }

    /// The file whose lock says that a client runs as somebody.
    pub(super) fn running(&self, identity: &protocol::Identity) -> Result<File, StorageError> {
        let digits = identity.as_str().trim_start_matches('~');
        lock_file(&self.directory.join(format!("{}.{digits}.running", self.hub)))
    }

    /// Replaces the file: after a crash there is the old one or the new one.
    pub(super) fn save(&mut self) -> Result<(), StorageError> {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.record.last_used = since_1970.as_millis() as u64;
        let path = self.directory.join(format!("{}.json", self.hub));
        let fresh = self.directory.join(format!("{}.json.new", self.hub));
        let replace = || {
            let mut file = owned_options().truncate(true).open(&fresh)?;
            let json = serde_json::to_string_pretty(&self.record).map_err(io::Error::other)?;
            file.write_all(json.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &path)?;
            sync_directory(&self.directory)
        };
        replace().map_err(|error| StorageError::at(&path, error))
    }
}

/// Every hub whose file can be read.
pub(super) fn all(directory: &Path) -> Result<Vec<(HubId, HubRecord)>, StorageError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StorageError::at(directory, error)),
    };
    let hub = |entry: fs::DirEntry| {
        let name = entry.file_name();
        let id = HubId::parse(name.to_str()?.strip_suffix(".json")?).ok()?;
        Some((id, read(&entry.path()).ok()??))
    };
    Ok(entries.flatten().filter_map(hub).collect())
}

fn read(path: &Path) -> Result<Option<HubRecord>, StorageError> {
    let json = match fs::read_to_string(path) {
        Ok(json) => json,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(damaged(path, "it is not text".to_owned()));
        }
        Err(error) => return Err(StorageError::at(path, error)),
    };
    let record: HubRecord =
        serde_json::from_str(&json).map_err(|error| damaged(path, error.to_string()))?;
    if record.people.iter().any(|person| person.names.is_empty()) {
        return Err(damaged(path, "somebody in it has no name".to_owned()));
    }
    Ok(Some(record))
}

fn damaged(path: &Path, why: String) -> StorageError {
    StorageError::Damaged { path: path.to_owned(), why }
}

fn lock_file(path: &Path) -> Result<File, StorageError> {
    owned_options().truncate(false).open(path).map_err(|error| StorageError::at(path, error))
}

fn owned_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options
}
