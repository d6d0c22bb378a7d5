//! Backups, what is started from them, and what a migration leaves behind.

use std::{fs, path::PathBuf};

use super::*;

/// A data directory with this file as its database.
fn restored(backup: &Path) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::copy(backup, home.path().join(directory::DATABASE)).unwrap();
    home
}

fn names(path: &Path) -> Vec<String> {
    let files = fs::read_dir(path).unwrap();
    let mut names: Vec<_> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A data directory as the first version left it.
fn first_version() -> tempfile::TempDir {
    older_version(include_str!("version1.sql"))
}

/// A data directory as the second version left it.
fn second_version() -> tempfile::TempDir {
    older_version(include_str!("version2.sql"))
}

fn older_version(sql: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    database(home.path()).execute_batch(sql).unwrap();
    home
}

/// What the migration of the database in a data directory leaves beside it.
fn former(home: &Path) -> PathBuf {
    home.join(format!("hub.sqlite3.before-v{}", format::VERSION))
}

fn version(path: &Path) -> u32 {
    format::version(&rusqlite::Connection::open(path).unwrap()).unwrap()
}

#[test]
fn a_backup_of_a_log_at_work_begins_one_new_epoch() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    bench.ask(1, say("lobby", "a", "one"));
    let file = elsewhere.path().join("monday");
    let counts = backup(home.path(), &file).unwrap();
    assert_eq!(counts, Counts { rooms: 1, events: 1, people: 1 });
    assert_eq!(names(elsewhere.path()), ["monday"], "nothing else is left");
    // The log goes on and is not marked itself.
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "b", "two"))), 2);
    let before = bench.snapshot.clone();
    bench.stop().unwrap();
    let bench = Bench::open(&directory(home.path()));
    assert_eq!(bench.snapshot.epoch, before.epoch);

    let home = restored(&file);
    let mut bench = Bench::open(&directory(home.path()));
    assert_eq!(bench.snapshot.hub, before.hub);
    assert_ne!(bench.snapshot.epoch, before.epoch);
    assert_eq!(bench.snapshot.rooms[0].head, seq(1));
    assert_eq!(bench.snapshot.people[0].name.as_str(), "Ana");
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "b", "another two"))), 2);
    let epoch = bench.snapshot.epoch.clone();
    let killed = copy(home.path());
    let again = Bench::open(&directory(killed.path()));
    assert_eq!(again.snapshot.epoch, epoch, "the new epoch was durable before anything was told");
}

#[test]
fn a_backup_of_what_a_kill_left_has_what_was_told() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bench = Bench::open(&directory(home.path()));
    for id in ["a", "b", "c"] {
        bench.ask(1, say("lobby", id, "hi"));
    }
    let killed = copy(home.path());
    let before = fs::read(killed.path().join("hub.sqlite3-wal")).unwrap();
    let counts = backup(killed.path(), &elsewhere.path().join("it")).unwrap();
    assert_eq!(counts.events, 3);
    assert_eq!(fs::read(killed.path().join("hub.sqlite3-wal")).unwrap(), before);
    bench.stop().unwrap();
}

#[test]
fn a_backup_of_a_stopped_hub_changes_nothing_there() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "a", "hi"));
    bench.stop().unwrap();
    let before = (names(home.path()), fs::read(home.path().join("hub.sqlite3")).unwrap());
    backup(home.path(), &elsewhere.path().join("it")).unwrap();
    let after = (names(home.path()), fs::read(home.path().join("hub.sqlite3")).unwrap());
    assert!(before == after);
}

#[test]
fn a_backup_overwrites_nothing() {
    let home = tempfile::tempdir().unwrap();
    let bench = Bench::open(&directory(home.path()));
    let file = home.path().join("precious");
    fs::write(&file, "mine").unwrap();
    let error = backup(home.path(), &file).unwrap_err();
    assert!(error.to_string().contains("is there already"), "{error}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    bench.stop().unwrap();
}

#[test]
fn a_copy_overwrites_nothing_that_came_while_it_was_made() {
    let home = tempfile::tempdir().unwrap();
    let bench = Bench::open(&directory(home.path()));
    let file = home.path().join("precious");
    let draft = copy::Draft::new(&file).unwrap();
    draft.fill(&database(home.path())).unwrap();
    fs::write(&file, "of another backup").unwrap();
    assert!(matches!(draft.publish(), Err(CopyError::Exists { .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), "of another backup");
    assert!(names(home.path()).iter().all(|name| !name.contains(".part")));
    bench.stop().unwrap();
}

#[test]
fn a_link_in_the_place_of_a_draft_is_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let bench = Bench::open(&directory(home.path()));
    let precious = home.path().join("precious");
    fs::write(&precious, "mine").unwrap();
    let draft = home.path().join(format!("it.{}.part", std::process::id()));
    std::os::unix::fs::symlink(&precious, draft).unwrap();
    backup(home.path(), &home.path().join("it")).unwrap();
    assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
    bench.stop().unwrap();
}

#[test]
fn a_start_removes_the_drafts_of_migrations_that_were_killed() {
    let home = tempfile::tempdir().unwrap();
    for name in ["hub.sqlite3.before-v2.77.part", "monday.78.part", "hub.sqlite3.before-v2"] {
        fs::write(home.path().join(name), "half").unwrap();
    }
    Bench::open(&directory(home.path())).stop().unwrap();
    let left = ["hub.lock", "hub.sqlite3", "hub.sqlite3.before-v2", "monday.78.part"];
    assert_eq!(names(home.path()), left);
}

#[test]
fn a_backup_that_fails_leaves_nothing() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let error = backup(home.path(), &elsewhere.path().join("it")).unwrap_err();
    assert!(matches!(error, CopyError::Source(OpenError::Inaccessible { .. })), "{error}");
    assert_eq!(names(elsewhere.path()), [""; 0]);
    assert_eq!(names(home.path()), [""; 0]);
    let nowhere = elsewhere.path().join("no/such/directory");
    assert!(matches!(backup(home.path(), &nowhere).unwrap_err(), CopyError::Failed { .. }));
}

#[test]
fn a_backup_restored_beside_the_log_of_another_database_is_refused() {
    let elsewhere = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "a", "one"));
    let file = elsewhere.path().join("it");
    backup(home.path(), &file).unwrap();
    bench.ask(1, say("lobby", "b", "two"));
    // Killed; then the backup is put in the place of the database, but the rest stays.
    let killed = copy(home.path());
    bench.stop().unwrap();
    fs::copy(&file, killed.path().join(directory::DATABASE)).unwrap();
    let digest = || (names(killed.path()), fs::read(killed.path().join("hub.sqlite3")).unwrap());
    let before = digest();
    let error = open(&directory(killed.path())).unwrap_err();
    assert!(matches!(error, OpenError::ForeignWal { .. }), "{error}");
    assert!(error.to_string().contains("hub.sqlite3-wal"), "{error}");
    assert!(matches!(verify(killed.path()), Err(OpenError::ForeignWal { .. })));
    fs::remove_file(killed.path().join("hub.lock")).unwrap();
    assert!(digest() == before, "nothing was changed");
    fs::remove_file(killed.path().join("hub.sqlite3-wal")).unwrap();
    let bench = Bench::open(&directory(killed.path()));
    assert_eq!(bench.snapshot.rooms[0].head, seq(1));
    bench.stop().unwrap();
}

#[test]
fn a_migration_leaves_the_former_database_beside_the_new_one() {
    for (number, home) in [(1, first_version()), (2, second_version())] {
        let mut bench = Bench::open(&directory(home.path()));
        assert_eq!(bench.snapshot.epoch.as_str(), "0123456789abcdef", "it is the same history");
        assert_eq!(stored_seq(&bench.ask(1, say("lobby", "c", "three"))), 3);
        bench.stop().unwrap();
        let kept = former(home.path());
        assert_eq!(version(&kept), number);
        assert_eq!(version(&home.path().join("hub.sqlite3")), format::VERSION);
        let found = verify(&kept).unwrap();
        assert_eq!(found.counts, Some(Counts { rooms: 1, events: 2, people: 1 }));
        assert_eq!(found.faults, [""; 0]);
    }
}

#[test]
fn a_log_from_before_there_were_markers_gets_them() {
    for home in [first_version(), second_version()] {
        let mut bench = Bench::open(&directory(home.path()));
        assert_eq!(bench.snapshot.read, []);
        bench.has_read(1, "lobby", 2);
        bench.stop().unwrap();
        let bench = Bench::open(&directory(home.path()));
        assert_eq!(bench.snapshot.read.len(), 1);
        assert_eq!(verify(home.path()).unwrap().faults, [""; 0]);
        bench.stop().unwrap();
    }
}

#[test]
fn a_backup_has_how_far_people_have_read() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    bench.ask(1, say("lobby", "a", "one"));
    bench.has_read(1, "lobby", 1);
    let file = elsewhere.path().join("it");
    backup(home.path(), &file).unwrap();
    bench.stop().unwrap();
    let home = restored(&file);
    let bench = Bench::open(&directory(home.path()));
    let record = ReadRecord { identity: person(1), room: RoomName::lobby(), seq: seq(1) };
    assert_eq!(bench.snapshot.read, [record]);
    bench.stop().unwrap();
}

#[test]
fn a_log_from_before_there_were_tokens_gets_them() {
    for home in [first_version(), second_version()] {
        let mut bench = Bench::open(&directory(home.path()));
        assert_eq!(bench.snapshot.tokens, []);
        assert!(matches!(bench.ask(9, issue("s", "bot", &[])), Decision::Issued(_)));
        bench.stop().unwrap();
        let bench = Bench::open(&directory(home.path()));
        assert_eq!(bench.snapshot.tokens.len(), 1);
        assert_eq!(verify(home.path()).unwrap().faults, [""; 0]);
        bench.stop().unwrap();
    }
}

#[test]
fn a_backup_has_operators_and_tokens() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    bench.ask(1, appoint(1, Role::Operator));
    bench.ask(1, issue("s", "bot", &["lobby"]));
    bench.ask(1, issue("t", "gone", &[]));
    bench.ask(1, revoke("gone"));
    let file = elsewhere.path().join("it");
    backup(home.path(), &file).unwrap();
    bench.stop().unwrap();
    let (home, before) = (restored(&file), Bench::open(&directory(home.path())).snapshot);
    let mut bench = Bench::open(&directory(home.path()));
    assert_eq!(bench.snapshot.tokens, before.tokens);
    assert_eq!(bench.snapshot.people, before.people);
    assert_eq!(stored_seq(&bench.ask(1, announce("lobby", "a", "noon"))), 1);
    let by = TokenHash::of("t").identity();
    let gone = bench.propose(Proposal { by, ..proposal(0, 0, say("lobby", "b", "hi")) });
    assert_eq!(refused(&gone), ErrorCode::Forbidden);
    bench.stop().unwrap();
}

#[test]
fn going_back_to_what_a_migration_left_is_another_epoch() {
    let home = first_version();
    let mut bench = Bench::open(&directory(home.path()));
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "c", "of the new one"))), 3);
    bench.stop().unwrap();
    let back = restored(&former(home.path()));
    let of = "SELECT hub, epoch FROM meta";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let (hub, epoch) = database(back.path()).query_row(of, [], read).unwrap();
    assert_ne!(epoch, "0123456789abcdef", "what the first version tells its clients");
    let mut bench = Bench::open(&directory(back.path()));
    assert_eq!((bench.snapshot.hub.as_str(), bench.snapshot.epoch.as_str()), (&*hub, &*epoch));
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "d", "another three"))), 3);
    bench.stop().unwrap();
}

#[test]
fn a_new_database_and_one_of_this_version_leave_no_copy() {
    let home = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        Bench::open(&directory(home.path())).stop().unwrap();
    }
    assert_eq!(names(home.path()), [directory::LOCK, directory::DATABASE]);
}

#[test]
fn without_the_copy_there_is_no_migration() {
    let home = first_version();
    let in_the_way = former(home.path()).join("full");
    fs::create_dir_all(in_the_way).unwrap();
    let before = fs::read(home.path().join("hub.sqlite3")).unwrap();
    let error = open(&directory(home.path())).unwrap_err();
    assert!(matches!(error, OpenError::NotMigrated { .. }), "{error}");
    assert_eq!(version(&home.path().join("hub.sqlite3")), 1);
    assert!(fs::read(home.path().join("hub.sqlite3")).unwrap() == before);
}

#[test]
fn a_backup_of_an_older_version_is_of_this_one() {
    let (home, elsewhere) = (first_version(), tempfile::tempdir().unwrap());
    let file = elsewhere.path().join("it");
    backup(home.path(), &file).unwrap();
    assert_eq!((version(&file), version(&home.path().join("hub.sqlite3"))), (format::VERSION, 1));
    let home = restored(&file);
    let bench = Bench::open(&directory(home.path()));
    assert_ne!(bench.snapshot.epoch.as_str(), "0123456789abcdef");
    bench.stop().unwrap();
}

#[test]
fn a_copy_whose_name_is_not_durable_is_not_there() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("copy");
    let fails = |_: &Path| Err(std::io::ErrorKind::StorageFull.into());
    let published = copy::Draft::new(&file)
        .unwrap()
        .publish_by(|draft, file| fs::hard_link(draft, file), fails);
    assert!(matches!(published, Err(CopyError::Full { .. })), "{published:?}");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}
