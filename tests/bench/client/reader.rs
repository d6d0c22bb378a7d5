//! Somebody at the client, in this process: the real state, fed by frames; the real frames, as
//! bytes that go nowhere. A hub answers for its pages at once.

use std::time::Duration;

use protocol::{ClientFrame, HubId, Identity, ServerFrame, Timestamp, UserName, codec};
use tui_client::{
    effect::Effect,
    event::{Event, Key, KeyCode, LinkEvent, Now, Size},
    keeping::Restored,
    outbox::Kept,
    preferences::Preferences,
    state::{Settings, State},
    terminal::Frames,
    update, view,
};

use crate::log::{Log, event, text};

/// Ana reads a room.
pub(crate) struct Reader {
    pub(crate) state: State,
    frames: Frames,
    now: Now,
    log: Log,
}

impl Reader {
    /// Ana has joined a room of so many messages and sees the newest.
    pub(crate) fn at(columns: u16, rows: u16, history: u64) -> Self {
        let name = UserName::parse("Ana").expect("a name");
        let size = Size { columns, rows };
        let now = Now { mono: Duration::from_secs(1), wall: Timestamp(0) };
        let state = State::new(settings(size, name.clone()), now);
        let mut reader = Self { state, frames: Frames::new(), now, log: Log { head: history } };
        reader.hears(LinkEvent::Claimed { identity: Identity::from_bytes([1; 16]) });
        let hub: HubId = serde_json::from_str(&format!("{HUB:?}")).expect("a hub id");
        reader.hears(LinkEvent::Opened { hub });
        reader.hears(LinkEvent::Introduced { name });
        reader.hears_text(&welcome());
        reader.hears_text(&joined("lobby", history));
        reader.paint();
        reader
    }

    /// Reads from the newest to the first message and back, page by page, as a reader does.
    pub(crate) fn read_all(&mut self) {
        loop {
            let before = self.top();
            self.press(KeyCode::PageUp);
            if self.top() == before {
                break;
            }
        }
        self.press(KeyCode::End);
        self.paint();
    }

    /// What stands in the first rows.
    pub(crate) fn top(&self) -> Vec<String> {
        let view = view::layout::viewport(&self.state);
        let rows = self.state.room().timeline().rows(&view);
        rows.iter().take(3).map(tui_client::timeline::Row::to_text).collect()
    }

    pub(crate) fn press(&mut self, code: KeyCode) {
        self.take(Event::Key(plain(code)));
    }

    /// Nothing is being written.
    pub(crate) fn clear_draft(&mut self) {
        while !self.state.composer.draft.is_empty() {
            self.take(Event::Key(Key { ctrl: true, ..plain(KeyCode::Char('c')) }));
        }
    }

    /// The connection is gone.
    pub(crate) fn goes_offline(&mut self) {
        self.hears(LinkEvent::Lost { retry_in: Duration::from_secs(1_000) });
    }

    /// Ana writes something and presses Enter, after a while.
    pub(crate) fn sends(&mut self, text: &str) {
        self.take(Event::Paste(text.to_owned()));
        self.now.mono += Duration::from_secs(1);
        self.press(KeyCode::Enter);
    }

    /// What the next message says.
    pub(crate) fn next_text(&self) -> String {
        text(self.log.head + 1)
    }

    /// The bytes of a frame for a terminal of which nothing is known.
    pub(crate) fn repaint(&mut self) -> Vec<u8> {
        self.frames = Frames::new();
        self.paint()
    }

    /// The next message comes.
    pub(crate) fn hears_message(&mut self) {
        self.log.head += 1;
        let frame = ServerFrame::Event(event(self.log.head));
        self.hears(LinkEvent::Frame(Box::new(frame)));
    }

    pub(crate) fn hears_text(&mut self, json: &str) {
        let frame = codec::decode_server(json).expect("a frame");
        self.hears(LinkEvent::Frame(Box::new(frame)));
    }

    pub(crate) fn hears(&mut self, event: LinkEvent) {
        self.take(Event::Link(event));
    }

    /// Something happens, and all that follows from it.
    pub(crate) fn take(&mut self, event: Event) {
        self.now.mono += Duration::from_millis(10);
        self.now.wall.0 += 10;
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in update(&mut self.state, event, self.now) {
                match effect {
                    Effect::Keep(_) => events.push(Event::Kept),
                    Effect::Become { owner } => {
                        let (kept, notice) = (Kept::default(), None);
                        events.push(Event::Restored(Restored { owner, kept, notice }));
                    }
                    Effect::Send(ClientFrame::History(asked)) => {
                        let page = ServerFrame::Page(self.log.page(&asked));
                        events.push(Event::Link(LinkEvent::Frame(Box::new(page))));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The bytes of the next frame.
    pub(crate) fn paint(&mut self) -> Vec<u8> {
        let state = &self.state;
        self.frames.paint(|canvas| view(state, canvas))
    }
}

fn plain(code: KeyCode) -> Key {
    Key { code, ctrl: false, alt: false, shift: false }
}

const HUB: &str = "6f1c0000000000000000000000000001";
const EPOCH: &str = "00000000000000aa";

fn settings(size: Size, name: UserName) -> Settings {
    Settings {
        size,
        time_zone: jiff::tz::TimeZone::get("Europe/Madrid").unwrap_or(jiff::tz::TimeZone::UTC),
        seed: 7,
        rooms: Vec::new(),
        current: None,
        name: Some(name),
        hub: "Ana's hub".into(),
        invite: Vec::new(),
        preferences: Preferences::default(),
        hosting: None,
    }
}

fn welcome() -> String {
    format!(
        r#"{{"type":"welcome","session":1,"name":"Ana","identity":"~{}","role":"member",
        "server":{{"name":"hubbub","version":"0.1.0"}},"hub":"{HUB}","epoch":"{EPOCH}",
        "durability":"fsync","now":0,"heartbeat_ms":25000,"limits":{{"text":4096,"frame":65536,
        "name":32,"room":64,"topic":300,"note":100,"rooms":128,"page":200,"rate":10,"burst":30}},
        "rooms":[]}}"#,
        "01".repeat(16)
    )
}

fn joined(room: &str, head: u64) -> String {
    format!(
        r#"{{"type":"joined","room":"{room}","topic":"","head":{head},"oldest":1,
        "epoch":"{EPOCH}","count":2,"members":[{{"name":"Ana","role":"member"}},
        {{"name":"Bob","role":"member"}}],"more":false}}"#
    )
}
