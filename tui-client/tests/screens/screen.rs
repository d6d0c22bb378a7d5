//! A client, its screen, and the hub's side of the wire.

use std::{fmt::Write as _, time::Duration};

use jiff::tz::TimeZone;
use protocol::{ClientFrame, ServerFrame, Timestamp, codec};
use ratatui::buffer::Cell;
use serde_json::{Value, json};
use tui_client::{
    effect::Effect,
    event::{Event, Key, KeyCode, LinkEvent, Now, Size},
    keeping::Restored,
    outbox::Kept,
    state::{Settings, State},
    update,
    view::{Canvas, view},
};

/// Friday, 21 November 2025, 14:02 UTC.
pub(crate) const START: i64 = 1_763_733_720_000;
const EPOCH: &str = "00000000000000e1";
const ANA: &str = "~aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub(crate) const DM: &str = "dm:0123456789abcdef0123456789abcdef";

/// A client, its screen, and the hub's side of the wire.
pub(crate) struct Screen {
    pub(crate) state: State,
    now: Now,
    pub(crate) sent: Vec<ClientFrame>,
}

impl Screen {
    /// A client of this size that has just started.
    pub(crate) fn new(columns: u16, rows: u16) -> Self {
        let now = Now { mono: Duration::ZERO, wall: Timestamp(START) };
        let settings = Settings {
            size: Size { columns, rows },
            time_zone: TimeZone::UTC,
            seed: 1,
            rooms: Vec::new(),
            current: None,
            name: protocol::UserName::parse("Ana").ok(),
            hub: "Ana's hub".into(),
            invite: vec![
                "Only this machine can join. For your network: /quit, then hubbub host --lan"
                    .into(),
                "Browser: http://localhost:8080/".into(),
            ],
            preferences: tui_client::preferences::Preferences::default(),
            hosting: None,
        };
        let mut screen = Self { state: State::new(settings, now), now, sent: Vec::new() };
        let identity = protocol::Identity::parse(ANA).expect("an identity");
        screen.link(LinkEvent::Claimed { identity });
        screen
    }

    /// A client that is in the lobby with Bob and cyd.
    pub(crate) fn live(columns: u16, rows: u16) -> Self {
        let mut screen = Self::new(columns, rows);
        screen.welcome();
        screen.joined("lobby", 0, &["Ana", "Bob", "cyd"]);
        screen
    }

    pub(crate) fn tell(&mut self, event: Event) {
        for effect in update(&mut self.state, event, self.now) {
            match effect {
                Effect::Send(ClientFrame::Read(_) | ClientFrame::Typing(_)) => {}
                Effect::Send(frame) => self.sent.push(frame),
                Effect::Keep(_) => self.tell(Event::Kept),
                Effect::Become { owner } => {
                    let (kept, notice) = (Kept::default(), None);
                    self.tell(Event::Restored(Restored { owner, kept, notice }));
                }
                _ => {}
            }
        }
    }

    pub(crate) fn link(&mut self, event: LinkEvent) {
        self.tell(Event::Link(event));
    }

    pub(crate) fn frame(&mut self, frame: &Value) {
        let frame: ServerFrame = codec::decode_server(&frame.to_string()).expect("a valid frame");
        self.link(LinkEvent::Frame(Box::new(frame)));
    }

    pub(crate) fn welcome(&mut self) {
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

    /// The hub answers the last `join`.
    pub(crate) fn joined(&mut self, room: &str, head: u64, members: &[&str]) {
        let id = self.sent.iter().rev().find_map(|frame| match frame {
            ClientFrame::Join(join) if join.room.as_str() == room => join.id.clone(),
            _ => None,
        });
        let members: Vec<Value> =
            members.iter().map(|name| json!({"name": name, "role": "member"})).collect();
        let mut frame = json!({
            "type": "joined", "room": room, "topic": "", "head": head, "oldest": 1,
            "epoch": EPOCH, "count": members.len(), "members": members, "more": false,
        });
        if let Some(id) = id {
            frame["id"] = json!(id.as_str());
        }
        if room == DM {
            frame["peer"] = json!("Bob");
        }
        self.frame(&frame);
    }

    /// Somebody says something.
    pub(crate) fn says(&mut self, room: &str, seq: u64, from: &str, text: &str) {
        let event = self.event(room, seq, from, text);
        self.frame(&event);
    }

    pub(crate) fn event(&self, room: &str, seq: u64, from: &str, text: &str) -> Value {
        let by = if from == "Ana" { ANA.into() } else { identity(from) };
        let at = self.now.wall.0;
        json!({
            "type": "event", "room": room, "seq": seq, "at": at, "from": from, "by": by,
            "kind": "message", "id": format!("e{seq}"), "text": text,
        })
    }

    /// The hub stores the last message that was sent.
    pub(crate) fn stores(&mut self, seq: u64) {
        let say = self.sent.iter().rev().find_map(|frame| match frame {
            ClientFrame::Say(say) => Some(say.clone()),
            _ => None,
        });
        let say = say.expect("something was said");
        let mut event = self.event(say.room.as_str(), seq, "Ana", say.text.as_str());
        event["id"] = json!(say.id.as_str());
        let at = self.now.wall.0;
        let (id, room) = (say.id.as_str(), say.room.as_str());
        self.frame(&json!({"type": "ack", "id": id, "room": room, "seq": seq, "at": at}));
        self.frame(&event);
    }

    /// The hub answers the last `history` with words.
    pub(crate) fn sends_page(&mut self, room: &str, from: u64, to: u64) {
        let id = self.sent.iter().rev().find_map(|frame| match frame {
            ClientFrame::History(history) => history.id.clone(),
            _ => None,
        });
        let id = id.expect("a page was asked for");
        let events: Vec<Value> = (from..=to)
            .map(|seq| {
                let name = ["Bob", "cyd"][(seq / 3 % 2) as usize];
                let mut event = self.event(room, seq, name, &format!("message {seq}"));
                event["at"] = json!(START - 3_600_000 + seq.cast_signed() * 20_000);
                event
            })
            .collect();
        self.frame(&json!({
            "type": "page", "id": id.as_str(), "room": room, "events": events, "oldest": 1,
            "as_of": to, "more": from > 1,
        }));
    }

    /// Presses keys: characters for themselves, others as `<Enter>`, `<C-n>`, `<A-a>`.
    pub(crate) fn keys(&mut self, keys: &str) {
        let mut rest = keys;
        while let Some(first) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|after| after.split_once('>'));
            let key = if let Some((name, after)) = named {
                rest = after;
                key(name)
            } else {
                rest = &rest[first.len_utf8()..];
                plain(KeyCode::Char(first))
            };
            self.tell(Event::Key(key));
        }
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now.mono += time;
        self.now.wall.0 += i64::try_from(time.as_millis()).expect("a short time");
        self.tell(Event::Tick);
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.tell(Event::Resize(Size { columns, rows }));
    }

    fn draw(&self) -> Canvas {
        let mut canvas = Canvas::default();
        view(&self.state, &mut canvas);
        canvas
    }

    /// What is in each cell.
    pub(crate) fn cells(&self) -> Vec<String> {
        let canvas = self.draw();
        let rows = (0..canvas.size().rows).flat_map(|row| canvas.row(row));
        rows.map(|cell| cell.symbol().to_owned()).collect()
    }

    /// What does not look plain, row by row: the text, and how it looks.
    pub(crate) fn looks(&self) -> String {
        let canvas = self.draw();
        let mut looks = String::new();
        for y in 0..canvas.size().rows {
            let cells = canvas.row(y);
            let is_same = |one: &Cell, other: &Cell| one.style() == other.style();
            let runs = cells.chunk_by(is_same).filter(|run| run[0].style() != Cell::EMPTY.style());
            for run in runs {
                let text: String = run.iter().map(Cell::symbol).collect();
                let (colour, modifier) = (run[0].fg, run[0].modifier);
                let look = format!("{colour} {modifier:?}").to_lowercase();
                let text = shortened(text.trim_end());
                let _ = writeln!(looks, "{y:>2} {look:<20} {text}"); // A String takes everything.
            }
        }
        looks
    }

    /// The screen as text.
    pub(crate) fn shown(&self) -> String {
        let canvas = self.draw();
        let mut text = String::new();
        for y in 0..canvas.size().rows {
            let (mut line, mut covered) = (String::new(), 0);
            for (x, cell) in (0..).zip(canvas.row(y)) {
                let symbol = cell.symbol();
                let is_cursor = canvas.cursor() == Some((x, y));
                if covered > 0 {
                    covered -= 1;
                    continue;
                }
                line.push_str(if is_cursor && symbol == " " { "▌" } else { symbol });
                covered = tui_client::safe_text::cells(symbol).saturating_sub(1);
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A line of many strokes with only some of them.
fn shortened(text: &str) -> String {
    let mut short = text.to_owned();
    for stroke in ["─", "═"] {
        while short.contains(&stroke.repeat(4)) {
            short = short.replace(&stroke.repeat(4), &stroke.repeat(3));
        }
    }
    short
}

/// Who that is.
pub(crate) fn identity(name: &str) -> String {
    let mix = |number: u64, byte| number.wrapping_mul(31) ^ u64::from(byte);
    let number = name.bytes().fold(0, mix);
    format!("~{number:032x}")
}

fn plain(code: KeyCode) -> Key {
    Key { code, ctrl: false, alt: false, shift: false }
}

fn key(name: &str) -> Key {
    if let Some(c) = name.strip_prefix("C-").and_then(|name| name.chars().next()) {
        return Key { ctrl: true, ..plain(KeyCode::Char(c)) };
    }
    if let Some(c) = name.strip_prefix("A-").and_then(|name| name.chars().next()) {
        return Key { alt: true, ..plain(KeyCode::Char(c)) };
    }
    plain(match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PageUp" => KeyCode::PageUp,
        "PageDown" => KeyCode::PageDown,
        "BS" => KeyCode::Backspace,
        other => panic!("no key is called {other}"),
    })
}
