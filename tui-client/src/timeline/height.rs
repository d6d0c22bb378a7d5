//! How many rows each thing takes, and what is in them. PURE; the cost of a message is that of
//! its text, and only visible ones are asked for.

use std::{borrow::Cow, sync::Arc};

use jiff::{Zoned, tz::TimeZone};
use protocol::{EventKind, RoomEvent, Seq, Timestamp, UserName};

use super::{
    Gap, Spot, Timeline,
    announcement::Announcement,
    row::{Ink, Piece, Row, TIME, Viewport},
    said::{ACTION, Said},
    select,
};
use crate::{
    link::{clock, grouped},
    outbox::Outgoing,
    safe_text::SafeText,
};

const MINUTE_MS: i64 = 60_000;

impl Timeline {
    /// The rows of one spot, with the lines that stand before it.
    pub(crate) fn rows_of(&self, spot: Spot, view: &Viewport) -> Cow<'_, [Row]> {
        let mut rows = match spot {
            Spot::Gap(to) => self.gap_row(to, view).into(),
            Spot::Event(seq) => match self.fold_rows(seq, view) {
                Some(rows) => rows.into(),
                None => self.event_rows(seq, view),
            },
            Spot::Arrivals(after) => self.arrivals_row(after, view).into(),
            Spot::Announced(_, number) => self.announced_rows(spot, number, view).into(),
            Spot::Tail(index) => self.outgoing_rows(index, view),
        };
        let selected = view.selected.as_ref();
        if selected.is_some_and(|what| self.spot_of_selected(what, view) == Some(spot)) {
            select::mark(rows.to_mut(), view);
        }
        rows
    }

    fn gap_row(&self, to: Seq, view: &Viewport) -> Vec<Row> {
        let Some(gap) = self.gaps.ending_with(to) else {
            return Vec::new();
        };
        let is_first = self.before(Spot::Gap(to)).is_none();
        vec![centred(&gap_words(gap, is_first), Ink::Faint, view)]
    }

    fn arrivals_row(&self, after: Seq, view: &Viewport) -> Vec<Row> {
        let Some(arrivals) = self.arrivals.get(&after) else { return Vec::new() };
        let mut rows = self.day_line(Spot::Arrivals(after), arrivals.at, view);
        let time = SafeText::line(&clock(arrivals.at, &view.time_zone));
        let row = Row::default().with(0, time, Ink::Faint);
        let row = row.with(TIME, SafeText::line("--"), Ink::Faint);
        let column = if view.author == 0 { TIME + 3 } else { view.text_column() };
        let place = usize::from(view.columns.saturating_sub(column));
        let text = SafeText::line(&arrivals.text()).fitted(place);
        rows.push(row.with(column, text, Ink::Faint));
        rows
    }

    fn event_rows(&self, seq: Seq, view: &Viewport) -> Cow<'_, [Row]> {
        let has_line = self.is_first_unread(seq);
        let laid = self.laid.event(seq, has_line, view).map(Cow::Borrowed);
        let mut rows = laid.unwrap_or_else(|| self.fresh_event_rows(seq, has_line, view).into());
        if let Some(line) = self.unread_row(view).filter(|_| has_line) {
            let at = usize::from(rows.first().is_some_and(is_day_line));
            rows.to_mut().insert(at, line);
        }
        rows
    }

    /// The rows of an event and the day line before it, laid out now; without the unread line,
    /// which may stand between the two.
    pub(super) fn fresh_event_rows(
        &self,
        seq: Seq,
        is_below_line: bool,
        view: &Viewport,
    ) -> Vec<Row> {
        let Some(entry) = self.entries.get(&seq) else {
            return Vec::new();
        };
        let mut rows = self.day_line(Spot::Event(seq), entry.event.at, view);
        match entry.event.kind {
            EventKind::Announcement => rows.extend(Announcement::of(&entry.event).rows(view)),
            EventKind::Message
            | EventKind::Topic
            | EventKind::Notice
            | EventKind::Edit
            | EventKind::Delete
            | EventKind::Reaction => {
                // Where author and time share a line with the text they would rewrap it: there
                // an unread line that comes or goes above must not bring them along.
                let is_below_a_line = (is_below_line || !rows.is_empty()) && view.author > 0;
                let starts_anew = entry.labelled || is_below_a_line;
                rows.extend(self.said(&entry.event, starts_anew, view).rows(view));
            }
        }
        rows
    }

    /// The line between days, if this is of another day than what stands above it.
    pub(super) fn day_line(&self, spot: Spot, at: Timestamp, view: &Viewport) -> Vec<Row> {
        let day = |at| local(at, &view.time_zone).map(|time| time.date());
        if day(at) == self.time_above(spot).and_then(day) {
            return Vec::new();
        }
        vec![rule(&day_words(at, &view.time_zone), Ink::Rule, view)]
    }

    fn time_above(&self, spot: Spot) -> Option<Timestamp> {
        let mut above = self.before(spot);
        while let Some(here) = above {
            match here {
                Spot::Event(seq) => return self.event(seq).map(|event| event.at),
                Spot::Arrivals(after) => return self.arrivals.get(&after).map(|row| row.at),
                Spot::Announced(_, number) => return self.time_of_announced(number),
                Spot::Gap(_) | Spot::Tail(_) => above = self.before(here),
            }
        }
        None
    }

    fn said<'a>(&self, event: &'a RoomEvent, labelled: bool, view: &Viewport) -> Said<'a> {
        let text = event.text.as_ref().map_or("", |text| text.as_str());
        let mut said = Said::new(event.at, &event.from, text, event.kind);
        said.labelled |= labelled;
        said.speaker = self.speakers.speaker(&event.by);
        said.is_mine = view.me.as_ref() == Some(&event.from);
        if !said.is_mine && self.noticing.mentions.are_in(text) {
            said.ink = Ink::Mention;
        }
        said.reply = event.reply_to.map(|to| self.reply_words(to, &view.time_zone));
        said.mark = event.edited.is_some().then(|| ("(edited)".into(), Ink::Faint));
        if event.deleted.is_some() {
            (said.text, said.ink, said.mark) = ("(deleted)".into(), Ink::Faint, None);
        }
        said
    }

    /// `→ Bob 14:02`.
    fn reply_words(&self, to: Seq, time_zone: &TimeZone) -> String {
        match self.event(to) {
            Some(event) if self.is_ignored(event) => "→ an ignored message".into(),
            Some(event) => format!("→ {} {}", event.from, clock(event.at, time_zone)),
            None => "→ an older message".into(),
        }
    }

    fn reply_of(&self, message: &Outgoing, view: &Viewport) -> Option<String> {
        message.reply_to.map(|to| self.reply_words(to, &view.time_zone))
    }

    fn outgoing_rows(&self, index: usize, view: &Viewport) -> Cow<'_, [Row]> {
        let Some((message, labelled, reply)) = self.outgoing_at(index, view) else {
            return Vec::new().into();
        };
        let laid = self.laid.outgoing(message, labelled, reply.as_ref(), view).map(Cow::Borrowed);
        laid.unwrap_or_else(|| fresh_outgoing_rows(message, labelled, reply, view).into())
    }

    /// A message on its way, and what its rows follow from beside it.
    pub(super) fn outgoing_at<'a>(
        &self,
        index: usize,
        view: &'a Viewport,
    ) -> Option<(&'a Arc<Outgoing>, bool, Option<String>)> {
        let (message, me) = view.tail.get(index).zip(view.me.as_ref())?;
        let labelled = self.outgoing_starts_anew(index, message, me, view);
        Some((message, labelled, self.reply_of(message, view)))
    }

    /// Who speaks in the row at the top of the view, where the row with the label is above it.
    pub(crate) fn label_at_top(&self, spot: Spot, view: &Viewport) -> Vec<Piece> {
        let said = match spot {
            Spot::Event(seq) => self
                .event(seq)
                .filter(|event| event.kind != EventKind::Announcement)
                .map(|event| self.said(event, true, view)),
            Spot::Tail(index) => {
                let message = view.tail.get(index).zip(view.me.as_ref());
                let message = message.filter(|(message, _)| !message.announces);
                message.map(|(message, me)| Said::outgoing(message, me, true, None))
            }
            Spot::Gap(_) | Spot::Arrivals(_) | Spot::Announced(..) => None,
        };
        said.filter(|_| view.author > 0).map_or_else(Vec::new, |said| said.label(view).0.pieces)
    }

    fn outgoing_starts_anew(
        &self,
        index: usize,
        message: &Outgoing,
        me: &UserName,
        view: &Viewport,
    ) -> bool {
        let same_minute = |at: Timestamp| minute(at) == minute(message.typed);
        let is_action = |text: &str| text.starts_with(ACTION);
        match self.before(Spot::Tail(index)) {
            Some(Spot::Tail(above)) => view.tail.get(above).is_none_or(|above| {
                let is_speech = !above.announces && !is_action(above.text.as_str());
                !(is_speech && same_minute(above.typed))
            }),
            Some(Spot::Event(above)) => self.event(above).is_none_or(|above| {
                let is_speech = above.kind == EventKind::Message && !is_action_event(above);
                !(is_speech && above.from == *me && same_minute(above.at))
            }),
            Some(Spot::Gap(_) | Spot::Arrivals(_) | Spot::Announced(..)) | None => true,
        }
    }
}

/// The rows of a message on its way, laid out now.
pub(super) fn fresh_outgoing_rows(
    message: &Outgoing,
    labelled: bool,
    reply: Option<String>,
    view: &Viewport,
) -> Vec<Row> {
    let Some(me) = &view.me else { return Vec::new() };
    if message.announces {
        return Announcement::outgoing(message, me).rows(view);
    }
    Said::outgoing(message, me, labelled, reply).rows(view)
}

fn is_day_line(row: &Row) -> bool {
    row.pieces.first().is_some_and(|piece| piece.ink == Ink::Rule)
}

/// Whether `event` needs no label below `above`: the same person speaks in the same minute.
pub(crate) fn goes_on(above: &RoomEvent, event: &RoomEvent) -> bool {
    let both_speak = [above, event]
        .iter()
        .all(|event| event.kind == EventKind::Message && !is_action_event(event));
    both_speak
        && above.from == event.from
        && above.by == event.by
        && minute(above.at) == minute(event.at)
}

fn is_action_event(event: &RoomEvent) -> bool {
    event.text.as_ref().is_some_and(|text| text.as_str().starts_with(ACTION))
}

fn minute(at: Timestamp) -> i64 {
    at.0.div_euclid(MINUTE_MS)
}

fn gap_words(gap: Gap, is_first: bool) -> String {
    let count = grouped(gap.len());
    let messages = if gap.len() == 1 { "message" } else { "messages" };
    match (gap.gone, is_first) {
        (true, _) => format!("… {count} {messages} no longer kept …"),
        (false, true) => format!("… {count} older {messages} …"),
        (false, false) => format!("… {count} more {messages} …"),
    }
}

pub(super) fn local(at: Timestamp, time_zone: &TimeZone) -> Option<Zoned> {
    let time = jiff::Timestamp::from_millisecond(at.0).ok()?;
    Some(time.to_zoned(time_zone.clone()))
}

/// `Fri 21 November`.
fn day_words(at: Timestamp, time_zone: &TimeZone) -> String {
    local(at, time_zone).map_or_else(String::new, |time| time.strftime("%a %-d %B").to_string())
}

/// `──────── Fri 21 November ────────`.
pub(super) fn rule(words: &str, ink: Ink, view: &Viewport) -> Row {
    let words = SafeText::line(&format!(" {words} ")).fitted(usize::from(view.columns));
    let rest = usize::from(view.columns) - words.cells();
    let strokes = |count: usize| SafeText::line(&"─".repeat(count));
    let text = strokes(rest / 2).then(&words).then(&strokes(rest - rest / 2));
    Row::default().with(0, text, ink)
}

pub(super) fn centred(words: &str, ink: Ink, view: &Viewport) -> Row {
    let text = SafeText::line(words).fitted(usize::from(view.columns));
    let column = (usize::from(view.columns) - text.cells()) / 2;
    Row::default().with(column as u16, text, ink)
}
