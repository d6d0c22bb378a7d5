//! Scenarios: frames and lines in, lines out.

use std::time::Duration;

use protocol::{Identity, codec};
use serde_json::{Value, json};

use super::*;
use crate::{
    effect::Effect, keeping::Restored, outbox::Kept, preferences::Preferences, state::Settings,
    update::update,
};

mod commands;

const ANA: &str = "~00000000000000000000000000000001";
const BOB: &str = "~00000000000000000000000000000002";
const DM: &str = "dm:0123456789abcdef0123456789abcdef";
const EPOCH: &str = "00000000000000e1";
/// Friday, 21 November 2025, 14:02 UTC.
const START: i64 = 1_763_733_720_000;

/// Somebody who reads the lines.
struct Reader {
    state: State,
    printer: Printer,
    now: Now,
    lines: Vec<String>,
    effects: Vec<Effect>,
}

impl Reader {
    /// Ana is live in the lobby with Bob.
    fn new() -> Self {
        let now = Now { mono: Duration::ZERO, wall: Timestamp(START) };
        let settings = Settings {
            size: crate::event::Size { columns: 80, rows: 24 },
            time_zone: TimeZone::UTC,
            seed: 1,
            rooms: Vec::new(),
            current: None,
            name: UserName::parse("Ana").ok(),
            hub: "Ana's hub".into(),
            invite: vec!["hubbub 192.168.1.20".into()],
            preferences: Preferences::default(),
            hosting: None,
        };
        let mut state = State::new(settings, now);
        state.has_screen = false;
        let (printer, lines, effects) = (Printer::new(now), Vec::new(), Vec::new());
        let mut reader = Self { state, printer, now, lines, effects };
        let identity = Identity::parse(ANA).unwrap();
        reader.link(LinkEvent::Claimed { identity });
        reader
    }

    fn live() -> Self {
        let mut reader = Self::new();
        reader.welcomed();
        reader.joined("lobby", 0);
        reader
    }

    fn tell(&mut self, event: Event) {
        let heard = self.printer.hear(&event, &self.state, self.now);
        self.lines.extend(heard);
        let effects = update(&mut self.state, event, self.now);
        let said = self.printer.look(&mut self.state);
        self.lines.extend(said);
        self.effects.extend_from_slice(&effects);
        for effect in effects {
            match effect {
                Effect::Keep(_) => self.tell(Event::Kept),
                Effect::Become { owner } => {
                    let (kept, notice) = (Kept::default(), None);
                    self.tell(Event::Restored(Restored { owner, kept, notice }));
                }
                _ => {}
            }
        }
    }

    fn link(&mut self, event: LinkEvent) {
        self.tell(Event::Link(event));
    }

    fn frame(&mut self, frame: &Value) {
        let frame = codec::decode_server(&frame.to_string()).unwrap();
        self.link(LinkEvent::Frame(Box::new(frame)));
    }

    fn welcomed(&mut self) {
        self.link(LinkEvent::Connecting);
        self.frame(&json!({
            "type": "welcome", "session": 1, "name": "Ana", "identity": ANA, "role": "member",
            "server": {"name": "hubbub", "version": "0.1.0"},
            "hub": "00000000000000000000000000000001", "epoch": EPOCH, "durability": "fsync",
            "now": START, "heartbeat_ms": 25000,
            "limits": {"text": 4096, "frame": 65536, "name": 32, "room": 64, "topic": 300,
                "note": 100, "rooms": 128, "page": 200, "rate": 10, "burst": 30},
            "rooms": [],
        }));
    }

    fn joined(&mut self, room: &str, head: u64) {
        let name = RoomName::parse(room).unwrap();
        let id = self.state.requests.id_of_join(&name);
        let mut frame = json!({
            "type": "joined", "room": room, "topic": "", "head": head, "oldest": 1,
            "epoch": EPOCH, "count": 2, "more": false,
            "members": [{"name": "Ana", "role": "member"}, {"name": "Bob", "role": "member"}],
        });
        if let Some(id) = id {
            frame["id"] = json!(id);
        }
        if room == DM {
            frame["peer"] = json!("Bob");
        }
        self.frame(&frame);
    }

    fn says(&mut self, room: &str, seq: u64, from: &str, kind: &str, text: &str) {
        self.frame(&said(room, seq, from, kind, text, START));
    }

    fn writes(&mut self, line: &str) {
        self.tell(Event::Line(line.into()));
    }

    /// What was printed since this was asked last.
    fn read(&mut self) -> Vec<String> {
        let lines = std::mem::take(&mut self.lines);
        lines.iter().map(|line| line.strip_suffix('\n').unwrap().to_owned()).collect()
    }
}

fn said(room: &str, seq: u64, from: &str, kind: &str, text: &str, at: i64) -> Value {
    let by = if from == "Ana" { ANA } else { BOB };
    json!({
        "type": "event", "room": room, "seq": seq, "at": at, "from": from, "by": by,
        "kind": kind, "id": format!("e{seq}"), "text": text,
    })
}

#[test]
fn every_kind_of_event_is_one_labelled_line() {
    let mut reader = Reader::live();
    assert_eq!(reader.read(), ["hubbub: live, you are Ana in lobby"]);
    reader.says("lobby", 1, "Bob", "message", "hi Ana");
    reader.says("lobby", 2, "Bob", "message", "/me waves");
    reader.says("lobby", 3, "Bob", "topic", "tea");
    reader.says("lobby", 4, "Bob", "message", "two\nlines");
    reader.says("lobby", 4, "Bob", "message", "two\nlines");
    reader.joined("announcements", 0);
    reader.says("announcements", 1, "Bob", "announcement", "at 15:00 all ends");
    assert_eq!(
        reader.read(),
        [
            "lobby 1 14:02 Bob: hi Ana",
            "lobby 2 14:02 * Bob waves",
            "lobby 3 14:02 -- Bob changed the topic to: tea",
            "lobby 4 14:02 Bob: two↵lines",
            "(everyone) 1 14:02 == announcement by Bob: at 15:00 all ends",
        ]
    );
}

#[test]
fn changes_to_messages_are_told_and_what_is_read_later_is_as_it_is_by_then() {
    let mut reader = Reader::live();
    reader.read();
    let change = |seq, kind: &str, text: Option<&str>| {
        let mut change = said("lobby", seq, "Bob", kind, "", START);
        change["text"] = json!(text);
        change["target"] = json!(1);
        change
    };
    reader.says("lobby", 1, "Bob", "message", "hi An");
    reader.frame(&change(2, "edit", Some("hi Ana")));
    reader.frame(&change(3, "edit", None));
    reader.frame(&change(4, "delete", None));
    assert_eq!(
        reader.read(),
        [
            "lobby 1 14:02 Bob: hi An",
            "lobby 2 14:02 -- Bob changed message 1 to: hi Ana",
            "lobby 4 14:02 -- Bob deleted message 1",
        ]
    );
    let mut reader = Reader::new();
    reader.welcomed();
    reader.joined("lobby", 4);
    reader.read();
    let mut edited = said("lobby", 1, "Bob", "message", "hi Ana", START);
    edited["edited"] = json!({"seq": 2, "at": START});
    let mut deleted = said("lobby", 3, "Bob", "message", "", START);
    deleted["text"] = Value::Null;
    deleted["deleted"] = json!({"seq": 4, "by": BOB});
    let events = [edited, change(2, "edit", Some("hi Ana")), deleted, change(4, "delete", None)];
    reader.frame(&json!({
        "type": "page", "room": "lobby", "events": events, "oldest": 1, "as_of": 4, "more": false,
    }));
    assert_eq!(
        reader.read(),
        ["lobby 1 14:02 Bob: hi Ana (edited)", "lobby 3 14:02 Bob: (deleted)"]
    );
}

#[test]
fn what_is_private_says_so() {
    let mut reader = Reader::live();
    reader.read();
    reader.joined(DM, 0);
    reader.says(DM, 1, "Bob", "message", "just between us");
    reader.says(DM, 2, "Ana", "message", "yes");
    assert_eq!(
        reader.read(),
        ["(private) 1 14:02 Bob: just between us", "(private to Bob) 2 14:02 Ana: yes"]
    );
}

#[test]
fn who_comes_and_goes_is_told() {
    let mut reader = Reader::live();
    reader.read();
    reader.frame(&json!({
        "type": "presence", "room": "lobby", "count": 2, "left": ["Bob"],
        "renamed": [{"from": "Dan", "to": "Danny"}],
        "joined": [{"name": "Cyd", "role": "member"}, {"name": "Ana", "role": "member"}],
    }));
    assert_eq!(
        reader.read(),
        ["lobby * Bob left", "lobby * Dan is Danny now", "lobby * Cyd joined"]
    );
}

#[test]
fn the_connection_is_told_when_it_changes() {
    let mut reader = Reader::live();
    reader.read();
    reader.link(LinkEvent::Lost { retry_in: Duration::from_secs(1) });
    reader.link(LinkEvent::Connecting);
    reader.link(LinkEvent::Lost { retry_in: Duration::from_secs(2) });
    assert_eq!(reader.read(), ["hubbub: offline since 14:02, retrying"]);
    reader.welcomed();
    assert_eq!(reader.read(), ["hubbub: live, you are Ana in lobby"]);
    reader.link(LinkEvent::Stopped { why: "that is no hubbub".into() });
    assert_eq!(reader.read(), ["hubbub: stopped: that is no hubbub"]);
}

#[test]
fn what_is_written_while_there_is_no_connection_waits() {
    let mut reader = Reader::live();
    reader.link(LinkEvent::Lost { retry_in: Duration::from_secs(1) });
    reader.read();
    reader.writes("one");
    reader.writes("two");
    let told = ["hubbub: 1 message waits for the hub", "hubbub: 2 messages wait for the hub"];
    assert_eq!(reader.read(), told);
    reader.tell(Event::Tick);
    assert_eq!(reader.read(), Vec::<String>::new());
}

#[test]
fn history_is_read_once_with_the_day_where_that_is_another() {
    let mut reader = Reader::new();
    reader.welcomed();
    reader.joined("lobby", 30);
    reader.says("lobby", 31, "Bob", "message", "news");
    let page: Vec<Value> = (1..=31)
        .map(|seq: i64| {
            let at = if seq <= 30 { START - 86_400_000 } else { START };
            said("lobby", seq.unsigned_abs(), "Bob", "message", &format!("m{seq}"), at)
        })
        .collect();
    reader.read();
    for _ in 0..2 {
        reader.frame(&json!({
            "type": "page", "room": "lobby", "events": page, "oldest": 1, "as_of": 31,
            "more": false,
        }));
    }
    let lines = reader.read();
    assert_eq!(lines.len(), HISTORY_LINES);
    assert_eq!(lines[0], "lobby 11 2025-11-20 14:02 Bob: m11");
    assert_eq!(lines[19], "lobby 30 2025-11-20 14:02 Bob: m30");
}

#[test]
fn answers_errors_and_panels_are_the_programs_own_lines() {
    let mut reader = Reader::live();
    reader.read();
    reader.writes("/away lunch");
    assert_eq!(reader.read(), ["hubbub: you are away: lunch; /away alone when you are back"]);
    assert!(!reader.printer.has_complained());
    reader.writes("/invite");
    assert_eq!(reader.read(), ["hubbub: How others join:", "hubbub: hubbub 192.168.1.20"]);
    reader.writes("/etc");
    let lines = reader.read();
    assert!(lines.len() == 1 && lines[0].starts_with("hubbub: no command /etc"), "{lines:?}");
    assert!(reader.printer.has_complained());
    assert_eq!(reader.state.composer.draft.text(), "", "the next line is a new one");
    reader.writes("/help");
    let help = reader.read();
    assert!(help.iter().any(|line| line.contains("/join [ROOM]")));
    assert!(!help.iter().any(|line| line.contains("Ctrl+")), "there are no keys");
    assert!(help.iter().any(|line| line.contains("ROOM NUMBER TIME NAME: TEXT")));
}

#[test]
fn a_line_goes_where_one_writes_and_a_change_of_that_is_told() {
    let mut reader = Reader::live();
    reader.read();
    reader.writes("/join games");
    reader.joined("games", 0);
    assert_eq!(reader.read(), ["hubbub: you write in games now"]);
    reader.writes("hello");
    let places: Vec<String> = reader.state.outbox.places().map(ToString::to_string).collect();
    assert_eq!(places, ["games"]);
    reader.writes("/msg Bob");
    assert_eq!(reader.read(), ["hubbub: you write in @Bob now"]);
    reader.joined(DM, 0);
    assert_eq!(reader.read(), Vec::<String>::new());
}

#[test]
fn a_command_that_the_hub_refuses_is_told_and_is_no_draft() {
    let mut reader = Reader::live();
    reader.writes("/join games");
    reader.read();
    let id = reader.state.requests.id_of_join(&RoomName::parse("games").unwrap());
    reader.frame(&json!({"type": "error", "id": id, "code": "banned", "text": "it is full"}));
    assert_eq!(reader.read(), ["hubbub: it is full"]);
    assert_eq!(reader.state.composer.draft.text(), "");
}

#[test]
fn a_message_that_is_refused_is_told_once_with_its_text() {
    let mut reader = Reader::live();
    reader.writes("hello");
    reader.read();
    let id = reader.state.outbox.ids()[0].clone();
    reader.frame(&json!({"type": "error", "id": id, "code": "muted", "text": "you are muted"}));
    assert_eq!(reader.read(), ["lobby ! you are muted; not sent: hello"]);
    reader.tell(Event::Tick);
    assert_eq!(reader.read(), Vec::<String>::new());
}

#[test]
fn a_question_is_a_line_and_the_next_line_is_its_answer() {
    let mut reader = Reader::new();
    let name = |text| UserName::parse(text).unwrap();
    reader.link(LinkEvent::NeedsName { tried: name("Ana"), suggest: name("Ana2") });
    assert_eq!(reader.read(), ["hubbub: Ana is taken. Your name: (an empty line takes Ana2)"]);
    reader.writes("");
    assert_eq!(reader.state.introduced, Some(name("Ana2")));
    assert_eq!(reader.read(), Vec::<String>::new());
}

#[test]
fn a_draft_from_when_there_was_a_screen_stays() {
    let mut reader = Reader::live();
    reader.state.composer.draft.set("half a thought");
    for line in ["hello", "/nothing", "/who", "", "/join games"] {
        reader.writes(line);
        assert_eq!(reader.state.composer.draft.text(), "half a thought", "{line}");
    }
    reader.joined("games", 0);
    assert_eq!(reader.state.composer.draft.text(), "");
    reader.writes("/join lobby");
    assert_eq!(reader.state.composer.draft.text(), "half a thought");
}

#[test]
fn no_words_of_others_bring_a_control_into_a_line() {
    let mut reader = Reader::live();
    reader.says("lobby", 1, "Bob", "message", "\u{202e}x\u{200b}\nhubbub: fake");
    reader.frame(&json!({"type": "error", "code": "storage", "text": "\u{1b}]0;title\u{7}"}));
    let lines = reader.read();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert!(!line.chars().any(crate::safe_text::is_invisible), "{line:?}");
    }
}

#[test]
fn who_is_ignored_has_no_line() {
    let mut reader = Reader::live();
    reader.says("lobby", 1, "Bob", "message", "hi");
    reader.tell(Event::Line("/ignore Bob".into()));
    reader.says("lobby", 2, "Bob", "message", "again");
    reader.frame(&json!({
        "type": "presence", "room": "lobby", "count": 1, "left": ["Bob"], "renamed": [],
        "joined": [],
    }));
    reader.tell(Event::Line("/ignore".into()));
    reader.tell(Event::Line("/unignore Bob".into()));
    reader.says("lobby", 3, "Bob", "message", "and again");
    let own = |line: &String| line.trim_end().to_owned();
    let lines: Vec<String> = reader.lines.iter().map(own).collect();
    assert_eq!(
        lines[lines.len() - 6..],
        [
            "lobby 1 14:02 Bob: hi",
            "hubbub: you ignore Bob; /unignore Bob ends it",
            "hubbub: People you ignore (/unignore NAME ends it):",
            "hubbub: Bob",
            "hubbub: you see and hear Bob again",
            "lobby 3 14:02 Bob: and again",
        ]
    );
}

#[test]
fn where_every_room_is_shown_there_is_nothing_to_peek_into() {
    let mut reader = Reader::live();
    reader.tell(Event::Line("/peek games".into()));
    let why = "hubbub: every room is shown here already; /join ROOM writes in one";
    assert_eq!(reader.lines.last().map(|line| line.trim_end()), Some(why));
}
