//! Other names.

use protocol::SessionId;

use super::harness::{HubHarness, direct, join, name, say};

#[test]
fn a_rename_is_told_to_the_asker_the_other_connections_and_the_rooms() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    let phone = hub.person_in("Ana", &["lobby"]);
    let desk = hub.person_in("Ana", &["lobby"]);
    assert_eq!(hub.ask(desk, &name("Ally")), ["renamed Ana>Ally"]);
    assert_eq!(hub.news(phone), ["renamed Ana>Ally"]);
    hub.advance_ms(100);
    assert_eq!(hub.news(bob), ["presence lobby n=2 Ana>Ally"]);
    hub.check_settled();
}

#[test]
fn only_the_askers_renamed_has_the_id() {
    let mut hub = HubHarness::new();
    let (phone, desk) = (hub.person("Ana"), hub.person("Ana"));
    hub.send(desk, r#"{"type":"name","name":"Ally","id":"r1"}"#);
    let ids = [desk, phone].map(|session| match &hub.frames(session)[..] {
        [protocol::ServerFrame::Renamed(renamed)] => renamed.id.is_some(),
        other => panic!("{other:?}"),
    });
    assert_eq!(ids, [true, false]);
}

#[test]
fn a_guest_renames_at_once_and_the_old_name_is_free() {
    let mut hub = HubHarness::new();
    let guest = hub.guest("Ana");
    assert_eq!(hub.ask(guest, &name("Ally")), ["renamed Ana>Ally"]);
    hub.guest("Ana");
}

#[test]
fn a_taken_name_is_refused_with_one_that_is_free() {
    let mut hub = HubHarness::new();
    hub.guest("Bob");
    hub.person("Cyd");
    let ana = hub.person("Ana");
    assert_eq!(hub.ask(ana, &name("bob")), ["error name_taken try bob2"]);
    assert_eq!(hub.ask(ana, &name("Cyd")), ["error name_taken try Cyd2"]);
}

#[test]
fn former_names_stay_ones_own_up_to_three() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    for next in ["A1", "A2", "A3"] {
        assert_eq!(hub.ask(ana, &name(next)).len(), 1);
    }
    let bob = hub.guest("Bob");
    assert_eq!(hub.ask(bob, &name("Ana")), ["error name_taken try Ana2"]);
    hub.advance_ms(60_000);
    assert_eq!(hub.ask(ana, &name("A4")), ["renamed A3>A4"]);
    assert_eq!(hub.ask(bob, &name("A1")), ["error name_taken try A12"]);
    assert_eq!(hub.ask(bob, &name("Ana")), ["renamed Bob>Ana"]);
}

#[test]
fn a_change_of_capitals_is_a_rename_that_keeps_the_former_names() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Zoe", &["lobby"]);
    hub.ask(ana, &name("ana"));
    assert_eq!(hub.ask(ana, &name("Ana")), ["renamed ana>Ana"]);
    let bob = hub.guest("Bob");
    assert_eq!(hub.ask(bob, &name("Zoe")), ["error name_taken try Zoe2"]);
    hub.check_settled();
}

#[test]
fn the_name_one_has_is_no_rename() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    for _ in 0..10 {
        assert_eq!(hub.ask(ana, &name("Ana")), ["renamed Ana>Ana"]);
    }
}

#[test]
fn the_fourth_rename_within_a_minute_is_refused_and_then_one_a_minute() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    hub.advance_ms(1000);
    for next in ["A1", "A2", "A3"] {
        assert_eq!(hub.ask(ana, &name(next)).len(), 1);
    }
    assert_eq!(hub.ask(ana, &name("A4")), ["error rate_limited after 60000"]);
    hub.advance_ms(59_999);
    assert_eq!(hub.ask(ana, &name("A4")), ["error rate_limited after 1"]);
    hub.advance_ms(1);
    assert_eq!(hub.ask(ana, &name("A4")), ["renamed A3>A4"]);
    assert_eq!(hub.ask(ana, &name("A5")), ["error rate_limited after 60000"]);
}

#[test]
fn a_rename_that_fails_is_not_counted() {
    let mut hub = HubHarness::new();
    let ana = hub.person("Ana");
    hub.ledger.is_full = true;
    for _ in 0..10 {
        assert_eq!(hub.ask(ana, &name("Ally")), ["error storage after 1000"]);
    }
    hub.ledger.is_full = false;
    assert_eq!(hub.ask(ana, &name("Ally")), ["renamed Ana>Ally"]);
}

#[test]
fn of_two_who_want_a_name_at_once_one_gets_it() {
    let mut hub = HubHarness::new();
    let (ana, bob) = (hub.person("Ana"), hub.person("Bob"));
    hub.holds_ledger = true;
    hub.send(ana, &name("Zoe"));
    assert_eq!(hub.ask(bob, &name("Zoe")), ["error name_taken try Zoe2"]);
    hub.answer_all();
    assert_eq!(hub.news(ana), ["renamed Ana>Zoe"]);
    hub.check_settled();
}

#[test]
fn a_rename_whose_connection_went_still_counts() {
    let mut hub = HubHarness::new();
    let bob = hub.person_in("Bob", &["lobby"]);
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.holds_ledger = true;
    hub.send(ana, &name("Ally"));
    hub.close(ana, false);
    hub.answer_all();
    hub.advance_ms(100);
    assert_eq!(hub.news(bob), ["presence lobby n=2 Ana>Ally"]);
    hub.holds_ledger = false;
    assert_eq!(hub.ask(bob, &direct("Ally", "d1", "hi"))[0], "joined dm with Ally 1..0 n=1 [Bob]");
}

#[test]
fn two_guests_who_swap_names_in_one_window_end_up_right() {
    let mut hub = HubHarness::new();
    let watcher = hub.person_in("Zoe", &["lobby"]);
    let (one, other) = (hub.guest("Ana"), hub.guest("Bob"));
    hub.ask(one, &join("lobby"));
    hub.ask(other, &join("lobby"));
    hub.settle();
    hub.ask(one, &name("Tmp"));
    hub.ask(other, &name("Ana"));
    hub.ask(one, &name("Bob"));
    hub.advance_ms(100);
    assert_eq!(hub.news(watcher), ["presence lobby n=3 -Ana,Bob +[Bob,Ana]"]);
    hub.check_settled();
}

#[test]
fn what_is_said_right_after_a_rename_has_the_new_name() {
    let mut hub = HubHarness::new();
    let ana = hub.person_in("Ana", &["lobby"]);
    hub.holds_ledger = true;
    hub.send(ana, &name("Ally"));
    hub.send(ana, &say("lobby", "m1", "hi"));
    hub.answer_all();
    assert_eq!(hub.news(ana), ["renamed Ana>Ally", "ack m1 lobby 1", "lobby 1 Ally: hi"]);
}

/// Guests of these names in the lobby, with everything told.
fn guests_in_lobby(hub: &mut HubHarness, names: [&str; 2]) -> [SessionId; 2] {
    let guests = names.map(|name| hub.guest(name));
    for guest in guests {
        hub.ask(guest, &join("lobby"));
    }
    hub.settle();
    guests
}

#[test]
fn a_name_that_is_handed_on_in_one_window_ends_up_with_the_right_person() {
    let mut hub = HubHarness::new();
    let watcher = hub.person_in("Zoe", &["lobby"]);
    let [ana, bob] = guests_in_lobby(&mut hub, ["Ana", "Bob"]);
    hub.ask(bob, &name("Cyd"));
    hub.ask(ana, &name("Bob"));
    hub.advance_ms(100);
    assert_eq!(hub.news(watcher), ["presence lobby n=3 -Ana,Bob +[Bob,Cyd]"]);
    hub.check_settled();
}

#[test]
fn who_saw_the_new_names_already_does_not_mix_people_up() {
    let mut hub = HubHarness::new();
    let [ana, bob] = guests_in_lobby(&mut hub, ["Ana", "Bob"]);
    hub.ask(bob, r#"{"type":"away","text":"tea"}"#);
    hub.settle();
    hub.ask(ana, &name("Zoe"));
    hub.ask(bob, &name("Ana"));
    let late = hub.person("Cyd");
    assert_eq!(hub.ask(late, &join("lobby")), ["joined lobby 1..0 n=3 [Ana(tea),Cyd,Zoe]"]);
    hub.check_settled();
}

#[test]
fn a_name_taken_over_survives_a_late_left() {
    let mut hub = HubHarness::new();
    let [bob, _] = guests_in_lobby(&mut hub, ["Bob", "Zoe"]);
    let crowd: Vec<_> = (0..300).map(|number| hub.guest(&format!("g{number}"))).collect();
    for guest in &crowd {
        hub.ask(*guest, &join("lobby"));
    }
    let [ana, _] = guests_in_lobby(&mut hub, ["Ana", "Yan"]);
    let away = format!(r#"{{"type":"away","text":"{}"}}"#, "\\\"".repeat(100));
    for guest in &crowd {
        hub.ask(*guest, &away);
    }
    hub.close(ana, true);
    hub.ask(bob, &name("Ana"));
    hub.advance_ms(1000);
    let news = hub.news(crowd[0]);
    let mut lines = news.iter().filter(|line| line.contains(" -"));
    assert!(lines.next().unwrap().starts_with("presence lobby n=303 -Bob +[Ana,g0("));
    assert!(lines.next().unwrap().starts_with("presence lobby n=303 -Ana +[Ana,"));
    assert_eq!(lines.next(), None);
}
