//! A key, or two, as the table and the settings file name it.

use std::fmt;

use crate::{
    event::{Key, KeyCode},
    fuzzy,
    keymap::Prefix,
};

/// A key, or one after Ctrl+X.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Chord {
    after_ctrl_x: bool,
    key: Key,
}

const NO_MODIFIERS: Key = Key { code: KeyCode::Esc, ctrl: false, alt: false, shift: false };

/// The key that waits for another one.
const CTRL_X: Chord = ctrl('x');

/// How keys that type nothing are written. What means the same comes behind what is shown.
const NAMES: [(&str, KeyCode); 16] = [
    ("Enter", KeyCode::Enter),
    ("Tab", KeyCode::Tab),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Esc", KeyCode::Esc),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PageUp", KeyCode::PageUp),
    ("PageDown", KeyCode::PageDown),
    ("Space", KeyCode::Char(' ')),
    ("Return", KeyCode::Enter),
    ("Escape", KeyCode::Esc),
];

/// With Ctrl, a terminal sends the same byte for these.
const SAME_BYTE: [(char, char); 8] = [
    ('/', '_'),
    ('7', '_'),
    ('2', ' '),
    ('@', ' '),
    ('4', '\\'),
    ('5', ']'),
    ('6', '^'),
    ('~', '^'),
];

/// With Ctrl, a terminal sends what it sends for another key.
const SAME_KEY: [(char, &str); 5] =
    [('i', "Tab"), ('m', "Enter"), ('h', "Backspace"), ('[', "Esc"), ('3', "Esc")];

/// So many keys are called F1 and so on.
const FUNCTION_KEYS: u8 = 12;

/// Beside letters, what is told apart with Ctrl.
const SIGNS: [char; 5] = [' ', '\\', ']', '^', '_'];

impl Chord {
    /// What a key that was pressed is in the table.
    pub(super) fn pressed(key: Key, after_ctrl_x: bool) -> Self {
        // Many terminals send ^H for Backspace.
        let is_backspace = key.ctrl && key.code == KeyCode::Char('h');
        let backspace = Key { code: KeyCode::Backspace, ctrl: false, ..key };
        Self { after_ctrl_x, key: plain_form(if is_backspace { backspace } else { key }) }
    }

    /// Whether it is the key that waits for another one.
    pub(super) fn is_ctrl_x(self) -> bool {
        self == CTRL_X
    }

    pub(super) fn is_after(self, prefix: Prefix) -> bool {
        match prefix {
            Prefix::Esc => self.key.alt && !self.after_ctrl_x,
            Prefix::CtrlX => self.after_ctrl_x,
        }
    }

    /// The key after the prefix, as the row that the prefix shows has it.
    pub(super) fn second(self) -> String {
        let key = Key { alt: self.key.alt && self.after_ctrl_x, ..self.key };
        match key.code {
            KeyCode::Char(c) if c != ' ' && !key.ctrl && !key.alt => c.to_string(),
            _ => key_words(key),
        }
    }

    /// Reads `Ctrl+T`, `Alt+Enter`, `PageUp`, `Ctrl+X Ctrl+E`; or says in a sentence why this is
    /// no key that could be given something to do.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let chord = match words[..] {
            [one] => Self { after_ctrl_x: false, key: parse_key(one, text)? },
            [first, second] if one(parse_key(first, text)?) == CTRL_X => {
                Self { after_ctrl_x: true, key: parse_key(second, text)? }
            }
            _ => return Err(no_key(text)),
        };
        chord.refusal().map_or(Ok(chord), Err)
    }

    /// Why it cannot be given something else to do.
    fn refusal(self) -> Option<String> {
        if self == CTRL_X {
            return Some("Ctrl+X begins keys of two, and stays; bind one of those".into());
        }
        if self.key.code == KeyCode::Esc {
            return Some("Esc closes what is on top, and stays".into());
        }
        if self.after_ctrl_x {
            return untold(self.key);
        }
        match self.key {
            Key { code: KeyCode::Enter, ctrl: false, alt: false, shift: false } => {
                Some("Enter sends and answers, and stays".into())
            }
            Key { code: KeyCode::Char('c'), ctrl: true, alt: false, .. } => {
                Some("Ctrl+C clears and quits, and stays".into())
            }
            Key { code: KeyCode::Char(_), ctrl: false, alt: false, .. } => {
                Some("keys that type are for writing; bind them with Ctrl+ or Alt+".into())
            }
            key => untold(key),
        }
    }
}

/// Why no terminal tells of this key as such.
fn untold(key: Key) -> Option<String> {
    let words = key_words(key);
    match key.code {
        KeyCode::Char(c) if key.ctrl => {
            if let Some((_, same)) = SAME_KEY.into_iter().find(|(same, _)| *same == c) {
                return Some(format!("terminals send the same for {words} and {same}"));
            }
            let is_told = c.is_ascii_lowercase() || SIGNS.contains(&c);
            let told = "Ctrl goes with letters, Space and \\ ] ^ _";
            (!is_told).then(|| format!("terminals do not tell of {words}; {told}"))
        }
        KeyCode::Char('[') if key.alt => Some("terminals begin other keys with Alt+[".into()),
        KeyCode::Enter | KeyCode::Tab | KeyCode::BackTab | KeyCode::Backspace if key.ctrl => {
            Some(format!("terminals do not tell of Ctrl in {words}"))
        }
        _ => None,
    }
}

/// Reads one key of `text`.
fn parse_key(word: &str, text: &str) -> Result<Key, String> {
    let mut key = NO_MODIFIERS;
    let mut rest = word;
    loop {
        if let Some(after) = after_prefix(rest, "ctrl+") {
            (key.ctrl, rest) = (true, after);
        } else if let Some(after) = after_prefix(rest, "alt+") {
            (key.alt, rest) = (true, after);
        } else if let Some(after) = after_prefix(rest, "shift+") {
            (key.shift, rest) = (true, after);
        } else {
            break;
        }
    }
    let mut letters = rest.chars();
    key.code = match (letters.next(), letters.next()) {
        (Some(c), None) if !c.is_control() => KeyCode::Char(c),
        _ => named(rest).or_else(|| function_key(rest)).ok_or_else(|| no_key(text))?,
    };
    if key.shift && key.code == KeyCode::Tab {
        key.code = KeyCode::BackTab;
    } else if key.shift && key.code != KeyCode::Enter {
        return Err(format!("terminals do not tell of Shift in {text}"));
    }
    Ok(plain_form(key))
}

fn after_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    (start.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some(rest)
}

fn named(name: &str) -> Option<KeyCode> {
    NAMES.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, code)| code)
}

/// `F1` to `F12`: terminals hardly send more.
fn function_key(name: &str) -> Option<KeyCode> {
    let number = name.strip_prefix(['F', 'f'])?.parse().ok()?;
    (1..=FUNCTION_KEYS).contains(&number).then_some(KeyCode::F(number))
}

fn no_key(text: &str) -> String {
    let last = text.rsplit(['+', ' ']).next().unwrap_or_default();
    let near = fuzzy::nearest(last, NAMES.into_iter().map(|(name, _)| name));
    let start = text.strip_suffix(last).unwrap_or_default();
    match near.filter(|_| last.chars().count() > 1) {
        Some(near) => format!("no such key; did you mean {start}{near}?"),
        None => "no such key; keys are written as in /help keys: Ctrl+T, Alt+A, PageUp".into(),
    }
}

/// Without what makes no difference: Shift on letters (which are then capitals) and on arrows, and
/// which of two keys it was that a terminal sends the same byte for.
fn plain_form(key: Key) -> Key {
    let code = match key.code {
        KeyCode::Char(c) if key.ctrl => {
            let same = SAME_BYTE.into_iter().find(|(other, _)| *other == c);
            KeyCode::Char(same.map_or(c.to_ascii_lowercase(), |(_, shown)| shown))
        }
        KeyCode::Char(c) if key.alt => KeyCode::Char(c.to_ascii_lowercase()),
        other => other,
    };
    Key { code, shift: key.shift && code == KeyCode::Enter, ..key }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = if self.after_ctrl_x { "Ctrl+X " } else { "" };
        write!(f, "{before}{}", key_words(self.key))
    }
}

/// `Ctrl+T`, `Alt+A`, `Shift+Tab`.
fn key_words(key: Key) -> String {
    let ctrl = if key.ctrl { "Ctrl+" } else { "" };
    let alt = if key.alt { "Alt+" } else { "" };
    let shift = if key.shift || key.code == KeyCode::BackTab { "Shift+" } else { "" };
    let code = if key.code == KeyCode::BackTab { KeyCode::Tab } else { key.code };
    let name = match (NAMES.into_iter().find(|(_, named)| *named == code), code) {
        (Some((name, _)), _) => name.to_owned(),
        (None, KeyCode::Char(c)) if key.ctrl || key.alt => c.to_ascii_uppercase().to_string(),
        (None, KeyCode::Char(c)) => c.to_string(),
        (None, KeyCode::F(number)) => format!("F{number}"),
        (None, _) => String::new(),
    };
    format!("{ctrl}{alt}{shift}{name}")
}

pub(super) const fn one(key: Key) -> Chord {
    Chord { after_ctrl_x: false, key }
}

pub(super) const fn plain(code: KeyCode) -> Chord {
    one(Key { code, ..NO_MODIFIERS })
}

pub(super) const fn shift(code: KeyCode) -> Chord {
    one(Key { code, shift: true, ..NO_MODIFIERS })
}

pub(super) const fn ctrl(c: char) -> Chord {
    one(Key { code: KeyCode::Char(c), ctrl: true, ..NO_MODIFIERS })
}

pub(super) const fn alt(code: KeyCode) -> Chord {
    one(Key { code, alt: true, ..NO_MODIFIERS })
}

pub(super) const fn meta(c: char) -> Chord {
    alt(KeyCode::Char(c))
}

/// Ctrl+X, then Ctrl with this.
pub(super) const fn ctrl_x(c: char) -> Chord {
    Chord { after_ctrl_x: true, ..ctrl(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_the_help_writes_them() {
        let same = [
            "Ctrl+T",
            "Alt+A",
            "Alt+1",
            "PageUp",
            "Shift+Tab",
            "Alt+Enter",
            "Shift+Enter",
            "Ctrl+Space",
            "Alt+Space",
            "Ctrl+X Ctrl+E",
            "Ctrl+X b",
            "Ctrl+X Alt+B",
            "Alt+Up",
            "Ctrl+Left",
            "Ctrl+_",
            "Ctrl+]",
            "Alt++",
            "Alt+é",
            "Ctrl+Alt+T",
            "F1",
            "Alt+F12",
        ];
        for text in same {
            assert_eq!(Chord::parse(text).map(|chord| chord.to_string()), Ok(text.to_owned()));
        }
        for (text, shown) in [
            ("ctrl+t", "Ctrl+T"),
            ("ALT+pageup", "Alt+PageUp"),
            ("Ctrl+/", "Ctrl+_"),
            ("alt+shift+tab", "Alt+Shift+Tab"),
            ("alt+A", "Alt+A"),
        ] {
            assert_eq!(Chord::parse(text).map(|chord| chord.to_string()), Ok(shown.to_owned()));
        }
    }

    #[test]
    fn keys_that_stay_or_that_no_terminal_sends_are_refused_with_the_reason() {
        for (text, why) in [
            ("Enter", "Enter sends and answers, and stays"),
            ("esc", "Esc closes what is on top, and stays"),
            ("Ctrl+X Esc", "Esc closes what is on top, and stays"),
            ("Ctrl+C", "Ctrl+C clears and quits, and stays"),
            ("Ctrl+X", "Ctrl+X begins keys of two, and stays; bind one of those"),
            ("t", "keys that type are for writing; bind them with Ctrl+ or Alt+"),
            ("Space", "keys that type are for writing; bind them with Ctrl+ or Alt+"),
            ("Ctrl+I", "terminals send the same for Ctrl+I and Tab"),
            ("Ctrl+H", "terminals send the same for Ctrl+H and Backspace"),
            (
                "Ctrl+1",
                "terminals do not tell of Ctrl+1; Ctrl goes with letters, Space and \\ ] ^ _",
            ),
            ("Ctrl+Enter", "terminals do not tell of Ctrl in Ctrl+Enter"),
            ("Alt+[", "terminals begin other keys with Alt+["),
            ("Shift+Up", "terminals do not tell of Shift in Shift+Up"),
            ("Ctrl+PgUp", "no such key; did you mean Ctrl+PageUp?"),
            ("Retrun", "no such key; did you mean Return?"),
            ("C-t", "no such key; keys are written as in /help keys: Ctrl+T, Alt+A, PageUp"),
            ("", "no such key; keys are written as in /help keys: Ctrl+T, Alt+A, PageUp"),
            ("Ctrl+T x", "no such key; keys are written as in /help keys: Ctrl+T, Alt+A, PageUp"),
        ] {
            assert_eq!(Chord::parse(text), Err(why.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_a_terminal_sends_the_same_byte_for_is_the_same_key() {
        for c in ['/', '7', '_'] {
            let key = Key { code: KeyCode::Char(c), ctrl: true, ..NO_MODIFIERS };
            assert_eq!(Chord::pressed(key, false), ctrl('_'));
        }
        let capital = Key { code: KeyCode::Char('A'), alt: true, shift: true, ..NO_MODIFIERS };
        assert_eq!(Chord::pressed(capital, false), meta('a'));
    }
}
