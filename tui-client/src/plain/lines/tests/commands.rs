//! Commands where there is no screen: each one works, and what was read can be named.

use protocol::{ClientFrame, server::Role};

use super::*;
use crate::command;

#[test]
fn an_answer_says_what_it_answers() {
    let mut reader = Reader::live();
    reader.says("lobby", 1, "Bob", "message", "numbers?");
    for (seq, text) in [(2, "tonight"), (3, "/me nods")] {
        let mut answer = said("lobby", seq, "Ana", "message", text, START);
        answer["reply_to"] = json!(1);
        reader.frame(&answer);
    }
    assert_eq!(
        reader.read()[2..],
        [
            "lobby 2 14:02 Ana answering 1: tonight".to_owned(),
            "lobby 3 14:02 * Ana answering 1 nods".to_owned()
        ]
    );
}

#[test]
fn a_number_that_was_read_is_one_to_answer_change_or_delete() {
    let mut reader = Reader::live();
    reader.says("lobby", 1, "Bob", "message", "numbers?");
    reader.says("lobby", 2, "Ana", "message", "tonite");
    reader.writes("/reply 1 tonight");
    let replies = reader.state.outbox.tail(&reader.state.room().place).map(|m| m.reply_to);
    assert_eq!(replies.collect::<Vec<_>>(), [Seq::new(1)]);
    let frames = |reader: &Reader, kind: fn(&ClientFrame) -> Option<Seq>| {
        reader.effects.iter().find_map(|effect| match effect {
            Effect::Send(frame) => kind(frame),
            _ => None,
        })
    };
    reader.writes("/edit 2 tonight");
    let edited = |frame: &ClientFrame| match frame {
        ClientFrame::Edit(edit) => Some(edit.seq),
        _ => None,
    };
    assert_eq!(frames(&reader, edited), Seq::new(2));
    reader.writes("/delete 2");
    let deleted = |frame: &ClientFrame| match frame {
        ClientFrame::Delete(delete) => Some(delete.seq),
        _ => None,
    };
    assert_eq!(frames(&reader, deleted), Seq::new(2));
    assert!(!reader.printer.has_complained(), "{:?}", reader.read());
}

#[test]
fn what_is_stored_is_told_before_the_end() {
    let mut reader = Reader::live();
    reader.says("lobby", 1, "Ana", "message", "tonite");
    reader.writes("/delete 1");
    assert!(reader.printer.has_told_all(&reader.state));
    let ack = |room: &str| json!({"type": "ack", "id": "a", "room": room, "seq": 2, "at": START});
    reader.frame(&ack("lobby"));
    assert!(!reader.printer.has_told_all(&reader.state));
    let mut delete = said("lobby", 2, "Ana", "delete", "", START);
    (delete["text"], delete["target"]) = (Value::Null, json!(1));
    reader.frame(&delete);
    assert!(reader.printer.has_told_all(&reader.state));
    reader.frame(&ack("elsewhere"));
    assert!(reader.printer.has_told_all(&reader.state), "no event of that room comes");
}

#[test]
fn nothing_is_begun_that_the_next_line_would_end() {
    let mut reader = Reader::live();
    reader.says("lobby", 1, "Bob", "message", "numbers?");
    reader.says("lobby", 2, "Ana", "message", "tonite");
    reader.read();
    for (line, wanted) in [
        ("/reply", "hubbub: the answer goes on the same line: /reply 1 TEXT"),
        ("/reply Bob", "hubbub: the answer goes on the same line: /reply 1 TEXT"),
        ("/edit", "hubbub: the new words go on the same line: /edit 2 TEXT"),
        ("/edit 2", "hubbub: the new words go on the same line: /edit 2 TEXT"),
    ] {
        reader.writes(line);
        assert_eq!(reader.read(), [wanted]);
    }
    // From when there was a screen.
    let place = reader.state.room().place.clone();
    reader.state.composer.answer(place.clone(), Seq::new(1).unwrap());
    reader.writes("hello");
    assert_eq!(reader.state.outbox.tail(&place).map(|m| m.reply_to).collect::<Vec<_>>(), [None]);
    assert!(reader.state.composer.reply_to(&place).is_some(), "it is for that draft");
}

#[test]
fn every_command_of_the_table_does_or_says_something() {
    for (name, command) in command::named(Role::Operator) {
        let mut reader = Reader::live();
        reader.says("lobby", 1, "Bob", "message", "numbers?");
        reader.says("lobby", 2, "Ana", "message", "tonight");
        reader.read();
        reader.effects.clear();
        let line = command.usage(name).replace("[SEQ|NAME] ", "").replace("[SEQ]", "");
        let line = line.replace("NAME", "Bob").replace("ROOM", "games").replace("TOPIC", "who");
        reader.writes(line.replace(['[', ']'], "").trim_end());
        let said = reader.read();
        let does = |effect: &Effect| matches!(effect, Effect::Send(_) | Effect::Keep(_));
        let has_done = reader.effects.iter().any(|e| does(e) || *e == Effect::Quit);
        assert!(has_done || !said.is_empty(), "/{name}");
        assert!(said.iter().all(|line| line.starts_with("hubbub: ")), "/{name}: {said:?}");
    }
}
