//! Keys of two, and the user's own editor.

use super::{User, said};
use crate::{effect::Effect, event::Event, separator::Tone};

fn edits(text: &str) -> Effect {
    Effect::Edit(text.into())
}

fn returns(user: &mut User, text: &str) -> Vec<Effect> {
    user.event_is(Event::Edited(Ok(text.into())))
}

#[test]
fn ctrl_x_waits_for_a_second_key_and_shows_which() {
    let mut user = User::in_lobby();
    user.types("one two<c-x>");
    assert_eq!(user.separator(), "Ctrl+X: Ctrl+U undo  Ctrl+E editor");
    user.types("<c-u>");
    assert_eq!((user.draft(), user.separator().as_str()), ("one ", ""));
    assert_eq!(user.types("<c-x><c-e>"), [edits("one \n")]);
}

#[test]
fn another_key_after_ctrl_x_does_what_it_does_alone() {
    for (keys, draft) in [
        ("a<c-x>b", "ab"),
        ("a<c-x>e", "ae"),
        ("one two<c-x><c-w>", "one "),
        ("a<c-x><c-x><c-u>", ""),
        ("a<c-x><esc>2", "a2"),
    ] {
        let mut user = User::in_two_rooms();
        user.types(keys);
        assert_eq!(user.draft(), draft, "{keys}");
        assert!(user.state.prefix.is_none(), "{keys}");
    }
    let mut user = User::in_lobby();
    user.types("a<c-x>");
    user.pastes("b");
    assert_eq!(user.draft(), "ab");
    assert_eq!(user.types("<c-e>"), [], "the paste has ended it");
}

#[test]
fn what_the_editor_leaves_is_the_draft_and_is_not_sent() {
    let mut user = User::in_lobby();
    user.types("one<c-x><c-e>");
    assert_eq!(returns(&mut user, "one\r\n\u{1b}two\n"), []);
    assert_eq!(user.draft(), "one\ntwo");
    user.types("<c-_>");
    assert_eq!(user.draft(), "one", "one step");
    user.types("<a-_>");
    assert_eq!(said(&user.types("<ret>")), ["one\ntwo"]);
}

#[test]
fn a_draft_is_on_disk_before_the_editor_has_it() {
    let mut user = User::in_lobby();
    user.types("precious<c-x><c-e>");
    assert_eq!(user.crashes().draft(), "precious");
}

#[test]
fn an_editor_that_fails_leaves_the_draft_as_it_was() {
    let mut user = User::in_lobby();
    user.types("one<c-x><c-e>");
    user.event_is(Event::Edited(Err("there is no ed".into())));
    assert_eq!((user.draft(), user.separator().as_str()), ("one", "there is no ed"));
    assert_eq!(user.tone(), Some(Tone::Error));
}

#[test]
fn what_the_editor_leaves_goes_where_it_was_begun() {
    let mut user = User::in_two_rooms();
    user.types("<c-n>here<c-x><c-e>");
    user.hears(r#"{"type":"left","room":"games"}"#);
    assert_eq!(user.shown(), "lobby");
    returns(&mut user, "here and there\n");
    assert_eq!(user.draft(), "");
    user.types("/join games<ret>");
    user.joined("games", 0);
    assert_eq!(user.draft(), "here and there");
}

#[test]
fn a_private_room_that_begins_meanwhile_gets_what_the_editor_leaves() {
    let mut user = User::in_lobby();
    user.types("/msg Bob<ret>hi<c-x><c-e>");
    user.joined_in_private(0);
    returns(&mut user, "hi Bob\n");
    assert_eq!((user.shown().as_str(), user.draft()), ("@Bob", "hi Bob"));
}

#[test]
fn an_answer_to_a_question_does_not_go_to_an_editor() {
    let mut user = User::starts();
    user.hears(r#"{"type":"error","code":"password_required","text":"say it"}"#);
    assert_eq!(user.types("secret<c-x><c-e>"), []);
    let mut user = User::in_lobby();
    assert_eq!(user.types("<c-g>bo<c-x><c-e>"), []);
    assert_eq!(user.types("<esc><c-g>your editor<ret>"), [edits("\n")]);
}
