//! How something that somebody said is laid out: label, text, mark. PURE.

use std::{borrow::Cow, ops::Range, sync::Arc};

use protocol::{EventKind, Timestamp, UserName};

use super::{
    Speaker, announced_by,
    row::{Ink, Piece, Row, TIME, Viewport},
};
use crate::{
    hyperlink::{Hyperlink, hyperlinks},
    link::clock,
    outbox::{Outgoing, Stage},
    safe_text::SafeText,
    wrap::wrap,
};

/// What an action begins with, as in XEP-0245: `/me waves`.
pub(crate) const ACTION: &str = "/me ";
/// Most cells of an author where there is no column for it.
const AUTHOR_MAX: usize = 12;

/// Something that somebody said, before it is laid out.
pub(super) struct Said<'a> {
    pub(super) at: Timestamp,
    pub(super) name: &'a UserName,
    pub(super) speaker: Speaker,
    pub(super) is_mine: bool,
    pub(super) labelled: bool,
    pub(super) manner: Manner,
    pub(super) text: Cow<'a, str>,
    pub(super) ink: Ink,
    pub(super) reply: Option<String>,
    pub(super) mark: Option<(String, Ink)>,
}

/// How it is said. Actions and what the hub reports have a sign where names stand, and no name
/// looks like it: nobody can forge them by what they write.
pub(super) enum Manner {
    /// `Ana  hello`
    Speech,
    /// `*  Ana waves`
    Action,
    /// `--  Ana changed the topic to: …`
    Report,
}

/// What somebody said as one sentence, with the signs that it has on the screen: `Bob: hi`,
/// `* Bob waves`, `-- Bob changed the topic to: tea`, `== announcement by Bob: tea`. Raw.
pub(crate) fn sentence(at: Timestamp, name: &UserName, text: &str, kind: EventKind) -> String {
    if kind == EventKind::Announcement {
        return format!("{}: {text}", announced_by(name));
    }
    let Said { manner, text, .. } = Said::new(at, name, text, kind);
    match manner {
        Manner::Speech => format!("{name}: {text}"),
        Manner::Action => format!("* {name} {text}"),
        Manner::Report => format!("-- {name} {text}"),
    }
}

impl<'a> Said<'a> {
    /// A text by somebody, in the manner of its kind.
    pub(super) fn new(at: Timestamp, name: &'a UserName, text: &'a str, kind: EventKind) -> Self {
        let (manner, text) = match kind {
            EventKind::Topic if text.is_empty() => (Manner::Report, "took the topic away".into()),
            EventKind::Topic => (Manner::Report, format!("changed the topic to: {text}").into()),
            EventKind::Notice => (Manner::Report, text.into()),
            EventKind::Edit => (Manner::Report, format!("changed a message to: {text}").into()),
            EventKind::Delete => (Manner::Report, "deleted a message".into()),
            EventKind::Message | EventKind::Announcement | EventKind::Reaction => {
                match text.strip_prefix(ACTION) {
                    Some(action) => (Manner::Action, action.into()),
                    None => (Manner::Speech, text.into()),
                }
            }
        };
        let labelled = !matches!(manner, Manner::Speech);
        let (ink, reply, mark) = (Ink::Text, None, None);
        let (speaker, is_mine) = (Speaker::default(), false);
        Self { at, name, speaker, is_mine, labelled, manner, text, ink, reply, mark }
    }

    /// An own message on its way.
    pub(super) fn outgoing(
        message: &'a Outgoing,
        me: &'a UserName,
        labelled: bool,
        reply: Option<String>,
    ) -> Self {
        let mut said = Self::new(message.typed, me, message.text.as_str(), EventKind::Message);
        said.labelled |= labelled;
        said.reply = reply;
        (said.is_mine, said.mark) = (true, mark_of(&message.stage));
        said
    }
}

impl Said<'_> {
    pub(super) fn rows(&self, view: &Viewport) -> Vec<Row> {
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
        let links = self.links();
        let mut rows = Vec::with_capacity(wrapped.len() + 1);
        for row in wrapped {
            let is_first = rows.is_empty();
            let at = if is_first { column as u16 } else { view.text_column() };
            let line = if is_first { std::mem::take(&mut first) } else { Row::default() };
            let mut line = line.at(row.from);
            line.links = links_of(&links, &row.text, at);
            rows.push(line.with(at, row.text, self.ink));
        }
        self.add_mark(&mut rows, view);
        rows
    }

    /// Time and author, and the column at which the text begins.
    pub(super) fn label(&self, view: &Viewport) -> (Row, u16) {
        if !self.labelled {
            return (Row::default(), view.text_column());
        }
        let time = SafeText::line(&clock(self.at, &view.time_zone));
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
            last.pieces.push(Piece { column: end as u16, text, ink: *ink });
            return;
        }
        let wrapped = wrap(mark, view.text_columns(), view.text_columns());
        let rest =
            wrapped.into_iter().map(|row| Row::default().with(view.text_column(), row.text, *ink));
        rows.extend(rest);
    }

    /// The links of its text; the parts of one that is wrapped are the same link.
    fn links(&self) -> Links {
        let salt =
            self.name.as_str().bytes().fold(self.at.0.cast_unsigned(), |salt, byte| {
                salt.rotate_left(5) ^ u64::from(byte)
            });
        let links = hyperlinks(&self.text, salt);
        links.into_iter().map(|(range, link)| (range, Arc::new(link))).collect()
    }

    fn author_ink(&self) -> Ink {
        if self.is_mine { Ink::Me } else { Ink::Author(self.speaker) }
    }
}

/// Links, and which bytes of the text they are.
pub(super) type Links = Vec<(Range<usize>, Arc<Hyperlink>)>;

/// Which columns of a row are links. It begins in column `at`.
pub(super) fn links_of(
    links: &Links,
    row: &SafeText,
    at: u16,
) -> Vec<(Range<u16>, Arc<Hyperlink>)> {
    let in_row = links.iter().filter_map(|(range, link)| {
        let mut column = at;
        let mut covered: Option<Range<u16>> = None;
        for (glyph, _) in row.glyphs() {
            let next = column + glyph.cells;
            if range.contains(&glyph.offset) {
                let start = covered.map_or(column, |covered| covered.start);
                covered = Some(start..next);
            }
            column = next;
        }
        covered.map(|covered| (covered, Arc::clone(link)))
    });
    in_row.collect()
}

/// What stands behind an own message on its way.
pub(super) fn mark_of(stage: &Stage) -> Option<(String, Ink)> {
    match stage {
        Stage::Queued => Some(("…".into(), Ink::Mark)),
        Stage::Sent { late: true, .. } => Some(("·".into(), Ink::Mark)),
        Stage::Sent { late: false, .. } | Stage::Stored { .. } => None,
        Stage::Failed { why, .. } => Some((format!("! {why}"), Ink::Failed)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_link_that_is_wrapped_is_one_link_in_the_columns_of_its_parts() {
        let name = UserName::parse("Bob").unwrap();
        let text = "日 https://example.org/path and on";
        let mut said = Said::new(Timestamp(0), &name, text, EventKind::Message);
        said.labelled = true;
        let (columns, rows, author, time_zone) = (30, 9, 8, TimeZone::UTC);
        let (me, tail, selected) = (None, Vec::new(), None);
        let view = Viewport { columns, rows, author, time_zone, me, tail, selected };
        let rows = said.rows(&view);
        let shown: Vec<String> = rows.iter().map(Row::to_text).collect();
        assert_eq!(
            shown,
            ["00:00 Bob     日", "              https://example.", "              org/path and on"]
        );
        let columns: Vec<_> = rows.iter().flat_map(|row| &row.links).map(|(at, _)| at).collect();
        assert_eq!(columns, [&(14..30), &(14..22)]);
        assert_eq!(rows[1].links[0].1, rows[2].links[0].1);
    }
}
