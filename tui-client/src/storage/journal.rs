//! What was typed, on disk: `$XDG_STATE_HOME/hubbub/outbox/HUB/WHO.WHEN.jsonl` (0600).
//!
//! Each process has a file of its own and holds its OS lock while it runs. It is a header and
//! then one JSON line for each write, so that of a write that a crash has torn nothing counts.
//! A client that starts takes over what processes of the same person have left: first all of it
//! into its own file, on disk, then the others go. The header names them: of one that a crash
//! has left beside it nothing counts. A lock of the directory is held while files come and go.

mod lines;
#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    fs::{self, File, OpenOptions},
    io::{self, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use lines::Read;
use protocol::{HubId, Identity};

use super::{
    StorageError,
    paths::{owned_directory, sync_directory},
};
use crate::{
    keeping::Restored,
    outbox::{Kept, Note},
};

/// A file is written anew when it has grown to twice what it must hold, and is larger than this.
const TIDY_BYTES: u64 = 64 * 1024;
/// How such files end.
const SUFFIX: &str = ".jsonl";
/// How one ends that is not whole yet.
const FRESH: &str = ".new";
/// How one ends that could not be read.
const DAMAGED: &str = ".damaged";

/// Brings a directory to disk.
type Sync = fn(&File) -> io::Result<()>;

/// What was typed on one hub, on disk.
#[derive(Debug)]
pub struct Journal {
    directory: PathBuf,
    owner: Option<Identity>,
    kept: Kept,
    own: Option<OwnFile>,
    /// What others have left, until it is in the own file and away.
    left: Vec<Left>,
    /// How a directory gets to disk; in tests it may not.
    sync: Sync,
}

/// This process' file.
#[derive(Debug)]
struct OwnFile {
    path: PathBuf,
    /// Its lock says that this process runs.
    file: File,
    /// What of it is whole.
    length: u64,
    /// At this length it is written anew.
    tidy_at: u64,
    /// Whether it may hold what it should not, or not what it should: then it is written anew
    /// before anything else is believed to be on disk.
    is_doubtful: bool,
}

/// A file of a process that has ended.
#[derive(Debug)]
struct Left {
    path: PathBuf,
    /// Nobody else takes it while this is held.
    _lock: File,
    is_damaged: bool,
}

impl Journal {
    /// For this hub, below the state directory of this program. Nothing is read or written yet.
    pub fn new(state_directory: &Path, hub: &HubId) -> Self {
        let directory = state_directory.join("outbox").join(hub.as_str());
        Self {
            directory,
            owner: None,
            kept: Kept::default(),
            own: None,
            left: Vec::new(),
            sync: File::sync_all,
        }
    }

    /// From now on what is kept is this person's. Returns what processes have left that were
    /// this person and have ended.
    pub fn become_owner(&mut self, owner: Identity) -> Restored {
        self.close();
        self.owner = Some(owner.clone());
        let notice = self.adopt(&owner).unwrap_or_else(|error| Some(error.to_string()));
        Restored { owner, kept: self.kept.clone(), notice }
    }

    /// Writes notes down. When this returns they are on disk, all of them; or, if it fails, only
    /// what has happened is remembered.
    pub fn keep(&mut self, notes: &[Note]) -> Result<(), StorageError> {
        let written = self.write(notes);
        // What has happened all the same is in the next whole file: after a fault there is one.
        for note in notes.iter().filter(|note| written.is_ok() || note.has_happened()) {
            self.kept.apply(note);
        }
        self.tidy();
        written
    }

    /// This process is this person no longer. A file with nothing in it goes; another one waits
    /// for the next process.
    pub fn close(&mut self) {
        if self.own.as_ref().is_some_and(|own| own.is_doubtful) {
            let kept = self.kept.clone();
            let _ = self.write_whole(&kept); // Then it may hold what was not promised.
        }
        self.left.clear();
        if let Some(own) = self.own.take()
            && self.kept.is_empty()
            && let Ok(_guard) = self.hold_directory()
        {
            let _ = fs::remove_file(&own.path); // The next process finds it empty, then.
        }
        self.kept = Kept::default();
    }

    fn write(&mut self, notes: &[Note]) -> Result<(), StorageError> {
        match &mut self.own {
            Some(own) if own.can_be_appended_to() => {
                own.append(notes).map_err(|error| StorageError::at(&own.path, error))
            }
            Some(_) | None => {
                let mut kept = self.kept.clone();
                kept.apply_all(notes);
                self.write_whole(&kept)
            }
        }
    }

    /// Replaces the own file, or makes it: after a crash there is the old one or the new one.
    fn write_whole(&mut self, kept: &Kept) -> Result<(), StorageError> {
        let Some(owner) = &self.owner else { return Err(StorageError::Nobody) };
        let guard = self.hold_directory()?;
        let path = match &self.own {
            Some(own) => own.path.clone(),
            None => self.directory.join(file_name(owner)),
        };
        let adopts = self.left.iter().filter_map(|left| file_name_of(&left.path)).collect();
        let text = lines::whole(owner, adopts, kept);
        let replaced = replace(&path, &text, self.sync);
        let (file, synced) = replaced.map_err(|error| StorageError::at(&path, error))?;
        let (length, is_doubtful) = (text.len() as u64, synced.is_err());
        let tidy_at = TIDY_BYTES.max(2 * length);
        self.own = Some(OwnFile { path: path.clone(), file, length, tidy_at, is_doubtful });
        synced.map_err(|error| StorageError::at(&path, error))?;
        self.put_away();
        drop(guard);
        Ok(())
    }

    /// Makes the file short again. If that fails it is long, and tried again when it is longer.
    fn tidy(&mut self) {
        let Some(own) = self.own.as_mut().filter(|own| own.length >= own.tidy_at) else { return };
        own.tidy_at = 2 * own.length;
        let kept = self.kept.clone();
        let _ = self.write_whole(&kept); // Whichever is there holds the same.
    }

    fn adopt(&mut self, owner: &Identity) -> Result<Option<String>, StorageError> {
        if !self.directory.exists() {
            return Ok(None);
        }
        let guard = self.hold_directory()?;
        let (mut found, mut unreadable) = (Vec::new(), None);
        for path in self.files_of(owner)? {
            match open_left(path, owner) {
                Ok(left) => found.extend(left),
                Err(error) => unreadable = Some(error.to_string()),
            }
        }
        drop(guard);
        let adopted: HashSet<String> =
            found.iter_mut().flat_map(|(_, read)| std::mem::take(&mut read.adopts)).collect();
        for (left, read) in found {
            let is_adopted = file_name_of(&left.path).is_some_and(|name| adopted.contains(&name));
            if !is_adopted {
                self.kept.adopt(read.kept);
            }
            self.left.push(left);
        }
        let notice = self.left.iter().find_map(Left::notice).or(unreadable);
        let kept = self.kept.clone();
        if kept.is_empty() {
            let _guard = self.hold_directory()?;
            self.put_away();
        } else {
            self.write_whole(&kept)?;
        }
        Ok(notice)
    }

    /// What is in the own file now, or nothing, is no longer needed where it was. What does not
    /// go is tried again after the next whole file. The directory is held.
    fn put_away(&mut self) {
        let count = self.left.len();
        self.left.retain(|left| !left.put_away());
        if self.left.len() < count {
            let _ = sync_directory(&self.directory); // One that comes back is no longer counted.
        }
    }

    /// The files of this person, the oldest first. What is not whole goes: nobody relies on it.
    fn files_of(&self, owner: &Identity) -> Result<Vec<PathBuf>, StorageError> {
        let at = |error| StorageError::at(&self.directory, error);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.directory).map_err(at)? {
            let path = entry.map_err(at)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.starts_with(digits(owner)) {
                continue;
            }
            if name.ends_with(FRESH) {
                let _ = fs::remove_file(&path); // It is passed over the next time, too.
            } else if name.ends_with(SUFFIX) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    fn hold_directory(&self) -> Result<File, StorageError> {
        owned_directory(&self.directory)?;
        let path = self.directory.join("lock");
        let held = owned_options().create(true).open(&path).and_then(|lock| {
            lock.lock()?;
            Ok(lock)
        });
        held.map_err(|error| StorageError::at(&path, error))
    }
}

impl OwnFile {
    /// What is written to a file without a name is nowhere.
    fn can_be_appended_to(&self) -> bool {
        !self.is_doubtful && is_at(&self.path, &self.file)
    }

    /// One line for all of it. What a fault leaves of the line is cut off again.
    fn append(&mut self, notes: &[Note]) -> io::Result<()> {
        let line = lines::line(notes);
        let written = self.file.seek(SeekFrom::Start(self.length)).and_then(|_| {
            self.file.write_all(line.as_bytes())?;
            if notes.iter().all(Note::may_be_undone) { Ok(()) } else { self.file.sync_data() }
        });
        if written.is_ok() {
            self.length += line.len() as u64;
        } else {
            // After a failed sync nobody knows what is on disk: the whole is written anew.
            self.is_doubtful = true;
            let _ = self.file.set_len(self.length); // If it fails, that is no more doubtful.
        }
        written
    }
}

impl Left {
    /// What the user is to know of it.
    fn notice(&self) -> Option<String> {
        let aside = with_suffix(&self.path, DAMAGED);
        self.is_damaged.then(|| {
            format!(
                "a file of unsent messages was damaged; what could be read is here, the file is \
                 kept as {}",
                aside.display()
            )
        })
    }

    /// Whether it is away.
    fn put_away(&self) -> bool {
        let done = if self.is_damaged {
            fs::rename(&self.path, with_suffix(&self.path, DAMAGED))
        } else {
            fs::remove_file(&self.path)
        };
        done.is_ok() || !self.path.exists()
    }
}

/// Opens a file that was left, unless its process still runs.
fn open_left(path: PathBuf, owner: &Identity) -> Result<Option<(Left, Read)>, StorageError> {
    let at = |error| StorageError::at(&path, error);
    let file = owned_options().open(&path).map_err(at)?;
    if file.try_lock().is_err() {
        return Ok(None);
    }
    let bytes = fs::read(&path).map_err(at)?;
    let read = lines::read(&bytes, owner);
    Ok(Some((Left { path, _lock: file, is_damaged: read.is_damaged }, read)))
}

/// Writes a locked file and puts it in the place of another one. Once it is there nothing undoes
/// that: whether it is so after a loss of power, too, is the second answer.
fn replace(path: &Path, text: &str, sync: Sync) -> io::Result<(File, io::Result<()>)> {
    let directory = File::open(path.parent().unwrap_or(path))?;
    let fresh = with_suffix(path, FRESH);
    let file = fresh_file(&fresh, text).inspect_err(|_| {
        let _ = fs::remove_file(&fresh); // On a full disk each one would take what is left.
    })?;
    let renamed = fs::rename(&fresh, path);
    if renamed.is_err() && !is_at(path, &file) {
        return renamed.map(|()| (file, Ok(())));
    }
    let synced = renamed.and_then(|()| sync(&directory));
    Ok((file, synced))
}

fn fresh_file(path: &Path, text: &str) -> io::Result<File> {
    let mut file = owned_options().create(true).truncate(true).open(path)?;
    file.try_lock().map_err(|error| io::Error::other(error.to_string()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(file)
}

/// Whether this is the file of this name.
fn is_at(path: &Path, file: &File) -> bool {
    let number = |of: io::Result<fs::Metadata>| of.map(|of| (of.dev(), of.ino())).ok();
    let here = number(file.metadata());
    here.is_some() && here == number(fs::symlink_metadata(path))
}

fn file_name_of(path: &Path) -> Option<String> {
    path.file_name()?.to_str().map(str::to_owned)
}

/// Sorted by name, such files are sorted by age.
fn file_name(owner: &Identity) -> String {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (now, random) = (since_1970.as_millis(), fastrand::u32(..));
    format!("{}.{now:013}-{random:08x}{SUFFIX}", digits(owner))
}

fn digits(owner: &Identity) -> &str {
    owner.as_str().trim_start_matches('~')
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn owned_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}
