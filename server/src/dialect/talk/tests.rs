//! What is said in lines and objects, as frames.

use proptest::prelude::*;
use protocol::{SessionId, codec};

use super::*;

const SESSION: SessionId = SessionId(1);

fn talk(query: &str) -> Talk {
    Talk::of(query).unwrap()
}

/// What a connection asks with this frame, as JSON or sentences.
fn asks(talk: &mut Talk, text: &str) -> Vec<String> {
    let heard = talk.hear(SESSION, text);
    let mut all = match heard {
        Heard::Typed => vec!["typed".to_owned()],
        Heard::Quit => vec!["quit".to_owned()],
        Heard::Visit(visit) => vec![format!("visit {}", visit.name)],
        Heard::Asked => Vec::new(),
    };
    while let Some(asked) = talk.next() {
        all.push(match asked {
            Ok(frame) => codec::encode_client(&frame),
            Err(error) => error.refusal.text,
        });
    }
    all
}

fn say(id: u64, text: &str) -> String {
    format!(r#"{{"type":"say","id":"{id}","room":"lobby","text":"{text}"}}"#)
}

#[test]
fn a_line_is_a_message_without_what_ends_it() {
    let mut ana = talk("name=Ana");
    for (id, (line, text)) in (1..).zip([
        ("hello", "hello"),
        ("hello\n", "hello"),
        ("hello\r\n", "hello"),
        ("a\nb\n", r"a\nb"),
        ("//etc is a path", "/etc is a path"),
        ("/me waves", "/me waves"),
        ("  two  ", "  two  "),
        (r#"{"user":"Bob"}"#, r#"{\"user\":\"Bob\"}"#),
        ("System: Bob left", "System: Bob left"),
    ]) {
        assert_eq!(asks(&mut ana, line), [say(id, text)], "{line}");
    }
    for nothing in ["", "\n", "\r\n"] {
        assert_eq!(asks(&mut ana, nothing), [""; 0]);
    }
}

#[test]
fn commands_do_what_they_say() {
    let mut ana = talk("name=Ana&room=games");
    for (line, asked) in [
        ("/name Ally", r#"{"type":"name","name":"Ally"}"#),
        ("/nick Ally\n", r#"{"type":"name","name":"Ally"}"#),
        (
            "/msg Bob are you\nthere?",
            r#"{"type":"direct","id":"1","to":"Bob","text":"are you\nthere?"}"#,
        ),
        ("/who", r#"{"type":"who","id":"who","room":"games"}"#),
        ("/who #Other", r#"{"type":"who","id":"who","room":"other"}"#),
        ("/quit", "quit"),
        ("/quit now", "quit"),
    ] {
        assert_eq!(asks(&mut ana, line), [asked], "{line}");
    }
}

#[test]
fn what_is_wrong_gets_one_sentence_and_sends_nothing() {
    let mut ana = talk("name=Ana");
    let long = "x".repeat(4097);
    for (line, part) in [
        ("/etc/passwd", "no such command"),
        ("/", "no such command"),
        ("/Quit", "no such command"),
        ("/name", "/name NAME"),
        ("/name a b", "letters, digits"),
        ("/name System", "reserved"),
        ("/msg Bob", "/msg NAME TEXT"),
        ("/msg", "/msg NAME TEXT"),
        ("/msg B@b hi", "letters, digits"),
        ("/me", "/me TEXT"),
        ("/who a b", "room"),
        ("/help", "/quit"),
        (&long, "4097"),
        ("\u{1b}[2Jhi", "U+001B"),
    ] {
        let all = asks(&mut ana, line);
        assert!(all.len() == 1 && all[0].contains(part), "{line}: {all:?}");
        assert!(!all[0].contains(char::is_control) && !all[0].starts_with('{'), "{all:?}");
    }
}

#[test]
fn the_first_object_says_who_somebody_is() {
    let mut first = talk("");
    assert_eq!(asks(&mut first, r#"{"user":"Ana","message":"hi"}"#), ["visit Ana", &say(1, "hi")]);
    assert_eq!(first.dialect(), Dialect::UserMessage);
    assert_eq!(asks(&mut first, r#"{"message":"again","user":"Ana"}"#), [say(2, "again")]);
    let mut silent = talk("");
    assert_eq!(asks(&mut silent, r#"{"user":"","message":""}"#), ["visit "]);
}

#[test]
fn what_is_no_such_object_is_typed() {
    for text in [
        r#"{"type":"hello","name":"Ana"}"#,
        r#"{"type":"x","user":"Ana","message":"hi"}"#,
        r#"{"user":"Ana"}"#,
        "hello",
        "",
        r#"["Ana","hi"]"#,
    ] {
        assert_eq!(asks(&mut talk(""), text), ["typed"], "{text}");
    }
}

#[test]
fn another_user_is_another_name_for_the_same_person() {
    let mut ana = talk("dialect=json&name=Ana");
    let object =
        |user: &str, message: &str| format!(r#"{{"user":"{user}","message":"{message}"}}"#);
    assert_eq!(asks(&mut ana, &object("Ana", "a")), [say(1, "a")]);
    let renamed = r#"{"type":"name","name":"Ally"}"#.to_owned();
    assert_eq!(asks(&mut ana, &object("Ally", "b")), [renamed.clone(), say(2, "b")]);
    assert_eq!(asks(&mut ana, &object("Ally", "c")), [say(3, "c")], "only when it differs");
    let refused = asks(&mut ana, &object("System", "d"));
    assert!(refused.len() == 2 && refused[0].contains("reserved"), "{refused:?}");
    assert_eq!(refused[1], say(4, "d"), "the words are not lost");
    assert_eq!(asks(&mut ana, &object("System", "/quit")), ["quit"]);
}

#[test]
fn a_bad_object_is_told_which_field_is_wrong() {
    let mut ana = talk("dialect=json&name=Ana");
    for (text, part) in [
        ("hello", "not a JSON object"),
        ("[1]", "not a JSON object"),
        (r#"{"user":"Ana","message":"#, "not JSON"),
        (r#"{"user":"Ana"}"#, "message is missing"),
        (r#"{"message":"hi"}"#, "user is missing"),
        (r#"{"user":7,"message":"hi"}"#, "user is not a string"),
        (r#"{"user":"Ana","message":["hi"]}"#, "message is not a string"),
        (r#"{"user":"Ana","message":null}"#, "message is missing"),
        (r#"{"user":"Ana","user":"Bob","message":"hi"}"#, "twice"),
    ] {
        let all = asks(&mut ana, text);
        assert!(all.len() == 1 && all[0].contains(part), "{text}: {all:?}");
    }
}

#[test]
fn a_listener_is_told_how_to_talk_and_of_objects_becomes_who_it_says() {
    let mut text = talk("dialect=text");
    assert_eq!(asks(&mut text, "hi"), ["you only listen here; connect with ?name=NAME to talk"]);
    assert_eq!(asks(&mut text, "\n"), [""; 0]);
    let mut json = talk("dialect=json");
    assert_eq!(asks(&mut json, r#"{"user":"Ana","message":"hi"}"#), ["visit Ana", &say(1, "hi")]);
    let refused = asks(&mut talk("dialect=json"), r#"{"message":"hi"}"#);
    assert!(refused[0].contains("user is missing"), "{refused:?}");
}

proptest! {
    #[test]
    fn no_frame_asks_for_more_than_three_things(frames in proptest::collection::vec(".*", 0..8)) {
        for query in ["", "name=Ana", "dialect=json", "dialect=text", "dialect=json&name=A"] {
            let mut talk = talk(query);
            for frame in &frames {
                let object = serde_json::json!({ "user": frame, "message": frame }).to_string();
                prop_assert!(asks(&mut talk, frame).len() <= 3);
                prop_assert!(asks(&mut talk, &object).len() <= 3);
            }
        }
    }
}
