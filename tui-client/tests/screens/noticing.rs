//! What one wants to notice, on whole screens.

use serde_json::json;

use super::{conversation, picture};

#[test]
fn do_not_disturb_is_a_word_in_the_status_row() {
    picture("dnd", |screen| {
        conversation(screen);
        screen.keys("/join games<Enter>");
        screen.joined("games", 0, &["Ana", "Bob"]);
        screen.keys("<C-p>/dnd<Enter>");
        screen.says("games", 1, "Bob", "Ana, your turn");
    });
}

#[test]
fn what_ignored_people_say_is_folded() {
    picture("ignored", |screen| {
        conversation(screen);
        screen.keys("/ignore Bob<Enter>");
        screen.says("lobby", 7, "Bob", "Ana, are you there?");
        let mut answer = screen.event("lobby", 8, "cyd", "he means you");
        answer["reply_to"] = json!(7);
        screen.frame(&answer);
    });
}

#[test]
fn whom_one_ignores_is_a_list() {
    picture("panel-ignored", |screen| {
        conversation(screen);
        screen.keys("/ignore Bob<Enter>/ignore cyd<Enter>/ignore<Enter>");
    });
}

#[test]
fn who_peeks_sees_that_nothing_is_marked_read() {
    picture("peek", |screen| {
        conversation(screen);
        screen.keys("/join games<Enter>");
        screen.joined("games", 0, &["Ana", "Bob"]);
        screen.keys("<C-p>");
        for seq in 1..=4 {
            screen.says("games", seq, "cyd", "your turn");
        }
        screen.keys("a draft<A-p>");
    });
}
