//! What of a room is unread, and the life of the line above it. PURE.

use protocol::{Seq, Timestamp, server::Joined};

use super::{Arrived, Room};
use crate::timeline::{Bookmark, Scroll, Selected, UnreadLine, Viewport};

/// How one looks at a room, and what one has seen of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sight {
    /// Whether it is on the screen, and the window has the focus.
    looked_at: bool,
    /// Whether one sees what comes: it is looked at, at its newest, and followed.
    attended: bool,
    /// When one did for the last time.
    left_at: Option<Timestamp>,
    line: Line,
}

/// How far one is with the unread line. It goes when it has been read, and never under one's
/// eyes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    /// It was not on the screen yet.
    #[default]
    New,
    /// It was.
    Shown,
    /// And then one saw the newest, too.
    Read,
    /// And has looked elsewhere since: what comes now is above a new line, and if nothing comes
    /// it goes when one is back.
    Left,
}

impl Room {
    /// It is on the screen of a window with the focus, or not any more.
    pub fn look(&mut self, looks: bool, at: Timestamp) {
        if looks {
            (self.unread, self.mentions) = (0, 0);
        }
        self.sight.looked_at = looks;
        self.attend(at);
    }

    /// Moves the reading position.
    pub fn scroll(&mut self, scroll: Scroll, view: &Viewport) {
        self.timeline.scroll(scroll, view);
    }

    /// Reads at a message that is here or can be fetched; `false` if it is neither.
    pub(crate) fn jump(&mut self, seq: Seq, view: &Viewport) -> bool {
        self.timeline.jump(seq, view)
    }

    /// Reads there again.
    pub(crate) fn return_to(&mut self, reading: Bookmark) {
        self.timeline.return_to(reading);
    }

    /// What is selected is seen; and from now on what is seen stays.
    pub(crate) fn reveal(&mut self, what: &Selected, view: &Viewport) {
        self.timeline.reveal(what, view);
        self.timeline.hold(view);
    }

    /// What is on the screen may be another part of it.
    pub fn observe(&mut self, view: &Viewport, at: Timestamp) {
        let is_new = self.sight.line == Line::New && self.sight.looked_at;
        if is_new && self.timeline.shows_unread(view) {
            self.sight.line = Line::Shown;
        }
        self.attend(at);
    }

    /// The unread line has done its work.
    pub(crate) fn retire_line(&mut self) {
        self.timeline.set_unread(None);
        self.sight.line = Line::New;
    }

    /// Whether it is on the screen of a window with the focus.
    pub(super) fn is_shown(&self) -> bool {
        self.sight.looked_at
    }

    /// Whether one sees what comes.
    pub(super) fn attends(&self) -> bool {
        self.sight.looked_at && self.joined && self.timeline.is_at_newest()
    }

    /// One sees what comes, or does not any more.
    pub(super) fn attend(&mut self, at: Timestamp) {
        let attends = self.attends();
        if self.sight.attended && !attends {
            self.sight.left_at = Some(at);
        }
        self.sight.attended = attends;
        match (self.sight.line, attends) {
            (Line::Shown, true) => self.sight.line = Line::Read,
            (Line::Read, false) => self.sight.line = Line::Left,
            (Line::Left, true) => self.retire_line(),
            (Line::New | Line::Shown | Line::Read | Line::Left, _) => {}
        }
    }

    /// Another life of the room: what the hub knows as read is read.
    pub(super) fn start_unread(&mut self, joined: &Joined) {
        let read = joined.read.filter(|read| *read < joined.head);
        let count = read.map_or(0, |read| joined.head.get() - read.get());
        self.sight.line = Line::New;
        self.timeline.set_unread(read.map(|after| UnreadLine { after, since: None, count }));
        if !self.sight.looked_at {
            self.unread = u32::try_from(count).unwrap_or(u32::MAX);
        }
    }

    /// A message came after `last`. What comes while one sees it is read, and so is nothing that
    /// was said while one was away, though it is on the screen now.
    pub(super) fn count_unread(&mut self, last: Seq, arrived: Arrived, is_old: bool) {
        let is_seen = self.sight.looked_at && self.timeline.is_at_newest() && !is_old;
        if is_seen {
            return;
        }
        if self.timeline.unread().is_none() || self.sight.line == Line::Left {
            let since = self.sight.left_at;
            self.timeline.set_unread(Some(UnreadLine { after: last, since, count: 0 }));
            self.sight.line = Line::New;
        }
        self.timeline.count_unread();
        if !self.sight.looked_at {
            self.unread = self.unread.saturating_add(1);
            self.mentions += u32::from(arrived == Arrived::Mention);
        }
    }
}
