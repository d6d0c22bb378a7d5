//! What things look like: the only place with colours.
//!
//! Colour is never the only signal: what matters is also bold, reversed, underlined or has a
//! sign. Colours are of the terminal's own sixteen, which its user chose for its background;
//! with `NO_COLOR` they are left out and the rest stays.

use ratatui::style::{Color, Modifier, Style};

use crate::{
    link::{Link, Phase},
    separator::Tone,
    timeline::Ink,
};

/// Colours of authors. Dark blue is missing: on black it cannot be read.
const AUTHORS: [Color; 6] =
    [Color::Cyan, Color::Green, Color::Magenta, Color::Yellow, Color::Red, Color::LightBlue];

/// A text of the scrollback.
pub fn ink(ink: Ink) -> Style {
    match ink {
        Ink::Text => plain(),
        Ink::Mention => bold().add_modifier(Modifier::UNDERLINED),
        Ink::Author(number) => plain().fg(AUTHORS[usize::from(number) % AUTHORS.len()]),
        Ink::Me => bold(),
        Ink::Faint | Ink::Rule | Ink::Mark => faint(),
        Ink::Unread | Ink::Failed => bold().fg(Color::Red),
        Ink::Announcement => bold().fg(Color::Yellow),
    }
}

/// Nothing special.
pub fn plain() -> Style {
    Style::new()
}

/// Of little weight.
pub fn faint() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

/// The title row.
pub fn title() -> Style {
    bold()
}

/// A room in the column of rooms.
pub fn room(is_shown: bool, is_unread: bool) -> Style {
    match (is_shown, is_unread) {
        (true, _) => Style::new().add_modifier(Modifier::REVERSED),
        (false, true) => bold(),
        (false, false) => plain(),
    }
}

/// The title of a panel.
pub fn panel_title() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}

/// The row of a panel that is chosen.
pub fn chosen() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}

/// A word that Tab offers, over what is said; the chosen one is set off from the others.
pub fn offered(is_chosen: bool) -> Style {
    if is_chosen { bold() } else { Style::new().add_modifier(Modifier::REVERSED) }
}

/// What stands before a draft.
pub fn prompt() -> Style {
    bold()
}

/// What the separator says.
pub fn separator(tone: Tone) -> Style {
    match tone {
        Tone::Answer => plain(),
        Tone::Error => bold().fg(Color::Red),
        Tone::Preview => bold(),
    }
}

/// How much is new below.
pub fn news() -> Style {
    bold()
}

/// The status row: bold while something is wrong.
pub fn status(link: &Link) -> Style {
    match link.phase {
        Phase::Live | Phase::Connecting => plain(),
        Phase::Offline { .. } | Phase::Idle | Phase::Stopped { .. } => bold(),
    }
}

fn bold() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_is_told_apart_without_colours() {
        let colourless = |style: Style| Style { fg: None, bg: None, ..style };
        let matters = [Ink::Mention, Ink::Me, Ink::Unread, Ink::Failed, Ink::Announcement];
        for style in matters.map(ink).into_iter().chain([
            separator(Tone::Error),
            separator(Tone::Preview),
            news(),
            chosen(),
            offered(true),
            offered(false),
            room(true, false),
            room(false, true),
        ]) {
            assert_ne!(colourless(style), plain());
        }
    }
}
