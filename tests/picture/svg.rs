//! A terminal's screen as SVG text. Pure.

use std::fmt::Write as _;

use vt100::{Cell, Color, Screen};

/// Of one cell, in pixels; fonts of 15 pixels fit it.
const WIDTH: u16 = 9;
const HEIGHT: u16 = 19;
const FONT_SIZE: u16 = 15;
/// Where the foot of the letters is.
const BASELINE: u16 = 14;
/// Around the screen.
const MARGIN: u16 = 12;
/// What the harness says that its terminal has.
const BACKGROUND: Rgb = Rgb(0x10, 0x10, 0x10);
const FOREGROUND: Rgb = Rgb(0xe0, 0xe0, 0xe0);
const FAMILY: &str = "'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace";
/// The first sixteen colours, as xterm has them.
const NAMED: [Rgb; 16] = [
    Rgb(0, 0, 0),
    Rgb(205, 0, 0),
    Rgb(0, 205, 0),
    Rgb(205, 205, 0),
    Rgb(0, 0, 238),
    Rgb(205, 0, 205),
    Rgb(0, 205, 205),
    Rgb(229, 229, 229),
    Rgb(127, 127, 127),
    Rgb(255, 0, 0),
    Rgb(0, 255, 0),
    Rgb(255, 255, 0),
    Rgb(92, 92, 255),
    Rgb(255, 0, 255),
    Rgb(0, 255, 255),
    Rgb(255, 255, 255),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rgb(u8, u8, u8);

/// How cells look that can be drawn as one piece.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Look {
    ink: Rgb,
    paper: Rgb,
    is_bold: bool,
    is_underlined: bool,
}

/// Cells of one look, side by side in one row.
struct Run {
    look: Look,
    row: u16,
    column: u16,
    cells: u16,
    text: String,
}

/// What the screen shows, its cursor too.
pub(crate) fn picture(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let width = columns.get() * WIDTH + 2 * MARGIN;
    let height = rows.get() * HEIGHT + 2 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"{FAMILY}\" font-size=\"{FONT_SIZE}\" xml:space=\"preserve\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{}\"/>\n",
        BACKGROUND.in_hex()
    );
    for row in 0..rows.get() {
        for run in runs(screen, row) {
            svg += &run.draw();
        }
    }
    if !screen.hide_cursor() {
        let (row, column) = screen.cursor_position();
        let look = Look { paper: FOREGROUND, ..Look::PLAIN };
        svg += &Run { look, row, column, cells: 1, text: String::new() }.draw();
    }
    svg + "</svg>\n"
}

/// A row's pieces, those with nothing to see left out.
fn runs(screen: &Screen, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let (_, columns) = screen.size();
    for column in 0..columns.get() {
        let Some(cell) = screen.cell(row, column) else { continue };
        if cell.is_wide_continuation() {
            continue;
        }
        let look = Look::of(cell);
        let cells = if cell.is_wide() { 2 } else { 1 };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        match runs.last_mut().filter(|run| run.takes(look, cells)) {
            Some(run) => run.push(cells, text),
            None => runs.push(Run { look, row, column, cells, text: text.to_owned() }),
        }
    }
    runs.retain(|run| run.look.paper != BACKGROUND || !run.text.trim().is_empty());
    runs
}

impl Run {
    /// What is wide is a piece of its own: the fonts of who looks at it may have it otherwise.
    fn takes(&self, look: Look, cells: u16) -> bool {
        let is_narrow = self.cells as usize == self.text.chars().count();
        self.look == look && cells == 1 && is_narrow
    }

    fn push(&mut self, cells: u16, text: &str) {
        self.cells += cells;
        self.text.push_str(text);
    }

    fn draw(&self) -> String {
        let (x, y) = (MARGIN + self.column * WIDTH, MARGIN + self.row * HEIGHT);
        let width = self.cells * WIDTH;
        let mut svg = String::new();
        if self.look.paper != BACKGROUND {
            let fill = self.look.paper.in_hex();
            let _ = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{fill}\"/>"
            );
        }
        if !self.text.trim().is_empty() {
            let _ = writeln!(
                svg,
                "<text x=\"{x}\" y=\"{}\" textLength=\"{width}\" fill=\"{}\"{}{}>{}</text>",
                y + BASELINE,
                self.look.ink.in_hex(),
                if self.look.is_bold { " font-weight=\"bold\"" } else { "" },
                if self.look.is_underlined { " text-decoration=\"underline\"" } else { "" },
                escaped(&self.text),
            );
        }
        svg
    }
}

impl Look {
    const PLAIN: Self =
        Self { ink: FOREGROUND, paper: BACKGROUND, is_bold: false, is_underlined: false };

    fn of(cell: &Cell) -> Self {
        let ink = Rgb::of(cell.fgcolor(), FOREGROUND);
        let paper = Rgb::of(cell.bgcolor(), BACKGROUND);
        let (ink, paper) = if cell.inverse() { (paper, ink) } else { (ink, paper) };
        let ink = if cell.dim() { ink.between(paper) } else { ink };
        Self { ink, paper, is_bold: cell.bold(), is_underlined: cell.underline() }
    }
}

impl Rgb {
    fn of(color: Color, default: Self) -> Self {
        match color {
            Color::Default => default,
            Color::Rgb(red, green, blue) => Self(red, green, blue),
            Color::Idx(index) => Self::of_index(index),
        }
    }

    /// Sixteen named ones, a cube of 6 × 6 × 6, and 24 greys, as xterm has them.
    fn of_index(index: u8) -> Self {
        let step = |level: u8| if level == 0 { 0 } else { 55 + 40 * level };
        match index {
            0..16 => NAMED[usize::from(index)],
            16..232 => {
                let at = index - 16;
                Self(step(at / 36), step(at / 6 % 6), step(at % 6))
            }
            232.. => {
                let grey = 8 + 10 * (index - 232);
                Self(grey, grey, grey)
            }
        }
    }

    fn between(self, other: Self) -> Self {
        let mid = |a: u8, b: u8| ((u16::from(a) * 3 + u16::from(b) * 2) / 5) as u8;
        Self(mid(self.0, other.0), mid(self.1, other.1), mid(self.2, other.2))
    }

    fn in_hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(bytes: &[u8]) -> String {
        let mut parser = vt100::Parser::new(2.try_into().unwrap(), 20.try_into().unwrap(), 0);
        parser.process(bytes);
        picture(parser.screen())
    }

    #[test]
    fn what_is_said_is_text_and_never_markup() {
        let svg = drawn(b"<b> & \x1b[1mbold\x1b[m");
        assert!(svg.contains(">&lt;b&gt; &amp; </text>"), "{svg}");
        assert!(svg.contains("font-weight=\"bold\">bold</text>"), "{svg}");
    }

    #[test]
    fn colours_are_those_of_the_terminal() {
        let svg = drawn(b"\x1b[38;5;196mred\x1b[38;2;1;2;3mrgb\x1b[7mturned");
        assert!(svg.contains("fill=\"#ff0000\">red<"), "{svg}");
        assert!(svg.contains("fill=\"#010203\">rgb<"), "{svg}");
        assert!(svg.contains("fill=\"#101010\">turned<"), "{svg}");
    }

    #[test]
    fn a_wide_character_does_not_shift_what_follows() {
        let svg = drawn("美a".as_bytes());
        assert!(svg.contains(&format!("x=\"{}\" y", MARGIN + 2 * WIDTH)), "{svg}");
    }
}
