//! Hubs and other servers that mean no good: each gets a clear sentence or does no harm; nothing
//! hangs, nothing grows without bound, and the terminal is as it was at the end.

use std::{fs, io::Write as _, thread};

use serde_json::{Value, json};
use tests::{
    Home, TestTerminal,
    hostile::{TestHostileHub, event, framed, joined, listener_that_says, welcome},
    strict,
};

/// No hub may make the client larger than this.
const RESIDENT_MAX: usize = 300 * 1024 * 1024;
/// What the terminal is put back with.
const PUT_BACK: &[u8] = b"\x1b[?1049l\x1b[?25h";

fn client(port: u16) -> TestTerminal {
    let home = Home::of("ana");
    let port = port.to_string();
    let arguments = ["-H", "127.0.0.1", "-p", &port, "-n", "Ana"];
    TestTerminal::hubbub(&home, &arguments)
}

fn at(hub: &TestHostileHub) -> TestTerminal {
    let terminal = client(hub.address().port());
    terminal.wait_for_text(" live ");
    hub.wait_for("join", 1);
    terminal
}

/// Ctrl+C twice, and the terminal is as before.
fn quits(mut terminal: TestTerminal) {
    assert!(resident(terminal.id()) < RESIDENT_MAX, "{} bytes", resident(terminal.id()));
    terminal.type_keys("<c-c><c-c>");
    assert!(terminal.wait_for_exit().success());
    let bytes = terminal.recorded();
    assert_eq!(strict::check(&bytes), Ok(()));
    assert!(bytes.windows(PUT_BACK.len()).any(|part| part == PUT_BACK), "it was put back");
}

/// How much memory a process has, where the system tells.
fn resident(id: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.unwrap_or_default() * 1024
}

#[test]
fn what_is_no_hub_is_told_before_the_screen_in_a_sentence() {
    let head = |line: &str| format!("HTTP/1.1 {line}\r\n").into_bytes();
    let redirect = head("301 Moved\u{1b}[2J\r\nlocation: ws://\u{1b}]0;x\u{7}e.example/\r\n");
    for (bytes, floods) in [
        (redirect, false),
        (head("200 OK\r\ncontent-length: 5\r\n\r\n\u{1b}[2Jx"), false),
        (head("101 Switching Protocols\r\nsec-websocket-accept: x\r\n"), false),
        (b"\x1b[2J\x1b]0;x\x07\xff\xfe\n".to_vec(), false),
        ([head("200 OK"), b"x-y: z\r\n".repeat(100)].concat(), true),
        (b"\0".repeat(4096), true),
    ] {
        let mut terminal = client(listener_that_says(bytes, floods).port());
        assert_eq!(terminal.wait_for_exit().exit_code(), 3);
        let said = terminal.recorded_text();
        assert!(said.contains("answers, but is not a hubbub"), "{said:?}");
        assert_eq!(strict::check_lines(&terminal.recorded()), Ok(()));
    }
}

#[test]
fn what_is_not_of_the_protocol_stops_the_connection_and_nothing_else() {
    let hub = TestHostileHub::start();
    let terminal = at(&hub);
    let text = |payload: &[u8]| framed(0x81, payload);
    let half = b"x".repeat(60_000);
    let names = (0..1_000_000).map(|number| {
        json!({"room": format!("r{number}"), "topic": "",
        "members": 0, "head": 0, "mine": true})
    });
    let rooms = welcome(&json!("hubbub"), &Value::Array(names.collect())).to_string();
    let grapheme = event("lobby", 1, "message", &format!("a{}", "\u{301}".repeat(1 << 19)));
    let members = json!({"type": "members", "room": "lobby", "more": false,
        "members": vec![json!({"name": "Bob", "role": "member"}); 1_000_000]});
    for (bytes, sentence) in [
        (text(rooms.as_bytes()), "larger than 64 KiB"),
        (text(grapheme.to_string().as_bytes()), "larger than 64 KiB"),
        (text(members.to_string().as_bytes()), "larger than 64 KiB"),
        ([framed(0x01, &half), framed(0x00, &half)].concat(), "64 KiB"),
        (vec![0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "64 KiB"),
        (text(b"\xc3\x28\x1b[2J"), "not UTF-8"),
        (
            text(b"{\"type\":\"left\",\"room\":\"\\u001b[2J\"}"),
            "cannot be read came (room_invalid)",
        ),
        (text(&[b"{\"type\":".repeat(5_000), b"1".to_vec()].concat()), "came (bad_json)"),
        (text(&b"[".repeat(60_000)), "came (bad_"),
        (framed(0x82, b"\x1b[2J"), "no text"),
        (b"\x1b[2J\x9b\xff".repeat(300), "bytes came that are no frames"),
        (framed(0x83, b"x"), "bytes came that are no frames"),
        (framed(0xC1, b"x"), "bytes came that are no frames"),
    ] {
        let before = hub.count("join");
        hub.send(&bytes);
        terminal.wait_for_text(sentence);
        terminal.wait_for_text("stopped: 127.0.0.1:");
        terminal.type_keys("/reconnect<ret>");
        hub.wait_for("join", before + 1);
        terminal.wait_for_text(" live ");
    }
    quits(terminal);
}

#[test]
fn nonsense_in_order_number_and_time_does_no_harm() {
    let hub = TestHostileHub::start();
    let terminal = at(&hub);
    let last = (1_u64 << 53) - 1;
    for seq in [5, 4, 5, 5, 1, 0, 9, 9, 2, last - 1, 3, last, last, 7] {
        hub.say(&event("nowhere", seq, "message", "unheard"));
        hub.say(&event("lobby", seq, "message", &format!("number {seq}")));
    }
    terminal.wait_for_text(&format!("number {last}"));
    hub.say(&joined(&json!("never-asked-for"), "x"));
    for time in [i64::MIN, -1, i64::MAX] {
        let mut said = event("lobby", last, "message", "when");
        said["at"] = json!(time);
        hub.say(&said);
        hub.say(&json!({"type": "members", "members": [{"name": "Bob", "role": "member",
            "last_seen": time}], "more": false}));
    }
    for wrong in [
        json!({"type": "ack", "id": "x", "room": "lobby", "seq": last, "at": 0}),
        json!({"type": "gap", "room": "lobby", "from": last, "to": 0, "reason": "retention"}),
        json!({"type": "read", "room": "lobby", "seq": last}),
        json!({"type": "poll", "text": "\u{1b}[2J"}),
    ] {
        hub.say(&wrong);
    }
    let mut error = json!({"type": "error", "code": "storage", "text": "heard"});
    error["retry_after_ms"] = json!(u64::MAX);
    hub.say(&error);
    terminal.wait_for_text("heard");
    assert!(!terminal.rows().iter().any(|row| row.contains("unheard") || row.contains("never")));
    quits(terminal);
}

#[test]
fn a_crowd_that_never_ends_has_a_bound() {
    let hub = TestHostileHub::start();
    let terminal = at(&hub);
    for thousand in 0..100 {
        let person = |number| json!({"name": format!("p{thousand}-{number}"), "role": "member"});
        let joined: Vec<Value> = (0..1_000).map(person).collect();
        hub.say(&json!({"type": "presence", "room": "lobby", "joined": joined, "count": 9}));
    }
    hub.say(&event("lobby", 1, "message", "all here"));
    terminal.wait_for_text("all here");
    quits(terminal);
}

#[test]
fn a_hub_that_floods_leaves_the_keys_their_turn() {
    for flood in [messages(), framed(0x89, b"x"), framed(0x01, b""), pages()] {
        let hub = TestHostileHub::start();
        let terminal = at(&hub);
        let mut visitor = hub.visitor();
        thread::spawn(move || {
            let many = flood.repeat(1 + 65_536 / flood.len());
            while visitor.write_all(&many).is_ok() {}
        });
        terminal.type_keys("still here");
        terminal.wait_for_text("> still here");
        terminal.type_keys("<c-c>");
        terminal.wait_for_no_text("> still here");
        quits(terminal);
    }
}

/// A hundred thousand events; when they come again they are known.
fn messages() -> Vec<u8> {
    let frame = |seq| framed(0x81, event("lobby", seq, "message", "flood").to_string().as_bytes());
    (1..=100_000).flat_map(frame).collect()
}

/// An answer that nobody waits for.
fn pages() -> Vec<u8> {
    let events: Vec<Value> = (1..200).map(|seq| event("lobby", seq, "message", "x")).collect();
    let page = json!({"type": "page", "id": "x", "room": "lobby", "events": events,
        "oldest": 1, "as_of": 200, "more": false});
    framed(0x81, page.to_string().as_bytes())
}

#[test]
fn a_hub_that_never_lets_one_in_is_no_reason_to_hang() {
    let hub = TestHostileHub::start();
    hub.answer("hello", []);
    let terminal = client(hub.address().port());
    hub.wait_for("hello", 1);
    terminal.wait_for_text("connecting");
    hub.say(&event("lobby", 1, "message", "before the welcome"));
    hub.send(&framed(0x89, b"x"));
    terminal.type_keys("kept");
    terminal.wait_for_text("> kept");
    assert!(!terminal.rows().iter().any(|row| row.contains("before the welcome")));
    terminal.type_keys("<c-c>");
    quits(terminal);
}
