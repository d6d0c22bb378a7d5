//! Which rooms may be watched.

use std::time::Duration;

use protocol::{RoomName, SessionId, UserName, close};

use super::harness::{HubHarness, direct, room_of, say, settings};
use crate::{
    hub::{
        asking::{Answer, Question},
        input::Input,
        state::Settings,
        visiting::{Ear, Listen, Since},
        watching::Watchable,
    },
    ledger::TokenHash,
};

fn watch(hub: &mut HubHarness, room: &str, secret: Option<&str>) -> Watchable {
    let (room, token) = (RoomName::parse(room).unwrap(), secret.map(TokenHash::of));
    let ask = hub.question(Question::Watch { room, token });
    match hub.answer_to(ask) {
        Some(Answer::Watch(watchable)) => watchable,
        other => panic!("{other:?}"),
    }
}

fn issue(hub: &mut HubHarness, secret: &str, rooms: &[&str]) {
    let name = UserName::parse(secret).unwrap();
    let rooms = rooms.iter().map(|room| RoomName::parse(room).unwrap()).collect();
    let ask = hub.question(Question::IssueToken { hash: TokenHash::of(secret), name, rooms });
    assert!(matches!(hub.answer_to(ask), Some(Answer::TokenIssued(_))));
}

fn revoke(hub: &mut HubHarness, secret: &str) {
    let ask = hub.question(Question::RevokeToken(UserName::parse(secret).unwrap()));
    assert!(matches!(hub.answer_to(ask), Some(Answer::TokenRevoked(_))));
}

#[test]
fn what_is_there_for_everyone_may_be_watched() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["games"]);
    hub.person("Bob");
    hub.send(ana, &direct("Bob", "1", "psst"));
    for room in ["lobby", "announcements", "games"] {
        assert_eq!(watch(&mut hub, room, None), Watchable::Yes, "{room}");
    }
    for room in ["nowhere", &room_of("Ana", "Bob")] {
        assert_eq!(watch(&mut hub, room, None), Watchable::NoSuchRoom, "{room}");
    }
}

#[test]
fn where_there_is_a_password_a_token_of_the_room_takes_its_place() {
    let password = Some("mellon".to_owned());
    let mut hub = HubHarness::with_settings(Settings { password, ..settings() });
    issue(&mut hub, "everywhere", &[]);
    issue(&mut hub, "elsewhere", &["games"]);
    for secret in [None, Some("mellon"), Some("elsewhere")] {
        assert_eq!(watch(&mut hub, "lobby", secret), Watchable::Locked, "{secret:?}");
        assert_eq!(watch(&mut hub, "nowhere", secret), Watchable::Locked, "nothing is told");
    }
    assert_eq!(watch(&mut hub, "lobby", Some("everywhere")), Watchable::Yes);
    assert_eq!(watch(&mut hub, "nowhere", Some("everywhere")), Watchable::NoSuchRoom);
}

fn watcher(hub: &mut HubHarness, secret: Option<&str>) -> SessionId {
    let session = hub.connect();
    let (room, since) = (RoomName::lobby(), Since::Last(0));
    let ear = Ear::Events { token: secret.map(TokenHash::of) };
    let listen = Listen { session, room, since, ear };
    hub.input(Input::Listen(Box::new(listen)));
    session
}

#[test]
fn who_got_in_is_asked_for_no_password_and_told_of_one_room() {
    let password = Some("mellon".to_owned());
    let mut hub = HubHarness::with_settings(Settings { password, ..settings() });
    issue(&mut hub, "everywhere", &[]);
    let watcher = watcher(&mut hub, Some("everywhere"));
    let news = hub.news(watcher);
    assert!(news.len() == 1 && news[0].starts_with("joined lobby"), "{news:?}");
    assert_eq!(hub.close_code(watcher), None);
}

#[test]
fn who_was_let_in_by_a_token_sees_nothing_more_once_it_is_revoked() {
    let password = Some("mellon".to_owned());
    let mut hub = HubHarness::with_settings(Settings { password, ..settings() });
    issue(&mut hub, "one", &[]);
    issue(&mut hub, "other", &[]);
    let [by_one, by_other] = ["one", "other"].map(|secret| watcher(&mut hub, Some(secret)));
    revoke(&mut hub, "one");
    assert_eq!(hub.close_code(by_one), Some(close::FORBIDDEN));
    let late = watcher(&mut hub, Some("one"));
    assert_eq!(hub.close_code(late), Some(close::FORBIDDEN), "revoked after it was looked at");
    assert_eq!(hub.close_code(by_other), None);
}

#[test]
fn where_everybody_may_watch_a_revoked_token_ends_nothing() {
    let mut hub = HubHarness::new();
    issue(&mut hub, "one", &[]);
    let watcher = watcher(&mut hub, Some("one"));
    revoke(&mut hub, "one");
    assert_eq!(hub.close_code(watcher), None);
}

#[test]
fn who_can_ask_for_nothing_is_never_idle() {
    let idle_timeout = Some(Duration::from_mins(1));
    let mut hub = HubHarness::with_settings(Settings { idle_timeout, ..settings() });
    let watcher = watcher(&mut hub, None);
    hub.news(watcher);
    (0..100).for_each(|_| hub.advance(Duration::from_secs(2)));
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.send(ana, &say("lobby", "1", "hi"));
    assert_eq!(hub.close_code(watcher), None);
    assert_eq!(hub.news(watcher), ["lobby 1 Ana: hi"]);
    hub.close(watcher, true);
    hub.check_settled();
}
