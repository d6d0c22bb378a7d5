//! Tab: which words fit what is written, and going round among them. PURE.

use std::ops::Range;

use crate::composer::Draft;

/// A word that Tab offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// What is inserted, with the blank or colon after it.
    pub(crate) insert: String,
    /// What the menu shows; raw.
    pub(crate) label: String,
    /// A few words about it, where there are any; raw.
    pub(crate) about: String,
}

/// Going round among the words that fit.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    /// The draft before the first Tab, which Esc restores.
    before: Draft,
    /// What of `before` is replaced.
    word: Range<usize>,
    candidates: Vec<Candidate>,
    chosen: usize,
}

impl Completion {
    /// Puts the first candidate (or the last, going backwards) in place of `word`.
    pub(crate) fn start(
        draft: &mut Draft,
        word: Range<usize>,
        candidates: Vec<Candidate>,
        backwards: bool,
    ) -> Option<Self> {
        let chosen = if backwards { candidates.len().checked_sub(1)? } else { 0 };
        let first = candidates.get(chosen)?;
        let before = draft.clone();
        draft.replace(word.clone(), &first.insert);
        Some(Self { before, word, candidates, chosen })
    }

    /// Puts the next candidate (or the one before) in its place.
    pub(crate) fn turn(&mut self, draft: &mut Draft, backwards: bool) {
        let count = self.candidates.len();
        let step = if backwards { count - 1 } else { 1 };
        self.choose(draft, (self.chosen + step) % count);
    }

    /// Puts this candidate in its place.
    pub(crate) fn choose(&mut self, draft: &mut Draft, index: usize) {
        let Some(candidate) = self.candidates.get(index) else { return };
        self.chosen = index;
        *draft = self.before.clone();
        draft.replace(self.word.clone(), &candidate.insert);
    }

    /// The draft as it was.
    pub(crate) fn restore(self) -> Draft {
        self.before
    }

    /// The words that fit, for the menu.
    pub(crate) fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Which of them is in the draft.
    pub(crate) fn chosen(&self) -> usize {
        self.chosen
    }
}

/// What Tab completes at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Context {
    /// The name of a command; the word begins after the slash.
    Command(Range<usize>),
    /// The first argument of this command.
    Argument {
        /// The command, as typed.
        command: String,
        /// The argument so far.
        word: Range<usize>,
    },
    /// A name, at the start of the line or within it.
    Name {
        /// The name so far.
        word: Range<usize>,
        /// Whether it begins the line: then a colon follows it.
        begins_line: bool,
    },
}

/// What Tab completes at the cursor.
pub(crate) fn context(draft: &Draft) -> Context {
    let before = &draft.text()[..draft.cursor()];
    let start = before
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = start..draft.cursor();
    let is_command = before.starts_with('/') && !before.starts_with("//");
    let typed = before.trim_start_matches('/').split_whitespace().next().unwrap_or("");
    let arguments_before = before[..start].split_whitespace().count();
    if is_command && !draft.text().contains('\n') && start == 0 {
        Context::Command(1..draft.cursor())
    } else if is_command && !draft.text().contains('\n') && arguments_before == 1 {
        Context::Argument { command: typed.to_owned(), word }
    } else {
        let begins_line = start == 0 || before[..start].ends_with('\n');
        let at = usize::from(before[start..].starts_with('@'));
        Context::Name { word: start + at..draft.cursor(), begins_line: begins_line && at == 0 }
    }
}

/// Whether `word` begins with what was typed; case makes no difference.
pub(crate) fn fits(word: &str, typed: &str) -> bool {
    word.to_lowercase().starts_with(&typed.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(words: &[&str]) -> Vec<Candidate> {
        let candidate = |word: &&str| Candidate {
            insert: (*word).to_owned(),
            label: word.trim().to_owned(),
            about: String::new(),
        };
        words.iter().map(candidate).collect()
    }

    #[test]
    fn tab_goes_round_and_esc_restores() {
        let mut draft = Draft::of("hi b");
        let words = candidates(&["Bob ", "bea "]);
        let mut completion = Completion::start(&mut draft, 3..4, words, false).unwrap();
        assert_eq!(draft.text(), "hi Bob ");
        completion.turn(&mut draft, false);
        assert_eq!(draft.text(), "hi bea ");
        completion.turn(&mut draft, false);
        assert_eq!(draft.text(), "hi Bob ");
        completion.turn(&mut draft, true);
        assert_eq!(draft.text(), "hi bea ");
        assert_eq!(completion.restore(), Draft::of("hi b"));
    }

    #[test]
    fn the_context_is_that_of_the_word_at_the_cursor() {
        let of = |text: &str| context(&Draft::of(text));
        assert_eq!(of("/jo"), Context::Command(1..3));
        let argument = Context::Argument { command: "join".into(), word: 6..8 };
        assert_eq!(of("/join ga"), argument);
        assert_eq!(of("bo"), Context::Name { word: 0..2, begins_line: true });
        assert_eq!(of("hi\nbo"), Context::Name { word: 3..5, begins_line: true });
        assert_eq!(of("hi @bo"), Context::Name { word: 4..6, begins_line: false });
        assert_eq!(of("/msg bob hi ca"), Context::Name { word: 12..14, begins_line: false });
        assert_eq!(of("//x"), Context::Name { word: 0..3, begins_line: true });
    }
}
