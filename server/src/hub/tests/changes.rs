//! Editing messages and taking them back.

use protocol::{ServerFrame, SessionId};

use super::harness::{HubHarness, say};

fn edit(id: &str, seq: u64, text: &str) -> String {
    format!(r#"{{"type":"edit","room":"lobby","id":"{id}","seq":{seq},"text":"{text}"}}"#)
}

fn delete(id: &str, seq: u64) -> String {
    format!(r#"{{"type":"delete","room":"lobby","id":"{id}","seq":{seq}}}"#)
}

const HISTORY: &str = r#"{"type":"history","room":"lobby","limit":9}"#;

/// Ana and Bob in the lobby, where Ana has said one thing.
fn with_one_line() -> (HubHarness, SessionId, SessionId) {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.ask(ana, &say("lobby", "m1", "tea"));
    hub.news(bob);
    (hub, ana, bob)
}

#[test]
fn a_change_is_acked_and_told_to_everyone_in_the_room() {
    let (mut hub, ana, bob) = with_one_line();
    let told = hub.ask(ana, &edit("e", 1, "milk"));
    assert_eq!(told, ["ack e lobby 2", "lobby 2 Ana edits: milk"]);
    assert_eq!(hub.news(bob), ["lobby 2 Ana edits: milk"]);
    let told = hub.ask(ana, &delete("d", 1));
    assert_eq!(told, ["ack d lobby 3", "lobby 3 Ana deletes: -"]);
    assert_eq!(hub.news(bob), ["lobby 3 Ana deletes: -"]);
    assert_eq!(hub.ask(ana, &edit("e", 1, "milk")), ["ack e lobby 2"], "a retry");
    hub.check_settled();
}

#[test]
fn what_cannot_be_changed_is_said() {
    let (mut hub, ana, bob) = with_one_line();
    assert_eq!(hub.ask(bob, &edit("e", 1, "milk")), ["error forbidden in lobby"]);
    assert_eq!(hub.ask(bob, &delete("d", 1)), ["error forbidden in lobby"]);
    assert_eq!(hub.ask(ana, &delete("d", 2)), ["error no_such_message in lobby"]);
    let cyd = hub.person("Cyd");
    assert_eq!(hub.ask(cyd, &edit("e", 1, "milk")), ["error not_in_room in lobby"]);
    assert_eq!(hub.ask(cyd, &delete("d", 1)), ["error not_in_room in lobby"]);
    hub.check_settled();
}

#[test]
fn a_page_that_was_read_before_a_deletion_is_read_again() {
    let (mut hub, ana, bob) = with_one_line();
    hub.holds_ledger = true;
    hub.send(bob, HISTORY);
    hub.send(ana, &delete("d", 1));
    hub.read_first_tell_last();
    hub.answer_all();
    let mut frames = hub.frames(bob);
    let Some(ServerFrame::Page(page)) = frames.pop() else { panic!("no page: {frames:?}") };
    assert_eq!((page.as_of.get(), page.events.len()), (2, 2));
    assert!(page.events[0].text.is_none() && page.events[0].deleted.is_some());
    hub.check_settled();
}

#[test]
fn a_page_is_read_again_for_who_has_left_meanwhile_too() {
    let (mut hub, ana, bob) = with_one_line();
    hub.holds_ledger = true;
    hub.send(bob, HISTORY);
    hub.send(ana, &delete("d", 1));
    hub.send(bob, r#"{"type":"leave","room":"lobby"}"#);
    hub.news(bob);
    hub.read_first_tell_last();
    hub.answer_all();
    assert_eq!(hub.news(bob), ["page lobby 1..2 as of 2"]);
    hub.check_settled();
}
