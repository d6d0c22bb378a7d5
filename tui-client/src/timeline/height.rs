//! How many rows each thing takes, and what is in them. PURE; the cost of a message is that of
//! its text, and only visible ones are asked for.

use std::borrow::Cow;

use jiff::{Zoned, tz::TimeZone};
use protocol::{EventKind, NameKey, RoomEvent, Seq, Timestamp, UserName};

use super::{
    Gap, Spot, Timeline,
    row::{Ink, Row, TIME, Viewport},
};
use crate::{
    link::{clock, grouped},
    outbox::{Outgoing, Stage},
    room::is_spoken_to,
    safe_text::SafeText,
    wrap::wrap,
};

/// What an action begins with, as in XEP-0245: `/me waves`.
pub(crate) const ACTION: &str = "/me ";
/// Most cells of an author where there is no column for it.
const AUTHOR_MAX: usize = 12;
const MINUTE_MS: i64 = 60_000;

impl Timeline {
    /// The rows of one spot, with the lines that stand before it.
    pub(crate) fn rows_of(&self, spot: Spot, view: &Viewport) -> Vec<Row> {
        match spot {
            Spot::Gap(to) => self.gap_row(to, view),
            Spot::Event(seq) => self.event_rows(seq, view),
            Spot::Arrivals(after) => self.arrivals_row(after, view),
            Spot::Tail(index) => self.outgoing_rows(index, view),
        }
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

    fn event_rows(&self, seq: Seq, view: &Viewport) -> Vec<Row> {
        let Some(entry) = self.entries.get(&seq) else {
            return Vec::new();
        };
        let mut rows = self.lines_before(&entry.event, view);
        match entry.event.kind {
            EventKind::Announcement => rows.extend(announcement_rows(&entry.event, view)),
            EventKind::Message
            | EventKind::Topic
            | EventKind::Notice
            | EventKind::Edit
            | EventKind::Delete
            | EventKind::Reaction => {
                let starts_anew = !rows.is_empty() || entry.labelled;
                rows.extend(self.said(&entry.event, starts_anew, view).rows(view));
            }
        }
        rows
    }

    /// The day line and the unread line, where they belong above this event.
    fn lines_before(&self, event: &RoomEvent, view: &Viewport) -> Vec<Row> {
        let mut rows = self.day_line(Spot::Event(event.seq), event.at, view);
        let is_unread = |seq: Seq| self.unread_after.is_some_and(|read| read < seq);
        let above = self.entries.range(..event.seq).next_back();
        if is_unread(event.seq) && !above.is_some_and(|(above, _)| is_unread(*above)) {
            rows.push(rule("unread", Ink::Unread, view));
        }
        rows
    }

    /// The line between days, if this is of another day than what stands above it.
    fn day_line(&self, spot: Spot, at: Timestamp, view: &Viewport) -> Vec<Row> {
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
                Spot::Gap(_) | Spot::Tail(_) => above = self.before(here),
            }
        }
        None
    }

    fn said<'a>(&self, event: &'a RoomEvent, labelled: bool, view: &Viewport) -> Said<'a> {
        let is_mine = view.me.as_ref() == Some(&event.from);
        let is_mention = !is_mine && view.me.as_ref().is_some_and(|me| is_spoken_to(event, me));
        let text = event.text.as_ref().map_or("", |text| text.as_str());
        let mut said = Said {
            at: event.at,
            name: &event.from,
            is_mine,
            labelled,
            manner: Manner::Speech,
            text: text.into(),
            ink: if is_mention { Ink::Mention } else { Ink::Text },
            reply: event.reply_to.map(|to| self.reply_words(to, &view.time_zone)),
            mark: event.edited.is_some().then(|| ("(edited)".into(), Ink::Faint)),
        };
        said.speak(event.kind);
        if event.deleted.is_some() {
            (said.text, said.ink, said.mark) = ("(deleted)".into(), Ink::Faint, None);
        }
        said
    }

    /// `→ Bob 14:02`.
    fn reply_words(&self, to: Seq, time_zone: &TimeZone) -> String {
        match self.event(to) {
            Some(event) => format!("→ {} {}", event.from, clock(event.at, time_zone)),
            None => "→ an older message".into(),
        }
    }

    fn outgoing_rows(&self, index: usize, view: &Viewport) -> Vec<Row> {
        let (Some(message), Some(me)) = (view.tail.get(index), view.me.as_ref()) else {
            return Vec::new();
        };
        let mut said = Said {
            at: message.typed,
            name: me,
            is_mine: true,
            labelled: self.outgoing_starts_anew(index, message, me, view),
            manner: Manner::Speech,
            text: message.text.as_str().into(),
            ink: Ink::Text,
            reply: None,
            mark: mark_of(&message.stage),
        };
        said.speak(EventKind::Message);
        said.rows(view)
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
            Some(Spot::Tail(above)) => view
                .tail
                .get(above)
                .is_none_or(|above| !same_minute(above.typed) || is_action(above.text.as_str())),
            Some(Spot::Event(above)) => self.event(above).is_none_or(|above| {
                let is_speech = above.kind == EventKind::Message && !is_action_event(above);
                !(is_speech && above.from == *me && same_minute(above.at))
            }),
            Some(Spot::Gap(_) | Spot::Arrivals(_)) | None => true,
        }
    }
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

/// Something that somebody said, before it is laid out.
struct Said<'a> {
    at: Timestamp,
    name: &'a UserName,
    is_mine: bool,
    labelled: bool,
    manner: Manner,
    text: Cow<'a, str>,
    ink: Ink,
    reply: Option<String>,
    mark: Option<(String, Ink)>,
}

/// How it is said. Actions and what the hub reports have a sign where names stand, and no name
/// looks like it: nobody can forge them by what they write.
enum Manner {
    /// `Ana  hello`
    Speech,
    /// `*  Ana waves`
    Action,
    /// `--  Ana changed the topic to: …`
    Report,
}

impl Said<'_> {
    fn speak(&mut self, kind: EventKind) {
        let action = self.text.strip_prefix(ACTION);
        match (kind, action) {
            (EventKind::Topic, _) if self.text.is_empty() => {
                self.report("took the topic away".into());
            }
            (EventKind::Topic, _) => self.report(format!("changed the topic to: {}", self.text)),
            (EventKind::Notice, _) => self.report(self.text.to_string()),
            (_, Some(action)) => {
                let action = action.to_owned().into();
                (self.text, self.manner, self.labelled) = (action, Manner::Action, true);
            }
            (_, None) => {}
        }
    }

    fn report(&mut self, what: String) {
        (self.text, self.manner, self.labelled) = (what.into(), Manner::Report, true);
    }

    fn rows(&self, view: &Viewport) -> Vec<Row> {
        let (mut first, column) = self.label(view);
        let mut column = usize::from(column);
        let columns = usize::from(view.columns);
        for (text, ink) in self.lead() {
            let text = SafeText::line(&text).fitted(columns.saturating_sub(column + 1) / 2);
            let cells = text.cells();
            first = first.with(column as u16, text, ink);
            column += cells + 1;
        }
        let wrapped = wrap(&self.text, columns.saturating_sub(column).max(1), view.text_columns());
        let mut rows = Vec::with_capacity(wrapped.len() + 1);
        for row in wrapped {
            let is_first = rows.is_empty();
            let at = if is_first { column as u16 } else { view.text_column() };
            let line = if is_first { std::mem::take(&mut first) } else { Row::default() };
            rows.push(line.with(at, row.text, self.ink).at(row.from));
        }
        self.add_mark(&mut rows, view);
        rows
    }

    /// Time and author, and the column at which the text begins.
    fn label(&self, view: &Viewport) -> (Row, u16) {
        if !self.labelled {
            return (Row::default(), view.text_column());
        }
        let time = SafeText::line(&clock_of(self.at, view));
        let row = Row::default().with(0, time, Ink::Faint);
        let (sign, ink) = match self.manner {
            Manner::Speech => (self.name.as_str(), self.author_ink()),
            Manner::Action => ("*", self.author_ink()),
            Manner::Report => ("--", Ink::Faint),
        };
        if view.author > 0 {
            let sign = SafeText::line(sign).fitted(usize::from(view.author) - 1);
            return (row.with(TIME, sign, ink), view.text_column());
        }
        let mut sign = SafeText::line(sign).fitted(AUTHOR_MAX);
        if matches!(self.manner, Manner::Speech) {
            sign = sign.then(&SafeText::line(":"));
        }
        let column = TIME + sign.cells() as u16 + 1;
        (row.with(TIME, sign, ink), column)
    }

    /// What stands before the text: who acts, what was answered.
    fn lead(&self) -> Vec<(String, Ink)> {
        let mut lead = Vec::new();
        match self.manner {
            Manner::Speech => {}
            Manner::Action | Manner::Report => {
                lead.push((self.name.to_string(), self.author_ink()));
            }
        }
        lead.extend(self.reply.iter().map(|reply| (format!("{reply} "), Ink::Faint)));
        lead
    }

    fn add_mark(&self, rows: &mut Vec<Row>, view: &Viewport) {
        let Some((mark, ink)) = &self.mark else {
            return;
        };
        let text = SafeText::line(mark);
        let Some(last) = rows.last_mut() else { return };
        let end = last.pieces.last().map_or(0, |piece| {
            usize::from(piece.column) + piece.text.cells() + usize::from(!piece.text.is_empty())
        });
        if end + text.cells() <= usize::from(view.columns) {
            last.pieces.push(super::Piece { column: end as u16, text, ink: *ink });
            return;
        }
        let wrapped = wrap(mark, view.text_columns(), view.text_columns());
        let rest =
            wrapped.into_iter().map(|row| Row::default().with(view.text_column(), row.text, *ink));
        rows.extend(rest);
    }

    fn author_ink(&self) -> Ink {
        if self.is_mine { Ink::Me } else { Ink::Author(hue(self.name)) }
    }
}

/// Between double lines, over the whole width: no message can begin at the edge and look so.
fn announcement_rows(event: &RoomEvent, view: &Viewport) -> Vec<Row> {
    let title = format!(" announcement by {} {} ", event.from, clock_of(event.at, view));
    let mut rows = vec![line_with(&title, '═', Ink::Announcement, view)];
    let text = event.text.as_ref().map_or("", |text| text.as_str());
    let columns = usize::from(view.columns).saturating_sub(2).max(1);
    for row in wrap(text, columns, columns) {
        rows.push(Row::default().with(2, row.text, Ink::Announcement).at(row.from));
    }
    rows.push(line_with("", '═', Ink::Announcement, view));
    rows
}

fn mark_of(stage: &Stage) -> Option<(String, Ink)> {
    match stage {
        Stage::Queued => Some(("…".into(), Ink::Mark)),
        Stage::Sent { late: true, .. } => Some(("·".into(), Ink::Mark)),
        Stage::Sent { late: false, .. } | Stage::Stored { .. } => None,
        Stage::Failed { why } => Some((format!("! {why}"), Ink::Failed)),
    }
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

/// The same number for the same name, however it is written.
fn hue(name: &UserName) -> u8 {
    let key = NameKey::of(name.as_str());
    let hash = key
        .as_str()
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 16)) as u8
}

fn clock_of(at: Timestamp, view: &Viewport) -> String {
    clock(at, &view.time_zone)
}

fn local(at: Timestamp, time_zone: &TimeZone) -> Option<Zoned> {
    let time = jiff::Timestamp::from_millisecond(at.0).ok()?;
    Some(time.to_zoned(time_zone.clone()))
}

/// `Fri 21 November`.
fn day_words(at: Timestamp, time_zone: &TimeZone) -> String {
    local(at, time_zone).map_or_else(String::new, |time| time.strftime("%a %-d %B").to_string())
}

/// `──────── Fri 21 November ────────`.
fn rule(words: &str, ink: Ink, view: &Viewport) -> Row {
    line_with(&format!(" {words} "), '─', ink, view)
}

fn line_with(words: &str, stroke: char, ink: Ink, view: &Viewport) -> Row {
    let words = SafeText::line(words).fitted(usize::from(view.columns));
    let rest = usize::from(view.columns) - words.cells();
    let strokes = |count: usize| SafeText::line(&stroke.to_string().repeat(count));
    let text = strokes(rest / 2).then(&words).then(&strokes(rest - rest / 2));
    Row::default().with(0, text, ink)
}

fn centred(words: &str, ink: Ink, view: &Viewport) -> Row {
    let text = SafeText::line(words).fitted(usize::from(view.columns));
    let column = (usize::from(view.columns) - text.cells()) / 2;
    Row::default().with(column as u16, text, ink)
}
