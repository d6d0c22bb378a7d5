//! Own messages: from Enter to the log.

use std::time::Duration;

use super::{BOB, PRIVATE, User, message_id, said, sent};
use crate::{outbox::Stage, update::waiting};

/// The stages of the messages of the room that is shown.
fn stages(user: &User) -> Vec<Stage> {
    let place = user.state.room().place.clone();
    user.state.outbox.tail(&place).map(|message| message.stage.clone()).collect()
}

#[test]
fn enter_sends_and_the_event_takes_it_out_of_the_tail() {
    let mut user = User::in_lobby();
    let effects = user.types("hello<ret>");
    assert_eq!(sent(&effects), [r#"{"room":"lobby","text":"hello","type":"say"}"#]);
    assert_eq!(user.draft(), "");
    let id = message_id(&effects);
    user.acked(&id, "lobby", 1);
    assert_eq!(stages(&user).len(), 1);
    user.own_event("lobby", 1, &id, "hello");
    assert_eq!(stages(&user), []);
}

#[test]
fn ack_and_event_come_in_either_order() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("hello<ret>"));
    user.own_event("lobby", 1, &id, "hello");
    assert_eq!(stages(&user), []);
    user.acked(&id, "lobby", 1);
    assert_eq!(stages(&user), []);
}

#[test]
fn a_mark_comes_only_after_half_a_second() {
    let mut user = User::in_lobby();
    user.types("hello<ret>");
    assert!(matches!(stages(&user)[..], [Stage::Sent { late: false, .. }]));
    assert_eq!(user.state.next_deadline(), Some(Duration::from_millis(500)));
    user.waits(500);
    assert!(matches!(stages(&user)[..], [Stage::Sent { late: true, .. }]));
    assert_eq!(user.state.next_deadline(), Some(waiting::ANSWER_MAX));
}

#[test]
fn one_message_is_in_flight_in_each_room() {
    let mut user = User::in_two_rooms();
    let first = user.types("one<ret>");
    assert_eq!(said(&user.types("two<ret>")), Vec::<&str>::new());
    assert_eq!(said(&user.types("<c-n>elsewhere<ret><c-p>")), ["elsewhere"]);
    let effects = user.acked(&message_id(&first), "lobby", 1);
    assert_eq!(said(&effects), ["two"]);
}

#[test]
fn what_was_written_offline_goes_in_order_and_what_was_in_flight_under_its_old_id() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    user.lost();
    assert_eq!(user.types("two<ret>three<ret>"), []);
    assert_eq!(stages(&user), [Stage::Queued, Stage::Queued, Stage::Queued]);
    assert_eq!(said(&user.welcomed_as("Ana")), Vec::<&str>::new());
    let effects = user.joined("lobby", 0);
    assert_eq!(said(&effects), ["one"]);
    assert_eq!(message_id(&effects), id);
    let effects = user.acked(&id, "lobby", 1);
    assert_eq!(said(&effects), ["two"]);
}

#[test]
fn a_message_that_was_stored_before_the_loss_is_not_shown_twice() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    user.lost();
    user.welcomed_as("Ana");
    user.joined("lobby", 1);
    user.own_event("lobby", 1, &id, "one");
    assert_eq!(stages(&user), []);
    user.acked(&id, "lobby", 1);
    assert_eq!(stages(&user), []);
}

#[test]
fn a_temporary_error_keeps_the_message_and_those_behind_it() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    user.types("two<ret>");
    assert_eq!(user.refused(&id, "storage", Some(2000)), []);
    assert_eq!(stages(&user), [Stage::Queued, Stage::Queued]);
    assert_eq!(user.state.next_deadline(), Some(Duration::from_secs(2)));
    assert_eq!(user.waits(1999), []);
    let effects = user.waits(1);
    assert_eq!(said(&effects), ["one"]);
    assert_eq!(message_id(&effects), id);
}

#[test]
fn a_final_error_fails_that_message_only() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    user.types("two<ret>");
    let effects = user.refused(&id, "muted", None);
    assert_eq!(said(&effects), ["two"]);
    let why = "why not".to_owned();
    assert_eq!(stages(&user)[0], Stage::Failed { why, is_refused: true });
}

#[test]
fn a_failed_message_is_sent_again_or_given_up() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("one<ret>"));
    user.refused(&id, "muted", None);
    let effects = user.types("/retry<ret>");
    assert_eq!(said(&effects), ["one"]);
    let again = message_id(&effects);
    user.refused(&again, "muted", None);
    user.types("/discard<ret>");
    assert_eq!(stages(&user), []);
    assert_eq!(user.separator(), "1 message given up; Up brings its text back");
    user.types("<up>");
    assert_eq!(user.draft(), "one");
    user.types("<c-c>/discard<ret>");
    assert_eq!(user.separator(), "no message failed here");
    assert_eq!(user.draft(), "/discard");
}

#[test]
fn a_direct_message_from_anywhere_stays_where_one_is() {
    let mut user = User::in_lobby();
    let effects = user.types("/msg Bob just between us<ret>");
    assert_eq!(sent(&effects), [r#"{"text":"just between us","to":"Bob","type":"direct"}"#]);
    let id = message_id(&effects);
    user.joined_in_private(0);
    user.acked(&id, PRIVATE, 1);
    user.own_event(PRIVATE, 1, &id, "just between us");
    assert_eq!(user.shown(), "lobby");
    assert_eq!(user.titles(), ["lobby", "@Bob"]);
    assert_eq!(user.state.rooms[1].unread, 0);
    assert_eq!(user.separator(), "to Bob (private): just between us");
    let effects = user.types("/msg bob again<ret>");
    assert_eq!(sent(&effects), [format!(r#"{{"room":"{PRIVATE}","text":"again","type":"say"}}"#)]);
}

#[test]
fn a_direct_message_to_nobody_comes_back_into_the_composer() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("/msg Cyd hi there<ret>"));
    user.refused(&id, "no_such_user", None);
    assert_eq!(user.draft(), "/msg Cyd hi there");
    assert_eq!(user.separator(), "why not");
    assert_eq!(user.state.outbox.unsent(), 0);
}

#[test]
fn a_private_conversation_that_begins_gets_its_room() {
    let mut user = User::in_lobby();
    user.types("/msg Bob<ret>");
    assert_eq!(user.shown(), "@Bob");
    let effects = user.types("hi<ret>");
    assert_eq!(sent(&effects), [r#"{"text":"hi","to":"Bob","type":"direct"}"#]);
    user.types("a draft");
    user.joined_in_private(0);
    user.acked(&message_id(&effects), PRIVATE, 1);
    assert_eq!(user.shown(), "@Bob");
    assert_eq!(user.state.room().place.to_string(), PRIVATE);
    assert_eq!(user.draft(), "a draft");
    user.own_event(PRIVATE, 1, &message_id(&effects), "hi");
    assert_eq!(stages(&user), []);
    user.event(PRIVATE, 2, "Bob", BOB, "b", "hi Ana");
    assert_eq!(user.titles(), ["lobby", "@Bob"]);
}

#[test]
fn too_many_waiting_messages_stay_in_the_draft() {
    let mut user = User::in_lobby();
    user.lost();
    for _ in 0..crate::outbox::OUTBOX_MAX {
        user.types("x<ret>");
    }
    user.types("one more<ret>");
    assert_eq!(user.draft(), "one more");
    assert_eq!(user.separator(), "1000 messages wait already; send this one later");
}

/// The hub came back from an older copy: the event of what was stored never comes.
#[test]
fn what_was_stored_in_another_life_of_the_room_leaves_the_tail() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("hello<ret>"));
    user.acked(&id, "lobby", 7);
    assert_eq!(stages(&user).len(), 1);
    user.lost();
    user.welcomed_as("Ana");
    let join = user.id_of_last_join("lobby").unwrap();
    user.hears(&format!(
        r#"{{"type":"joined","id":"{join}","room":"lobby","topic":"","head":2,"oldest":1,
        "epoch":"00000000000000bb","count":1,"members":[],"more":false}}"#
    ));
    assert_eq!(stages(&user), []);
}

#[test]
fn what_was_stored_and_trimmed_leaves_the_tail() {
    let mut user = User::in_lobby();
    let id = message_id(&user.types("hello<ret>"));
    user.acked(&id, "lobby", 1);
    user.hears(r#"{"type":"gap","room":"lobby","from":1,"to":5,"reason":"retention"}"#);
    assert_eq!(stages(&user), []);
}
