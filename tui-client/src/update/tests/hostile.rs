//! Whatever a hub says and whatever the size: nothing panics, and what is drawn is text.

use proptest::prelude::*;
use protocol::codec::decode_server;
use serde_json::{Value, json};

use super::{ANA, BOB, EPOCH, PRIVATE, User};
use crate::{
    composer::Draft,
    event::{Event, LinkEvent, Size},
    strict,
    terminal::painted,
    view::view,
    wrap::wrap,
};

/// What does something to a terminal, cannot be seen, joins or stacks.
const NASTY: [char; 34] = [
    '\0',
    '\u{7}',
    '\u{8}',
    '\t',
    '\n',
    '\r',
    '\u{1b}',
    '\u{7f}',
    '\u{85}',
    '\u{9b}',
    '\u{9c}',
    '\u{ad}',
    '\u{301}',
    '\u{94d}',
    'क',
    '\u{115f}',
    '\u{1100}',
    '\u{1161}',
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{202e}',
    '\u{2028}',
    '\u{2066}',
    '\u{fe0f}',
    '\u{feff}',
    '\u{fff9}',
    '\u{ffff}',
    '\u{e0061}',
    '日',
    '👩',
    '🏽',
    '\u{1f1e6}',
    'ﾞ',
];
/// Seqs at which arithmetic could go wrong.
const SEQS: [u64; 6] = [0, 1, 2, 200, (1 << 53) - 2, (1 << 53) - 1];
const TIMES: [i64; 5] = [i64::MIN, -1, 0, 1_767_225_600_000, i64::MAX];
const ROOMS: [&str; 5] = ["lobby", "games", PRIVATE, "announcements", "nowhere"];
const KINDS: [&str; 7] =
    ["message", "announcement", "topic", "edit", "delete", "reaction", "notice"];

fn text() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        3 => prop::sample::select(NASTY.to_vec()),
        1 => any::<char>(),
        2 => prop::char::range('a', 'e'),
        1 => Just(' '),
    ];
    let chars = prop::collection::vec(c, 0..40);
    let text = chars.prop_map(|chars| chars.into_iter().collect::<String>());
    let calm = text.clone().prop_map(|text| allowed(&text));
    prop_oneof![2 => text, 6 => calm, 1 => text_with_a_link()]
}

/// What the protocol lets through of a text: all but controls.
fn allowed(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn text_with_a_link() -> impl Strategy<Value = String> {
    "see https://[a-z\u{202e}\u{1b}日;]{0,9} \\PC{0,9}"
}

fn seq() -> impl Strategy<Value = u64> {
    prop_oneof![1 => prop::sample::select(SEQS.to_vec()), 2 => 0u64..40]
}

fn event() -> impl Strategy<Value = Value> {
    let what = (prop::sample::select(KINDS.to_vec()), prop::sample::select(ROOMS.to_vec()));
    let when = (seq(), prop::sample::select(TIMES.to_vec()));
    let by = prop::sample::select(vec![("Ana", ANA), ("Bob", BOB)]);
    (what, when, by, prop::option::of(text()), prop::option::of(seq()), prop::option::of(seq()))
        .prop_map(|((kind, room), (seq, at), (from, by), text, reply_to, target)| {
            json!({
                "type": "event", "room": room, "seq": seq, "at": at, "from": from, "by": by,
                "kind": kind, "id": format!("e{seq}"), "text": text, "reply_to": reply_to,
                "target": target,
            })
        })
}

/// Any frame, also such as never comes then.
fn frame() -> impl Strategy<Value = Value> {
    let room = prop::sample::select(ROOMS.to_vec());
    let time = prop::sample::select(TIMES.to_vec());
    let wait = prop::sample::select(vec![None, Some(0), Some(u64::MAX)]);
    let some = (room, text(), seq(), seq(), time, wait, prop::collection::vec(event(), 0..5));
    let other = (0u8..14, some).prop_map(|(which, (room, text, one, two, at, wait, events))| {
        let person = json!({"name": "Bob", "role": "member", "away": text, "last_seen": at});
        match which {
            0 => json!({
                "type": "joined", "room": room, "peer": room.starts_with("dm").then_some("Bob"),
                "topic": text, "head": one, "oldest": two, "read": two, "epoch": EPOCH,
                "count": u32::MAX, "members": [person], "more": true,
            }),
            1 => json!({"type": "ack", "id": "x", "room": room, "seq": one, "at": at}),
            2 => json!({
                "type": "page", "room": room, "events": events, "oldest": one, "as_of": two,
                "gap": {"from": two, "to": one, "reason": "retention"}, "more": one % 2 == 0,
            }),
            3 => json!({"type": "rooms", "rooms": [{"room": room, "topic": text, "members": 9,
                "head": one, "mine": true}], "more": true}),
            4 => json!({"type": "members", "room": room, "members": [person], "more": false}),
            5 => json!({"type": "presence", "room": room, "left": ["Bob"], "joined": [person],
                "renamed": [{"from": "Bob", "to": "Cyd"}, {"from": "Cyd", "to": "Ana"}],
                "count": one % 70}),
            6 => json!({"type": "gap", "room": room, "from": one, "to": two, "reason": "epoch"}),
            7 => json!({"type": "gap", "room": room, "from": two, "to": one,
                "reason": "retention"}),
            8 => json!({"type": "left", "room": room}),
            9 => json!({"type": "renamed", "from": "Ana", "to": "Ally"}),
            10 => json!({"type": "read", "room": room, "seq": one}),
            11 => json!({"type": "typing", "room": room, "names": ["Bob", "Bob", "Ana"]}),
            12 => json!({"type": "bye", "reason": "restart", "retry_after_ms": wait}),
            _ => json!({"type": "error", "code": "storage", "text": text, "room": room,
                "retry_after_ms": wait}),
        }
    });
    prop_oneof![event(), other]
}

#[derive(Clone, Debug)]
enum Step {
    Hears(Value),
    Resizes(u16, u16),
    Types(&'static str),
    Pastes(String),
    Waits(u64),
}

fn step() -> impl Strategy<Value = Step> {
    const KEYS: [&str; 9] = [
        "<ret>",
        "<esc>",
        "<pgup>",
        "<home>",
        "<a-m>",
        "<c-n>",
        "<c-g>",
        "/who<ret>",
        "/help<ret>",
    ];
    prop_oneof![
        6 => frame().prop_map(Step::Hears),
        2 => (0u16..=25, 0u16..=6).prop_map(|(columns, rows)| Step::Resizes(columns, rows)),
        1 => (20u16..=120, 5u16..=12).prop_map(|(columns, rows)| Step::Resizes(columns, rows)),
        1 => prop::sample::select(KEYS.to_vec()).prop_map(Step::Types),
        1 => text().prop_map(Step::Pastes),
        1 => (0u64..40_000).prop_map(Step::Waits),
    ]
}

fn take(user: &mut User, step: Step) {
    match step {
        // What the protocol does not allow never gets so far.
        Step::Hears(frame) => {
            if let Ok(frame) = decode_server(&frame.to_string()) {
                user.link(LinkEvent::Frame(Box::new(frame)));
            }
        }
        Step::Resizes(columns, rows) => {
            user.event_is(Event::Resize(Size { columns, rows }));
        }
        Step::Types(keys) => drop(user.types(keys)),
        Step::Pastes(text) => drop(user.pastes(&text)),
        Step::Waits(millis) => drop(user.waits(millis)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn whatever_a_hub_says_the_terminal_gets_text(steps in prop::collection::vec(step(), 1..40)) {
        let mut user = User::in_lobby();
        for step in steps {
            take(&mut user, step);
            let bytes = painted(|canvas| view(&user.state, canvas));
            prop_assert_eq!(strict::check(&bytes), Ok(()));
            prop_assert!(user.state.next_deadline().is_none_or(|at| at > user.now.mono));
        }
    }

    #[test]
    fn in_few_columns_no_row_is_too_wide(text in text(), first in 0usize..=5, rest in 0usize..=5) {
        let rows = wrap(&text, first, rest);
        for (row, width) in rows.iter().zip(std::iter::once(first).chain(std::iter::repeat(rest))) {
            prop_assert!(row.text.cells() <= width);
            prop_assert!(text.is_char_boundary(row.from));
            prop_assert_eq!(strict::check_lines(row.text.as_str().as_bytes()), Ok(()));
        }
        let draft = Draft::of(&text);
        let rows = draft.rows(first);
        prop_assert!(rows.iter().all(|row| draft.text().get(row.clone()).is_some()));
    }
}
