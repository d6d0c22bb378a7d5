//! What a disk may have after a loss of power, made from the journal of `disk.c`. A file has
//! what was synced and any part of what was not, down to sectors; a directory has the names that
//! were synced and the first so many of the others.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsStr,
    fs, io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use fastrand::Rng;

/// What a disk writes as a whole.
const SECTOR: usize = 512;

/// The files of a directory.
#[derive(Clone, Debug, Default)]
pub(super) struct Image {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

/// A record of the journal.
struct Record<'a> {
    kind: u8,
    path: PathBuf,
    offset: usize,
    data: &'a [u8],
}

enum Change<'a> {
    Write { offset: usize, data: &'a [u8] },
    Cut(usize),
}

#[derive(Default)]
struct File<'a> {
    synced: Vec<u8>,
    pending: Vec<Change<'a>>,
}

/// A change of the directory: who has this name now.
type NameChange = (PathBuf, Option<usize>);

#[derive(Default)]
struct Disk<'a> {
    files: Vec<File<'a>>,
    names: HashMap<PathBuf, usize>,
    synced_names: HashMap<PathBuf, usize>,
    pending_names: Vec<NameChange>,
}

impl Image {
    /// What is left of this and of what happened since, in `directory`.
    pub(super) fn after_loss(&self, journal: &[u8], directory: &Path, rng: &mut Rng) -> Self {
        let mut disk = Disk::with(self);
        let mut rest = journal;
        while let Some((record, after)) = read(rest) {
            disk.replay(record, directory);
            rest = after;
        }
        disk.lose_power(rng)
    }

    /// Makes a directory have these files and no others.
    pub(super) fn write(&self, directory: &Path) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            fs::remove_file(entry?.path())?;
        }
        self.files.iter().try_for_each(|(path, bytes)| fs::write(path, bytes))
    }
}

impl<'a> Disk<'a> {
    fn with(image: &Image) -> Self {
        let mut disk = Self::default();
        for (path, bytes) in &image.files {
            disk.names.insert(path.clone(), disk.files.len());
            disk.files.push(File { synced: bytes.clone(), pending: Vec::new() });
        }
        disk.synced_names = disk.names.clone();
        disk
    }

    fn replay(&mut self, record: Record<'a>, directory: &Path) {
        let Record { kind, path, offset, data } = record;
        match kind {
            b'c' => {
                self.files.push(File::default());
                self.name(path, Some(self.files.len() - 1));
            }
            b'w' => self.change(&path, Change::Write { offset, data }),
            b't' => self.change(&path, Change::Cut(offset)),
            b's' if path == directory => self.sync_names(),
            b's' => self.sync(&path),
            b'f' => {} // A sync that failed has synced nothing.
            b'u' => self.name(path, None),
            b'r' => {
                let file = self.names.get(&path).copied();
                self.name(PathBuf::from(OsStr::from_bytes(data)), file);
                self.name(path, None);
            }
            other => panic!("no such record: {other}"),
        }
    }

    fn name(&mut self, path: PathBuf, file: Option<usize>) {
        rename(&mut self.names, path.clone(), file);
        self.pending_names.push((path, file));
    }

    fn file(&mut self, path: &Path) -> &mut File<'a> {
        let at = self.names.get(path).unwrap_or_else(|| panic!("{} is unknown", path.display()));
        &mut self.files[*at]
    }

    fn change(&mut self, path: &Path, change: Change<'a>) {
        self.file(path).pending.push(change);
    }

    fn sync(&mut self, path: &Path) {
        let file = self.file(path);
        let pending = std::mem::take(&mut file.pending);
        for change in pending {
            change.apply(&mut file.synced);
        }
    }

    fn sync_names(&mut self) {
        self.synced_names.clone_from(&self.names);
        self.pending_names.clear();
    }

    fn lose_power(self, rng: &mut Rng) -> Image {
        let mut names = self.synced_names;
        let kept = some_of(self.pending_names.len(), rng);
        for (path, file) in self.pending_names.into_iter().take(kept) {
            rename(&mut names, path, file);
        }
        let contents: Vec<_> = self.files.into_iter().map(|file| file.lose_power(rng)).collect();
        let files = names.into_iter().map(|(path, file)| (path, contents[file].clone())).collect();
        Image { files }
    }
}

impl File<'_> {
    fn lose_power(self, rng: &mut Rng) -> Vec<u8> {
        let Self { mut synced, pending } = self;
        let in_order = rng.bool();
        let kept = some_of(pending.len(), rng);
        for (at, change) in pending.iter().enumerate() {
            let is_kept = if in_order { at < kept } else { rng.bool() };
            if is_kept {
                change.apply(&mut synced);
            } else if at == kept {
                change.torn(rng).apply(&mut synced);
            }
        }
        synced
    }
}

impl Change<'_> {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match *self {
            Self::Write { data: [], .. } => {}
            Self::Write { offset, data } => {
                let end = offset + data.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[offset..end].copy_from_slice(data);
            }
            Self::Cut(length) => bytes.resize(length, 0),
        }
    }

    /// The first so many sectors of it.
    fn torn(&self, rng: &mut Rng) -> Self {
        match *self {
            Self::Write { offset, data } => {
                let first = (SECTOR - offset % SECTOR).min(data.len());
                let rest = (data.len() - first) / SECTOR;
                let length = if rng.bool() { 0 } else { first + rng.usize(..=rest) * SECTOR };
                Self::Write { offset, data: &data[..length] }
            }
            Self::Cut(length) => Self::Cut(length),
        }
    }
}

fn rename(names: &mut HashMap<PathBuf, usize>, path: PathBuf, file: Option<usize>) {
    match file {
        Some(file) => names.insert(path, file),
        None => names.remove(&path),
    };
}

/// None, all, or any number between.
fn some_of(count: usize, rng: &mut Rng) -> usize {
    match rng.u8(..3) {
        0 => 0,
        1 => count,
        _ => rng.usize(..=count),
    }
}

/// Whose sync failed, if one did.
pub(crate) fn failed_sync(mut journal: &[u8]) -> Option<PathBuf> {
    while let Some((record, rest)) = read(journal) {
        if record.kind == b'f' {
            return Some(record.path);
        }
        journal = rest;
    }
    None
}

/// The first record and what is after it; the last one may be cut off.
fn read(journal: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let (head, rest) = journal.split_at_checked(21)?;
    let number = |range: std::ops::Range<usize>| {
        let mut bytes = [0; 8];
        bytes[..range.len()].copy_from_slice(&head[range]);
        u64::from_ne_bytes(bytes) as usize
    };
    let (path, rest) = rest.split_at_checked(number(1..5))?;
    let (data, rest) = rest.split_at_checked(number(13..21))?;
    let path = PathBuf::from(OsStr::from_bytes(path));
    Some((Record { kind: head[0], path, offset: number(5..13), data }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, path: &str, offset: u64, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend((path.len() as u32).to_ne_bytes());
        bytes.extend(offset.to_ne_bytes());
        bytes.extend((data.len() as u64).to_ne_bytes());
        bytes.extend(path.as_bytes());
        bytes.extend(data);
        bytes
    }

    /// Every different outcome of a journal.
    fn outcomes(journal: &[Vec<u8>]) -> Vec<BTreeMap<PathBuf, Vec<u8>>> {
        let journal = journal.concat();
        let lose = |seed| {
            let mut rng = Rng::with_seed(seed);
            Image::default().after_loss(&journal, Path::new("/d"), &mut rng).files
        };
        let mut all: Vec<_> = (0..200).map(lose).collect();
        all.sort();
        all.dedup();
        all
    }

    #[test]
    fn what_was_synced_is_always_there() {
        let created = [record(b'c', "/d/f", 0, b""), record(b'w', "/d/f", 0, b"kept")];
        let synced = [record(b's', "/d/f", 0, b""), record(b's', "/d", 0, b"")];
        let all = outcomes(&[created, synced].concat());
        assert_eq!(all, [[(PathBuf::from("/d/f"), b"kept".to_vec())].into()]);
    }

    #[test]
    fn what_was_not_synced_may_be_there_or_not() {
        let file = [record(b'c', "/d/f", 0, b""), record(b's', "/d", 0, b"")];
        let written = [record(b'w', "/d/f", 0, b"a"), record(b'w', "/d/f", 1, b"b")];
        let all = outcomes(&[file, written].concat());
        let contents: Vec<_> = all.iter().map(|files| files[Path::new("/d/f")].clone()).collect();
        assert_eq!(contents, [b"".to_vec(), b"\0b".to_vec(), b"a".to_vec(), b"ab".to_vec()]);
    }

    #[test]
    fn a_name_that_was_not_synced_may_be_gone() {
        let all = outcomes(&[record(b'c', "/d/f", 0, b""), record(b's', "/d/f", 0, b"")]);
        assert_eq!(all.len(), 2);
    }

    #[test]
    fn a_file_that_was_removed_may_be_back() {
        let file = [record(b'c', "/d/f", 0, b""), record(b's', "/d", 0, b"")];
        assert_eq!(
            outcomes(&[file.to_vec(), vec![record(b'u', "/d/f", 0, b"")]].concat()).len(),
            2
        );
    }
}
