//! Escape sequences: moving, looks, erasing. It knows where the terminal's cursor is and what it
//! writes with, and says nothing twice. PURE.

use std::fmt::Write as _;

use ratatui::{
    buffer::Cell,
    style::{Color, Modifier},
};

use super::osc;
use crate::hyperlink::Hyperlink;

/// What can be seen of an attribute where there is only a space.
const SEEN_ON_SPACES: Modifier =
    Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);
/// Modifiers and their numbers in SGR.
const MODIFIERS: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// How a cell looks, as far as that can be seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Look {
    pub(super) fn of(cell: &Cell) -> Self {
        let look = Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        if cell.symbol() == " " { look.of_a_space() } else { look }
    }

    /// What is to be seen of it where there is only a space.
    pub(super) fn of_a_space(self) -> Self {
        let modifier = self.modifier & SEEN_ON_SPACES;
        let fg = if modifier.is_empty() { Color::Reset } else { self.fg };
        Self { fg, modifier, ..self }
    }
}

/// Writes escape sequences. A frame begins and ends with [`Look::default`].
#[derive(Debug, Default)]
pub(super) struct Pen {
    text: String,
    /// Where the terminal's cursor is, if that is certain.
    at: Option<(u16, u16)>,
    look: Look,
    link: Option<Hyperlink>,
}

impl Pen {
    /// Whether nothing was written.
    pub(super) fn is_idle(&self) -> bool {
        self.text.is_empty()
    }

    /// What was written, the last look taken back.
    pub(super) fn into_text(mut self) -> String {
        self.take(Look::default());
        self.link(None);
        self.text
    }

    /// Writes a sequence that moves nothing.
    pub(super) fn command(&mut self, sequence: &str) {
        self.text.push_str(sequence);
    }

    /// Writes a sequence after which it is not certain where the cursor is.
    pub(super) fn lose(&mut self, sequence: &str) {
        self.text.push_str(sequence);
        self.at = None;
    }

    /// Moves the cursor, unless it is there.
    pub(super) fn go_to(&mut self, column: u16, row: u16) {
        match self.at {
            Some(at) if at == (column, row) => {}
            Some((_, y)) if y == row => self.fence(column, row),
            _ => {
                self.sequence(&[row + 1, column + 1], 'H');
                self.at = Some((column, row));
            }
        }
    }

    /// Moves the cursor within its row, wherever it is: by the number of the column, not by a
    /// distance.
    pub(super) fn fence(&mut self, column: u16, row: u16) {
        self.sequence(&[column + 1], 'G');
        self.at = Some((column, row));
    }

    /// From now on everything looks like this.
    pub(super) fn take(&mut self, look: Look) {
        if look == self.look {
            return;
        }
        let mut codes: Vec<u16> = Vec::new();
        if self.look != Look::default() {
            codes.push(0);
        }
        let set = MODIFIERS.iter().filter(|(modifier, _)| look.modifier.contains(*modifier));
        codes.extend(set.map(|(_, code)| u16::from(*code)));
        push_colour(&mut codes, look.fg, 30);
        push_colour(&mut codes, look.bg, 40);
        self.sequence(&codes, 'm');
        self.look = look;
    }

    /// A space looks like this; what cannot be seen of a space may stay as it is.
    pub(super) fn take_for_a_space(&mut self, look: Look) {
        if self.look.of_a_space() != look {
            self.take(look);
        }
    }

    /// From now on everything is part of this link, or of none.
    pub(super) fn link(&mut self, link: Option<&Hyperlink>) {
        if self.link.as_ref() != link {
            self.text.push_str(&osc::link(link));
            self.link = link.cloned();
        }
    }

    /// Writes what takes so many cells. `is_last`: it ends at the right edge, where terminals
    /// differ about where the cursor is then.
    pub(super) fn put(&mut self, symbol: &str, cells: u16, is_last: bool) {
        self.text.push_str(symbol);
        self.at = self.at.filter(|_| !is_last).map(|(column, row)| (column + cells, row));
    }

    /// The row is full, and the terminal goes to this one with what is written next.
    pub(super) fn wraps_to(&mut self, row: u16) {
        self.at = Some((0, row));
    }

    /// Empties the row from the cursor on.
    pub(super) fn erase_to_the_end(&mut self) {
        self.take(Look::default());
        self.link(None);
        self.text.push_str("\x1b[K");
    }

    fn sequence(&mut self, numbers: &[u16], last: char) {
        self.text.push_str("\x1b[");
        for (index, number) in numbers.iter().enumerate() {
            let comma = if index == 0 { "" } else { ";" };
            let _ = write!(self.text, "{comma}{number}"); // A String takes everything.
        }
        self.text.push(last);
    }
}

/// The terminal's own sixteen colours by their old codes, which every terminal knows.
/// `first` is 30 for the text, 40 for what is behind it.
fn push_colour(codes: &mut Vec<u16>, colour: Color, first: u16) {
    let code = match colour {
        Color::Reset => return,
        Color::Black => first,
        Color::Red => first + 1,
        Color::Green => first + 2,
        Color::Yellow => first + 3,
        Color::Blue => first + 4,
        Color::Magenta => first + 5,
        Color::Cyan => first + 6,
        Color::Gray => first + 7,
        Color::DarkGray => first + 60,
        Color::LightRed => first + 61,
        Color::LightGreen => first + 62,
        Color::LightYellow => first + 63,
        Color::LightBlue => first + 64,
        Color::LightMagenta => first + 65,
        Color::LightCyan => first + 66,
        Color::White => first + 67,
        Color::Indexed(index) => return codes.extend([first + 8, 5, index.into()]),
        Color::Rgb(red, green, blue) => {
            return codes.extend([first + 8, 2, red.into(), green.into(), blue.into()]);
        }
    };
    codes.push(code);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(fg: Color, modifier: Modifier) -> Look {
        Look { fg, modifier, ..Look::default() }
    }

    fn written(write: impl FnOnce(&mut Pen)) -> String {
        let mut pen = Pen::default();
        write(&mut pen);
        pen.text
    }

    #[test]
    fn sixteen_colours_have_their_old_codes() {
        let code = |colour| written(|pen| pen.take(look(colour, Modifier::empty())));
        assert_eq!(code(Color::Black), "\x1b[30m");
        assert_eq!(code(Color::Gray), "\x1b[37m");
        assert_eq!(code(Color::DarkGray), "\x1b[90m");
        assert_eq!(code(Color::LightBlue), "\x1b[94m");
        assert_eq!(code(Color::White), "\x1b[97m");
        assert_eq!(code(Color::Indexed(208)), "\x1b[38;5;208m");
        assert_eq!(code(Color::Rgb(1, 2, 3)), "\x1b[38;2;1;2;3m");
    }

    #[test]
    fn a_look_is_said_once_and_taken_back_at_the_end() {
        let mut pen = Pen::default();
        pen.take(look(Color::Red, Modifier::BOLD));
        pen.take(look(Color::Red, Modifier::BOLD));
        pen.take(look(Color::Reset, Modifier::UNDERLINED));
        assert_eq!(pen.into_text(), "\x1b[1;31m\x1b[0;4m\x1b[0m");
    }

    #[test]
    fn what_cannot_be_seen_on_a_space_is_no_difference() {
        let mut cell = Cell::new(" ");
        cell.set_fg(Color::Red).modifier = Modifier::BOLD;
        assert_eq!(Look::of(&cell), Look::default());
        cell.modifier = Modifier::REVERSED;
        assert_eq!(Look::of(&cell), look(Color::Red, Modifier::REVERSED));
    }

    #[test]
    fn the_cursor_is_moved_only_where_it_is_not() {
        let moves = written(|pen| {
            pen.go_to(4, 2);
            pen.put("ab", 2, false);
            pen.go_to(6, 2);
            pen.go_to(9, 2);
            pen.put("c", 1, true);
            pen.go_to(10, 2);
        });
        assert_eq!(moves, "\x1b[3;5Hab\x1b[10Gc\x1b[3;11H");
    }
}
