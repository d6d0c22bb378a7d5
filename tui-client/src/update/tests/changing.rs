//! Answering, editing and deleting.

use super::{ANA, User, message_id, said, sent};
use crate::{effect::Effect, event::LinkEvent, separator::Tone};

/// Bob, then Ana, said something in the lobby.
fn talk() -> User {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "are the numbers there?");
    user.own_event("lobby", 2, "a2", "yes, numbers tonihgt");
    user
}

/// The id of the only request among the effects.
fn request_id(effects: &[Effect]) -> String {
    let id = super::frames(effects).find_map(|frame| frame.id());
    id.expect("a request with an id").to_string()
}

fn refuses(user: &mut User, id: &str, code: &str) {
    user.hears(&format!(r#"{{"type":"error","id":"{id}","code":"{code}","text":"why not"}}"#));
}

#[test]
fn a_reply_says_what_it_answers_by_number_by_name_or_by_being_the_last() {
    for typed in ["/reply 1 soon", "/reply Bob soon", "/reply @bob soon", "/reply soon"] {
        let mut user = talk();
        let effects = user.types(&format!("{typed}<ret>"));
        let say = r#"{"reply_to":1,"room":"lobby","text":"soon","type":"say"}"#;
        assert_eq!(sent(&effects), [say], "{typed}");
    }
}

#[test]
fn a_number_that_no_message_has_is_text() {
    let mut user = talk();
    assert_eq!(said(&user.types("/reply 42 is the answer<ret>")), ["42 is the answer"]);
}

#[test]
fn a_reply_can_be_written_at_leisure_and_esc_makes_it_a_message() {
    let mut user = talk();
    assert_eq!(user.types("/reply Bob<ret>"), []);
    assert_eq!(user.separator(), "→ Bob 00:00 · Esc cancels · are the numbers there?");
    let effects = user.types("soon<ret>");
    assert_eq!(sent(&effects), [r#"{"reply_to":1,"room":"lobby","text":"soon","type":"say"}"#]);
    assert_eq!(user.separator(), "");
    user.own_event("lobby", 3, &message_id(&effects), "soon");
    user.types("/reply Bob<ret>later<esc>");
    assert_eq!((user.separator().as_str(), user.draft()), ("", "later"));
    let effects = user.types("<ret>");
    assert_eq!(sent(&effects), [r#"{"room":"lobby","text":"later","type":"say"}"#]);
}

#[test]
fn what_a_message_answers_outlives_a_crash() {
    let mut user = talk();
    user.lost();
    user.types("/reply Bob soon<ret>");
    let mut user = user.crashes();
    user.connects();
    let effects = user.joined("lobby", 2);
    assert_eq!(sent(&effects)[0], r#"{"reply_to":1,"room":"lobby","text":"soon","type":"say"}"#);
}

#[test]
fn what_a_draft_answers_outlives_a_crash() {
    let mut user = talk();
    user.types("/reply Bob<ret>soon");
    user.waits(500);
    let mut user = user.crashes();
    assert_eq!(
        (user.draft(), user.separator().as_str()),
        ("soon", "→ an older message · Esc cancels")
    );
    user.connects();
    user.joined("lobby", 2);
    let effects = user.types("<ret>");
    assert_eq!(sent(&effects), [r#"{"reply_to":1,"room":"lobby","text":"soon","type":"say"}"#]);
    assert!(user.crashes().state.composer.about.is_empty(), "it was sent");
}

#[test]
fn a_draft_that_answers_nothing_any_more_does_so_after_a_crash_too() {
    let mut user = talk();
    user.types("/reply Bob<ret>soon");
    user.waits(500);
    user.types("<esc>");
    user.waits(500);
    let user = user.crashes();
    assert_eq!((user.draft(), user.separator().as_str()), ("soon", ""));
}

#[test]
fn new_words_that_the_hub_has_not_answered_are_a_draft_after_a_crash() {
    let mut user = talk();
    user.types("/edit<ret><bs><bs><bs><bs>ight<ret>a thought");
    user.waits(500);
    let farewell = super::super::leaving::farewell(&user.state);
    assert_eq!(farewell.unwrap(), "1 edit was not answered; its words are a draft next time");
    let crashed = user.crashes();
    assert_eq!(crashed.draft(), "yes, numbers tonight\na thought");
    let mut user = talk();
    let effects = user.types("/edit<ret><bs><bs><bs><bs>ight<ret>a thought");
    user.acked(&request_id(&effects), "lobby", 3);
    user.waits(500);
    assert_eq!(user.crashes().draft(), "a thought");
}

#[test]
fn an_answer_to_what_is_kept_no_longer_goes_without_it_the_next_time() {
    let mut user = talk();
    let id = message_id(&user.types("/reply Bob soon<ret>"));
    user.refused(&id, "no_such_message", None);
    let effects = user.types("/retry<ret>");
    assert_eq!(sent(&effects), [r#"{"room":"lobby","text":"soon","type":"say"}"#]);
}

#[test]
fn a_reply_that_the_disk_does_not_take_is_written_still() {
    let mut user = talk();
    user.types("/reply Bob<ret>soon");
    user.is_disk_full = true;
    user.types("<ret>");
    user.is_disk_full = false;
    let effects = user.types("<ret>");
    assert_eq!(sent(&effects), [r#"{"reply_to":1,"room":"lobby","text":"soon","type":"say"}"#]);
}

#[test]
fn an_edit_begins_with_the_words_of_before_and_goes_as_one() {
    let mut user = talk();
    user.types("/edit<ret>");
    assert_eq!(user.draft(), "yes, numbers tonihgt");
    assert_eq!(user.separator(), "edit 00:00 · Enter changes it · Esc cancels");
    let effects = user.types("<bs><bs><bs><bs>ight<ret>");
    let edit = r#"{"room":"lobby","seq":2,"text":"yes, numbers tonight","type":"edit"}"#;
    assert_eq!(sent(&effects), [edit]);
    assert_eq!((user.draft(), user.separator().as_str()), ("", ""));
    user.acked(&request_id(&effects), "lobby", 3);
    assert_eq!(user.separator(), "");
}

#[test]
fn esc_leaves_an_edit_and_loses_neither_text() {
    let mut user = talk();
    user.types("a draft");
    let shown = user.state.room().place.clone();
    super::super::changing::edit(&mut user.state, protocol::Seq::new(2).unwrap()).unwrap();
    user.types("!");
    assert_eq!(user.state.composer.drafts(&shown)[&shown], "a draft\nyes, numbers tonihgt!");
    user.types("<esc>");
    assert_eq!(user.draft(), "a draft");
    user.types("<up>");
    assert_eq!(user.draft(), "yes, numbers tonihgt!");
}

#[test]
fn a_refused_edit_is_edited_still() {
    let mut user = talk();
    let effects = user.types("/edit<ret>!<ret>");
    refuses(&mut user, &request_id(&effects), "forbidden");
    assert_eq!(user.draft(), "yes, numbers tonihgt!");
    assert_eq!((user.separator().as_str(), user.tone()), ("why not", Some(Tone::Error)));
    let effects = user.types("!<ret>");
    let edit = r#"{"room":"lobby","seq":2,"text":"yes, numbers tonihgt!!","type":"edit"}"#;
    assert_eq!(sent(&effects), [edit]);
    user.lost();
    assert_eq!(user.draft(), "yes, numbers tonihgt!!");
}

#[test]
fn an_older_hub_is_told_as_what_it_is_and_the_line_stays() {
    let mut user = talk();
    let effects = user.types("/edit 2 yes<ret>");
    refuses(&mut user, &request_id(&effects), "unknown_type");
    assert_eq!(user.draft(), "/edit 2 yes");
    let why = "this hub is older and cannot edit messages; it has to be updated first";
    assert_eq!(user.separator(), why);
    let effects = user.types("<c-u>/delete 2<ret>");
    refuses(&mut user, &request_id(&effects), "unknown_type");
    assert_eq!(user.draft(), "/delete 2");
}

#[test]
fn only_own_messages_are_edited() {
    let mut user = talk();
    assert_eq!(user.types("/edit 1 mine now<ret>"), []);
    assert_eq!(user.separator(), "message 1 is not yours; /edit TEXT changes your last one");
    assert_eq!(user.draft(), "/edit 1 mine now");
}

#[test]
fn an_action_is_edited_as_one_and_a_literal_slash_stays_one() {
    let mut user = talk();
    user.own_event("lobby", 3, "a3", "/me waves");
    let effects = user.types("/edit<ret> twice<ret>");
    let edit = r#"{"room":"lobby","seq":3,"text":"/me waves twice","type":"edit"}"#;
    assert_eq!(sent(&effects), [edit]);
    user.own_event("lobby", 4, "a4", "/etc");
    assert_eq!(user.types("/edit<ret>"), []);
    assert_eq!(user.draft(), "//etc");
    let effects = user.types("/hosts<ret>");
    let edit = r#"{"room":"lobby","seq":4,"text":"/etc/hosts","type":"edit"}"#;
    assert_eq!(sent(&effects), [edit]);
}

#[test]
fn a_deletion_of_the_last_message_shows_which_and_wants_a_second_one() {
    let mut user = talk();
    assert_eq!(user.types("/delete<ret>"), []);
    assert_eq!(user.separator(), "/delete again deletes: yes, numbers tonihgt");
    let effects = user.types("/delete<ret>");
    assert_eq!(sent(&effects), [r#"{"room":"lobby","seq":2,"type":"delete"}"#]);
    assert_eq!(user.types("/delete 9<ret>"), []);
    assert_eq!(user.separator(), "no message has the number 9; /delete alone takes your last one");
}

#[test]
fn in_another_life_of_the_room_nothing_is_answered_or_edited() {
    let mut user = talk();
    user.types("a draft");
    super::super::changing::edit(&mut user.state, protocol::Seq::new(2).unwrap()).unwrap();
    user.lost();
    user.link(LinkEvent::Connecting);
    user.welcomed_as("Ana");
    user.hears(
        r#"{"type":"joined","room":"lobby","topic":"","head":0,"oldest":1,
        "epoch":"00000000000000bb","count":1,"members":[],"more":false}"#,
    );
    assert_eq!(user.draft(), "a draft\nyes, numbers tonihgt");
    let effects = user.types("<ret>");
    assert!(sent(&effects)[0].contains(r#""type":"say""#), "{effects:?} by {ANA}");
}
