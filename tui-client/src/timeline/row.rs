//! What the scrollback looks like, row by row, before there are colours: text, where it stands,
//! and what it is. PURE.

use std::{ops::Range, sync::Arc};

use jiff::tz::TimeZone;
use protocol::UserName;

use super::{Selected, Speaker};
use crate::{hyperlink::Hyperlink, outbox::Outgoing, safe_text::SafeText};

/// How the scrollback is looked at: its size and what else decides where a row ends.
#[derive(Clone, Debug)]
pub struct Viewport {
    /// Cells in a row.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
    /// Cells of the author column; 0 puts author and text on one line.
    pub author: u16,
    /// Where the user is, for times and day lines.
    pub time_zone: TimeZone,
    /// Under which name one is spoken to.
    pub me: Option<UserName>,
    /// Own messages that are not in the log yet, in typing order.
    pub tail: Vec<Arc<Outgoing>>,
    /// What is selected, if one selects.
    pub selected: Option<Selected>,
}

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What is drawn where.
    pub pieces: Vec<Piece>,
    /// At which byte of its message's text it begins; `None` where the reading position cannot be
    /// fixed to it.
    pub(crate) offset: Option<usize>,
    /// Which of its columns are links.
    pub links: Vec<(Range<u16>, Arc<Hyperlink>)>,
    /// Whether it is of the message that is selected.
    pub is_selected: bool,
}

/// Text at a place of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it begins.
    pub column: u16,
    /// What it says.
    pub text: SafeText,
    /// What it is.
    pub ink: Ink,
}

/// What a text is. The theme says how that looks; each differs by more than colour where it
/// matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// What somebody said.
    Text,
    /// What somebody said to oneself.
    Mention,
    /// Who said it.
    Author(Speaker),
    /// One's own name.
    Me,
    /// When it was said, and other things of little weight.
    Faint,
    /// A line between days.
    Rule,
    /// The line above what is new.
    Unread,
    /// What an operator told everyone.
    Announcement,
    /// The mark of an own message that is on its way.
    Mark,
    /// An own message that was refused.
    Failed,
}

impl Piece {
    /// Whether it is the sign of what is selected, which stands between time and author.
    pub(super) fn is_sign(&self) -> bool {
        self.column == TIME - 1 && self.text.as_str() == SIGN
    }
}

impl Row {
    pub(crate) fn with(mut self, column: u16, text: SafeText, ink: Ink) -> Self {
        self.pieces.push(Piece { column, text, ink });
        self
    }

    pub(crate) fn at(mut self, offset: usize) -> Self {
        self.offset = Some(offset);
        self
    }

    /// Puts the sign of what is selected into its first blank column: between time and author, or
    /// before a text without them.
    pub(super) fn put_sign(&mut self, view: &Viewport) {
        let starts = |column: u16| self.pieces.iter().any(|piece| piece.column == column);
        let column = match view.author {
            _ if self.has_edge() => 1,
            0 if !starts(0) => 0,
            _ => TIME - 1,
        };
        let at = self.pieces.partition_point(|piece| piece.column < column);
        let sign = Piece { column, text: SafeText::line(SIGN), ink: Ink::Me };
        let covers = |piece: &Piece| {
            let end = usize::from(piece.column) + piece.text.cells();
            piece.column <= column && end > usize::from(column)
        };
        if !self.pieces.iter().any(covers) {
            self.pieces.insert(at, sign);
        }
    }

    /// The row as text, for tests.
    pub fn to_text(&self) -> String {
        let mut line = String::new();
        let mut cells = 0;
        for piece in &self.pieces {
            let gap = usize::from(piece.column).saturating_sub(cells);
            line.push_str(&" ".repeat(gap));
            line.push_str(piece.text.as_str());
            cells += gap + piece.text.cells();
        }
        line
    }
}

impl Viewport {
    /// The cells for text beside time and author.
    pub(crate) fn text_columns(&self) -> usize {
        usize::from(self.columns.saturating_sub(self.text_column()))
    }

    /// Where text begins, below the first row of a message.
    pub(crate) fn text_column(&self) -> u16 {
        if self.author == 0 { HANGING } else { TIME + self.author }
    }
}

/// What stands beside the message that is selected.
const SIGN: &str = ">";
/// Cells of `14:02` and the space after it.
pub(crate) const TIME: u16 = 6;
/// By how much rows after the first are indented where there are no columns.
const HANGING: u16 = 2;
