//! What a restart keeps.

use super::*;

#[test]
fn a_restart_keeps_heads_names_topics_and_ids() {
    let home = tempfile::tempdir().unwrap();
    let storage = directory(&home.path().join("data"));
    let mut bench = Bench::open(&storage);
    assert!(bench.snapshot.rooms.is_empty());
    bench.ask(1, hello("Ana"));
    bench.ask(1, claim("Bea"));
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "a", "one"))), 1);
    assert_eq!(stored_seq(&bench.ask(1, topic("lobby", "b", "tea"))), 2);
    let before = bench.snapshot.clone();
    bench.stop().unwrap();

    let mut bench = Bench::open(&storage);
    assert_eq!((&bench.snapshot.hub, &bench.snapshot.epoch), (&before.hub, &before.epoch));
    let [room] = &bench.snapshot.rooms[..] else { panic!("one room") };
    assert_eq!((room.head, room.oldest, room.topic.as_str()), (seq(2), seq(1), "tea"));
    let [ana] = &bench.snapshot.people[..] else { panic!("one person") };
    assert_eq!((ana.name.as_str(), ana.former[0].as_str()), ("Bea", "Ana"));
    let known = bench.ask(1, say("lobby", "a", "one"));
    assert_eq!(known, Decision::Known { room: RoomName::lobby(), seq: seq(1), at: Timestamp(0) });
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "c", "three"))), 3);
    let page = bench.read("lobby", PageRange::After(Seq::ZERO), 10);
    let seqs: Vec<u64> = page.events.iter().map(|event| event.seq.get()).collect();
    assert_eq!((seqs, page.more), (vec![1, 2, 3], false));
    bench.stop().unwrap();
}

/// How far this person has read, as told at a start.
fn markers(bench: &Bench, by: u8) -> Vec<(&str, u64)> {
    let own = bench.snapshot.read.iter().filter(|record| record.identity == person(by));
    own.map(|record| (record.room.as_str(), record.seq.get())).collect()
}

#[test]
fn a_restart_keeps_how_far_people_have_read() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    for (by, name) in [(1, "Ana"), (2, "Bob")] {
        bench.ask(by, hello(name));
    }
    for number in 1..=5 {
        bench.ask(1, say("lobby", &format!("l{number}"), "hi"));
        bench.ask(1, say("zoo", &format!("z{number}"), "hi"));
    }
    bench.has_read(1, "lobby", 3);
    bench.has_read(1, "zoo", 1);
    bench.has_read(2, "lobby", 5);
    bench.stop().unwrap();
    let bench = Bench::open(&directory(home.path()));
    assert_eq!(markers(&bench, 1), [("lobby", 3), ("zoo", 1)]);
    assert_eq!(markers(&bench, 2), [("lobby", 5)]);
    assert_eq!(verify(home.path()).unwrap().faults, [""; 0]);
    bench.stop().unwrap();
}

#[test]
fn a_kept_marker_never_goes_back() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    for number in 1..=5 {
        bench.ask(1, say("lobby", &format!("l{number}"), "hi"));
    }
    for seq in [2, 4, 3] {
        bench.has_read(1, "lobby", seq);
    }
    bench.stop().unwrap();
    let bench = Bench::open(&directory(home.path()));
    assert_eq!(markers(&bench, 1), [("lobby", 4)]);
    bench.stop().unwrap();
}

#[test]
fn a_marker_of_a_guest_or_of_no_room_is_not_kept() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    bench.ask(1, say("lobby", "a", "hi"));
    bench.has_read(7, "lobby", 1);
    bench.has_read(1, "nowhere", 1);
    bench.stop().unwrap();
    let bench = Bench::open(&directory(home.path()));
    assert_eq!(bench.snapshot.read, []);
    bench.stop().unwrap();
}

#[test]
fn a_marker_is_gone_with_its_person_and_with_its_room() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    for (by, name) in [(1, "Ana"), (2, "Bob")] {
        bench.ask(by, hello(name));
        for room in ["lobby", "zoo"] {
            bench.ask(by, say(room, &format!("{room}-{by}"), "hi"));
            bench.has_read(by, room, 1);
        }
    }
    bench.stop().unwrap();
    let end = format!(
        "PRAGMA foreign_keys = on;
         DELETE FROM owned_name WHERE identity = '{ana}';
         DELETE FROM person WHERE identity = '{ana}';
         DELETE FROM event WHERE room = (SELECT number FROM room WHERE name = 'zoo');
         DELETE FROM room WHERE name = 'zoo';",
        ana = person(1),
    );
    database(home.path()).execute_batch(&end).unwrap();
    let bench = Bench::open(&directory(home.path()));
    assert_eq!((markers(&bench, 1), markers(&bench, 2)), (vec![], vec![("lobby", 1)]));
    bench.stop().unwrap();
}

#[test]
fn memory_is_shared_by_its_connections_and_gone_afterwards() {
    let mut bench = Bench::open(&Storage::Memory);
    bench.ask(1, say("lobby", "a", "one"));
    assert_eq!(bench.read("lobby", PageRange::Before(Seq::MAX), 10).events.len(), 1);
    let first = bench.snapshot.clone();
    bench.stop().unwrap();
    let bench = Bench::open(&Storage::Memory);
    assert!(bench.snapshot.rooms.is_empty());
    assert_ne!(bench.snapshot.epoch, first.epoch);
    bench.stop().unwrap();
}
