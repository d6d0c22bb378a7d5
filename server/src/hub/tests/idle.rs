//! Those who ask for nothing.

use std::time::Duration;

use protocol::close;

use super::harness::{HubHarness, join, say, settings};
use crate::hub::state::Settings;

const MINUTE: Duration = Duration::from_mins(1);
const PING: &str = r#"{"type":"ping"}"#;

fn hub() -> HubHarness {
    HubHarness::with_settings(Settings { idle_timeout: Some(MINUTE), ..settings() })
}

#[test]
fn who_asks_for_nothing_is_told_to_go() {
    let mut hub = hub();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.advance_ms(59_799);
    assert_eq!(hub.close_code(ana), None);
    hub.advance_ms(1);
    assert_eq!(hub.news(ana), ["bye Idle 0"]);
    assert_eq!(hub.close_code(ana), Some(close::IDLE));
}

#[test]
fn signs_of_life_are_not_requests() {
    let mut hub = hub();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.advance(MINUTE / 2);
    hub.send(ana, PING);
    hub.advance(MINUTE / 2);
    assert_eq!(hub.close_code(ana), Some(close::IDLE));
}

#[test]
fn who_asks_now_and_then_stays_however_long() {
    let mut hub = hub();
    let ana = hub.person_in("Ana", &["lobby"]);
    let bob = hub.person_in("Bob", &["lobby"]);
    for number in 0..10 {
        hub.advance(MINUTE / 2);
        hub.send(ana, &say("lobby", &format!("m{number}"), "still here"));
    }
    assert_eq!(hub.close_code(ana), None);
    assert_eq!(hub.close_code(bob), Some(close::IDLE), "hearing others is not asking");
    hub.close(bob, true);
    hub.check_settled();
}

#[test]
fn what_is_no_frame_is_at_least_no_idleness() {
    let mut hub = hub();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.advance(MINUTE / 2);
    hub.send(ana, "nonsense");
    hub.advance(MINUTE / 2);
    assert_eq!(hub.close_code(ana), None);
}

#[test]
fn without_a_timeout_nobody_is_idle() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.advance(Duration::from_hours(24 * 365));
    assert_eq!(hub.close_code(ana), None);
}

#[test]
fn who_went_is_not_waited_for() {
    let mut hub = hub();
    let ana = hub.person("Ana");
    hub.ask(ana, &join("lobby"));
    hub.close(ana, true);
    hub.advance(MINUTE / 2);
    assert!(hub.hub.idle.next_deadline().is_none());
}

#[test]
fn a_hub_that_was_stopped_calls_nobody_idle_for_that() {
    let mut hub = hub();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.set_time(3 * MINUTE);
    hub.advance_ms(0);
    hub.send(ana, &say("lobby", "m1", "it waited in the socket"));
    assert_eq!(hub.close_code(ana), None);
    hub.advance_ms(59_999);
    assert_eq!(hub.close_code(ana), None);
    hub.advance(MINUTE);
    assert_eq!(hub.close_code(ana), Some(close::IDLE));
}
