//! Properties of every frame, and of everything that might have been one.

use proptest::prelude::*;
use protocol::{
    ClientFrame, DecodeError, ErrorCode, FRAME_BYTES_MAX,
    codec::{decode_client, decode_server, encode_client, encode_server},
};
use serde_json::Value;

use crate::{
    cases,
    strategies::{client_frame, json, server_frame},
};

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn client_frame_is_read_as_it_was_written(frame in client_frame()) {
        let json = encode_client(&frame);
        prop_assert!(json.len() <= FRAME_BYTES_MAX);
        prop_assert_eq!(decode_client(&json), Ok(frame));
    }

    #[test]
    fn server_frame_is_read_as_it_was_written(frame in server_frame()) {
        let json = encode_server(&frame);
        prop_assert_eq!(decode_server(&json), Ok(frame));
    }

    #[test]
    fn unknown_field_is_ignored(one in client_frame(), other in server_frame(), value in json()) {
        let field = format!(r#"{{"x_new":{value},"#);
        let newer = |json: String| json.replacen('{', &field, 1);
        prop_assert_eq!(decode_client(&newer(encode_client(&one))), Ok(one));
        prop_assert_eq!(decode_server(&newer(encode_server(&other))), Ok(other));
    }

    #[test]
    fn answer_to_a_bad_frame_echoes_its_id(frame in client_frame(), value in json()) {
        let json = encode_client(&frame);
        let unknown = with_field(&json, "type", &Value::from("x_new"));
        let error = decode_client(&unknown).unwrap_err();
        prop_assert_eq!(error.refusal.code, ErrorCode::UnknownType);
        prop_assert_eq!(error.id.as_ref(), frame.id());
        let untyped = with_field(&json, "type", &Value::from(vec![value]));
        let error = decode_client(&untyped).unwrap_err();
        prop_assert_eq!(error.id.as_ref(), frame.id());
    }

    #[test]
    fn any_text_is_a_frame_or_a_plain_error(text in any::<String>(), value in json()) {
        check_plain(&decode_client(&text))?;
        check_plain(&decode_server(&text))?;
        check_plain(&decode_client(&value.to_string()))?;
    }

    #[test]
    fn frame_with_another_value_is_a_frame_or_a_plain_error(
        one in client_frame(),
        other in server_frame(),
        value in json(),
        field in any::<prop::sample::Index>(),
    ) {
        check_plain(&decode_client(&with_any_field(&encode_client(&one), field, &value)))?;
        check_plain(&decode_server(&with_any_field(&encode_server(&other), field, &value)))?;
    }

    #[test]
    fn frame_with_another_character_is_a_frame_or_a_plain_error(
        frame in client_frame(),
        place in any::<prop::sample::Index>(),
        new in prop::option::of(any::<char>()),
    ) {
        let mut chars: Vec<char> = encode_client(&frame).chars().collect();
        let place = place.index(chars.len());
        chars.splice(place..=place, new);
        check_plain(&decode_client(&chars.into_iter().collect::<String>()))?;
    }
}

/// A sentence of one plain line: it goes into answers, terminals and logs.
fn check_plain<T>(result: &Result<T, DecodeError>) -> Result<(), TestCaseError> {
    let Err(error) = result else { return Ok(()) };
    let text = &error.refusal.text;
    prop_assert!(text.is_ascii() && !text.contains(|c: char| c.is_control()), "{text:?}");
    prop_assert!((1..=500).contains(&text.len()), "{text:?}");
    Ok(())
}

fn with_any_field(json: &str, field: prop::sample::Index, value: &Value) -> String {
    let frame: Value = serde_json::from_str(json).expect("a frame");
    let fields: Vec<&str> =
        frame.as_object().expect("an object").keys().map(String::as_str).collect();
    with_field(json, fields[field.index(fields.len())], value)
}

fn with_field(json: &str, field: &str, value: &Value) -> String {
    let mut frame: Value = serde_json::from_str(json).expect("a frame");
    frame[field] = value.clone();
    frame.to_string()
}

#[test]
fn every_code_is_written_as_it_is_called() {
    for code in ErrorCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), Value::from(code.as_str()));
        assert_eq!(ErrorCode::parse(code.as_str()), Some(code));
    }
}

#[test]
fn secret_and_password_are_not_shown() {
    let secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let json =
        format!(r#"{{"type":"hello","name":"Ana","secret":"{secret}","password":"open sesame"}}"#);
    let frame = decode_client(&json).unwrap();
    assert_eq!(encode_client(&frame), json);
    let ClientFrame::Hello(hello) = &frame else { panic!("not a hello") };
    let shown = format!("{frame:?} {frame:#?} {:?}", hello.secret);
    for hidden in [secret, "open sesame", "0, 1, 2", "0001", "AAEC"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[test]
fn frame_of_64_kib_is_read_and_one_byte_more_is_not() {
    let frame = |bytes: usize| {
        let json = r#"{"type":"typing","room":"lobby","x_new":""}"#;
        json.replace(r#""""#, &format!(r#""{}""#, "x".repeat(bytes - json.len())))
    };
    assert!(decode_client(&frame(FRAME_BYTES_MAX)).is_ok());
    let error = decode_client(&frame(FRAME_BYTES_MAX + 1)).unwrap_err();
    assert_eq!(error.refusal.code, ErrorCode::BadFrame);
}
