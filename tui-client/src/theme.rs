//! What things look like: the only place with colours. PURE.
//!
//! The view says what something is ([`Paint`]), a [`Palette`] how that looks on the terminal at
//! hand. Colour is never the only signal: what matters is also bold, reversed, underlined or has
//! a sign. What is said in colours can be read: where the background is known, and the terminal
//! has more than its own sixteen, each is chosen for a contrast of 4.5 at least; of its own those
//! are used that usually have it. Without colours (`NO_COLOR`) the rest stays.

mod authors;
mod colour;
mod ground;
mod readable;

use ratatui::style::{Color, Modifier, Style};

use crate::{
    link::{Link, Phase},
    separator::Tone,
    timeline::Ink,
};
use colour::Tint;

pub use authors::Cast;
pub use colour::Rgb;
pub use ground::{Depth, Ground, Told};

/// What went wrong, or is new.
const RED: Tint = Tint { lightness: 0.65, chroma: 0.2, hue: 27.0 };
/// What an operator says to all.
const YELLOW: Tint = Tint { lightness: 0.8, chroma: 0.15, hue: 95.0 };

/// What something is, as far as that is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Nothing special.
    Plain,
    /// Of little weight.
    Faint,
    /// Of weight.
    Bold,
    /// To oneself.
    Mention,
    /// Chosen, or set off from what is around it.
    Reversed,
    /// Wrong, or new.
    Alarm,
    /// For all.
    Announcement,
    /// Somebody's name, in the colour that has this place among those of the palette.
    Author(usize),
}

/// How things look on the terminal at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    ground: Ground,
    authors: Vec<Color>,
    faint: Style,
    alarm: Style,
    announcement: Style,
}

impl Default for Palette {
    fn default() -> Self {
        Self::new(Ground::default())
    }
}

impl Palette {
    /// How things look on this.
    pub fn new(ground: Ground) -> Self {
        let alarm = colour(RED, [Color::Red, Color::LightRed], ground);
        let announcement = colour(YELLOW, [Color::Yellow, Color::LightYellow], ground);
        Self {
            ground,
            authors: authors::colours(ground),
            faint: faint_on(ground),
            alarm: coloured(BOLD, alarm),
            announcement: coloured(BOLD, announcement),
        }
    }

    /// On what.
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// How many colours speakers may have.
    pub fn authors(&self) -> usize {
        self.authors.len()
    }

    /// How it looks.
    pub fn style(&self, paint: Paint) -> Style {
        match paint {
            Paint::Plain => Style::new(),
            Paint::Faint => self.faint,
            Paint::Bold => BOLD,
            Paint::Mention => BOLD.add_modifier(Modifier::UNDERLINED),
            Paint::Reversed => Style::new().add_modifier(Modifier::REVERSED),
            Paint::Alarm => self.alarm,
            Paint::Announcement => self.announcement,
            Paint::Author(place) => coloured(Style::new(), self.authors.get(place).copied()),
        }
    }
}

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);

fn coloured(style: Style, colour: Option<Color>) -> Style {
    colour.map_or(style, |colour| style.fg(colour))
}

/// A tint, or one of the terminal's own, as far as it can be read.
fn colour(tint: Tint, own: [Color; 2], ground: Ground) -> Option<Color> {
    match (ground.depth, ground.background) {
        (Depth::Mono, _) => None,
        (_, None) => own.into_iter().next(),
        (Depth::Sixteen, Some(background)) => {
            readable::own(background).find(|colour| own.contains(colour))
        }
        (Depth::Indexed | Depth::True, Some(background)) => {
            readable::nearest(tint, ground.depth, background, &[])
        }
    }
}

/// A grey that can be read; where it cannot be known which, what the terminal takes for faint.
fn faint_on(ground: Ground) -> Style {
    let grey = ground
        .background
        .and_then(|background| readable::grey(ground.depth, background, ground.foreground));
    grey.map_or(Style::new().add_modifier(Modifier::DIM), |grey| Style::new().fg(grey))
}

/// A text of the scrollback.
pub fn ink(ink: Ink, cast: &Cast) -> Paint {
    match ink {
        Ink::Text => Paint::Plain,
        Ink::Mention => Paint::Mention,
        Ink::Author(speaker) => cast.place(speaker).map_or(Paint::Plain, Paint::Author),
        Ink::Me => Paint::Bold,
        Ink::Faint | Ink::Rule | Ink::Mark => Paint::Faint,
        Ink::Unread | Ink::Failed => Paint::Alarm,
        Ink::Announcement => Paint::Announcement,
    }
}

/// Nothing special.
pub fn plain() -> Paint {
    Paint::Plain
}

/// Of little weight.
pub fn faint() -> Paint {
    Paint::Faint
}

/// The title row.
pub fn title() -> Paint {
    Paint::Bold
}

/// A room in the column of rooms.
pub fn room(is_shown: bool, is_unread: bool) -> Paint {
    match (is_shown, is_unread) {
        (true, _) => Paint::Reversed,
        (false, true) => Paint::Bold,
        (false, false) => Paint::Plain,
    }
}

/// The title of a panel.
pub fn panel_title() -> Paint {
    Paint::Reversed
}

/// The row of a panel that is chosen.
pub fn chosen() -> Paint {
    Paint::Reversed
}

/// A word that Tab offers, over what is said; the chosen one is set off from the others.
pub fn offered(is_chosen: bool) -> Paint {
    if is_chosen { Paint::Bold } else { Paint::Reversed }
}

/// What stands before a draft.
pub fn prompt() -> Paint {
    Paint::Bold
}

/// What the separator says.
pub fn separator(tone: Tone) -> Paint {
    match tone {
        Tone::Answer => Paint::Plain,
        Tone::Error => Paint::Alarm,
        Tone::Preview => Paint::Bold,
    }
}

/// How much is new below.
pub fn news() -> Paint {
    Paint::Bold
}

/// The status row: bold while something is wrong.
pub fn status(link: &Link) -> Paint {
    match link.phase {
        Phase::Live | Phase::Connecting => Paint::Plain,
        Phase::Offline { .. } | Phase::Idle | Phase::Stopped { .. } => Paint::Bold,
    }
}

#[cfg(test)]
mod tests;
