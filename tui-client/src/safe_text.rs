//! The one door through which text comes to the screen. PURE.
//!
//! What others wrote can contain escape sequences, invisible characters and characters that
//! reorder a line. [`SafeText`] is the only type that `view` draws, and it can only be made by
//! going through here:
//!
//! - Control characters (C0, DEL, C1), line and paragraph separators, and every other format
//!   (Cf) or default-ignorable character are shown as `<U+200B>`.
//! - ZWJ and ZWNJ pass after a character that can join, VS15 and VS16 after one that has two
//!   presentations; never twice, never alone.
//! - All twelve bidi controls are shown too, in texts as in names. Nothing is left that could
//!   be unbalanced, and no isolates are added: ratatui drops characters without a cell, so a
//!   pair of them would not reliably reach the terminal together. Letters of right-to-left
//!   scripts pass unchanged; their order within a line is the terminal's.
//! - At most eight marks stand on a base; the ninth is shown as `<U+0301>`. A mark without a
//!   base is shown too.
//! - A glyph takes the cells that `unicode-width` says for the whole grapheme, as in ratatui,
//!   and at most [`GLYPH_CELLS_MAX`]; what is larger falls into its characters.

use std::ops::Range;

use protocol::MARKS_PER_BASE_MAX;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Most bytes of one glyph; the longest emoji in use have 35.
const GLYPH_BYTES_MAX: usize = 64;
/// Most cells of one glyph; the widest syllables of Indic scripts in use have 5.
const GLYPH_CELLS_MAX: usize = 8;
/// What a tab becomes. There are no tab stops: a row may begin anywhere.
const TAB_CELLS: usize = 4;

/// Text that cannot do anything to a terminal but stand there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SafeText {
    text: String,
    glyphs: Vec<Glyph>,
}

/// What is drawn as one: a grapheme, or a character in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Where it begins in the text that was given.
    pub offset: usize,
    /// How many cells it takes.
    pub cells: u16,
    /// Whether a line may be broken after it.
    pub breaks: bool,
    /// Whether it is a space, which may hang over the end of a row.
    pub is_space: bool,
    end: usize,
}

impl SafeText {
    /// The text on one line: a line break shows as `↵`.
    pub fn line(source: &str) -> Self {
        Self::line_at(source, 0)
    }

    /// A line that begins at `start` in the source: its offsets count from there.
    pub(crate) fn line_at(line: &str, start: usize) -> Self {
        let mut safe = Self::default();
        safe.text.reserve(line.len());
        safe.glyphs.reserve(line.len());
        let mut at = 0;
        while let Some(grapheme) = first_grapheme(&line[at..]) {
            match grapheme {
                "\n" | "\r\n" => safe.push(start + at, "↵"),
                _ => safe.push_grapheme(start + at, grapheme),
            }
            at += grapheme.len();
        }
        safe
    }

    /// How many cells it takes.
    pub fn cells(&self) -> usize {
        self.glyphs.iter().map(|glyph| usize::from(glyph.cells)).sum()
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.glyphs.is_empty()
    }

    /// The text as drawn.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Each glyph with what it looks like.
    pub fn glyphs(&self) -> impl Iterator<Item = (&Glyph, &str)> {
        let starts = std::iter::once(0).chain(self.glyphs.iter().map(|glyph| glyph.end));
        self.glyphs.iter().zip(starts).map(|(glyph, start)| (glyph, &self.text[start..glyph.end]))
    }

    /// The glyphs themselves.
    pub(crate) fn as_glyphs(&self) -> &[Glyph] {
        &self.glyphs
    }

    /// Some of the glyphs.
    pub(crate) fn slice(&self, range: Range<usize>) -> Self {
        let start = if range.start == 0 { 0 } else { self.glyphs[range.start - 1].end };
        let glyphs: Vec<Glyph> = self.glyphs[range]
            .iter()
            .map(|glyph| Glyph { end: glyph.end - start, ..*glyph })
            .collect();
        let end = glyphs.last().map_or(start, |last| start + last.end);
        Self { text: self.text[start..end].to_owned(), glyphs }
    }

    /// As much as fits in `cells`, with `…` where something is missing.
    pub fn fitted(self, cells: usize) -> Self {
        if self.cells() <= cells {
            return self;
        }
        let end = self.glyphs.last().map_or(0, |last| last.offset);
        let mut fitted = self.clipped(cells.saturating_sub(1));
        if cells > 0 {
            fitted.push(end, "…");
        }
        fitted
    }

    /// As many glyphs as fit in `cells`.
    pub(crate) fn clipped(self, cells: usize) -> Self {
        if self.cells() <= cells {
            return self;
        }
        let mut used = 0;
        let fitting = self.glyphs.iter().take_while(|glyph| {
            used += usize::from(glyph.cells);
            used <= cells
        });
        let count = fitting.count();
        self.slice(0..count)
    }

    /// Both, one after the other. Offsets stay those of the texts they were made from.
    pub(crate) fn then(mut self, other: &Self) -> Self {
        let start = self.text.len();
        self.text.push_str(&other.text);
        let moved = other.glyphs.iter().map(|glyph| Glyph { end: glyph.end + start, ..*glyph });
        self.glyphs.extend(moved);
        self
    }

    fn push_grapheme(&mut self, offset: usize, grapheme: &str) {
        match grapheme.as_bytes() {
            b"\t" => (0..TAB_CELLS).for_each(|_| self.push(offset, " ")),
            [b' '..=b'~'] => self.push(offset, grapheme),
            _ if grapheme.chars().all(is_alone) => self.push(offset, grapheme),
            _ => self.push_cluster(offset, grapheme),
        }
    }

    /// Takes a cluster as it is as far as that can be, and shows the rest in words.
    fn push_cluster(&mut self, offset: usize, cluster: &str) {
        let mut pending = Pending::default();
        for (start, c) in cluster.char_indices() {
            if pending.takes(c) {
                pending.push(offset + start, c);
            } else {
                self.flush(&mut pending);
                self.push_in_words(offset + start, c);
            }
        }
        self.flush(&mut pending);
    }

    fn flush(&mut self, pending: &mut Pending) {
        let glyph = std::mem::take(pending);
        let fits = glyph.text.len() <= GLYPH_BYTES_MAX
            && (1..=GLYPH_CELLS_MAX).contains(&cells_of(&glyph.text));
        if fits {
            self.push(glyph.offset, &glyph.text);
            return;
        }
        for (start, c) in glyph.text.char_indices() {
            match c.width() {
                Some(1 | 2) if !is_invisible(c) => {
                    self.push(glyph.offset + start, c.encode_utf8(&mut [0; 4]));
                }
                _ => self.push_in_words(glyph.offset + start, c),
            }
        }
    }

    fn push_in_words(&mut self, offset: usize, c: char) {
        self.push(offset, &format!("<U+{:04X}>", u32::from(c)));
    }

    fn push(&mut self, offset: usize, shown: &str) {
        let is_space = shown == " " || shown == "\u{3000}";
        // `well-known` may be broken, `--lan` not.
        let is_hyphen = shown == "-" && self.text.ends_with(char::is_alphanumeric);
        let cells = cells_of(shown) as u16;
        // Between ideographs a line may break anywhere.
        let is_ideograph = cells == 2;
        self.text.push_str(shown);
        let breaks = is_space || is_hyphen || is_ideograph;
        self.glyphs.push(Glyph { offset, cells, breaks, is_space, end: self.text.len() });
    }
}

/// The grapheme that `text`, which begins with one, begins with. Most text is of characters that
/// join nothing and need no look into the tables.
pub(crate) fn first_grapheme(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    let first = chars.next()?;
    if is_alone(first) && chars.next().is_none_or(is_alone) {
        return Some(&text[..first.len_utf8()]);
    }
    text.graphemes(true).next()
}

/// Whether it is a grapheme of its own beside any other such one, and takes a cell: ASCII, the
/// letters of Latin, Greek and Cyrillic scripts, and what lines are drawn with.
fn is_alone(c: char) -> bool {
    matches!(c,
        ' '..='~' | '\u{C0}'..='\u{24F}' | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{52F}'
        | '\u{2500}'..='\u{257F}')
}

/// How many cells `text` takes when it is drawn.
pub fn cells(text: &str) -> usize {
    SafeText::line(text).cells()
}

/// The cells that ratatui gives a grapheme. It adds one for each of the two halfwidth katakana
/// sound marks.
fn cells_of(shown: &str) -> usize {
    let sound_marks = shown.chars().filter(|c| matches!(c, '\u{FF9E}' | '\u{FF9F}')).count();
    if shown.len() == 1 { 1 } else { shown.width() + sound_marks }
}

/// The part of a cluster that can be drawn as it is.
#[derive(Default)]
struct Pending {
    text: String,
    offset: usize,
    marks: usize,
}

impl Pending {
    fn push(&mut self, offset: usize, c: char) {
        if self.text.is_empty() {
            self.offset = offset;
        }
        // Counted as the hub counts: marks that follow one another, joiners among them.
        self.marks = if c.width() == Some(0) { self.marks + 1 } else { 0 };
        self.text.push(c);
    }

    fn takes(&self, c: char) -> bool {
        match c {
            '\u{200C}' | '\u{200D}' => self.can_join(),
            '\u{FE0E}' | '\u{FE0F}' => self.can_vary(),
            c if is_invisible(c) => false,
            c if c.width() == Some(0) => {
                // Jamo and prepended letters of a syllable are no marks, but take no cell either.
                self.marks < MARKS_PER_BASE_MAX
            }
            _ => true,
        }
    }

    /// After an ASCII character a joiner does nothing but make two texts look the same.
    fn can_join(&self) -> bool {
        let last = self.text.chars().next_back();
        last.is_some_and(|last| !last.is_ascii() && !matches!(last, '\u{200C}' | '\u{200D}'))
    }

    fn can_vary(&self) -> bool {
        self.text.chars().next_back().is_some_and(|last| {
            let is_keycap = last.is_ascii_digit() || last == '#' || last == '*';
            is_keycap || (!last.is_ascii() && !is_joiner(last) && last.width() != Some(0))
        })
    }
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE0E}' | '\u{FE0F}')
}

/// Whether this is a control, a line or paragraph separator, or of general category Cf, or has
/// the property Default_Ignorable_Code_Point (Unicode 17).
pub fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(u32::from(c),
        0x80..=0x9F | 0xAD | 0x34F | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890..=0x891
        | 0x8E2 | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFFB | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3
        | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::CellWidth as _;

    use super::*;

    fn shown(source: &str) -> String {
        SafeText::line(source).as_str().to_owned()
    }

    #[test]
    fn what_cannot_be_seen_is_shown_in_words() {
        assert_eq!(shown("a\u{1b}[31mb\u{7f}\u{9b}"), "a<U+001B>[31mb<U+007F><U+009B>");
        assert_eq!(shown("pay\u{202E}lap\u{2066}x"), "pay<U+202E>lap<U+2066>x");
        assert_eq!(shown("a\u{200B}b\u{FEFF}\u{AD}"), "a<U+200B>b<U+FEFF><U+00AD>");
        assert_eq!(shown("x\u{E0041}\u{E0042}"), "x<U+E0041><U+E0042>");
        assert_eq!(shown("a\u{2028}b"), "a<U+2028>b");
        assert_eq!(shown("a\tb\nc\r\nd\re"), "a    b↵c↵d<U+000D>e");
    }

    #[test]
    fn joined_emoji_flags_keycaps_and_scripts_stay_what_they_are() {
        for text in ["👩‍👩‍👧‍👦", "🇪🇸🇩🇪", "1️⃣", "❤️‍🔥", "क्षि", "می‌خواهم", "שלום", "日本語"]
            .into_iter()
            .chain(["👍🏽", "é", "ｶﾞ"])
        {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn a_joiner_with_nothing_to_join_is_shown() {
        assert_eq!(shown("a\u{200D}b"), "a<U+200D>b");
        assert_eq!(shown("\u{200D}"), "<U+200D>");
        assert_eq!(shown("é\u{FE0F}\u{FE0F}"), "é\u{FE0F}<U+FE0F>");
        assert_eq!(shown("م\u{200C}\u{200C}"), "م\u{200C}<U+200C>");
    }

    #[test]
    fn marks_beyond_the_eighth_and_marks_without_a_base_are_shown() {
        assert_eq!(shown("\u{301}a"), "<U+0301>a");
        let tower = format!("a{}", "\u{301}".repeat(10));
        let eight = format!("a{}", "\u{301}".repeat(8));
        assert_eq!(shown(&tower), format!("{eight}<U+0301><U+0301>"));
    }

    #[test]
    fn an_endless_cluster_falls_into_pieces() {
        let chain = "👩\u{200D}".repeat(40);
        let safe = SafeText::line(&chain);
        assert!(safe.glyphs().all(|(_, shown)| shown.len() <= GLYPH_BYTES_MAX));
        assert!(safe.as_str().contains("<U+200D>"));
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let fitted = |text: &str, cells| SafeText::line(text).fitted(cells).as_str().to_owned();
        assert_eq!(fitted("Bartholomew", 11), "Bartholomew");
        assert_eq!(fitted("Bartholomew", 5), "Bart…");
        assert_eq!(fitted("日本語", 4), "日…");
        assert_eq!(fitted("日本語", 1), "…");
        assert_eq!(fitted("日本語", 0), "");
    }

    fn any_text() -> impl Strategy<Value = String> {
        let nasty = prop_oneof![
            Just('\u{200D}'),
            Just('\u{200C}'),
            Just('\u{FE0F}'),
            Just('\u{301}'),
            Just('\u{1b}'),
            Just('\u{202E}'),
            Just('👩'),
            Just('🏽'),
            Just('日'),
            Just('ﾞ'),
            Just('ｶ'),
            Just('क'),
            Just('\u{94D}'),
            Just('\u{1100}'),
            Just('\u{1161}'),
            Just('\n'),
            Just('\t'),
            Just('a'),
            Just('ل'),
            Just('ا'),
            Just('\u{1F1E6}'),
            Just('\u{600}'),
            Just('\u{E0061}'),
        ];
        prop::collection::vec(prop_oneof![3 => nasty, 1 => any::<char>()], 0..60)
            .prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn nothing_invisible_comes_through(source in any_text()) {
            let safe = SafeText::line(&source);
            for (_, shown) in safe.glyphs() {
                let mut before = None;
                for c in shown.chars() {
                    prop_assert!(!is_invisible(c) || (is_joiner(c) && before.is_some()), "{c:?}");
                    before = Some(c);
                }
            }
        }

        #[test]
        fn graphemes_are_those_of_the_standard(source in any_text(), plain in "[a-zé─ж \n]{0,9}") {
            let text = format!("{plain}{source}{plain}");
            let mut at = 0;
            for (start, grapheme) in text.grapheme_indices(true) {
                prop_assert_eq!(at, start);
                prop_assert_eq!(first_grapheme(&text[at..]), Some(grapheme));
                at += grapheme.len();
            }
        }

        #[test]
        fn a_glyph_takes_the_cells_that_ratatui_gives_it(source in any_text()) {
            for (glyph, shown) in SafeText::line(&source).glyphs() {
                prop_assert_eq!(glyph.cells, shown.cell_width(), "{:?}", shown);
                prop_assert!(glyph.cells > 0);
                prop_assert!(usize::from(glyph.cells) <= GLYPH_CELLS_MAX.max(10));
            }
        }

        #[test]
        fn offsets_rise_and_slices_join_to_the_whole(source in any_text(), at in 0usize..60) {
            let safe = SafeText::line(&source);
            let offsets: Vec<usize> = safe.glyphs().map(|(glyph, _)| glyph.offset).collect();
            prop_assert!(offsets.is_sorted());
            let at = at.min(offsets.len());
            let joined = safe.slice(0..at).then(&safe.slice(at..offsets.len()));
            prop_assert_eq!(joined, safe);
        }
    }
}
