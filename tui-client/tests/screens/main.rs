//! Whole screens, as a user sees them: the client is driven by keys and by frames of the hub, and
//! what it draws is compared with a picture of it.
//!
//! `▌` is the cursor. To change a picture: `cargo insta review`, or `INSTA_UPDATE=always`, and
//! look at each as a user would.

#![expect(clippy::expect_used, clippy::panic, reason = "the harness is test code too")]

mod announcing;
mod answering;
mod colours;
mod layers;
mod menus;
mod news;
mod noticing;
mod panels;
mod questions;
mod resizing;
mod screen;
mod settings;

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use tui_client::{
    event::{Event, LinkEvent},
    safe_text::is_invisible,
};

use screen::{DM, START, Screen, identity};

/// The two sizes at which every screen must be right.
const SIZES: [(u16, u16); 2] = [(80, 24), (40, 10)];

/// Compares a screen at both sizes with its pictures.
fn picture(name: &str, scene: impl Fn(&mut Screen)) {
    for (columns, rows) in SIZES {
        let mut screen = Screen::live(columns, rows);
        scene(&mut screen);
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), screen.shown());
    }
}

/// A conversation of a few minutes.
fn conversation(screen: &mut Screen) {
    screen.frame(&json!({
        "type": "event", "room": "lobby", "seq": 1, "at": START, "from": "Bob",
        "by": identity("Bob"), "kind": "topic", "id": "e1",
        "text": "what we are building",
    }));
    screen.says("lobby", 2, "Bob", "hi Ana, are the numbers there?");
    screen.says("lobby", 3, "Bob", "I would like to send them tonight, before the others wake up.");
    screen.pass(Duration::from_mins(1));
    screen.keys("yes, numbers tonight<Enter>");
    screen.stores(4);
    screen.pass(Duration::from_mins(2));
    screen.says("lobby", 5, "cyd", "/me is reading them");
    screen.says("lobby", 6, "Bartholomew_the_3rd", "two\nlines");
}

#[test]
fn connecting() {
    for (columns, rows) in SIZES {
        let screen = Screen::new(columns, rows);
        insta::assert_snapshot!(format!("connecting-{columns}x{rows}"), screen.shown());
    }
}

#[test]
fn empty() {
    picture("empty", |_| ());
}

#[test]
fn empty_on_a_network_after_somebody_joined() {
    picture("empty-lan", |screen| {
        screen.state.settings.invite = vec![
            "hubbub 192.168.1.20".into(),
            "Browser: http://192.168.1.20:8080/".into(),
            "Anyone on this network can join and read along.".into(),
        ];
        screen.frame(&json!({
            "type": "presence", "room": "lobby", "count": 3, "left": ["cyd"],
            "renamed": [{"from": "Bob", "to": "Bobby"}],
            "joined": [{"name": "Dan", "role": "member"}],
        }));
    });
}

#[test]
fn busy() {
    picture("busy", |screen| {
        conversation(screen);
        screen.frame(&json!({
            "type": "presence", "room": "lobby", "count": 4, "left": [], "renamed": [],
            "joined": [
                {"name": "Dan", "role": "operator"},
                {"name": "cyd", "role": "member", "away": "lunch"},
            ],
        }));
        screen.says(
            "lobby",
            7,
            "Dan",
            "Ana: look at this, it wraps at a word and hangs below its text",
        );
        screen.keys("a draft");
    });
}

#[test]
fn two_rooms_with_a_private_message_elsewhere() {
    picture("two-rooms", |screen| {
        conversation(screen);
        screen.keys("/join games<Enter>");
        screen.joined("games", 0, &["Ana", "Bob"]);
        screen.keys("<C-p>");
        for seq in 1..=4 {
            screen.says("games", seq, "cyd", "your turn");
        }
        screen.joined(DM, 0, &["Ana", "Bob"]);
        screen.says(DM, 1, "Bob", "just between us");
        screen.keys("draft");
    });
}

#[test]
fn a_private_room() {
    picture("private", |screen| {
        screen.keys("/msg Bob<Enter>");
    });
}

#[test]
fn wide_with_rooms_and_people() {
    let mut screen = Screen::live(110, 16);
    conversation(&mut screen);
    screen.keys("/join games<Enter>");
    screen.joined("games", 0, &["Ana", "Bob"]);
    screen.keys("<C-p>");
    screen.says("games", 1, "Bob", "Ana?");
    insta::assert_snapshot!("wide-110x16", screen.shown());
}

#[test]
fn somebody_is_typing() {
    picture("typing", |screen| {
        conversation(screen);
        screen.frame(&json!({"type": "typing", "room": "lobby", "names": ["Bob", "cyd"]}));
    });
}

#[test]
fn history_comes_as_one_scrolls_up() {
    let mut screen = Screen::new(80, 12);
    screen.welcome();
    screen.joined("lobby", 240, &["Ana", "Bob", "cyd"]);
    insta::assert_snapshot!("history-1-asked-80x12", screen.shown());
    screen.sends_page("lobby", 41, 240);
    insta::assert_snapshot!("history-2-newest-80x12", screen.shown());
    screen.keys("<Home>");
    insta::assert_snapshot!("history-3-first-80x12", screen.shown());
}

#[test]
fn offline_with_queued_and_failed_messages() {
    picture("offline", |screen| {
        conversation(screen);
        screen.keys("this one is refused<Enter>");
        let id = screen.sent.iter().rev().find_map(|frame| frame.id().cloned()).expect("an id");
        screen.frame(&json!({
            "type": "error", "code": "muted", "id": id.as_str(), "room": "lobby",
            "text": "you are muted in lobby for 10 minutes",
        }));
        screen.keys("this one is on its way<Enter>");
        screen.pass(Duration::from_secs(1));
        screen.link(LinkEvent::Lost { retry_in: Duration::from_secs(1) });
        screen.keys("this one waits<Enter>");
        screen.keys("and this is not sent yet");
    });
}

#[test]
fn a_message_that_is_late_has_a_dot() {
    picture("late", |screen| {
        screen.keys("hello<Enter>");
        screen.pass(Duration::from_millis(600));
    });
}

#[test]
fn a_taken_name_is_asked_for() {
    for (columns, rows) in SIZES {
        let mut screen = Screen::new(columns, rows);
        let name = |text| protocol::UserName::parse(text).expect("a name");
        screen.link(LinkEvent::NeedsName { tried: name("Ana"), suggest: name("Ana2") });
        insta::assert_snapshot!(format!("name-taken-{columns}x{rows}"), screen.shown());
    }
}

#[test]
fn a_password_is_asked_for_and_not_shown() {
    for (columns, rows) in SIZES {
        let mut screen = Screen::new(columns, rows);
        screen.frame(&json!({
            "type": "error", "code": "password_required", "text": "this hub asks for a password",
        }));
        screen.keys("secret");
        insta::assert_snapshot!(format!("password-{columns}x{rows}"), screen.shown());
    }
}

#[test]
fn a_known_hub_elsewhere_is_confirmed() {
    for (columns, rows) in SIZES {
        let mut screen = Screen::new(columns, rows);
        let name = protocol::UserName::parse("Ana").expect("a name");
        let known_as = "192.168.1.20".into();
        screen.link(LinkEvent::ConfirmHub { known_as, loses_tls: false, name });
        insta::assert_snapshot!(format!("confirm-hub-{columns}x{rows}"), screen.shown());
    }
}

#[test]
fn an_error_leaves_the_line() {
    picture("error", |screen| {
        conversation(screen);
        screen.keys("/etc<Enter>");
    });
}

#[test]
fn a_long_draft_grows_and_then_scrolls() {
    picture("long-draft", |screen| {
        conversation(screen);
        screen.tell(Event::Paste("a line\n".repeat(9)));
        screen.keys("the end");
    });
}

#[test]
fn hostile_names_and_texts_touch_nothing() {
    picture("hostile", |screen| {
        conversation(screen);
        screen.says("lobby", 7, "аdmіn2", "\u{202E}txt.exe\u{2066} \u{200B}zero\u{FEFF}");
        screen.says("lobby", 8, "W\u{301}\u{302}\u{303}", "a\u{301}\u{302}\u{303}\u{304} stacked");
        screen.says("lobby", 9, "Bob", "a tab\there\n═══ announcement by Ana 14:00 ═══");
        screen.says("lobby", 10, "שלום", "שלום world \u{200F}x");
        screen.says(
            "lobby",
            11,
            "cyd",
            "averyveryverylongwordthatdoesnotfitonarowofthescreenatallandgoeson",
        );
    });
}

#[test]
fn wide_and_joined_characters_take_their_cells() {
    picture("cjk-zwj", |screen| {
        screen.says(
            "lobby",
            1,
            "日本語の名前がここに",
            "こんにちは、世界。これは長い文章なので折り返されます。",
        );
        screen.says("lobby", 2, "Bob", "👩‍👩‍👧‍👦 family, 🇪🇸 flag, 👍🏽 hand, ❤️ heart, 1️⃣ one");
        screen.says("lobby", 3, "cyd", "क्षि می‌خواهم e\u{301} ｶﾞ 한글");
        screen.says("lobby", 4, "cyd", "────────");
        screen.keys("日本👩‍👩‍👧‍👦");
    });
}

#[test]
fn small_screens() {
    for (columns, rows) in [(20, 5), (19, 5), (20, 4), (5, 2), (1, 1), (60, 8), (59, 8)] {
        let mut screen = Screen::live(80, 24);
        conversation(&mut screen);
        screen.keys("kept");
        screen.resize(columns, rows);
        insta::assert_snapshot!(format!("small-{columns}x{rows}"), screen.shown());
        screen.resize(80, 24);
        assert!(screen.shown().contains("> kept"), "the draft is there again");
    }
}

#[test]
fn no_size_breaks_it() {
    let mut screen = Screen::live(80, 24);
    conversation(&mut screen);
    screen.keys("/join games<Enter>");
    screen.joined("games", 0, &["Ana", "Bob"]);
    for rows in 0..30 {
        for columns in [0, 1, 2, 19, 20, 21, 40, 59, 60, 79, 80, 99, 100, 130] {
            screen.resize(columns, rows);
            screen.shown();
        }
    }
}

/// Any characters, the nasty ones often.
fn any_text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        '\u{1b}',
        '\u{7}',
        '\u{9b}',
        '\u{7f}',
        '\u{202e}',
        '\u{2066}',
        '\u{200d}',
        '\u{fe0f}',
        '\u{301}',
        '\u{200b}',
        '\u{feff}',
        '\u{e0041}',
        '\u{2028}',
        '\n',
        '\t',
        '\r',
        'ﾞ',
        '日',
        '👩',
        'ש',
        '\u{1160}',
        '\u{ad}',
    ]);
    prop::collection::vec(prop_oneof![2 => nasty, 2 => any::<char>(), 1 => Just('a')], 0..80)
        .prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn no_text_of_others_brings_a_control_to_the_screen(
        text in any_text(), columns in 20u16..130, rows in 5u16..30,
    ) {
        let mut screen = Screen::live(columns, rows);
        screen.state.settings.hub.clone_from(&text);
        screen.state.settings.invite = vec![text.clone()];
        let empty = screen.cells();
        if protocol::MessageText::parse(&text).is_ok() {
            screen.says("lobby", 1, "Bob", &text);
        }
        screen.state.rooms[0].topic.clone_from(&text);
        screen.tell(Event::Paste(text.clone()));
        screen.frame(&json!({"type": "error", "code": "storage", "text": text}));
        screen.link(LinkEvent::Stopped { why: text });
        for symbol in empty.iter().chain(&screen.cells()) {
            let mut before = None;
            for c in symbol.chars() {
                let joins = matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}');
                prop_assert!(!is_invisible(c) || (joins && before.is_some()), "{symbol:?}");
                before = Some(c);
            }
        }
    }
}
