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
