//! What is pasted is cleaned and always becomes a draft; what is too long for one message is
//! split where people would. PURE.

use protocol::MESSAGE_BYTES_MAX;
use unicode_segmentation::UnicodeSegmentation as _;

use super::draft::DRAFT_BYTES_MAX;

/// Most messages that a draft can become, and some more.
pub(crate) const MESSAGES_MAX: usize = 2 * DRAFT_BYTES_MAX / MESSAGE_BYTES_MAX + 1;

/// A paste as a draft: line ends are `\n`, other controls are gone.
pub(crate) fn clean(pasted: &str) -> String {
    let unix = pasted.replace("\r\n", "\n").replace('\r', "\n");
    unix.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// The messages that a draft becomes: one where it fits, else cut at line ends, else between
/// words, else between graphemes. Only blanks at a cut are dropped.
pub(crate) fn split(draft: &str) -> Vec<&str> {
    let mut messages = Vec::new();
    let mut rest = draft.trim_end();
    while rest.len() > MESSAGE_BYTES_MAX {
        let end = cut(rest);
        let message = rest[..end].trim_end();
        if !message.is_empty() {
            messages.push(message);
        }
        rest = rest[end..].trim_start_matches('\n');
    }
    if !rest.trim().is_empty() {
        messages.push(rest);
    }
    messages
}

/// Where the first message of `text`, which is too long for one, ends.
fn cut(text: &str) -> usize {
    let fitting = text.floor_char_boundary(MESSAGE_BYTES_MAX);
    let window = &text[..fitting];
    // A cut in the first half would make many short messages of a text with one early line end.
    let late = |at: &usize| *at > fitting / 2;
    window
        .rfind('\n')
        .filter(late)
        .or_else(|| window.rfind(char::is_whitespace).filter(late))
        .unwrap_or_else(|| last_grapheme_end(text, fitting))
}

/// The last place between two graphemes of `text` at or before `end`; `end` where one grapheme
/// fills everything before it.
fn last_grapheme_end(text: &str, end: usize) -> usize {
    let starts = text.grapheme_indices(true).map(|(at, _)| at);
    starts.take_while(|at| *at <= end).last().filter(|at| *at > 0).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_become_one_kind_and_controls_go() {
        assert_eq!(clean("a\r\nb\rc\n\td\u{1b}[31m\u{9b}"), "a\nb\nc\n\td[31m");
    }

    #[test]
    fn a_text_that_fits_is_one_message_as_it_stands() {
        assert_eq!(split("  indented\n\nlast \n"), ["  indented\n\nlast"]);
        assert_eq!(split(" \n "), Vec::<&str>::new());
    }

    #[test]
    fn a_long_text_is_cut_at_line_ends_first_then_between_words() {
        let line = format!("{}\n", "word ".repeat(500).trim_end());
        let text = line.repeat(3);
        let messages = split(&text);
        assert_eq!(messages, [line.trim_end(); 3]);

        let words = "word ".repeat(1000);
        let messages = split(&words);
        assert_eq!(messages.len(), 2);
        assert!(messages.iter().all(|message| message.ends_with("word")));
    }

    #[test]
    fn a_long_word_is_cut_between_graphemes() {
        let family = "👨‍👩‍👧‍👦";
        let text = family.repeat(400);
        let messages = split(&text);
        assert!(
            messages.iter().all(|m| m.len() <= MESSAGE_BYTES_MAX && m.len() % family.len() == 0)
        );
        assert_eq!(messages.concat(), text);
    }
}
