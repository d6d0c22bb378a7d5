//! The writer without its thread: what a transaction is, and a disk that is full.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use protocol::{Timestamp, server::Role};

use super::{super::schema::Database, *};
use crate::{
    config::Storage,
    ledger::tests::{appoint, claim, issue, person, proposal, refused, revoke, say, stored_seq},
};

fn writer(path: &std::path::Path) -> Writer {
    let database = Database::open(&Storage::Directory(path.to_owned())).unwrap();
    Writer::load(database.writer).unwrap()
}

fn messages(ids: std::ops::Range<usize>) -> Vec<Proposal> {
    let text = "x".repeat(1_000);
    ids.map(|id| proposal(0, 1, say("lobby", &format!("id{id}"), &text))).collect()
}

fn commit(writer: &mut Writer, batch: &[Proposal]) -> Vec<Decision> {
    let mut decisions = Vec::new();
    writer
        .commit(batch, &Notes::default(), |outcomes| {
            decisions.extend(outcomes.into_iter().map(|outcome| outcome.decision));
        })
        .unwrap();
    decisions
}

#[test]
fn a_batch_is_one_commit() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = commits.clone();
    let count = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        false
    };
    writer.connection.commit_hook(Some(count)).unwrap();
    assert_eq!(commit(&mut writer, &messages(0..200)).len(), 200);
    assert_eq!(commits.load(Ordering::Relaxed), 1);
}

#[test]
fn a_full_disk_stores_nothing_of_the_batch_and_heals() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    commit(&mut writer, &messages(0..5));
    commit(&mut writer, &[proposal(0, 1, claim("Ana"))]);
    let before = writer.state().clone();
    let pages: i64 =
        writer.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    writer.connection.pragma_update(None, "max_page_count", pages + 3).unwrap();

    let mut batch = vec![proposal(0, 1, say("new", "n", "hi")), proposal(0, 1, claim("Bea"))];
    batch.extend(messages(5..100));
    for decision in commit(&mut writer, &batch) {
        assert_eq!(refused(&decision), ErrorCode::Storage);
        assert!(matches!(
            decision,
            Decision::Refused { retry_after_ms: Some(STORAGE_RETRY_MS), .. }
        ));
    }
    assert_eq!(writer.state(), &before, "as if nothing had been proposed");
    assert!(writer.connection.is_autocommit());
    // What needs no room is still answered: a retry, and what fits.
    let known = commit(&mut writer, &messages(4..5));
    assert!(matches!(known[0], Decision::Known { seq, .. } if seq.get() == 5));

    writer.connection.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    let decisions = commit(&mut writer, &batch);
    assert_eq!(stored_seq(&decisions[0]), 1);
    let seqs: Vec<u64> = decisions[2..].iter().map(stored_seq).collect();
    assert_eq!(seqs, (6..=100).collect::<Vec<_>>(), "no seq was lost by the failure");
}

#[test]
fn the_state_is_what_a_restart_would_load() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    commit(&mut writer, &messages(0..3));
    commit(&mut writer, &[proposal(7, 1, claim("Ana")), proposal(9, 1, claim("Bea"))]);
    let grants = [
        appoint(1, Role::Operator),
        issue("s", "bot", &["lobby", "games"]),
        issue("t", "gone", &[]),
        revoke("gone"),
        issue("u", "gone", &[]),
    ];
    commit(&mut writer, &grants.map(|act| proposal(10, 1, act)));
    let mut notes = Notes::default();
    notes.add_seen([(person(1), Timestamp(11))]);
    writer.commit(&[], &notes, |_| {}).unwrap();
    let (state, numbers) = tables::load(&writer.connection).unwrap();
    assert_eq!((writer.state(), &writer.numbers), (&state, &numbers));
}

#[test]
fn a_checkpoint_brings_the_wal_into_the_file() {
    let home = tempfile::tempdir().unwrap();
    let mut writer = writer(home.path());
    commit(&mut writer, &messages(0..50));
    assert!(writer.wal().unwrap().pages_left > 10);
    writer.checkpoint().unwrap();
    assert_eq!(writer.wal().unwrap().pages_left, 0);
}

#[test]
fn only_a_full_disk_heals() {
    let failure = |code| rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
    assert!(is_disk_full(&failure(ffi::SQLITE_FULL)));
    assert!(is_disk_full(&failure(ffi::SQLITE_IOERR_SHMSIZE)));
    for fatal in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_CORRUPT] {
        assert!(!is_disk_full(&failure(fatal)), "{fatal}");
    }
}
