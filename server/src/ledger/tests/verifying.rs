//! Every way in which a database can be other than a hub would have written it is told.

use std::fs;

use super::*;

/// A log with two rooms and a private one, stopped.
fn log() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    bench.ask(2, hello("Bob"));
    for number in 1..=5 {
        bench.ask(1, say("lobby", &format!("l{number}"), "hi"));
        bench.ask(2, say("games", &format!("g{number}"), "ho"));
    }
    bench.ask(1, direct("Bob", "d1", "just us"));
    bench.has_read(1, "lobby", 3);
    bench.ask(1, issue("s", "bot", &["lobby"]));
    bench.stop().unwrap();
    home
}

fn faults(path: &Path) -> Vec<String> {
    verify(path).unwrap().faults
}

/// What is told of a log after this was done to it.
#[track_caller]
fn after(damage: &str) -> Vec<String> {
    let home = log();
    let outside = database(home.path());
    outside
        .execute_batch("PRAGMA foreign_keys = off; PRAGMA ignore_check_constraints = on")
        .unwrap();
    outside.execute_batch(damage).unwrap();
    outside.close().unwrap();
    let faults = faults(home.path());
    assert!(faults.iter().all(|fault| !fault.contains('\n')), "one line each: {faults:?}");
    faults
}

#[test]
fn a_sound_log_has_no_faults_at_work_killed_and_stopped() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "a", "hi"));
    let sound = |path: &Path| {
        let Verified { counts, faults, untold } = verify(path).unwrap();
        assert_eq!((faults, untold), (vec![], 0));
        counts.unwrap()
    };
    assert_eq!(sound(home.path()).events, 1);
    let killed = copy(home.path());
    assert_eq!(sound(killed.path()).events, 1);
    bench.stop().unwrap();
    assert_eq!(sound(home.path()), sound(killed.path()));
    let log = log();
    assert_eq!(sound(log.path()), Counts { rooms: 3, events: 11, people: 3 });
}

#[test]
fn looking_changes_nothing_and_leaves_nothing() {
    let home = log();
    let state = || {
        let files = fs::read_dir(home.path()).unwrap().map(|file| file.unwrap());
        let mut files: Vec<_> = files
            .map(|file| (file.file_name(), file.metadata().unwrap().modified().unwrap()))
            .collect();
        files.sort();
        files
    };
    let before = state();
    faults(home.path());
    assert_eq!(state(), before);
    assert_eq!(before.len(), 2, "the database and the lock");
}

#[test]
fn a_missing_seq_is_told() {
    assert_eq!(after("DELETE FROM event WHERE id = 'l3'"), ["lobby has no 3"]);
    assert_eq!(after("DELETE FROM event WHERE id IN ('g1', 'g2')"), ["games has none of 1 to 2"]);
    assert_eq!(after("DELETE FROM event WHERE id IN ('g4', 'g5')"), ["games has none of 4 to 5"]);
}

#[test]
fn a_head_or_an_oldest_that_is_not_that_of_the_log_is_told() {
    assert_eq!(after("UPDATE room SET head = 6 WHERE name = 'lobby'"), ["lobby has no 6"]);
    let above = "UPDATE room SET head = 4 WHERE name = 'lobby'";
    assert_eq!(after(above), ["lobby has 5 above its head 4"]);
    let below = "UPDATE room SET oldest = 2 WHERE name = 'lobby'";
    assert_eq!(after(below), ["lobby has 1 below its oldest 2"]);
    let told = after("UPDATE room SET oldest = 9 WHERE name = 'lobby'");
    assert!(told.contains(&"lobby has the head 5 and the oldest 9".to_owned()), "{told:?}");
}

#[test]
fn a_request_stored_twice_is_told() {
    let twice = after(
        "DROP INDEX event_request;
         UPDATE event SET identity = (SELECT identity FROM event WHERE id = 'l1'), id = 'l1'
         WHERE id = 'g2'",
    );
    assert_eq!(twice.len(), 2, "{twice:?}");
    assert!(twice[0].contains("no event_request"), "{twice:?}");
    assert!(twice[1].starts_with("the request l1 of ") && twice[1].ends_with("stored 2 times"));
}

#[test]
fn names_that_are_none_are_told() {
    let told = after("UPDATE room SET name = 'not a room!' WHERE name = 'games'");
    assert_eq!(told, ["the name of a room is \"not a room!\", which is not valid"]);
    assert!(after("UPDATE event SET name = 'no name' WHERE id = 'l1'")[0].contains("1 in lobby"));
    assert!(after("UPDATE person SET name = 'x y' WHERE name = 'Ana'")[0].contains("the name of"));
    assert!(after("UPDATE owned_name SET key = 'eve' WHERE key = 'ana'")[0].contains("\"eve\""));
    assert!(after("UPDATE event SET kind = 'rumour' WHERE id = 'l1'")[0].contains("rumour"));
    assert!(after("UPDATE room SET second = first WHERE first NOT NULL")[0].contains("two people"));
    assert!(after("UPDATE meta SET epoch = 'today'")[0].contains("epoch"));
    assert!(after("DELETE FROM meta")[0].contains("no id"));
}

#[test]
fn a_change_of_no_message_and_a_text_of_what_is_gone_are_told() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "m1", "tea"));
    bench.ask(1, say("lobby", "m2", "milk"));
    bench.ask(1, edit("lobby", "e3", 1, "green tea"));
    bench.ask(1, edit("lobby", "e4", 2, "cream"));
    bench.ask(1, delete("lobby", "d5", 1));
    bench.ask(1, topic("lobby", "t6", "drinks"));
    bench.stop().unwrap();
    assert_eq!(faults(home.path()), [""; 0]);
    for (set, told) in [
        ("target = NULL WHERE id = 'e4'", "4 in lobby changes no message before it"),
        ("target = 9 WHERE id = 'e4'", "4 in lobby changes no message before it"),
        ("target = 1 WHERE id = 't6'", "6 in lobby has something that it changes"),
        ("target = 3 WHERE id = 'e4'", "4 in lobby changes what is no message"),
        ("kind = 'delete', target = 1 WHERE id = 't6'", "6 in lobby deletes what was deleted"),
        ("text = NULL WHERE id = 'm2'", "2 in lobby has lost its text"),
        ("text = NULL WHERE id = 'e4'", "4 in lobby has lost its text"),
        ("text = 'tea' WHERE id = 'm1'", "1 in lobby was deleted and still has its text"),
        ("text = 'tea' WHERE id = 'e3'", "3 in lobby has a text of what was deleted"),
        ("text = 'tea' WHERE id = 'd5'", "5 in lobby has a text of what was deleted"),
    ] {
        let damaged = copy_of(home.path());
        database(damaged.path()).execute_batch(&format!("UPDATE event SET {set}")).unwrap();
        let found = faults(damaged.path());
        assert!(found.iter().any(|fault| fault.starts_with(told)), "{set}: {found:?}");
    }
}

/// The database in another directory, to be damaged there.
fn copy_of(path: &Path) -> tempfile::TempDir {
    let copied = tempfile::tempdir().unwrap();
    let file = directory::DATABASE;
    fs::copy(path.join(file), copied.path().join(file)).unwrap();
    copied
}

#[test]
fn rows_that_belong_to_nothing_are_told() {
    let told = after("DELETE FROM room WHERE name = 'games'");
    assert_eq!(told, ["5 rows of event belong to no row of room"]);
}

#[test]
fn a_marker_beyond_its_room_or_of_nobody_is_told() {
    let lobby = "room = (SELECT number FROM room WHERE name = 'lobby')";
    let beyond = after(&format!("UPDATE read_marker SET seq = 6 WHERE {lobby}"));
    let ana = person(1);
    assert_eq!(beyond, [format!("{ana} has read lobby up to 6, and its head is 5")]);
    let before = after("UPDATE read_marker SET seq = 0");
    assert!(before.iter().any(|fault| fault.contains("read lobby up to 0")), "{before:?}");
    let nobody = after("UPDATE read_marker SET identity = 'nobody'");
    assert_eq!(nobody, ["1 rows of read_marker belong to no row of person"]);
    let nowhere = after("UPDATE read_marker SET room = 99");
    assert_eq!(nowhere, ["1 rows of read_marker belong to no row of room"]);
}

#[test]
fn a_damaged_page_is_told() {
    let home = log();
    let path = home.path().join(directory::DATABASE);
    let mut bytes = fs::read(&path).unwrap();
    for page in 2..bytes.len() / 4096 {
        bytes[page * 4096..page * 4096 + 64].fill(0xAA);
    }
    fs::write(&path, bytes).unwrap();
    assert!(!faults(home.path()).is_empty());
}

#[test]
fn a_row_missing_from_an_index_is_told() {
    let told = after(
        "PRAGMA writable_schema = on;
         CREATE TABLE kept AS SELECT rootpage FROM sqlite_schema WHERE name = 'event_request';
         DELETE FROM sqlite_schema WHERE name = 'event_request';
         PRAGMA writable_schema = reset;
         DELETE FROM event WHERE id = 'l5';
         UPDATE room SET head = 4 WHERE name = 'lobby';
         PRAGMA writable_schema = on;
         INSERT INTO sqlite_schema SELECT 'index', 'event_request', 'event', rootpage,
            'CREATE UNIQUE INDEX event_request ON event (identity, id)' FROM kept;
         DROP TABLE kept;",
    );
    assert!(told.iter().any(|fault| fault.contains("event_request")), "{told:?}");
}

#[test]
fn no_more_than_a_hundred_faults_are_told_one_by_one() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    for number in 0..150 {
        bench.ask(1, say("lobby", &format!("id{number}"), "hi"));
    }
    bench.stop().unwrap();
    database(home.path()).execute("UPDATE event SET name = '?'", []).unwrap();
    let found = verify(home.path()).unwrap();
    assert_eq!((found.faults.len(), found.untold), (100, 50));
}

#[test]
fn what_is_no_log_of_ours_is_refused() {
    let home = tempfile::tempdir().unwrap();
    assert!(matches!(verify(home.path()), Err(OpenError::Inaccessible { .. })));
    fs::write(home.path().join(directory::DATABASE), "hello").unwrap();
    assert!(matches!(verify(home.path()), Err(OpenError::NotADatabase { .. })));
}

#[test]
fn whatever_keeps_a_hub_from_starting_is_a_fault() {
    for damage in [
        "UPDATE room SET topic = char(10) || 'two lines' WHERE name = 'games'",
        "UPDATE room SET first_name = 'no name' WHERE first NOT NULL",
        "UPDATE owned_name SET rank = 1, name = 'x y' WHERE key = 'ana'",
    ] {
        let home = log();
        database(home.path()).execute_batch(damage).unwrap();
        assert!(open(&directory(home.path())).is_err(), "{damage}");
        assert!(!faults(home.path()).is_empty(), "{damage}");
    }
}

#[test]
fn whatever_keeps_a_page_from_being_read_is_a_fault() {
    for damage in ["reply_to = -1", "target = -7"] {
        let damage = format!("UPDATE event SET {damage} WHERE id = 'l1'");
        assert!(after(&damage)[0].contains("1 in lobby"), "{damage}");
    }
}

#[test]
fn the_greatest_number_there_is_does_not_end_the_search() {
    let end = "PRAGMA ignore_check_constraints = on; UPDATE room SET oldest = 1, head = ";
    let max = i64::MAX;
    assert!(!after(&format!("{end}{max} WHERE name = 'lobby'")).is_empty());
    assert!(!after(&format!("UPDATE event SET seq = {max} WHERE id = 'l5'")).is_empty());
}

#[test]
fn a_token_that_speaks_as_somebody_else_or_where_it_cannot_is_told() {
    for (damage, told) in [
        ("token SET hash = zeroblob(32)", "who is another"),
        ("token SET name = 'alarm'", "under another name"),
        ("token SET name = '?'", "which is not valid"),
        ("token SET rooms = 'lobby dm:00112233445566778899aabbccddeeff'", "no public room"),
        ("token SET identity = '~00112233445566778899aabbccddeeff'", "no row of person"),
        ("token SET hash = x'00'", "no hash of a secret"),
    ] {
        let faults = after(&format!("UPDATE {damage}"));
        assert!(faults.iter().any(|fault| fault.contains(told)), "{damage}: {faults:?}");
    }
}
