//! What people write: messages, topics and short notes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::{ErrorCode, Refusal, id::parsed_string};

/// Longest message in bytes of UTF-8.
pub const MESSAGE_BYTES_MAX: usize = 4096;
/// Longest topic in bytes of UTF-8.
pub const TOPIC_BYTES_MAX: usize = 300;
/// Longest emoji in bytes of UTF-8: a flag of tag characters has 28, a family of four 25.
const EMOJI_BYTES_MAX: usize = 64;
/// Longest away or moderation note in bytes of UTF-8.
pub const NOTE_BYTES_MAX: usize = 100;
/// Most combining marks on one base character; more is drawn over other people's lines.
pub const MARKS_PER_BASE_MAX: usize = 8;

/// The text of a message: 1 to 4,096 bytes, no control characters but `\n` and `\t`, at most 8
/// combining marks on a base.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageText(Box<str>);
parsed_string!(MessageText);

impl MessageText {
    /// Refuses with `text_empty`, `text_too_long` or `text_forbidden`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() {
            return Err(Refusal::new(ErrorCode::TextEmpty, "the text is empty; write something"));
        }
        check("a message", text, MESSAGE_BYTES_MAX, &['\n', '\t'])?;
        Ok(Self(text.into()))
    }
}

/// What a room is about: at most 300 bytes on one line; empty clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Topic(Box<str>);
parsed_string!(Topic);

impl Topic {
    /// Refuses with `text_too_long` or `text_forbidden`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        check("a topic", text, TOPIC_BYTES_MAX, &[])?;
        Ok(Self(text.into()))
    }

    /// Whether the room has no topic.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Why somebody is away, or was moderated: 1 to 100 bytes on one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Note(Box<str>);
parsed_string!(Note);

impl Note {
    /// Refuses with `text_empty`, `text_too_long` or `text_forbidden`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() {
            return Err(Refusal::new(ErrorCode::TextEmpty, "the note is empty; leave it out"));
        }
        check("a note", text, NOTE_BYTES_MAX, &[])?;
        Ok(Self(text.into()))
    }
}

/// The emoji of a reaction: exactly one grapheme of at most 64 bytes that can be seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Emoji(Box<str>);
parsed_string!(Emoji);

impl Emoji {
    /// Refuses with `text_forbidden`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let is_valid = text.graphemes(true).count() == 1
            && text.len() <= EMOJI_BYTES_MAX
            && !text.starts_with(|c| is_combining_mark(c) || is_zero_width(c))
            && !text.chars().any(|c| c.is_control() || c.is_whitespace())
            && !has_too_many_marks(text);
        if is_valid {
            Ok(Self(text.into()))
        } else {
            Err(Refusal::new(ErrorCode::TextForbidden, "a reaction is one emoji"))
        }
    }
}

fn check(what: &str, text: &str, bytes_max: usize, allowed: &[char]) -> Result<(), Refusal> {
    if text.len() > bytes_max {
        let bytes = text.len();
        return Err(Refusal::new(
            ErrorCode::TextTooLong,
            format!("{what} has at most {bytes_max} bytes, this has {bytes}; shorten it"),
        ));
    }
    if let Some(control) = text.chars().find(|c| c.is_control() && !allowed.contains(c)) {
        let code = u32::from(control);
        return Err(Refusal::new(
            ErrorCode::TextForbidden,
            format!("{what} can't contain the control character U+{code:04X}; take it out"),
        ));
    }
    if has_too_many_marks(text) {
        return Err(Refusal::new(
            ErrorCode::TextForbidden,
            format!("{what} can't have more than {MARKS_PER_BASE_MAX} marks on a character"),
        ));
    }
    Ok(())
}

/// Whether more than [`MARKS_PER_BASE_MAX`] combining marks follow one another. What has no
/// width between them is no new base.
pub(crate) fn has_too_many_marks(text: &str) -> bool {
    let mut marks = 0;
    !text.is_ascii()
        && text.chars().any(|c| {
            match c {
                _ if is_combining_mark(c) => marks += 1,
                _ if is_zero_width(c) => {}
                _ => marks = 0,
            }
            marks > MARKS_PER_BASE_MAX
        })
}

/// Whether `c` is a format character that is drawn as nothing: joiners, bidi controls, tags.
fn is_zero_width(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}
