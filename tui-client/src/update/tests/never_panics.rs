//! Whatever comes in whatever order: nothing panics, and what must hold holds.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation as _;

use super::{BOB, PRIVATE, User};
use crate::{
    event::{At, Event, Key, KeyCode, Size},
    state::State,
    view::{Canvas, view},
};

const CODES: [KeyCode; 15] = [
    KeyCode::Enter,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Backspace,
    KeyCode::Delete,
    KeyCode::Esc,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Char('/'),
];

#[derive(Clone, Debug)]
enum Step {
    Key(Key),
    Types(String),
    Paste(String),
    /// A whole line, as where there is no screen.
    Line(String),
    /// What an editor left.
    Edited(String),
    Resize(u16, u16),
    Wheel(i16),
    /// The button goes down and up, here or there.
    Click((u16, u16), (u16, u16)),
    Drag,
    Focus(bool),
    Wait(u64),
    Happens(u8, u64),
}

fn key() -> impl Strategy<Value = Key> {
    let code = prop_oneof![
        prop::sample::select(CODES.to_vec()),
        prop::char::any().prop_map(KeyCode::Char),
        prop::char::range('a', 'z').prop_map(KeyCode::Char),
        prop::sample::select(vec!['_', 'x', 'u', 'e', 'l', 'm']).prop_map(KeyCode::Char),
    ];
    (code, prop::bool::weighted(0.4), prop::bool::weighted(0.3), any::<bool>())
        .prop_map(|(code, ctrl, alt, shift)| Key { code, ctrl, alt, shift })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé日👩\u{200d}\u{301}🇩🇪 \n\r\t/-]{0,40}",
        "/(name|nick|join|rooms|leave|msg|me|who|whois)( [a-z]{1,4}){0,2}",
        "/(topic|away|invite|retry|discard|help|bare|mouse)( [a-z]{1,4}){0,2}",
        "/(ignore|unignore|peek|dnd)( @?(Bob|lobby|games|on))?",
        "/(reply|edit|delete)( [0-9]{1,2}| [a-z]{1,4}){0,2}",
    ]
}

/// Now and then more than one message holds.
fn pasted() -> impl Strategy<Value = String> {
    prop_oneof![3 => text(), 1 => (0usize..2000).prop_map(|count| "wörd ".repeat(count))]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => key().prop_map(Step::Key),
        3 => text().prop_map(Step::Types),
        1 => pasted().prop_map(Step::Paste),
        1 => text().prop_map(Step::Line),
        1 => pasted().prop_map(Step::Edited),
        1 => (0u16..200, 0u16..80).prop_map(|(columns, rows)| Step::Resize(columns, rows)),
        1 => any::<i16>().prop_map(Step::Wheel),
        2 => ((0u16..100, 0u16..30), prop::bool::weighted(0.9)).prop_map(|(at, stays)| {
            Step::Click(at, if stays { at } else { (0, 0) })
        }),
        1 => Just(Step::Drag),
        1 => any::<bool>().prop_map(Step::Focus),
        1 => (0u64..3000).prop_map(Step::Wait),
        4 => (0u8..21, 0u64..400).prop_map(|(what, seq)| Step::Happens(what, seq)),
    ]
}

/// What the hub may do, at times when it should not.
fn happens(user: &mut User, what: u8, seq: u64) {
    if what == 14 {
        user.is_disk_full = !user.is_disk_full;
        return;
    }
    if what == 15 {
        let before = std::mem::replace(user, User::starts());
        *user = before.crashes();
        return;
    }
    let place = user.state.outbox.places().next().map(ToString::to_string);
    let room = place.as_deref().unwrap_or("lobby").trim_start_matches('@').to_owned();
    let id = user.state.outbox.ids().first().cloned().unwrap_or_else(|| "x".into());
    let name_taken = r#"{"type":"error","code":"name_taken","text":"no","suggest":"Ana2"}"#;
    drop(match what {
        0 => user.connects(),
        1 => user.lost(),
        2 => user.joined("lobby", seq),
        3 => user.joined("games", seq),
        4 => user.joined_in_private(seq),
        5 => user.bob_says("lobby", seq, "hi Ana"),
        6 => user.event(PRIVATE, seq, "Bob", BOB, "b", "psst"),
        7 => user.acked(&id, &room, seq),
        8 => user.refused(&id, "muted", None),
        9 => user.refused(&id, "storage", Some(seq)),
        10 => user.hears(r#"{"type":"left","room":"lobby"}"#),
        11 => user.hears(name_taken),
        12 => user.hears(&format!(
            r#"{{"type":"page","room":"lobby","events":[],"oldest":1,"as_of":{seq},"more":false}}"#
        )),
        16 => user.hears(&format!(r#"{{"type":"read","room":"lobby","seq":{seq}}}"#)),
        17 => user.hears(r#"{"type":"typing","room":"lobby","names":["Bob"]}"#),
        18 => user.hears(&event(seq, "message", r#","text":"so","reply_to":2"#)),
        19 => user.hears(&event(seq, "edit", &format!(r#","text":"else","target":{}"#, seq / 2))),
        20 => user.hears(&event(seq, "delete", &format!(r#","target":{}"#, seq / 2))),
        _ => user.hears(&format!(
            r#"{{"type":"gap","room":"lobby","from":1,"to":{seq},"reason":"epoch"}}"#
        )),
    });
}

/// An event of the lobby, by Ana herself now and then.
fn event(seq: u64, kind: &str, rest: &str) -> String {
    let (from, by) = if seq.is_multiple_of(3) { ("Ana", super::ANA) } else { ("Bob", BOB) };
    format!(
        r#"{{"type":"event","room":"lobby","seq":{seq},"at":0,"from":"{from}","by":"{by}",
        "kind":"{kind}","id":"e{seq}"{rest}}}"#
    )
}

fn take(user: &mut User, step: Step) {
    match step {
        Step::Key(key) => drop(user.event_is(Event::Key(key))),
        Step::Types(text) => {
            for c in text.chars() {
                let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
                drop(user.event_is(Event::Key(super::plain(code))));
            }
        }
        Step::Paste(text) => drop(user.pastes(&text)),
        Step::Line(text) => drop(user.event_is(Event::Line(text))),
        Step::Edited(text) => drop(user.event_is(Event::Edited(Ok(text)))),
        Step::Resize(columns, rows) => {
            drop(user.event_is(Event::Resize(Size { columns, rows })));
        }
        Step::Wheel(rows) => drop(user.event_is(Event::Wheel(rows))),
        Step::Click(from, to) => {
            let at = |(column, row)| At { column, row };
            drop(user.event_is(Event::Press(at(from))));
            drop(user.event_is(Event::Release(at(to))));
        }
        Step::Drag => drop(user.event_is(Event::Drag)),
        Step::Focus(focused) => drop(user.event_is(Event::Focus(focused))),
        Step::Wait(millis) => drop(user.waits(millis)),
        Step::Happens(what, seq) => happens(user, what, seq),
    }
}

fn holds(user: &User) {
    assert!(user.state.current < user.state.rooms.len());
    let field = user.state.field();
    let (text, cursor) = (field.draft.text(), field.draft.cursor());
    let is_boundary =
        cursor == text.len() || text.grapheme_indices(true).any(|(at, _)| at == cursor);
    assert!(is_boundary, "{text:?} at {cursor}");
    assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')), "{text:?}");
    if let Some(selection) = &user.state.selection {
        assert_eq!(selection.place, user.state.room().place);
    }
    let view = crate::view::layout::viewport(&user.state);
    assert!(user.state.room().timeline().rows(&view).len() <= usize::from(view.rows));
    if let Some(deadline) = user.state.next_deadline() {
        assert!(deadline > user.now.mono, "a time in the past would be waited for forever");
    }
    let mut busy = std::collections::HashSet::new();
    for message in user.state.outbox.sent() {
        assert!(busy.insert(message.place.clone()), "two in flight in {}", message.place);
    }
    drop(user.state.panel_lines());
    drop(user.state.separator_line());
    let mut fresh = user.state.clone();
    fresh.rooms[fresh.current].rest();
    assert!(drawn(&user.state) == drawn(&fresh), "what is kept laid out is not what is there");
}

fn drawn(state: &State) -> Canvas {
    let mut canvas = Canvas::default();
    view(state, &mut canvas);
    canvas
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_happens(steps in prop::collection::vec(step(), 0..60)) {
        let mut user = User::starts();
        for step in steps {
            take(&mut user, step);
            holds(&user);
        }
    }
}
