//! Between two people.

use super::harness::{HubHarness, direct, join, room_of, say};

#[test]
fn every_connection_of_both_is_attached_and_then_told() {
    let mut hub = HubHarness::new();
    let (bob, bob_too) = (hub.person("Bob"), hub.person("Bob"));
    let cyd = hub.person("Cyd");
    let (ana, ana_too) = (hub.person("Ana"), hub.person("Ana"));
    let told = |peer: &str, members: &str, count: u32| {
        [format!("joined dm with {peer} 1..0 n={count} [{members}]"), "dm 1 Ana: psst".to_owned()]
    };
    let news = hub.ask(ana, &direct("Bob", "d1", "psst"));
    assert_eq!(news.len(), 3);
    assert!(news[0].starts_with("joined dm with Bob 1..0"), "{news:?}");
    assert_eq!(news[1..], ["ack d1 dm 1", "dm 1 Ana: psst"]);
    assert!(hub.news(ana_too)[0].starts_with("joined dm with Bob 1..0"));
    assert_eq!(hub.news(bob_too), told("Ana", "Ana,Bob", 2));
    assert_eq!(hub.news(bob)[1], "dm 1 Ana: psst");
    assert_eq!(hub.news(cyd), [""; 0]);
    assert_eq!(
        hub.ask(bob, &say(&room_of("Ana", "Bob"), "m1", "what?")),
        ["ack m1 dm 2", "dm 2 Bob: what?"]
    );
    hub.check_settled();
}

#[test]
fn somebody_who_is_not_here_finds_it_later() {
    let mut hub = HubHarness::new();
    let bob = hub.person("Bob");
    hub.close(bob, true);
    let ana = hub.person("Ana");
    assert_eq!(
        hub.ask(ana, &direct("Bob", "d1", "psst")),
        ["joined dm with Bob 1..0 n=1 [Ana]", "ack d1 dm 1", "dm 1 Ana: psst"]
    );
    hub.restart();
    let bob = hub.connect();
    let news = hub.ask(bob, &HubHarness::hello("Bob", "Bob"));
    assert_eq!(news[0], "welcome Bob: dm with Ana*(0,1) lobby(0,0)");
    let resume = format!(r#"{{"type":"join","room":"{}","after":0}}"#, room_of("Ana", "Bob"));
    assert_eq!(hub.ask(bob, &resume), ["joined dm with Ana 1..1 n=1 [Bob]", "dm 1 Ana: psst"]);
    hub.check_settled();
}

#[test]
fn a_private_room_is_nobody_elses() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    hub.person("Bob");
    let cyd = hub.person("Cyd");
    hub.ask(ana, &direct("Bob", "d1", "psst"));
    for dm in [room_of("Ana", "Bob"), room_of("Ana", "Nobody")] {
        assert_eq!(hub.ask(cyd, &join(&dm)), ["error room_invalid in dm"]);
        assert_eq!(hub.ask(cyd, &say(&dm, "m1", "boo")), ["error not_in_room in dm"]);
        let history = format!(r#"{{"type":"history","room":"{dm}","limit":5}}"#);
        assert_eq!(hub.ask(cyd, &history), ["error not_in_room in dm"]);
        let who = format!(r#"{{"type":"who","room":"{dm}"}}"#);
        assert_eq!(hub.ask(cyd, &who), ["error room_invalid in dm"]);
    }
    assert_eq!(hub.ask(cyd, r#"{"type":"rooms","limit":9}"#), ["rooms lobby(0,0)"]);
    hub.check_settled();
}

#[test]
fn who_left_a_private_room_is_back_with_the_next_message() {
    let mut hub = HubHarness::new();
    let (ana, bob) = (hub.person("Ana"), hub.person("Bob"));
    hub.ask(ana, &direct("Bob", "d1", "one"));
    let dm = room_of("Ana", "Bob");
    hub.ask(bob, &format!(r#"{{"type":"leave","room":"{dm}"}}"#));
    hub.settle();
    assert_eq!(hub.ask(bob, &say(&dm, "m0", "no")), ["error not_in_room in dm"]);
    hub.ask(ana, &say(&dm, "m1", "two"));
    assert_eq!(hub.news(bob), ["joined dm with Ana 1..1 n=2 [Ana,Bob]", "dm 2 Ana: two"]);
    hub.check_settled();
}

#[test]
fn guests_write_to_guests_by_name_and_identity() {
    let mut hub = HubHarness::new();
    let (ana, bob) = (hub.guest("Ana"), hub.guest("Bob"));
    assert_eq!(hub.ask(ana, &direct("bob", "d1", "hi"))[1..], ["ack d1 dm 1", "dm 1 Ana: hi"]);
    let protocol::ServerFrame::Event(event) = hub.frames(bob).pop().unwrap() else {
        panic!("no event")
    };
    let back = direct(event.by.as_str(), "d2", "yes");
    assert_eq!(hub.ask(bob, &back), ["ack d2 dm 2", "dm 2 Bob: yes"]);
    hub.close(ana, true);
    assert_eq!(hub.ask(bob, &direct("Ana", "d3", "hello?")), ["error no_such_user"]);
    hub.check_settled();
}

#[test]
fn a_retry_on_a_new_connection_is_acked_and_attached() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    hub.person("Bob");
    hub.ask(ana, &direct("Bob", "d1", "hi"));
    let again = hub.person("Ana");
    assert_eq!(
        hub.ask(again, &direct("Bob", "d1", "hi")),
        ["joined dm with Bob 1..1 n=2 [Ana,Bob]", "ack d1 dm 1"]
    );
    hub.check_settled();
}

#[test]
fn nobody_writes_to_a_stranger_or_to_themselves() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    assert_eq!(hub.ask(ana, &direct("Nobody", "d1", "hi")), ["error no_such_user"]);
    assert_eq!(hub.ask(ana, &direct("Ana", "d2", "hi")), ["error no_such_user"]);
}

#[test]
fn the_private_room_with_the_newest_event_is_listed_first() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    hub.person("Bob");
    hub.person("Cyd");
    hub.ask(ana, &direct("Bob", "d1", "one"));
    hub.ask(ana, &direct("Cyd", "d2", "two"));
    let list = r#"{"type":"rooms","limit":2}"#;
    assert_eq!(hub.ask(ana, list), ["rooms dm with Cyd*(2,1) dm with Bob*(2,1) …"]);
    hub.ask(ana, &say(&room_of("Ana", "Bob"), "m1", "three"));
    assert_eq!(hub.ask(ana, list), ["rooms dm with Bob*(2,2) dm with Cyd*(2,1) …"]);
}

#[test]
fn the_conversation_with_the_newest_word_comes_first() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    for name in ["Bob", "Cyd", "Dan"] {
        hub.person(name);
        hub.ask(ana, &direct(name, name, "hi"));
    }
    hub.ask(ana, &direct("Bob", "again", "hi"));
    let rooms = hub.ask(ana, r#"{"type":"rooms","limit":9}"#).remove(0);
    let places = ["Bob", "Dan", "Cyd"].map(|name| rooms.find(&format!("with {name}")).unwrap());
    assert!(places.is_sorted(), "{rooms}");
}
