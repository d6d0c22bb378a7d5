//! How an announcement is laid out: a block with an edge at its left, in the first column, where
//! no message has anything but its time; no name and no text can look like it. PURE.

use std::{borrow::Cow, sync::Arc};

use protocol::{RoomEvent, RoomName, Timestamp, UserName};

use super::{
    row::{Ink, Piece, Row, Viewport},
    said::{links_of, mark_of},
};
use crate::{
    hyperlink::hyperlinks, link::clock, outbox::Outgoing, safe_text::SafeText, wrap::wrap,
};

/// The edge, and what begins and ends it.
const EDGE: &str = "║";
const FIRST: &str = "╔";
const LAST: &str = "╚";
/// What fills the first row and the last one.
const STROKE: &str = "═";
/// Where its text begins, in every row.
const TEXT: u16 = 2;

/// An announcement, before it is laid out.
pub(super) struct Announcement<'a> {
    at: Timestamp,
    by: &'a UserName,
    is_to_all: bool,
    text: Cow<'a, str>,
    ink: Ink,
    mark: Option<(String, Ink)>,
}

/// What begins an announcement where it is one sentence. No name begins so.
pub(crate) fn announced_by(name: &UserName) -> String {
    format!("== announcement by {name}")
}

impl<'a> Announcement<'a> {
    /// One that was stored.
    pub(super) fn of(event: &'a RoomEvent) -> Self {
        let text = event.text.as_ref().map_or("", |text| text.as_str());
        let is_to_all = event.room == RoomName::announcements();
        let (at, by, ink) = (event.at, &event.from, Ink::Announcement);
        let mark = event.edited.is_some().then(|| ("(edited)".into(), Ink::Faint));
        if event.deleted.is_some() {
            let (text, ink) = ("(deleted)".into(), Ink::Faint);
            return Self { at, by, is_to_all, text, ink, mark: None };
        }
        Self { at, by, is_to_all, text: text.into(), ink, mark }
    }

    /// One's own, on its way.
    pub(super) fn outgoing(message: &'a Outgoing, me: &'a UserName) -> Self {
        let is_to_all = message.place.room() == Some(&RoomName::announcements());
        let (at, ink, mark) = (message.typed, Ink::Announcement, mark_of(&message.stage));
        Self { at, by: me, is_to_all, text: message.text.as_str().into(), ink, mark }
    }

    pub(super) fn rows(&self, view: &Viewport) -> Vec<Row> {
        let columns = usize::from(view.columns.saturating_sub(TEXT)).max(1);
        let mut rows = self.title(columns, view);
        let salt =
            self.by.as_str().bytes().fold(self.at.0.cast_unsigned(), |salt, byte| {
                salt.rotate_left(5) ^ u64::from(byte)
            });
        let links = hyperlinks(&self.text, salt);
        let links = links.into_iter().map(|(range, link)| (range, Arc::new(link))).collect();
        for row in wrap(&self.text, columns, columns) {
            let mut line = edged().at(row.from);
            line.links = links_of(&links, &row.text, TEXT);
            rows.push(line.with(TEXT, row.text, self.ink));
        }
        self.add_mark(&mut rows, columns);
        // Where there is little place its words have it.
        if view.author > 0 {
            rows.push(stroke(LAST, &SafeText::default(), view));
        }
        rows
    }

    /// `announcement by Bob 14:02` in the first row; where there is no place, who and when stand
    /// in one of their own.
    fn title(&self, columns: usize, view: &Viewport) -> Vec<Row> {
        let time = clock(self.at, &view.time_zone);
        let to_all = if self.is_to_all { "to all " } else { "" };
        let who = format!("{to_all}by {} {time}", self.by);
        let whole = SafeText::line(&format!(" announcement {who} "));
        if whole.cells() < columns {
            return vec![stroke(FIRST, &whole, view)];
        }
        let rest = format!("{to_all}by ");
        let place = columns.saturating_sub(rest.len() + time.len() + 1);
        let name = SafeText::line(self.by.as_str()).fitted(place);
        let who = SafeText::line(&rest).then(&name).then(&SafeText::line(&format!(" {time}")));
        let title = stroke(FIRST, &SafeText::line(" announcement "), view);
        vec![title, edged().with(TEXT, who.fitted(columns), Ink::Announcement)]
    }

    /// What became of it, behind its last word or below.
    fn add_mark(&self, rows: &mut Vec<Row>, columns: usize) {
        let Some((mark, ink)) = &self.mark else { return };
        let text = SafeText::line(mark);
        let end = rows.last().and_then(|row| row.pieces.last()).map_or(0, |piece| {
            usize::from(piece.column) + piece.text.cells() + usize::from(!piece.text.is_empty())
        });
        if let Some(last) = rows.last_mut().filter(|_| end + text.cells() <= columns) {
            last.pieces.push(Piece { column: end as u16, text, ink: *ink });
            return;
        }
        let wrapped = wrap(mark, columns, columns);
        rows.extend(wrapped.into_iter().map(|row| edged().with(TEXT, row.text, *ink)));
    }
}

/// A row with nothing but the edge.
fn edged() -> Row {
    Row::default().with(0, SafeText::line(EDGE), Ink::Announcement)
}

impl Row {
    /// Whether it is a row of an announcement's text.
    pub(super) fn has_edge(&self) -> bool {
        self.pieces.first().is_some_and(|piece| piece.column == 0 && piece.text.as_str() == EDGE)
    }
}

/// `╔══════ announcement by Bob 14:02 ══════`
fn stroke(corner: &str, words: &SafeText, view: &Viewport) -> Row {
    let columns = usize::from(view.columns).saturating_sub(1);
    let words = words.clone().fitted(columns);
    let rest = columns - words.cells();
    let strokes = |count: usize| SafeText::line(&STROKE.repeat(count));
    let text = SafeText::line(corner).then(&strokes(rest / 2)).then(&words);
    Row::default().with(0, text.then(&strokes(rest - rest / 2)), Ink::Announcement)
}
