//! Who somebody is.

use protocol::{SessionId, close};

use super::harness::{BEGIN, HubHarness, join, name, settings};
use crate::ledger::NAME_KEPT_MS;

const GUEST_ANA: &str = r#"{"type":"hello","name":"Ana","id":"h1"}"#;

#[test]
fn a_guest_is_welcomed_and_told_of_announcements() {
    let mut hub = HubHarness::new();
    let ana = hub.connect();
    assert_eq!(
        hub.ask(ana, GUEST_ANA),
        ["welcome Ana: lobby(0,0)", "joined announcements 1..0 n=0 []"]
    );
    hub.check_settled();
}

#[test]
fn the_welcome_echoes_the_id_and_tells_the_limits() {
    let mut hub = HubHarness::new();
    let ana = hub.connect();
    hub.send(ana, GUEST_ANA);
    let protocol::ServerFrame::Welcome(welcome) = hub.frames(ana).remove(0) else {
        panic!("no welcome")
    };
    assert_eq!(welcome.id.unwrap().as_str(), "h1");
    assert_eq!((welcome.limits.rate, welcome.limits.burst, welcome.limits.rooms), (10, 30, 128));
    assert_eq!(welcome.now, BEGIN);
}

#[test]
fn anything_before_hello_is_refused() {
    let mut hub = HubHarness::new();
    let ana = hub.connect();
    assert_eq!(hub.ask(ana, &join("lobby")), ["error hello_first"]);
    assert_eq!(hub.ask(ana, r#"{"type":"typing","room":"lobby"}"#), ["error hello_first"]);
    assert_eq!(hub.ask(ana, "nonsense"), ["error bad_json"]);
    assert_eq!(hub.close_code(ana), None);
    hub.check_settled();
}

#[test]
fn a_second_hello_is_a_bad_frame() {
    let mut hub = HubHarness::new();
    let ana = hub.guest("Ana");
    assert_eq!(hub.ask(ana, GUEST_ANA), ["error bad_frame"]);
}

#[test]
fn a_refused_hello_may_be_sent_again_five_times() {
    let mut hub = HubHarness::new();
    hub.guest("Ana");
    let late = hub.connect();
    for _ in 0..5 {
        assert_eq!(hub.ask(late, GUEST_ANA), ["error name_taken try Ana2"]);
        assert_eq!(hub.close_code(late), None);
    }
    assert_eq!(hub.ask(late, GUEST_ANA), ["error name_taken try Ana2"]);
    assert_eq!(hub.close_code(late), Some(close::NO_HELLO));
    hub.check_settled();
}

#[test]
fn without_hello_in_time_the_connection_is_closed() {
    let mut hub = HubHarness::new();
    let silent = hub.connect();
    let ana = hub.guest("Ana");
    hub.hello_overdue(silent);
    hub.hello_overdue(ana);
    assert_eq!(hub.close_code(silent), Some(close::NO_HELLO));
    assert_eq!(hub.close_code(ana), None);
}

#[test]
fn a_hello_that_the_ledger_ponders_is_not_overdue_until_it_is_refused() {
    let mut hub = HubHarness::new();
    hub.holds_ledger = true;
    hub.ledger.is_full = true;
    let ana = hub.connect();
    hub.send(ana, &HubHarness::hello("Ana", "Ana"));
    hub.hello_overdue(ana);
    assert_eq!(hub.close_code(ana), None);
    hub.answer_all();
    assert_eq!(hub.news(ana), ["error storage after 1000"]);
    assert_eq!(hub.close_code(ana), Some(close::NO_HELLO));
}

#[test]
fn a_full_disk_does_not_use_up_hellos() {
    let mut hub = HubHarness::new();
    hub.ledger.is_full = true;
    let ana = hub.connect();
    for _ in 0..20 {
        assert_eq!(hub.ask(ana, &HubHarness::hello("Ana", "Ana")), ["error storage after 1000"]);
    }
    hub.ledger.is_full = false;
    assert!(hub.ask(ana, &HubHarness::hello("Ana", "Ana"))[0].starts_with("welcome Ana"));
}

#[test]
fn the_password_is_asked_for_and_must_be_right() {
    let password = Some("mellon".to_owned());
    let mut hub = HubHarness::with_settings(crate::hub::state::Settings { password, ..settings() });
    let ana = hub.connect();
    let with = |word: &str| format!(r#"{{"type":"hello","name":"Ana","password":"{word}"}}"#);
    assert_eq!(hub.ask(ana, GUEST_ANA), ["error password_required"]);
    for wrong in ["", "mello", "mellonn", "mellom", "mellonmellon"] {
        let other = hub.connect();
        assert_eq!(hub.ask(other, &with(wrong)), ["error password_required"]);
    }
    assert!(hub.ask(ana, &with("mellon"))[0].starts_with("welcome Ana"));
}

#[test]
fn an_identity_keeps_its_first_name_whatever_it_says_later() {
    let mut hub = HubHarness::new();
    let first = hub.person("Ana");
    let second = hub.connect();
    assert!(hub.ask(second, &HubHarness::hello("Ana", "Zoe"))[0].starts_with("welcome Ana"));
    hub.close(first, true);
    hub.close(second, true);
    hub.restart();
    let third = hub.connect();
    assert!(hub.ask(third, &HubHarness::hello("Ana", "Zoe"))[0].starts_with("welcome Ana"));
}

#[test]
fn two_first_hellos_of_one_identity_get_one_name() {
    let mut hub = HubHarness::new();
    hub.holds_ledger = true;
    let (one, other) = (hub.connect(), hub.connect());
    hub.send(one, &HubHarness::hello("Ana", "Ana"));
    hub.send(other, &HubHarness::hello("Ana", "Zoe"));
    hub.answer_all();
    assert!(hub.news(one)[0].starts_with("welcome Ana"));
    assert!(hub.news(other)[0].starts_with("welcome Ana"));
    let zoe = hub.connect();
    hub.holds_ledger = false;
    assert!(hub.ask(zoe, r#"{"type":"hello","name":"Zoe"}"#)[0].starts_with("welcome Zoe"));
}

#[test]
fn nothing_is_done_between_hello_and_welcome() {
    let mut hub = HubHarness::new();
    hub.holds_ledger = true;
    let ana = hub.connect();
    hub.send(ana, &HubHarness::hello("Ana", "Ana"));
    assert_eq!(hub.ask(ana, &join("lobby")), ["error hello_first"]);
    hub.answer_all();
    assert!(hub.news(ana)[0].starts_with("welcome Ana"));
    hub.check_settled();
}

#[test]
fn a_connection_that_went_while_the_ledger_was_asked_leaves_its_name_behind() {
    let mut hub = HubHarness::new();
    hub.holds_ledger = true;
    let ana = hub.connect();
    hub.send(ana, &HubHarness::hello("Ana", "Ana"));
    hub.close(ana, true);
    hub.answer_all();
    let late = hub.connect();
    assert_eq!(hub.ask(late, GUEST_ANA), ["error name_taken try Ana2"]);
}

#[test]
fn a_guest_cannot_take_a_name_that_is_owned_used_or_being_claimed() {
    let mut hub = HubHarness::new();
    let owner = hub.person("Ana");
    hub.close(owner, true);
    let late = hub.connect();
    assert_eq!(hub.ask(late, GUEST_ANA), ["error name_taken try Ana2"]);
    hub.holds_ledger = true;
    let claiming = hub.connect();
    hub.send(claiming, &HubHarness::hello("Bob", "Bob"));
    assert_eq!(hub.ask(late, r#"{"type":"hello","name":"bob"}"#), ["error name_taken try bob2"]);
}

#[test]
fn a_guests_name_is_free_again_when_the_connection_is_gone() {
    let mut hub = HubHarness::new();
    let guest = hub.guest("Ana");
    let late = hub.connect();
    assert_eq!(hub.ask(late, &HubHarness::hello("Ana", "Ana")), ["error name_taken try Ana2"]);
    hub.close(guest, false);
    assert!(hub.ask(late, &HubHarness::hello("Ana", "Ana"))[0].starts_with("welcome Ana"));
}

#[test]
fn a_name_is_free_after_thirty_days_unseen_and_its_owner_chooses_anew() {
    let mut hub = HubHarness::new();
    let owner = hub.person("Ana");
    hub.advance_ms(6000);
    hub.close(owner, true);
    hub.advance_ms(6000);
    let kept = u64::try_from(NAME_KEPT_MS).unwrap();
    hub.advance_ms(kept - 60_000);
    let early = hub.connect();
    assert_eq!(hub.ask(early, GUEST_ANA), ["error name_taken try Ana2"]);
    hub.advance_ms(120_000);
    let heir = hub.connect();
    assert!(hub.ask(heir, &HubHarness::hello("heir", "Ana"))[0].starts_with("welcome Ana"));
    let owner = hub.connect();
    assert_eq!(hub.ask(owner, &HubHarness::hello("Ana", "Ana")), ["error name_taken try Ana2"]);
    assert!(hub.ask(owner, &HubHarness::hello("Ana", "Ana2"))[0].starts_with("welcome Ana2"));
}

#[test]
fn a_clock_that_jumps_ahead_gives_no_name_away() {
    let mut hub = HubHarness::new();
    let owner = hub.person("Ana");
    hub.close(owner, true);
    hub.advance_ms(6000);
    hub.jump_wall_ms(2 * NAME_KEPT_MS);
    let late = hub.connect();
    assert_eq!(hub.ask(late, GUEST_ANA), ["error name_taken try Ana2"]);
    assert_eq!(hub.ask(late, &HubHarness::hello("heir", "Ana")), ["error name_taken try Ana2"]);
}

#[test]
fn who_comes_back_while_a_guest_has_their_name_chooses_anew() {
    let mut hub = HubHarness::new();
    let owner = hub.person("Ana");
    hub.close(owner, true);
    hub.advance_ms(u64::try_from(NAME_KEPT_MS).unwrap() + 60_000);
    hub.guest("Ana");
    let owner = hub.connect();
    assert_eq!(hub.ask(owner, &HubHarness::hello("Ana", "Ana")), ["error name_taken try Ana2"]);
    assert!(hub.ask(owner, &HubHarness::hello("Ana", "Zoe"))[0].starts_with("welcome Zoe"));
}

#[test]
fn who_stays_for_weeks_keeps_the_name_through_a_crash() {
    let mut hub = HubHarness::new();
    hub.person("Ana");
    hub.advance_ms(u64::try_from(NAME_KEPT_MS).unwrap() + 7_200_000);
    hub.restart();
    let late = hub.connect();
    assert_eq!(hub.ask(late, GUEST_ANA), ["error name_taken try Ana2"]);
}

#[test]
fn thirty_who_log_in_as_student_need_one_more_try_each_at_most() {
    let mut hub = HubHarness::new();
    let all: Vec<SessionId> = (0..30).map(|_| hub.connect()).collect();
    let mut waiting = Vec::new();
    for session in all {
        let news = hub.ask(session, &HubHarness::hello(&session.to_string(), "student"));
        if let Some(name) = news[0].strip_prefix("error name_taken try ") {
            waiting.push((session, name.to_owned()));
        }
    }
    assert_eq!(waiting.len(), 29);
    for (session, name) in waiting {
        let news = hub.ask(session, &HubHarness::hello(&session.to_string(), &name));
        assert!(news[0].starts_with(&format!("welcome {name}")), "{news:?}");
    }
}

#[test]
fn a_full_row_of_numbers_still_has_a_free_name_to_suggest() {
    let mut hub = HubHarness::new();
    hub.guest("Ana");
    for number in 2..=99 {
        hub.guest(&format!("Ana{number}"));
    }
    let late = hub.connect();
    let news = hub.ask(late, GUEST_ANA);
    let suggested = news[0].strip_prefix("error name_taken try ").unwrap().to_owned();
    let hello = format!(r#"{{"type":"hello","name":"{suggested}"}}"#);
    assert!(hub.ask(late, &hello)[0].starts_with("welcome"));
}

#[test]
fn the_welcome_lists_ones_own_rooms_first_and_the_lively_ones() {
    let mut hub = HubHarness::new();
    hub.person_in("Bob", &["games"]);
    hub.person_in("Cyd", &["games", "lobby"]);
    hub.person_in("Ana", &["zoo"]);
    let again = hub.connect();
    assert_eq!(
        hub.ask(again, &HubHarness::hello("Ana", "Ana"))[0],
        "welcome Ana: zoo*(1,0) games(2,0) lobby(1,0)"
    );
    hub.check_settled();
}

#[test]
fn a_bad_frame_later_is_answered_with_its_code() {
    let mut hub = HubHarness::new();
    let ana = hub.guest("Ana");
    assert_eq!(hub.ask(ana, "[]"), ["error bad_frame"]);
    assert_eq!(hub.ask(ana, r#"{"type":"dance"}"#), ["error unknown_type"]);
    assert_eq!(hub.ask(ana, &name("")), ["error name_invalid"]);
    for later in [
        r#"{"type":"react","room":"lobby","id":"e","seq":1,"emoji":"+","on":true}"#,
        r#"{"type":"search","query":"x","limit":1}"#,
        r#"{"type":"moderate","id":"e","action":"kick","name":"Bob"}"#,
    ] {
        assert_eq!(hub.ask(ana, later), ["error unknown_type"], "{later}");
    }
    hub.check_settled();
}
