//! Who comes without a hello: guests of other dialects, and listeners.

use protocol::{Epoch, Seq, ServerFrame, SessionId, close, server::ByeReason};

use super::harness::*;
use crate::hub::{
    input::Input,
    state::Settings,
    visiting::{Ear, Listen, Since, Visit},
};

impl HubHarness {
    /// Somebody comes to a room by another dialect.
    fn visit(&mut self, name: &str, to: &str) -> SessionId {
        let session = self.connect();
        self.visit_by(session, name, to, 0);
        session
    }

    pub(super) fn visit_by(&mut self, session: SessionId, name: &str, to: &str, history: u16) {
        let visit = Visit { session, name: name.to_owned(), room: room(to), history };
        self.input(Input::Visit(Box::new(visit)));
    }

    /// A listener in a room.
    fn listen(&mut self, to: &str, since: Since) -> SessionId {
        let session = self.connect();
        let listen = Listen { session, room: room(to), since, ear: Ear::Lines };
        self.input(Input::Listen(Box::new(listen)));
        session
    }
}

/// The last of what a connection was told.
fn last(hub: &mut HubHarness, session: SessionId) -> String {
    hub.news(session).pop().unwrap_or_default()
}

#[test]
fn a_visitor_is_a_guest_in_the_room_at_once() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["games"]);
    let ana = hub.visit("Ana", "games");
    let news = hub.news(ana);
    assert_eq!(news.len(), 2, "{news:?}");
    assert!(news[0].starts_with("joined announcements"), "{news:?}");
    assert!(news[1].starts_with("joined games"), "{news:?}");
    hub.advance_ms(200);
    assert_eq!(hub.news(bob), ["presence games n=2 +[Ana]"]);
    hub.send(ana, &say("games", "1", "hi"));
    assert_eq!(hub.news(bob), ["games 1 Ana: hi"]);
    hub.close(ana, true);
    hub.advance_ms(200);
    assert_eq!(hub.news(bob), ["presence games n=1 -Ana"]);
    hub.check_settled();
}

#[test]
fn a_visitor_gets_what_they_may_be_called_and_is_told_why() {
    let mut hub = HubHarness::new();
    hub.person_in("Ana", &["lobby"]);
    for (wanted, named) in [
        ("ana", "ana is taken; you are ana2 here"),
        ("Ana Maria", "you are AnaMaria here"),
        ("System", "that name is reserved; you are guest here"),
        ("S y s t e m", "you are guest2 here"),
        ("", "the name is empty; you are guest3 here"),
        ("  ", "you are guest4 here"),
        ("\u{202e}\nBob left", "you are Bobleft here"),
        (&"x".repeat(200), "you are xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx here"),
    ] {
        let visitor = hub.visit(wanted, "lobby");
        let ServerFrame::Error(error) = hub.frames(visitor).remove(0) else { panic!("{wanted}") };
        let told = error.text;
        assert!(told.contains(named) && !told.contains('\n'), "{wanted}: {told}");
    }
    let visitor = hub.visit("Zoë", "lobby");
    assert!(hub.news(visitor)[0].starts_with("joined"), "who has the name is told nothing");
}

#[test]
fn somebody_is_told_of_before_their_first_words_where_lines_are_heard() {
    let mut hub = HubHarness::new();
    let bob = hub.visit("Bob", "lobby");
    hub.settle();
    let ana = hub.person("Ana");
    hub.send(ana, &join("lobby"));
    hub.send(ana, &say("lobby", "1", "hi"));
    assert_eq!(hub.news(bob), ["presence lobby n=2 +[Ana]", "lobby 1 Ana: hi"]);
    hub.send(ana, &say("lobby", "2", "again"));
    hub.advance_ms(200);
    assert_eq!(hub.news(bob), ["lobby 2 Ana: again"], "and told once");
}

#[test]
fn who_has_left_is_not_told_of_before_their_last_words() {
    let mut hub = HubHarness::new();
    let bob = hub.visit("Bob", "lobby");
    let ana = hub.visit("Ana", "lobby");
    hub.settle();
    hub.holds_ledger = true;
    hub.send(ana, &say("lobby", "1", "bye"));
    hub.close(ana, true);
    hub.holds_ledger = false;
    hub.answer_all();
    hub.advance_ms(200);
    assert_eq!(hub.news(bob), ["lobby 1 Ana: bye", "presence lobby n=1 -Ana"]);
}

#[test]
fn where_nobody_hears_lines_presence_takes_its_time() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    let visitor = hub.visit("Eve", "lobby");
    hub.close(visitor, true);
    hub.settle();
    let ana = hub.person("Ana");
    hub.send(ana, &join("lobby"));
    hub.send(ana, &say("lobby", "1", "hi"));
    assert_eq!(hub.news(bob), ["lobby 1 Ana: hi"]);
}

#[test]
fn a_visitor_is_told_as_much_of_the_past_as_they_want() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    for id in ["1", "2", "3"] {
        hub.send(bob, &say("lobby", id, "hi"));
    }
    let ana = hub.connect();
    hub.visit_by(ana, "Ana", "lobby", 2);
    let news = hub.news(ana);
    assert_eq!(news[2..], ["lobby 2 Bob: hi", "lobby 3 Bob: hi"], "{news:?}");
    let all = hub.connect();
    hub.visit_by(all, "Cyd", "lobby", 200);
    assert_eq!(hub.news(all)[2..].len(), 3);
}

#[test]
fn private_words_reach_a_visitor_and_come_back() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    let ana = hub.visit("Ana", "lobby");
    let listener = hub.listen("lobby", Since::Last(0));
    hub.settle();
    hub.send(bob, &direct("Ana", "1", "psst"));
    assert_eq!(last(&mut hub, ana), "dm 1 Bob: psst");
    hub.send(ana, &direct("Bob", "1", "yes?"));
    assert_eq!(last(&mut hub, bob), "dm 2 Ana: yes?");
    assert_eq!(hub.news(listener), [""; 0]);
}

#[test]
fn a_listener_follows_and_is_nobody() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["games"]);
    let listener = hub.listen("games", Since::Last(0));
    hub.settle();
    hub.send(bob, &say("games", "1", "hi"));
    assert_eq!(hub.news(listener), ["games 1 Bob: hi"]);
    let who = hub.ask(bob, r#"{"type":"who","id":"w","room":"games"}"#);
    assert_eq!(who, ["members games [Bob]"]);
    hub.ask(listener, &say("games", "1", "let me in"));
    hub.close(listener, true);
    hub.advance_ms(200);
    assert_eq!(hub.news(bob), [""; 0], "nobody has come, spoken or gone");
}

#[test]
fn a_listener_makes_no_room() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    let listener = hub.listen("nowhere", Since::Last(200));
    assert!(last(&mut hub, listener).starts_with("joined nowhere"));
    let rooms = hub.ask(bob, r#"{"type":"rooms","limit":10}"#);
    assert!(!rooms[0].contains("nowhere"), "{rooms:?}");
    hub.send(bob, &join("nowhere"));
    hub.send(bob, &say("nowhere", "1", "hi"));
    assert_eq!(last(&mut hub, listener), "nowhere 1 Bob: hi");
}

#[test]
fn a_listener_goes_on_where_it_was_or_is_told_what_is_missing() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    for id in ["1", "2"] {
        hub.send(bob, &say("lobby", id, "hi"));
    }
    let resumed = hub.listen("lobby", Since::After(None, Seq::new(1).unwrap()));
    assert_eq!(hub.news(resumed)[2..], ["lobby 2 Bob: hi"]);
    let other = Epoch::parse("00000000000000ff").unwrap();
    let stranger = hub.listen("lobby", Since::After(Some(other), Seq::new(1).unwrap()));
    assert_eq!(hub.news(stranger)[2..], ["gap lobby 1..2 epoch"]);
}

#[test]
fn a_listener_that_says_a_name_is_somebody_and_misses_nothing() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    let ana = hub.listen("lobby", Since::Last(0));
    hub.settle();
    hub.visit_by(ana, "Ana", "lobby", 0);
    hub.send(ana, &say("lobby", "1", "hi"));
    assert_eq!(hub.news(bob), ["presence lobby n=2 +[Ana]", "lobby 1 Ana: hi"]);
    let news = hub.news(ana);
    assert!(!news.iter().any(|line| line.starts_with("joined")), "its cursor stays: {news:?}");
    assert!(news.contains(&"lobby 1 Ana: hi".to_owned()));
    hub.check_settled();
}

#[test]
fn a_private_room_is_nobody_elses_to_listen_to() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.person_in("Ana", &["lobby"]);
    hub.send(bob, &direct("Ana", "1", "psst"));
    let listener = hub.listen(&room_of("Ana", "Bob"), Since::Last(200));
    assert_eq!(hub.news(listener).len(), 1);
    assert_eq!(hub.close_code(listener), Some(close::FORBIDDEN));
    let visitor = hub.visit("Eve", &room_of("Ana", "Bob"));
    assert_eq!(hub.close_code(visitor), Some(close::FORBIDDEN));
}

#[test]
fn where_a_password_is_asked_for_one_is_told_how_to_come() {
    let mut hub = HubHarness::with_settings(Settings { password: Some("pw".into()), ..settings() });
    let visitor = hub.visit("Ana", "lobby");
    let listener = hub.listen("lobby", Since::Last(200));
    for session in [visitor, listener] {
        let news = hub.news(session);
        assert!(news.len() == 1 && news[0].contains("password"), "{news:?}");
        assert_eq!(hub.close_code(session), Some(close::FORBIDDEN));
    }
}

#[test]
fn a_hub_that_stops_lets_nobody_in() {
    let mut hub = HubHarness::new();
    let (early, listening) = (hub.connect(), hub.listen("lobby", Since::Last(0)));
    hub.news(listening);
    hub.drain(ByeReason::Restart);
    hub.visit_by(early, "Ana", "lobby", 0);
    for session in [early, listening] {
        let news = hub.news(session);
        assert!(news.len() == 1 && news[0].starts_with("bye Restart"), "{news:?}");
        assert_eq!(hub.close_code(session), Some(close::RESTART));
    }
}

#[test]
fn visitors_and_listeners_can_be_idle_for_too_long() {
    let limit = std::time::Duration::from_mins(1);
    let mut hub = HubHarness::with_settings(Settings { idle_timeout: Some(limit), ..settings() });
    let (ana, listener) = (hub.visit("Ana", "lobby"), hub.listen("lobby", Since::Last(0)));
    hub.advance(limit + std::time::Duration::from_secs(2));
    for session in [ana, listener] {
        assert_eq!(hub.close_code(session), Some(close::IDLE));
    }
}
