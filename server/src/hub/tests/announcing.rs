//! Announcements: who makes them, and that everyone hears them once.

use protocol::{ErrorCode, ServerFrame, server::Role};

use super::{
    harness::{HubHarness, join, say},
    operators::appoint,
};

fn announce(id: &str, room: Option<&str>, text: &str) -> String {
    let room = room.map(|room| format!(r#","room":"{room}""#)).unwrap_or_default();
    format!(r#"{{"type":"announce","id":"{id}","text":"{text}"{room}}}"#)
}

fn join_from(room: &str, after: u64) -> String {
    format!(r#"{{"type":"join","room":"{room}","after":{after}}}"#)
}

/// A hub where Ana is an operator.
fn with_operator() -> HubHarness {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    appoint(&mut hub, "Ana", Role::Operator);
    hub.close(ana, true);
    hub
}

#[test]
fn everyone_hears_what_is_for_everyone_wherever_they_are() {
    let mut hub = with_operator();
    let ana = hub.person_in("Ana", &["lobby"]);
    let (bob, guest) = (hub.person("Bob"), hub.guest("Gil"));
    let told = hub.ask(ana, &announce("a", None, "noon"));
    let heard = "announcements 1 Ana announces: noon";
    assert_eq!(told, ["ack a announcements 1", heard]);
    assert_eq!((hub.news(bob), hub.news(guest)), (vec![heard.to_owned()], vec![heard.to_owned()]));
    hub.check_settled();
}

#[test]
fn a_room_hears_what_is_for_it() {
    let mut hub = with_operator();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    let cyd = hub.person_in("Cyd", &["games"]);
    hub.ask(ana, &announce("a", Some("lobby"), "noon"));
    assert_eq!(hub.news(bob), ["lobby 1 Ana announces: noon"]);
    assert_eq!(hub.news(cyd), [""; 0]);
    assert_eq!(hub.ask(ana, &announce("b", Some("games"), "noon")), ["error not_in_room in games"]);
    hub.check_settled();
}

#[test]
fn others_are_refused_and_told_how_one_may() {
    let mut hub = with_operator();
    let bob = hub.person_in("Bob", &["lobby"]);
    let gil = hub.guest("Gil");
    hub.ask(gil, &join("lobby"));
    for asker in [bob, gil] {
        for room in [None, Some("lobby")] {
            hub.frames(asker);
            hub.send(asker, &announce("a", room, "noon"));
            let frame = hub.frames(asker).pop();
            let Some(ServerFrame::Error(error)) = frame else { panic!("{frame:?}") };
            assert_eq!(error.code, ErrorCode::Forbidden);
            assert!(error.text.contains("hubbub-server operator"), "{}", error.text);
        }
    }
    assert_eq!(
        hub.ask(bob, &say("announcements", "b", "hi")),
        ["error forbidden in announcements"]
    );
    hub.check_settled();
}

#[test]
fn a_retry_is_acked_and_heard_by_nobody_again() {
    let mut hub = with_operator();
    let ana = hub.person("Ana");
    let bob = hub.person("Bob");
    hub.ask(ana, &announce("a", None, "noon"));
    hub.news(bob);
    assert_eq!(hub.ask(ana, &announce("a", None, "noon")), ["ack a announcements 1"]);
    assert_eq!(hub.ask(ana, &announce("a", None, "one")), ["error id_reused in announcements"]);
    assert_eq!(hub.news(bob), [""; 0]);
    hub.restart();
    let ana = hub.person("Ana");
    assert_eq!(hub.ask(ana, &announce("a", None, "noon")), ["ack a announcements 1"]);
    hub.check_settled();
}

#[test]
fn an_operator_just_says_something_in_announcements() {
    let mut hub = with_operator();
    let ana = hub.person("Ana");
    let told = hub.ask(ana, &say("announcements", "a", "noon"));
    assert_eq!(told, ["ack a announcements 1", "announcements 1 Ana announces: noon"]);
}

#[test]
fn who_was_away_catches_up_or_reads_back() {
    let mut hub = with_operator();
    let ana = hub.person("Ana");
    for id in ["a", "b", "c"] {
        hub.ask(ana, &announce(id, None, id));
    }
    hub.restart();
    let bob = hub.guest("Bob");
    let told = hub.ask(bob, &join_from("announcements", 1));
    assert_eq!(
        told,
        [
            "joined announcements 1..3 n=0 []",
            "announcements 2 Ana announces: b",
            "announcements 3 Ana announces: c",
        ]
    );
    let history = r#"{"type":"history","room":"announcements","before":3,"limit":9}"#;
    assert_eq!(hub.ask(bob, history), ["page announcements 1..2 as of 3"]);
    hub.check_settled();
}

#[test]
fn nobody_is_in_announcements() {
    let mut hub = with_operator();
    let ana = hub.person("Ana");
    hub.ask(ana, &announce("a", None, "noon"));
    assert_eq!(hub.ask(ana, &join("announcements")), ["joined announcements 1..1 n=0 []"]);
    let who = r#"{"type":"who","room":"announcements"}"#;
    assert_eq!(hub.ask(ana, who), ["members announcements []"]);
    let leave = r#"{"type":"leave","room":"announcements"}"#;
    assert_eq!(hub.ask(ana, leave), ["error forbidden in announcements"]);
    assert_eq!(hub.ask(ana, r#"{"type":"rooms","limit":9}"#), ["rooms lobby(0,0)"]);
    hub.check_settled();
}

#[test]
fn operators_mend_announcements_and_take_them_back() {
    let mut hub = with_operator();
    let ana = hub.person("Ana");
    let bob = hub.person("Bob");
    hub.ask(ana, &announce("a", None, "noon"));
    let edit = r#"{"type":"edit","room":"announcements","id":"e","seq":1,"text":"one"}"#;
    let delete = r#"{"type":"delete","room":"announcements","id":"d","seq":1}"#;
    assert_eq!(hub.ask(bob, edit), ["error forbidden in announcements"]);
    assert_eq!(hub.ask(ana, edit)[0], "ack e announcements 2");
    assert_eq!(hub.ask(ana, delete)[0], "ack d announcements 3");
    assert_eq!(
        hub.news(bob)[..],
        ["announcements 2 Ana edits: one", "announcements 3 Ana deletes: -"]
    );
}

#[test]
fn who_is_appointed_announces_from_then_on_and_who_is_not_any_more_does_not() {
    let mut hub = with_operator();
    let bob = hub.person("Bob");
    appoint(&mut hub, "bob", Role::Operator);
    assert_eq!(hub.ask(bob, &announce("a", None, "noon"))[0], "ack a announcements 1");
    appoint(&mut hub, "Bob", Role::Member);
    let told = hub.ask(bob, &announce("b", None, "one"));
    assert_eq!(told, ["error forbidden in announcements"]);
}
