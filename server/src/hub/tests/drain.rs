//! The end.

use protocol::{close, server::ByeReason};

use super::harness::{HubHarness, join, say};

#[test]
fn what_is_in_flight_is_answered_before_the_bye() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.holds_ledger = true;
    hub.send(ana, &say("lobby", "m1", "last words"));
    hub.drain(ByeReason::Restart);
    assert_eq!(hub.news(ana), [""; 0]);
    hub.answer_all();
    assert_eq!(hub.news(ana), ["ack m1 lobby 1", "lobby 1 Ana: last words", "bye Restart 0"]);
    assert_eq!(hub.close_code(ana), Some(close::RESTART));
}

#[test]
fn nobody_is_waited_for_longer_than_five_seconds() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.holds_ledger = true;
    hub.send(ana, &say("lobby", "m1", "last words"));
    hub.drain(ByeReason::Shutdown);
    hub.advance_ms(4999);
    assert_eq!(hub.close_code(ana), None);
    hub.advance_ms(1);
    assert_eq!(hub.news(ana), ["bye Shutdown 0"]);
    assert_eq!(hub.close_code(ana), Some(close::SHUTDOWN));
}

#[test]
fn people_are_told_to_come_back_one_after_the_other() {
    let mut hub = HubHarness::new();
    let all: Vec<_> = (0..5).map(|number| hub.guest(&format!("g{number}"))).collect();
    hub.drain(ByeReason::Restart);
    let byes: Vec<_> = all.into_iter().flat_map(|session| hub.news(session)).collect();
    assert_eq!(
        byes,
        [
            "bye Restart 0",
            "bye Restart 1000",
            "bye Restart 2000",
            "bye Restart 3000",
            "bye Restart 4000"
        ]
    );
}

#[test]
fn requests_after_the_beginning_of_the_end_are_dropped() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.holds_ledger = true;
    hub.send(ana, &say("lobby", "m1", "last words"));
    hub.drain(ByeReason::Restart);
    assert_eq!(hub.ask(ana, &say("lobby", "m2", "too late")), [""; 0]);
    hub.answer_all();
    assert_eq!(hub.news(ana).last().unwrap(), "bye Restart 0");
    assert_eq!(hub.ask(ana, &join("games")), [""; 0]);
}

#[test]
fn it_is_over_when_everyone_has_gone_and_nobody_is_told_who_went() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    hub.drain(ByeReason::Restart);
    assert!(!hub.hub.is_drained());
    hub.news(bob);
    hub.close(ana, true);
    hub.advance_ms(1000);
    assert_eq!(hub.news(bob), [""; 0]);
    hub.close(bob, true);
    assert!(hub.hub.is_drained());
    assert_eq!(hub.hub.next_deadline(), None);
}

#[test]
fn who_comes_too_late_is_told_at_once() {
    let mut hub = HubHarness::new();
    hub.drain(ByeReason::Restart);
    let late = hub.connect();
    assert_eq!(hub.news(late), ["bye Restart 5000"]);
    assert_eq!(hub.close_code(late), Some(close::RESTART));
}
