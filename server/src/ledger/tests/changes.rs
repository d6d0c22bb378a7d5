//! Messages that are edited and taken back.

use std::fs;

use protocol::{Deleted, Edited, EventKind};

use super::*;

/// Ana (1) and Bob (2) have said a line each in `lobby`: 1 and 2.
fn two_lines(storage: &Storage) -> Bench {
    let mut bench = Bench::open(storage);
    bench.ask(1, hello("Ana"));
    bench.ask(2, hello("Bob"));
    bench.ask(1, say("lobby", "a", "tea"));
    bench.ask(2, say("lobby", "b", "milk"));
    bench
}

fn texts(events: &[RoomEvent]) -> Vec<&str> {
    events.iter().map(|event| event.text.as_ref().map_or("-", MessageText::as_str)).collect()
}

fn as_of(bench: &Bench, head: u64) -> Vec<RoomEvent> {
    let range = PageRange::Before(Seq::MAX);
    let (room, head) = (RoomName::lobby(), seq(head));
    bench.query(PageQuery { room, range, limit: 100, bytes_max: usize::MAX, head }).events
}

fn erased(decision: &Decision) -> Vec<u64> {
    let Decision::Stored { erased, .. } = decision else { panic!("not stored: {decision:?}") };
    assert!(erased.iter().all(|event| event.text.is_none()), "{erased:?}");
    let mut seqs: Vec<_> = erased.iter().map(|event| event.seq.get()).collect();
    seqs.sort_unstable();
    seqs
}

#[test]
fn an_edit_is_an_event_with_a_seq_of_its_own_and_the_new_text() {
    let mut bench = two_lines(&Storage::Memory);
    let decision = bench.ask_at(7, 1, edit("lobby", "e", 1, "green tea"));
    let (event, _) = stored(&decision);
    assert_eq!((event.seq, event.kind, event.target), (seq(3), EventKind::Edit, Some(seq(1))));
    assert_eq!(event.text.as_ref().unwrap().as_str(), "green tea");
    let log = bench.log("lobby");
    assert_eq!(texts(&log), ["green tea", "milk", "green tea"]);
    assert_eq!(log[0].edited, Some(Edited { seq: seq(3), at: Timestamp(7) }));
    assert_eq!((&log[0].deleted, &log[1].edited), (&None, &None));
    assert_eq!(log[2], *event);
}

#[test]
fn a_page_has_the_last_edit_as_of_what_the_asker_may_see() {
    let mut bench = two_lines(&Storage::Memory);
    bench.ask(1, edit("lobby", "e", 1, "green tea"));
    bench.ask(1, edit("lobby", "f", 1, "black tea"));
    assert_eq!(texts(&as_of(&bench, 2)), ["tea", "milk"]);
    assert_eq!(as_of(&bench, 2)[0].edited, None);
    assert_eq!(texts(&as_of(&bench, 3)), ["green tea", "milk", "green tea"]);
    assert_eq!(as_of(&bench, 3)[0].edited.as_ref().unwrap().seq, seq(3));
    assert_eq!(texts(&as_of(&bench, 4)), ["black tea", "milk", "green tea", "black tea"]);
    let page = bench.read("lobby", PageRange::Before(seq(2)), 1);
    assert_eq!(texts(&page.events), ["black tea"], "the edits are on another page");
}

#[test]
fn a_deletion_leaves_no_text_of_the_message_and_its_edits() {
    let mut bench = two_lines(&Storage::Memory);
    bench.ask(1, edit("lobby", "e", 1, "green tea"));
    bench.ask(2, edit("lobby", "f", 2, "cream"));
    let decision = bench.ask(1, delete("lobby", "d", 1));
    let (event, _) = stored(&decision);
    assert_eq!((event.seq, event.kind, event.target), (seq(5), EventKind::Delete, Some(seq(1))));
    assert_eq!((&event.text, erased(&decision)), (&None, vec![1, 3]));
    let log = bench.log("lobby");
    assert_eq!(texts(&log), ["-", "cream", "-", "cream", "-"]);
    assert_eq!(log[0].deleted, Some(Deleted { seq: seq(5), by: person(1) }));
    assert_eq!((&log[0].edited, &log[2].deleted), (&None, &None));
    // There is nothing else to show as of an earlier seq either.
    assert_eq!(as_of(&bench, 4)[0].deleted, log[0].deleted);
    assert_eq!(as_of(&bench, 4)[0].text, None);
}

#[test]
fn what_a_deletion_tells_to_be_erased_is_what_a_page_shows() {
    let mut bench = two_lines(&Storage::Memory);
    bench.ask(1, edit("lobby", "e", 1, "green tea"));
    let Decision::Stored { mut erased, .. } = bench.ask(1, delete("lobby", "d", 1)) else {
        panic!("not stored")
    };
    erased.sort_by_key(|event| event.seq);
    let log = bench.log("lobby");
    assert_eq!(erased, [log[0].clone(), log[2].clone()]);
}

#[test]
fn only_a_message_that_is_there_can_be_changed() {
    let mut bench = two_lines(&Storage::Memory);
    bench.ask(1, topic("lobby", "t", "drinks"));
    bench.ask(1, edit("lobby", "e", 1, "green tea"));
    bench.ask(1, say("lobby", "c", "gone"));
    bench.ask(1, delete("lobby", "d", 5));
    let others = [("lobby", 0), ("lobby", 3), ("lobby", 4), ("lobby", 5), ("lobby", 6)];
    for (room, number) in others.into_iter().chain([("lobby", 7), ("games", 1)]) {
        let edited = bench.ask(1, edit(room, "x", number, "?"));
        assert_eq!(refused(&edited), ErrorCode::NoSuchMessage, "{room} {number}");
        let deleted = bench.ask(1, delete(room, "x", number));
        assert_eq!(refused(&deleted), ErrorCode::NoSuchMessage, "{room} {number}");
    }
    // A denial is not remembered, and makes no room.
    assert_eq!(stored_seq(&bench.ask(1, say("games", "x", "hi"))), 1);
}

#[test]
fn only_the_author_and_operators_change_a_message() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = two_lines(&directory(home.path()));
    assert_eq!(refused(&bench.ask(2, edit("lobby", "x", 1, "?"))), ErrorCode::Forbidden);
    assert_eq!(refused(&bench.ask(2, delete("lobby", "x", 1))), ErrorCode::Forbidden);
    bench.stop().unwrap();
    database(home.path())
        .execute("UPDATE person SET role = 'operator' WHERE name = 'Bob'", [])
        .unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    assert_eq!(stored_seq(&bench.ask(2, edit("lobby", "x", 1, "!"))), 3);
    assert_eq!(stored_seq(&bench.ask(2, delete("lobby", "y", 1))), 4);
    assert_eq!(bench.log("lobby")[0].deleted.as_ref().unwrap().by, person(2));
}

#[test]
fn what_is_private_is_changed_by_its_author_alone() {
    let mut bench = two_lines(&Storage::Memory);
    bench.ask(1, direct("Bob", "p", "psst"));
    let room = RoomName::private(&person(1), &person(2));
    assert_eq!(refused(&bench.ask(3, delete(room.as_str(), "x", 1))), ErrorCode::RoomInvalid);
    assert_eq!(refused(&bench.ask(2, delete(room.as_str(), "x", 1))), ErrorCode::Forbidden);
    assert_eq!(stored_seq(&bench.ask(1, edit(room.as_str(), "x", 1, "hush"))), 2);
    assert_eq!(erased(&bench.ask(1, delete(room.as_str(), "y", 1))), [1, 2]);
    let again = bench.ask(1, direct("Bob", "p", "psst"));
    assert_eq!(again, Decision::Known { room, seq: seq(1), at: Timestamp(0) });
}

#[test]
fn a_retry_gets_its_first_ack_also_when_the_text_is_gone() {
    let mut bench = two_lines(&Storage::Memory);
    let acts = || {
        [
            (1, say("lobby", "a", "tea")),
            (3, edit("lobby", "e", 1, "green tea")),
            (4, delete("lobby", "d", 1)),
        ]
    };
    for (number, act) in acts().into_iter().skip(1) {
        assert_eq!(stored_seq(&bench.ask(1, act)), number);
    }
    for (number, act) in acts() {
        let known = Decision::Known { room: RoomName::lobby(), seq: seq(number), at: Timestamp(0) };
        assert_eq!(bench.ask_at(9, 1, act), known);
    }
    assert_eq!(bench.log("lobby").len(), 4);
}

#[test]
fn a_change_with_anything_else_under_its_id_is_reused() {
    let mut bench = two_lines(&Storage::Memory);
    bench.ask(1, say("lobby", "c", "more"));
    bench.ask(1, edit("lobby", "e", 1, "green tea"));
    bench.ask(1, delete("lobby", "d", 3));
    for other in [
        edit("lobby", "e", 1, "black tea"),
        edit("lobby", "e", 2, "green tea"),
        edit("games", "e", 1, "green tea"),
        delete("lobby", "e", 1),
        say("lobby", "e", "green tea"),
        delete("lobby", "d", 1),
        delete("games", "d", 3),
        edit("lobby", "d", 3, "tea"),
        topic("lobby", "c", "more"),
        delete("lobby", "c", 1),
    ] {
        assert_eq!(refused(&bench.ask(1, other.clone())), ErrorCode::IdReused, "{other:?}");
    }
    assert_eq!(bench.log("lobby").len(), 5);
}

#[test]
fn a_change_of_what_comes_before_it_in_the_same_batch_counts() {
    let mut bench = Bench::open(&Storage::Memory);
    let acts = [
        say("lobby", "a", "tea"),
        edit("lobby", "b", 1, "green tea"),
        delete("lobby", "c", 1),
        edit("lobby", "d", 1, "black tea"),
    ];
    let batch = acts.into_iter().map(|act| proposal(0, 1, act)).collect();
    bench.ledger.as_ref().unwrap().propose(batch).unwrap();
    assert_eq!([bench.next(), bench.next()].each_ref().map(stored_seq), [1, 2]);
    assert_eq!(erased(&bench.next()), [1, 2]);
    assert_eq!(refused(&bench.next()), ErrorCode::NoSuchMessage);
}

#[test]
fn only_what_may_be_in_memory_is_told_to_be_erased() {
    let mut bench = two_lines(&Storage::Memory);
    bench.ask(1, edit("lobby", "e", 1, "green tea"));
    for number in 0..REMEMBERED_MAX {
        let act = say("lobby", &format!("n{number}"), ".");
        bench.ledger.as_ref().unwrap().propose(vec![proposal(0, 1, act)]).unwrap();
    }
    (0..REMEMBERED_MAX).for_each(|_| drop(bench.next()));
    bench.ask(1, edit("lobby", "f", 1, "black tea"));
    assert_eq!(erased(&bench.ask(1, delete("lobby", "d", 1))), [REMEMBERED_MAX + 4]);
    assert_eq!(texts(&bench.log("lobby")[..3]), ["-", "milk", "-"], "gone it is all the same");
}

#[test]
fn a_restart_keeps_changes_and_what_is_erased_is_in_no_file() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = two_lines(&directory(home.path()));
    // Short, longer than the rest of a row, and longer than a page: each is freed in another way.
    for (number, times) in [(3, 1), (4, 30), (5, 250)] {
        bench.ask(1, say("lobby", &format!("s{number}"), &"a first secret ".repeat(times)));
        bench.ask(1, say("lobby", &format!("n{number}"), "something else"));
    }
    bench.ask(1, edit("lobby", "e", 5, &"a second secret".repeat(20)));
    bench.ask(1, edit("lobby", "f", 1, "kept"));
    for number in [3, 5, 7] {
        bench.ask(1, delete("lobby", &format!("d{number}"), number));
    }
    let log = bench.log("lobby");
    bench.stop().unwrap();
    let has = |words: &str| {
        let mut bytes = fs::read(home.path().join(directory::DATABASE)).unwrap();
        bytes.extend(fs::read(home.path().join("hub.sqlite3-wal")).unwrap_or_default());
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    };
    assert!(has("kept") && !has("secret"));
    let mut bench = Bench::open(&directory(home.path()));
    assert_eq!(bench.log("lobby"), log);
    assert_eq!(refused(&bench.ask(1, edit("lobby", "x", 3, "?"))), ErrorCode::NoSuchMessage);
    bench.stop().unwrap();
}

#[test]
fn a_backup_has_nothing_of_what_was_erased_before_it() {
    let (home, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bench = two_lines(&directory(home.path()));
    bench.ask(1, say("lobby", "c", "a secret"));
    bench.ask(1, delete("lobby", "d", 3));
    let file = elsewhere.path().join("it");
    backup(home.path(), &file).unwrap();
    let bytes = fs::read(&file).unwrap();
    assert!(!bytes.windows(6).any(|window| window == b"secret"));
    assert_eq!(verify(&file).unwrap().faults, [""; 0]);
    bench.stop().unwrap();
}

#[test]
fn what_changed_a_message_outlives_it_under_retention() {
    let mut bench = Bench::keeping(&Storage::Memory, "3".parse().unwrap());
    bench.ask(1, say("lobby", "a", "tea"));
    bench.ask(1, edit("lobby", "b", 1, "green tea"));
    bench.ask(1, say("lobby", "c", "milk"));
    bench.ask(1, delete("lobby", "d", 3));
    assert_eq!(bench.next_trimmed().oldest, seq(2));
    assert_eq!(refused(&bench.ask(1, edit("lobby", "x", 1, "?"))), ErrorCode::NoSuchMessage);
    assert_eq!(texts(&bench.log("lobby")), ["green tea", "-", "-"]);
}
