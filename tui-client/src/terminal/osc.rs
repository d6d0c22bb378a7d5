//! What terminals are asked for beside drawing: notices, titles, the clipboard. All of it is an
//! escape sequence with somebody's words in it, so those come as [`SafeText`] or encoded. PURE.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{hyperlink::Hyperlink, notify::Notice, safe_text::SafeText};

const BELL: &str = "\x07";
/// Ends a sequence that has words in it.
const ST: &str = "\x1b\\";
/// Most bytes that go to the clipboard: xterm and tmux take no more in one sequence.
const COPY_MAX: usize = 74_994;

/// How a terminal shows a notice. All of them ring the bell, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notices {
    /// Not at all.
    Bell,
    /// One text: iTerm2, Windows Terminal, and no harm elsewhere.
    Osc9,
    /// Title and text: foot, Ghostty, urxvt, WezTerm.
    Osc777,
    /// Title and text: kitty.
    Osc99,
}

/// How to ask this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Osc {
    notices: Notices,
    /// Whether tmux is between us and the terminal. It takes titles itself, and passes on the
    /// rest where it is told so (`allow-passthrough`).
    in_tmux: bool,
}

impl Osc {
    /// What the environment tells of the terminal.
    pub(super) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        Self { notices: notices(&variable), in_tmux: is_set("TMUX") }
    }

    /// Tells the user, wherever they look.
    pub(super) fn notify(self, notice: &Notice) -> String {
        let (title, body) = (notice.title.as_str(), notice.body.as_str());
        let sequence = match self.notices {
            Notices::Bell => String::new(),
            // Some terminals take a number at the beginning for a command.
            Notices::Osc9 => format!("\x1b]9;hubbub: {title}: {body}{ST}"),
            // What stands after the second semicolon would be the text.
            Notices::Osc777 => {
                format!("\x1b]777;notify;{};{body}{ST}", title.replace(';', ","))
            }
            Notices::Osc99 => {
                format!("\x1b]99;i=hubbub:d=0;{title}{ST}\x1b]99;i=hubbub:p=body;{body}{ST}")
            }
        };
        [BELL, &self.passed_on(sequence)].concat()
    }

    /// Puts this into the clipboard; `None` if it is more than terminals take.
    pub(super) fn copy(self, text: &str) -> Option<String> {
        let encoded = STANDARD.encode(text);
        if encoded.len() > COPY_MAX {
            return None;
        }
        let sequence = format!("\x1b]52;c;{encoded}{BELL}");
        // As it is set up, tmux either takes this itself, or passes it on, or neither.
        let for_tmux = if self.in_tmux { sequence.clone() } else { String::new() };
        Some(for_tmux + &self.passed_on(sequence))
    }

    fn passed_on(self, sequence: String) -> String {
        if self.in_tmux && !sequence.is_empty() {
            return format!("\x1bPtmux;{}{ST}", sequence.replace('\x1b', "\x1b\x1b"));
        }
        sequence
    }
}

/// What the window is called from now on.
pub(super) fn title(title: &SafeText) -> String {
    format!("\x1b]2;{}{BELL}", title.as_str())
}

/// What is written from now on leads there, or nowhere. Where a link stands in several rows its
/// id makes them one.
pub(super) fn link(link: Option<&Hyperlink>) -> String {
    match link {
        Some(link) => format!("\x1b]8;id={:x};{}{ST}", link.id(), link.target()),
        None => format!("\x1b]8;;{ST}"),
    }
}

/// Within tmux the variables may be those of the terminal in which it was started.
fn notices(variable: impl Fn(&str) -> Option<String>) -> Notices {
    let value = |name| variable(name).unwrap_or_default();
    let is_set = |name| !value(name).is_empty();
    let (term, program) = (value("TERM"), value("TERM_PROGRAM"));
    let is_term = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
    if is_term(&["linux", "dumb", "vt"]) || term.is_empty() || is_set("STY") {
        return Notices::Bell;
    }
    if is_set("KITTY_WINDOW_ID") || is_term(&["xterm-kitty"]) {
        return Notices::Osc99;
    }
    if ["ghostty", "WezTerm"].contains(&program.as_str())
        || is_term(&["foot", "xterm-ghostty", "wezterm", "rxvt-unicode"])
    {
        return Notices::Osc777;
    }
    if program == "Apple_Terminal" { Notices::Bell } else { Notices::Osc9 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn osc(variables: &[(&str, &str)]) -> Osc {
        Osc::of(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn notice() -> Notice {
        let title = SafeText::line("Bob; Eve in lobby");
        Notice { title, body: SafeText::line("hi\u{1b}]0;x\u{7}\u{9c} Ana") }
    }

    #[test]
    fn each_terminal_is_asked_in_its_own_way() {
        let body = "hi<U+001B>]0;x<U+0007><U+009C> Ana";
        for (variables, expected) in [
            ([("TERM", "linux"), ("", "")], "\x07".into()),
            ([("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")], "\x07".into()),
            ([("TERM", "screen"), ("STY", "1.pts")], "\x07".into()),
            (
                [("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")],
                format!("\x07\x1b]9;hubbub: Bob; Eve in lobby: {body}\x1b\\"),
            ),
            (
                [("TERM", "foot"), ("", "")],
                format!("\x07\x1b]777;notify;Bob, Eve in lobby;{body}\x1b\\"),
            ),
            (
                [("TERM", "xterm-kitty"), ("KITTY_WINDOW_ID", "1")],
                format!(
                    "\x07\x1b]99;i=hubbub:d=0;Bob; Eve in lobby\x1b\\\
                     \x1b]99;i=hubbub:p=body;{body}\x1b\\"
                ),
            ),
        ] {
            assert_eq!(osc(&variables).notify(&notice()), expected, "{variables:?}");
        }
    }

    #[test]
    fn through_tmux_a_notice_is_wrapped_and_the_bell_is_not() {
        let osc = osc(&[("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux-0/default,1,0")]);
        let body = "hi<U+001B>]0;x<U+0007><U+009C> Ana";
        assert_eq!(
            osc.notify(&notice()),
            format!("\x07\x1bPtmux;\x1b\x1b]9;hubbub: Bob; Eve in lobby: {body}\x1b\x1b\\\x1b\\")
        );
    }

    #[test]
    fn what_is_copied_is_encoded_and_has_a_bound() {
        let osc = osc(&[("TERM", "xterm")]);
        assert_eq!(osc.copy("a\x1b\\é").as_deref(), Some("\x1b]52;c;YRtcw6k=\x07"));
        assert_eq!(osc.copy(&"x".repeat(COPY_MAX)), None);
        let osc = self::osc(&[("TERM", "tmux"), ("TMUX", "/tmp/tmux,1,0")]);
        let both = "\x1b]52;c;eA==\x07\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\";
        assert_eq!(osc.copy("x").as_deref(), Some(both));
    }
}
