//! Breaking text into rows: at words where that can be, else between graphemes. PURE, and its
//! cost is that of the text given.

use crate::safe_text::{Glyph, SafeText};

/// One row of a wrapped text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedRow {
    /// Where it begins in the source, in bytes.
    pub from: usize,
    /// What is drawn, without spaces that hang over its end.
    pub text: SafeText,
}

/// Breaks `source` into rows of at most `first` cells (the first) and `rest` cells (the others).
/// There is always at least one row; an empty line is a row. A glyph that is wider than a row
/// has one for itself.
pub fn wrap(source: &str, first: usize, rest: usize) -> Vec<WrappedRow> {
    let mut rows = Vec::new();
    let mut start = 0;
    for line in source.split('\n') {
        wrap_line(line.strip_suffix('\r').unwrap_or(line), start, [first, rest], &mut rows);
        start += line.len() + 1;
    }
    rows
}

fn wrap_line(line: &str, start: usize, widths: [usize; 2], rows: &mut Vec<WrappedRow>) {
    let safe = SafeText::line_at(line, start);
    let glyphs = safe.as_glyphs();
    let mut from = 0;
    loop {
        let width = widths[usize::from(!rows.is_empty())];
        let next = row_end(glyphs, from, width);
        let wraps = next < glyphs.len();
        let hanging = glyphs[from..next].iter().rev().take_while(|glyph| glyph.is_space).count();
        let drawn = next - if wraps { hanging } else { 0 };
        let offset = glyphs.get(from).map_or(start, |glyph| glyph.offset);
        rows.push(WrappedRow { from: offset, text: safe.slice(from..drawn).clipped(width) });
        if !wraps {
            return;
        }
        from = next;
    }
}

/// The glyph with which the row after the one that begins at `from` begins.
fn row_end(glyphs: &[Glyph], from: usize, width: usize) -> usize {
    let mut used = 0;
    let mut last_break = None;
    for (index, glyph) in glyphs.iter().enumerate().skip(from) {
        used += usize::from(glyph.cells);
        let fits = used <= width || glyph.is_space;
        if !fits && index > from {
            return last_break.unwrap_or(index);
        }
        if glyph.breaks {
            last_break = Some(index + 1);
        }
    }
    glyphs.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(source: &str, first: usize, rest: usize) -> Vec<String> {
        wrap(source, first, rest).iter().map(|row| row.text.as_str().to_owned()).collect()
    }

    #[test]
    fn rows_break_between_words_and_long_words_between_graphemes() {
        assert_eq!(rows("the quick brown fox", 10, 10), ["the quick", "brown fox"]);
        assert_eq!(rows("a incomprehensible", 6, 6), ["a", "incomp", "rehens", "ible"]);
        assert_eq!(rows("well-known", 6, 6), ["well-", "known"]);
        assert_eq!(rows("host --lan", 8, 8), ["host", "--lan"]);
    }

    #[test]
    fn the_first_row_has_its_own_width() {
        assert_eq!(rows("one two three", 4, 9), ["one", "two three"]);
    }

    #[test]
    fn spaces_hang_over_the_end_of_a_row_but_lead_a_line() {
        assert_eq!(rows("one      two", 4, 4), ["one", "two"]);
        assert_eq!(rows("  one\n\n two", 8, 8), ["  one", "", " two"]);
    }

    #[test]
    fn ideographs_break_anywhere_and_joined_emoji_nowhere() {
        assert_eq!(rows("日本語です", 5, 5), ["日本", "語で", "す"]);
        assert_eq!(rows("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3, 3), ["👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"]);
    }

    #[test]
    fn an_empty_text_is_one_empty_row() {
        assert_eq!(rows("", 5, 5), [""]);
    }

    proptest! {
        #[test]
        fn no_row_is_too_wide_and_nothing_is_lost(
            source in "[a-z日\u{301} \n👩\u{200d}-]{0,80}", first in 1usize..20, rest in 1usize..20,
        ) {
            let rows = wrap(&source, first, rest);
            for (index, row) in rows.iter().enumerate() {
                let width = if index == 0 { first } else { rest };
                prop_assert!(row.text.cells() <= width);
            }
            let offsets: Vec<usize> = rows.iter().map(|row| row.from).collect();
            prop_assert!(offsets.is_sorted());
            if first >= 10 && rest >= 10 {
                let drawn: String = rows.iter().map(|row| row.text.as_str()).collect();
                let lines = source.lines().map(|line| SafeText::line(line).as_str().to_owned());
                let whole: String = lines.collect();
                prop_assert_eq!(drawn.replace(' ', ""), whole.replace(' ', ""));
            }
        }
    }
}
