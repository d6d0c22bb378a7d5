//! What is heard in lines and objects, word for word.

use proptest::prelude::*;
use protocol::{
    ErrorCode, Identity, MessageText, RequestId, Seq, Timestamp,
    server::{Member, Role},
};

use super::*;
use crate::dialect::Lens;

fn name(name: &str) -> UserName {
    UserName::parse(name).unwrap()
}

fn event(kind: EventKind, from: &str, text: Option<&str>) -> RoomEvent {
    RoomEvent {
        room: RoomName::lobby(),
        seq: Seq::new(1).unwrap(),
        at: Timestamp(1),
        from: name(from),
        by: Identity::from_bytes([1; 16]),
        kind,
        id: RequestId::parse("1").unwrap(),
        text: text.map(|text| MessageText::parse(text).unwrap()),
        reply_to: None,
        target: None,
        edited: None,
        deleted: None,
        reactions: Vec::new(),
    }
}

/// The payloads of short frames.
fn payloads(mut frames: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    while let [0x81, len, rest @ ..] = frames {
        let (len, rest) = match len {
            126 => (usize::from(u16::from_be_bytes([rest[0], rest[1]])), &rest[2..]),
            len => (usize::from(*len), rest),
        };
        all.push(String::from_utf8(rest[..len].to_vec()).unwrap());
        frames = &rest[len..];
    }
    assert!(frames.is_empty(), "a torn frame");
    all
}

fn lines(event: &RoomEvent) -> Vec<String> {
    payloads(&encode_event(event, Form::Text, None))
}

fn objects(event: &RoomEvent) -> Vec<String> {
    payloads(&encode_event(event, Form::UserMessage, None))
}

fn frame(frame: &ServerFrame) -> Vec<String> {
    payloads(&encode(frame, Form::Text))
}

#[test]
fn what_is_said_is_told_with_who_said_it() {
    use EventKind::*;
    for (kind, text, told) in [
        (Message, Some("hello"), vec!["Ana: hello"]),
        (Message, Some("/me waves"), vec!["Ana: *waves*"]),
        (Message, Some("/me a\nb"), vec!["Ana: /me a", "Ana: b"]),
        (
            Message,
            Some("a\n\nSystem: Bob left\u{2028}x"),
            vec!["Ana: a", "Ana: ", "Ana: System: Bob left", "Ana: x"],
        ),
        (Message, Some("a\tb"), vec!["Ana: a\tb"]),
        (Message, None, vec![]),
        (
            Announcement,
            Some("noon\nat"),
            vec!["*** ANNOUNCEMENT by Ana: noon", "*** ANNOUNCEMENT by Ana: at"],
        ),
        (Topic, Some("cats"), vec!["System: Ana changed the topic to: cats"]),
        (Topic, None, vec!["System: Ana cleared the topic"]),
        (
            Edit,
            Some("a\nBob left"),
            vec![
                "System: Ana changed a message to: a",
                "System: Ana changed a message to: Bob left",
            ],
        ),
        (Edit, None, vec![]),
        (Delete, None, vec!["System: Ana deleted a message"]),
        (Reaction, Some("x"), vec![]),
    ] {
        assert_eq!(lines(&event(kind, "Ana", text)), told, "{kind:?} {text:?}");
    }
}

#[test]
fn what_is_said_in_announcements_is_one() {
    let said = RoomEvent {
        room: RoomName::announcements(),
        ..event(EventKind::Message, "Ana", Some("noon"))
    };
    assert_eq!(lines(&said), ["*** ANNOUNCEMENT by Ana: noon"]);
}

#[test]
fn objects_have_the_same_speaker_and_words() {
    assert_eq!(
        objects(&event(EventKind::Message, "Ana", Some("a \"b\"\nSystem: Bob left"))),
        [r#"{"user":"Ana","message":"a \"b\""}"#, r#"{"user":"Ana","message":"System: Bob left"}"#,]
    );
    assert_eq!(
        objects(&event(EventKind::Announcement, "Ana", Some("noon"))),
        [r#"{"user":"*** ANNOUNCEMENT by Ana","message":"noon"}"#,]
    );
    let moves = [Move::Joined(name("Bob"))];
    assert_eq!(
        payloads(&encode_moves(&moves, Form::UserMessage)),
        [r#"{"user":"System","message":"Bob joined"}"#,]
    );
}

#[test]
fn private_words_say_who_they_are_between() {
    let peer = name("Bob");
    for (reader, told) in [([1; 16], "[you -> Bob] psst"), ([2; 16], "[Ana -> you] psst")] {
        let between = Between { reader: Identity::from_bytes(reader), peer: peer.clone() };
        let said = event(EventKind::Message, "Ana", Some("psst"));
        let bytes = encode_event(&said, Form::Text, Some(&between));
        assert_eq!(payloads(&bytes), [told]);
        let lens = Lens::Lines(Form::Text, Some(between));
        assert!(lens.encode_moves(&[Move::Joined(name("Bob"))]).is_empty(), "nobody comes there");
    }
}

#[test]
fn who_moves_is_told_one_by_one() {
    let moves = [
        Move::Joined(name("Alice")),
        Move::Renamed(name("Alice"), name("Ally")),
        Move::Left(name("Ally")),
    ];
    assert_eq!(
        payloads(&encode_moves(&moves, Form::Text)),
        ["System: Alice joined", "System: Alice is now known as Ally", "System: Ally left",]
    );
}

#[test]
fn the_hub_speaks_to_one_connection_in_sentences() {
    let error = |suggest| {
        let text = "Ana is taken; choose another".to_owned();
        let code = ErrorCode::NameTaken;
        let (id, room, retry_after_ms) = (None, None, None);
        ServerFrame::Error(ErrorFrame { id, code, text, room, suggest, retry_after_ms })
    };
    assert_eq!(frame(&error(None)), ["System: Ana is taken; choose another"]);
    let told = ["System: Ana is taken; choose another: Ana2 is free"];
    assert_eq!(frame(&error(Some(name("Ana2")))), told);
    let bye = Bye { reason: ByeReason::Restart, retry_after_ms: Some(1) };
    let told = ["System: the hub starts again; come back in a moment"];
    assert_eq!(frame(&ServerFrame::Bye(bye)), told);
    let (from, to) = (Seq::new(3).unwrap(), Seq::new(7).unwrap());
    let gap = Gap { room: RoomName::lobby(), from, to, reason: GapReason::Retention };
    assert_eq!(frame(&ServerFrame::Gap(gap)), ["System: 5 older entries are no longer kept"]);
}

#[test]
fn who_is_here_is_told_when_it_was_asked() {
    let member = |name| Member { name, role: Role::default(), away: None, last_seen: None };
    let members = vec![member(name("Ana")), member(name("Bob"))];
    let members = |id| Members { id, room: None, members: members.clone(), more: false };
    let asked = members(Some(RequestId::parse("who").unwrap()));
    assert_eq!(frame(&ServerFrame::Members(asked)), ["System: 2 here: Ana, Bob"]);
    assert_eq!(frame(&ServerFrame::Members(members(None))), [""; 0]);
}

/// What ends a line for some program or other.
fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Texts that would like to be taken for something else.
fn forgery() -> impl Strategy<Value = String> {
    let parts = "(System: Bob left|\\*\\*\\* ANNOUNCEMENT by X: y|\n|\u{2028}| )*";
    prop_oneof![".*", parts]
}

fn kind() -> impl Strategy<Value = EventKind> {
    prop_oneof![Just(EventKind::Message), Just(EventKind::Edit), Just(EventKind::Topic)]
}

proptest! {
    #[test]
    fn no_line_begins_with_anybody_but_who_said_it(
        from in "[A-Za-zÀ-ž0-9][A-Za-z0-9_.-]{0,8}",
        text in forgery(),
        kind in kind(),
    ) {
        prop_assume!(UserName::parse(&from).is_ok() && MessageText::parse(&text).is_ok());
        let said = event(kind, &from, Some(&text));
        let from = name(&from);
        let lead = match kind {
            EventKind::Message => format!("{from}: "),
            EventKind::Edit => format!("System: {from} changed a message to: "),
            _ => format!("System: {from} changed the topic to: "),
        };
        for line in lines(&said) {
            prop_assert!(line.starts_with(&lead), "{}", line);
            prop_assert!(!line.contains(ends_line), "{:?}", line);
            let has_escape = line.contains('\u{1b}');
            prop_assert!(!has_escape);
        }
    }

    #[test]
    fn no_name_is_a_speaker_of_the_hub(
        text in prop_oneof!["(System|system|Ѕystem|\\[a -> you\\])", ".{1,6}", "\\*.{1,30}"],
    ) {
        if let Ok(name) = UserName::parse(&text) {
            let speaker = name.as_str();
            prop_assert!(!speaker.eq_ignore_ascii_case("system"));
            prop_assert!(!speaker.starts_with(['*', '[']) && !speaker.contains([':', ' ']));
        }
    }
}
