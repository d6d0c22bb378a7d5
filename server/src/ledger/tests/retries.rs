//! Sent once.

use super::*;

fn known(room: &RoomName, number: u64) -> Decision {
    Decision::Known { room: room.clone(), seq: seq(number), at: Timestamp(0) }
}

#[test]
fn a_retry_gets_the_first_place_and_adds_nothing() {
    let mut bench = Bench::open(&Storage::Memory);
    bench.ask(1, say("lobby", "z", "first"));
    let acts = || {
        [answer("lobby", "a", "hi", Some(1)), topic("lobby", "b", "tea"), topic("lobby", "c", "")]
    };
    for (number, act) in (2..).zip(acts()) {
        assert_eq!(stored_seq(&bench.ask(1, act)), number);
    }
    for (number, act) in (2..).zip(acts()) {
        assert_eq!(bench.ask_at(99, 1, act), known(&RoomName::lobby(), number));
    }
    assert_eq!(bench.read("lobby", PageRange::After(Seq::ZERO), 100).events.len(), 4);
}

#[test]
fn an_id_with_anything_else_is_reused() {
    let mut bench = Bench::open(&Storage::Memory);
    bench.ask(2, hello("Bea"));
    bench.ask(1, answer("lobby", "z", "hi", None));
    bench.ask(1, answer("lobby", "a", "hi", Some(1)));
    let others = [
        say("lobby", "a", "hi"),
        answer("lobby", "a", "ho", Some(1)),
        answer("games", "a", "hi", Some(1)),
        topic("lobby", "a", "hi"),
        direct("Bea", "a", "hi"),
    ];
    for other in others {
        let decision = bench.ask(1, other.clone());
        assert_eq!(refused(&decision), ErrorCode::IdReused, "{other:?}");
    }
    assert_eq!(bench.read("lobby", PageRange::After(Seq::ZERO), 100).events.len(), 2);
}

#[test]
fn an_id_is_one_identitys() {
    let mut bench = Bench::open(&Storage::Memory);
    assert_eq!(stored_seq(&bench.ask(1, say("lobby", "a", "hi"))), 1);
    assert_eq!(stored_seq(&bench.ask(2, say("lobby", "a", "hi"))), 2);
}

#[test]
fn a_direct_is_the_same_by_the_name_as_typed_or_by_who_it_was() {
    let mut bench = Bench::open(&Storage::Memory);
    bench.ask(1, hello("Ana"));
    bench.ask(2, hello("Bea"));
    bench.ask(3, hello("Eve"));
    let room = RoomName::private(&person(1), &person(2));
    assert_eq!(stored(&bench.ask(1, direct("Bea", "a", "hi"))).0.room, room);
    // Bea is known by another name, and hers is free by now and somebody else's.
    for name in ["Cleo", "Dora", "Fay", "Gil"] {
        bench.ask(2, claim(name));
    }
    assert_eq!(claimed(&bench.ask(3, claim("Bea"))), ("Bea", Some("Eve")));
    for to in ["BEA", "Gil", "Dora", person(2).as_str()] {
        assert_eq!(bench.ask(1, direct(to, "a", "hi")), known(&room, 1), "{to}");
    }
    for to in ["Eve", person(3).as_str(), "Nobody"] {
        assert_eq!(refused(&bench.ask(1, direct(to, "a", "hi"))), ErrorCode::IdReused, "{to}");
    }
    assert_eq!(refused(&bench.ask(1, direct("Bea", "a", "ho"))), ErrorCode::IdReused);
}

#[test]
fn a_say_in_a_private_room_is_not_the_direct_of_the_same_id() {
    let mut bench = Bench::open(&Storage::Memory);
    bench.ask(1, hello("Ana"));
    bench.ask(2, hello("Bea"));
    let room = RoomName::private(&person(1), &person(2));
    bench.ask(1, direct("Bea", "a", "hi"));
    bench.ask(1, say(room.as_str(), "b", "hi"));
    assert_eq!(refused(&bench.ask(1, say(room.as_str(), "a", "hi"))), ErrorCode::IdReused);
    assert_eq!(refused(&bench.ask(1, direct("Bea", "b", "hi"))), ErrorCode::IdReused);
}

#[test]
fn a_retry_is_known_even_where_it_would_be_refused_now() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, hello("Ana"));
    bench.stop().unwrap();
    let set_role = |role: &str| {
        database(home.path()).execute("UPDATE person SET role = ?1", [role]).unwrap();
    };
    set_role("operator");
    let mut bench = Bench::open(&directory(home.path()));
    let act = || say("announcements", "a", "tea");
    bench.ask(1, act());
    bench.stop().unwrap();
    set_role("member");
    let mut bench = Bench::open(&directory(home.path()));
    assert_eq!(bench.ask(1, act()), known(&RoomName::announcements(), 1));
    bench.stop().unwrap();
}

#[test]
fn two_of_one_id_in_one_transaction_are_one() {
    let mut bench = Bench::open(&Storage::Memory);
    let ledger = bench.ledger.as_ref().unwrap();
    ledger.propose(vec![proposal(0, 1, say("lobby", "a", "hi")); 50]).unwrap();
    assert_eq!(stored_seq(&bench.next()), 1);
    assert!((1..50).all(|_| bench.next() == known(&RoomName::lobby(), 1)));
}

#[test]
fn a_reused_id_makes_no_room() {
    let home = tempfile::tempdir().unwrap();
    let mut bench = Bench::open(&directory(home.path()));
    bench.ask(1, say("lobby", "a", "hi"));
    assert_eq!(refused(&bench.ask(1, say("games", "a", "hi"))), ErrorCode::IdReused);
    assert_eq!(
        refused(&bench.ask(2, answer("games", "b", "hi", Some(1)))),
        ErrorCode::NoSuchMessage
    );
    bench.stop().unwrap();
    let bench = Bench::open(&directory(home.path()));
    let rooms: Vec<&str> = bench.snapshot.rooms.iter().map(|room| room.room.as_str()).collect();
    assert_eq!(rooms, ["lobby"]);
    bench.stop().unwrap();
}
