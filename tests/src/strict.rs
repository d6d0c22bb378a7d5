//! What a terminal may be told by the client. Everything that is not listed here is an error: a
//! sequence of another shape, a control character, a character that cannot be seen.

use base64::{Engine as _, engine::general_purpose::STANDARD};

const ESC: char = '\u{1b}';
const BEL: char = '\u{7}';
/// What is switched on and off: origin, wrapping, the cursor, buttons, drags and moves of the
/// mouse in its forms, the focus, the wheel as arrow keys, the alternate screen, pastes, whole
/// frames.
#[rustfmt::skip]
const MODES: [&str; 13] = [
    "6", "7", "25", "1000", "1002", "1003", "1004", "1006", "1007", "1015", "1049", "2004", "2026",
];
/// Most digits of a number.
const DIGITS_MAX: usize = 5;

/// Says what in these bytes of a program with a screen no terminal may be told, and where.
pub fn check(bytes: &[u8]) -> Result<(), String> {
    Reader::new(bytes)?.check(true)
}

/// The same for a program that only writes lines.
pub fn check_lines(bytes: &[u8]) -> Result<(), String> {
    Reader::new(bytes)?.check(false)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    before: Option<char>,
    has_screen: bool,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let start = error.valid_up_to();
            let rest = &bytes[start..bytes.len().min(start + 40)];
            format!("not UTF-8: {:?}", String::from_utf8_lossy(rest))
        })?;
        Ok(Self { text, at: 0, before: None, has_screen: false })
    }

    fn check(mut self, may_escape: bool) -> Result<(), String> {
        while let Some(c) = self.next() {
            let start = self.at - c.len_utf8();
            let outcome = match c {
                ESC if may_escape => self.escape(),
                '\r' | '\n' if !self.has_screen => Ok(()),
                BEL if may_escape => Ok(()),
                other => is_seen(self.before, other),
            };
            self.before = Some(c).filter(|c| !c.is_control());
            outcome.map_err(|why| format!("{why}, in {:?}", around(self.text, start)))?;
        }
        Ok(())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.text[self.at..].chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn escape(&mut self) -> Result<(), String> {
        match self.next() {
            Some('[') => self.csi(),
            Some(']') => self.osc(),
            // Letters are letters again.
            Some('(') if self.text[self.at..].starts_with("B\u{f}") => {
                self.at += 2;
                Ok(())
            }
            other => Err(format!("ESC and {other:?}")),
        }
    }

    fn csi(&mut self) -> Result<(), String> {
        let start = self.at;
        let last = loop {
            match self.next() {
                Some(c @ '@'..='~') => break c,
                Some(' '..='?') => {}
                other => return Err(format!("{other:?} within CSI")),
            }
        };
        let parameters = &self.text[start..self.at - 1];
        if parameters == "?1049" {
            self.has_screen = last == 'h';
        }
        if is_known(parameters, last) { Ok(()) } else { Err(format!("CSI {parameters} {last}")) }
    }

    fn osc(&mut self) -> Result<(), String> {
        let start = self.at;
        let mut before = None;
        loop {
            match self.next() {
                Some(BEL) => return is_known_osc(&self.text[start..self.at - 1], "BEL"),
                Some(ESC) if self.next() == Some('\\') => {
                    return is_known_osc(&self.text[start..self.at - 2], "ST");
                }
                Some(c) => is_seen(before, c)?,
                None => return Err("OSC without an end".to_owned()),
            }
            before = self.text[..self.at].chars().next_back();
        }
    }
}

fn is_known(parameters: &str, last: char) -> bool {
    let is_number = |text: &str| {
        (1..=DIGITS_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let numbers = || parameters.split(';').filter(|text| is_number(text)).count();
    let are_numbers = |count| parameters.split(';').count() == count && numbers() == count;
    match (parameters.strip_prefix('?'), last) {
        (Some(mode), 'h' | 'l') => MODES.contains(&mode),
        // Whether the wheel is arrow keys is kept, and comes back.
        (Some("1007"), 's' | 'r') => true,
        (None, 'H') => are_numbers(2),
        (None, 'r') => parameters.is_empty() || are_numbers(2),
        (None, 'G' | 'L' | 'M') => are_numbers(1),
        (None, 'm') => parameters.is_empty() || numbers() == parameters.split(';').count(),
        // Erase to the end of the row; ask who is there.
        (None, 'K' | 'c') => parameters.is_empty(),
        // No insertion; the title is kept and comes back.
        (None, 'l') => parameters == "4",
        (None, 't') => ["22;2", "23;2"].contains(&parameters),
        _ => false,
    }
}

/// Titles, links, notices, the clipboard, and questions about colours.
fn is_known_osc(body: &str, end: &str) -> Result<(), String> {
    let unknown = || Err(format!("OSC {body:?} {end}"));
    let (number, rest) = body.split_once(';').unwrap_or((body, ""));
    match (number, end) {
        ("2", "BEL") => Ok(()),
        ("9", "ST") if rest.starts_with("hubbub: ") => Ok(()),
        ("8", "ST") if rest == ";" => Ok(()),
        ("8", "ST") => match rest.strip_prefix("id=").and_then(|rest| rest.split_once(';')) {
            Some((id, target))
                if id.bytes().all(|byte| byte.is_ascii_hexdigit())
                    && target.starts_with(['h', 'H'])
                    && target.bytes().all(|byte| byte.is_ascii_graphic()) =>
            {
                Ok(())
            }
            _ => unknown(),
        },
        ("52", "BEL") => match rest.strip_prefix("c;").map(|encoded| STANDARD.decode(encoded)) {
            Some(Ok(copied)) => is_copied(&copied),
            _ => unknown(),
        },
        ("10" | "11", _) if rest == "?" => Ok(()),
        _ => unknown(),
    }
}

/// What is copied may be pasted into a shell.
fn is_copied(bytes: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("copied: {error}"))?;
    let mut before = None;
    for c in text.chars() {
        if !matches!(c, '\n' | '\t') {
            is_seen(before, c).map_err(|why| format!("copied: {why}"))?;
        }
        before = Some(c);
    }
    Ok(())
}

/// Whether a character can be seen. Joiners and variation selectors may follow one that can.
fn is_seen(before: Option<char>, c: char) -> Result<(), String> {
    let joins = matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE0E}' | '\u{FE0F}');
    let is_fine = match before {
        Some(before) if joins => !before.is_ascii() || "0123456789#*".contains(before),
        _ => !is_unseen(c),
    };
    if is_fine { Ok(()) } else { Err(format!("U+{:04X} after {before:?}", u32::from(c))) }
}

/// Controls, format characters, what is drawn as nothing, what reorders a line, noncharacters.
fn is_unseen(c: char) -> bool {
    let is_noncharacter = u32::from(c) & 0xFFFE == 0xFFFE || ('\u{FDD0}'..='\u{FDEF}').contains(&c);
    is_noncharacter
        || matches!(c,
            '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{6DD}'
            | '\u{600}'..='\u{605}' | '\u{70F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}'
            | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

fn around(text: &str, at: usize) -> String {
    let from = text[..at].char_indices().rev().nth(40).map_or(0, |(at, _)| at);
    text[from..].chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_says_is_known() {
        for bytes in [
            "\u{1b}[?1049h\u{1b}[?7l\u{1b}[22;2t\u{1b}[r\u{1b}(B\u{f}\u{1b}[m",
            "\u{1b}[3;5Hab\u{1b}[9G",
            "\u{1b}[0;1;38;5;208m日本\u{1b}[K\u{1b}[2;9r\u{1b}[2;1H\u{1b}[3M\u{1b}[r",
            "\u{1b}]2;lobby · hubbub\u{7}",
            "\u{1b}]8;id=f0;https://a.example/%20\u{1b}\\x\u{1b}]8;;\u{1b}\\",
            "\u{7}\u{1b}]9;hubbub: Bob: hi\u{1b}\\\u{1b}]52;c;eA==\u{7}👩‍👩‍👧‍👦1\u{FE0F}\u{20E3}",
            "a\r\nb\u{1b}[?1049l\n",
        ] {
            assert_eq!(check(bytes.as_bytes()), Ok(()), "{bytes:?}");
        }
    }

    #[test]
    fn everything_else_is_an_error() {
        for bytes in [
            "\u{1b}[2J",
            "\u{1b}[?47h",
            "\u{1b}[3;5;7H",
            "\u{1b}[5A",
            "\u{1b}c",
            "\u{1b}Pq\u{1b}\\",
            "\u{1b}_x\u{1b}\\",
            "\u{1b}]0;x\u{7}",
            "\u{1b}]9;4;1;50\u{1b}\\",
            "\u{1b}]2;a\u{1b}[m\u{7}",
            "\u{1b}]8;;file:///x\u{1b}\\",
            "\u{1b}]52;p;eA==\u{7}",
            "\u{1b}]52;c;GwY=\u{7}",
            "\u{1b}[?1049h\r",
            "\u{1b}[?1049h\n",
            "\u{8}",
            "\t",
            "\u{9b}m",
            "a\u{200B}",
            "\u{202E}",
            "a\u{FE0F}",
            "\u{200D}",
            "\u{FFFF}",
            "\u{1b}]2;never ends",
            "\u{1b}[",
            "\u{e}",
        ] {
            assert!(check(bytes.as_bytes()).is_err(), "{bytes:?}");
        }
        assert!(check(b"\xff").is_err());
    }

    #[test]
    fn lines_have_no_sequences_at_all() {
        assert_eq!(check_lines("a · b\r\nc\n".as_bytes()), Ok(()));
        assert!(check_lines(b"a\x1b[m").is_err());
        assert!(check_lines(b"a\x07").is_err());
    }
}
