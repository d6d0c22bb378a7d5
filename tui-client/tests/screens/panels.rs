//! What is asked for and covers the conversation until Esc.

use serde_json::json;

use super::{conversation, picture};

#[test]
fn help_panel() {
    picture("panel-help", |screen| {
        conversation(screen);
        screen.keys("/help<Enter>");
    });
}

#[test]
fn help_panel_scrolled_to_its_end() {
    picture("panel-help-end", |screen| {
        conversation(screen);
        screen.keys("/help<Enter><End>");
    });
}

#[test]
fn invite_panel() {
    picture("panel-invite", |screen| {
        conversation(screen);
        screen.keys("/invite<Enter>");
    });
}

#[test]
fn people_panel() {
    picture("panel-people", |screen| {
        conversation(screen);
        screen.keys("<A-w>");
    });
}

#[test]
fn rooms_panel() {
    picture("panel-rooms", |screen| {
        screen.keys("/rooms<Enter>");
        let id = screen.sent.iter().rev().find_map(|frame| frame.id().cloned()).expect("an id");
        screen.frame(&json!({
            "type": "rooms", "id": id.as_str(), "more": false, "rooms": [
                {"room": "lobby", "topic": "", "members": 3, "head": 0, "mine": true},
                {"room": "games", "topic": "chess and worse", "members": 12, "head": 9,
                 "mine": false},
            ],
        }));
    });
}

#[test]
fn go_to_panel() {
    picture("panel-go-to", |screen| {
        conversation(screen);
        screen.keys("<C-g>b<Down>");
    });
}
