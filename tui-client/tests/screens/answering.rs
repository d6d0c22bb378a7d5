//! One message among others: answered, edited, selected.

use serde_json::json;

use super::{Screen, conversation, picture};

/// Bob asks, Ana answers him, and cyd answers her.
fn answers(screen: &mut Screen) {
    conversation(screen);
    let mut event = screen.event("lobby", 7, "cyd", "then I can go to bed");
    event["reply_to"] = json!(4);
    screen.frame(&event);
}

#[test]
fn a_reply_being_written_with_the_one_before() {
    picture("reply", |screen| {
        answers(screen);
        screen.keys("/reply cyd<Enter>not yet, wait for ");
    });
}

#[test]
fn a_reply_on_its_way() {
    picture("reply-sent", |screen| {
        answers(screen);
        screen.keys("/reply Bob you have them now<Enter>");
    });
}

#[test]
fn an_edit_being_written() {
    picture("edit", |screen| {
        answers(screen);
        screen.keys("a draft<A-m><Up><Up><Up>e");
    });
}

#[test]
fn a_message_is_selected() {
    picture("select", |screen| {
        answers(screen);
        screen.keys("a draft<A-m><Up><Up><Up>");
    });
}

#[test]
fn a_message_is_selected_in_the_middle_of_a_turn_and_before_deletion() {
    picture("select-delete", |screen| {
        answers(screen);
        screen.keys("and one more<Enter>");
        screen.stores(8);
        screen.keys("and yet another<Enter>");
        screen.stores(9);
        screen.keys("<A-m>d");
    });
}
