//! Joining, resuming, leaving, saying.

use protocol::{ROOMS_MAX, Seq};

use super::harness::{HubHarness, join, room, say};

fn leave(room: &str) -> String {
    format!(r#"{{"type":"leave","room":"{room}"}}"#)
}

fn topic(room: &str, id: &str, text: &str) -> String {
    format!(r#"{{"type":"topic","room":"{room}","id":"{id}","text":"{text}"}}"#)
}

fn resume(room: &str, after: u64, epoch: u8) -> String {
    let epoch = format!("{epoch:02x}").repeat(8);
    format!(r#"{{"type":"join","room":"{room}","after":{after},"epoch":"{epoch}"}}"#)
}

/// A hub with three lines in the lobby.
fn with_three_lines() -> (HubHarness, protocol::SessionId) {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    for number in 1..=3 {
        hub.ask(ana, &say("lobby", &format!("m{number}"), &format!("line {number}")));
    }
    (hub, ana)
}

#[test]
fn what_is_said_is_acked_and_told_to_everyone_in_the_room() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    let cyd = hub.person_in("Cyd", &["games"]);
    let ana = hub.person_in("Ana", &["lobby"]);
    assert_eq!(hub.ask(ana, &say("lobby", "m1", "hi")), ["ack m1 lobby 1", "lobby 1 Ana: hi"]);
    assert_eq!(hub.news(bob), ["lobby 1 Ana: hi"]);
    assert_eq!(hub.news(cyd), [""; 0]);
    hub.check_settled();
}

#[test]
fn one_has_to_be_in_the_room() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    assert_eq!(hub.ask(ana, &say("lobby", "m1", "hi")), ["error not_in_room in lobby"]);
    assert_eq!(hub.ask(ana, &topic("lobby", "t1", "x")), ["error not_in_room in lobby"]);
    assert_eq!(hub.ask(ana, &leave("lobby")), ["error not_in_room in lobby"]);
    hub.check_settled();
}

#[test]
fn what_was_said_in_a_public_room_can_be_looked_up_without_coming_in() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.ask(bob, &say("lobby", "m1", "hi"));
    let ana = hub.person("Ana");
    let history = |room| format!(r#"{{"type":"history","room":"{room}","limit":5}}"#);
    assert_eq!(hub.ask(ana, &history("lobby")), ["page lobby 1..1 as of 1"]);
    assert_eq!(hub.ask(ana, &history("nowhere")), ["error not_in_room in nowhere"]);
    assert_eq!(hub.news(bob), [""; 0]);
    hub.check_settled();
}

#[test]
fn a_retry_gets_the_first_ack_and_adds_nothing() {
    let (mut hub, ana) = with_three_lines();
    assert_eq!(hub.ask(ana, &say("lobby", "m2", "line 2")), ["ack m2 lobby 2"]);
    assert_eq!(hub.ask(ana, &say("lobby", "m2", "other")), ["error id_reused in lobby"]);
}

#[test]
fn a_join_between_two_outcomes_begins_between_them() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person("Bob");
    hub.holds_ledger = true;
    hub.send(ana, &say("lobby", "m1", "one"));
    hub.send(ana, &say("lobby", "m2", "two"));
    hub.answer_one();
    assert_eq!(hub.ask(bob, &join("lobby")), ["joined lobby 1..1 n=2 [Ana,Bob]"]);
    hub.answer_one();
    assert_eq!(hub.news(bob), ["lobby 2 Ana: two"]);
    hub.check_settled();
}

#[test]
fn joining_with_after_brings_what_was_missed() {
    let (mut hub, _) = with_three_lines();
    let bob = hub.person("Bob");
    let news = hub.ask(bob, r#"{"type":"join","room":"lobby","after":1}"#);
    assert_eq!(
        news,
        ["joined lobby 1..3 n=2 [Ana,Bob]", "lobby 2 Ana: line 2", "lobby 3 Ana: line 3"]
    );
}

#[test]
fn joining_a_joined_room_moves_the_cursor() {
    let (mut hub, ana) = with_three_lines();
    let news = hub.ask(ana, &resume("lobby", 2, 1));
    assert_eq!(news, ["joined lobby 1..3 n=1 [Ana]", "lobby 3 Ana: line 3"]);
    hub.settle();
    assert_eq!(hub.ask(ana, &say("lobby", "m4", "x")), ["ack m4 lobby 4", "lobby 4 Ana: x"]);
    hub.check_settled();
}

#[test]
fn another_epoch_or_a_seq_of_the_future_is_a_gap() {
    let (mut hub, ana) = with_three_lines();
    let gap = ["joined lobby 1..3 n=1 [Ana]", "gap lobby 1..3 epoch"];
    assert_eq!(hub.ask(ana, &resume("lobby", 2, 9)), gap);
    assert_eq!(hub.ask(ana, &resume("lobby", 4, 1)), gap);
    hub.restart_without_history();
    let ana = hub.person("Ana");
    let news = hub.ask(ana, &resume("lobby", 3, 1));
    assert_eq!(news, ["joined lobby 1..0 n=1 [Ana]", "gap lobby 1..0 epoch"]);
    assert_eq!(hub.ask(ana, &say("lobby", "m1", "x")), ["ack m1 lobby 1", "lobby 1 Ana: x"]);
}

#[test]
fn what_is_no_longer_kept_is_a_gap() {
    let (mut hub, _) = with_three_lines();
    hub.ledger.forget_before(&room("lobby"), Seq::new(3).unwrap());
    hub.restart();
    let ana = hub.person("Ana");
    assert_eq!(
        hub.ask(ana, &resume("lobby", 1, 1)),
        ["joined lobby 3..3 n=1 [Ana]", "gap lobby 2..2 retention", "lobby 3 Ana: line 3"]
    );
    assert_eq!(
        hub.ask(ana, &resume("lobby", 2, 1)),
        ["joined lobby 3..3 n=1 [Ana]", "lobby 3 Ana: line 3"]
    );
}

#[test]
fn an_emptied_room_keeps_its_place() {
    let (mut hub, _) = with_three_lines();
    hub.ledger.forget_before(&room("lobby"), Seq::new(4).unwrap());
    hub.restart();
    let ana = hub.person("Ana");
    assert_eq!(hub.ask(ana, &join("lobby")), ["joined lobby 4..3 n=1 [Ana]"]);
    assert_eq!(
        hub.ask(ana, &resume("lobby", 0, 1)),
        ["joined lobby 4..3 n=1 [Ana]", "gap lobby 1..3 retention"]
    );
    assert_eq!(hub.ask(ana, &say("lobby", "m4", "x")), ["ack m4 lobby 4", "lobby 4 Ana: x"]);
}

#[test]
fn after_left_nothing_of_the_room_comes_but_the_ack_does() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.holds_ledger = true;
    hub.send(ana, &say("lobby", "m1", "bye"));
    assert_eq!(hub.ask(ana, &leave("lobby")), ["left lobby"]);
    hub.answer_all();
    assert_eq!(hub.news(ana), ["ack m1 lobby 1"]);
    hub.check_settled();
}

#[test]
fn a_room_without_people_and_events_is_gone_and_one_with_events_stays() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["empty", "kept"]);
    hub.ask(ana, &say("kept", "m1", "hi"));
    hub.ask(ana, &leave("empty"));
    hub.ask(ana, &leave("kept"));
    assert_eq!(hub.ask(ana, r#"{"type":"rooms","limit":9}"#), ["rooms lobby(0,0) kept(0,1)"]);
}

#[test]
fn a_message_on_its_way_when_its_room_ends_makes_it_again() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["games"]);
    hub.holds_ledger = true;
    hub.send(ana, &say("games", "m1", "hi"));
    hub.close(ana, true);
    hub.answer_all();
    hub.holds_ledger = false;
    let ana = hub.person("Ana");
    assert_eq!(hub.ask(ana, &join("games")), ["joined games 1..1 n=1 [Ana]"]);
}

#[test]
fn one_connection_is_in_a_limited_number_of_rooms() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    for number in 0..ROOMS_MAX {
        assert_eq!(hub.ask(ana, &join(&format!("r{number}"))).len(), 1);
    }
    assert_eq!(hub.ask(ana, &join("more")), ["error too_many_rooms in more"]);
    assert_eq!(hub.ask(ana, &join("r5")), ["joined r5 1..0 n=1 [Ana]"]);
    hub.ask(ana, &leave("r5"));
    assert_eq!(hub.ask(ana, &join("more")), ["joined more 1..0 n=1 [Ana]"]);
    hub.check_settled();
}

#[test]
fn a_topic_is_an_event_and_stays_with_the_room() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    assert_eq!(
        hub.ask(ana, &topic("lobby", "t1", "tea")),
        ["ack t1 lobby 1", "lobby 1 Ana topic: tea"]
    );
    hub.restart();
    let bob = hub.person("Bob");
    assert_eq!(hub.ask(bob, &join("lobby")), ["joined lobby (tea) 1..1 n=1 [Bob]"]);
    assert_eq!(hub.ask(bob, &topic("lobby", "t2", "")), ["ack t2 lobby 2", "lobby 2 Bob topic: -"]);
    assert_eq!(hub.ask(bob, &join("lobby")), ["joined lobby 1..2 n=1 [Bob]"]);
}

#[test]
fn announcements_are_followed_by_everyone_and_written_by_no_member() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    let name = "announcements";
    assert_eq!(hub.ask(ana, &say(name, "m1", "hi")), ["error forbidden in announcements"]);
    assert_eq!(hub.ask(ana, &topic(name, "t1", "x")), ["error forbidden in announcements"]);
    assert_eq!(hub.ask(ana, &leave(name)), ["error forbidden in announcements"]);
    assert_eq!(hub.ask(ana, &join(name)), ["joined announcements 1..0 n=0 []"]);
    hub.advance_ms(1000);
    assert_eq!(hub.news(ana), [""; 0]);
    hub.check_settled();
}

#[test]
fn a_full_disk_is_told_as_temporary() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.ledger.is_full = true;
    assert_eq!(hub.ask(ana, &say("lobby", "m1", "hi")), ["error storage in lobby after 1000"]);
    hub.ledger.is_full = false;
    assert_eq!(hub.ask(ana, &say("lobby", "m1", "hi")), ["ack m1 lobby 1", "lobby 1 Ana: hi"]);
}

#[test]
fn input_waits_while_too_much_is_in_flight() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.holds_ledger = true;
    for number in 0..crate::ledger::PROPOSALS_MAX {
        assert!(hub.hub.may_take_input(), "{number}");
        hub.send(ana, &say("lobby", &format!("m{number}"), "x"));
    }
    assert!(!hub.hub.may_take_input());
    hub.answer_one();
    assert!(hub.hub.may_take_input());
    hub.answer_all();
    for _ in 0..crate::ledger::READS_MAX {
        assert!(hub.hub.may_take_input());
        hub.send(ana, r#"{"type":"history","room":"lobby","limit":1}"#);
    }
    assert!(!hub.hub.may_take_input());
    hub.answer_one();
    assert!(hub.hub.may_take_input());
    hub.check_settled();
}
