//! What a terminal says when it is asked for its colours, among what is typed meanwhile. PURE.

use crate::{
    event::{Event, Key, KeyCode},
    theme::{Rgb, Told},
};

/// Asks for the colour of text and for that behind it.
pub(super) const ASK: &str = "\x1b]10;?\x1b\\\x1b]11;?\x1b\\";
/// Asks what kind of terminal it is. All answer that, and in order: what was asked before and is
/// not answered by then never will be.
pub(super) const FENCE: &str = "\x1b[c";

/// The bytes that came since the terminal was asked.
#[derive(Debug, Default)]
pub(super) struct Answers {
    bytes: Vec<u8>,
}

/// One thing that came.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Told(Told),
    Fence,
    Key(Key),
    /// A sequence with another meaning, or none.
    Other,
    /// The beginning of something.
    Cut,
}

impl Answers {
    /// More came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether all has been answered that will be.
    pub(super) fn are_all(&self) -> bool {
        self.tokens().contains(&Token::Fence)
    }

    /// Whether something has begun and not ended.
    pub(super) fn are_cut(&self) -> bool {
        self.tokens().last() == Some(&Token::Cut)
    }

    /// What the terminal told, and what was typed meanwhile: nobody's words are lost to us
    /// asking.
    pub(super) fn sorted(&self) -> (Vec<Told>, Vec<Event>) {
        let (mut told, mut typed) = (Vec::new(), Vec::new());
        for token in self.tokens() {
            match token {
                Token::Told(colour) => told.push(colour),
                Token::Key(key) => typed.push(Event::Key(key)),
                Token::Fence | Token::Other | Token::Cut => {}
            }
        }
        (told, typed)
    }

    fn tokens(&self) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut rest = self.bytes.as_slice();
        while !rest.is_empty() {
            let (token, length) = token(rest);
            tokens.push(token);
            rest = rest.get(length..).unwrap_or_default();
        }
        tokens
    }
}

/// What the words of an answer say: `11;rgb:1e1e/1e1e/1e1e`.
pub(super) fn told(words: &str) -> Option<Told> {
    let (about, colour) = words.split_once(';')?;
    let colour = Rgb::parse(colour)?;
    match about {
        "10" => Some(Told::Foreground(colour)),
        "11" => Some(Told::Background(colour)),
        _ => None,
    }
}

/// What stands at the beginning, and how many bytes that is.
fn token(bytes: &[u8]) -> (Token, usize) {
    match bytes {
        [0x1b, b']', ..] => string(bytes),
        [0x1b, b'P' | b'X' | b'^' | b'_', ..] => {
            let (token, length) = string(bytes);
            (if token == Token::Cut { token } else { Token::Other }, length)
        }
        [0x1b, b'[', ..] => control(bytes),
        [0x1b, b'O', _, ..] => (Token::Other, 3),
        [0x1b] | [0x1b, b'O'] => (Token::Cut, bytes.len()),
        [0x1b, rest @ ..] => {
            let (token, length) = token(rest);
            match token {
                Token::Key(key) => (Token::Key(Key { alt: true, ..key }), length + 1),
                token => (token, length + 1),
            }
        }
        _ => character(bytes),
    }
}

/// A string that ends with BEL, or with ESC and most often a `\`.
fn string(bytes: &[u8]) -> (Token, usize) {
    let words = &bytes[2..];
    let Some(length) = words.iter().position(|byte| matches!(byte, 0x07 | 0x1b)) else {
        return (Token::Cut, bytes.len());
    };
    let end = match &words[length..] {
        [0x1b, b'\\', ..] => 2,
        [0x1b] => return (Token::Cut, bytes.len()),
        _ if words[length] == 0x07 => 1,
        // The ESC is that of what follows, too.
        [0x1b, ..] => 1 - usize::from(words[length + 1] != 0x1b),
        _ => 0,
    };
    let told = std::str::from_utf8(&words[..length]).ok().and_then(told);
    (told.map_or(Token::Other, Token::Told), 2 + length + end)
}

/// A control sequence: a key, or the answer to [`FENCE`].
fn control(bytes: &[u8]) -> (Token, usize) {
    let Some(length) = bytes[2..].iter().position(|byte| (0x40..=0x7e).contains(byte)) else {
        return (Token::Cut, bytes.len());
    };
    let token = match bytes[2..=length + 2] {
        [b'?', .., b'c'] => Token::Fence,
        [b'A'] => plain(KeyCode::Up),
        [b'B'] => plain(KeyCode::Down),
        [b'C'] => plain(KeyCode::Right),
        [b'D'] => plain(KeyCode::Left),
        [b'H'] => plain(KeyCode::Home),
        [b'F'] => plain(KeyCode::End),
        _ => Token::Other,
    };
    (token, length + 3)
}

fn character(bytes: &[u8]) -> (Token, usize) {
    let first = bytes[0];
    let token = match first {
        b'\r' => plain(KeyCode::Enter),
        b'\t' => plain(KeyCode::Tab),
        0x7f | 0x08 => plain(KeyCode::Backspace),
        0x01..=0x1a => with_ctrl((b'a' + first - 1).into()),
        0x1c..=0x1f => with_ctrl((b'4' + first - 0x1c).into()),
        0x00 => with_ctrl(' '),
        _ => return text(bytes),
    };
    (token, 1)
}

/// One character of UTF-8. What is none is nothing.
fn text(bytes: &[u8]) -> (Token, usize) {
    let valid = bytes.utf8_chunks().next();
    match valid.and_then(|chunk| chunk.valid().chars().next()) {
        Some(c) => (plain(KeyCode::Char(c)), c.len_utf8()),
        None => (Token::Other, 1),
    }
}

fn plain(code: KeyCode) -> Token {
    Token::Key(Key { code, ctrl: false, alt: false, shift: false })
}

fn with_ctrl(c: char) -> Token {
    Token::Key(Key { code: KeyCode::Char(c), ctrl: true, alt: false, shift: false })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answers(bytes: &[u8]) -> Answers {
        let mut answers = Answers::default();
        answers.push(bytes);
        answers
    }

    fn typed(bytes: &[u8]) -> String {
        let as_text = |event: Event| match event {
            Event::Key(Key { code: KeyCode::Char(c), .. }) => c.to_string(),
            Event::Key(key) => format!("<{:?}>", key.code),
            other => format!("{other:?}"),
        };
        answers(bytes).sorted().1.into_iter().map(as_text).collect()
    }

    #[test]
    fn both_colours_and_the_fence_are_understood_however_they_end() {
        for bytes in [
            &b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?62;22c"[..],
            b"\x1b]10;rgb:ff/ff/ff\x07\x1b]11;rgba:0/0/0/f\x07\x1b[?1;2c",
            // urxvt leaves out the last byte.
            b"\x1b]10;rgb:ff/ff/ff\x1b\x1b]11;rgb:0/0/0\x1b\x1b[?1;2c",
        ] {
            let answers = answers(bytes);
            let both = vec![Told::Foreground(Rgb::WHITE), Told::Background(Rgb::BLACK)];
            assert_eq!(answers.sorted(), (both, Vec::new()), "{bytes:?}");
            assert!(answers.are_all());
        }
    }

    #[test]
    fn what_is_typed_among_answers_stays_in_its_order() {
        let bytes = b"h\x1b]11;rgb:0/0/0\x1b\\\xc3\xa9\x1b[?6c\rx\x7f\x1b[D\x1b[5~";
        assert_eq!(typed(bytes), "hé<Enter>x<Backspace><Left>");
        let key =
            |c, ctrl, alt| Event::Key(Key { code: KeyCode::Char(c), ctrl, alt, shift: false });
        let both = vec![key('a', false, true), key('c', true, false)];
        assert_eq!(answers(b"\x1ba\x03").sorted(), (Vec::new(), both));
    }

    #[test]
    fn garbage_and_other_answers_are_nothing() {
        let bytes = b"\x1b]11;zzz\x1b\\\x1b]4;1;rgb:0/0/0\x07\x1bP>|xterm\x1b\\\x1b[>0;1c\xff";
        assert_eq!(answers(bytes).sorted(), (Vec::new(), Vec::new()));
        assert!(!answers(bytes).are_all() && !answers(bytes).are_cut());
    }

    #[test]
    fn an_answer_that_has_only_begun_is_known_for_one() {
        let whole = b"\x1b]11;rgb:0/0/0\x1b\\\x1b[?62;22c";
        for length in 1..whole.len() {
            let is_between = whole[..length].ends_with(b"\x1b\\");
            assert_eq!(answers(&whole[..length]).are_cut(), !is_between, "{length}");
            assert!(!answers(&whole[..length]).are_all());
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_ends(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = answers(&bytes).sorted();
        }

        #[test]
        fn sequences_made_to_confuse_end(
            parts in prop::collection::vec(
                "\u{1b}[\\]\\[POX\\\\c]?|;|[0-9]|\u{7}|é|11;rgb:0/0/0", 0..20,
            ),
        ) {
            let _ = answers(parts.concat().as_bytes()).sorted();
        }
    }
}
