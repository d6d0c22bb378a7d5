//! Everything that the client knows. It only holds the parts; `update` changes them and `view`
//! draws them. PURE: no clock, no random source, no terminal, no socket.
//!
//! Every text in here that came from somebody else is raw; only `SafeText` may bring it to the
//! screen.

use std::time::Duration;

use jiff::tz::TimeZone;
use protocol::{Epoch, HubId, Identity, RoomName, UserName, server::Role};

use crate::{
    composer::{Composer, Draft},
    event::{Now, Size},
    ids::Ids,
    link::Link,
    outbox::Outbox,
    panel::Panel,
    prompt::Prompt,
    room::Room,
    separator::Separator,
};

/// What the shell knows before anything happens.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The terminal.
    pub size: Size,
    /// Where the user is, for times and day lines.
    pub time_zone: TimeZone,
    /// 8 random bytes, from which message ids are made.
    pub seed: u64,
    /// The rooms to return to, in order; empty for the first time on this hub. Those of `--room`
    /// are at the end.
    pub rooms: Vec<RoomName>,
    /// Which of them was shown.
    pub current: Option<RoomName>,
    /// Under which name hello will be said, as far as is known yet.
    pub name: Option<UserName>,
    /// What the hub is called in sentences: `Ana's hub`, `the hub at 192.168.1.20`.
    pub hub: String,
    /// How others join, one line each, for the empty room and `/invite`.
    pub invite: Vec<String>,
    /// Whether this client started the hub, and what is then said at the end.
    pub hosting: Option<Hosting>,
}

/// The hub runs as this client's child and ends with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosting {
    /// Where it keeps its messages; `None` with `--memory`.
    pub data: Option<String>,
    /// The command that starts it again.
    pub again: String,
}

/// Who one is on the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// One's name now.
    pub name: UserName,
    /// Under every name.
    pub identity: Identity,
    /// What one may do.
    pub role: Role,
}

/// Everything that the client knows.
#[derive(Clone, Debug)]
pub struct State {
    /// What the shell said at the start.
    pub settings: Settings,
    /// The terminal's size.
    pub size: Size,
    /// Whether the terminal window has the focus, as far as it tells.
    pub focused: bool,
    /// The connection.
    pub link: Link,
    /// Which hub it is, once it has answered.
    pub hub: Option<HubId>,
    /// The life of its history that this client has seen last.
    pub epoch: Option<Epoch>,
    /// Who one is; `None` before the first `welcome`.
    pub me: Option<Me>,
    /// The rooms that one is in, in order. Never empty.
    pub rooms: Vec<Room>,
    /// Index of the room that is shown.
    pub current: usize,
    /// Own messages that are not in a room's log yet, for the tail of each room.
    pub outbox: Outbox,
    /// What is being written.
    pub composer: Composer,
    /// A question that has the composer until it is answered.
    pub prompt: Option<Prompt>,
    /// What lies over the scrollback.
    pub panel: Option<Panel>,
    /// The row between scrollback and composer.
    pub separator: Separator,
    /// Esc was pressed: the next key acts as with Alt, and a row lists those keys.
    pub meta: bool,
    pub(crate) ids: Ids,
}

impl State {
    /// The client before anything happened, in the rooms that it returns to.
    pub fn new(settings: Settings, now: Now) -> Self {
        let mut names = settings.rooms.clone();
        if names.is_empty() {
            names.push(RoomName::lobby());
        }
        let shown = |name| settings.current.as_ref() == Some(name);
        let current = names.iter().position(shown).unwrap_or(0);
        Self {
            size: settings.size,
            focused: true,
            link: Link::default(),
            hub: None,
            epoch: None,
            me: None,
            rooms: names.into_iter().map(|name| Room::new(name.into())).collect(),
            current,
            outbox: Outbox::default(),
            composer: Composer::default(),
            prompt: None,
            panel: None,
            separator: Separator::default(),
            meta: false,
            ids: Ids::new(settings.seed ^ now.wall.0.unsigned_abs()),
            settings,
        }
    }

    /// The room that is shown.
    pub fn room(&self) -> &Room {
        &self.rooms[self.current]
    }

    /// What the composer shows.
    pub fn field(&self) -> Field<'_> {
        match &self.prompt {
            Some(prompt) => {
                Field { label: prompt.label(), draft: &prompt.draft, is_masked: prompt.is_masked() }
            }
            None => Field { label: "> ".into(), draft: &self.composer.draft, is_masked: false },
        }
    }

    /// When `update` wants to be told the time, if at all: nothing is scheduled while nothing is
    /// going to change.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.separator.deadline()
    }
}

/// What the composer shows: a label, then the draft in the rows of [`Draft::rows`].
#[derive(Clone, Debug)]
pub struct Field<'a> {
    /// `> `, or what is asked.
    pub label: String,
    /// What is written, and where the cursor is.
    pub draft: &'a Draft,
    /// Whether a dot is shown for each grapheme.
    pub is_masked: bool,
}
