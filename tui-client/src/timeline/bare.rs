//! What was said as plain lines, for the terminal's own selection: who and what, nothing beside
//! it, and rows that are full wherever a line goes on. PURE.

use std::{ops::Range, sync::Arc};

use protocol::RoomEvent;

use super::{
    Spot, Timeline,
    row::Viewport,
    said::{links_of, sentence},
};
use crate::{
    hyperlink::{Hyperlink, hyperlinks},
    safe_text::SafeText,
};

/// A row of the bare view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BareRow {
    /// What it says, from the first column on.
    pub text: SafeText,
    /// Which of its columns are links.
    pub links: Vec<(Range<u16>, Arc<Hyperlink>)>,
    /// Whether it is full, and its line goes on in the next one.
    pub goes_on: bool,
}

impl Timeline {
    /// What was said around where one reads, in at most so many rows of so many columns: up to the
    /// newest if one is there, else from the first visible message on.
    pub(crate) fn bare_rows(&self, columns: u16, rows: u16, view: &Viewport) -> Vec<BareRow> {
        let (columns, height) = (usize::from(columns.max(1)), usize::from(rows));
        let is_at_newest = self.is_at_newest();
        let first = if is_at_newest { self.newest(view) } else { self.top(view).map(|at| at.spot) };
        let Some(first) = first else { return Vec::new() };
        let rows_at = |spot| self.bare_rows_at(spot, columns, view);
        let mut found = rows_at(first);
        let mut spot = self.after(first, view).filter(|_| !is_at_newest);
        while let Some(here) = spot.filter(|_| found.len() < height) {
            found.extend(rows_at(here));
            spot = self.after(here, view);
        }
        if !is_at_newest && found.len() >= height {
            found.truncate(height);
            return found;
        }
        let mut spot = self.before(first);
        while let Some(here) = spot.filter(|_| found.len() < height) {
            found.splice(0..0, rows_at(here));
            spot = self.before(here);
        }
        found.drain(..found.len().saturating_sub(height));
        found
    }

    /// What has no row in the scrollback has none here.
    fn bare_rows_at(&self, spot: Spot, columns: usize, view: &Viewport) -> Vec<BareRow> {
        let is_shown = !self.rows_of(spot, view).is_empty();
        let sentence = self.sentence_at(spot, view).filter(|_| is_shown);
        sentence.map_or_else(Vec::new, |sentence| laid_out(&sentence, columns))
    }

    /// `Bob: hi`; nothing for what is not said by anybody. Raw.
    fn sentence_at(&self, spot: Spot, view: &Viewport) -> Option<String> {
        match spot {
            Spot::Event(seq) => self.event(seq).map(bare_sentence),
            Spot::Tail(index) => view.tail.get(index).zip(view.me.as_ref()).map(|(message, me)| {
                sentence(message.typed, me, message.text.as_str(), message.kind())
            }),
            // What is missing between two lines is told, or they would seem to belong together.
            Spot::Gap(_) => {
                self.rows_of(spot, view).first().map(|row| row.to_text().trim().to_owned())
            }
            Spot::Announced(_, number) => self.announcement(number).map(bare_sentence),
            Spot::Arrivals(_) => None,
        }
    }
}

fn bare_sentence(event: &RoomEvent) -> String {
    let text = event.text.as_ref().map_or("", |text| text.as_str());
    let text = if event.deleted.is_some() { "(deleted)" } else { text };
    sentence(event.at, &event.from, text, event.kind)
}

fn laid_out(sentence: &str, columns: usize) -> Vec<BareRow> {
    let lines = sentence.split('\n');
    lines.flat_map(|line| rows_of_line(line.trim_end_matches('\r'), columns)).collect()
}

/// Broken where a row is full, as a terminal does it, and nowhere else.
fn rows_of_line(line: &str, columns: usize) -> Vec<BareRow> {
    let safe = SafeText::line_at(line, 0);
    let glyphs = safe.as_glyphs();
    let found = hyperlinks(line, line.len() as u64);
    let links = found.into_iter().map(|(range, link)| (range, Arc::new(link))).collect();
    let (mut rows, mut from) = (Vec::new(), 0);
    loop {
        let mut used = 0;
        let fitting = glyphs[from..].iter().take_while(|glyph| {
            used += usize::from(glyph.cells);
            used <= columns
        });
        let next = (from + fitting.count().max(1)).min(glyphs.len());
        let text = safe.slice(from..next).clipped(columns);
        let goes_on = next < glyphs.len() && text.cells() == columns;
        rows.push(BareRow { links: links_of(&links, &text, 0), text, goes_on });
        if next >= glyphs.len() {
            return rows;
        }
        from = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(line: &str, columns: usize) -> Vec<(String, bool)> {
        let rows = laid_out(line, columns);
        rows.iter().map(|row| (row.text.as_str().to_owned(), row.goes_on)).collect()
    }

    #[test]
    fn a_line_is_broken_only_where_a_row_is_full() {
        let shown = rows("Bob: one two\nthree", 8);
        let expected = [("Bob: one", true), (" two", false), ("three", false)];
        assert_eq!(shown, expected.map(|(text, goes_on)| (text.to_owned(), goes_on)));
        assert_eq!(rows("12345678", 8), [("12345678".to_owned(), false)]);
        assert_eq!(rows("", 8), [(String::new(), false)]);
    }

    #[test]
    fn where_half_a_glyph_would_fit_the_line_cannot_go_on() {
        let shown = rows("日本語", 5);
        assert_eq!(shown, [("日本".to_owned(), false), ("語".to_owned(), false)]);
        assert_eq!(rows("日本", 1).len(), 2, "what has no place takes none");
    }

    #[test]
    fn a_link_is_one_in_all_of_its_rows() {
        let rows = laid_out("Bob: https://a.example/b", 12);
        assert_eq!(rows[0].links[0].0, 5..12);
        assert_eq!(rows[1].links[0].1, rows[0].links[0].1);
    }
}
