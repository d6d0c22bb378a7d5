//! What is known of the terminal's colours, and how many it shows. PURE.

use super::colour::Rgb;
use crate::preferences::Background;

/// Taken for a dark background that is not told: about the lightest of those in use. What can
/// be read on it can be read better on a darker one.
const USUAL_DARK: Rgb = Rgb(0x33, 0x33, 0x33);
/// Taken for a light background that is not told: about the darkest of those in use.
const USUAL_LIGHT: Rgb = Rgb(0xea, 0xea, 0xea);

/// How many colours there are to choose from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// None: the terminal has none, or the user wants none. What is left is bold, underlined,
    /// reversed and faint.
    Mono,
    /// Those that the terminal's user chose for it.
    #[default]
    Sixteen,
    /// Those, a cube of 216 and 24 greys.
    Indexed,
    /// All.
    True,
}

/// On what is drawn, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ground {
    /// How many colours there are.
    pub depth: Depth,
    /// What is behind a text.
    pub background: Option<Rgb>,
    /// What a text has that has no colour of its own.
    pub foreground: Option<Rgb>,
}

/// What a terminal tells of its colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The colour of text.
    Foreground(Rgb),
    /// The colour of what is behind it.
    Background(Rgb),
}

impl Depth {
    /// What the environment tells; `described` is how many colours the terminal has by the
    /// system's description of it, if there is one. For `NO_COLOR` the convention of
    /// <https://no-color.org>: set, and not to nothing.
    pub fn of(variable: impl Fn(&str) -> Option<String>, described: Option<u32>) -> Self {
        let value = |name| variable(name).unwrap_or_default();
        let term = value("TERM");
        let is_term = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        if !value("NO_COLOR").is_empty() || term.is_empty() || term == "dumb" {
            return Self::Mono;
        }
        // GNU screen takes a colour in three parts for something else, and what is around it may
        // have said otherwise.
        let is_in_screen = !value("STY").is_empty();
        let says_all = matches!(value("COLORTERM").as_str(), "truecolor" | "24bit")
            || term.ends_with("-direct")
            || is_term(&["xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm"]);
        if says_all && !is_in_screen {
            return Self::True;
        }
        match described {
            Some(..8) => Self::Mono,
            Some(256..0x0100_0000) => Self::Indexed,
            Some(0x0100_0000..) => Self::True,
            None if term.contains("256color") => Self::Indexed,
            Some(8..256) | None => Self::Sixteen,
        }
    }
}

impl Ground {
    /// What the environment and the system's description tell, before the terminal is asked.
    pub fn of(variable: impl Fn(&str) -> Option<String>, described: Option<u32>) -> Self {
        let is_console = variable("TERM").is_some_and(|term| term == "linux");
        let number = variable("COLORFGBG").and_then(|numbers| by_number(&numbers));
        let background = if is_console { Some(Rgb::BLACK) } else { number };
        Self { depth: Depth::of(variable, described), background, foreground: None }
    }

    /// The terminal told something: later words count more.
    pub fn hear(&mut self, told: Told) {
        match told {
            Told::Foreground(colour) => self.foreground = Some(colour),
            Told::Background(colour) => self.background = Some(colour),
        }
    }

    /// As the user wants it to be taken. What the terminal told counts where it does not
    /// contradict.
    pub fn preferring(self, background: Background) -> Self {
        let usual = match background {
            Background::Asked => return self,
            Background::Dark => USUAL_DARK,
            Background::Light => USUAL_LIGHT,
        };
        match self.background {
            Some(told) if told.is_dark() == usual.is_dark() => self,
            Some(_) | None => Self { background: Some(usual), foreground: None, ..self },
        }
    }
}

/// The background by its number among the sixteen, as rxvt and Konsole tell it to the programs
/// in them, behind that of texts: `15;0`.
fn by_number(colorfgbg: &str) -> Option<Rgb> {
    match colorfgbg.rsplit(';').next()?.parse().ok()? {
        0_u8..=6 | 8 => Some(USUAL_DARK),
        7 | 9..=15 => Some(USUAL_LIGHT),
        16.. => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(variables: &[(&str, &str)], described: Option<u32>) -> Depth {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Depth::of(variable, described)
    }

    #[test]
    fn where_nothing_else_is_said_the_description_of_the_terminal_counts() {
        let some = [("TERM", "some")];
        for (described, expected) in [
            (0, Depth::Mono),
            (8, Depth::Sixteen),
            (88, Depth::Sixteen),
            (256, Depth::Indexed),
            (1 << 24, Depth::True),
        ] {
            assert_eq!(depth(&some, Some(described)), expected);
        }
        let said = [("TERM", "some"), ("COLORTERM", "truecolor")];
        assert_eq!(depth(&said, Some(256)), Depth::True);
    }

    #[test]
    fn the_environment_tells_how_many_colours_there_are() {
        let cases: [(&[(&str, &str)], Depth); 12] = [
            (&[], Depth::Mono),
            (&[("TERM", "dumb"), ("COLORTERM", "truecolor")], Depth::Mono),
            (&[("TERM", "vte-256color")], Depth::Indexed),
            (&[("TERM", "linux")], Depth::Sixteen),
            (&[("TERM", "xterm")], Depth::Sixteen),
            (&[("TERM", "xterm-256color")], Depth::Indexed),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Depth::True),
            (&[("TERM", "xterm-kitty")], Depth::True),
            (&[("TERM", "xterm-direct")], Depth::True),
            (&[("TERM", "foot"), ("NO_COLOR", "1")], Depth::Mono),
            (&[("TERM", "foot"), ("NO_COLOR", "")], Depth::True),
            (
                &[("TERM", "screen-256color"), ("COLORTERM", "truecolor"), ("STY", "1.pts")],
                Depth::Indexed,
            ),
        ];
        for (variables, expected) in cases {
            assert_eq!(depth(variables, None), expected, "{variables:?}");
        }
    }

    #[test]
    fn what_the_user_prefers_counts_more_than_what_is_told() {
        let dark = Ground { background: Some(Rgb(0, 43, 54)), ..Ground::default() };
        assert_eq!(dark.preferring(Background::Asked), dark);
        assert_eq!(dark.preferring(Background::Dark), dark);
        let light = dark.preferring(Background::Light).background;
        assert_eq!(light, Some(USUAL_LIGHT));
        let untold = Ground::default().preferring(Background::Dark).background;
        assert_eq!(untold, Some(USUAL_DARK));
    }

    #[test]
    fn numbers_of_colours_tell_dark_from_light() {
        assert_eq!(by_number("15;0"), Some(USUAL_DARK));
        assert_eq!(by_number("0;default;15"), Some(USUAL_LIGHT));
        assert_eq!(by_number("15;default"), None);
        assert_eq!(by_number(""), None);
    }
}
