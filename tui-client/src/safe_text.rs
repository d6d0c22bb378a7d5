//! The one door through which text comes to the screen. PURE.
//!
//! What others wrote can contain escape sequences, invisible characters and characters that
//! reorder a line. [`SafeText`] is the only type that `view` draws, and it can only be made by
//! going through here:
//!
//! - Control characters (C0, DEL, C1), line and paragraph separators, and every other format
//!   (Cf) or default-ignorable character are shown as `<U+200B>`; noncharacters, too.
//! - ZWJ and ZWNJ pass after a character that can join, VS15 and VS16 after one that has two
//!   presentations; never twice, never alone.
//! - All twelve bidi controls are shown too, in texts as in names. Nothing is left that could
//!   be unbalanced, and no isolates are added: ratatui drops characters without a cell, so a
//!   pair of them would not reliably reach the terminal together. Letters of right-to-left
//!   scripts pass unchanged; their order within a line is the terminal's.
//! - At most eight marks stand on a base; the ninth is shown as `<U+0301>`. A mark without a
//!   base is shown too.
//! - A glyph takes the cells that `unicode-width` says for the whole grapheme, and at most
//!   [`GLYPH_CELLS_MAX`]; what is larger falls into its characters.

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

/// The cells that a grapheme takes. (ratatui adds one for each of the two halfwidth katakana
/// sound marks, which `unicode-width` has counted already.)
pub(crate) fn cells_of(shown: &str) -> usize {
    if shown.len() == 1 { 1 } else { shown.width() }
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

/// A text as it is copied: it may be pasted into a shell. Lines and tabs stay, what cannot be seen
/// is in words, as on the screen.
pub fn copied(source: &str) -> String {
    let mut copied = String::with_capacity(source.len());
    for part in source.split_inclusive(['\n', '\t']) {
        let text = part.trim_end_matches(['\n', '\t']);
        copied.push_str(SafeText::line(text).as_str());
        copied.push_str(&part[text.len()..]);
    }
    copied
}

/// Whether this is a control, a line or paragraph separator, or of general category Cf, or has
/// the property Default_Ignorable_Code_Point (Unicode 17), or is never to be a character.
pub fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    let is_noncharacter = u32::from(c) & 0xFFFE == 0xFFFE || ('\u{FDD0}'..='\u{FDEF}').contains(&c);
    is_noncharacter
        || matches!(u32::from(c),
        0x80..=0x9F | 0xAD | 0x34F | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x890..=0x891
        | 0x8E2 | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x200B..=0x200F
        | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0
        | 0xFFF0..=0xFFFB | 0x110BD | 0x110CD | 0x13430..=0x1343F | 0x1BCA0..=0x1BCA3
        | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

#[cfg(test)]
mod tests;
