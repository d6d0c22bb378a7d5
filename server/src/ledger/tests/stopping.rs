//! Stops, kills and failures.

use super::*;
use crate::hub::input::Input;

#[test]
fn a_stop_commits_and_tells_all_that_was_proposed() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    let ledger = bench.ledger.take().unwrap();
    for number in 0..PROPOSALS_MAX {
        let act = say("lobby", &format!("id{number}"), "hi");
        ledger.propose(vec![proposal(0, 1, act)]).unwrap();
    }
    drop(ledger);
    bench.end().unwrap();
    for number in 1..=PROPOSALS_MAX {
        assert_eq!(stored_seq(&bench.next()), number as u64);
    }
    let bench = Bench::open(&directory(home.path()));
    assert_eq!(bench.snapshot.rooms[0].head, seq(PROPOSALS_MAX as u64));
    bench.stop().unwrap();
}

#[test]
fn what_was_told_survives_a_kill_and_is_not_doubled_by_a_retry() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    for number in 1..=20 {
        bench.ask(1, say("lobby", &format!("id{number}"), "hi"));
    }
    // The files as they are in the middle of the work, which is what a kill leaves.
    let killed = copy(home.path());
    bench.stop().unwrap();
    let mut bench = Bench::open(&directory(killed.path()));
    assert_eq!(bench.snapshot.rooms[0].head, seq(20));
    assert_eq!(bench.snapshot.people.len(), 1);
    let again = bench.ask(1, say("lobby", "id20", "hi"));
    assert!(matches!(again, Decision::Known { seq: at, .. } if at == seq(20)));
    bench.stop().unwrap();
}

#[test]
fn a_torn_end_of_the_wal_costs_only_what_was_not_told() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "id0", "hi"));
    let (database, wal) = ("hub.sqlite3", "hub.sqlite3-wal");
    let told = std::fs::metadata(home.path().join(wal)).unwrap().len();
    for number in 1..10 {
        bench.ask(1, say("lobby", &format!("id{number}"), "hi"));
    }
    let full = std::fs::metadata(home.path().join(wal)).unwrap().len();
    for cut in (told..full).step_by(1_999) {
        let killed = tempfile::tempdir().unwrap();
        std::fs::copy(home.path().join(database), killed.path().join(database)).unwrap();
        let bytes = std::fs::read(home.path().join(wal)).unwrap();
        std::fs::write(killed.path().join(wal), &bytes[..usize::try_from(cut).unwrap()]).unwrap();
        let bench = Bench::open(&directory(killed.path()));
        let head = bench.snapshot.rooms[0].head.get();
        let page = bench.read("lobby", PageRange::After(Seq::ZERO), 100);
        let seqs: Vec<u64> = page.events.iter().map(|event| event.seq.get()).collect();
        assert_eq!(seqs, (1..=head).collect::<Vec<_>>(), "cut at {cut}");
        assert!(head >= 1, "cut at {cut}");
        bench.stop().unwrap();
    }
    bench.stop().unwrap();
}

#[test]
fn any_other_failure_ends_the_ledger_without_an_outcome() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "a", "hi"));
    database(home.path()).execute_batch("DROP TABLE event").unwrap();
    bench.ledger.as_ref().unwrap().propose(vec![proposal(0, 1, say("lobby", "b", "hi"))]).unwrap();
    let failed = bench.end().unwrap_err();
    assert!(failed.to_string().contains("event"), "{failed}");
    assert_eq!(bench.news.blocking_recv(), None);
    let gone =
        bench.ledger.as_ref().unwrap().propose(vec![proposal(0, 1, say("lobby", "c", "hi"))]);
    assert_eq!(gone, Err(LedgerGone));
    assert_eq!(
        bench.ledger.as_ref().unwrap().seen(vec![(person(1), Timestamp(0))]),
        Err(LedgerGone)
    );
}

#[test]
fn a_failure_in_the_middle_of_a_batch_stores_none_of_it() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "a", "hi"));
    let outside = database(home.path());
    outside
        .execute_batch(
            "CREATE TRIGGER fail AFTER INSERT ON event WHEN new.id = 'd'
             BEGIN SELECT raise(ROLLBACK, 'as on a broken disk'); END;
             BEGIN IMMEDIATE",
        )
        .unwrap();
    let ledger = bench.ledger.as_ref().unwrap();
    // The writer waits for the lock with `b`; the rest is the next batch.
    for id in ["b", "c", "d", "e"] {
        ledger.propose(vec![proposal(0, 1, say("lobby", id, "hi"))]).unwrap();
    }
    outside.execute_batch("ROLLBACK").unwrap();
    assert!(bench.end().is_err());
    let told = std::iter::from_fn(|| bench.news.blocking_recv());
    let told: u64 = told.map(|news| Input::all_of(news).len() as u64).sum();
    drop(bench);
    outside.execute_batch("DROP TRIGGER fail").unwrap();
    drop(outside);
    let bench = Bench::open(&directory(home.path()));
    assert_eq!(bench.snapshot.rooms[0].head, seq(1 + told), "stored is told and told is stored");
    bench.stop().unwrap();
}

#[test]
fn more_than_the_agreed_proposals_in_flight_are_an_error_not_a_wait() {
    let home = tempfile::tempdir().unwrap();
    let bench = Bench::open(&directory(home.path()));
    let outside = database(home.path());
    outside.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ledger = bench.ledger.as_ref().unwrap();
    let propose = |number: usize| {
        ledger.propose(vec![proposal(0, 1, say("lobby", &format!("id{number}"), "hi"))])
    };
    // One batch may be in the writer's hands already.
    let most = PROPOSALS_MAX + start::BATCH_MAX + 1;
    let taken = (0..=most).take_while(|number| propose(*number).is_ok()).count();
    assert!((PROPOSALS_MAX..=most).contains(&taken), "{taken}");
    outside.execute_batch("ROLLBACK").unwrap();
}

#[test]
fn a_panic_of_a_thread_of_the_ledger_is_its_end() {
    let mut bench = Bench::open(&Storage::Memory);
    let query = PageQuery {
        room: RoomName::lobby(),
        range: PageRange::After(Seq::ZERO),
        limit: 1,
        bytes_max: 1,
        head: Seq::ZERO,
    };
    bench.reader.read(query, |_| panic!("as a bug would")).unwrap();
    assert!(bench.end().unwrap_err().to_string().contains("panicked"));
}

#[test]
fn what_a_kill_left_is_in_the_file_before_the_first_proposal() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "a", "hi"));
    let killed = copy(home.path());
    bench.stop().unwrap();
    let wal = killed.path().join("hub.sqlite3-wal");
    assert_ne!(std::fs::metadata(&wal).unwrap().len(), 0);
    let opened = open(&directory(killed.path())).unwrap();
    assert_eq!(std::fs::metadata(&wal).unwrap().len(), 0, "nothing has been proposed yet");
    assert_eq!(opened.snapshot().rooms[0].head, seq(1));
}
