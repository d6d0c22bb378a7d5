//! Words that count as being spoken to: one's name, and one's own keywords. PURE.
//!
//! They are found as whole words in any script, whatever the case, as names are the same in any.
//! Where words are written without blanks between them (Chinese, Japanese, Thai) every character
//! ends one: nobody there could be mentioned otherwise.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// What joins letters to one word and is not seen.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// The words that one listens for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions(Vec<String>);

impl Mentions {
    /// These words or phrases. Blank ones are none.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self(words.into_iter().map(folded).filter(|word| !word.is_empty()).collect())
    }

    /// Whether one of them is in `text`, as a word of its own.
    pub fn are_in(&self, text: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let text = folded(text);
        self.0.iter().any(|word| has_word(&text, word))
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text[from..].find(word) {
        let (before, rest) = text.split_at(from + at);
        if ends_between(before, word) && ends_between(word, &rest[word.len()..]) {
            return true;
        }
        // The next one may begin within this one.
        from += at + rest.chars().next().map_or(1, char::len_utf8);
    }
    false
}

/// Whether a word ends where these two meet.
fn ends_between(before: &str, after: &str) -> bool {
    let (Some(last), Some(next)) = (before.chars().next_back(), after.chars().next()) else {
        return true;
    };
    if is_joined(next) {
        return !is_of_word(last);
    }
    !(is_of_word(last) && is_of_word(next)) || runs_on(last) || runs_on(next)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_joined(c)
}

/// Whether it belongs to the character before it.
fn is_joined(c: char) -> bool {
    is_combining_mark(c) || JOINERS.contains(&c)
}

/// Whether it is of a script that has no blanks between words.
fn runs_on(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' // Thai, Lao
        | '\u{1000}'..='\u{109f}' // Myanmar
        | '\u{1780}'..='\u{17ff}' // Khmer
        | '\u{3005}'..='\u{30ff}' // Kana, and marks of repetition
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' // Han
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

/// What texts have in common that read the same: without case, composed, one blank between words.
fn folded(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(folded_word).collect();
    words.join(" ")
}

fn folded_word(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    // By way of the capitals: `ß` is `SS`, and both small sigmas are one capital.
    word.nfc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_in(word: &str, text: &str) -> bool {
        Mentions::of([word]).are_in(text)
    }

    #[test]
    fn only_whole_words_count_whatever_is_around_them() {
        for text in
            ["ana", "Ana, look", "(ANA)", "look @ana!", "ana's", "ana:hi", "-ana-", "a\nana"]
        {
            assert!(is_in("Ana", text), "{text}");
        }
        for text in ["banana", "ana2", "analysis", "an a", "ana_b", "", "_ana", "anä"] {
            assert!(!is_in("Ana", text), "{text}");
        }
        assert!(is_in("ana", "anana ana"), "the whole one comes last");
        assert!(is_in("a a", "ba a a"), "it begins within one that is not whole");
    }

    #[test]
    fn a_keyword_may_have_signs_or_be_several_words() {
        assert!(is_in("c++", "I like C++.") && is_in("c++", "c++11") && !is_in("c++", "abc++"));
        assert!(is_in("hub down", "is the Hub \n down?") && !is_in("hub down", "hubs down"));
        assert!(is_in(":)", "fine :)"));
        assert!(!is_in("", "anything") && !is_in("  ", "any thing"));
    }

    #[test]
    fn every_script_has_words() {
        assert!(is_in("Борис", "привет, БОРИС!") && !is_in("Борис", "Борисов"));
        assert!(is_in("straße", "Die STRASSE") && is_in("ΟΔΟΣ", "η οδος, ή οδοσ"));
        assert!(is_in("Jose\u{301}", "josé?") && is_in("josé", "JOSE\u{301}"));
        assert!(!is_in("jose", "jose\u{301}") && !is_in("ana", "ana\u{200d}x"));
        assert!(is_in("회의", "내일 회의, 3시") && !is_in("회의", "회의실"));
        assert!(is_in("会议", "今天会议室见") && is_in("タロウ", "タロウさん"));
        assert!(is_in("สมชาย", "สวัสดีสมชายครับ"));
    }

    proptest! {
        #[test]
        fn a_word_is_found_between_signs_and_in_any_case(
            word in "[\\p{L}]{1,8}", before in "[ .,!?()]{0,3}", after in "[ .,!?()]{0,3}",
        ) {
            let text = format!("x {before}{word}{after} y");
            prop_assert!(is_in(&word, &text), "{text}");
            prop_assert!(is_in(&word.to_uppercase(), &text), "{text}");
            prop_assert!(is_in(&word.to_lowercase(), &text), "{text}");
        }

        #[test]
        fn it_agrees_with_splitting_into_words(
            word in "[ab]{1,3}", words in prop::collection::vec("[ab]{1,4}", 0..6),
            between in "[ ,.:!]",
        ) {
            let text = words.join(&between);
            prop_assert_eq!(is_in(&word, &text), words.contains(&word), "{}", text);
        }

        #[test]
        fn no_text_and_no_keyword_is_too_strange(word in "\\PC{0,6}", text in "\\PC{0,40}") {
            is_in(&word, &text);
            let has_word = !word.trim().is_empty();
            prop_assert_eq!(is_in(&word, &word), has_word);
        }
    }
}
