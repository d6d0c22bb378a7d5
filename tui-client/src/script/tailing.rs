//! What is asked for and printed of a room, from where to where. PURE.
//!
//! First the last messages are counted, from the end back; then everything is read from the first
//! of them on, page by page, so that a room of any length fits; then, to follow, the room is joined
//! after the last event read. After every loss it goes on behind the last event printed.

use std::time::Duration;

use protocol::{
    ClientFrame, Epoch, ErrorCode, EventKind, PageLimit, RequestId, RoomEvent, RoomName, Seq,
    ServerFrame,
    client::History,
    server::{ErrorFrame, Gap, Joined, Page, Welcome},
};

use super::{DONE, FAILURE, LOST};
use crate::event::Now;

mod cursor;
mod history;

use cursor::Cursor;
use history::{is_shown_in_history, nth_last};

/// The id of every request, by which its refusal is known.
const ID: &str = "tail";

/// What the user wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) room: RoomName,
    pub(crate) from: From,
    /// Whether what comes later is wanted, too.
    pub(crate) follows: bool,
    /// It ends with the first message that contains this.
    pub(crate) until: Option<String>,
    /// How long the hub may be away.
    pub(crate) timeout: Option<Duration>,
}

/// Where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// With the last ones, so many.
    Last(u64),
    /// With this one.
    Seq(Seq),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Send this.
    Send(ClientFrame),
    /// Print this event.
    Event(RoomEvent),
    /// Print that these will not come.
    Gap(Gap),
    /// End, with this exit code and this to say.
    End(u8, Option<String>),
}

/// How far the room is read.
#[derive(Debug)]
pub(crate) struct Tailing {
    wanted: Wanted,
    phase: Phase,
    room: Cursor,
    /// What is told to everybody, wherever they are; known once that room was joined.
    announcements: Option<Cursor>,
    /// Of the seqs.
    epoch: Option<Epoch>,
    is_live: bool,
    /// The first seq to be printed.
    first: Seq,
    /// When the hub did last what was asked of it.
    moved_at: Duration,
    wait_until: Option<Duration>,
}

/// What is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    /// The last messages are counted.
    Finding {
        /// They are those before this one.
        before: Option<Seq>,
        /// So many more.
        missing: u64,
        /// The end of the room, when that began.
        end: Option<Seq>,
    },
    /// Pages are read, up to this one where that is known.
    Reading {
        end: Option<Seq>,
    },
    /// The room is followed.
    Following,
    Ended,
}

impl Tailing {
    /// Nothing yet.
    pub(crate) fn new(wanted: Wanted, now: Now) -> Self {
        let (phase, first) = match wanted.from {
            From::Last(missing) => (Phase::Finding { before: None, missing, end: None }, Seq::ZERO),
            From::Seq(seq) => (Phase::Reading { end: None }, seq),
        };
        let room = Cursor::behind(wanted.room.clone(), first.previous());
        let (announcements, epoch, wait_until) = (None, None, None);
        let (is_live, moved_at) = (false, now.mono);
        #[rustfmt::skip]
        return Self {
            wanted, phase, room, announcements, epoch, is_live, first, moved_at, wait_until,
        };
    }

    /// The hub says something.
    pub(crate) fn hear(&mut self, frame: ServerFrame, now: Now) -> Vec<Step> {
        match frame {
            ServerFrame::Welcome(welcome) => self.welcomed(&welcome),
            ServerFrame::Page(page) => self.read(page, now),
            ServerFrame::Joined(joined) => self.joined(&joined, now),
            ServerFrame::Event(event) => self.event(event),
            ServerFrame::Gap(gap) => self.gap(gap),
            ServerFrame::Error(error) => self.denied(&error, now),
            _ => Vec::new(),
        }
    }

    /// The connection is gone.
    pub(crate) fn lost(&mut self, now: Now) {
        if self.is_content() {
            self.moved_at = now.mono;
        }
        self.is_live = false;
        self.wait_until = None;
        self.room.is_attached = false;
        if let Some(announcements) = &mut self.announcements {
            announcements.is_attached = false;
        }
    }

    /// The time of [`deadline`](Self::deadline) has come.
    pub(crate) fn tick(&mut self, now: Now) -> Vec<Step> {
        if self.gives_up_at().is_some_and(|deadline| deadline <= now.mono) {
            return self.end(LOST, Some("the hub does not come back".to_owned()));
        }
        if self.is_live && self.wait_until.is_some_and(|until| until <= now.mono) {
            self.wait_until = None;
            return self.ask();
        }
        Vec::new()
    }

    /// When to look at the clock.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.wait_until.into_iter().chain(self.gives_up_at()).min()
    }

    fn gives_up_at(&self) -> Option<Duration> {
        let timeout = self.wanted.timeout.filter(|_| !self.is_content())?;
        Some(self.moved_at + timeout)
    }

    /// Whether there is nothing to wait for but what people say.
    fn is_content(&self) -> bool {
        self.phase == Phase::Following && self.room.is_attached
    }

    fn welcomed(&mut self, welcome: &Welcome) -> Vec<Step> {
        self.is_live = true;
        let is_same = self.epoch.as_ref().is_none_or(|epoch| *epoch == welcome.epoch);
        let has_begun = matches!(self.phase, Phase::Reading { .. });
        if !is_same && has_begun && !self.wanted.follows {
            let why = "the hub has begun its history anew".to_owned();
            return self.end(LOST, Some(why));
        }
        if !is_same && has_begun {
            // The hub tells what that means when one joins with the old epoch.
            return self.follow(self.room.last);
        }
        if self.phase != Phase::Following {
            self.epoch = Some(welcome.epoch.clone());
        }
        self.ask()
    }

    /// The requests of what comes next.
    fn ask(&self) -> Vec<Step> {
        match &self.phase {
            Phase::Finding { before, missing: 0, .. } => vec![self.history(*before, None, 1)],
            Phase::Finding { before, .. } => vec![self.history(*before, None, u64::MAX)],
            Phase::Reading { .. } => vec![self.history(None, Some(self.room.last), u64::MAX)],
            Phase::Following => self.joins(),
            Phase::Ended => Vec::new(),
        }
    }

    fn history(&self, before: Option<Seq>, after: Option<Seq>, limit: u64) -> Step {
        let limit = PageLimit::new(limit).unwrap_or(PageLimit::MAX);
        let (id, room) = (id(), self.wanted.room.clone());
        Step::Send(ClientFrame::History(History { id, room, before, after, limit }))
    }

    fn joins(&self) -> Vec<Step> {
        let cursors = std::iter::once(&self.room).chain(&self.announcements);
        let join = |cursor: &Cursor| cursor.join(id(), self.epoch.clone());
        cursors.map(join).map(ClientFrame::Join).map(Step::Send).collect()
    }

    fn read(&mut self, page: Page, now: Now) -> Vec<Step> {
        self.moved_at = now.mono;
        match self.phase.clone() {
            Phase::Finding { missing, end, .. } => self.count(&page, missing, end),
            Phase::Reading { end } => self.print(page, end),
            Phase::Following | Phase::Ended => Vec::new(),
        }
    }

    /// Counts back.
    fn count(&mut self, page: &Page, missing: u64, end: Option<Seq>) -> Vec<Step> {
        let end = end.unwrap_or(page.as_of);
        let oldest = page.events.first().map_or(page.oldest, |event| event.seq);
        let is_first_page = !page.more;
        if let Some(first) = nth_last(page, missing, end).or(is_first_page.then_some(oldest)) {
            self.first = first;
            self.room.last = first.previous();
            self.phase = Phase::Reading { end: Some(end) };
            return self.go_on_reading(end);
        }
        let counted = page.events.iter().filter(|event| is_shown_in_history(event)).count();
        let missing = missing.saturating_sub(counted as u64);
        self.phase = Phase::Finding { before: Some(oldest), missing, end: Some(end) };
        self.ask()
    }

    /// Prints a page.
    fn print(&mut self, page: Page, end: Option<Seq>) -> Vec<Step> {
        // What is missing may go beyond the end: it is told once.
        let missing = page.gap.as_ref().map_or(Seq::ZERO, |gap| gap.to);
        let end = end.unwrap_or(page.as_of).max(missing);
        self.phase = Phase::Reading { end: Some(end) };
        let mut steps = Vec::new();
        if let Some(gap) = page.gap {
            let (room, reason) = (page.room, gap.reason);
            steps.push(Step::Gap(Gap { room, from: gap.from, to: gap.to, reason }));
            self.room.last = self.room.last.max(gap.to);
        }
        for event in page.events.into_iter().filter(|event| event.seq <= end) {
            self.room.last = self.room.last.max(event.seq);
            if is_shown_in_history(&event) && self.show(event, &mut steps) {
                return steps;
            }
        }
        let is_at_end = !page.more;
        if is_at_end {
            self.room.last = self.room.last.max(end);
        }
        steps.extend(self.go_on_reading(end));
        steps
    }

    fn go_on_reading(&mut self, end: Seq) -> Vec<Step> {
        if self.room.last < end {
            return self.ask();
        }
        if self.wanted.follows {
            return self.follow(end);
        }
        match &self.wanted.until {
            Some(text) => {
                let why = format!("no message there contains {text:?}");
                self.end(FAILURE, Some(why))
            }
            None => self.end(DONE, None),
        }
    }

    /// Follows the room from there on, and with it what is announced since the beginning.
    fn follow(&mut self, end: Seq) -> Vec<Step> {
        self.phase = Phase::Following;
        self.room.last = end;
        if let Some(announcements) = &mut self.announcements {
            announcements.is_attached = false;
        }
        self.ask()
    }

    fn joined(&mut self, joined: &Joined, now: Now) -> Vec<Step> {
        let is_answer = joined.id.is_some();
        if joined.room == self.wanted.room && is_answer {
            self.moved_at = now.mono;
            self.room.is_attached = true;
            if self.epoch.replace(joined.epoch.clone()).is_some_and(|old| old != joined.epoch) {
                // Other numbers than those that the user meant.
                (self.room.last, self.first) = (joined.head, Seq::ZERO);
            }
        } else if joined.room == RoomName::announcements() {
            self.attached_to_announcements(joined, is_answer);
        }
        Vec::new()
    }

    /// Everybody follows these unasked, from now on; after a loss it is asked for what came
    /// meanwhile.
    fn attached_to_announcements(&mut self, joined: &Joined, is_answer: bool) {
        let (room, head) = (joined.room.clone(), joined.head);
        match &mut self.announcements {
            None if self.wanted.room != room => {
                self.announcements = Some(Cursor::attached(room, head));
            }
            Some(cursor) if is_answer => {
                cursor.is_attached = true;
                cursor.last = cursor.last.min(head);
            }
            None | Some(_) => {}
        }
    }

    fn event(&mut self, event: RoomEvent) -> Vec<Step> {
        if self.phase != Phase::Following {
            return Vec::new();
        }
        let mut cursors = std::iter::once(&mut self.room).chain(&mut self.announcements);
        if !cursors.any(|cursor| cursor.takes(&event)) {
            return Vec::new();
        }
        let is_early = event.room == self.wanted.room && event.seq < self.first;
        // What was deleted since is told by that.
        let is_empty = event.kind == EventKind::Edit && event.text.is_none();
        let mut steps = Vec::new();
        if !is_early && !is_empty {
            self.show(event, &mut steps);
        }
        steps
    }

    fn gap(&mut self, gap: Gap) -> Vec<Step> {
        let mut cursors = std::iter::once(&mut self.room).chain(&mut self.announcements);
        if let Some(cursor) = cursors.find(|cursor| cursor.room == gap.room) {
            cursor.skip(&gap);
        }
        let is_of_room = gap.room == self.wanted.room;
        is_of_room.then_some(Step::Gap(gap)).into_iter().collect()
    }

    /// Prints an event; says whether it was the last one.
    fn show(&mut self, event: RoomEvent, steps: &mut Vec<Step>) -> bool {
        let is_said = matches!(event.kind, EventKind::Message | EventKind::Announcement);
        let text = event.text.as_ref().filter(|_| is_said && event.deleted.is_none());
        let is_last = match (&self.wanted.until, text) {
            (Some(until), Some(text)) => text.as_str().contains(until),
            (None, _) | (_, None) => false,
        };
        steps.push(Step::Event(event));
        if is_last {
            steps.extend(self.end(DONE, None));
        }
        is_last
    }

    fn denied(&mut self, error: &ErrorFrame, now: Now) -> Vec<Step> {
        if error.id.as_ref().is_none_or(|id| id.as_str() != ID) {
            return Vec::new();
        }
        if let Some(wait) = error.retry_after_ms {
            self.wait_until = Some(now.mono + Duration::from_millis(wait));
            return Vec::new();
        }
        let is_reading = matches!(self.phase, Phase::Finding { .. } | Phase::Reading { .. });
        if error.code != ErrorCode::NotInRoom || !is_reading {
            return self.end(FAILURE, Some(error.text.clone()));
        }
        if self.wanted.follows {
            // It is made by joining it.
            return self.follow(Seq::ZERO);
        }
        self.end(FAILURE, Some(format!("there is no room {} on that hub", self.wanted.room)))
    }

    fn end(&mut self, code: u8, why: Option<String>) -> Vec<Step> {
        self.phase = Phase::Ended;
        vec![Step::End(code, why)]
    }
}

fn id() -> Option<RequestId> {
    RequestId::parse(ID).ok()
}

#[cfg(test)]
mod tests;
