//! Scenarios: keys and frames in, effects and state out.

mod announcing;
mod bare;
mod changing;
mod clicking;
mod commands;
mod crashes;
mod editor;
mod hostile;
mod keys;
mod lines;
mod memory;
mod network;
mod never_panics;
mod notices;
mod noticing;
mod outbox;
mod peeking;
mod preferring;
mod rooms;
mod selecting;
mod telling;
mod undo;
mod waiting;

use std::{collections::VecDeque, time::Duration};

use jiff::tz::TimeZone;
use protocol::{ClientFrame, HubId, Identity, Timestamp, UserName, codec};

use super::update;
use crate::{
    effect::Effect,
    event::{Event, Key, KeyCode, LinkEvent, Now, Size},
    keeping::Restored,
    outbox::{Kept, Note},
    separator::Tone,
    state::{Settings, State},
};

/// Identities of the people in the scenarios.
const ANA: &str = "~00000000000000000000000000000001";
const BOB: &str = "~00000000000000000000000000000002";
/// Their private room.
const PRIVATE: &str = "dm:00000000000000000000000000000012";
const EPOCH: &str = "00000000000000aa";

/// Somebody at a client.
struct User {
    state: State,
    now: Now,
    /// What is on disk.
    disk: Kept,
    /// How many times something was written.
    writes: usize,
    /// Whether the disk takes nothing more.
    is_disk_full: bool,
    /// What the hub was told of reading and writing.
    told: Vec<String>,
}

impl User {
    /// The program was just started, for the first time.
    fn starts() -> Self {
        Self::starts_with(|_| {})
    }

    fn starts_with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            size: Size { columns: 80, rows: 24 },
            time_zone: TimeZone::UTC,
            seed: 7,
            rooms: Vec::new(),
            current: None,
            name: Some(name("Ana")),
            hub: "Ana's hub".into(),
            invite: vec!["hubbub 192.168.1.20".into()],
            preferences: crate::preferences::Preferences::default(),
            hosting: None,
        };
        change(&mut settings);
        let now = Now { mono: Duration::ZERO, wall: Timestamp((14 * 60 + 5) * 60_000) };
        let state = State::new(settings, now);
        let (disk, told) = (Kept::default(), Vec::new());
        let mut user = Self { state, now, disk, writes: 0, is_disk_full: false, told };
        user.becomes(ANA);
        user
    }

    /// The program knows who it is, and reads what is on disk.
    fn becomes(&mut self, identity: &str) {
        let effects = self.link(LinkEvent::Claimed { identity: identity_of(identity) });
        assert_eq!(effects, [], "what is on disk is no news for anybody else");
    }

    /// Whatever was in memory is gone; the program starts anew.
    fn crashes(self) -> Self {
        let mut user = Self::starts();
        user.now.wall.0 = self.now.wall.0 + 1000;
        user.state = State::new(user.state.settings, user.now);
        user.disk = self.disk;
        user.becomes(ANA);
        user
    }

    /// Ana is live in the lobby.
    fn in_lobby() -> Self {
        let mut user = Self::starts();
        user.connects();
        user.joined("lobby", 0);
        user
    }

    /// Ana is live in the lobby, which is shown, and in `games`.
    fn in_two_rooms() -> Self {
        let mut user = Self::in_lobby();
        user.types("/join games<ret>");
        user.joined("games", 0);
        user.types("<c-p>");
        user
    }

    fn connects(&mut self) -> Vec<Effect> {
        self.connects_to("[]")
    }

    /// These are rooms of the hub.
    fn connects_to(&mut self, rooms: &str) -> Vec<Effect> {
        self.link(LinkEvent::Connecting);
        self.link(LinkEvent::Opened { hub: hub() });
        self.link(LinkEvent::Introduced { name: name("Ana") });
        self.welcomed("Ana", rooms)
    }

    fn welcomed_as(&mut self, name: &str) -> Vec<Effect> {
        self.welcomed(name, "[]")
    }

    fn welcomed(&mut self, name: &str, rooms: &str) -> Vec<Effect> {
        self.hears(&format!(
            r#"{{"type":"welcome","session":1,"name":"{name}","identity":"{ANA}","role":"member",
            "server":{{"name":"hubbub","version":"0.1.0"}},"hub":"{}","epoch":"{EPOCH}",
            "durability":"fsync","now":0,"heartbeat_ms":25000,"limits":{{"text":4096,"frame":65536,
            "name":32,"room":64,"topic":300,"note":100,"rooms":128,"page":200,"rate":10,
            "burst":30}},
            "rooms":{rooms}}}"#,
            hub()
        ))
    }

    /// The hub's answer to a join: Ana and Bob are in the room, its last seq is `head`.
    fn joined(&mut self, room: &str, head: u64) -> Vec<Effect> {
        let id = self.id_of_last_join(room).map_or(String::new(), |id| format!(r#""id":"{id}","#));
        self.hears(&format!(
            r#"{{"type":"joined",{id}"room":"{room}","topic":"","head":{head},"oldest":1,
            "epoch":"{EPOCH}","count":2,"members":[{{"name":"Ana","role":"member"}},
            {{"name":"Bob","role":"member"}}],"more":false}}"#
        ))
    }

    fn joined_in_private(&mut self, head: u64) -> Vec<Effect> {
        self.hears(&format!(
            r#"{{"type":"joined","room":"{PRIVATE}","peer":"Bob","topic":"","head":{head},
            "oldest":1,"epoch":"{EPOCH}","count":2,"members":[],"more":false}}"#
        ))
    }

    fn bob_says(&mut self, room: &str, seq: u64, text: &str) -> Vec<Effect> {
        self.event(room, seq, "Bob", BOB, &format!("bob-{seq}"), text)
    }

    fn own_event(&mut self, room: &str, seq: u64, id: &str, text: &str) -> Vec<Effect> {
        self.event(room, seq, "Ana", ANA, id, text)
    }

    fn event(
        &mut self,
        room: &str,
        seq: u64,
        from: &str,
        by: &str,
        id: &str,
        text: &str,
    ) -> Vec<Effect> {
        let text = serde_json::to_string(text).unwrap();
        self.hears(&format!(
            r#"{{"type":"event","room":"{room}","seq":{seq},"at":0,"from":"{from}","by":"{by}",
            "kind":"message","id":"{id}","text":{text}}}"#
        ))
    }

    fn acked(&mut self, id: &str, room: &str, seq: u64) -> Vec<Effect> {
        self.hears(&format!(r#"{{"type":"ack","id":"{id}","room":"{room}","seq":{seq},"at":0}}"#))
    }

    fn refused(&mut self, id: &str, code: &str, retry_after_ms: Option<u64>) -> Vec<Effect> {
        let retry = retry_after_ms.map_or(String::new(), |ms| format!(r#","retry_after_ms":{ms}"#));
        self.hears(&format!(
            r#"{{"type":"error","id":"{id}","code":"{code}","text":"why not"{retry}}}"#
        ))
    }

    fn lost(&mut self) -> Vec<Effect> {
        self.link(LinkEvent::Lost { retry_in: Duration::from_secs(1) })
    }

    /// The hub sends this frame.
    fn hears(&mut self, json: &str) -> Vec<Effect> {
        let frame = codec::decode_server(json).unwrap();
        self.link(LinkEvent::Frame(Box::new(frame)))
    }

    fn link(&mut self, event: LinkEvent) -> Vec<Effect> {
        self.event_is(Event::Link(event))
    }

    /// Types keys, written as `hello<ret>`, `<esc>a`, `<c-n>`, `<a-bs>`, `<lt>`.
    fn types(&mut self, keys: &str) -> Vec<Effect> {
        let mut effects = Vec::new();
        for key in parse_keys(keys) {
            effects.extend(self.event_is(Event::Key(key)));
        }
        effects
    }

    fn pastes(&mut self, text: &str) -> Vec<Effect> {
        self.event_is(Event::Paste(text.into()))
    }

    fn waits(&mut self, millis: u64) -> Vec<Effect> {
        self.now.mono += Duration::from_millis(millis);
        self.now.wall.0 += i64::try_from(millis).unwrap();
        self.event_is(Event::Tick)
    }

    /// Does what the shell does, but for what it says to others.
    fn event_is(&mut self, event: Event) -> Vec<Effect> {
        let mut to_others = Vec::new();
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in update(&mut self.state, event, self.now) {
                match effect {
                    Effect::Keep(notes) => events.push_back(self.keep(&notes)),
                    Effect::Become { owner } => {
                        let (kept, notice) = (self.disk.clone(), None);
                        events.push_back(Event::Restored(Restored { owner, kept, notice }));
                    }
                    Effect::Send(ClientFrame::Read(read)) => {
                        self.told.push(format!("read {} {}", read.room, read.seq));
                    }
                    Effect::Send(ClientFrame::Typing(typing)) => {
                        self.told.push(format!("typing {}", typing.room));
                    }
                    effect => to_others.push(effect),
                }
            }
        }
        to_others
    }

    fn keep(&mut self, notes: &[Note]) -> Event {
        if self.is_disk_full {
            return Event::NotKept { why: "no space left".into() };
        }
        self.writes += 1;
        self.disk.apply_all(notes);
        Event::Kept
    }

    fn draft(&self) -> &str {
        self.state.composer.draft.text()
    }

    fn separator(&self) -> String {
        self.state.separator_line().map_or(String::new(), |(text, _)| text.into_owned())
    }

    fn tone(&self) -> Option<Tone> {
        self.state.separator_line().map(|(_, tone)| tone)
    }

    fn status(&self) -> String {
        self.state.link.words(&TimeZone::UTC)
    }

    fn shown(&self) -> String {
        self.state.room().title()
    }

    fn titles(&self) -> Vec<String> {
        self.state.rooms.iter().map(crate::room::Room::title).collect()
    }

    fn panel(&self) -> Vec<String> {
        self.state.panel_lines().into_iter().map(|line| line.text).collect()
    }

    /// The id under which the room was asked for last, if it still has no answer.
    fn id_of_last_join(&self, room: &str) -> Option<String> {
        self.state.requests.id_of_join(&protocol::RoomName::parse(room).unwrap())
    }
}

fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

fn identity_of(text: &str) -> Identity {
    Identity::parse(text).unwrap()
}

fn hub() -> HubId {
    HubId::from_bytes([9; 16])
}

/// The frames that are sent, as JSON without their ids.
fn sent(effects: &[Effect]) -> Vec<String> {
    frames(effects).map(|frame| without_id(&codec::encode_client(frame))).collect()
}

/// The id of the only message among the effects.
fn message_id(effects: &[Effect]) -> String {
    let ids: Vec<String> = frames(effects)
        .filter(|frame| frame.is_message())
        .filter_map(|frame| frame.id().map(ToString::to_string))
        .collect();
    assert_eq!(ids.len(), 1, "{effects:?}");
    ids[0].clone()
}

/// The texts of the messages that are sent.
fn said(effects: &[Effect]) -> Vec<&str> {
    frames(effects)
        .filter_map(|frame| match frame {
            ClientFrame::Say(say) => Some(say.text.as_str()),
            ClientFrame::Direct(direct) => Some(direct.text.as_str()),
            _ => None,
        })
        .collect()
}

fn frames(effects: &[Effect]) -> impl Iterator<Item = &ClientFrame> {
    effects.iter().filter_map(|effect| match effect {
        Effect::Send(frame) => Some(frame),
        _ => None,
    })
}

fn without_id(json: &str) -> String {
    let mut value: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap();
    value.remove("id");
    serde_json::to_string(&value).unwrap()
}

fn parse_keys(keys: &str) -> Vec<Key> {
    let mut parsed = Vec::new();
    let mut rest = keys;
    while let Some(first) = rest.chars().next() {
        let name = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
        if let Some((name, after)) = name {
            parsed.push(parse_key(name));
            rest = after;
        } else {
            parsed.push(plain(KeyCode::Char(first)));
            rest = &rest[first.len_utf8()..];
        }
    }
    parsed
}

fn parse_key(name: &str) -> Key {
    if let Some(name) = name.strip_prefix("c-") {
        return Key { ctrl: true, ..parse_key(name) };
    }
    if let Some(name) = name.strip_prefix("a-") {
        return Key { alt: true, ..parse_key(name) };
    }
    if let Some(name) = name.strip_prefix("s-") {
        return Key { shift: true, ..parse_key(name) };
    }
    plain(match name {
        "ret" => KeyCode::Enter,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "bs" => KeyCode::Backspace,
        "del" => KeyCode::Delete,
        "esc" => KeyCode::Esc,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "lt" => KeyCode::Char('<'),
        other => KeyCode::Char(other.chars().next().unwrap()),
    })
}

fn plain(code: KeyCode) -> Key {
    Key { code, ctrl: false, alt: false, shift: false }
}
