//! What has happened, as lines: where, which, when, who, what. All of it goes through `SafeText`.
//! PURE.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use jiff::tz::TimeZone;
use protocol::{
    EventKind, RequestId, RoomEvent, RoomName, Seq, ServerFrame, Timestamp, UserName,
    server::{Gap, GapReason, Page, Presence},
};

use crate::{
    event::{Event, LinkEvent, Now},
    link::{Phase, clock},
    outbox::Outgoing,
    place::Place,
    prompt::Ask,
    room::{ARRIVALS_SHOWN_UP_TO, Room},
    safe_text::SafeText,
    separator::Tone,
    state::State,
    timeline::sentence,
    update::{announcing, leaving::counted, places},
};

/// Messages of before that are shown when a room is opened.
const HISTORY_LINES: usize = 20;
/// What is announced to everyone begins with this; no room is called so.
const EVERYONE: &str = "(everyone)";
/// What the program itself says begins with this; no room and nobody's words can.
const OWN: &str = "hubbub:";

/// Turns what happens into lines. It remembers what it has told.
pub(super) struct Printer {
    now: Now,
    phase: Phase,
    /// The room in which one writes.
    place: Option<Place>,
    asked: Option<Ask>,
    /// Own messages of which it is told that they did not go.
    failed: HashSet<RequestId>,
    /// From which seq on the events of a room are printed as they come.
    first: HashMap<RoomName, Seq>,
    /// The rooms whose history has been printed.
    opened: HashSet<RoomName>,
    has_complained: bool,
    /// Messages that wait for the hub, as far as that is told.
    waiting: usize,
    /// What the hub has stored of oneself, the last of each room: its event may come later.
    stored: HashMap<RoomName, Seq>,
}

impl Printer {
    pub(super) fn new(now: Now) -> Self {
        Self {
            now,
            phase: Phase::Connecting,
            place: None,
            asked: None,
            failed: HashSet::new(),
            first: HashMap::new(),
            opened: HashSet::new(),
            has_complained: false,
            waiting: 0,
            stored: HashMap::new(),
        }
    }

    /// What is asked is to be asked once more.
    pub(super) fn ask_again(&mut self) {
        self.asked = None;
    }

    /// Whether something that the user wanted was not done.
    pub(super) fn has_complained(&self) -> bool {
        self.has_complained
    }

    /// Whether everything that the hub has stored of oneself has been told, where it will be.
    pub(super) fn has_told_all(&self, state: &State) -> bool {
        let is_told = |(room, seq): (&RoomName, &Seq)| {
            let index = places::index_of_room(state, room);
            index.is_none_or(|index| state.rooms[index].timeline().last() >= *seq)
        };
        self.stored.iter().all(is_told)
    }

    /// The lines of what the hub tells, while the state is still as before.
    pub(super) fn hear(&mut self, event: &Event, state: &State, now: Now) -> Vec<String> {
        self.now = now;
        let Event::Link(LinkEvent::Frame(frame)) = event else { return Vec::new() };
        let lines = match frame.as_ref() {
            ServerFrame::Event(event) => self.event(event, state).into_iter().collect(),
            ServerFrame::Page(page) => self.page(page, state),
            ServerFrame::Presence(presence) => arrivals(presence, state),
            ServerFrame::Gap(gap) => missing(gap, state).into_iter().collect(),
            ServerFrame::Ack(ack) => {
                self.stored.insert(ack.room.clone(), ack.seq);
                Vec::new()
            }
            _ => Vec::new(),
        };
        lines.iter().map(|line| safe(line)).collect()
    }

    /// The lines of what the client says, which is taken off its screen with that.
    pub(super) fn look(&mut self, state: &mut State) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.phase(state));
        lines.extend(self.place(state));
        let said = state.separator.said();
        self.has_complained |= said.is_some_and(|(_, tone)| tone == Tone::Error);
        lines.extend(said.map(|(text, _)| text.to_owned()));
        lines.extend(state.panel.as_ref().map(|panel| format!("{}:", panel.title)));
        lines.extend(state.panel_lines().into_iter().map(|line| line.text));
        lines.extend(self.waiting(state));
        lines.extend(self.question(state));
        let own: Vec<String> = lines.iter().map(|line| safe(&format!("{OWN} {line}"))).collect();
        state.separator.clear_said();
        state.panel = None;
        let failed = self.failures(state);
        own.into_iter().chain(failed.iter().map(|line| safe(line))).collect()
    }

    fn event(&mut self, event: &RoomEvent, state: &State) -> Option<String> {
        if state.noticing.ignoring.hides(event) {
            return None;
        }
        if event.room == RoomName::announcements() {
            let is_news = announcing::is_news(state, event);
            return is_news.then(|| self.said(EVERYONE, event, state));
        }
        let room = &state.rooms[places::index_of_room(state, &event.room)?];
        let is_new = event.seq > room.timeline().last();
        // What was deleted since is told by that.
        let is_empty = event.kind == EventKind::Edit && event.text.is_none();
        (is_new && !is_empty).then(|| {
            self.first.entry(event.room.clone()).or_insert(event.seq);
            self.said(&label_of(room, event, state), event, state)
        })
    }

    /// The end of the first page: what was said before one came.
    fn page(&mut self, page: &Page, state: &State) -> Vec<String> {
        let Some(index) = places::index_of_room(state, &page.room) else { return Vec::new() };
        if !self.opened.insert(page.room.clone()) {
            return Vec::new();
        }
        let room = &state.rooms[index];
        let first = self.first.get(&page.room);
        let before = page.events.iter().filter(|event| first.is_none_or(|seq| event.seq < *seq));
        // A page tells messages as they are by now.
        let is_change = |event: &RoomEvent| event.target.is_some();
        let is_ignored = |event: &RoomEvent| room.timeline().is_ignored(event);
        let before = before.filter(|event| !is_change(event) && !is_ignored(event));
        let mut before: Vec<&RoomEvent> = before.collect();
        before.sort_by_key(|event| event.seq);
        let shown = before.len().saturating_sub(HISTORY_LINES);
        before[shown..]
            .iter()
            .map(|event| self.said(&label_of(room, event, state), event, state))
            .collect()
    }

    /// `lobby 123 14:02 Bob: hi`, with the day before the time where that is another one. The
    /// number is the message's in its room: what `/reply`, `/edit` and `/delete` take.
    fn said(&self, place: &str, event: &RoomEvent, state: &State) -> String {
        let zone = &state.settings.time_zone;
        let time = clock(event.at, zone);
        let day = day(event.at, zone).filter(|day| Some(day) != self.today(zone).as_ref());
        let time = day.map_or(time.clone(), |day| format!("{day} {time}"));
        format!("{place} {} {time} {}", event.seq, told(event))
    }

    fn today(&self, zone: &TimeZone) -> Option<String> {
        day(self.now.wall, zone)
    }

    fn phase(&mut self, state: &State) -> Option<String> {
        if self.phase == state.link.phase {
            return None;
        }
        self.phase.clone_from(&state.link.phase);
        match (&self.phase, &state.me) {
            (Phase::Live, Some(me)) => {
                self.place = Some(state.room().place.clone());
                Some(format!("live, you are {} in {}", me.name, state.room().title()))
            }
            (Phase::Idle, _) => Some("stopped: idle; write a line to go on".into()),
            _ => Some(state.link.words(&state.settings.time_zone)),
        }
    }

    /// In which room one writes, when that changes.
    fn place(&mut self, state: &State) -> Option<String> {
        let place = &state.room().place;
        let before = self.place.as_ref().filter(|before| *before != place)?;
        // A private conversation that got its room is still the same.
        let is_same = before.room().is_none() && state.room().is_private();
        self.place = Some(place.clone());
        (!is_same).then(|| format!("you write in {} now", state.room().title()))
    }

    /// Who writes while there is no connection is told that it is kept.
    fn waiting(&mut self, state: &State) -> Option<String> {
        let count = if state.link.is_live() { 0 } else { state.outbox.unsent() };
        let before = std::mem::replace(&mut self.waiting, count);
        let waits = if count == 1 { "waits" } else { "wait" };
        (count > before).then(|| format!("{} {waits} for the hub", counted(count)))
    }

    fn question(&mut self, state: &State) -> Option<String> {
        let ask = state.prompt.as_ref().map(|prompt| &prompt.ask);
        if ask == self.asked.as_ref() {
            return None;
        }
        self.asked = ask.cloned();
        let prompt = state.prompt.as_ref()?;
        let label = prompt.label();
        let label = label.trim_end();
        if prompt.draft.is_empty() {
            return Some(label.to_owned());
        }
        Some(format!("{label} (an empty line takes {})", prompt.draft.text()))
    }

    /// `lobby ! you are muted; not sent: hello`
    fn failures(&mut self, state: &State) -> Vec<String> {
        let failures = state.outbox.failures();
        self.failed.retain(|id| state.outbox.get(id).is_some());
        let mut lines = Vec::new();
        for (message, why) in failures {
            if self.failed.insert(message.id.clone()) {
                let place = label_of_outgoing(message, state);
                lines.push(format!("{place} ! {why}; not sent: {}", message.line()));
            }
        }
        lines
    }
}

/// What a line of this room begins with.
fn label(room: &Room) -> String {
    if room.is_private() { "(private)".into() } else { room.title() }
}

/// The same for an own message on its way.
fn label_of_outgoing(message: &Outgoing, state: &State) -> String {
    if message.is_to_all() {
        return EVERYONE.into();
    }
    let index = places::index_of(state, &message.place);
    index.map_or_else(|| message.place.to_string(), |index| label(&state.rooms[index]))
}

/// The same for a message: `(private to Bob)`, for one's own.
fn label_of(room: &Room, event: &RoomEvent, state: &State) -> String {
    let is_mine = state.me.as_ref().is_some_and(|me| me.identity == event.by);
    match room.peer.as_ref().filter(|_| is_mine) {
        Some(peer) => format!("(private to {peer})"),
        None => label(room),
    }
}

/// What somebody said or did. Which message is meant is told by its number.
fn told(event: &RoomEvent) -> String {
    let (name, words) = (&event.from, words(event));
    match (event.kind, event.target, event.reply_to) {
        (EventKind::Edit, Some(seq), _) => format!("-- {name} changed message {seq} to: {words}"),
        (EventKind::Delete, Some(seq), _) => format!("-- {name} deleted message {seq}"),
        (kind, _, Some(seq)) => {
            let said = sentence(event.at, name, &words, kind);
            said.replacen(name.as_str(), &format!("{name} answering {seq}"), 1)
        }
        (kind, _, None) => sentence(event.at, name, &words, kind),
    }
}

/// What was said, as it is by now.
fn words(event: &RoomEvent) -> Cow<'_, str> {
    let text = event.text.as_ref().map_or("", |text| text.as_str());
    match (&event.deleted, &event.edited) {
        (Some(_), _) => "(deleted)".into(),
        (None, Some(_)) => format!("{text} (edited)").into(),
        (None, None) => text.into(),
    }
}

/// `lobby * Cyd joined`
fn arrivals(presence: &Presence, state: &State) -> Vec<String> {
    let Some(index) = places::index_of_room(state, &presence.room) else { return Vec::new() };
    let room = &state.rooms[index];
    if room.is_private() || presence.count > ARRIVALS_SHOWN_UP_TO {
        return Vec::new();
    }
    let label = label(room);
    let ignoring = &state.noticing.ignoring;
    let is_other = |name: &UserName| {
        state.me.as_ref().is_none_or(|me| me.name != *name) && !ignoring.has_named(name)
    };
    let left = presence.left.iter().filter(|name| is_other(name));
    let left = left.map(|name| format!("{label} * {name} left"));
    let renamed = presence.renamed.iter().filter(|rename| !ignoring.has_named(&rename.from));
    let renamed = renamed.map(|rename| format!("{label} * {} is {} now", rename.from, rename.to));
    let joined = presence.joined.iter().map(|member| &member.name);
    let joined = joined.filter(|name| is_other(name) && !room.has_member(name));
    let joined = joined.map(|name| format!("{label} * {name} joined"));
    left.chain(renamed).chain(joined).collect()
}

fn missing(gap: &Gap, state: &State) -> Option<String> {
    let label = label(&state.rooms[places::index_of_room(state, &gap.room)?]);
    Some(match gap.reason {
        GapReason::Retention => {
            format!("{label} * messages {} to {} are no longer kept", gap.from.get(), gap.to.get())
        }
        GapReason::Epoch => format!("{label} * the hub has begun its history anew"),
    })
}

/// `2026-11-27`, where the user is.
fn day(at: Timestamp, zone: &TimeZone) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(at.0).ok()?;
    Some(time.to_zoned(zone.clone()).strftime("%Y-%m-%d").to_string())
}

/// One line that no terminal can take for anything else.
fn safe(line: &str) -> String {
    format!("{}\n", SafeText::line(line).as_str())
}

#[cfg(test)]
mod tests;
