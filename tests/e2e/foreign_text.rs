//! What others write cannot do anything to the terminal: texts of every hostile kind in every
//! field of the protocol, and each byte that comes out at the terminal.

use std::cell::Cell;

use protocol::{close, codec::decode_server};
use serde_json::{Value, json};
use tests::{
    Home, TestTerminal,
    hostile::{self, TestHostileHub, event, joined, welcome},
    strict,
};

/// Their private room.
const PRIVATE: &str = "dm:00000000000000000000000000000012";
/// Longest reason of a close.
const REASON_BYTES_MAX: usize = 123;

/// Texts that would do something, or that nobody could see.
fn payloads() -> Vec<String> {
    let tower = format!("e{}", "\u{301}".repeat(30_000 / 2));
    let texts = [
        "\0\u{1}\u{8}\u{b}\u{c}\u{e}\u{f}\u{1f}\u{7f}\u{7}",
        "\u{80}\u{84}\u{85}\u{8d}\u{90}\u{98}\u{9b}2J\u{9c}\u{9d}0;x\u{9e}\u{9f}",
        "\u{1b}[2J\u{1b}[31;1m\u{1b}[1;1H\u{1b}c\u{1b}[?1049l\u{1b}[6n\u{1b}[21t",
        "\u{1b}]0;x\u{7}\u{1b}]2;x\u{1b}\\\u{1b}]8;;http://e.example\u{1b}\\y\u{1b}]52;c;eA==\u{7}",
        "\u{1b}]9;x\u{7}\u{1b}]777;notify;a;b\u{7}\u{1b}]1337;File=:eA==\u{7}",
        "\u{1b}Pq#0;2\u{1b}\\\u{1b}_Gx\u{1b}\\\u{1b}^x\u{1b}\\\u{1b}Xx\u{1b}\\",
        "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{61c}",
        "\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}\u{180e}\u{34f}\u{2064}",
        "\u{e0001}\u{e0020}\u{e0041}\u{e007f}\u{e01ef}",
        "\u{fe00}\u{fe0e}\u{fe0f}\u{180b}",
        "\u{301}\u{301}x\u{20dd}\u{489}",
        "a\r\nb\nc\rd\te\u{b}f\u{c}g",
        "a\nb\tc",
        "\u{2028}\u{2029}\u{85}",
        "\u{fdd0}\u{fffe}\u{ffff}\u{1ffff}\u{10ffff}",
        "\u{378}\u{e000}\u{10fffd}\u{fffc}\u{fff9}",
        "\u{115f}\u{1160}\u{3164}\u{ffa0}\u{17b4}",
        "שלום \u{202e}مرحبا\u{202c} אב",
    ];
    let long = ["x".repeat(3_000), "👩\u{200d}".repeat(200), tower, "日".repeat(90)];
    texts.into_iter().map(str::to_owned).chain(long).collect()
}

/// What is looked for on the screen; it stands before the payload.
fn marked(field: &str, index: usize, payload: &str) -> (String, String) {
    let number = FIELDS.iter().position(|(known, _)| *known == field).expect("a field");
    let mark = format!("q{number:02}{index:02}w");
    let text = format!("{mark}{payload}");
    (mark, text)
}

/// How a text comes to the client.
enum Way {
    /// The hub says it.
    Said(fn(&str, u64) -> Value),
    /// The answer to a request of this type, after these keys; then those.
    Answered(&'static str, &'static str, fn(&str) -> Value, &'static str),
    /// The answer to hello.
    Greeted(fn(&str) -> Value),
    /// The reason of a close, which nobody is shown.
    Closed,
}

/// Every field that has somebody else's words in it.
const FIELDS: [(&str, Way); 19] = [
    ("title of the hub", Way::Greeted(|text| welcome(&json!(text), &json!([])))),
    ("refusal of hello", Way::Greeted(error)),
    ("reason of a close", Way::Closed),
    ("topic", Way::Said(|text, _| joined(&json!("lobby"), text))),
    ("private message", Way::Said(|text, seq| event(PRIVATE, seq, "message", text))),
    ("announcement", Way::Said(|text, seq| event("announcements", seq, "announcement", text))),
    ("message", Way::Said(|text, seq| event("lobby", seq, "message", text))),
    ("action", Way::Said(|text, seq| event("lobby", seq, "message", &format!("/me {text}")))),
    ("notice", Way::Said(|text, seq| event("lobby", seq, "notice", text))),
    ("change of topic", Way::Said(|text, seq| event("lobby", seq, "topic", text))),
    ("edit", Way::Said(edit)),
    ("author", Way::Said(author)),
    ("person who comes", Way::Said(comer)),
    ("person who writes", Way::Said(typist)),
    ("error", Way::Said(|text, _| error(text))),
    ("refusal of a message", Way::Answered("say", "x<ret>", error, "/discard<ret>")),
    ("rooms", Way::Answered("rooms", "/rooms<ret>", rooms, "<esc>")),
    ("people", Way::Answered("who", "/who<ret>", people, "<esc>")),
    ("person", Way::Answered("who", "/whois Bob<ret>", people, "")),
];

fn error(text: &str) -> Value {
    json!({"type": "error", "code": "forbidden", "text": text})
}

fn edit(text: &str, seq: u64) -> Value {
    let mut edit = event("lobby", seq, "edit", text);
    edit["target"] = json!(seq - 1);
    edit
}

fn author(text: &str, seq: u64) -> Value {
    let mut event = event("lobby", seq, "message", "hi");
    event["from"] = json!(text);
    event
}

fn comer(text: &str, _: u64) -> Value {
    let member = json!({"name": text, "role": "member"});
    json!({"type": "presence", "room": "lobby", "joined": [member], "count": 3})
}

fn typist(text: &str, _: u64) -> Value {
    json!({"type": "typing", "room": "lobby", "names": [text]})
}

fn rooms(topic: &str) -> Value {
    let room = json!({"room": "games", "topic": topic, "members": 1, "head": 1, "mine": false});
    json!({"type": "rooms", "rooms": [room], "more": false})
}

fn people(away: &str) -> Value {
    let person = json!({"name": "Bob", "role": "member", "away": away});
    json!({"type": "members", "room": "lobby", "members": [person], "more": false})
}

/// A client at the hub.
struct Client {
    hub: TestHostileHub,
    terminal: TestTerminal,
    is_plain: bool,
    seq: Cell<u64>,
}

impl Client {
    fn start(arguments: &[&str]) -> Self {
        let hub = TestHostileHub::start();
        let port = hub.address().port().to_string();
        let home = Home::of("ana");
        let all = [&["-H", "127.0.0.1", "-p", &port, "-n", "Ana"], arguments].concat();
        let terminal = TestTerminal::hubbub_sized(&home, &all, 160, 40);
        let is_plain = arguments.contains(&"--plain");
        let client = Self { hub, terminal, is_plain, seq: Cell::new(0) };
        client.wait_until_live();
        client
    }

    fn wait_until_live(&self) {
        self.hub.wait_for("join", 1);
        self.terminal.wait_for_text(if self.is_plain { "live, you are Ana" } else { " live " });
    }

    fn next_seq(&self) -> u64 {
        self.seq.set(self.seq.get() + 1);
        self.seq.get()
    }

    /// Every payload in this field: seen where the protocol lets it through, refused otherwise.
    fn try_all(&self, field: &str, way: &Way) {
        let mut has_refused = false;
        for (index, payload) in payloads().into_iter().enumerate() {
            let (mark, text) = marked(field, index, &payload);
            if field == "edit" {
                self.hub.say(&event("lobby", self.next_seq(), "message", "as it was"));
            }
            let frame = match way {
                Way::Said(frame) => frame(&text, self.next_seq()),
                Way::Answered(_, _, frame, _) | Way::Greeted(frame) => frame(&text),
                Way::Closed if text.len() > REASON_BYTES_MAX => continue,
                Way::Closed => {
                    self.close(&text);
                    self.comes_back("join");
                    self.terminal.wait_for_text(" live ");
                    continue;
                }
            };
            if decode_server(&frame.to_string()).is_err() {
                // One is enough: nothing of such a frame gets beyond its decoding.
                if !self.is_plain && !std::mem::replace(&mut has_refused, true) {
                    self.refuses(way, frame);
                }
                continue;
            }
            self.brings(way, frame);
            self.sees(&mark, &format!("{field} {payload:.40?} after {mark}"));
            self.put_away(way);
        }
    }

    /// On the screen only what has changed is written; among lines a long one pushes it out.
    fn sees(&self, mark: &str, what: &str) {
        if self.is_plain {
            let is_there = |bytes: &[u8]| contains(bytes, mark);
            self.terminal.wait_for_bytes(what, is_there);
        } else {
            self.terminal.wait_for(what, |screen| screen.contents().contains(mark));
        }
    }

    fn brings(&self, way: &Way, frame: Value) {
        match way {
            Way::Said(_) => self.hub.say(&frame),
            Way::Answered(kind, keys, ..) => {
                self.hub.answer(kind, [frame]);
                self.terminal.type_keys(keys);
            }
            Way::Greeted(_) => {
                self.hub.answer("hello", [frame]);
                self.close("");
                self.comes_back("hello");
            }
            Way::Closed => {}
        }
    }

    fn put_away(&self, way: &Way) {
        match way {
            Way::Answered(_, _, _, keys) if !self.is_plain || *keys != "<esc>" => {
                self.terminal.type_keys(keys);
                // Esc and the next key at once would be that key with Alt.
                self.terminal.wait_for_no_text("Esc closes");
            }
            Way::Greeted(_) => {
                self.hub.answer_as_usual("hello");
                let stopped = self.terminal.rows().iter().any(|row| row.contains("stopped: "));
                if stopped {
                    self.comes_back("join");
                }
                self.terminal.wait_for_text(" live ");
            }
            _ => {}
        }
    }

    /// A frame that the protocol does not allow: it is told, and the client waits for the user.
    fn refuses(&self, way: &Way, frame: Value) {
        self.brings(way, frame);
        self.terminal.wait_for_text("sends what is not hubbub's protocol");
        match way {
            Way::Greeted(_) => self.put_away(way),
            Way::Answered(kind, ..) => self.hub.answer_as_usual(kind),
            Way::Said(_) | Way::Closed => {}
        }
        if !matches!(way, Way::Greeted(_)) {
            self.comes_back("join");
        }
        self.terminal.wait_for_text(" live ");
    }

    /// The user connects again, until the hub has heard that.
    fn comes_back(&self, request: &str) {
        let before = self.hub.count(request);
        // A line that had no answer is in the draft again.
        self.terminal.type_keys("<c-u>/reconnect<ret>");
        self.hub.wait_for(request, before + 1);
    }

    /// The hub removes one, for this reason; one stays away until one acts.
    fn close(&self, reason: &str) {
        let payload = [&close::FORBIDDEN.to_be_bytes()[..], reason.as_bytes()].concat();
        self.hub.send(&hostile::framed(0x88, &payload));
        self.terminal.wait_for_text("an operator removed you");
    }
}

#[test]
fn no_text_in_any_field_reaches_the_terminal_but_as_text() {
    let mut client = Client::start(&[]);
    for (field, way) in FIELDS {
        if field == "private message" {
            client.hub.say(&in_private());
            client.terminal.wait_for_text("@Bob");
        }
        client.try_all(field, &way);
    }
    client.terminal.type_keys("<c-c><c-c>");
    assert!(client.terminal.wait_for_exit().success());
    let bytes = client.terminal.recorded();
    assert_eq!(strict::check(&bytes), Ok(()));
    assert!(bytes.ends_with(b"\x1b[?1049l\x1b[?25h"), "the terminal is as it was");
}

#[test]
fn no_text_in_any_field_is_more_than_a_line_where_there_is_no_screen() {
    const UNTOLD: [&str; 6] = [
        "title of the hub",
        "refusal of hello",
        "reason of a close",
        "topic",
        "person who comes",
        "person who writes",
    ];
    let mut client = Client::start(&["--plain"]);
    client.hub.say(&in_private());
    for (field, way) in FIELDS.iter().filter(|(field, _)| !UNTOLD.contains(field)) {
        client.try_all(field, way);
    }
    client.terminal.type_keys("/quit<ret>");
    client.terminal.wait_for_exit();
    assert_eq!(strict::check_lines(&client.terminal.recorded()), Ok(()));
}

#[test]
fn what_is_copied_linked_and_noticed_is_text() {
    let client = Client::start(&[]);
    let text = "Ana: https://e.example/\u{202e};a\u{200b} \u{2066}b\n\tc\u{feff} \u{e0041}";
    client.terminal.look_elsewhere();
    client.hub.say(&event("lobby", 1, "message", text));
    client.terminal.wait_for_bytes("a notice", |bytes| contains(bytes, "]9;hubbub: Bob in lobby"));
    client.terminal.wait_for_bytes("a link", |bytes| contains(bytes, ";https://e.example/"));
    client.terminal.type_keys("<a-m>y");
    client.terminal.wait_for_text("copied");
    let bytes = client.terminal.wait_for_bytes("a copy", |bytes| contains(bytes, "]52;c;"));
    assert_eq!(strict::check(&bytes), Ok(()));
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

fn in_private() -> Value {
    let mut private = joined(&json!(PRIVATE), "");
    private["peer"] = json!("Bob");
    private
}
