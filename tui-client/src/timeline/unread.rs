//! The line above what is new: where it stands, what it says, and what is pinned to the top of
//! the view while it is further up. PURE.

use jiff::tz::TimeZone;
use protocol::{EventKind, Identity, RoomEvent, Seq, Timestamp};

use super::{
    Spot, Timeline,
    anchor::RowAt,
    height::{local, rule},
    row::{Ink, Row, Viewport},
};
use crate::link::{clock, grouped};

/// In a view with fewer rows nothing is pinned: what one reads needs them all.
const PINNED_FROM_ROWS: u16 = 3;

/// The line above what is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadLine {
    /// It stands before the first event above this.
    pub after: Seq,
    /// When one had seen everything for the last time, if that is known.
    pub since: Option<Timestamp>,
    /// How many messages are new; 0 if nobody has counted.
    pub count: u64,
}

impl UnreadLine {
    /// A line before the first event above `seq`, of which nothing else is known.
    pub fn after(seq: Seq) -> Self {
        Self { after: seq, since: None, count: 0 }
    }

    /// `12 new since 14:02`; with the day, where it was on another one than `now`.
    fn words(&self, now: Option<Timestamp>, time_zone: &TimeZone) -> String {
        if self.count == 0 {
            return "unread".into();
        }
        let count = grouped(self.count);
        let Some(since) = self.since else { return format!("{count} new") };
        let day = |at| local(at, time_zone).map(|time| time.date());
        let is_today = now.is_none_or(|now| day(now) == day(since));
        let day = local(since, time_zone).filter(|_| !is_today);
        let day = day.map_or_else(String::new, |time| time.strftime("%a ").to_string());
        format!("{count} new since {day}{}", clock(since, time_zone))
    }
}

impl Timeline {
    /// The line above what is new, if there is one.
    pub fn unread(&self) -> Option<&UnreadLine> {
        self.unread.as_ref()
    }

    /// Places the unread line, or takes it away.
    pub fn set_unread(&mut self, line: Option<UnreadLine>) {
        self.unread = line;
    }

    /// How many messages of others are after this one, as far as is known; what is missing counts
    /// as such.
    pub(crate) fn count_after(&self, seq: Seq, me: Option<&Identity>) -> u64 {
        let events = self.entries.range(seq.next()..).map(|(_, entry)| &entry.event);
        let is_message = |event: &&RoomEvent| {
            let is_said = matches!(event.kind, EventKind::Message | EventKind::Announcement);
            is_said && Some(&event.by) != me && !self.is_ignored(event)
        };
        events.filter(is_message).count() as u64 + self.gaps.len_after(seq)
    }

    /// One more message is below the line.
    pub(crate) fn count_unread(&mut self) {
        if let Some(line) = &mut self.unread {
            line.count += 1;
        }
    }

    /// An event comes in with a page: it may have been counted before it was known who said it.
    pub(super) fn discount(&mut self, event: &RoomEvent) {
        let is_known = self.entries.contains_key(&event.seq);
        if is_known || !self.is_ignored(event) {
            return;
        }
        if let Some(line) = self.unread.as_mut().filter(|line| line.after < event.seq) {
            line.count = line.count.saturating_sub(1).max(1);
        }
    }

    /// So many messages below the line are not to be seen any more.
    pub(crate) fn discount_unread(&mut self, count: u64) {
        if let Some(line) = &mut self.unread {
            line.count = line.count.saturating_sub(count);
        }
    }

    /// Whether the unread line is one of the visible rows.
    pub(crate) fn shows_unread(&self, view: &Viewport) -> bool {
        let is_line = |row: &Row| row.pieces.iter().any(|piece| piece.ink == Ink::Unread);
        self.unread.is_some()
            && self.top(view).is_some_and(|top| {
                self.rows_from(top, usize::from(view.rows), view).iter().any(is_line)
            })
    }

    /// Whether the unread line stands above this event. While what comes first after it can still
    /// be fetched, it stands nowhere.
    pub(super) fn is_first_unread(&self, seq: Seq) -> bool {
        let is_after = self.unread.is_some_and(|line| line.after < seq);
        is_after && self.unread_spot() == Some(Spot::Event(seq))
    }

    /// The unread line as a row.
    pub(super) fn unread_row(&self, view: &Viewport) -> Option<Row> {
        let words = self.unread_words(view)?;
        Some(rule(&words, Ink::Unread, view))
    }

    /// What stands in the first row of the view while the unread line is above it. It covers a
    /// row, so that no other one moves; by the page each row is seen all the same.
    pub(super) fn pinned_row(&self, top: RowAt, view: &Viewport) -> Option<Row> {
        if view.rows < PINNED_FROM_ROWS || !self.is_unread_above(top, view) {
            return None;
        }
        let words = self.unread_words(view)?;
        Some(rule(&format!("↑ {words} · Home"), Ink::Unread, view))
    }

    fn unread_words(&self, view: &Viewport) -> Option<String> {
        let newest = self.entries.values().next_back().map(|entry| entry.event.at);
        self.unread.as_ref().map(|line| line.words(newest, &view.time_zone))
    }

    /// What the unread line belongs to: the first event after it, or the gap that it is in.
    fn unread_spot(&self) -> Option<Spot> {
        let first = self.unread.as_ref()?.after.next();
        if self.is_missing(first) {
            return self.gaps.at_or_after(first).map(|gap| Spot::Gap(gap.to));
        }
        self.first_seen(first).map(Spot::Event)
    }

    fn is_unread_above(&self, top: RowAt, view: &Viewport) -> bool {
        let Some(spot) = self.unread_spot() else { return false };
        let is_line = |row: &Row| row.pieces.iter().any(|piece| piece.ink == Ink::Unread);
        if spot != top.spot {
            return spot.key() < top.spot.key();
        }
        self.rows_of(spot, view).iter().take(top.index).any(is_line)
    }
}
