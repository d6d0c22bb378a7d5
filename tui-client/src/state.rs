//! Everything that the client knows. It only holds the parts; `update` changes them and `view`
//! draws them. PURE: no clock, no random source, no terminal, no socket.
//!
//! Every text in here that came from somebody else is raw; only `SafeText` may bring it to the
//! screen.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use jiff::tz::TimeZone;
use protocol::{
    ClientFrame, Epoch, HubId, Identity, NameKey, Note, RequestId, RoomName, Seq, UserName,
    server::{Role, RoomSummary},
};

use crate::{
    announcements::Announcements,
    bare::Bare,
    composer::{Composer, Draft},
    effect::Effect,
    event::{Now, Size},
    ids::Ids,
    keeping::Keeping,
    keymap::{Keymap, Prefix},
    link::Link,
    mouse::Mouse,
    noticing::Noticing,
    notify::Attention,
    outbox::Outbox,
    panel::Panel,
    place::Place,
    preferences::Preferences,
    prompt::Prompt,
    request::{Request, Requests, Wants},
    room::Room,
    select::{self, Selection},
    separator::{Separator, Tone},
    theme::Ground,
    update::{
        changing,
        peeking::Peek,
        remembering::Remembered,
        telling::{self, Telling},
        waiting,
    },
    view::hints,
};

/// Most rooms of the hub that are kept for "go to" and completion: it tells 200, one's own first,
/// and as many as fit into a frame when it is asked.
pub(crate) const KNOWN_ROOMS_MAX: usize = 1_000;

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
    /// What the user wants otherwise than most.
    pub preferences: Preferences,
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

/// What the last command would have broken: the same one again does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Warned {
    /// The hub ends with this client.
    Quit,
    /// What is not sent in this room is given up.
    Leave(Place),
    /// This message is deleted.
    Delete(Seq),
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
    /// The terminal's colours, as far as they are known.
    pub ground: Ground,
    /// Whether there is a screen; else everything is told line by line, and no key is pressed.
    pub has_screen: bool,
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
    /// The message that is selected, while one selects.
    pub selection: Option<Selection>,
    /// Nothing but what was said, while one selects with the terminal's own means.
    pub bare: Option<Bare>,
    /// The row between scrollback and composer.
    pub separator: Separator,
    /// Esc or Ctrl+X was pressed: the next key acts together with it, and a row lists those keys.
    pub prefix: Option<Prefix>,
    /// Why one is away, if one said so.
    pub away: Option<Note>,
    /// The hub's rooms, as far as it has told.
    pub known_rooms: Vec<RoomSummary>,
    /// What one wants to notice, as every room knows it.
    pub(crate) noticing: Arc<Noticing>,
    /// A look into the room that is shown, which counts nothing in it as read.
    pub(crate) peek: Option<Peek>,
    /// What is announced to everyone.
    pub(crate) announcements: Announcements,
    pub(crate) attention: Attention,
    pub(crate) keeping: Keeping,
    pub(crate) mouse: Mouse,
    pub(crate) remembered: Remembered,
    pub(crate) requests: Requests,
    pub(crate) telling: Telling,
    /// Under which name hello was said.
    pub(crate) introduced: Option<UserName>,
    /// The room in which Alt+A began to go round.
    pub(crate) alt_a_origin: Option<Place>,
    /// The room that is on the screen of a window with the focus.
    pub(crate) looked_at: Option<Place>,
    /// Until when a second Ctrl+C quits.
    pub(crate) quit_until: Option<Duration>,
    /// Whose draft the user's editor has.
    pub(crate) in_editor: Option<Place>,
    /// What the user was told before they do it.
    pub(crate) warned: Option<Warned>,
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
            ground: Ground::default(),
            has_screen: true,
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
            selection: None,
            bare: None,
            separator: Separator::default(),
            prefix: None,
            away: None,
            known_rooms: Vec::new(),
            noticing: Arc::default(),
            peek: None,
            announcements: Announcements::default(),
            attention: Attention::default(),
            keeping: Keeping::default(),
            mouse: Mouse::new(settings.preferences.mouse),
            remembered: Remembered::default(),
            requests: Requests::default(),
            telling: Telling::default(),
            introduced: None,
            alt_a_origin: None,
            looked_at: None,
            quit_until: None,
            in_editor: None,
            warned: None,
            ids: Ids::new(settings.seed ^ now.wall.0.unsigned_abs()),
            settings,
        }
    }

    /// The room that is shown.
    pub fn room(&self) -> &Room {
        &self.rooms[self.current]
    }

    /// Which key does what.
    pub(crate) fn keymap(&self) -> &Keymap {
        &self.settings.preferences.keys
    }

    /// What the composer shows.
    pub fn field(&self) -> Field<'_> {
        if let Some(prompt) = &self.prompt {
            let is_masked = prompt.is_masked();
            return Field { label: prompt.label(), draft: &prompt.draft, is_masked };
        }
        let label = match &self.composer.search {
            Some(search) => search.label(),
            None => "> ".into(),
        };
        Field { label, draft: &self.composer.draft, is_masked: false }
    }

    /// The cells of a row of the draft, its last one free for the cursor.
    pub fn draft_width(&self) -> usize {
        usize::from(self.size.columns).saturating_sub("> ".len())
    }

    /// What the separator says, if anything: raw.
    pub fn separator_line(&self) -> Option<(Cow<'_, str>, Tone)> {
        if let Some(prefix) = self.prefix {
            let hints = hints::Hints::of(self, prefix);
            return Some((hints.line.into(), Tone::Answer));
        }
        let said = self.separator.said().map(|(text, tone)| (text.into(), tone));
        let selection = self.selection.as_ref().map(|at| (select::words(self, at), Tone::Answer));
        let selection = || selection.map(|(words, tone)| (words.into(), tone));
        let about = || changing::about_words(self).map(|words| (words.into(), Tone::Answer));
        let preview = || self.separator.previewed().map(|text| (text.into(), Tone::Preview));
        said.or_else(selection).or_else(about).or_else(preview)
    }

    /// Who is writing in the room that is shown, if anybody is.
    pub fn typing_line(&self) -> Option<String> {
        self.room().typing_words(self.me.as_ref().map(|me| &me.name))
    }

    /// What one may do.
    pub fn role(&self) -> Role {
        self.me.as_ref().map_or(Role::Member, |me| me.role)
    }

    /// Whether a message or new words for one are on their way to the hub, or go there at once.
    pub fn awaits_ack(&self) -> bool {
        self.link.is_live() && (self.outbox.unsent() > 0 || !self.requests.edits().is_empty())
    }

    /// How many other people are here, as far as this client sees.
    pub(crate) fn others(&self) -> usize {
        let rooms = self.rooms.iter().filter(|room| !room.is_private());
        let me = self.me.as_ref().map(|me| me.name.key());
        let named: HashSet<NameKey> = rooms
            .clone()
            .flat_map(Room::members)
            .map(|member| member.name.key())
            .filter(|key| Some(key) != me.as_ref())
            .collect();
        let counted = rooms.map(|room| room.count.saturating_sub(1) as usize).max();
        named.len().max(counted.unwrap_or(0))
    }

    /// How many events the hub keeps in the rooms that this client knows.
    pub(crate) fn kept(&self) -> u64 {
        let known = self.known_rooms.iter().map(|room| (&room.room, room.head.get()));
        let followed = self
            .rooms
            .iter()
            .filter_map(|room| room.place.room().map(|name| (name, room.timeline().last().get())));
        let heads: BTreeMap<&RoomName, u64> = known.chain(followed).collect();
        heads.values().sum()
    }

    /// The hub has told of these rooms.
    pub(crate) fn know_rooms(&mut self, mut rooms: Vec<RoomSummary>) {
        rooms.truncate(KNOWN_ROOMS_MAX);
        self.known_rooms = rooms;
    }

    /// The draft that keys go to.
    pub(crate) fn draft_mut(&mut self) -> &mut Draft {
        if let Some(prompt) = &mut self.prompt {
            return &mut prompt.draft;
        }
        let go_to = self.panel.as_mut().and_then(Panel::go_to);
        go_to.map_or(&mut self.composer.draft, |go_to| &mut go_to.query)
    }

    /// Asks the hub something; `wants` says what its answer is for.
    pub(crate) fn ask(
        &mut self,
        wants: Wants,
        line: String,
        now: Now,
        frame: impl FnOnce(RequestId) -> ClientFrame,
    ) -> Result<Vec<Effect>, String> {
        if !self.link.is_live() {
            return Err("not connected; try again when the status says live".into());
        }
        if !self.requests.has_room() {
            return Err("the hub has not answered yet; try again in a moment".into());
        }
        let id = self.ids.next(now.wall);
        self.requests.insert(id.clone(), Request { wants, line }, now.mono);
        Ok(vec![Effect::Send(frame(id))])
    }

    /// When `update` wants to be told the time, if at all: nothing is scheduled while nothing is
    /// going to change.
    pub fn next_deadline(&self) -> Option<Duration> {
        let times = [
            self.separator.deadline(),
            self.outbox.deadline(),
            self.quit_until,
            self.keeping.deadline(),
            self.link.deadline(),
            self.remembered.deadline(),
            self.room().deadline(),
            telling::deadline(self),
            waiting::deadline(self),
        ];
        times.into_iter().flatten().min()
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
