//! What is printed of an event: a line for people, or an object for programs. Neither can be taken
//! for more than one line by anything, nor do anything to a terminal. PURE.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use protocol::{EventKind, RoomEvent, ServerFrame, codec, server::Gap, server::GapReason};

use crate::{safe_text::SafeText, timeline::sentence};

/// `lobby 17 2026-11-28 14:05 Ana: hello`: the first four words are always these.
pub(crate) fn text(event: &RoomEvent, zone: &TimeZone) -> String {
    let time = jiff::Timestamp::from_millisecond(event.at.0).ok();
    let time = time.map(|time| time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string());
    let time = time.as_deref().unwrap_or("---------- --:--");
    let line = format!("{} {} {time} {}", event.room, event.seq, told(event));
    format!("{}\n", SafeText::line(&line).as_str())
}

/// The object as the hub sent it, with what cannot be seen as `\u200b`.
pub(crate) fn json(frame: &ServerFrame) -> String {
    let json = codec::encode_server(frame);
    let mut line = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if is_plain(c) {
            line.push(c);
            continue;
        }
        // JSON has characters beyond ASCII only in strings, where each can be written like that.
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(line, "\\u{unit:04x}"); // A string takes everything.
        }
    }
    line.push('\n');
    line
}

/// What will not come, in a sentence.
pub(crate) fn missing(gap: &Gap) -> String {
    let Gap { room, from, to, reason } = gap;
    match reason {
        GapReason::Retention => format!("{room}: messages {from} to {to} are no longer kept"),
        GapReason::Epoch => format!("{room}: the hub has begun its history anew"),
    }
}

/// Whether a character is itself wherever it stands.
fn is_plain(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    let mut bytes = [0; 4];
    let alone = c.encode_utf8(&mut bytes);
    SafeText::line(alone).as_str() == alone
}

/// Who, and what they said or did. Only what is said begins with a name and a colon.
fn told(event: &RoomEvent) -> String {
    let name = &event.from;
    let text = event.text.as_ref().map_or("", |text| text.as_str());
    match (event.kind, event.target, event.reply_to) {
        _ if event.deleted.is_some() => format!("-- {name} said what is deleted"),
        (EventKind::Edit, Some(seq), _) => format!("-- {name} changed message {seq} to: {text}"),
        (EventKind::Delete, Some(seq), _) => format!("-- {name} deleted message {seq}"),
        (EventKind::Reaction, Some(seq), _) => format!("-- {name} reacted to {seq} with {text}"),
        (EventKind::Message, _, Some(seq)) => format!("{name} answering {seq}: {text}"),
        (kind, ..) => sentence(event.at, name, text, kind),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use protocol::codec::decode_server;

    use super::*;

    fn event(more: &str) -> RoomEvent {
        let json = format!(
            r#"{{"type":"event","room":"lobby","seq":17,"at":1764338700000,"from":"Ana",
                "by":"~00112233445566778899aabbccddeeff","id":"1",{more}}}"#
        );
        match decode_server(&json).unwrap() {
            ServerFrame::Event(event) => event,
            other => panic!("{other:?}"),
        }
    }

    fn line(more: &str) -> String {
        text(&event(more), &TimeZone::UTC)
    }

    #[test]
    fn every_line_begins_with_room_number_date_and_time() {
        for (more, wanted) in [
            (r#""kind":"message","text":"hello""#, "Ana: hello"),
            (r#""kind":"message","text":"a\nSystem: b""#, "Ana: a↵System: b"),
            (r#""kind":"message","text":"yes","reply_to":3"#, "Ana answering 3: yes"),
            (r#""kind":"message","text":"/me waves""#, "* Ana waves"),
            (r#""kind":"announcement","text":"noon""#, "== announcement by Ana: noon"),
            (r#""kind":"topic","text":"chess""#, "-- Ana changed the topic to: chess"),
            (r#""kind":"edit","target":3,"text":"b""#, "-- Ana changed message 3 to: b"),
            (r#""kind":"delete","target":3"#, "-- Ana deleted message 3"),
            (r#""kind":"reaction","target":3,"text":"+""#, "-- Ana reacted to 3 with +"),
            (
                r#""kind":"message","deleted":{"seq":18,"by":"~00112233445566778899aabbccddeeff"}"#,
                "-- Ana said what is deleted",
            ),
        ] {
            assert_eq!(line(more), format!("lobby 17 2025-11-28 14:05 {wanted}\n"));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_written_in_ascii() {
        let more = r#""kind":"message","text":"a\n\u001b[2J\u007f\u009b\u202e😀é\u200d""#;
        // The protocol lets no such text in; a hub by hand may send it.
        let frame = serde_json::from_str::<serde_json::Value>(&format!("{{{more}}}")).unwrap();
        let text = frame["text"].as_str().unwrap();
        let escaped: String = text
            .chars()
            .map(|c| if is_plain(c) { c.to_string() } else { format!("<{:X}>", u32::from(c)) })
            .collect();
        assert_eq!(escaped, "a<A><1B>[2J<7F><9B><202E>😀é<200D>");
    }

    proptest! {
        #[test]
        fn an_object_is_one_safe_line_and_the_same_object(
            text in "\\PC{1,40}|[\u{80}-\u{2fff}\n\t]{1,40}",
        ) {
            let Ok(text) = protocol::MessageText::parse(&text) else { return Ok(()) };
            let mut event = event(r#""kind":"message","text":"x""#);
            event.text = Some(text);
            let frame = ServerFrame::Event(event);
            let line = json(&frame);
            let body = line.strip_suffix('\n').unwrap();
            let safe = SafeText::line(body);
            prop_assert_eq!(safe.as_str(), body);
            prop_assert_eq!(decode_server(body).unwrap(), frame);
            prop_assert_eq!(crate::strict::check_lines(line.as_bytes()), Ok(()));
        }
    }
}
