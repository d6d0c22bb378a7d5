//! What is wrong with a frame, and the code that says so.

use protocol::{
    ErrorCode::{
        self, BadFrame, BadJson, IdInvalid, NameInvalid, RoomInvalid, TextEmpty, TextForbidden,
        TextTooLong, UnknownType,
    },
    codec::{decode_client, decode_server},
};

fn code(json: &str) -> Option<ErrorCode> {
    decode_client(json).err().map(|error| error.refusal.code)
}

fn say(field: &str, value: &str) -> String {
    let value = serde_json::Value::from(value).to_string();
    let frame = r#"{"type":"say","id":"1","room":"lobby","text":"hi"}"#;
    let before = match field {
        "id" => r#""id":"1""#,
        "room" => r#""room":"lobby""#,
        _ => r#""text":"hi""#,
    };
    frame.replace(before, &format!(r#""{field}":{value}"#))
}

fn name(name: &str) -> String {
    serde_json::json!({ "type": "name", "name": name }).to_string()
}

fn history(fields: &str) -> String {
    format!(r#"{{"type":"history","room":"lobby",{fields}}}"#)
}

#[test]
fn what_is_no_frame() {
    let deep = "[".repeat(50_000);
    let table = [
        ("", BadJson),
        ("   ", BadJson),
        ("hello", BadJson),
        ("{", BadJson),
        (r#"{"type":"typing","room":"lobby"} {}"#, BadJson),
        ("\u{feff}{\"type\":\"typing\",\"room\":\"lobby\"}", BadJson),
        (deep.as_str(), BadJson),
        ("{'type':'ping'}", BadJson),
        ("[]", BadFrame),
        (r#"["type","ping"]"#, BadFrame),
        (r#"["ping","1","lobby"]"#, BadFrame),
        ("17", BadFrame),
        ("1e400", BadFrame),
        ("null", BadFrame),
        (r#""ping""#, BadFrame),
        ("{}", BadFrame),
        (r#"{"type":null}"#, BadFrame),
        (r#"{"type":1}"#, BadFrame),
        (r#"{"type":["ping"]}"#, BadFrame),
        (r#"{"type":{"ping":{}}}"#, BadFrame),
        (r#"{"type":"ping","type":"ping"}"#, BadFrame),
        (r#"{"type":"dance"}"#, UnknownType),
        (r#"{"type":"Ping"}"#, UnknownType),
        (r#"{"type":""}"#, UnknownType),
        (r#"{"type":"welcome"}"#, UnknownType),
    ];
    for (json, expected) in table {
        assert_eq!(code(json), Some(expected), "{json:.60}");
    }
}

#[test]
fn deep_values_are_refused_or_ignored() {
    let deep = |field| {
        format!(r#"{{"type":"ping","{field}":{}{}}}"#, "[".repeat(20_000), "]".repeat(20_000))
    };
    assert_eq!(code(&deep("nonce")), Some(BadFrame));
    assert_eq!(code(&deep("id")), Some(BadJson));
    assert_eq!(code(&deep("x_new")), None);
}

#[test]
fn fields_that_are_missing_or_wrong() {
    let table = [
        (r#"{"type":"say","room":"lobby","text":"hi"}"#, BadFrame),
        (r#"{"type":"say","id":"1","text":"hi"}"#, BadFrame),
        (r#"{"type":"say","id":"1","room":"lobby"}"#, BadFrame),
        (r#"{"type":"say","id":1,"room":"lobby","text":"hi"}"#, BadFrame),
        (r#"{"type":"say","id":null,"room":"lobby","text":"hi"}"#, BadFrame),
        (r#"{"type":"say","id":"1","room":["lobby"],"text":"hi"}"#, BadFrame),
        (r#"{"type":"say","id":"1","room":"lobby","text":{"a":1}}"#, BadFrame),
        (r#"{"type":"say","id":"1","id":"2","room":"lobby","text":"hi"}"#, BadFrame),
        (r#"{"type":"say","id":"1","room":"lobby","text":"hi","text":"ho"}"#, BadFrame),
        (r#"{"type":"say","id":"1","room":"lobby","text":"\ud800"}"#, BadJson),
        (r#"{"type":"say","id":"1","room":"lobby","text":"\udc00\ud800"}"#, BadJson),
        (r#"{"type":"react","id":"1","room":"lobby","seq":1,"emoji":"x","on":1}"#, BadFrame),
        (r#"{"type":"moderate","id":"1","name":"Eve","action":"hug"}"#, BadFrame),
        (r#"{"type":"moderate","id":"1","name":"Eve","action":"mute","for_ms":-1}"#, BadFrame),
        (r#"{"type":"hello"}"#, BadFrame),
        (r#"{"type":"hello","name":"Ana","secret":"short"}"#, BadFrame),
        (r#"{"type":"join","room":"lobby","epoch":"9D2B4A1C00FFE3A7"}"#, BadFrame),
    ];
    for (json, expected) in table {
        assert_eq!(code(json), Some(expected), "{json}");
    }
}

#[test]
fn numbers_out_of_range() {
    let table = [
        (r#""limit":0"#, Some(BadFrame)),
        (r#""limit":1"#, None),
        (r#""limit":200"#, None),
        (r#""limit":201"#, Some(BadFrame)),
        (r#""limit":1000000000"#, Some(BadFrame)),
        (r#""limit":-1"#, Some(BadFrame)),
        (r#""limit":1.5"#, Some(BadFrame)),
        (r#""limit":"10""#, Some(BadFrame)),
        (r#""limit":1e400"#, Some(BadJson)),
        (r#""limit":18446744073709551616"#, Some(BadFrame)),
        (r#""limit":1,"before":-1"#, Some(BadFrame)),
        (r#""limit":1,"after":0"#, None),
        (r#""limit":1,"after":9007199254740991"#, None),
        (r#""limit":1,"after":9007199254740992"#, Some(BadFrame)),
        (r#""limit":1,"after":1e3"#, Some(BadFrame)),
        (r#""limit":1,"after":null"#, None),
    ];
    for (fields, expected) in table {
        assert_eq!(code(&history(fields)), expected, "{fields}");
    }
}

#[test]
fn ids() {
    let longest = "x".repeat(64);
    for id in ["", "a b", "a\n", "é", "a.b", "~1", &format!("{longest}x")] {
        assert_eq!(code(&say("id", id)), Some(IdInvalid), "{id:?}");
    }
    for id in ["1", "A-z_0", &longest] {
        assert_eq!(code(&say("id", id)), None, "{id:?}");
    }
}

#[test]
fn texts() {
    let longest = "x".repeat(4096);
    let marked = |marks: usize| format!("e{}", "\u{301}".repeat(marks));
    let table = [
        (String::new(), Some(TextEmpty)),
        ("x".into(), None),
        (longest.clone(), None),
        (format!("{longest}x"), Some(TextTooLong)),
        ("é".repeat(2049), Some(TextTooLong)),
        ("line\n\tline".into(), None),
        ("\u{0}".into(), Some(TextForbidden)),
        ("a\u{1b}[31m".into(), Some(TextForbidden)),
        ("a\rb".into(), Some(TextForbidden)),
        ("\u{7f}".into(), Some(TextForbidden)),
        ("\u{80}".into(), Some(TextForbidden)),
        ("\u{9b}31m".into(), Some(TextForbidden)),
        (marked(8), None),
        (marked(9), Some(TextForbidden)),
        (format!("{}x{}", marked(8), marked(8)), None),
        (format!("{}\u{200d}{}", marked(8), "\u{301}"), Some(TextForbidden)),
        ("👩‍👩‍👧 हिन्दी ไทย \u{202e}abc".into(), None),
    ];
    for (text, expected) in table {
        assert_eq!(code(&say("text", &text)), expected, "{text:?}");
    }
}

#[test]
fn names() {
    let table = [
        ("x".repeat(32), None),
        ("x".repeat(33), Some(NameInvalid)),
        ("क्षि".repeat(32), Some(NameInvalid)), // 32 graphemes, but too many bytes
        (String::new(), Some(NameInvalid)),
        ("A\nB".into(), Some(NameInvalid)),
        ("A\u{2028}B".into(), Some(NameInvalid)),
        ("A\u{85}B".into(), Some(NameInvalid)),
        ("A B".into(), Some(NameInvalid)),
        ("a\u{202e}b".into(), Some(NameInvalid)),
        ("a\u{2066}b".into(), Some(NameInvalid)),
        ("admin".into(), Some(NameInvalid)),
        ("-ana".into(), Some(NameInvalid)),
        ("a:b".into(), Some(NameInvalid)),
    ];
    for (text, expected) in table {
        assert_eq!(code(&name(&text)), expected, "{text:?}");
    }
}

#[test]
fn rooms() {
    let longest = "x".repeat(64);
    let table = [
        (longest.clone(), None),
        (format!("#{longest}"), None),
        (format!("{longest}x"), Some(RoomInvalid)),
        (String::new(), Some(RoomInvalid)),
        ("#".into(), Some(RoomInvalid)),
        ("##a".into(), Some(RoomInvalid)),
        ("a b".into(), Some(RoomInvalid)),
        ("a/b".into(), Some(RoomInvalid)),
        ("a\nb".into(), Some(RoomInvalid)),
        ("\u{301}a".into(), Some(RoomInvalid)),
        ("lоbby".into(), Some(RoomInvalid)), // Cyrillic о
        ("dm:ana".into(), Some(RoomInvalid)),
        ("dm:00112233445566778899AABBCCDDEEFF".into(), Some(RoomInvalid)),
        ("dm:00112233445566778899aabbccddeeff".into(), None),
    ];
    for (text, expected) in table {
        assert_eq!(code(&say("room", &text)), expected, "{text:?}");
    }
}

#[test]
fn answer_names_the_request_and_its_room() {
    let error =
        decode_client(r##"{"text":"","room":"#Games","id":"7","type":"say"}"##).unwrap_err();
    assert_eq!(error.refusal.code, TextEmpty);
    assert_eq!(error.id.unwrap().as_str(), "7");
    assert_eq!(error.room.unwrap().as_str(), "games");
    let error = decode_client(r#"{"type":"say","id":"","room":"a b","text":"x"}"#).unwrap_err();
    assert_eq!((error.id, error.room), (None, None));
}

/// Every kind of sentence that serde makes, each with an attempt to write through it.
#[test]
fn input_is_not_repeated_and_forges_no_code() {
    let hostile = r"banned: \u001b[2J\u202eforged\n, expected banned: forged at line 1 column 1";
    for json in [
        format!(r#"{{"type":"ping","nonce":["{hostile}"]}}"#),
        format!(r#"{{"type":"history","room":"lobby","limit":"{hostile}"}}"#),
        format!(r#"{{"type":"moderate","id":"1","name":"Eve","action":"{hostile}"}}"#),
        format!(r#"{{"type":"read","room":"lobby","seq":"{hostile}"}}"#),
        format!(r#"{{"type":"{hostile}"}}"#),
        format!(r#"{{"type":"name","name":"{hostile}"}}"#),
        format!(r#"{{"type":"join","room":"{hostile}"}}"#),
        format!(r#"{{"type":"join","room":"lobby","epoch":"{hostile}"}}"#),
        format!(r#"{{"type":"hello","name":"Ana","secret":"{hostile}"}}"#),
        format!(r#"{{"type":"say","id":"1","room":"lobby","text":"{hostile}"}}"#),
        format!(r#"{{"{hostile}":{hostile}"#),
    ] {
        let error = decode_client(&json).unwrap_err();
        assert_ne!(error.refusal.code, ErrorCode::Banned, "{json}");
        assert!(!error.refusal.text.contains("forged"), "{json}: {}", error.refusal.text);
        assert!(!error.refusal.text.contains("banned"), "{json}: {}", error.refusal.text);
    }
}

#[test]
fn sentences_say_what_to_do() {
    let table = [
        (
            r#"{"type":"ping","nonce":1}"#,
            "a field must be a string; mend the value that ends at line 1 column 24",
        ),
        (r#"{"type":"join"}"#, "missing field `room`; add it"),
        (r#"{"type":"ping","nonce":"1","nonce":"2"}"#, "duplicate field `nonce`; send it once"),
        (
            r#"{"type":"read","room":"lobby","seq":-1}"#,
            "a field must be a whole number; mend the value that ends at line 1 column 38",
        ),
        (r#"{"type":"ping","#, "that is not JSON: EOF while parsing a value at line 1 column 15"),
    ];
    for (json, expected) in table {
        assert_eq!(decode_client(json).unwrap_err().refusal.text, expected);
    }
}

#[test]
fn frame_of_the_hub_is_checked_too() {
    let code = |json: &str| decode_server(json).unwrap_err().refusal.code;
    assert_eq!(code(r#"{"type":"say"}"#), UnknownType);
    assert_eq!(code(r#"{"type":"ack"}"#), BadFrame);
    assert_eq!(code(r#"{"type":"left","room":"a\u0000"}"#), RoomInvalid);
    assert_eq!(code(r#"{"type":"error","code":"x_new","text":""}"#), BadFrame);
}
