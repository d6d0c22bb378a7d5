//! What can keep a log from being opened; whatever it is, the files are left as they were.

use std::{
    collections::BTreeMap,
    fs,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
    os::unix::fs::PermissionsExt as _,
};

use super::*;

/// A digest of every file in a directory.
fn digests(path: &Path) -> BTreeMap<String, u64> {
    let files = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let digest = |file: std::path::PathBuf| {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        (name, BuildHasherDefault::<DefaultHasher>::new().hash_one(fs::read(&file).unwrap()))
    };
    files.map(digest).collect()
}

/// Those of the files that hold what people said: not the lock, nor SQLite's scratch files.
fn kept(path: &Path) -> BTreeMap<String, u64> {
    let mut files = digests(path);
    let is_empty = |name: &str| fs::metadata(path.join(name)).unwrap().len() == 0;
    files.retain(|name, _| name != directory::LOCK && !name.ends_with("-shm") && !is_empty(name));
    files
}

/// Opens a directory that can't be opened, and sees that nothing was changed.
fn refusal(path: &Path) -> OpenError {
    let before = kept(path);
    let error = open(&directory(path)).unwrap_err();
    assert_eq!(kept(path), before);
    let text = error.to_string();
    assert!(!text.contains('\n') && text.contains("; "), "what to do about it: {text}");
    error
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A directory with a log of one message, closed.
fn closed_log() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "a", "hi"));
    bench.stop().unwrap();
    home
}

#[test]
fn the_directory_and_the_files_are_private() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("deep/er");
    let mut bench = Bench::open(&directory(&path));
    bench.ask(1, say("lobby", "a", "hi"));
    assert_eq!(mode(&path), 0o700);
    for file in digests(&path).keys() {
        assert_eq!(mode(&path.join(file)), 0o600, "{file}");
    }
    assert_eq!(digests(&path).len(), 4, "the database, its WAL and its index, and the lock");
    bench.stop().unwrap();
    let left: Vec<String> = digests(&path).into_keys().collect();
    assert_eq!(left, [directory::LOCK, directory::DATABASE], "a stop leaves no WAL");
}

#[test]
fn a_second_hub_is_told_who_has_the_directory() {
    let home = closed_log();
    let bench = Bench::open(&directory(home.path()));
    let error = open(&directory(home.path())).unwrap_err();
    let holder = format!("process {}", std::process::id());
    assert!(matches!(&error, OpenError::InUse { holder: found, .. } if *found == holder));
    assert!(error.to_string().contains(&holder), "{error}");
    bench.stop().unwrap();
    Bench::open(&directory(home.path())).stop().unwrap();
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let long = "this is not a database, though it is long enough to have a header. ".repeat(9);
    for text in ["hello", &long] {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(directory::DATABASE), text).unwrap();
        assert!(matches!(refusal(home.path()), OpenError::NotADatabase { .. }));
    }
}

#[test]
fn the_database_of_another_program_is_refused() {
    for setup in ["CREATE TABLE t (a)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"] {
        let home = tempfile::tempdir().unwrap();
        database(home.path()).execute_batch(setup).unwrap();
        assert!(matches!(refusal(home.path()), OpenError::NotADatabase { .. }), "{setup}");
    }
}

#[test]
fn a_database_that_is_damaged_is_refused() {
    let home = closed_log();
    let path = home.path().join(directory::DATABASE);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..].fill(0xAA);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(refusal(home.path()), OpenError::Database { .. }));
}

#[test]
fn a_newer_database_is_refused() {
    let home = closed_log();
    database(home.path()).pragma_update(None, "user_version", format::VERSION + 1).unwrap();
    let error = refusal(home.path());
    assert!(matches!(error, OpenError::Newer { found, .. } if found == format::VERSION + 1));
}

#[test]
fn a_newer_database_is_refused_when_only_its_wal_says_so() {
    let home = closed_log();
    let newer = database(home.path());
    newer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    newer.pragma_update(None, "user_version", format::VERSION + 1).unwrap();
    // As a kill leaves it: a WAL that is not in the file yet.
    let killed = copy(home.path());
    assert!(fs::read(killed.path().join("hub.sqlite3-wal")).is_ok_and(|wal| !wal.is_empty()));
    assert!(matches!(refusal(killed.path()), OpenError::Newer { .. }));
}

#[test]
fn a_read_only_file_or_directory_is_refused() {
    let home = closed_log();
    set_mode(&home.path().join(directory::DATABASE), 0o400);
    assert!(matches!(refusal(home.path()), OpenError::ReadOnly { .. }));
    set_mode(&home.path().join(directory::DATABASE), 0o600);
    set_mode(home.path(), 0o500);
    assert!(matches!(refusal(home.path()), OpenError::ReadOnly { .. }));
    set_mode(home.path(), 0o700);
    Bench::open(&directory(home.path())).stop().unwrap();
}

#[test]
fn a_directory_that_cannot_be_made_is_refused() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    for path in ["file", "file/below"] {
        let error = open(&directory(&home.path().join(path))).unwrap_err();
        assert!(matches!(error, OpenError::Directory { .. }), "{error}");
    }
}

#[test]
fn an_empty_file_becomes_a_log() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(directory::DATABASE), "").unwrap();
    Bench::open(&directory(home.path())).stop().unwrap();
}

#[test]
fn every_migration_is_valid() {
    format::validate();
}

#[test]
fn an_ack_survives_what_the_snapshot_says() {
    assert_eq!(open(&Storage::Memory).unwrap().snapshot().durability, Durability::Memory);
    let home = tempfile::tempdir().unwrap();
    let durability = open(&directory(home.path())).unwrap().snapshot().durability;
    assert_eq!(durability, Durability::Fsync);
}
