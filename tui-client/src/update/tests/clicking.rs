//! What the mouse does.

use super::{User, sent};
use crate::{
    effect::Effect,
    event::{At, Event, Size},
    hyperlink::Hyperlink,
    timeline::{Row, Selected},
    view::{
        Canvas, layout,
        under::{Under, under},
        view,
    },
};

impl User {
    fn clicks(&mut self, column: u16, row: u16) -> Vec<Effect> {
        let at = At { column, row };
        let mut effects = self.event_is(Event::Press(at));
        effects.extend(self.event_is(Event::Release(at)));
        effects
    }

    fn selected(&self) -> Option<u64> {
        match self.state.selection.as_ref().map(|selection| &selection.at) {
            Some(Selected::Event(seq)) => Some(seq.get()),
            _ => None,
        }
    }
}

/// Rows of a terminal of 80 × 24.
const SEPARATOR: u16 = 21;
const COMPOSER: u16 = 22;

#[test]
fn a_click_on_a_message_selects_it_and_another_one_the_other() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    user.bob_says("lobby", 2, "two\nlines");
    user.types("a draft");
    // Row 1 has the day.
    user.clicks(20, 1);
    assert_eq!(user.selected(), None, "a line between days is no message");
    user.clicks(20, 2);
    assert_eq!(user.selected(), Some(1));
    user.clicks(2, 4);
    assert_eq!(user.selected(), Some(2));
    user.clicks(20, 9);
    assert_eq!(user.selected(), Some(2), "there is nothing");
    user.clicks(4, COMPOSER);
    user.types("!");
    assert_eq!((user.selected(), user.draft()), (None, "a !draft"));
}

#[test]
fn a_drag_is_no_click_and_says_once_how_to_select() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "one");
    let (from, to) = (At { column: 20, row: 2 }, At { column: 25, row: 2 });
    for event in [Event::Press(from), Event::Drag, Event::Release(from)] {
        user.event_is(event);
    }
    assert_eq!(user.selected(), None);
    assert_eq!(user.separator(), "Shift+drag selects; Alt+L for bare view");
    user.waits(5_000);
    for event in [Event::Press(from), Event::Drag, Event::Release(to)] {
        user.event_is(event);
    }
    assert_eq!((user.selected(), user.separator()), (None, String::new()));
}

#[test]
fn the_click_that_gives_a_window_the_focus_does_nothing_else() {
    let mut user = User::in_two_rooms();
    user.event_is(Event::Focus(false));
    user.event_is(Event::Focus(true));
    user.clicks(3, 2);
    assert_eq!(user.shown(), "lobby");
    user.waits(200);
    user.clicks(3, 2);
    assert_eq!(user.shown(), "games");
}

#[test]
fn a_click_on_a_room_or_a_person_goes_there() {
    let mut user = User::in_two_rooms();
    user.types("<a-m>");
    user.clicks(3, 2);
    assert_eq!(user.shown(), "games");
    user.clicks(3, 9);
    assert_eq!(user.shown(), "games");

    let mut user = User::in_lobby();
    user.clicks(70, 1);
    assert_eq!(user.shown(), "lobby", "that is oneself");
    user.clicks(70, 2);
    assert_eq!(user.shown(), "@Bob");
}

#[test]
fn a_click_on_what_is_new_below_follows_again() {
    let mut user = User::in_lobby();
    for seq in 1..=60 {
        user.bob_says("lobby", seq, "more");
    }
    user.types("<pgup>");
    user.clicks(3, SEPARATOR);
    assert!(!user.state.room().timeline().is_at_newest(), "nothing is said there yet");
    user.bob_says("lobby", 61, "news");
    user.clicks(3, SEPARATOR);
    assert!(user.state.room().timeline().is_at_newest());
}

#[test]
fn a_click_on_a_preview_goes_where_that_was_said() {
    let mut user = User::in_two_rooms();
    user.bob_says("games", 1, "Ana: your turn");
    assert!(user.separator().starts_with("Bob (games)"), "{}", user.separator());
    user.clicks(3, SEPARATOR);
    assert_eq!((user.shown().as_str(), user.separator().as_str()), ("games", ""));
}

#[test]
fn a_click_on_a_link_opens_it_and_where_that_fails_it_is_copied() {
    let mut user = User::in_lobby();
    user.bob_says("lobby", 1, "see https://a.example/b there");
    user.clicks(20, 2);
    assert_eq!(user.selected(), Some(1), "beside the link");
    user.types("<esc>");
    let effects = user.clicks(23, 2);
    let address = "https://a.example/b".to_owned();
    assert_eq!(effects, [Effect::Open(address.clone())]);
    assert_eq!(user.separator(), "opening https://a.example/b");
    let why = "no browser can be opened here".to_owned();
    let effects = user.event_is(Event::NotOpened { address: address.clone(), why });
    assert_eq!(effects, [Effect::Copy(address)]);
    let said = "no browser can be opened here; link copied, if the terminal allows";
    assert_eq!(user.separator(), said);
}

#[test]
fn a_click_on_a_gap_fetches_it() {
    let mut user = User::starts();
    user.connects();
    let effects = user.joined("lobby", 1000);
    let id = super::frames(&effects).find_map(|frame| frame.id()).unwrap().to_string();
    user.refused(&id, "forbidden", None);
    let effects = user.clicks(30, 1);
    assert_eq!(sent(&effects).len(), 1, "{effects:?}");
}

#[test]
fn a_click_on_a_row_of_a_list_chooses_it() {
    let mut user = User::in_two_rooms();
    user.types("<c-g>");
    assert_eq!(user.panel()[1], "games");
    user.clicks(10, 3);
    assert_eq!((user.shown().as_str(), user.state.panel.is_none()), ("games", true));

    user.types("<a-w>");
    assert_eq!(user.panel(), ["Ana", "Bob"]);
    user.clicks(3, 1);
    assert!(user.state.panel.is_some(), "a title is no row");
    user.clicks(3, 3);
    assert_eq!((user.shown().as_str(), user.state.panel.is_none()), ("@Bob", true));
}

#[test]
fn a_click_on_a_listed_room_joins_it() {
    let mut user = User::in_lobby();
    let effects = user.types("/rooms<ret>");
    let id = super::frames(&effects).find_map(|frame| frame.id()).unwrap().to_string();
    user.hears(&format!(
        r#"{{"type":"rooms","id":"{id}","more":false,
        "rooms":[{{"room":"tea","topic":"","members":2,"head":9,"mine":false}}]}}"#
    ));
    let effects = user.clicks(5, 2);
    assert_eq!(sent(&effects), [r#"{"room":"tea","type":"join"}"#]);
}

#[test]
fn a_click_on_an_offered_word_takes_it() {
    let mut user = User::in_lobby();
    user.types("/re<tab>");
    assert_eq!(user.draft(), "/reply ");
    // The last of three, in the row above the separator.
    user.clicks(5, SEPARATOR - 1);
    assert_eq!(user.draft(), "/reconnect ");
    assert!(user.state.composer.completion.is_none());
}

#[test]
fn a_click_in_the_draft_puts_the_cursor_before_what_is_there() {
    let mut user = User::in_lobby();
    user.pastes("one\n日本語 e\u{301}nd\nthree");
    // Three rows: the separator is two rows further up.
    for (column, row, before) in [
        (2, 20, ""),
        (4, 20, "on"),
        (40, 20, "one"),
        (4, 21, "one\n日"),
        (5, 21, "one\n日"),
        (10, 21, "one\n日本語 e\u{301}"),
        (0, 22, "one\n日本語 e\u{301}nd\n"),
        (79, 22, "one\n日本語 e\u{301}nd\nthree"),
    ] {
        user.clicks(column, row);
        let draft = &user.state.composer.draft;
        assert_eq!(&draft.text()[..draft.cursor()], before, "at {column}, {row}");
    }
}

#[test]
fn the_terminal_is_told_when_the_mouse_is_wanted_and_when_not() {
    let mut user = User::in_lobby();
    assert_eq!(user.types("/mouse<ret>"), []);
    assert_eq!(user.separator(), "mouse on: click opens, wheel scrolls, Shift+drag selects");
    assert_eq!(user.types("/mouse off<ret>"), [Effect::Mouse(false)]);
    assert_eq!(user.separator(), "mouse off: it is your terminal's; the wheel types nothing");
    assert_eq!(user.types("/mouse off<ret>"), []);
    assert_eq!(user.types("<a-l><esc>"), [], "the bare view changes nothing about it");
    assert_eq!(user.types("/mouse on<ret>"), [Effect::Mouse(true)]);
    user.types("/mouse maybe<ret>");
    assert_eq!(user.separator(), "the mouse is on or off: /mouse on, or /mouse off");
    assert_eq!(user.draft(), "/mouse maybe");
    let user = User::starts_with(|settings| settings.preferences.mouse = false);
    assert!(!user.state.wants_mouse());
}

#[test]
fn a_question_is_answered_first_and_small_windows_have_nothing_to_click() {
    let mut user = User::in_two_rooms();
    user.hears(r#"{"type":"error","code":"name_taken","text":"no","suggest":"Ana2"}"#);
    let is_asked = user.state.prompt.is_some();
    user.clicks(3, 2);
    assert!(!is_asked || user.shown() == "lobby");
    user.event_is(Event::Resize(Size { columns: 5, rows: 2 }));
    for row in 0..3 {
        user.clicks(1, row);
    }
}

/// Talk of links, pictures and long lines, in a window of this size.
fn long_talk(columns: u16, rows: u16) -> User {
    let mut user = User::in_lobby();
    user.event_is(Event::Resize(Size { columns, rows }));
    for seq in 1..=30 {
        let text =
            format!("日本 {seq} see https://a.example/{seq}/and/a/path/that/is/wrapped ok\nnext");
        user.bob_says("lobby", seq, &text);
    }
    user
}

#[test]
fn what_is_drawn_as_a_link_is_one_under_the_mouse_and_nothing_else_is() {
    for (columns, rows) in [(80, 24), (61, 12), (40, 10), (20, 5)] {
        let mut user = long_talk(columns, rows);
        user.event_is(Event::Wheel(-1));
        let mut canvas = Canvas::default();
        view(&user.state, &mut canvas);
        let mut links = 0;
        for at in cells(columns, rows) {
            let drawn = canvas.link_at(at.column.into(), at.row).map(Hyperlink::target);
            let found = under(&user.state, at);
            let found = if let Under::Link(target) = &found { Some(target.as_str()) } else { None };
            assert_eq!(found, drawn, "{at:?} of {columns} × {rows}");
            links += usize::from(drawn.is_some());
        }
        assert!(links > 0, "{columns} × {rows}");
    }
}

#[test]
fn the_message_under_the_mouse_is_the_one_that_is_drawn_there() {
    for (columns, rows) in [(80, 24), (61, 12), (40, 10)] {
        let mut checked = 0;
        for at in cells(columns, rows).filter(|at| at.column == 1) {
            let mut user = long_talk(columns, rows);
            let Under::Said(what) = under(&user.state, at) else { continue };
            let row = usize::from(at.row) - 1;
            let before = rows_of(&user).swap_remove(row);
            user.clicks(at.column, at.row);
            let after = rows_of(&user).swap_remove(row);
            assert_eq!(user.state.selection.as_ref().map(|on| &on.at), Some(&what));
            // Where a part of it was out of sight it has moved.
            if after.pieces.last() == before.pieces.last() {
                assert!(after.is_selected, "{at:?} of {columns} × {rows}");
                checked += 1;
            }
        }
        assert!(checked > 3, "{columns} × {rows}");
    }
}

fn rows_of(user: &User) -> Vec<Row> {
    let view = layout::viewport(&user.state);
    user.state.room().timeline().rows(&view)
}

fn cells(columns: u16, rows: u16) -> impl Iterator<Item = At> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| At { column, row }))
}
